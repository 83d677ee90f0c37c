"""Quotes of many symbols → one `Market`: shared sessions, adjusted prices, each life with its end."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from universes.dates import as_date, check_range
from universes.errors import BadData, BadDate, Fault
from universes.facts import Listing, by_key
from universes.panel import BAR_FIELDS, Finding, Market, Missing
from universes.plugins import load
from universes.quotes import Quotes, Request, Source
from universes.sessions import calendar_code, clock, schedule
from universes.universe import Universe

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from universes.clock import Clock

    Numbers = npt.NDArray[np.float64]


def market(
    universe: Universe,
    source: str | Source = "simulated",
    *,
    start: str | date | None = None,
    end: str | date | None = None,
    seed: int = 0,
    also: Iterable[str] = (),
    accept: Iterable[str] = (),
    currency: str = "",
) -> Market:
    """Prices of a universe's members and of the controls, on shared sessions.

    Parameters
    ----------
    universe : Universe
        Whose prices; every member that ever traded, dead ones too.
    source : str or callable
        ``simulated``, or ``csv:FOLDER`` with one file a symbol; or a source of your own, from `Request` to `Quotes`.
    start, end : str or date, optional
        First and last session, both included; default all there is.
    seed : int
        Seed of the simulated market; other sources ignore it.
    also : iterable of str
        Further symbols to load as controls, such as a benchmark fund.
    accept : iterable of str
        Data gates whose refusal is accepted, by name; docs/prices.md lists them.
    currency : str
        ISO code, as ``USD``: every price is converted into it, at the last exchange rate that was known before the
        bar closed. Default each listing's own, which is what an event study wants; a book needs one.

    Returns
    -------
    Market

    Raises
    ------
    UnknownName
        If the source, a symbol of `also`, a gate or the currency is unknown.
    BadParameter
        If a gate is one that cannot be accepted, or the source has no rates into the currency.
    BadDate
        If the range is empty or outside the source's data.
    BadData
        If the source has no usable prices of any member.
    """
    first, last = as_date(start, "start") if start else None, as_date(end, "end") if end else None
    check_range(first, last)
    read, name, location = _source(source)
    into = _checked(currency)
    request = Request(
        universe, _listings(universe, also), first, last, seed, location, _accepted(accept), into
    )
    return _assemble(request, read(request), name)


def _checked(currency: str) -> str:
    # Rates need arrays, and a screen without prices imports none.
    from universes.currency import check_code

    return check_code(currency) if currency else ""


def _source(source: str | Source) -> tuple[Source, str, str]:
    """A source, its name in results, and the place it reads."""
    if callable(source):
        return source, getattr(source, "__name__", type(source).__name__), ""
    kind, _, location = source.partition(":")
    return load("universes.sources", kind, "SOURCE", "source"), source, location


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
    _check_any(quotes, source)
    listing = _listing_of_each(quotes.bars, request.listings)
    quotes = _on_sessions(quotes, listing)
    _check_any(quotes, source)
    if request.currency:
        from universes.currency import in_one_currency

        quotes = in_one_currency(quotes, listing, request.currency)
        _check_any(quotes, source)
    symbols = sorted(quotes.bars)
    shared = _clock(quotes, [listing[symbol] for symbol in symbols], request)
    bars = _panel(quotes.bars, symbols, shared.sessions)
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


def _check_any(quotes: Quotes, source: str) -> None:
    if not quotes.bars:
        reason = quotes.missing[0].reason if quotes.missing else "no symbol was asked for"
        raise BadData([Fault(source, 0, "", f"no usable prices of any name, as {reason}")])


def _on_sessions(quotes: Quotes, listing: Mapping[str, Listing]) -> Quotes:
    """Quotes without bars of days on which the exchange was closed; what is left out is a finding."""
    first = min(frame.index[0] for frame in quotes.bars.values())
    last = max(frame.index[-1] for frame in quotes.bars.values())
    calendars = {calendar_code(listing[symbol].exchange) for symbol in quotes.bars}
    sessions = {name: schedule(name, f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}").index for name in calendars}
    bars, missing, findings = dict(quotes.bars), list(quotes.missing), list(quotes.findings)
    for symbol, frame in quotes.bars.items():
        closed = ~frame.index.isin(sessions[calendar_code(listing[symbol].exchange)])
        if not closed.any():
            continue
        days = f"{int(closed.sum())} bars on days {listing[symbol].exchange} was closed"
        on = f"{frame.index[closed][0]:%Y-%m-%d}"
        findings.append(
            Finding("flagged", symbol, on, "closed-day", f"{days}; left out: check dates and exchange")
        )
        bars[symbol] = frame[~closed]
        if closed.all():
            del bars[symbol]
            missing.append(Missing(symbol, f"it has only {days}"))
    return replace(quotes, bars=bars, missing=tuple(missing), findings=tuple(findings))


def _panel(
    frames: Mapping[str, pd.DataFrame], symbols: list[str], sessions: pd.DatetimeIndex
) -> dict[str, pd.DataFrame]:
    """Bars by field, each of shape (T, N); a session without a bar is NaN."""
    import numpy as np
    import pandas as pd

    tables = {name: np.full((len(sessions), len(symbols)), np.nan) for name in BAR_FIELDS}
    for column, symbol in enumerate(symbols):
        rows = sessions.get_indexer(frames[symbol].index)
        for name, values in _adjusted(frames[symbol]).items():
            tables[name][rows, column] = values
    columns = pd.Index(symbols, name="symbol")
    return {
        name: pd.DataFrame(table, index=sessions, columns=columns, copy=False)
        for name, table in tables.items()
    }


def _listing_of_each(frames: Mapping[str, pd.DataFrame], listings: Iterable[Listing]) -> dict[str, Listing]:
    rows = by_key(listings, "symbol")
    strange = sorted(set(frames) - set(rows))
    if strange:
        raise BadData(
            [Fault(strange[0], 0, "", "the source answers for a symbol it was not asked for: leave it out")]
        )
    return {symbol: _listing_of(frame, rows[symbol]) for symbol, frame in frames.items()}


def _listing_of(frame: pd.DataFrame, rows: Sequence[Listing]) -> Listing:
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
    import pandas as pd

    return pd.DataFrame(_adjusted(frame), index=frame.index)


def _adjusted(frame: pd.DataFrame) -> dict[str, Numbers]:
    """Columns of `adjusted` by name, each of shape (T,)."""
    close, dividend, split = (frame[name].to_numpy(dtype=float) for name in ("close", "dividend", "split"))
    if "adjusted_close" in frame and not (dividend > 0).any():
        later = frame["adjusted_close"].to_numpy(dtype=float) / close
        later = later / later[-1]
    else:
        later = _of_later_bars(_dividend_factors(close, dividend))
    unsplit = _of_later_bars(split)
    prices = {name: frame[name].to_numpy(dtype=float) * later for name in ("open", "high", "low", "close")}
    return prices | {
        "volume": frame["volume"].to_numpy(dtype=float) / unsplit,
        "traded_close": close * unsplit,
        "dividend": dividend * unsplit,
        "split": split,
    }


def _dividend_factors(close: Numbers, dividend: Numbers) -> Numbers:
    """What the prices before each bar are multiplied by for its dividend, shape (T,)."""
    import numpy as np

    # Measured on seven ex-dates of Yahoo: the factor of a dividend is 1 - D / previous close.
    factors = np.ones(len(close))
    factors[1:] -= dividend[1:] / close[:-1]
    return np.where(np.isnan(factors), 1.0, factors)


def _of_later_bars(factors: Numbers) -> Numbers:
    """Product of the factors of all later bars, shape (T,); 1 on the last."""
    import numpy as np

    product = np.ones(len(factors))
    product[:-1] = factors[:0:-1].cumprod()[::-1]
    return product


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
