"""Returns by month and by year: blank where there is no data, flagged where a year is not whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from strategies.metrics import session_days

if TYPE_CHECKING:
    import pandas as pd

# A year is whole when it holds sessions this near to both of its ends: exchanges close for some days there.
FIRST_DAY, LAST_DAY = (1, 10), (12, 21)


@dataclass(frozen=True, slots=True)
class Year:
    """Returns within one calendar year.

    Parameters
    ----------
    year : int
        Which.
    months : mapping of int to float
        Return of each month that has a session with a session before it, as a fraction; others are not there.
    total : float or None
        Return of the sessions of the year; None where there is only the first session of all.
    whole : bool
        Whether the sessions reach from the start of the year to its end.
    """

    year: int
    months: Mapping[int, float]
    total: float | None
    whole: bool


def calendar_returns(wealth: pd.Series) -> tuple[Year, ...]:
    """Years in order; each month and year is counted from the last value before it.

    Parameters
    ----------
    wealth : Series of shape (S,)
        Rows in any order. A missing value is passed over, of a date given twice the last one counts. The
        first value is the start: its month and year count from there.

    Returns
    -------
    tuple of Year
        One for each year with a value. A span that begins with nothing left has no return.
    """
    wealth = wealth.dropna().sort_index(kind="stable")
    if wealth.empty:
        return ()
    months = _since_before(wealth, "M")
    years = _since_before(wealth, "Y")
    found = []
    for year in sorted({stamp.year for stamp in wealth.index}):
        own = {key.month: value for key, value in months.items() if key.year == year}
        total = next((value for key, value in years.items() if key.year == year), None)
        found.append(Year(year, own, total, _whole(wealth, year)))
    return tuple(found)


def _since_before(wealth: pd.Series, span: str) -> dict[pd.Period, float]:
    """Return of each span with a session that has one before it."""
    import pandas as pd

    periods = pd.PeriodIndex(session_days(wealth.index), freq=span)
    last = wealth.groupby(periods).last()
    before = last.shift(1)
    before.iloc[0] = wealth.iloc[0]
    known = before > 0
    if (periods == periods[0]).sum() == 1:
        known.iloc[0] = False
    found = (last / before - 1)[known]
    return dict(zip(pd.PeriodIndex(found.index), found.to_numpy(dtype=float).tolist(), strict=True))


def _whole(wealth: pd.Series, year: int) -> bool:
    days = [stamp for stamp in wealth.index if stamp.year == year]
    first, last = days[0], days[-1]
    return (first.month, first.day) <= FIRST_DAY and (last.month, last.day) >= LAST_DAY
