"""Markets for the event study: some names that move with a benchmark, three controls and random rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import worlds

CONTROLS = ("CA", "CB", "CC")


def prices(returns: Sequence[float], first: float = 100.0) -> list[float]:
    """Closes whose simple returns from the second on are these."""
    closes = [first]
    for value in returns:
        closes.append(closes[-1] * (1 + value))
    return closes


def zigzag(count: int) -> np.ndarray:
    """Returns of +1 % and −1 % in turn: mean zero, in view."""
    return np.where(np.arange(count) % 2 == 0, 0.01, -0.01)


def in_view(extra: Mapping[str, Mapping[int, float]], count: int = 60, **more):
    """Treated names return 0.1 % + 2 × benchmark exactly, plus `extra[symbol][session]`; controls zigzag.

    Session 0 has no return; `extra` counts sessions from there.
    """
    benchmark = zigzag(count - 1)
    frames = {name: worlds.bars(prices(benchmark)) for name in CONTROLS}
    for symbol, jumps in extra.items():
        own = 0.001 + 2 * benchmark
        for session, jump in jumps.items():
            own[session - 1] += jump
        frames[symbol] = worlds.bars(prices(own))
    return worlds.market(frames, controls=CONTROLS, **more)


def random_market(seed: int, count: int = 420, symbols: int = 9, halts: float = 0.01):
    """Names on New York, Toronto, Sydney and London with common shocks, late listings, deaths and halts."""
    random = np.random.default_rng(seed)
    exchanges = ("XNYS", "XTSE", "XASX", "XNYS", "XASX", "XNYS", "XLON", "XTSE", "XASX")
    common = random.normal(0, 0.01, count)
    frames, exchange = {}, {}
    for number in range(symbols):
        symbol = f"T{number}"
        exchange[symbol] = exchanges[number % len(exchanges)]
        frames[symbol] = _bars(random, common, exchange[symbol], halts, late=number == 5)
    controls = []
    for place, many in (("XNYS", 2), ("XTSE", 2), ("XASX", 3), ("XLON", 1)):
        for number in range(many):
            controls.append(f"C{place[1]}{number}")
            exchange[controls[-1]] = place
            frames[controls[-1]] = _bars(random, common, place, halts / 3)
    return worlds.market(frames, exchange=exchange, controls=controls)


def _bars(random, common, exchange, halts, late=False):
    own = random.uniform(0.5, 1.5) * common + random.normal(0, 0.02, len(common))
    closes = np.array(prices(own[1:]))
    shown = [None if random.random() < halts else float(close) for close in closes]
    if late:
        shown[:150] = [None] * 150
    return worlds.bars(shown, calendar=exchange)


def random_events(
    seed: int, symbols: Sequence[str], count: int = 12, first: str = "2024-08-01", days: int = 380
):
    """Events at random instants that name a few symbols, in random directions, some on the same or the next day."""
    random = np.random.default_rng([seed, 1])
    start = np.datetime64(first)
    made = []
    day = start
    for number in range(count):
        day = start + int(random.integers(0, days)) if number % 4 else day + int(random.integers(0, 3))
        named = sorted(random.choice(symbols, size=int(random.integers(1, 4)), replace=False).tolist())
        clock = f"T{int(random.integers(0, 24)):02d}:30:00+00:00" if random.random() < 0.7 else ""
        direction = ("tailwind", "headwind", "ambiguous")[int(random.choice(3, p=[0.6, 0.3, 0.1]))]
        made.append(worlds.event(f"e{number:02d}", f"{day}{clock}", named, direction))
    return worlds.calendar(*made)
