"""What ships with Lodestone: its universes, facts and events, each read once a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from universes.errors import UnknownName
from universes.facts import DATA, Facts, Membership, read_facts
from universes.policy import Events, read_events
from universes.table import read_rows
from universes.universe import Universe

DEFAULT_UNIVERSE = "critical-minerals"


def names() -> tuple[str, ...]:
    """Names of the universes that ship with Lodestone, sorted."""
    return tuple(sorted(file.stem for file in (DATA / "universes").glob("*.csv")))


@cache
def facts() -> Facts:
    """The shipped facts."""
    return read_facts(DATA)


@cache
def shipped_events() -> Events:
    """The shipped policy calendar."""
    return read_events(DATA)


def load(name: str = DEFAULT_UNIVERSE) -> Universe:
    """A universe by name, or from a user's own flat CSV file.

    Parameters
    ----------
    name : str
        One of `names`, or the path of a file ending in ``.csv``.

    Returns
    -------
    Universe
        All members, alive and dead; ask it what was known on a date.

    Raises
    ------
    UnknownName
        If no universe has that name.
    BadData
        If the user's file has faults: all of them.
    """
    if name.endswith(".csv"):
        from universes.flat import read_flat

        return read_flat(Path(name), facts())
    if name not in names():
        raise UnknownName("universe", name, names())
    return Universe(name, facts(), read_rows(DATA / "universes" / f"{name}.csv", Membership))


def events(
    where: str | None = None, *, start: str | None = None, end: str | None = None, **fields: str
) -> Events:
    """Shipped policy events, all of them or those that a filter holds for.

    Parameters
    ----------
    where : str, optional
        A filter expression.
    start, end : str, optional
        First and last date on which an event became known, ``YYYY-MM-DD``.
    **fields : str
        Shorthand for equality: ``events(kind="export-control")``; for `minerals`, membership.

    Raises
    ------
    BadExpression, BadDate
        If a filter or date cannot be read.
    """
    from universes.dates import as_date

    chosen = shipped_events()
    for name, value in fields.items():
        chosen = chosen.where(f"{value!r} in {name}" if name == "minerals" else f"{name} == {value!r}")
    if where:
        chosen = chosen.where(where)
    return chosen.between(as_date(start, "start") if start else None, as_date(end, "end") if end else None)
