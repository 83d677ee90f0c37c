"""Dates from users: ISO only, checked against the data."""

from __future__ import annotations

from datetime import date

from universes import cells
from universes.errors import BadDate


def as_date(given: str | date, name: str = "date") -> date:
    """A date from text.

    Parameters
    ----------
    given : str or date
        ``YYYY-MM-DD``, or a date, which is returned as it is.
    name : str
        What the date is, for the message: ``"start"``.

    Raises
    ------
    BadDate
        If the text is not a day of the calendar in that form.
    """
    if isinstance(given, date):
        return given
    try:
        return cells.day(given)
    except ValueError as error:
        raise BadDate(f"{name}: {error}") from None


def check_range(start: date | None, end: date | None) -> None:
    """Refuse a range that ends before it starts.

    Raises
    ------
    BadDate
        If both are given and out of order.
    """
    if start and end and start > end:
        raise BadDate(f"the range starts on {start} and ends on {end}: swap them")
