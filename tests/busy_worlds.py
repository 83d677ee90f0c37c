"""Random worlds in which every strategy has something to decide, and their futures replaced."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd
import worlds

from strategies.catalog import wants_scores
from strategies.plan import Entries
from universes.panel import Market
from universes.policy import Events, known_at

DAYS = 320
SYMBOLS = tuple(f"S{number:02d}" for number in range(10))


@dataclass(frozen=True)
class World:
    """A market with its events, and what may be traded and is known of scores on each row."""

    market: Market
    events: Events
    eligible: pd.DataFrame
    scores: pd.DataFrame


@cache
def world(seed):
    """Ten random names of New York and Sydney over a good year, with halts, and twenty-four events of both signs."""
    random = np.random.default_rng(seed)
    calendar = {symbol: "XASX" if number % 3 == 0 else "XNYS" for number, symbol in enumerate(SYMBOLS)}
    frames = {symbol: random_bars(random, calendar[symbol]) for symbol in SYMBOLS}
    market = worlds.market(frames, exchange=calendar)
    rows = random.choice(np.arange(5, DAYS - 5), 24, replace=False)
    events = [
        worlds.event(
            f"e{number:02d}",
            f"{market.sessions[row]:%Y-%m-%d}T{random.integers(24):02d}:30Z",
            sorted(random.choice(SYMBOLS, 4, replace=False)),
            "headwind" if number % 4 == 0 else "tailwind",
        )
        for number, row in enumerate(rows)
    ]
    shape = (len(market.sessions), len(SYMBOLS))
    eligible = random.random(shape) < 0.9
    scores = np.where(random.random(shape) < 0.1, np.nan, random.uniform(0, 100, shape))
    return World(market, worlds.calendar(*events), *(table(values, market) for values in (eligible, scores)))


def random_bars(random, calendar):
    close = 20 * np.exp(np.cumsum(random.normal(0, 0.04, DAYS)))
    opened = close * np.exp(random.normal(0, 0.01, DAYS))
    spread = np.exp(np.abs(random.normal(0, 0.02, DAYS)))
    high, low = np.maximum(opened, close) * spread, np.minimum(opened, close) / spread
    halted = random.random(DAYS) < 0.03
    columns = [np.where(halted, np.nan, values).tolist() for values in (close, opened, high, low)]
    return worlds.bars(columns[0], open=columns[1], high=columns[2], low=columns[3], calendar=calendar)


def table(values, market):
    return pd.DataFrame(values, index=market.sessions, columns=list(market.symbols))


def replaced_after(given, row, seed, moved=lambda events: events):
    """The same world with all prices after a row, and all that became known after its last close, replaced.

    Prices become noise or vanish, by turns; events change sign and companies, or vanish. `moved` says when an event
    becomes known where that is not its own date.
    """
    random = np.random.default_rng(seed)
    market = given.market
    shape = market.close.iloc[row + 1 :].shape
    noise = np.full(shape, np.nan) if seed % 2 else random.uniform(0.2, 5.0, shape)
    bars = {}
    for name, prices in market.bars.items():
        values = prices.to_numpy().copy()
        values[row + 1 :] *= noise
        bars[name] = table(values, market)
    eligible, scores = given.eligible.copy(), given.scores.copy()
    eligible.iloc[row + 1 :] = random.random(shape) < 0.5
    scores.iloc[row + 1 :] = random.uniform(0, 100, shape)
    events = other_future(given.events, moved(given.events), market.clock.last_close(row), random)
    return World(replace(market, bars=bars), events, eligible, scores)


def other_future(events, as_known, close, random):
    late = {row.event for row in as_known if pd.Timestamp(known_at(row)) > close}
    gone = {event for event in sorted(late) if random.random() < 0.3}
    companies = [symbol.lower() for symbol in SYMBOLS]
    named = tuple(
        replace(row, company=random.choice(companies), direction=random.choice(["headwind", "tailwind"]))
        if row.event in late
        else row
        for row in events.companies
    )
    return replace(events, rows=tuple(row for row in events.rows if row.event not in gone), companies=named)


def decide(strategy, given):
    """Plan of a strategy, with scores where it asks for them."""
    more = {"scores": given.scores} if wants_scores(strategy) else {}
    return strategy.plan(given.market, given.events, given.eligible, **more)


def decisions_until(strategy, given, row):
    """What a strategy decides up to a row, to the last bit; that a position is left is decided when it is."""
    decided = decide(strategy, given)
    if not isinstance(decided, Entries):
        return decided.table.iloc[: row + 1].to_numpy().tobytes()
    made = [entry for entry in decided.entries if entry.row <= row]
    known = [
        entry if entry.leave_after is None or entry.leave_after <= row else replace(entry, leave_after=None)
        for entry in made
    ]
    return sorted(map(repr, known))
