"""Meaning of a cell: each function reads one text and raises ValueError with the mend."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

from universes.errors import did_you_mean

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# Yahoo's form; `^GSPC` is an index.
_SYMBOL = re.compile(r"\^?[A-Z0-9][A-Z0-9.\-]{0,14}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z")
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,12})?")


def slug(text: str) -> str:
    """Identifier in lower case, words joined by hyphens."""
    if not _SLUG.fullmatch(text):
        raise ValueError(f"{text!r} is not an identifier: lower-case letters, digits and single hyphens")
    return text


def symbol(text: str) -> str:
    """Ticker as Yahoo writes it: ``MP``, ``LYC.AX``."""
    if not text.isascii():
        odd = next(character for character in text if not character.isascii())
        raise ValueError(f"{text!r} holds U+{ord(odd):04X}, which is not ASCII: type the ticker anew")
    if not _SYMBOL.fullmatch(text):
        raise ValueError(f"{text!r} is not a ticker: capitals, digits, dots and hyphens, at most 15")
    return text


def day(text: str) -> date:
    """Calendar date, only as ``YYYY-MM-DD``."""
    if not _DATE.fullmatch(text):
        raise ValueError(f"{text!r} is not a date: write YYYY-MM-DD")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a day of the calendar: write YYYY-MM-DD") from None


def moment(text: str) -> datetime | date:
    """UTC instant ``YYYY-MM-DDTHH:MMZ``, or a date where the clock is not known."""
    if not _INSTANT.fullmatch(text):
        return day(text)
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"{text!r} is not an instant: write YYYY-MM-DDTHH:MMZ, in UTC") from None


def number(text: str) -> float:
    """Plain decimal number."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is not a plain number: digits and at most one point")
    return float(text)


def share(text: str) -> float:
    """Fraction from 0 to 1."""
    value = number(text)
    if not 0 <= value <= 1:
        raise ValueError(f"{text!r} is not a fraction: write 0.25 for 25 %")
    return value


def positive(text: str) -> float:
    """Number above zero."""
    value = number(text)
    if value <= 0:
        raise ValueError(f"{text!r} is not above zero")
    return value


def year(text: str) -> int:
    """Year of four digits, from 1900 to 2099."""
    if not re.fullmatch(r"(19|20)\d\d", text):
        raise ValueError(f"{text!r} is not a year: four digits, as 2025")
    return int(text)


def country(text: str) -> str:
    """ISO 3166-1 alpha-2 code; ``NA`` is Namibia and ``NO`` Norway."""
    if text == "UK":
        raise ValueError("'UK' is not an ISO 3166-1 code; did you mean 'GB'?")
    if not re.fullmatch(r"[A-Z]{2}", text):
        raise ValueError(f"{text!r} is not an ISO 3166-1 alpha-2 code: two capitals, as AU")
    return text


def subdivision(text: str) -> str:
    """ISO 3166-2 code: ``US-CA``, ``AU-WA``."""
    if not re.fullmatch(r"[A-Z]{2}-[A-Z0-9]{1,3}", text):
        raise ValueError(f"{text!r} is not an ISO 3166-2 code: write it as AU-WA")
    return text


def currency(text: str) -> str:
    """ISO 4217 code."""
    if not re.fullmatch(r"[A-Z]{3}", text):
        raise ValueError(f"{text!r} is not an ISO 4217 code: three capitals, as AUD")
    return text


def words(text: str) -> tuple[str, ...]:
    """Identifiers joined by ``|``."""
    return tuple(slug(part) for part in text.split("|"))


def one_of(*allowed: str) -> Callable[[str], str]:
    """Reader of a word from a closed list."""

    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"{text!r} is not one of the words used here{did_you_mean(text, allowed)}")
        return text

    return parse


def prose(text: str) -> str:
    """Free text of at most 300 printable characters."""
    if len(text) > 300:
        raise ValueError(f"{len(text)} characters; at most 300: shorten it")
    if not text.isprintable():
        raise ValueError("holds a control character: remove it")
    return text


confidence = one_of("high", "medium", "low")
yes_no = one_of("yes", "no")
