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
# Shares that a closed position seems to leave, as a share of all that were traded before.
ROUNDING = 1e-12


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
    sizes = np.full((rows, len(columns)), np.nan)
    marks = phase_marks(market, columns)
    prices = marks.to_numpy().copy()
    for fill in fills:
        place = PHASES * fill.row + fill.phase, at[fill.symbol]
        sizes[place] = fill.shares if fill.buy else -fill.shares
        prices[place] = max(fill.reference, LEAST_PRICE)
    places = [(PHASES * fill.row + fill.phase, at[fill.symbol]) for fill in fills]
    portfolio = vbt.Portfolio.from_orders(
        close=marks,
        size=sizes,
        price=prices,
        fees=_placed([fill.fee for fill in fills], places, sizes.shape),
        fixed_fees=_placed([fill.borrow for fill in fills], places, sizes.shape),
        slippage=_placed([fill.slip for fill in fills], places, sizes.shape),
        size_type="amount",
        direction="both",
        init_cash=cash,
        cash_sharing=True,
        group_by=True,
        freq="8h",
        # vectorbt-rust differs from numba by some 6e-14, so that bytes would depend on what is installed.
        engine="numba",
    )
    orders = portfolio.orders.values
    check_booked(orders, dict(zip(places, fills, strict=True)), cash)
    worth = _shares(orders, len(market.sessions), len(columns)) * marks.to_numpy()[IN_SESSION::PHASES]
    value = portfolio.cash().to_numpy()[IN_SESSION::PHASES] + worth.sum(axis=1)
    held = np.abs(worth).sum(axis=1)
    invested = np.divide(held, value, out=np.zeros_like(held), where=value > 0)
    return Books(portfolio, value, invested, session_marks(market))


def _placed(values: Sequence[float], places: Sequence[tuple[int, int]], shape: tuple[int, int]) -> Any:
    """What each order has, at its place; one number where all have the same, which is quicker to book."""
    import numpy as np

    if len(set(values)) <= 1:
        return values[0] if values else 0.0
    table = np.zeros(shape)
    table[tuple(np.array(places).T)] = values
    return table


def _shares(orders: np.ndarray, sessions: int, columns: int) -> np.ndarray:
    """Shares held after each session, shape (T, columns), summed from the orders that were booked."""
    import numpy as np

    # Of its two sides, vectorbt calls a purchase 0.
    size = np.where(orders["side"] == 0, orders["size"], -orders["size"])
    cell = orders["idx"] // PHASES * columns + orders["col"]
    held, turned = (
        np.bincount(cell, weights=part, minlength=sessions * columns)
        .reshape(sessions, columns)
        .cumsum(axis=0)
        for part in (size, np.abs(size))
    )
    # What rounding leaves of a position that was closed is none.
    return np.where(np.abs(held) <= ROUNDING * turned, 0.0, held)


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


def phase_marks(market: Market, columns: Sequence[int]) -> pd.DataFrame:
    """What a share is worth in each phase of each session, of some symbols, shape (3T, columns).

    A missing bar keeps the last mark, a ceased symbol its terminal value; before its first bar a symbol
    stands at its first open, where no one can hold it.
    """
    import numpy as np
    import pandas as pd

    count, chosen = len(market.sessions), list(columns)
    after = _after_sessions(market)[:, chosen]
    before = np.vstack([np.full((1, len(chosen)), np.nan), after[:-1]])
    opens = market.bars["open"].to_numpy()[:, chosen]
    end = market.lives["end"].to_numpy()[chosen]
    ended = (end >= 0) & (np.arange(count)[:, None] >= end)
    # The session of the payout is worth it from its open on.
    at_open = np.where(ended, after, np.where(np.isnan(opens), before, opens))
    marks = np.stack([at_open, at_open, after], axis=1).reshape(PHASES * count, -1)
    first = np.isfinite(marks).argmax(axis=0)
    marks = np.where(np.arange(len(marks))[:, None] < first, marks[first, np.arange(len(chosen))], marks)
    hours = pd.to_timedelta(np.tile(np.arange(PHASES) * 8, count), unit="h")
    index = pd.DatetimeIndex(np.repeat(market.sessions.to_numpy(), PHASES)) + hours
    return pd.DataFrame(marks, index=index, columns=[market.symbols[at] for at in chosen], copy=False)


def session_marks(market: Market) -> pd.DataFrame:
    """Last close, or terminal value, after each session; NaN before the first bar, shape (T, N)."""
    import pandas as pd

    marks = _after_sessions(market)
    return pd.DataFrame(marks, index=market.sessions, columns=list(market.symbols), copy=False)


def _after_sessions(market: Market) -> np.ndarray:
    import numpy as np

    from strategies.tape import terminal_values

    opens, closes = (market.bars[name].to_numpy() for name in ("open", "close"))
    marks = np.where(np.isnan(closes), opens, closes)
    known = np.where(np.isnan(marks), 0, np.arange(len(marks))[:, None])
    marks = np.take_along_axis(marks, np.maximum.accumulate(known, axis=0), axis=0)
    end, terminal = market.lives["end"].to_numpy(), terminal_values(market)
    for symbol in np.flatnonzero(end >= 0):
        marks[end[symbol] :, symbol] = max(terminal[symbol], LEAST_PRICE)
    return marks


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
