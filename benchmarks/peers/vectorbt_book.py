"""vectorbt holding the shared book: slots, most positions, priority, timed exits, stops, targets and flat costs.

vectorbt has none of these by name; its flexible order function lets a user write them. This is that function.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pandas as pd
import vectorbt as vbt
from vectorbt.portfolio.enums import NoOrder, SizeType
from vectorbt.portfolio.nb import order_nb

Numbers = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# Typed as what it decorates.
njit: Any = numba.njit
EXITS, ENTRIES, REST = 0, 1, 2
PHASE, CURSOR, HELD, QUEUED = range(4)


@dataclass(frozen=True, eq=False)
class Terms:
    """Rules of the book, as plain numbers.

    Parameters
    ----------
    cash, fee, slip : float
        Money at the start; fractions of what is traded and of the price.
    slots, most : int
        Parts of equity; how many symbols may be held.
    cap : float
        Largest part of equity in one mineral when it is entered.
    hold : int
        Sessions.
    stop, take_profit : float
        Fractions of the entry price.
    """

    cash: float
    fee: float
    slip: float
    slots: int
    most: int
    cap: float
    hold: int
    stop: float
    take_profit: float


def hold_book(bars: list[Any], first: Integers, columns: Integers, minerals: Integers, terms: Terms) -> Any:
    """A portfolio that holds the book.

    Parameters
    ----------
    bars : list of DataFrame
        Open, high, low and close, each of shape (T, N), with a bar on every session.
    first : ndarray of int, shape (T + 1,)
        Where in `columns` the orders of each session's open begin.
    columns : ndarray of int, shape (M,)
        Symbols to buy, most wanted first within a session.
    minerals : ndarray of int, shape (N,)
        Mineral of each symbol.
    terms : Terms
        Rules.
    """
    count = bars[3].shape[1]
    state, held, queue = np.zeros(4, dtype=np.int64), np.zeros(count, np.int64), np.zeros(count, np.int64)
    entered, paid, wanted = np.zeros(count, np.int64), np.zeros(count), np.zeros(count)
    open_, high, low, _ = (frame.to_numpy() for frame in bars)
    rules = (
        terms.fee,
        terms.slip,
        terms.slots,
        terms.most,
        terms.cap,
        terms.hold,
        terms.stop,
        terms.take_profit,
    )
    return vbt.Portfolio.from_order_func(
        bars[3], _order, state, held, queue, entered, paid, wanted, open_, high, low, first, columns, minerals, *rules,
        flexible=True, pre_segment_func_nb=_begin, pre_segment_args=(state,), group_by=True, cash_sharing=True,
        init_cash=terms.cash, freq="1D", max_orders=len(columns) * 2 + 2,
    )  # fmt: skip


def measures(portfolio: Any) -> tuple[float, ...]:
    """Equity after each session, Sharpe ratio and deepest fall, by vectorbt's own methods; then those of its trades."""
    value = portfolio.value()
    records = portfolio.trades.values
    returns = records["return"]
    return (
        float(value.iloc[-1]), float(portfolio.sharpe_ratio(year_freq="252 days")), float(portfolio.max_drawdown()),
        len(records), float((records["pnl"] > 0).mean()), float(returns.mean()), float(returns.std(ddof=1)),
    )  # fmt: skip


def least_measures(portfolio: Any) -> tuple[float, ...]:
    """The quickest way to daily equity, Sharpe ratio and deepest fall: the value once, the rest by numpy."""
    value = portfolio.value().to_numpy()
    returns = value[1:] / value[:-1] - 1
    fall = (value / np.maximum.accumulate(value) - 1).min()
    return float(value[-1]), float(returns.mean() / returns.std(ddof=1) * np.sqrt(252)), float(fall)


def frames(bars: Numbers, sessions: Any) -> list[Any]:
    """Open, high, low and close of an array of shape (4, N, T), in frames that share contiguous memory."""
    index = pd.DatetimeIndex(sessions)
    return [pd.DataFrame(np.ascontiguousarray(item.T), index=index, copy=False) for item in bars[:4]]


@njit  # type: ignore[untyped-decorator]
def _begin(_: Any, state: Integers) -> tuple[()]:
    state[PHASE], state[CURSOR] = EXITS, 0
    return ()


@njit  # type: ignore[untyped-decorator]
def _order(  # noqa: C901
    c: Any, state: Integers, held: Integers, queue: Integers, entered: Integers, paid: Numbers, wanted: Numbers,
    open_: Numbers, high: Numbers, low: Numbers, first: Integers, columns: Integers,
    minerals: Integers, fee: float, slip: float, slots: int, most: int, cap: float, hold: int, stop: float, take: float,
) -> tuple[int, Any]:  # fmt: skip
    row = c.i
    if state[PHASE] == EXITS:
        # From the end, so that taking one out does not move those that are still to come.
        while state[CURSOR] < state[HELD]:
            place = state[HELD] - 1 - state[CURSOR]
            column = held[place]
            at = open_[row, column]
            if (
                row - entered[column] >= hold
                or at <= paid[column] * (1 - stop)
                or at >= paid[column] * (1 + take)
            ):
                _drop(state, held, place)
                return column, order_nb(
                    -c.last_position[column], at, SizeType.Amount, fees=fee, slippage=slip
                )
            state[CURSOR] += 1
        _queue(c, state, held, queue, wanted, open_, first, columns, minerals, fee, slots, most, cap)
        state[PHASE], state[CURSOR] = ENTRIES, 0
    if state[PHASE] == ENTRIES:
        if state[CURSOR] < state[QUEUED]:
            column = queue[state[CURSOR]]
            at = open_[row, column]
            state[CURSOR] += 1
            held[state[HELD]], entered[column], paid[column] = column, row, at * (1 + slip)
            state[HELD] += 1
            return column, order_nb(
                wanted[column] / paid[column], at, SizeType.Amount, fees=fee, slippage=slip
            )
        state[PHASE], state[CURSOR] = REST, 0
    while state[CURSOR] < state[HELD]:
        place = state[HELD] - 1 - state[CURSOR]
        column = held[place]
        level, target = paid[column] * (1 - stop), paid[column] * (1 + take)
        at = np.nan
        if low[row, column] <= level:
            at = min(level, open_[row, column])
        elif high[row, column] >= target:
            at = max(target, open_[row, column])
        if not np.isnan(at):
            _drop(state, held, place)
            return column, order_nb(-c.last_position[column], at, SizeType.Amount, fees=fee, slippage=slip)
        state[CURSOR] += 1
    return -1, NoOrder


@njit  # type: ignore[untyped-decorator]
def _drop(state: Integers, held: Integers, place: int) -> None:
    state[HELD] -= 1
    for at in range(place, state[HELD]):
        held[at] = held[at + 1]


@njit  # type: ignore[untyped-decorator]
def _queue(  # noqa: C901, PLR0912
    c: Any, state: Integers, held: Integers, queue: Integers, wanted: Numbers, open_: Numbers, first: Integers,
    columns: Integers, minerals: Integers, fee: float, slots: int, most: int, cap: float,
) -> None:  # fmt: skip
    """Choose who is bought at this open, and for how much."""
    row, cash = c.i, c.last_cash[0]
    state[QUEUED] = 0
    if first[row] == first[row + 1]:
        return
    equity = cash
    for at in range(state[HELD]):
        equity += c.last_position[held[at]] * open_[row, held[at]]
    for number in range(first[row], first[row + 1]):
        column, taken = columns[number], False
        for at in range(state[HELD]):
            taken |= held[at] == column
        for at in range(state[QUEUED]):
            taken |= queue[at] == column
        if taken or state[HELD] + state[QUEUED] >= most:
            continue
        room = cap * equity
        for at in range(state[HELD]):
            if minerals[held[at]] == minerals[column]:
                room -= c.last_position[held[at]] * open_[row, held[at]]
        for at in range(state[QUEUED]):
            if minerals[queue[at]] == minerals[column]:
                room -= wanted[queue[at]]
        value = min(equity / slots, max(room, 0.0))
        if value >= 0.1 * equity / slots:
            queue[state[QUEUED]], wanted[column] = column, value
            state[QUEUED] += 1
    needed = 0.0
    for at in range(state[QUEUED]):
        needed += wanted[queue[at]] * (1 + fee)
    factor = 1.0 if needed <= cash else cash / needed * (1 - 1e-12)
    if factor < 0.1:
        state[QUEUED] = 0
    for at in range(state[QUEUED]):
        wanted[queue[at]] *= factor
