"""The fields that filters may name, for companies and for events."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from universes.expression import Expression, Field, parse
from universes.minerals import WORDS
from universes.policy import EVENT_FIELDS
from universes.profile import COMPANY_FIELDS, STAGE_WORDS


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
    from universes.catalog import facts

    return (*WORDS, *(row.mineral for row in facts().minerals))


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
