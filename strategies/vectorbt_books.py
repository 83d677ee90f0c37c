"""Fills → a `vectorbt.Portfolio` that keeps cash, shares and value; the only importer of vectorbt.

vectorbt decides nothing here: every order has its size and price; what it does not book as written is an error.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from strategies.book import IN_SESSION, Fill

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pandas as pd

    from universes.panel import Market

# Rows of the books in one session, one a phase of `strategies.book`.
PHASES = 3
# vectorbt refuses a price of zero; a worthless share is sold for less than any rounding.
LEAST_PRICE = 1e-12
# vectorbt's cash differs from the book's by the rounding of every order before; an order for the last of it is then cut
# by so much. As a share of the money at the start.
MOST_CUT = 1e-9


@dataclass(frozen=True, eq=False)
class Books:
    """What vectorbt holds after the last order.

    Parameters
    ----------
    portfolio : vectorbt.Portfolio
        Three rows a session (exits at the open, entries at the open, the rest), one column a symbol that was traded
        (or the first symbol when none was), one cash account.
    value : ndarray of shape (T,)
        Equity after each session, in currency.
    invested : ndarray of shape (T,)
        Share of equity in positions after each session, long and short added.
    marks : DataFrame of shape (T, N)
        As `session_marks` gives.
    """

    portfolio: Any
    value: np.ndarray
    invested: np.ndarray
    marks: pd.DataFrame


def keep_books(fills: Sequence[Fill], market: Market, cash: float) -> Books:
    """Books of a list of fills.

    Parameters
    ----------
    fills : sequence of Fill
        In order of time; at most one a symbol and phase.
    market : Market
        Prices, for marks.
    cash : float
        Money at the start.

    Raises
    ------
    RuntimeError
        If vectorbt books a fill otherwise than as written: a fault of Lodestone.
    """
    import numpy as np

    vbt = _vectorbt()
    # Of 365 days by default, which makes every Sharpe ratio of `portfolio` a fifth too high.
    vbt.settings["returns"]["year_freq"] = "252 days"
    columns = sorted({fill.symbol for fill in fills}) or [0]
    at = {symbol: column for column, symbol in enumerate(columns)}
    rows = PHASES * len(market.sessions)
    sizes, prices = np.full((rows, len(columns)), np.nan), np.full((rows, len(columns)), np.nan)
    fees, slippage, borrow = (np.zeros(sizes.shape) for _ in range(3))
    for fill in fills:
        place = PHASES * fill.row + fill.phase, at[fill.symbol]
        sizes[place] = fill.shares if fill.buy else -fill.shares
        prices[place] = max(fill.reference, LEAST_PRICE)
        fees[place], slippage[place], borrow[place] = fill.fee, fill.slip, fill.borrow
    phases = phase_marks(market)
    marks = phases.iloc[:, columns]
    portfolio = vbt.Portfolio.from_orders(
        close=marks,
        size=sizes,
        price=np.where(np.isnan(prices), marks.to_numpy(), prices),
        fees=fees,
        fixed_fees=borrow,
        slippage=slippage,
        size_type="amount",
        direction="both",
        init_cash=cash,
        cash_sharing=True,
        group_by=True,
        freq="8h",
        # vectorbt-rust differs from numba by some 6e-14, so that bytes would depend on what is installed.
        engine="numba",
    )
    check_booked(
        portfolio.orders.values,
        {(PHASES * fill.row + fill.phase, at[fill.symbol]): fill for fill in fills},
        cash,
    )
    value = portfolio.value().to_numpy()[IN_SESSION::PHASES]
    held = portfolio.asset_value(group_by=False).abs().sum(axis=1).to_numpy()[IN_SESSION::PHASES]
    invested = np.divide(held, value, out=np.zeros_like(held), where=value > 0)
    return Books(portfolio, value, invested, _on_sessions(phases, market))


def _vectorbt() -> Any:
    """vectorbt, without quantstats, which it imports where it can: a fifth of its start, and for `portfolio.qs` alone.

    That imports it when it is used.
    """
    absent = "quantstats" not in sys.modules
    if absent:
        sys.modules["quantstats"] = None  # type: ignore[assignment]
    try:
        import vectorbt
    finally:
        if absent:
            del sys.modules["quantstats"]
    return vectorbt


def phase_marks(market: Market) -> pd.DataFrame:
    """What a share is worth in each phase of each session, shape (3T, N).

    A missing bar keeps the last mark, a ceased symbol its terminal value; before its first bar a symbol
    stands at its first open, where no one can hold it.
    """
    import numpy as np
    import pandas as pd

    from strategies.tape import terminal_values

    count, end, terminal = len(market.sessions), market.lives["end"].to_numpy(), terminal_values(market)
    marks = np.repeat(market.bars["open"].to_numpy(), PHASES, axis=0)
    marks[IN_SESSION::PHASES] = market.bars["close"].to_numpy()
    for symbol in np.flatnonzero(end >= 0):
        marks[PHASES * end[symbol] :, symbol] = max(terminal[symbol], LEAST_PRICE)
    hours = pd.to_timedelta(np.tile(np.arange(PHASES) * 8, count), unit="h")
    index = pd.DatetimeIndex(np.repeat(market.sessions.to_numpy(), PHASES)) + hours
    return pd.DataFrame(marks, index=index, columns=list(market.symbols)).ffill().bfill()


def session_marks(market: Market) -> pd.DataFrame:
    """Last close, or terminal value, after each session; NaN before the first bar, shape (T, N)."""
    return _on_sessions(phase_marks(market), market)


def _on_sessions(phases: pd.DataFrame, market: Market) -> pd.DataFrame:
    started = market.close.notna().cummax()
    return phases.iloc[IN_SESSION::PHASES].set_axis(market.sessions).where(started)


def check_booked(orders: np.ndarray, fills: Mapping[tuple[int, int], Fill], cash: float) -> None:
    """Refuse books that are not the fills as written.

    Parameters
    ----------
    orders : ndarray
        Order records of vectorbt: ``idx col size price`` among their fields.
    fills : mapping of (row, column) to Fill
        What was written, by place in the books.
    cash : float
        Money at the start.

    Raises
    ------
    RuntimeError
        If an order is missing, or differs by more than a billionth of the money at the start.
    """
    if len(orders) != len(fills):
        raise RuntimeError(f"vectorbt booked {len(orders)} orders where {len(fills)} were written")
    for order in orders:
        fill = fills.get((int(order["idx"]), int(order["col"])))
        lacking = (
            math.inf if fill is None else abs(float(order["size"]) - fill.shares) * float(order["price"])
        )
        if lacking > MOST_CUT * cash:
            raise RuntimeError(f"vectorbt booked {order} where {fill} was written")
