"""Folders of price files written by hand, and the request that reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import worlds

from universes.facts import Listing
from universes.quotes import Quotes, Request
from universes.sources.csv import SOURCE

HEADER = "Date,Open,High,Low,Close,Volume"


def days(count: int, start: str = "2024-01-02", calendar: str = "XNYS") -> list[str]:
    """Dates of the first `count` sessions on or after a date, as text."""
    return [f"{day:%Y-%m-%d}" for day in worlds.sessions(count, start, calendar)]


def bar(day: str, close: float | str, volume: int = 1000, tail: str = "") -> str:
    """A line whose open is its close, with a range of one per cent around it."""
    price = float(close)
    return f"{day},{close},{price * 1.005:.6g},{price * 0.995:.6g},{close},{volume}{tail}"


def text(closes: Sequence[float | str], start: str = "2024-01-02", calendar: str = "XNYS") -> list[str]:
    """Lines of a file: the header, then one bar a session. Bar 0 is on line 2."""
    return [HEADER, *map(bar, days(len(closes), start, calendar), closes)]


def write(folder: Path, files: Mapping[str, Sequence[str] | bytes]) -> Path:
    """Files of a folder, by name."""
    folder.mkdir(exist_ok=True)
    for name, lines in files.items():
        raw = lines if isinstance(lines, bytes) else ("\n".join(lines) + "\n").encode()
        (folder / name).write_bytes(raw)
    return folder


def listing(symbol: str, company: str = "", **fields: Any) -> Listing:
    """A listing in New York in dollars, open at both ends, unless fields say otherwise."""
    empty = dict.fromkeys(
        ("listed_from", "listed_to", "ended_by", "successor", "terminal_kind", "terminal_value", "spac_until")
    )
    plain = {
        "symbol": symbol,
        "company": company or worlds.company_id(symbol),
        "exchange": "XNYS",
        "currency": "USD",
    }
    return Listing(**{**empty, **plain, **worlds.KNOWN, **fields})


def read(
    folder: Path,
    *listings: Listing,
    start: str | None = None,
    end: str | None = None,
    accept: Sequence[str] = (),
    also: Sequence[Listing] = (),
) -> Quotes:
    """What the source answers for these listings; `also` are known to the facts and not asked for."""
    return SOURCE(
        Request(
            worlds.world_universe([*listings, *also]),
            listings,
            date.fromisoformat(start) if start else None,
            date.fromisoformat(end) if end else None,
            location=str(folder),
            accept=frozenset(accept),
        )
    )
