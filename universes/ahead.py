"""What lies ahead on a date: effects, deadlines and sunsets of events that are known by then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from universes.facts import Event
from universes.policy import Events, known_at

ENDS = ("suspension", "expiry")


@dataclass(frozen=True, slots=True)
class Ahead:
    """A date that an event has set.

    Parameters
    ----------
    on : date
        The date.
    kind : {"effect", "deadline", "sunset", "review"}
        ``effect``: something begins; ``sunset``: something ends unless it is renewed.
    event : Event
        Who set it.
    what : str
        What happens, in words.
    """

    on: date
    kind: str
    event: Event
    what: str


def ahead(events: Events, on: date, days: int) -> tuple[Ahead, ...]:
    """Dates after `on` and within so many days, of events known by then.

    Parameters
    ----------
    events : Events
        The calendar; what became known later does not count.
    on : date
        The date to look from.
    days : int
        How far, 1 or more.

    Returns
    -------
    tuple of Ahead
        By date, then by event. A date of an event that was suspended or has expired by then is left out.
    """
    known = events.between(end=on)
    ended = {row.supersedes for row in known if row.status in ENDS}
    found = (item for row in known if row.event not in ended for item in _dates(row, known))
    last = on + timedelta(days=days)
    return tuple(sorted((item for item in found if on < item.on <= last), key=_place))


def _dates(row: Event, known: Events) -> Iterator[Ahead]:
    if row.effective and row.effective > known_at(row).date():
        yield Ahead(row.effective, "effect", row, f"In force: {row.title}")
    if row.expires:
        ends = "Lapses unless renewed" if row.status in ENDS else "Ends unless renewed"
        yield Ahead(row.expires, "sunset", row, f"{ends}: {row.title}")
    for item in known.dates:
        if item.event == row.event:
            yield Ahead(item.on, item.kind, row, item.what)


def _place(item: Ahead) -> tuple[date, str, str]:
    return item.on, item.event.event, item.kind
