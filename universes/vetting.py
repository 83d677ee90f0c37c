"""Series of bars as their source had them → `Quotes`: lives, sessions, gates, and what holders were paid.

The same for every source of real prices: a folder of files, a store of snapshots.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from universes import gates, session_gates
from universes.crowd_gates import volume_collapse
from universes.errors import UnknownName
from universes.exchange_rates import rates_for
from universes.facts import Listing, by_key
from universes.panel import Finding, Missing
from universes.price_file import Opened, PriceFile
from universes.price_gates import prices
from universes.price_series import on_our_basis
from universes.quotes import Quotes, Request
from universes.sessions import calendar_code, schedule

if TYPE_CHECKING:
    import pandas as pd

# A successor's price later than this after the exchange of shares is not what holders received.
PAYOUT_DAYS = 30

Opener = Callable[[str], Opened]


@dataclass(frozen=True, eq=False)
class _Series:
    """One symbol on its way: its bars, or the reason why there are none, and what the gates saw.

    `on_sessions` stays when a gate refuses what it holds: volumes of a refused series still tell of the others.
    """

    symbol: str
    listing: Listing
    file: PriceFile | None
    reason: str = ""
    findings: tuple[Finding, ...] = field(default=())
    on_sessions: PriceFile | None = None

    def judged(self, file: PriceFile, findings: Iterable[Finding], accept: frozenset[str]) -> _Series:
        """The series after some gates: without bars if one of them refused."""
        settled = gates.settle(findings, accept)
        every = (*self.findings, *settled)
        refusals = [item for item in settled if item.severity == "refused"]
        if refusals:
            return self.without(f"{refusals[0].gate}: {refusals[0].message}", every)
        return replace(self, file=file, findings=every)

    def without(self, reason: str, findings: tuple[Finding, ...] = ()) -> _Series:
        """The series without bars."""
        return replace(self, file=None, reason=reason, findings=findings or self.findings)


def vetted(opener: Opener, request: Request) -> Quotes:
    """Daily bars of the symbols asked for, after the data gates.

    Parameters
    ----------
    opener : callable
        Gives the series of a symbol as its source has it, or the reason why there is none. It is asked for every
        symbol of the listings, and for the successors of names that ceased.
    request : Request
        `accept` names gates whose refusal is accepted; `location` is not looked at.

    Returns
    -------
    Quotes
        Symbols without a series, or refused, are in `missing` with the reason; every gate that saw something is in
        `findings`. `bars` is empty when no symbol is left: the caller says so in its own words.

    Raises
    ------
    UnknownName
        If `accept` names no gate.
    """
    for name in sorted(request.accept):
        if name not in gates.GATES:
            raise UnknownName("data gate", name, gates.GATES)
    known = by_key(request.universe.facts.listings, "symbol")
    asked = by_key(request.listings, "symbol")
    opened = [
        _begun(symbol, opener(symbol), _lives(asked[symbol], known.get(symbol, ())), request)
        for symbol in symbols_of(request)
    ]
    hours = _hours(opened)
    done = _together([_on_sessions(series, hours, request.accept) for series in opened], hours)
    bars = {series.symbol: _table(series.file) for series in done if series.file}
    missing = tuple(Missing(series.symbol, series.reason) for series in done if not series.file)
    ends = _terminal([series for series in done if series.file], bars, opener, request)
    findings = tuple(item for series in done for item in series.findings)
    rates, absent = rates_for(opener, request, bars)
    return Quotes(bars, "real", ends[0], (*missing, *absent), (*findings, *ends[1]), rates=rates)


def symbols_of(request: Request) -> list[str]:
    """Symbols that a request asks for, sorted, each once."""
    return sorted({row.symbol for row in request.listings})


def _begun(symbol: str, opened: Opened, lives: list[list[Listing]], request: Request) -> _Series:
    """The series of one symbol within the life of the last company that has bars, before the calendar is asked."""
    series = _Series(symbol, lives[-1][-1], None)
    if opened.file is None:
        return series.without(opened.reason, opened.findings)
    file, more = gates.form(opened.file)
    series = series.judged(file, (*opened.findings, *more), request.accept)
    if series.file is None:
        return series
    file, more = on_our_basis(gates.ordered(series.file))
    return _within_life(series.judged(file, more, request.accept), file, lives, request)


def _lives(asked: Sequence[Listing], known: Sequence[Listing]) -> list[list[Listing]]:
    """Listings of one symbol by company, the company that came last at the end.

    `known` are those of the fact tables: a company that is asked for may have had the symbol more than once.
    """
    first = {row.company: row for row in asked}
    by_company = {company: [row] for company, row in first.items()}
    for row in known:
        if row.company in first and row != first[row.company]:
            by_company[row.company].append(row)
    lives = [sorted(rows, key=_begins) for rows in by_company.values()]
    return sorted(lives, key=lambda rows: (_begins(rows[-1]), rows[-1].company))


def _begins(row: Listing) -> date:
    return row.listed_from or date.min


def _within_life(
    series: _Series, file: PriceFile, lives: Sequence[Sequence[Listing]], request: Request
) -> _Series:
    cuts = []
    for rows in lives:
        until = max((row.spac_until for row in rows if row.spac_until), default=None)
        company, first = gates.shell(file, until)
        own, second = gates.life(company, rows, request.start, request.end)
        cuts.append((rows, own, (*first, *second)))
    with_bars = [cut for cut in cuts if len(cut[1])]
    if not with_bars:
        held = f"it holds {file.day(0)} to {file.day(len(file) - 1)}"
        wanted = f"{request.start or 'the first'} to {request.end or 'the last'}"
        return series.without(f"{file.file} has no bar of its listing from {wanted}; {held}")
    rows, own, found = with_bars[-1]
    earlier = [_earlier(cut[0], cut[1], rows) for cut in with_bars[:-1]]
    series = replace(series, listing=rows[-1])
    return series.judged(own, (*earlier, *found, *gates.unit(own, rows[-1].currency)), request.accept)


def _earlier(rows: Sequence[Listing], file: PriceFile, later: Sequence[Listing]) -> Finding:
    message = (
        f"{file.place(0)}: {len(file)} bars to {file.day(len(file) - 1)} are of {rows[-1].company}, which had the "
        f"symbol before {later[-1].company}; left out: end the range by then to use them"
    )
    return Finding("flagged", file.symbol, file.day(0), "earlier-company", message)


def _hours(opened: Iterable[_Series]) -> dict[str, pd.DataFrame | None]:
    """Sessions by symbol, None where the calendar does not reach; one calendar a symbol's exchange keeps."""
    spans: dict[str, list[PriceFile]] = defaultdict(list)
    for series in opened:
        if series.file:
            spans[series.listing.exchange].append(series.file)
    found: dict[str, pd.DataFrame | None] = {}
    for exchange, files in spans.items():
        shared = _calendar(exchange, files)
        for file in files:
            found[file.symbol] = _calendar(exchange, [file]) if shared is None else shared
    return found


def _calendar(exchange: str, files: Sequence[PriceFile]) -> pd.DataFrame | None:
    first = min(file.day(0) for file in files)
    last = max(file.day(len(file) - 1) for file in files)
    # A range of whole Januaries always has a session; the calendars of some exchanges end with a year.
    begin, end = f"{first[:4]}-01-01", max(last, f"{last[:4]}-01-31")
    try:
        return schedule(calendar_code(exchange), begin, end)
    except (ValueError, UnknownName):
        return None


def _on_sessions(
    series: _Series, hours: Mapping[str, pd.DataFrame | None], accept: frozenset[str]
) -> _Series:
    """The series on its exchange's sessions, judged by the price gates."""
    file = series.file
    if file is None:
        return series
    calendar = hours[series.symbol]
    if calendar is None:
        span = f"{file.day(0)} to {file.day(len(file) - 1)}"
        message = (
            f"{file.place(0)}: the sessions of {series.listing.exchange!r} are not known for all of {span}; "
            "choose a start and end date, or correct the exchange in listings.csv"
        )
        return series.judged(
            file, [Finding("refused", series.symbol, file.day(0), "unknown-sessions", message)], accept
        )
    sessions: pd.DatetimeIndex = calendar.index  # type: ignore[assignment]
    file, found = session_gates.closed_days(file, sessions)
    file, more = session_gates.unfinished(file, calendar)
    found = (*found, *more)
    if not len(file):
        return series.without(f"{found[0].gate}: {found[0].message}", (*series.findings, *found))
    return replace(series, on_sessions=file).judged(
        file,
        (*found, *session_gates.daily(file, sessions), *session_gates.holes(file, sessions), *prices(file)),
        accept,
    )


def _together(done: Sequence[_Series], hours: Mapping[str, pd.DataFrame | None]) -> list[_Series]:
    """The series with what is seen only when those of one calendar are looked at together."""
    crowds: dict[str, list[PriceFile]] = defaultdict(list)
    for series in done:
        if series.on_sessions:
            crowds[calendar_code(series.listing.exchange)].append(series.on_sessions)
    found: dict[str, list[Finding]] = defaultdict(list)
    for files in crowds.values():
        for item in volume_collapse(files, _widest([hours[file.symbol] for file in files])):
            found[item.symbol].append(item)
    return [
        replace(series, findings=(*series.findings, *found[series.symbol])) if series.file else series
        for series in done
    ]


def _widest(tables: Iterable[pd.DataFrame | None]) -> pd.DataFrame:
    return max((table for table in tables if table is not None), key=len)


def _table(file: PriceFile) -> pd.DataFrame:
    """Bars as `Quotes` wants them; where the file has dividends, the vendor's total return is not handed on."""
    gone = [name for name in ("line",) if name in file.bars] + (
        ["adjusted_close"] if file.has_dividends and "adjusted_close" in file.bars else []
    )
    return file.bars.drop(columns=gone)


# What holders were paid.


def _terminal(
    done: Sequence[_Series],
    bars: Mapping[str, pd.DataFrame],
    opener: Opener,
    request: Request,
) -> tuple[dict[str, float], tuple[Finding, ...]]:
    """Cash a share at the end of each listing that ceased within the data, and what could not be said."""
    if not bars:
        return {}, ()
    last = max(frame.index[-1] for frame in bars.values()).date()
    paid: dict[str, float] = {}
    findings: list[Finding] = []
    for series in done:
        row = series.listing
        if (
            row.listed_to is None
            or row.listed_to > last
            or row.terminal_kind is None
            or row.terminal_value is None
        ):
            continue
        if row.terminal_kind != "ratio":
            paid[series.symbol] = row.terminal_value
            continue
        price, why = _successor_price(row, bars, opener, request)
        if price is None:
            message = f"{row.where}: {why}; the last close is used: add the successor's file"
            findings.append(Finding("flagged", series.symbol, str(row.listed_to), "terminal", message))
        else:
            paid[series.symbol] = row.terminal_value * price
    return paid, tuple(findings)


def _successor_price(
    row: Listing, bars: Mapping[str, pd.DataFrame], opener: Opener, request: Request
) -> tuple[float | None, str]:
    """Traded close of the shares received, on the first session from `listed_to` on, and why there is none.

    A successor without that price hands on to its own successor, once.
    """
    if row.successor is None or row.listed_to is None:
        return None, "the facts name no successor"
    received = 1.0
    symbol = row.successor
    for _ in range(2):
        heirs = [item for item in request.universe.facts.listings if item.symbol == symbol]
        if heirs and all(item.currency != row.currency for item in heirs):
            return None, f"{symbol} is quoted in {heirs[-1].currency}, not {row.currency}"
        close = _close_from(symbol, row.listed_to, bars, opener)
        if close is not None:
            return received * close, ""
        onward = next((item for item in reversed(heirs) if item.successor), None)
        if onward is None or onward.successor is None:
            break
        if onward.ended_by != "renamed":
            if onward.terminal_kind != "ratio" or onward.terminal_value is None:
                break
            received *= onward.terminal_value
        symbol = onward.successor
    return None, f"no close of {row.successor} within {PAYOUT_DAYS} days of {row.listed_to}"


def _close_from(symbol: str, on: date, bars: Mapping[str, pd.DataFrame], opener: Opener) -> float | None:
    """Close as traded on the first session of a symbol from a date on; None when none is near."""
    frame = bars[symbol] if symbol in bars else _outside_request(symbol, opener)
    if frame is None:
        return None
    position = int(frame.index.searchsorted(_midnight(on)))
    if position >= len(frame) or (frame.index[position].date() - on).days > PAYOUT_DAYS:
        return None
    # Closes are split-adjusted: the splits that followed take them back to what was printed.
    return float(frame["close"].iloc[position] * frame["split"].iloc[position + 1 :].prod())


def _midnight(on: date) -> pd.Timestamp:
    import pandas as pd

    return pd.Timestamp(on)


def _outside_request(symbol: str, opener: Opener) -> pd.DataFrame | None:
    """Bars of a series that was not asked for; None unless it is there and every gate lets it pass."""
    opened = opener(symbol)
    if opened.file is None:
        return None
    file, more = gates.form(opened.file)
    found = (*opened.findings, *more, *prices(file))
    if any(item.severity == "refused" for item in found):
        return None
    return on_our_basis(file)[0].bars
