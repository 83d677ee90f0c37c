"""Small hand-made markets for tests: every price in view, no files, no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd

from universes.assemble import _assemble
from universes.facts import Company, Event, EventCompany, Facts, Listing, Membership
from universes.panel import Market
from universes.policy import Events
from universes.quotes import Quotes, Request
from universes.sessions import schedule
from universes.universe import Universe

KNOWN: dict[str, Any] = {
    "known_from": date(2009, 1, 1),
    "source": "test",
    "confidence": "high",
    "where": "test:1",
}


def sessions(count: int, start: str = "2024-01-02", calendar: str = "XNYS") -> pd.DatetimeIndex:
    """The first `count` sessions of an exchange on or after a date."""
    return schedule(calendar, start, "2026-06-30").index[:count]


def bars(
    close: Sequence[float | None],
    *,
    open: Sequence[float | None] | None = None,
    high: Sequence[float | None] | None = None,
    low: Sequence[float | None] | None = None,
    start: str = "2024-01-02",
    calendar: str = "XNYS",
) -> pd.DataFrame:
    """Bars of one symbol; None is a session without a bar.

    Open defaults to close, high and low to the wider of both.
    """
    index = sessions(len(close), start, calendar)
    opened = close if open is None else open
    frame = pd.DataFrame({"open": list(opened), "close": list(close)}, index=index, dtype=float)
    frame["high"] = (
        frame[["open", "close"]].max(axis=1) if high is None else pd.Series(high, index, dtype=float)
    )
    frame["low"] = frame[["open", "close"]].min(axis=1) if low is None else pd.Series(low, index, dtype=float)
    return frame.assign(volume=1e6, dividend=0.0, split=1.0).dropna()


def market(
    frames: Mapping[str, pd.DataFrame],
    *,
    exchange: Mapping[str, str] | None = None,
    listed_to: Mapping[str, date] | None = None,
    terminal: Mapping[str, float] | None = None,
    controls: Sequence[str] = (),
    facts: Mapping[str, tuple[Any, ...]] | None = None,
) -> Market:
    """A market of these bars; the company of symbol ``AAA`` is ``aaa``."""
    listings = tuple(
        Listing(
            symbol=symbol,
            company=company_id(symbol),
            exchange=(exchange or {}).get(symbol, "XNYS"),
            currency="USD",
            listed_from=None,
            listed_to=(listed_to or {}).get(symbol),
            ended_by="acquired" if symbol in (listed_to or {}) else None,
            successor=None,
            terminal_kind=None,
            terminal_value=None,
            spac_until=None,
            **KNOWN,
        )
        for symbol in sorted(frames)
    )
    universe = world_universe(listings, controls, facts or {})
    quotes = Quotes(bars=dict(frames), kind="simulated", terminal=dict(terminal or {}))
    return _assemble(Request(universe, listings, None, None), quotes, "test")


def world_universe(
    listings: Sequence[Listing],
    controls: Sequence[str] = (),
    facts: Mapping[str, tuple[Any, ...]] | None = None,
) -> Universe:
    """Universe of these listings; facts are empty unless given by table name."""
    companies = tuple(
        Company(
            company=row.company,
            name=row.symbol.title(),
            role="control" if row.symbol in controls else "miner",
            purity=None,
            domicile="US",
            **KNOWN,
        )
        for row in listings
    )
    members = tuple(
        Membership(company=row.company, start=date(2009, 1, 1), end=None, **KNOWN)
        for row in listings
        if row.symbol not in controls
    )
    empty: dict[str, tuple[Any, ...]] = dict.fromkeys(
        (
            "assets",
            "asset_minerals",
            "stages",
            "floats",
            "support",
            "china_links",
            "jurisdictions",
            "minerals",
        ),
        (),
    )
    tables = empty | dict(facts or {})
    return Universe("test", Facts(companies=companies, listings=tuple(listings), **tables), members)


def company_id(symbol: str) -> str:
    """Company id that `market` gives to a symbol."""
    return symbol.lower().replace(".", "-")


def event(
    name: str, announced: str, symbols: Sequence[str] = (), direction: str = "tailwind"
) -> tuple[Any, ...]:
    """One company-scope event that names these symbols: the Event, then its EventCompany rows."""
    timed = "T" in announced
    instant = datetime.fromisoformat(announced).astimezone(UTC) if timed else date.fromisoformat(announced)
    row = Event(
        event=name,
        announced=instant,
        precision="minute" if "T" in announced else "day",
        effective=None,
        expires=None,
        status="announcement",
        kind="export-control",
        scope="company",
        country="CN",
        body="test",
        instrument="test",
        title=name,
        minerals=("all",),
        direction=direction,
        supersedes=None,
        **KNOWN,
    )
    named = [
        EventCompany(event=name, company=company_id(symbol), direction=direction, reason="test", **KNOWN)
        for symbol in symbols
    ]
    return (row, *named)


def calendar(*events: tuple[Any, ...]) -> Events:
    """Events made by `event`, as one calendar."""
    rows = tuple(item[0] for item in events)
    named = tuple(row for item in events for row in item[1:])
    return Events(rows, named)


def listing(
    symbol: str, exchange: str = "XNYS", start: str | None = None, end: str | None = None, **changes: Any
) -> Listing:
    """A listing from `start` to the day before `end`, in dollars; the company of ``AAA`` is ``aaa``."""
    row: dict[str, Any] = {
        "symbol": symbol,
        "company": company_id(symbol),
        "exchange": exchange,
        "currency": "USD",
        "listed_from": date.fromisoformat(start) if start else None,
        "listed_to": date.fromisoformat(end) if end else None,
        **dict.fromkeys(("ended_by", "successor", "terminal_kind", "terminal_value", "spac_until")),
    }
    return Listing(**row | changes, **KNOWN)
