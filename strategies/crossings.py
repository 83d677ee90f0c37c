"""Walks along a symbol's own bars: first falls of every depth in one pass, and what a fall is measured by.

Tables stand by symbol first, shape (N, T), NaN where there is no bar. A firm-event is a column and the row of
its reaction session.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from strategies.arrays import Integers, Numbers
from strategies.kernel_cache import compiled

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from universes.panel import Market

    Rows = npt.NDArray[np.int32]

ATR_BARS = 14
VOLATILITY_RETURNS = 20
# Bars that are looked at in one go: some 10 MB a table.
MOST_CELLS = 1_000_000


def by_symbol(table: pd.DataFrame) -> Numbers:
    """Values of a table of shape (T, N) as contiguous rows of symbols, shape (N, T); mostly without a copy."""
    values = np.ascontiguousarray(table.to_numpy(dtype=float).T).view()
    # numba compiles anew for what may be written to: pandas hands out both.
    values.flags.writeable = False
    return values


@dataclass(frozen=True, eq=False, slots=True)
class OwnBars:
    """Bars of N symbols one after the other, B in all.

    Parameters
    ----------
    session : ndarray of int, shape (B,)
        Row of each.
    high, close : ndarray of float, shape (B,)
        Its prices.
    place : ndarray of int, shape (N, T + 1)
        How many bars stand before each cell.
    """

    session: Integers
    high: Numbers
    close: Numbers
    place: Integers

    @classmethod
    def of(cls, high: Numbers, close: Numbers) -> OwnBars:
        """From tables of shape (N, T)."""
        there = ~np.isnan(close)
        place = np.zeros((close.shape[0], close.shape[1] + 1), dtype=np.int64)
        np.cumsum(there, axis=1, out=place[:, 1:])
        place += np.concatenate([[0], np.cumsum(place[:, -1])[:-1]])[:, None]
        return cls(np.nonzero(there)[1], high[there], close[there], place)


@lru_cache(maxsize=2)
def own_bars(market: Market) -> OwnBars:
    """Bars of a market, found once: every piece of a sweep asks for them."""
    return OwnBars.of(by_symbol(market.bars["high"]), by_symbol(market.bars["close"]))


def first_falls(
    own: OwnBars, column: Integers, row: Integers, unit: Numbers, depths: Numbers, longest: int
) -> tuple[Rows, Rows]:
    """Where each of K firm-events first closes so deep below its running high, for D depths at once.

    The running high is the highest high since the reaction session, the bar itself included. The reaction
    session itself is no fall.

    Parameters
    ----------
    own : OwnBars
        Prices.
    column, row : ndarray of int, shape (K,)
        Firm-events.
    unit : ndarray of float, shape (K,)
        Fall that a depth of 1 stands for, as a fraction of the running high; NaN never falls.
    depths : ndarray of float, shape (D,)
        Increasing.
    longest : int
        Own bars after the reaction session within which a fall is looked for.

    Returns
    -------
    tuple of two ndarrays of int32, shape (D, K)
        Row of the first fall, and how many own bars after the reaction session it is; -1 where there is none.
    """
    shape = (len(depths), len(column))
    rows, bars = np.full(shape, -1, dtype=np.int32), np.full(shape, -1, dtype=np.int32)
    step = max(MOST_CELLS // max(longest, 1), 1)
    for first in range(0, len(column), step):
        some = slice(first, first + step)
        _first_falls(
            own, (column[some], row[some], unit[some]), depths, longest, (rows[:, some], bars[:, some])
        )
    return rows, bars


def _first_falls(
    own: OwnBars,
    events: tuple[Integers, Integers, Numbers],
    depths: Numbers,
    longest: int,
    found: tuple[Rows, Rows],
) -> None:
    """Fill in rows and bars of the first falls of some firm-events, of which each has at most `longest` bars."""
    column, row, unit = events
    begins, ends = own.place[column, row + 1], own.place[column, -1]
    bar = begins[:, None] + np.arange(longest)
    inside = bar < ends[:, None]
    bar = np.minimum(bar, max(len(own.close) - 1, 0))
    # The bar of the reaction session itself stands before; its high counts and its close does not.
    start = own.high[np.maximum(begins - 1, 0)][:, None]
    peak = np.fmax.accumulate(np.hstack([start, own.high[bar]]), axis=1)[:, 1:]
    close = np.where(inside, own.close[bar], np.inf)
    rows, bars = found
    for number, depth in enumerate(depths.tolist()):
        fallen = close <= peak * (1 - depth * unit)[:, None]
        first = fallen.argmax(axis=1)
        at = np.flatnonzero(fallen[np.arange(len(first)), first])
        rows[number, at], bars[number, at] = own.session[bar[at, first[at]]], first[at] + 1


def bars_later(close: Numbers, column: Integers, row: Integers, count: int) -> Integers:
    """Row of the `count`-th own bar after each row, shape (K,); -1 where the data end before.

    Parameters
    ----------
    close : ndarray of float, shape (N, T)
        Prices.
    column, row : ndarray of int, shape (K,)
        From where, each on a bar of the symbol.
    count : int
        Own bars; 0 is the row itself.
    """
    found = np.full(len(column), -1, dtype=np.int64)
    _bars_later(close, column, row, count, found)
    return found


@compiled
def _bars_later(close: Numbers, column: Integers, row: Integers, count: int, found: Integers) -> None:
    for at in range(len(column)):
        left = count
        for session in range(row[at], close.shape[1]):
            if session > row[at] and not math.isnan(close[column[at], session]):
                left -= 1
            if left == 0:
                found[at] = session
                break


def true_range(high: Numbers, low: Numbers, close: Numbers, column: Integers, row: Integers) -> Numbers:
    """ATR(14) over the close, both as of the last own bar before each row, shape (K,); NaN with fewer than 15 bars.

    The true range of a bar is its range, widened to the close before. ATR is the plain mean of the last 14:
    Wilder's own smoothing never forgets, so that a depth would depend on where the data begin.

    Parameters
    ----------
    high, low, close : ndarray of float, shape (N, T)
        Prices.
    column, row : ndarray of int, shape (K,)
        Firm-events.
    """
    found = np.full(len(column), np.nan)
    _true_range(high, low, close, column, row, np.empty(ATR_BARS + 1, dtype=np.int64), found)
    return found


@compiled
def _true_range(
    high: Numbers,
    low: Numbers,
    close: Numbers,
    column: Integers,
    row: Integers,
    own: Integers,
    found: Numbers,
) -> None:
    for at in range(len(column)):
        if _own_before(close[column[at]], row[at], own) < len(own):
            continue
        highs, lows, closes = high[column[at]], low[column[at]], close[column[at]]
        total = 0.0
        for bar in range(len(own) - 1):
            now, before = own[bar], closes[own[bar + 1]]
            total += max(highs[now], before) - min(lows[now], before)
        found[at] = total / (len(own) - 1) / closes[own[0]]


def daily_volatility(close: Numbers, column: Integers, row: Integers) -> Numbers:
    """Standard deviation (n − 1) of the last 20 own simple returns before each row, shape (K,); NaN with fewer.

    Parameters
    ----------
    close : ndarray of float, shape (N, T)
        Prices.
    column, row : ndarray of int, shape (K,)
        Firm-events.
    """
    found = np.full(len(column), np.nan)
    own, returns = np.empty(VOLATILITY_RETURNS + 1, dtype=np.int64), np.empty(VOLATILITY_RETURNS)
    _daily_volatility(close, column, row, own, returns, found)
    return found


@compiled
def _daily_volatility(
    close: Numbers, column: Integers, row: Integers, own: Integers, returns: Numbers, found: Numbers
) -> None:
    count = len(returns)
    for at in range(len(column)):
        closes = close[column[at]]
        if _own_before(closes, row[at], own) < len(own):
            continue
        total, squares = 0.0, 0.0
        for bar in range(count):
            returns[bar] = closes[own[bar]] / closes[own[bar + 1]] - 1
            total += returns[bar]
        for bar in range(count):
            squares += (returns[bar] - total / count) ** 2
        found[at] = math.sqrt(squares / (count - 1))


@compiled
def _own_before(closes: Numbers, row: int, own: Integers) -> int:
    """Fill in the rows of the last own bars before a row, latest first; how many there are."""
    count, session = 0, row - 1
    while session >= 0 and count < len(own):
        if not math.isnan(closes[session]):
            own[count] = session
            count += 1
        session -= 1
    return count
