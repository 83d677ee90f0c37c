"""Sessions on which a book is set anew, each known on the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from strategies.arrays import Integers

PERIODS = ("month", "quarter")
_MONTHS = {"month": 1, "quarter": 3}


def month_starts(sessions: pd.DatetimeIndex) -> Integers:
    """Rows of the first session of each month, the first row of all included.

    A month's last session is not known on the day; its first is.
    """
    return starts(sessions, "month")


def starts(sessions: pd.DatetimeIndex, every: str) -> Integers:
    """Rows of the first session of each period, the first row of all included.

    Parameters
    ----------
    sessions : DatetimeIndex of shape (T,)
        Session labels.
    every : {"month", "quarter"}
        The period; quarters begin with January, April, July and October.
    """
    import numpy as np

    months = sessions.to_numpy().astype("datetime64[M]").astype(np.int64)
    # Counted from January 1970, so that whole quarters begin where a calendar's do.
    period = months // _MONTHS[every]
    return np.flatnonzero(np.r_[True, period[1:] != period[:-1]])
