"""Rules between the rows of a file of events; each yields the faults that it sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from universes.errors import Fault, did_you_mean
from universes.fact_rules import known_too_late, references, repeated, unknown
from universes.facts import Company, Event, EventCompany, EventDate, Mineral
from universes.minerals import WORDS
from universes.partial import Part, read_part

CLOCK = ("minute", "hour", "session")
CALENDAR_YEARS = range(1960, 2100)


@dataclass(frozen=True, slots=True)
class EventFiles:
    """A file of events and the tables beside it, None where there is none."""

    events: Part[Event]
    named: Part[EventCompany] | None
    dates: Part[EventDate] | None
    companies: Part[Company] | None
    minerals: tuple[str, ...]

    @classmethod
    def beside(cls, path: Path) -> EventFiles:
        """The files of the folder of `path`."""
        named, dates = path.parent / "event_companies.csv", path.parent / "event_dates.csv"
        companies = path.parent / "companies.csv"
        return cls(
            read_part(path, Event),
            read_part(named, EventCompany) if named.exists() else None,
            read_part(dates, EventDate) if dates.exists() else None,
            read_part(companies, Company) if companies.exists() else None,
            _minerals(path.parent / "minerals.csv"),
        )


def _minerals(path: Path) -> tuple[str, ...]:
    beside = read_part(path, Mineral).names("mineral") if path.exists() else frozenset()
    if beside:
        return tuple(sorted(beside))
    from universes.catalog import facts

    return tuple(row.mineral for row in facts().minerals)


def event_faults(files: EventFiles) -> Iterator[Fault]:
    """Faults of the events and of the companies that they name, in no order."""
    part = files.events
    yield from part.faults
    yield from repeated(part, ("event",))
    yield from known_too_late(part)
    known, words = part.names("event"), (*files.minerals, *WORDS)
    for row in part.rows:
        for header, message in (*_clock(row), *_order(row), *_leak(row), *_words(row, words)):
            yield part.fault(row, header, message)
        if row.supersedes is not None and row.supersedes not in known:
            yield part.fault(row, "supersedes", unknown(part, "event", row.supersedes, known, "event"))
        if row.supersedes == row.event:
            yield part.fault(row, "supersedes", "an event cannot supersede itself: name the earlier one")
    if files.named:
        yield from _companies(files, files.named)
    if files.dates:
        yield from _dates(files, files.dates)


def _clock(row: Event) -> Iterator[tuple[str, str]]:
    timed = isinstance(row.announced, datetime)
    if timed and row.precision not in CLOCK:
        yield (
            "precision",
            f"{row.precision} though announced has a clock: write minute, hour or session, or a date",
        )
    if not timed and row.precision in CLOCK:
        yield (
            "announced",
            f"a date though precision is {row.precision}: write YYYY-MM-DDTHH:MMZ, or precision day",
        )


def _order(row: Event) -> Iterator[tuple[str, str]]:
    if row.effective and row.expires and row.expires < row.effective:
        yield "expires", f"{row.expires} is before effective {row.effective}: correct one of the two"


def _leak(row: Event) -> Iterator[tuple[str, str]]:
    announced = row.announced.date() if isinstance(row.announced, datetime) else row.announced
    if row.leaked and row.leaked > announced:
        yield "leaked", f"{row.leaked} is after the announcement of {announced}: correct one of the two"


def _words(row: Event, words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name in row.minerals:
        if name not in words:
            yield "minerals", f"no mineral or group named {name!r}{did_you_mean(name, words)}"
    if len(set(row.minerals)) < len(row.minerals):
        yield "minerals", "names one mineral twice: remove one"
    if not re.fullmatch("[A-Z]{2}|INT", row.country) or row.country == "UK":
        yield "country", f"{row.country!r} is not an ISO 3166-1 alpha-2 code, EU or INT (GB, not UK)"


def _companies(files: EventFiles, named: Part[EventCompany]) -> Iterator[Fault]:
    yield from named.faults
    yield from repeated(named, ("event", "company"))
    yield from references(named, "event", files.events, "event")
    if files.companies:
        yield from references(named, "company", files.companies, "company")
    having = named.names("event")
    for row in files.events.rows:
        if row.scope == "company" and row.event not in having:
            message = f"company, but {named.path.name} names none for {row.event!r}: add a row there, or write sector"
            yield files.events.fault(row, "scope", message)


def _dates(files: EventFiles, dates: Part[EventDate]) -> Iterator[Fault]:
    yield from dates.faults
    yield from repeated(dates, ("event", "on", "kind"))
    yield from references(dates, "event", files.events, "event")
    known = {row.event: row.known_from for row in files.events.rows}
    for row in dates.rows:
        if row.event in known and row.on <= known[row.event]:
            message = f"{row.on} is not after the event, known from {known[row.event]}: it lies not ahead"
            yield dates.fault(row, "on", message)


def notes(files: EventFiles) -> Iterator[Fault]:
    """Announcements on days, by New York's date, on which New York is closed, with the next session."""
    rows = [row for row in files.events.rows if row.announced.year in CALENDAR_YEARS]
    days = {row.where: _new_york_day(row.announced) for row in rows}
    closed = {day: following for day in set(days.values()) if (following := _next_session(day)) != day}
    for row in rows:
        day = days[row.where]
        if day in closed:
            message = f"New York is closed on {day} ({day:%A}): the next session is {closed[day]}"
            yield files.events.fault(row, "announced", message)


def _new_york_day(announced: datetime | date) -> date:
    import pandas as pd

    if isinstance(announced, datetime):
        return pd.Timestamp(announced).tz_convert("America/New_York").date()
    return announced


def _next_session(day: date) -> date:
    """The day itself where New York is open."""
    import pandas as pd

    from universes.sessions import schedule

    # A year at a time, so that the calendar is built once for all events of it; closures are days, not weeks.
    index = schedule("XNYS", f"{day.year}-01-01", f"{day.year + 1}-01-31").index
    return pd.Timestamp(index[int(index.searchsorted(pd.Timestamp(day)))]).date()
