"""Fills → a `vectorbt.Portfolio` that keeps cash, shares and value; the only importer of vectorbt.

vectorbt decides nothing here: every order has its size and price; what it does not book as written is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from strategies.book import SESSION, Fill

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd

    from strategies.costs import Costs
    from universes.panel import Market

# vectorbt refuses a price of zero; a worthless share is sold for less than any rounding.
LEAST_PRICE = 1e-12


@dataclass(frozen=True, eq=False)
class Books:
    """What vectorbt holds after the last order.

    Parameters
    ----------
    portfolio : vectorbt.Portfolio
        Two rows a session, one column a symbol that was traded (or the first symbol when none was), one cash account.
    value : ndarray of shape (T,)
        Equity after each session, in currency.
    invested : ndarray of shape (T,)
        Share of equity in positions after each session.
    """

    portfolio: Any
    value: np.ndarray
    invested: np.ndarray


def keep_books(fills: Sequence[Fill], market: Market, costs: Costs, cash: float) -> Books:
    """Books of a list of fills.

    Parameters
    ----------
    fills : sequence of Fill
        In order of time; at most one a symbol and phase.
    market : Market
        Prices, for marks.
    costs : Costs
        Fee and slippage, which vectorbt takes.
    cash : float
        Money at the start.

    Raises
    ------
    RuntimeError
        If vectorbt books a fill otherwise than as written: a fault of Lodestone.
    """
    import numpy as np
    import vectorbt as vbt

    # Of 365 days by default, which makes every Sharpe ratio of `portfolio` a fifth too high.
    vbt.settings["returns"]["year_freq"] = "252 days"
    columns = sorted({fill.symbol for fill in fills}) or [0]
    at = {symbol: column for column, symbol in enumerate(columns)}
    rows = 2 * len(market.sessions)
    sizes, prices = np.full((rows, len(columns)), np.nan), np.full((rows, len(columns)), np.nan)
    fees, slippage = np.zeros(sizes.shape), np.zeros(sizes.shape)
    for fill in fills:
        place = 2 * fill.row + (fill.phase == SESSION), at[fill.symbol]
        sizes[place] = fill.shares if fill.buy else -fill.shares
        prices[place] = max(fill.reference, LEAST_PRICE)
        if fill.costs:
            fees[place], slippage[place] = costs.fee_bps / 1e4, costs.slippage_bps / 1e4
    marks = phase_marks(market).iloc[:, columns]
    portfolio = vbt.Portfolio.from_orders(
        close=marks,
        size=sizes,
        price=np.where(np.isnan(prices), marks.to_numpy(), prices),
        fees=fees,
        slippage=slippage,
        size_type="amount",
        direction="longonly",
        init_cash=cash,
        cash_sharing=True,
        group_by=True,
        call_seq="auto",
        freq="12h",
        # vectorbt-rust differs from numba by some 6e-14, so that bytes would depend on what is installed.
        engine="numba",
    )
    _check(portfolio, fills)
    value = portfolio.value().to_numpy()[1::2]
    held = portfolio.asset_value(group_by=True).to_numpy()[1::2]
    return Books(portfolio, value, np.divide(held, value, out=np.zeros_like(held), where=value > 0))


def phase_marks(market: Market) -> pd.DataFrame:
    """What a share is worth after each open and after each session, shape (2T, N).

    A missing bar keeps the last mark, a ceased symbol its terminal value; before its first bar a symbol
    stands at its first open, where no one can hold it.
    """
    import numpy as np
    import pandas as pd

    from strategies.book import Tape

    tape = Tape.of(market)
    both = np.empty((2 * len(market.sessions), len(market.symbols)))
    both[0::2], both[1::2] = tape.open, tape.close
    for symbol in np.flatnonzero(tape.end >= 0):
        both[2 * tape.end[symbol] :, symbol] = max(tape.terminal[symbol], LEAST_PRICE)
    index = pd.DatetimeIndex(np.repeat(market.sessions.to_numpy(), 2)) + pd.to_timedelta(
        np.tile([0, 12], len(market.sessions)), unit="h"
    )
    return pd.DataFrame(both, index=index, columns=list(market.symbols)).ffill().bfill()


def session_marks(market: Market) -> pd.DataFrame:
    """Last close, or terminal value, after each session; NaN before the first bar, shape (T, N)."""
    marks = phase_marks(market).iloc[1::2].set_axis(market.sessions)
    started = market.close.notna().cummax()
    return marks.where(started)


def _check(portfolio: Any, fills: Sequence[Fill]) -> None:
    import numpy as np

    booked = np.sort(portfolio.orders.values["size"])
    written = np.sort(np.array([fill.shares for fill in fills]))
    if len(booked) != len(written) or not np.allclose(booked, written, rtol=1e-9, atol=0):
        raise RuntimeError(f"vectorbt booked {len(booked)} orders where {len(written)} were written")
