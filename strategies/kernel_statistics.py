"""Measures of one set from its books, compiled: `strategies/metrics.py` as arrays."""

from __future__ import annotations

import math

from strategies.arrays import Integers, Numbers
from strategies.kernel_cache import inlined
from strategies.kernel_records import Ledger
from strategies.metrics import SESSIONS_PER_YEAR

MEASURES = (
    "trades", "closed", "win_rate", "mean_trade", "sd_trade", "episodes", "mean_episode", "sd_episode", "total_return",
    "cagr", "volatility", "sharpe", "max_drawdown", "mean_exposure", "turnover", "costs_paid",
)  # fmt: skip
DAYS_PER_YEAR, LEAST_DAYS = 365.25, 365
LEAST_DEVIATION = 1e-12


@inlined
def mean_and_deviation(values: Numbers, count: int) -> tuple[float, float]:
    """Mean and standard deviation (n − 1) of the first `count` values; NaN where there are too few."""
    if count == 0:
        return math.nan, math.nan
    total = 0.0
    for at in range(count):
        total += values[at]
    mean, squares = total / count, 0.0
    for at in range(count):
        squares += (values[at] - mean) ** 2
    return mean, math.sqrt(squares / (count - 1)) if count > 1 else math.nan


@inlined
def measure_trades(book: Ledger, skipped: int, out: Numbers) -> None:
    """Measures of trades and of episodes into the first eight places; event `skipped` is none."""
    state, wins = book.state[0], 0
    for at in range(state.closed):
        wins += book.returns[at] > 0
    out[0], out[1] = state.trades, state.closed
    out[2] = wins / state.closed if state.closed > 0 else math.nan
    out[3], out[4] = mean_and_deviation(book.returns, state.closed)
    episodes = 0
    for event in range(len(book.event_sum)):
        if book.event_count[event] > 0 and event != skipped:
            book.event_sum[episodes] = book.event_sum[event] / book.event_count[event]
            episodes += 1
    out[5] = episodes
    out[6], out[7] = mean_and_deviation(book.event_sum, episodes)


@inlined
def measure_equity(book: Ledger, reference: Integers, days: Integers, out: Numbers) -> None:
    """Measures of equity on the rows of the reference exchange into the places from the ninth on."""
    state, count = book.state[0], len(reference)
    out[8:15] = math.nan
    out[15] = state.costs
    if count == 0:
        return
    growth = book.equity[reference[-1]] / book.equity[reference[0]]
    length = days[reference[-1]] - days[reference[0]]
    out[8] = growth - 1
    if length >= LEAST_DAYS and growth > 0:
        out[9] = growth ** (DAYS_PER_YEAR / length) - 1
    out[12], out[13], mean = fall_exposure_and_mean(book, reference)
    out[14] = state.traded / mean / (count / SESSIONS_PER_YEAR) / 2
    put_returns_over_exposure(book, reference)
    mean, deviation = mean_and_deviation(book.exposure, count - 1)
    out[10] = deviation * math.sqrt(SESSIONS_PER_YEAR)
    if deviation >= LEAST_DEVIATION and state.trades > 0:
        out[11] = mean / deviation * math.sqrt(SESSIONS_PER_YEAR)


@inlined
def fall_exposure_and_mean(book: Ledger, reference: Integers) -> tuple[float, float, float]:
    """Largest fall of equity, mean share of it in positions, mean of it."""
    peak, fall, exposure, total = -math.inf, 0.0, 0.0, 0.0
    for row in reference:
        equity = book.equity[row]
        peak = max(peak, equity)
        fall = min(fall, equity / peak - 1)
        if equity > 0:
            exposure += book.exposure[row] / equity
        total += equity
    return fall, exposure / len(reference), total / len(reference)


@inlined
def put_returns_over_exposure(book: Ledger, reference: Integers) -> None:
    """Write session returns over the exposures, which are not needed any more; NaN after nothing was left."""
    before = book.equity[reference[0]]
    for at in range(1, len(reference)):
        equity = book.equity[reference[at]]
        book.exposure[at - 1] = equity / before - 1 if before > 0 else math.nan
        before = equity


@inlined
def clear(book: Ledger, cash: float) -> None:
    """Begin a set with nothing but cash; what belongs to an open goes by its number, which goes on."""
    state = book.state[0]
    for place in range(state.held):
        book.positions[book.held[place]].shares = 0.0
        book.positions[book.held[place]].lacks = 0.0
    state.held = state.builds = state.next = state.fills = state.trades = state.closed = 0
    state.cash, state.traded, state.costs = cash, 0.0, 0.0
    book.event_sum[:] = 0.0
    book.event_count[:] = 0.0
