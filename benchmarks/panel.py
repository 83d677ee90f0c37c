"""A seeded market for benchmarks: heavy-tailed returns, complete bars, and events that touch many names each.

Nothing here ever traded. Daily log returns are Student-t with four degrees of freedom; an event lifts the names that it
touches on the session that reacts, as policy events do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from universes.facts import Company, Event, EventCompany, Facts, Listing, Membership
from universes.panel import BAR_FIELDS, Market
from universes.policy import Events
from universes.sessions import clock
from universes.universe import Universe

if TYPE_CHECKING:
    from strategies.arrays import Integers, Numbers
    from universes.clock import Clock

EXCHANGE = "XNYS"
PRICES = ("open", "high", "low", "close", "volume")
LAST = "2025-12-31"
# Of a session, without events: 2.8 % a day, 45 % a year.
DAILY, DEGREES = 0.02, 4
LARGEST = 0.3
POP = 0.04
# Share of all names that one event touches: a mineral group of the shipped universe touches a fifth.
TOUCHED = 1 / 3
KNOWN: dict[str, Any] = {
    "known_from": date(1990, 1, 1),
    "source": "benchmark",
    "confidence": "high",
    "where": "benchmark:1",
}


@dataclass(frozen=True, eq=False)
class Panel:
    """A market, its calendar, and the firm-events in it.

    Parameters
    ----------
    market : Market
        N symbols on T sessions, each with a bar on every one.
    events : Events
        E events, each naming its companies as favoured.
    column, row : ndarray of int, shape (K,)
        Firm-events: symbol and reaction session, in the order of the events, then of the symbols.
    """

    market: Market
    events: Events
    column: Integers
    row: Integers


def make(symbols: int = 150, sessions: int = 3_780, events: int = 100, seed: int = 0) -> Panel:
    """A panel of so many symbols, sessions and events.

    Parameters
    ----------
    symbols, sessions, events : int
        N, T and E; the sessions are the last T of New York up to the end of 2025.
    seed : int
        Of every draw.
    """
    random = np.random.default_rng(seed)
    times = _clock(sessions)
    names = tuple(f"S{number:04d}" for number in range(symbols))
    # The first year has no events: its bars tell liquidity and volatility.
    rows = np.sort(random.choice(np.arange(252, sessions - 60), events, replace=False))
    touched = [np.flatnonzero(random.random(symbols) < TOUCHED) for _ in rows]
    column = np.concatenate(touched)
    row = np.repeat(rows, [len(item) for item in touched])
    market = _market(names, times, _bars(random, symbols, sessions, column, row))
    return Panel(market, _calendar(names, times, rows, touched), column, row)


def _clock(sessions: int) -> Clock:
    whole = clock([EXCHANGE], f"{int(LAST[:4]) - sessions // 251 - 1}-01-01", LAST)
    first = whole.sessions[-sessions]
    return clock([EXCHANGE], str(first.date()), LAST)


def _bars(
    random: np.random.Generator, symbols: int, sessions: int, column: Integers, row: Integers
) -> Numbers:
    """Open, high, low, close and volume, shape (5, N, T); a symbol at a time: memory is that of the result."""
    bars = np.empty((5, symbols, sessions))
    scale = DAILY / np.sqrt(2)
    for at in range(symbols):
        night, day = np.clip(random.standard_t(DEGREES, (2, sessions)) * scale, -LARGEST, LARGEST)
        day[row[column == at]] += POP * random.random(int((column == at).sum()))
        close = 20 * np.exp(np.cumsum(night + day - np.mean(night + day) * 0.8))
        bars[3, at] = close
        bars[0, at] = close * np.exp(-day)
        wider = np.abs(random.standard_t(DEGREES, (2, sessions))) * scale / 2
        bars[1, at] = np.maximum(bars[0, at], close) * np.exp(wider[0])
        bars[2, at] = np.minimum(bars[0, at], close) * np.exp(-wider[1])
        bars[4, at] = random.lognormal(13, 0.7, sessions)
    return bars


def _market(names: tuple[str, ...], times: Clock, bars: Numbers) -> Market:
    def table(values: Numbers) -> pd.DataFrame:
        return pd.DataFrame(values.T, index=times.sessions, columns=list(names), copy=False)

    tables = {name: table(values) for name, values in zip(PRICES, bars, strict=True)}
    shape = bars[0].shape
    # Nothing is split or paid out here: what was printed is what is adjusted. Zeros and ones take no memory.
    tables |= {"traded_close": tables["close"], "dividend": table(np.broadcast_to(np.zeros(1), shape))}
    tables["split"] = table(np.broadcast_to(np.ones(1), shape))
    lives = pd.DataFrame(
        {
            "company": [name.lower() for name in names],
            "exchange": EXCHANGE,
            "currency": "USD",
            "control": False,
            "first": 0,
            "last": shape[1] - 1,
            "end": -1,
            "ended_by": "",
            "terminal_value": np.nan,
        },
        index=pd.Index(names, name="symbol"),
    )
    ordered = {name: tables[name] for name in BAR_FIELDS}
    return Market(_universe(names), ordered, times, lives, "benchmark", "simulated", "benchmark")


def _universe(names: tuple[str, ...]) -> Universe:
    none: dict[str, Any] = {"listed_from": None, "listed_to": None, "ended_by": None, "successor": None}
    none |= {"terminal_kind": None, "terminal_value": None, "spac_until": None}
    empty = (
        "assets",
        "asset_minerals",
        "stages",
        "floats",
        "support",
        "china_links",
        "jurisdictions",
        "minerals",
    )
    companies = tuple(Company(company=name.lower(), name=name, role="miner", **KNOWN) for name in names)
    listings = tuple(
        Listing(symbol=name, company=name.lower(), exchange=EXCHANGE, currency="USD", **none, **KNOWN)
        for name in names
    )
    members = tuple(Membership(company=name.lower(), start=date(1990, 1, 1), **KNOWN) for name in names)
    tables: dict[str, Any] = dict.fromkeys(empty, ())
    return Universe("benchmark", Facts(companies=companies, listings=listings, **tables), members)


def _calendar(names: tuple[str, ...], times: Clock, rows: Integers, touched: list[Integers]) -> Events:
    """Events that became known on the date before their reaction session."""
    events: list[Event] = []
    named: list[EventCompany] = []
    for number, (row, columns) in enumerate(zip(rows, touched, strict=True)):
        name = f"event-{number:04d}"
        events.append(_event(name, times.sessions[int(row) - 1].date()))
        named.extend(
            EventCompany(
                event=name, company=names[at].lower(), direction="tailwind", reason="benchmark", **KNOWN
            )
            for at in columns
        )
    return Events(tuple(events), tuple(named))


def _event(name: str, announced: date) -> Event:
    said: dict[str, Any] = dict.fromkeys(("country", "body", "instrument", "title"), "benchmark")
    said |= {"precision": "day", "status": "announcement", "kind": "export-control", "direction": "tailwind"}
    # A company event touches the companies that it names, and no other.
    return Event(event=name, announced=announced, scope="company", minerals=("all",), **said, **KNOWN)
