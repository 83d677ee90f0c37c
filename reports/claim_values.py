"""Meaning of the values of a claim: each function reads one TOML value and raises ValueError with the mend."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from universes import cells
from universes.errors import BadExpression, did_you_mean
from universes.expression import Expression
from universes.facts import MINERAL_LISTS

LISTS = ("us", *MINERAL_LISTS)
STEPS = ("mining", "refining")
MOST_SESSIONS, MOST_MONTHS, MOST_COUNT = 60, 120, 100_000
# 10 is a rise of 1,000 %: whoever writes more means per cent.
MOST_RETURN = 10


def text(value: Any) -> str:
    """Text, without the blanks around it."""
    if not isinstance(value, str):
        raise ValueError(f"{_shown(value)} is not a text: put it in quotes")  # noqa: TRY004
    if not value.strip():
        raise ValueError("is empty and must be filled in")
    return value.strip()


def prose(value: Any) -> str:
    """Text of at most 300 characters on one line; line ends within a long text count as blanks."""
    return cells.prose(" ".join(text(value).split()))


def identifier(value: Any) -> str:
    """Identifier in lower case, words joined by hyphens."""
    return cells.slug(text(value))


def symbol(value: Any) -> str:
    """Ticker as Yahoo writes it."""
    return cells.symbol(text(value))


def country(value: Any) -> str:
    """ISO 3166-1 alpha-2 code."""
    return cells.country(text(value))


def step(value: Any) -> str:
    """Step of a supply chain: ``mining`` or ``refining``."""
    return cells.one_of(*STEPS)(text(value))


def listed(value: Any) -> str:
    """Name of a government's list of critical minerals."""
    given = text(value)
    if given not in LISTS:
        raise ValueError(f"{given!r} is not a list{did_you_mean(given, LISTS)}")
    return given


def names(value: Any) -> tuple[str, ...]:
    """One or more identifiers in square brackets."""
    if not isinstance(value, list) or not value:
        raise ValueError(f'{_shown(value)} is not a list of names: write ["lithium", "nickel"]')
    return tuple(identifier(item) for item in value)


def day(value: Any) -> date:
    """Date, quoted or not."""
    if isinstance(value, datetime):
        raise ValueError(f"{value} has a clock: write the date alone, YYYY-MM-DD")  # noqa: TRY004
    return value if isinstance(value, date) else cells.day(text(value))


def days(value: Any) -> tuple[date, date]:
    """First and last day of a range, both included."""
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"{_shown(value)} is not a range: write [2026-01-01, 2026-03-31]")
    first, last = map(day, value)
    if first > last:
        raise ValueError(f"the range starts on {first} and ends on {last}: swap them")
    return first, last


def window(value: Any) -> tuple[int, int]:
    """Sessions of a study, ``"0:5"``: from the reaction session, 0, to at most 60 after it."""
    first, _, last = text(value).partition(":")
    if first != "0" or not last.isdecimal() or not last.isascii() or int(last) > MOST_SESSIONS:
        raise ValueError(f'{value!r} is not a window: write "0:LAST", LAST from 0 to {MOST_SESSIONS}')
    return 0, int(last)


def count(value: Any) -> int:
    """Whole number from 0."""
    return _whole(value, 0, MOST_COUNT)


def sessions(value: Any) -> int:
    """Whole number of sessions, from 1."""
    return _whole(value, 1, MOST_SESSIONS)


def months(value: Any) -> int:
    """Whole number of months, from 1."""
    return _whole(value, 1, MOST_MONTHS)


def bound(value: Any) -> float:
    """Return as a fraction."""
    return _between(value, -1, MOST_RETURN)


def share(value: Any) -> float:
    """Fraction from 0 to 1."""
    return _between(value, 0, 1)


def companies_filter(value: Any) -> Expression:
    """Filter on companies, type-checked."""
    from universes.fields import parse_companies

    try:
        return parse_companies(text(value))
    except BadExpression as error:
        raise ValueError(str(error)) from None


def events_filter(value: Any) -> Expression:
    """Filter on events, type-checked."""
    from universes.fields import parse_events

    try:
        return parse_events(text(value))
    except BadExpression as error:
        raise ValueError(str(error)) from None


def _whole(value: Any, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{_shown(value)} is not a whole number from {least} to {most}")
    return value


def _between(value: Any, least: float, most: float) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # NaN fails the comparison too.
    if not is_number or not least <= value <= most:
        raise ValueError(f"{_shown(value)} is not a fraction from {least} to {most}: write 0.12 for 12 %")
    return float(value)


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
