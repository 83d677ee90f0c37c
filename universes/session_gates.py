"""Gates of the exchange's calendar: bars of days without a session, and sessions without a bar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import TYPE_CHECKING

import numpy as np

from universes.freshness import SETTLE
from universes.gates import runs, without
from universes.panel import Finding
from universes.price_file import PriceFile

if TYPE_CHECKING:
    import pandas as pd

MOST_MISSING = 0.01
# A week with a holiday has four sessions; the least traded of daily series have a bar every other session.
SESSIONS_APART = 4
# A consolidation in Sydney trades under a deferred code for seven sessions; a code is free after a year or more.
LONG_HOLE, ANOTHER_LIFE, SHOWN = 5, 250, 6


def unfinished(file: PriceFile, hours: pd.DataFrame) -> tuple[PriceFile, tuple[Finding, ...]]:
    """The file without bars of sessions that had not closed, and settled, when it was fetched.

    Parameters
    ----------
    file : PriceFile
        Bars by date. A file that does not know when it was fetched passes.
    hours : DataFrame of shape (S, 2)
        Sessions of the exchange with their ``close`` in UTC.

    Returns
    -------
    PriceFile
        The bars left.
    tuple of Finding
        Gate ``unfinished-bar``.
    """
    if file.fetched_at is None:
        return file, ()
    known = np.datetime64(file.fetched_at.astimezone(UTC).replace(tzinfo=None), "ns")
    closes = hours["close"].reindex(file.bars.index).to_numpy(dtype="datetime64[ns]")
    gone = np.asarray(closes + np.timedelta64(SETTLE) > known)
    what = f"fetched {file.fetched_at:%Y-%m-%d %H:%M} UTC, before this session had closed"
    return without(file, gone, "unfinished-bar", what, "left out; fetch again after the close")


def closed_days(file: PriceFile, sessions: pd.DatetimeIndex) -> tuple[PriceFile, tuple[Finding, ...]]:
    """The file without bars of days on which the exchange was closed; gate ``closed-day``.

    Parameters
    ----------
    file : PriceFile
        Bars by date.
    sessions : DatetimeIndex
        Sessions of the exchange that cover the bars.
    """
    gone = ~np.asarray(file.bars.index.isin(sessions))
    lost = gone & ((file.values("dividend") != 0) | (file.values("split") != 1))
    action = f", {int(lost.sum())} with a dividend or split" if lost.any() else ""
    days = f"bar{'s' if gone.sum() > 1 else ''} on a day the exchange was closed{action}"
    return without(file, gone, "closed-day", f"{int(gone.sum())} {days}", "left out; check the dates")


def daily(file: PriceFile, sessions: pd.DatetimeIndex) -> Iterator[Finding]:
    """Weekly or monthly bars given as daily ones; gate ``not-daily``.

    Parameters
    ----------
    file : PriceFile
        Bars by date, none on a closed day.
    sessions : DatetimeIndex
        Sessions of the exchange that cover the bars.
    """
    apart = np.diff(sessions.get_indexer(file.bars.index))
    if len(apart) and float(np.median(apart)) >= SESSIONS_APART:
        message = f"{file.place(0)}: bars are {np.median(apart):g} sessions apart: give one bar a session"
        yield Finding("refused", file.symbol, file.day(0), "not-daily", message)


def holes(file: PriceFile, sessions: pd.DatetimeIndex) -> Iterator[Finding]:
    """Sessions without a bar between the first bar and the last.

    Gates ``holes``, all of them; ``missing-sessions``, more than 1 %; ``long-holes``, each run of 5 sessions or more;
    ``reused-symbol``, a run of about a year or more.
    """
    if not len(file):
        return
    index = file.bars.index
    expected = sessions[(sessions >= index[0]) & (sessions <= index[-1])]
    absent = ~np.asarray(expected.isin(index))
    if not absent.any():
        return
    spans = runs(absent)
    longest = max(stop - begin for begin, stop in spans)
    what = (
        f"{int(absent.sum())} of {len(expected)} sessions have no bar, the first {expected[spans[0][0]].date()}, "
        f"after this line, the longest run {longest}"
    )
    yield _hole(file, expected, spans[0], "holes", f"{what}; halts have none, else fetch the file again")
    if absent.mean() > MOST_MISSING:
        what = (
            f"{absent.mean():.1%} of the sessions from {file.day(0)} to {file.day(len(file) - 1)} have no bar"
        )
        mend = "a share that trades every day has them all: look for a complete source"
        yield _hole(file, expected, spans[0], "missing-sessions", f"{what}; {mend}")
    yield from _long_holes(file, expected, [span for span in spans if span[1] - span[0] >= LONG_HOLE])


def _long_holes(
    file: PriceFile, expected: pd.DatetimeIndex, spans: list[tuple[int, int]]
) -> Iterator[Finding]:
    if not spans:
        return
    shown = sorted(sorted(spans, key=lambda span: span[0] - span[1])[:SHOWN])
    named = ", ".join(f"{expected[begin].date()} to {expected[stop - 1].date()}" for begin, stop in shown)
    more = f" and {len(spans) - SHOWN} shorter" if len(spans) > SHOWN else ""
    what = f"no bar from {named}{more}"
    mend = "a halt, or trade under a deferred code, as in a consolidation: check the close after each"
    yield _hole(file, expected, spans[0], "long-holes", f"{what}; {mend}")
    years = [span for span in spans if span[1] - span[0] >= ANOTHER_LIFE]
    if years:
        begin, stop = years[-1]
        what = f"no bar on {stop - begin} sessions up to {expected[stop - 1].date()}"
        mend = (
            "the bars before may be of another company that had the code: write listed_from in listings.csv"
        )
        yield _hole(file, expected, years[-1], "reused-symbol", f"{what}; {mend}")


def _hole(
    file: PriceFile, expected: pd.DatetimeIndex, span: tuple[int, int], gate: str, message: str
) -> Finding:
    """The finding at the bar before a run of sessions."""
    first = expected[span[0]]
    before = int(file.bars.index.searchsorted(first)) - 1
    return Finding("flagged", file.symbol, str(first.date()), gate, f"{file.place(before)}: {message}")
