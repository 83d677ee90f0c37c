"""Source ``csv:FOLDER``: daily prices from a folder with one file a symbol, ``MP.csv``, ``LYC.AX.csv``.

Open, high, low and close are split-adjusted, dividends not, as Yahoo's are; `docs/prices.md` has the format and
the gates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from universes import gates
from universes.errors import BadData, BadParameter, Fault, UnknownName, did_you_mean
from universes.facts import Listing
from universes.panel import Finding, Missing
from universes.price_file import PriceFile, read_prices
from universes.price_gates import prices
from universes.quotes import Quotes, Request
from universes.sessions import calendar_code, schedule

if TYPE_CHECKING:
    import pandas as pd

# A successor's price later than this after the exchange of shares is not what holders received.
PAYOUT_DAYS = 30


@dataclass(frozen=True, eq=False)
class _Series:
    """One symbol on its way: its bars, or the reason why there are none, and what the gates saw."""

    symbol: str
    listing: Listing
    file: PriceFile | None
    reason: str = ""
    findings: tuple[Finding, ...] = field(default=())

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


def read_folder(request: Request) -> Quotes:
    """Daily bars of a folder's files, after the data gates.

    Parameters
    ----------
    request : Request
        `location` is the folder; `accept` names gates whose refusal is accepted.

    Returns
    -------
    Quotes
        Symbols whose file is absent or refused are in `missing` with the reason; every gate that saw
        something is in `findings`.

    Raises
    ------
    BadData
        If the folder is not there, holds two files of one symbol, or has no usable file.
    BadParameter
        If no folder was named.
    UnknownName
        If `accept` names no gate.
    """
    for name in sorted(request.accept):
        if name not in gates.GATES:
            raise UnknownName("data gate", name, gates.GATES)
    files = _files(request)
    opened = [_opened(symbol, files, request) for symbol in sorted({row.symbol for row in request.listings})]
    sessions = _sessions(opened)
    done = [_on_sessions(series, sessions, request.accept) for series in opened]
    bars = {series.symbol: _table(series.file) for series in done if series.file}
    missing = tuple(Missing(series.symbol, series.reason) for series in done if not series.file)
    if not bars:
        raise BadData([Fault(request.location, 0, "", _nothing_usable(missing))])
    ends = _terminal([series for series in done if series.file], bars, files, request)
    findings = tuple(item for series in done for item in series.findings)
    return Quotes(bars, "real", ends[0], missing, (*findings, *ends[1]))


def _nothing_usable(missing: Sequence[Missing]) -> str:
    if not missing:
        return "no symbol was asked for: choose a universe with listings"
    return f"no usable file for any of {len(missing)} symbols, as {missing[0].symbol}: {missing[0].reason}"


def _files(request: Request) -> dict[str, list[Path]]:
    """Price files by symbol, in capitals."""
    location = request.location
    if not location:
        raise BadParameter("source csv has no folder: write csv:FOLDER, a folder with one file a symbol")
    folder = Path(location)
    if not folder.is_dir():
        raise BadData([Fault(location, 0, "", _no_folder(folder))])
    try:
        found = sorted(item for item in folder.iterdir() if item.suffix.casefold() == ".csv")
    except OSError as error:
        message = f"the folder cannot be read: {error.strerror}; check who may read it"
        raise BadData([Fault(location, 0, "", message)]) from None
    files: dict[str, list[Path]] = defaultdict(list)
    for item in found:
        files[item.stem.upper()].append(item)
    faults = [
        Fault(
            location, 0, "", f"{' and '.join(item.name for item in files[symbol])} are one symbol: remove one"
        )
        for symbol in sorted({row.symbol for row in request.listings})
        if len(files.get(symbol, ())) > 1
    ]
    if faults:
        raise BadData(faults)
    return files


def _no_folder(folder: Path) -> str:
    if folder.exists():
        return "is a file: name the folder that holds one file a symbol"
    try:
        beside = sorted(item.name for item in folder.parent.iterdir() if item.is_dir())
    except (OSError, ValueError):
        return "there is no such folder: name the one that holds one file a symbol"
    return (
        f"there is no such folder{did_you_mean(folder.name, beside) or ': make it, with one file a symbol'}"
    )


def _opened(symbol: str, files: Mapping[str, list[Path]], request: Request) -> _Series:
    """The series of one symbol within the life of the last company that has bars, before the calendar is asked."""
    lives = _lives(symbol, request)
    series = _Series(symbol, lives[-1][-1], None)
    paths = files.get(symbol)
    if not paths:
        return series.without(f"no file {symbol}.csv in {request.location}")
    file, findings = read_prices(symbol, paths[0])
    if file is None:
        return series.without(f"{findings[0].gate}: {findings[0].message}", findings)
    file, more = gates.form(file)
    series = series.judged(file, (*findings, *more), request.accept)
    if series.file is None:
        return series
    return _within_life(series, gates.ordered(series.file), lives, request)


def _lives(symbol: str, request: Request) -> list[list[Listing]]:
    """Listings of a symbol by company, the company that came last at the end."""
    asked = {row.company: row for row in request.listings if row.symbol == symbol}
    by_company = {company: [row] for company, row in asked.items()}
    for row in request.universe.facts.listings:
        if row.symbol == symbol and row.company in asked and row != asked[row.company]:
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
    return series.judged(own, (*earlier, *found), request.accept)


def _earlier(rows: Sequence[Listing], file: PriceFile, later: Sequence[Listing]) -> Finding:
    message = (
        f"{file.place(0)}: {len(file)} bars to {file.day(len(file) - 1)} are of {rows[-1].company}, which had the "
        f"symbol before {later[-1].company}; left out: end the range by then to use them"
    )
    return Finding("flagged", file.symbol, file.day(0), "earlier-company", message)


def _sessions(opened: Iterable[_Series]) -> dict[str, pd.DatetimeIndex | None]:
    """Sessions by symbol, None where the calendar does not reach; one calendar a symbol's exchange keeps."""
    spans: dict[str, list[PriceFile]] = defaultdict(list)
    for series in opened:
        if series.file:
            spans[series.listing.exchange].append(series.file)
    found: dict[str, pd.DatetimeIndex | None] = {}
    for exchange, files in spans.items():
        shared = _calendar(exchange, files)
        for file in files:
            found[file.symbol] = _calendar(exchange, [file]) if shared is None else shared
    return found


def _calendar(exchange: str, files: Sequence[PriceFile]) -> pd.DatetimeIndex | None:
    first = min(file.day(0) for file in files)
    last = max(file.day(len(file) - 1) for file in files)
    # A range of whole Januaries always has a session; the calendars of some exchanges end with a year.
    begin, end = f"{first[:4]}-01-01", max(last, f"{last[:4]}-01-31")
    try:
        return schedule(calendar_code(exchange), begin, end).index  # type: ignore[return-value]
    except (ValueError, UnknownName):
        return None


def _on_sessions(
    series: _Series, sessions: Mapping[str, pd.DatetimeIndex | None], accept: frozenset[str]
) -> _Series:
    """The series on its exchange's sessions, judged by the price gates."""
    file = series.file
    if file is None:
        return series
    calendar = sessions[series.symbol]
    if calendar is None:
        span = f"{file.day(0)} to {file.day(len(file) - 1)}"
        message = (
            f"{file.place(0)}: the sessions of {series.listing.exchange!r} are not known for all of {span}; "
            "choose a start and end date, or correct the exchange in listings.csv"
        )
        return series.judged(
            file, [Finding("refused", series.symbol, file.day(0), "unknown-sessions", message)], accept
        )
    file, found = gates.closed_days(file, calendar)
    if not len(file):
        return series.without(f"{found[0].gate}: {found[0].message}", (*series.findings, *found))
    return series.judged(file, (*found, *gates.holes(file, calendar), *prices(file)), accept)


def _table(file: PriceFile) -> pd.DataFrame:
    """Bars as `Quotes` wants them; where the file has dividends, the vendor's total return is not handed on."""
    gone = ["line"] + (["adjusted_close"] if file.has_dividends and "adjusted_close" in file.bars else [])
    return file.bars.drop(columns=gone)


# What holders were paid.


def _terminal(
    done: Sequence[_Series],
    bars: Mapping[str, pd.DataFrame],
    files: Mapping[str, list[Path]],
    request: Request,
) -> tuple[dict[str, float], tuple[Finding, ...]]:
    """Cash a share at the end of each listing that ceased within the data, and what could not be said."""
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
        price, why = _successor_price(row, bars, files, request)
        if price is None:
            message = f"{row.where}: {why}; the last close is used: add the successor's file"
            findings.append(Finding("flagged", series.symbol, str(row.listed_to), "terminal", message))
        else:
            paid[series.symbol] = row.terminal_value * price
    return paid, tuple(findings)


def _successor_price(
    row: Listing, bars: Mapping[str, pd.DataFrame], files: Mapping[str, list[Path]], request: Request
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
        close = _close_from(symbol, row.listed_to, bars, files)
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


def _close_from(
    symbol: str, on: date, bars: Mapping[str, pd.DataFrame], files: Mapping[str, list[Path]]
) -> float | None:
    """Close as traded on the first session of a symbol from a date on; None when none is near."""
    frame = bars[symbol] if symbol in bars else _outside_request(symbol, files)
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


def _outside_request(symbol: str, files: Mapping[str, list[Path]]) -> pd.DataFrame | None:
    """Bars of a file that was not asked for; None unless it is there and every gate lets it pass."""
    paths = files.get(symbol, [])
    file, findings = read_prices(symbol, paths[0]) if len(paths) == 1 else (None, ())
    if file is None:
        return None
    file, more = gates.form(file)
    refused = [item for item in (*findings, *more, *prices(file)) if item.severity == "refused"]
    return None if refused else file.bars


SOURCE = read_folder
