"""Rules between the rows of data files, for ``lodestone universe check`` and ``lodestone events check``.

Each check returns faults, sorted by file and line, and raises nothing for what a file holds. What is worth
knowing and no fault comes from `event_notes`, in the same shape.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from universes.census import EVENT_TABLES, Review
from universes.errors import BadData, Fault
from universes.event_rules import EventFiles, event_faults, notes
from universes.fact_rules import fact_faults
from universes.facts import TABLES, Membership
from universes.partial import Part, read_part


def check_any(path: Path) -> tuple[Fault, ...]:
    """Faults of whatever stands at a path: a folder of tables, one table of such a folder, events, or a flat file.

    Parameters
    ----------
    path : Path
        A folder is checked whole, its events too. A file is known by its name and by what stands beside it.

    Returns
    -------
    tuple of Fault
        Every fault of the file; of a folder, of all its files.
    """
    if path.is_dir():
        events = path / "events.csv"
        return (*check_facts(path), *(check_events(events) if events.exists() else ()))
    if path.stem == "reviews":
        return read_part(path, Review).faults
    if path.stem in EVENT_TABLES:
        return _of_file(path, check_events(path.parent / "events.csv"))
    if path.stem in TABLES and (path.parent / "companies.csv").exists():
        return _of_file(path, check_facts(path.parent))
    if path.parent.name == "universes" and (path.parent.parent / "companies.csv").exists():
        return _of_file(path, check_facts(path.parent.parent))
    return check_universe(path)


def _of_file(path: Path, faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    return tuple(fault for fault in faults if fault.file == str(path))


def check_universe(path: Path) -> tuple[Fault, ...]:
    """Faults of a user's own flat universe file.

    Parameters
    ----------
    path : Path
        A file as `universes.flat.read_flat` takes; its minerals are looked up among the shipped ones.

    Returns
    -------
    tuple of Fault
        Every fault; empty when the file can be used.
    """
    from universes.catalog import facts
    from universes.flat import read_flat

    shipped = facts()
    try:
        read_flat(path, shipped)
    except BadData as error:
        return error.faults
    return ()


def check_facts(folder: Path) -> tuple[Fault, ...]:
    """Faults of a folder of normalised tables: those of single cells and those between tables.

    Parameters
    ----------
    folder : Path
        Holds one file a table of `universes.facts.TABLES`, and memberships under ``universes/``.

    Returns
    -------
    tuple of Fault
        Every fault; empty when the folder can be used. A table whose header cannot be read is not looked
        into by the rules between tables.
    """
    parts = {name: read_part(folder / f"{name}.csv", row_type) for name, row_type in TABLES.items()}
    members = [read_part(file, Membership) for file in sorted((folder / "universes").glob("*.csv"))]
    every: list[Part[Any]] = [*parts.values(), *members]
    own = [fault for part in every for fault in part.faults]
    return tuple(sorted({*own, *fact_faults(parts, members)}))


def check_events(path: Path) -> tuple[Fault, ...]:
    """Faults of a file of events, and of the ``event_companies.csv`` beside it where there is one.

    Parameters
    ----------
    path : Path
        A table of events. ``minerals.csv`` and ``companies.csv`` beside it are used where they are there; else
        minerals are the shipped ones and companies are not looked up.

    Returns
    -------
    tuple of Fault
        Every fault; empty when the file can be used.
    """
    return tuple(sorted(set(event_faults(EventFiles.beside(path)))))


def event_notes(path: Path) -> tuple[Fault, ...]:
    """What is worth knowing of a file of events and no fault: announcements on days on which New York is closed.

    Parameters
    ----------
    path : Path
        A table of events.

    Returns
    -------
    tuple of Fault
        Places with a message that names the next session.
    """
    return tuple(sorted(notes(EventFiles.beside(path))))
