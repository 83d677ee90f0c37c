"""How much money a result would bear: break-even cost, days to build and to exit, capacity."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from strategies.arrays import Integers, Numbers
from strategies.book import ENTRY_OPEN, Fill
from strategies.result import Metric

if TYPE_CHECKING:
    import pandas as pd

    from strategies.tape import Tape

# Beyond a million times the money at the start, a capacity is no number that anyone could use.
MOST_SCALE = 1e6


def capacity_metrics(
    fills: Sequence[Fill], equity: pd.DataFrame, tape: Tape, cash: float, sessions: pd.DatetimeIndex
) -> dict[str, Metric]:
    """Numbers on size, in the order they are printed.

    Parameters
    ----------
    fills : sequence of Fill
        In order of time.
    equity : DataFrame of shape (S, 4)
        As `strategies.result.Backtest.equity`.
    tape : Tape
        Liquidity and costs.
    cash : float
        Money at the start.
    sessions : DatetimeIndex of shape (T,)
        Of the market.
    """
    return {
        "break_even_cost": break_even_cost(fills, equity),
        **_days(fills),
        "capacity": capacity(equity, _impact_paid(fills, tape), sessions, cash),
    }


def break_even_cost(fills: Sequence[Fill], equity: pd.DataFrame) -> Metric:
    """Cost of a fill, as a fraction of its value, that would leave nothing: gross profit over value traded."""
    convention = (
        "change of gross equity / value of all fills: what a fill could cost before the profit is gone"
    )
    traded = math.fsum(item.shares * item.price for item in fills)
    if not traded:
        return Metric(None, "fraction", convention, "no trade was made")
    profit = float(equity["gross"].iloc[-1] - equity["gross"].iloc[0])
    if profit <= 0:
        return Metric(None, "fraction", convention, "no gross profit that costs could use up")
    return Metric(profit / traded, "fraction", convention)


def _days(fills: Sequence[Fill]) -> dict[str, Metric]:
    """Sessions to build and to leave a position; a position that is rebalanced has neither."""
    weighed = any(item.reason == "rebalance" for item in fills)
    build, leave = ([], []) if weighed else _spans(fills)

    def reason(done: str) -> str:
        return f"target weights are rebalanced, not {done} once" if weighed else "no trade was made"

    return {
        "days_to_build": _longest(build, "entry", reason("built")),
        "days_to_exit": _longest(leave, "exit", reason("left")),
    }


def _spans(fills: Sequence[Fill]) -> tuple[list[int], list[int]]:
    """Fills it took to enter, and to leave, each position."""
    build, leave = [], []
    entered: dict[int, int] = {}
    left: dict[int, int] = {}
    for item in fills:
        if item.phase == ENTRY_OPEN:
            if left.get(item.symbol):
                build.append(entered.pop(item.symbol))
                leave.append(left.pop(item.symbol))
            entered[item.symbol] = entered.get(item.symbol, 0) + 1
        else:
            left[item.symbol] = left.get(item.symbol, 0) + 1
    return build + list(entered.values()), leave + list(left.values())


def _longest(spans: Sequence[int], kind: str, none: str) -> Metric:
    convention = f"most sessions with an {kind} that one position took, within the limit on participation"
    if not spans:
        return Metric(None, "sessions", convention, none)
    return Metric(float(max(spans)), "sessions", convention)


def _impact_paid(fills: Sequence[Fill], tape: Tape) -> Numbers:
    """Money lost to the impact of orders on each row, shape (T,)."""
    paid = np.zeros(len(tape.days))
    for item in fills:
        value = item.shares * item.reference
        spread = float(tape.half_spread[item.symbol, item.row])
        paid[item.row] += value * max(item.slip - spread, 0.0)
    return paid


def capacity(equity: pd.DataFrame, impact: Numbers, sessions: pd.DatetimeIndex, cash: float) -> Metric:
    """Money at the start at which the Sharpe ratio is half of what it is with next to none.

    Parameters
    ----------
    equity : DataFrame of shape (S, 4)
        With ``net``.
    impact : ndarray of shape (T,)
        Money lost to impact on each row.
    sessions : DatetimeIndex of shape (T,)
        Of `impact`.
    cash : float
        Money at the start.

    Notes
    -----
    The same orders, `k` times as large, pay √k times the impact for each unit of value; spread, fee and what
    participation would leave unfilled are as they were.
    """
    convention = (
        "money at which the Sharpe ratio is half of that without impact; impact grows with the root of size"
    )
    net = equity["net"].to_numpy()
    if not impact.any():
        return Metric(None, "currency", convention, "slippage does not depend on size")
    lost = _on_sessions(impact, sessions, equity)[1:] / net[:-1]
    returns = net[1:] / net[:-1] - 1
    free = _ratio(returns + lost)
    if not free > 0:
        return Metric(None, "currency", convention, "no Sharpe ratio above zero that size could halve")
    scale = _halving(returns, lost, free)
    if scale is None:
        return Metric(None, "currency", convention, f"above {MOST_SCALE:,.0f} times the money at the start")
    return Metric(scale * cash, "currency", convention)


def _on_sessions(paid: Numbers, sessions: pd.DatetimeIndex, equity: pd.DataFrame) -> Numbers:
    """Sums of rows up to and with each session of the reference exchange, shape (S,)."""
    at: Integers = sessions.get_indexer(equity.index).astype(np.int64)
    return np.diff(np.r_[0.0, paid.cumsum()[at]])


def _ratio(returns: Numbers) -> float:
    deviation = float(returns.std(ddof=1)) if len(returns) > 1 else 0.0
    return float(returns.mean()) / deviation if deviation > 1e-12 else 0.0


def _halving(returns: Numbers, lost: Numbers, free: float) -> float | None:
    """Scale at which the ratio is half of `free`, by bisection of its logarithm."""

    def above(scale: float) -> bool:
        return _ratio(returns + lost * (1 - math.sqrt(scale))) > free / 2

    low, high = 1e-12, MOST_SCALE
    if above(high):
        return None
    for _ in range(80):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if above(middle) else (low, middle)
    return math.sqrt(low * high)
