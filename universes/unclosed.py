"""Bars of sessions that had not closed when they were fetched: a price of the moment is no close."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from universes.errors import BadParameter
from universes.freshness import SETTLE
from universes.sessions import calendar_code, schedule

if TYPE_CHECKING:
    import pandas as pd


def drop_unclosed(
    bars: pd.DataFrame, exchange: str, fetched_at: datetime, settle: timedelta = SETTLE
) -> pd.DataFrame:
    """Bars without those of sessions that had not closed, and settled, when they were fetched.

    Parameters
    ----------
    bars : DataFrame of shape (T, …)
        Index: naive session dates, increasing.
    exchange : str
        MIC; half days close at their own time.
    fetched_at : datetime
        Instant of the answer, with a zone.
    settle : timedelta
        How long after the close a bar still changes.

    Returns
    -------
    DataFrame
        The bars up to the last settled session. A bar of a day without a session goes when it is later than that
        session; otherwise it stays for the gates to judge.

    Raises
    ------
    BadParameter
        If `fetched_at` has no zone.
    UnknownName
        If no calendar is known for the exchange.
    """
    instant = _utc(fetched_at)
    if not len(bars) or bars.index[-1] < instant - timedelta(days=60):
        return bars
    # Two months always hold a session; a calendar that ends earlier gives none, and keeps nothing it cannot judge.
    hours = schedule(
        calendar_code(exchange), f"{instant - timedelta(days=60):%Y-%m-%d}", f"{instant:%Y-%m-%d}"
    )
    settled = hours.index[hours["close"] + settle <= instant]
    return bars.loc[: settled[-1]] if len(settled) else bars.iloc[:0]


def drop_unclosed_rates(rates: pd.DataFrame, fetched_at: datetime) -> pd.DataFrame:
    """Exchange rates of the days that had ended when they were fetched, by UTC: currencies trade round the clock.

    Parameters
    ----------
    rates : DataFrame of shape (F, …)
        Index: naive dates, increasing.
    fetched_at : datetime
        Instant of the answer, with a zone.

    Raises
    ------
    BadParameter
        If `fetched_at` has no zone.
    """
    instant = _utc(fetched_at)
    return rates[rates.index < instant.replace(hour=0, minute=0, second=0, microsecond=0)]


def _utc(fetched_at: datetime) -> datetime:
    """The instant in UTC without its zone, as the calendars have it."""
    if fetched_at.tzinfo is None or fetched_at.utcoffset() is None:
        raise BadParameter(f"fetched_at {fetched_at} has no time zone: give UTC")
    return fetched_at.astimezone(UTC).replace(tzinfo=None)
