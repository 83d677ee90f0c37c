"""How much of the book was at work: positions by session, turnover by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def positions(trades: pd.DataFrame, sessions: pd.DatetimeIndex) -> np.ndarray:
    """Positions held at the close of each session, shape (S,).

    Parameters
    ----------
    trades : DataFrame
        Columns ``entry_session exit_session status``: a trade is held from its entry to before its exit; an open one to
        the last session.
    sessions : DatetimeIndex of shape (S,)
        In order.
    """
    change = np.zeros(len(sessions) + 1, dtype=np.int64)
    begins = sessions.searchsorted(trades["entry_session"].to_numpy())
    exits = trades["exit_session"].where(trades["status"] != "open", sessions[-1] + np.timedelta64(1, "D"))
    np.add.at(change, begins, 1)
    np.add.at(change, sessions.searchsorted(exits.to_numpy()), -1)
    return np.cumsum(change)[:-1]


def turnover_by_year(orders: pd.DataFrame, equity: pd.Series) -> dict[int, float | None]:
    """Value of the fills of each year over twice its mean equity: 1 is the whole book bought and sold once.

    Parameters
    ----------
    orders : DataFrame
        Columns ``session value``.
    equity : Series of shape (S,)
        Net, by session; years without a fill are zero, None where nothing was left.
    """
    import pandas as pd

    means = equity.groupby(pd.DatetimeIndex(equity.index).year).mean()
    years = pd.DatetimeIndex(orders["session"]).year
    value = orders["value"].astype(float).groupby(np.asarray(years)).sum()
    return {
        int(str(year)): float(value.get(year, 0.0) / mean / 2) if mean > 0 else None
        for year, mean in means.items()
    }
