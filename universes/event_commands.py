"""The `events` commands: the policy calendar, one event with all that belongs to it, and what is wrong with a file."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from universes.ahead_command import next_
from universes.commandline import emit, output_options
from universes.commands import report_faults

if TYPE_CHECKING:
    from universes.facts import Event
    from universes.policy import Events

LIST = ("announced", "event", "kind", "direction", "minerals", "title")
FIELDS = (
    "event", "announced", "precision", "effective", "expires", "status", "kind", "scope", "country", "body",
    "instrument", "title", "minerals", "direction", "supersedes",
    "leaked", "contaminated", "known_from", "confidence", "source",
)  # fmt: skip


@click.group()
def events() -> None:
    """List, show and check policy events."""


events.add_command(next_)


@events.command("list")
@click.option("--where", metavar="EXPR", help="Only events that this filter holds for.")
@click.option("--from", "start", metavar="DATE", help="Only events known on this date or later.")
@click.option("--to", "end", metavar="DATE", help="Only events known on this date or earlier.")
@output_options
def list_(where: str | None, start: str | None, end: str | None, **output: Any) -> None:
    """Print policy events in the order in which they became known.

    The table has the main fields; --format csv and json have all.
    """
    from universes.catalog import events as read

    found = read(where, start=start, end=end)
    columns = LIST if output["format"] == "table" else FIELDS
    settings = {"where": where, "from": start, "to": end}
    emit([row_of(event) for event in found], columns, settings=settings, data=_data(found), **output)


@events.command()
@click.argument("event", metavar="ID")
@output_options
def show(event: str, **output: Any) -> None:
    """Print every field of the event ID, the companies that it names, and the events before and after it."""
    from universes.catalog import shipped_events

    calendar = shipped_events()
    found = row_of(calendar[event]) | {
        "companies": _companies(calendar, event),
        "superseded_by": _later(calendar, event),
    }
    emit(
        [found], FIELDS, settings={"event": event}, data=_data(calendar), table=lambda: _text(found), **output
    )


@events.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@output_options
def check(files: tuple[Path, ...], **output: Any) -> None:
    """Look for every fault of your own event FILEs and print them all at once.

    Exit 1 when there is a fault. Announcements on days without a session in New York are said on stderr; they are
    no fault.
    """
    from universes.checks import check_events, event_notes

    for path in files:
        for note in event_notes(path):
            click.echo(str(note), err=True)
    report_faults(files, [fault for path in files for fault in check_events(path)], output)


def row_of(event: Event) -> dict[str, Any]:
    """Fields of an event, the announcement as ``YYYY-MM-DDTHH:MMZ`` or a date."""
    return {name: getattr(event, name) for name in FIELDS} | {"announced": instant(event.announced)}


def instant(announced: datetime | date) -> str:
    """UTC instant as the tables write it; a date where the clock is not known."""
    return f"{announced:%Y-%m-%dT%H:%MZ}" if isinstance(announced, datetime) else announced.isoformat()


def _companies(calendar: Events, event: str) -> list[dict[str, str]]:
    rows = calendar.named.get(event, {}).values()
    return [{"company": row.company, "direction": row.direction, "reason": row.reason} for row in rows]


def _later(calendar: Events, event: str) -> list[str]:
    return [row.event for row in calendar if row.supersedes == event]


def _text(found: dict[str, Any]) -> str:
    lines = [
        f"{name:14}{_said(value)}"
        for name, value in found.items()
        if name != "companies" and value not in (None, [])
    ]
    named = [f"  {row['company']}: {row['direction']} ({row['reason']})" for row in found["companies"]]
    return "\n".join([*lines, *(["companies", *named] if named else [])])


def _said(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _data(calendar: Events) -> dict[str, str]:
    return {"source": "events", "kind": "real", "hash": calendar.hash}
