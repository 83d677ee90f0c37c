"""Sessions of the exchanges; the only importer of `exchange_calendars`."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from universes.errors import UnknownName

if TYPE_CHECKING:
    import pandas as pd

    from universes.clock import Clock

# A market identifier code on the left keeps the hours of the calendar on the right.
CALENDARS = {
    "XNYS": "XNYS", "XNAS": "XNYS", "XASE": "XNYS", "ARCX": "XNYS",
    "XTSE": "XTSE", "XTSX": "XTSE", "XCNQ": "XTSE",
    "XASX": "XASX", "XLON": "XLON", "XHKG": "XHKG", "XSHG": "XSHG", "XSHE": "XSHG", "XTKS": "XTKS",
    "XKRX": "XKRX", "XETR": "XETR", "XPAR": "XPAR", "XBRU": "XBRU", "XAMS": "XAMS", "XSTO": "XSTO",
    "XHEL": "XHEL", "XOSL": "XOSL", "XCSE": "XCSE", "BVMF": "BVMF", "XSGO": "XSGO", "XJSE": "XJSE",
}  # fmt: skip

# Where the fact tables begin.
FIRST_YEAR = "2010"


def calendar_code(exchange: str) -> str:
    """Code of the calendar that an exchange keeps: Nasdaq and NYSE American keep New York's.

    Raises
    ------
    UnknownName
        If no calendar is known for the exchange.
    """
    try:
        return CALENDARS[exchange]
    except KeyError:
        raise UnknownName("exchange", exchange, CALENDARS) from None


@cache
def schedule(calendar: str, start: str, end: str) -> pd.DataFrame:
    """Opens and closes of one calendar.

    Parameters
    ----------
    calendar : str
        Calendar code, as `calendar_code` gives.
    start, end : str
        First and last date, ``YYYY-MM-DD``, both included.

    Returns
    -------
    DataFrame of shape (S, 2)
        Columns ``open close``: UTC instants, naive datetime64[ns]; index: session dates. Dates that the calendar
        does not know (Shanghai's starts in 1990) have no sessions.
    """
    return _years(calendar, min(start[:4], FIRST_YEAR), end[:4]).loc[start:end]


# Building a calendar takes up to two seconds (Seoul): most ranges that are asked for share one, and it is kept on disk.
@cache
def _years(calendar: str, first: str, last: str) -> pd.DataFrame:
    from universes.kept_sessions import keep, kept

    found = kept(calendar, first, last)
    if found is None:
        found = build(calendar, first, last)
        keep(calendar, first, last, found)
    return found


def build(calendar: str, first: str, last: str) -> pd.DataFrame:
    """Opens and closes of one calendar over whole years, from `exchange_calendars`: what `schedule` cuts from.

    Parameters
    ----------
    calendar : str
        Calendar code.
    first, last : str
        Years.
    """
    import pandas as pd

    with warnings.catch_warnings():
        # exchange_calendars 4.13 uses calls that pandas 4 removes.
        warnings.simplefilter("ignore")
        table = _calendar(calendar, f"{first}-01-01", f"{last}-12-31").schedule
    hours = table[["open", "close"]].apply(lambda column: column.dt.tz_convert(None).astype("datetime64[ns]"))
    hours.index = pd.DatetimeIndex(hours.index.to_numpy()).astype("datetime64[ns]")
    return hours.loc[f"{first}-01-01" : f"{last}-12-31"].rename_axis("session")


def _calendar(calendar: str, start: str, end: str) -> Any:
    import exchange_calendars
    import pandas as pd

    # A range of one day, or of a holiday, is refused there: ask for a fortnight around it.
    first, last = pd.Timestamp(start) - pd.Timedelta(days=14), pd.Timestamp(end) + pd.Timedelta(days=14)
    try:
        return exchange_calendars.get_calendar(calendar, start=first, end=last)
    except ValueError:
        known = exchange_calendars.get_calendar(calendar)
        lowest, highest = known.bound_min(), known.bound_max()
        return exchange_calendars.get_calendar(
            calendar,
            start=first if lowest is None else max(first, lowest),
            end=last if highest is None else min(last, highest),
        )


def clock(exchanges: Iterable[str], start: str, end: str) -> Clock:
    """Clock of several exchanges between two dates.

    Parameters
    ----------
    exchanges : iterable of str
        MICs; each keeps its own hours, several may keep the same calendar.
    start, end : str
        First and last date, ``YYYY-MM-DD``, both included.
    """
    import pandas as pd

    from universes.clock import Clock, Hours

    tables = {exchange: schedule(calendar_code(exchange), start, end) for exchange in sorted(set(exchanges))}
    labels = pd.DatetimeIndex([]).astype("datetime64[ns]")
    for table in tables.values():
        labels = labels.union(table.index)
    hours = {
        exchange: Hours(labels.get_indexer(table.index), table["open"].to_numpy(), table["close"].to_numpy())
        for exchange, table in tables.items()
    }
    return Clock(pd.DatetimeIndex(labels, name="session"), hours)
