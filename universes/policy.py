"""The policy calendar: typed events with the instant at which the public could know them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import Any

from universes.errors import UnknownName
from universes.facts import DATA, Event, EventCompany, EventDate, by_key
from universes.fields import EVENT_FIELDS, parse_events
from universes.table import read_rows


def known_at(event: Event) -> datetime:
    """UTC instant from which the public could know an event.

    A date without a clock counts as known when that UTC day has ended: the reaction is then
    looked for in the next session, never in one that may have closed before the news.
    """
    if isinstance(event.announced, datetime):
        return event.announced
    return datetime.combine(event.announced, time(23, 59, 59), UTC)


def tags(event: Event) -> dict[str, Any]:
    """Values of every field that a filter on events may name; None where unknown."""
    announced = event.announced.date() if isinstance(event.announced, datetime) else event.announced
    values = {name: getattr(event, name) for name, *_ in EVENT_FIELDS}
    return values | {"announced": announced, "minerals": frozenset(event.minerals)}


@dataclass(frozen=True, eq=False)
class Events:
    """E policy events in order of the instant they became known.

    Parameters
    ----------
    rows : tuple of Event
        The events.
    companies : tuple of EventCompany
        Companies named by an event, or whose sign differs from the event's.
    dates : tuple of EventDate
        Dates ahead that an event sets beside its effect and expiry.
    """

    rows: tuple[Event, ...]
    companies: tuple[EventCompany, ...] = field(default=(), repr=False)
    dates: tuple[EventDate, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.rows, key=lambda row: (known_at(row), row.event)))
        object.__setattr__(self, "rows", ordered)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Event]:
        return iter(self.rows)

    def __getitem__(self, name: str) -> Event:
        """The event of that identifier.

        Raises
        ------
        UnknownName
            If there is none.
        """
        for row in self.rows:
            if row.event == name:
                return row
        raise UnknownName("event", name, [row.event for row in self.rows])

    @cached_property
    def named(self) -> dict[str, dict[str, EventCompany]]:
        """Companies with a row of their own, by event and company."""
        return {
            name: {row.company: row for row in rows} for name, rows in by_key(self.companies, "event").items()
        }

    def where(self, expression: str) -> Events:
        """The events that a filter holds for.

        Parameters
        ----------
        expression : str
            For example ``"kind == 'export-control' and 'dysprosium' in minerals"``.

        Raises
        ------
        BadExpression
            If it does not parse or type-check.
        """
        test = parse_events(expression)
        return replace(self, rows=tuple(row for row in self.rows if test.holds(tags(row))))

    def between(self, start: date | None = None, end: date | None = None) -> Events:
        """The events that became known from `start` to `end`, both included; None is no bound."""
        first, last = start or date.min, end or date.max
        return replace(self, rows=tuple(row for row in self.rows if first <= known_at(row).date() <= last))

    @cached_property
    def hash(self) -> str:
        """SHA-256 over the events and their company rows: fixes the list before returns are looked at."""
        digest = hashlib.sha256()
        for row in (*self.rows, *self.companies):
            digest.update(repr(replace(row, where="")).encode())
        return digest.hexdigest()


def read_events(folder: Path = DATA) -> Events:
    """Events of a data folder.

    Raises
    ------
    BadData
        With every fault of a file.
    """
    return Events(
        read_rows(folder / "events.csv", Event),
        read_rows(folder / "event_companies.csv", EventCompany),
        read_rows(folder / "event_dates.csv", EventDate),
    )
