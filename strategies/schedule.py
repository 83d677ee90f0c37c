"""Sessions on which a book is set anew, each known on the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def month_starts(sessions: pd.DatetimeIndex) -> np.ndarray:
    """Rows of the first session of each month, the first row of all included.

    A month's last session is not known on the day; its first is.
    """
    import numpy as np

    months = sessions.to_numpy().astype("datetime64[M]")
    return np.flatnonzero(np.r_[True, months[1:] != months[:-1]])
