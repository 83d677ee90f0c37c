"""Quotes of many symbols → one `Market`: shared sessions, adjusted prices, each life with its end."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from universes.dates import as_date, check_range
from universes.errors import BadData, BadDate, Fault
from universes.facts import Listing
from universes.panel import BAR_FIELDS, Market, Missing
from universes.plugins import load
from universes.quotes import Quotes, Request
from universes.sessions import calendar_code, clock
from universes.universe import Universe

if TYPE_CHECKING:
    import pandas as pd

    from universes.clock import Clock


def market(
    universe: Universe,
    source: str = "simulated",
    *,
    start: str | date | None = None,
    end: str | date | None = None,
    seed: int = 0,
    also: Iterable[str] = (),
    accept: Iterable[str] = (),
) -> Market:
    """Prices of a universe's members and of the controls, on shared sessions.

    Parameters
    ----------
    universe : Universe
        Whose prices; every member that ever traded, dead ones too.
    source : str
        ``simulated``, or ``csv:FOLDER`` with one file a symbol.
    start, end : str or date, optional
        First and last session, both included; default all there is.
    seed : int
        Seed of the simulated market; other sources ignore it.
    also : iterable of str
        Further symbols to load as controls, such as a benchmark fund.
    accept : iterable of str
        Data gates whose refusal is accepted, by name; docs/prices.md lists them.

    Returns
    -------
    Market

    Raises
    ------
    UnknownName
        If the source, a symbol of `also` or a gate is unknown.
    BadParameter
        If a gate is one that cannot be accepted.
    BadDate
        If the range is empty or outside the source's data.
    BadData
        If the source has no usable prices of any member.
    """
    first, last = as_date(start, "start") if start else None, as_date(end, "end") if end else None
    check_range(first, last)
    kind, _, location = source.partition(":")
    read = load("universes.sources", kind, "SOURCE", "source")
    request = Request(universe, _listings(universe, also), first, last, seed, location, _accepted(accept))
    quotes = read(request)
    return _assemble(request, quotes, source)


def _accepted(accept: Iterable[str]) -> frozenset[str]:
    from universes.gates import check_accept

    chosen = frozenset(accept)
    check_accept(sorted(chosen))
    return chosen


def _listings(universe: Universe, also: Iterable[str]) -> tuple[Listing, ...]:
    members = [row for company in universe.companies for row in universe.listings.get(company, ())]
    others = [row for symbol in also for row in universe.listings[universe.company_of(symbol)]]
    unique = {(row.symbol, row.company): row for row in (*members, *universe.controls, *others)}
    return tuple(unique[key] for key in sorted(unique))


def _assemble(request: Request, quotes: Quotes, source: str) -> Market:
    if not quotes.bars:
        reason = quotes.missing[0].reason if quotes.missing else "no symbol was asked for"
        raise BadData([Fault(source, 0, "", f"no usable prices of any name, as {reason}")])
    symbols = sorted(quotes.bars)
    listing = {symbol: _listing_of(symbol, quotes.bars[symbol], request) for symbol in symbols}
    shared = _clock(quotes, [listing[symbol] for symbol in symbols], request)
    bars = _panel({symbol: adjusted(quotes.bars[symbol]) for symbol in symbols}, shared.sessions)
    lives = _lives(symbols, listing, bars["close"], quotes, request.universe)
    return Market(
        universe=request.universe,
        bars=bars,
        clock=shared,
        lives=lives,
        source=source,
        kind=quotes.kind,
        hash=_hash(bars, lives),
        missing=quotes.missing,
        findings=quotes.findings,
        truth=quotes.truth,
    )


def _panel(frames: Mapping[str, pd.DataFrame], sessions: pd.DatetimeIndex) -> dict[str, pd.DataFrame]:
    """Bars by field, each of shape (T, N); a session without a bar is NaN."""
    import numpy as np
    import pandas as pd

    tables = {name: np.full((len(sessions), len(frames)), np.nan) for name in BAR_FIELDS}
    for column, frame in enumerate(frames.values()):
        rows = sessions.get_indexer(frame.index)
        for name, table in tables.items():
            table[rows, column] = frame[name]
    columns = pd.Index(list(frames), name="symbol")
    return {name: pd.DataFrame(table, index=sessions, columns=columns) for name, table in tables.items()}


def _listing_of(symbol: str, frame: pd.DataFrame, request: Request) -> Listing:
    rows = [row for row in request.listings if row.symbol == symbol]
    last = frame.index[-1].date()
    alive = [row for row in rows if row.listed_from is None or row.listed_from <= last]
    return max(alive or rows, key=lambda row: row.listed_from or date.min)


def _clock(quotes: Quotes, listings: Iterable[Listing], request: Request) -> Clock:
    first = min(frame.index[0] for frame in quotes.bars.values())
    last = max(frame.index[-1] for frame in quotes.bars.values())
    if request.start and last.date() < request.start:
        raise BadDate(f"start {request.start} is after the last price, {last.date()}: choose an earlier one")
    exchanges = {calendar_code(row.exchange) for row in listings}
    return clock(exchanges, str(first.date()), str(last.date()))


def adjusted(frame: pd.DataFrame) -> pd.DataFrame:
    """Total-return prices beside the printed ones."""
    # Measured on seven ex-dates of Yahoo: the factor of a dividend is 1 - D / previous close.
    previous = frame["close"].shift()
    factor = (1 - frame["dividend"] / previous).fillna(1.0)
    if "adjusted_close" in frame and not (frame["dividend"] > 0).any():
        later = frame["adjusted_close"] / frame["close"]
        later = later / later.iloc[-1]
    else:
        later = factor[::-1].cumprod()[::-1].shift(-1, fill_value=1.0)
    unsplit = frame["split"][::-1].cumprod()[::-1].shift(-1, fill_value=1.0)
    prices = frame[["open", "high", "low", "close"]].mul(later, axis=0)
    return prices.assign(
        volume=frame["volume"] / unsplit,
        traded_close=frame["close"] * unsplit,
        dividend=frame["dividend"] * unsplit,
        split=frame["split"],
    )


def _lives(
    symbols: list[str],
    listing: Mapping[str, Listing],
    close: pd.DataFrame,
    quotes: Quotes,
    universe: Universe,
) -> pd.DataFrame:
    import pandas as pd

    present = close.notna().to_numpy()
    first = present.argmax(axis=0)
    last = len(close) - 1 - present[::-1].argmax(axis=0)
    rows = [listing[symbol] for symbol in symbols]
    ends = [_end_row(row, int(at), pd.DatetimeIndex(close.index)) for row, at in zip(rows, last, strict=True)]
    return pd.DataFrame(
        {
            "company": [row.company for row in rows],
            "exchange": [calendar_code(row.exchange) for row in rows],
            "currency": [quotes.currency or row.currency for row in rows],
            "control": [row.company not in universe.companies for row in rows],
            "first": first,
            "last": last,
            "end": ends,
            "ended_by": [row.ended_by or "" if end >= 0 else "" for row, end in zip(rows, ends, strict=True)],
            "terminal_value": [quotes.terminal.get(symbol, float("nan")) for symbol in symbols],
        },
        index=pd.Index(symbols, name="symbol"),
    )


def _end_row(listing: Listing, last: int, sessions: pd.DatetimeIndex) -> int:
    """Row after the last bar when the facts say the shares ceased by then; -1 otherwise."""
    ceased = listing.listed_to is not None and listing.listed_to <= sessions[-1].date()
    return last + 1 if ceased and last + 1 < len(sessions) else -1


def _hash(bars: Mapping[str, pd.DataFrame], lives: pd.DataFrame) -> str:
    digest = hashlib.sha256()
    digest.update("\n".join(lives.index).encode())
    digest.update(bars["close"].index.to_numpy().astype("datetime64[D]").astype("int64").tobytes())
    for name in BAR_FIELDS:
        digest.update(bars[name].to_numpy(dtype="<f8", copy=False).tobytes())
    digest.update(lives.to_csv(float_format="%.17g").encode())
    return digest.hexdigest()


def summarise_missing(missing: Iterable[Missing]) -> str:
    """Who has no prices and why, one line a reason; an empty string when all have."""
    by_reason: dict[str, list[str]] = {}
    for item in missing:
        # Of "traded 2010-07-29 to 2015-06-25, and on no session from …" the part that others share.
        why = item.reason.rpartition(", and ")[2].replace(f"{item.symbol}.csv", "SYMBOL.csv")
        by_reason.setdefault(why, []).append(item.symbol)
    lines = (
        f"{len(names)} without prices, {why}: {', '.join(names)}" for why, names in sorted(by_reason.items())
    )
    return "\n".join(lines)
