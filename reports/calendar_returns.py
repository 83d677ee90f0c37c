"""Returns by month and by year: blank where there is no data, flagged where a year is not whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
        Above zero, one value a session, in order of time. The first value is the start: its month and year count
        from there.
    """
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

    periods = pd.PeriodIndex(wealth.index, freq=span)
    last = wealth.groupby(periods).last()
    before = last.shift(1)
    before.iloc[0] = wealth.iloc[0]
    found = last / before - 1
    if (periods == periods[0]).sum() == 1:
        found = found.iloc[1:]
    return dict(zip(pd.PeriodIndex(found.index), found.to_numpy(dtype=float).tolist(), strict=True))


def _whole(wealth: pd.Series, year: int) -> bool:
    days = [stamp for stamp in wealth.index if stamp.year == year]
    first, last = days[0], days[-1]
    return (first.month, first.day) <= FIRST_DAY and (last.month, last.day) >= LAST_DAY
