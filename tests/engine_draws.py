"""Random worlds for the backtester, as printed: prices, deaths, decisions and parameters; see `engine_worlds`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import worlds

from strategies.costs import Costs
from strategies.plan import Entry, Exits
from strategies.sizing import SIZINGS, Limits, Sizing

MINERALS = ("copper", "lithium")
COUNTRIES = ("AU", "US")
STAGES_SEEN = ("exploration", "production")
CLASSES = ("mineral", "jurisdiction", "stage")


@dataclass(frozen=True)
class Raw:
    """One bar as it was printed; a dividend or split takes effect on it. Volume None is not known."""

    open: float
    high: float
    low: float
    close: float
    volume: float | None
    dividend: float = 0.0
    split: float = 1.0


@dataclass(frozen=True)
class World:
    """What happened, what was decided, and by which rules.

    Parameters
    ----------
    dates : tuple of date
        Sessions.
    raw : dict of str to tuple of Raw or None
        Printed bars by symbol.
    ends : dict of str to (row, payout or None)
        Deaths.
    groups : dict of str to tuple of (mineral, jurisdiction, stage)
        One item a row; None where unknown.
    stage_from : dict of str to int
        Row from which a symbol is in the second of `STAGES_SEEN`.
    allowed, scores : dict of str to tuple
        One item a row.
    foreign : frozenset of str
        Symbols listed in another currency.
    entries : tuple of Entry
        Decisions.
    targets : dict of int to dict of str to float
        Weights by decision row, the other kind of decision.
    costs, sizing, limits, cash
        Parameters.
    """

    dates: tuple[date, ...]
    raw: dict[str, tuple[Raw | None, ...]]
    ends: dict[str, tuple[int, float | None]]
    groups: dict[str, tuple[tuple[str | None, str | None, str | None], ...]]
    stage_from: dict[str, int]
    allowed: dict[str, tuple[bool, ...]]
    scores: dict[str, tuple[float | None, ...]]
    foreign: frozenset[str]
    entries: tuple[Entry, ...]
    targets: dict[int, dict[str, float]]
    costs: Costs
    sizing: Sizing
    limits: Limits
    cash: float

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self.raw))


def world(seed: int, *, plain: bool = False) -> World:
    """A random world; a plain one has no caps, no flat slippage, no shorts and equal sizes."""
    random = np.random.default_rng(seed)
    rows, count = int(random.integers(20, 61)), int(random.choice([1, 2, 3, 4, 5, 6, 6]))
    names = tuple(f"S{number}" for number in range(count))
    cash = float(10 ** random.uniform(3, 7))
    slots = int(random.choice([1, 1, 2, 3, 5, 10]))
    raw = {name: _bars(random, rows, cash / slots, whole=name == "S0") for name in names}
    ends = _deaths(random, raw)
    stage_from = {name: int(random.integers(0, rows)) for name in names if random.random() < 0.5}
    groups = {name: _groups(random, rows, stage_from.get(name)) for name in names}
    limits = Limits() if plain else _limits(random)
    sizing = Sizing("equal", slots) if plain else _sizing(random, slots)
    return World(
        dates=tuple(stamp.date() for stamp in sessions()[:rows]),
        raw=raw,
        ends=ends,
        groups=groups,
        stage_from={name: row for name, row in stage_from.items() if groups[name][0][0] is not None},
        allowed={name: tuple((random.random(rows) < 0.95).tolist()) for name in names},
        scores={name: _scores(random, rows) for name in names},
        foreign=frozenset(name for name in names if random.random() < 0.2),
        entries=_entries(random, names, rows, shorts=not plain),
        targets=_targets(random, names, rows),
        costs=_costs(random),
        sizing=sizing,
        limits=limits,
        cash=cash,
    )


@cache
def sessions() -> Any:
    """Sessions of New York, more than any world has."""
    return worlds.sessions(80)


def _bars(random: np.random.Generator, rows: int, slot: float, *, whole: bool) -> tuple[Raw | None, ...]:
    """Printed bars with jumps, gaps, halts, splits and dividends; some 5 % of the ADV is about a slot."""
    wild = random.choice([0.01, 0.04, 0.1])
    steps = random.standard_t(3, rows).clip(-6, 6) * wild
    steps += np.where(random.random(rows) < 0.04, random.choice([-0.7, 0.7], rows), 0.0)
    close = 10 ** random.uniform(-1.3, 2.5) * np.exp(np.cumsum(steps))
    # Every third bar opens where the last one closed.
    gaps = np.where(random.random(rows) < 0.3, 0.0, random.normal(0, wild, rows))
    opened = np.r_[close[0], close[:-1]] * np.exp(gaps)
    reach = np.abs(random.normal(0, wild, (2, rows))) * (random.random((2, rows)) < 0.8)
    high = np.maximum(opened, close) * np.exp(reach[0])
    low = np.minimum(opened, close) * np.exp(-reach[1])
    volume = slot * 10 ** random.uniform(0, 3) * np.exp(random.normal(0, 1, rows)) / close
    volume[random.random(rows) < random.choice([0.0, 0.0, 0.0, 0.3, 0.9])] = 0.0
    missing = random.random(rows) < random.choice([0.0, 0.05, 0.3])
    if random.random() < 0.4:
        start = int(random.integers(0, rows))
        missing[start : start + int(random.integers(2, 15))] = True
    if random.random() < 0.2:
        missing[: int(random.integers(0, rows))] = True
    if whole:
        missing[[0, -1]] = False
    if missing.all():
        missing[rows // 2] = False
    split, dividend = _actions(random, close, missing)
    # What is printed after a split is a part of what it would have been.
    parts = np.cumprod(split)
    prices = (np.column_stack([opened, high, low, close]) / parts[:, None]).tolist()
    printed = (volume * parts).tolist()
    unknown = random.random(rows) < 0.02
    return tuple(
        None
        if missing[row]
        else Raw(
            *prices[row], None if unknown[row] else printed[row], float(dividend[row]), float(split[row])
        )
        for row in range(rows)
    )


def _actions(
    random: np.random.Generator, close: np.ndarray, missing: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Splits and dividends on bars that exist, after the first."""
    rows = len(close)
    split, dividend = np.ones(rows), np.zeros(rows)
    own = np.flatnonzero(~missing)[1:]
    if len(own) and random.random() < 0.3:
        split[random.choice(own)] = random.choice([0.1, 0.5, 2.0, 3.0])
    if len(own) and random.random() < 0.3:
        row = int(random.choice(own))
        before = close[:row][~missing[:row]][-1]
        dividend[row] = 0.03 * before / np.cumprod(split)[row]
    return split, dividend


def _deaths(
    random: np.random.Generator, raw: dict[str, tuple[Raw | None, ...]]
) -> dict[str, tuple[int, float | None]]:
    """Cuts some lives short, in place, and says on which row they are paid out."""
    ends = {}
    for name in sorted(raw)[1:]:
        bars = raw[name]
        if random.random() < 0.4:
            cut = int(random.integers(3, len(bars)))
            bars = tuple(bar if row < cut else None for row, bar in enumerate(bars))
            if not any(bars):
                continue
            raw[name] = bars
        last = max(row for row, bar in enumerate(bars) if bar)
        if last + 1 < len(bars) and random.random() < 0.8:
            worth = bars[last].close * float(random.choice([0.0, 0.5, 1.1, 3.0]))
            ends[name] = last + 1, None if random.random() < 0.2 else worth
    return ends


def _groups(random: np.random.Generator, rows: int, stage_from: int | None) -> tuple[Any, ...]:
    if random.random() < 0.2:
        return ((None, None, None),) * rows
    mineral, country = str(random.choice(MINERALS)), str(random.choice(COUNTRIES))
    turn = rows if stage_from is None else stage_from
    return tuple((mineral, country, STAGES_SEEN[row >= turn]) for row in range(rows))


def _scores(random: np.random.Generator, rows: int) -> tuple[float | None, ...]:
    drawn = random.uniform(1, 100, rows).tolist()
    gone = random.random(rows) < 0.1
    return tuple(None if no else score for no, score in zip(gone, drawn))


def _costs(random: np.random.Generator) -> Costs:
    return Costs(
        fee_bps=float(random.choice([0, 5, 100])),
        slippage_bps=None if random.random() < 0.6 else float(random.choice([0, 25, 400])),
        impact=float(random.choice([0, 1, 3])),
        borrow_bps=float(random.choice([0, 300, 20_000])),
        borrow_least_price=float(random.choice([0, 0, 0, 5])),
        borrow_least_adv=float(random.choice([0, 0, 0, 1e4])),
    )


def _sizing(random: np.random.Generator, slots: int) -> Sizing:
    rule = str(random.choice(SIZINGS))
    return Sizing(rule, slots, float(random.choice([0.01, 0.1])), float(random.choice([0.2, 0.8])))


def _limits(random: np.random.Generator) -> Limits:
    caps = {
        name: float(random.choice([0.1, 0.25, 0.5, 1.0])) if random.random() < 0.4 else None
        for name in ("name", *CLASSES)
    }
    return Limits(
        participation=None if random.random() < 0.25 else float(random.choice([0.01, 0.05, 0.5])),
        good_for=int(random.choice([1, 3, 10, 10])),
        max_positions=int(random.integers(1, 4)) if random.random() < 0.4 else None,
        **caps,
    )


def _exits(random: np.random.Generator) -> Exits:
    def some(chance: float, low: float, high: float) -> float | None:
        # Round levels meet prices that repeat.
        return round(float(random.uniform(low, high)), 2) if random.random() < chance else None

    hold = int(random.integers(1, 12)) if random.random() < 0.6 else None
    return Exits(hold, some(0.5, 0.01, 0.3), some(0.5, 0.01, 0.4), some(0.4, 0.01, 0.3))


def _entries(
    random: np.random.Generator, names: Sequence[str], rows: int, *, shorts: bool
) -> tuple[Entry, ...]:
    """Events of one to three stages each; many fall on a few rows."""
    busy = random.integers(0, rows, 4)
    found = []
    for number in range(int(random.integers(1, 31))):
        row = int(random.choice(busy)) if random.random() < 0.5 else int(random.integers(0, rows))
        name, event = str(random.choice(names)), f"e{int(random.integers(0, 100)):02d}-{number}"
        side = -1 if shorts and random.random() < 0.3 else 1
        stages = int(random.choice([1, 1, 2, 3]))
        exits = _exits(random)
        leave = row + int(random.integers(0, 15)) if random.random() < 0.25 else None
        first = 2 if random.random() < 0.05 else 1
        for stage in range(first, first + stages):
            share = float(random.choice([1.0, 0.5])) if stages == 1 else 1 / stages
            urgent = float(random.choice([0.0, 0.0, 1.0, 2.5]))
            found.append(Entry(row, name, event, exits, side, share, stage, urgent, leave))
            row = min(row + int(random.integers(0, 5)), rows - 1)
    # In no order.
    return tuple(found[at] for at in random.permutation(len(found)))


def _targets(random: np.random.Generator, names: Sequence[str], rows: int) -> dict[int, dict[str, float]]:
    chosen = sorted(int(row) for row in random.choice(rows, size=int(random.integers(1, 8)), replace=False))
    found = {}
    for row in chosen:
        shares = (
            random.dirichlet(np.ones(len(names) + 1))[:-1]
            if random.random() < 0.7
            else np.full(len(names), 1 / len(names))
        )
        shares = np.where(random.random(len(names)) < 0.3, 0.0, shares)
        found[row] = {name: float(share) for name, share in zip(names, shares)}
    return found
