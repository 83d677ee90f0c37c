"""The fields that filters may name, for companies and for events."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from universes.expression import Expression, Field, parse
from universes.facts import DATA, DIRECTIONS, EVENT_KINDS, LIFE_CYCLE, Mineral
from universes.minerals import WORDS
from universes.profile import COMPANY_FIELDS, STAGE_WORDS
from universes.table import read_rows

# Name, kind, meaning, known words: the fields that a filter on events may name.
EVENT_FIELDS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("event", "text", "identifier", ()),
    ("announced", "date", "date of the announcement, UTC", ()),
    ("effective", "date", "first day in force", ()),
    ("expires", "date", "last day in force", ()),
    (
        "precision",
        "text",
        "how exactly the announcement is timed",
        ("minute", "hour", "session", "day", "month"),
    ),
    ("status", "text", "place in the life cycle", LIFE_CYCLE),
    ("kind", "text", "what sort of act", EVENT_KINDS),
    ("scope", "text", "whole sector, or the companies named", ("sector", "company")),
    ("country", "text", "who acts: ISO 3166-1, EU or INT", ()),
    ("direction", "text", "for a western miner", DIRECTIONS),
    ("minerals", "set", "minerals and group words as the event names them", ()),
    ("confidence", "text", "how sure we are of the row", ("high", "medium", "low")),
)


@cache
def company_fields() -> tuple[Field, ...]:
    """Fields of a filter on companies; `screener` adds ``score``."""
    known = {"stage": STAGE_WORDS}
    return tuple(
        Field(name, kind, doc, order=words, known=known.get(name, words))
        if kind == "ordered"
        else Field(name, kind, doc, known=words)
        for name, kind, doc, words in COMPANY_FIELDS
    )


@cache
def event_fields() -> tuple[Field, ...]:
    """Fields of a filter on events."""
    return tuple(Field(name, kind, doc, known=words) for name, kind, doc, words in EVENT_FIELDS)


@cache
def mineral_words() -> tuple[str, ...]:
    """Every mineral and group word, for `in minerals`."""
    return (*WORDS, *(row.mineral for row in read_rows(DATA / "minerals.csv", Mineral)))


def parse_companies(text: str, extra: Sequence[Field] = ()) -> Expression:
    """A filter on companies, type-checked.

    Raises
    ------
    BadExpression
        If it does not parse or type-check.
    """
    return parse(text, (*_with_minerals(company_fields()), *extra))


def parse_events(text: str) -> Expression:
    """A filter on events, type-checked.

    Raises
    ------
    BadExpression
        If it does not parse or type-check.
    """
    return parse(text, _with_minerals(event_fields()))


def _with_minerals(fields: Sequence[Field]) -> tuple[Field, ...]:
    return tuple(
        Field(item.name, item.kind, item.doc, known=mineral_words()) if item.name == "minerals" else item
        for item in fields
    )
