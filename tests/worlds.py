"""Small hand-made markets for tests: every price in view, no files, no network."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd

from universes.assemble import _assemble
from universes.facts import (
    Asset,
    AssetMineral,
    Company,
    Event,
    EventCompany,
    Facts,
    Listing,
    Membership,
    Mineral,
    Stage,
    Tier,
)
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


def fact(row_type: type[Any], **values: Any) -> Any:
    """A row of a fact table: fields that are not given are None, and known from 2009 on unless said."""
    blank = dict.fromkeys(item.name for item in dataclasses.fields(row_type))
    return row_type(**blank | KNOWN | values)


def ontology() -> dict[str, tuple[Any, ...]]:
    """Five minerals and four countries: two minerals that China leads, one other listed, one listed late, one never."""
    minerals = (
        ("neodymium", "light-rare-earths", "yes", "yes"),
        ("antimony", "industrial", "yes", "yes"),
        ("lithium", "battery", "yes", "yes"),
        ("copper", "base", "no", "yes"),
        ("gold", "precious", "no", "no"),
    )
    tiers = (
        ("US", "domestic", "2010-01-01", None),
        ("AU", "fta", "2010-01-01", "2023-12-22"),
        ("AU", "allied", "2023-12-22", None),
        ("CN", "neutral", "2010-01-01", "2023-12-01"),
        ("CN", "feoc", "2023-12-01", None),
        ("ZA", "neutral", "2010-01-01", None),
    )
    return {
        "minerals": tuple(
            fact(Mineral, mineral=name, group=group, us_list_2018=old, us_list_2022=old, us_list_2025=new)
            for name, group, old, new in minerals
        ),
        "jurisdictions": tuple(
            fact(Tier, jurisdiction=where, tier=tier, start=date.fromisoformat(start), end=day(end))
            for where, tier, start, end in tiers
        ),
    }


def day(text: str | None) -> date | None:
    """Date of a text; None of None."""
    return date.fromisoformat(text) if text else None


def mine(
    symbol: str,
    where: str = "US",
    weight: float = 1.0,
    minerals: Mapping[str, float] | None = None,
    stage: str | None = "production",
    **changes: Any,
) -> dict[str, tuple[Any, ...]]:
    """Tables of one asset of a company: the asset, its minerals (default all neodymium) and its stage since 2015."""
    company = company_id(symbol)
    name = f"{company}-{where.lower()}"
    reached = () if stage is None else (fact(Stage, asset=name, stage=stage, start=date(2015, 1, 1)),)
    return {
        "assets": (
            fact(
                Asset,
                **{"asset": name, "company": company, "name": f"Mine {where}", "jurisdiction": where}
                | {"weight": weight}
                | changes,
            ),
        ),
        "asset_minerals": tuple(
            fact(AssetMineral, asset=name, mineral=mineral, weight=share)
            for mineral, share in ({"neodymium": 1.0} if minerals is None else minerals).items()
        ),
        "stages": reached,
    }


def joined(*tables: Mapping[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    """Rows of several sets of tables, table by table."""
    names = sorted({name for table in tables for name in table})
    return {name: tuple(row for table in tables for row in table.get(name, ())) for name in names}


def miners(symbols: Sequence[str], *tables: Mapping[str, tuple[Any, ...]]) -> Universe:
    """Universe of companies that have always traded on XNYS, with the facts of `ontology` and of these tables."""
    return world_universe([listing(symbol) for symbol in symbols], facts=joined(ontology(), *tables))
