"""How many sets of parameters have been tried: a ledger that counts by itself and shows when it was changed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from universes.errors import BadData, CannotWrite, Fault

FILE = "trials.jsonl"
GENESIS = "0" * 64
# What makes two trials trials of one thing.
KEYS = ("strategy", "data_hash", "events_hash", "first", "last")


@dataclass(frozen=True, slots=True)
class Trial:
    """One line of the ledger.

    Parameters
    ----------
    at : str
        When, UTC.
    what : str
        ``sweep`` or ``backtest``.
    sets : int
        How many sets of parameters it tried.
    of : mapping
        Strategy, data, events and period: `KEYS`.
    settings_hash : str
        SHA-256 of all settings: the same run again is no new trial.
    line : int
        Where in the file, from 1.
    """

    at: str
    what: str
    sets: int
    of: Mapping[str, str]
    settings_hash: str
    line: int


def folder() -> Path:
    """Where the ledger is: ``LODESTONE_DATA``, or the user's data folder."""
    from platformdirs import user_data_path

    given = os.environ.get("LODESTONE_DATA")
    return Path(given) if given else user_data_path("lodestone", appauthor=False)


def record_trials(what: str, settings: Mapping[str, Any], sets: int, *, now: datetime | None = None) -> None:
    """Append a line: so many sets were tried.

    Parameters
    ----------
    what : str
        ``sweep`` or ``backtest``.
    settings : mapping
        Of the run: `KEYS` among them.
    sets : int
        How many sets.
    now : datetime, optional
        Default the clock.

    Raises
    ------
    CannotWrite
        If the ledger cannot be written.
    BadData
        If what stands in it was changed.
    """
    from filelock import FileLock

    path = folder() / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            _cut_torn_line(path)
            before = _last_hash(path)
            row = {
                "at": f"{now or datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
                "what": what,
                "sets": sets,
                "of": {name: str(settings.get(name, "")) for name in KEYS},
                "settings_hash": _hash(_canonical(settings)),
                "before": before,
            }
            _append(path, row)
    except OSError as error:
        raise CannotWrite(
            f"{path} cannot be written: {error.strerror}; set LODESTONE_DATA to a folder of yours"
        ) from None


def _append(path: Path, row: Mapping[str, Any]) -> None:
    text = _canonical(row)
    line = _canonical({**row, "hash": _hash(text)}) + "\n"
    with path.open("ab") as file:
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())


def _cut_torn_line(path: Path) -> None:
    """Drop what a kill left of a line that was not finished: its trial was never reported either."""
    if not path.exists():
        return
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole != len(content):
        with path.open("r+b") as file:
            file.truncate(whole)


def _last_hash(path: Path) -> str:
    last = GENESIS
    for _, row in _rows(path):
        last = row["hash"]
    return last


def trials() -> tuple[Trial, ...]:
    """All lines of the ledger, oldest first; each is checked against the one before.

    Raises
    ------
    BadData
        If a line was changed, removed or put in.
    """
    return tuple(
        Trial(row["at"], row["what"], row["sets"], row["of"], row["settings_hash"], number)
        for number, row in _rows(folder() / FILE)
    )


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    before = GENESIS
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        message = f"it cannot be read: {error.strerror}; set LODESTONE_DATA to a folder of yours"
        raise BadData([Fault(str(path), 0, "", message)]) from None
    # What stands behind the last line break is a line that was never finished.
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        row = _checked(path, number, line.decode(errors="replace"), before)
        yield number, row
        before = row["hash"]


def _checked(path: Path, number: int, line: str, before: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
        said, content = row["hash"], {name: value for name, value in row.items() if name != "hash"}
        sound = _hash(_canonical(content)) == said and row["before"] == before and row["sets"] >= 0
    except (ValueError, KeyError, TypeError, AttributeError):
        sound = False
    if not sound:
        message = "the chain is broken here: a line was changed, removed or put in; move the file away to begin anew"
        raise BadData([Fault(str(path), number, "", message)])
    found: dict[str, Any] = row
    return found


def count_of(settings: Mapping[str, Any]) -> int:
    """How many different sets have been tried on the data, events and period of these settings."""
    wanted = {name: str(settings.get(name, "")) for name in KEYS if name != "strategy"}
    seen: dict[str, int] = {}
    for item in trials():
        if all(item.of.get(name) == value for name, value in wanted.items()):
            seen[item.settings_hash] = item.sets
    return sum(seen.values())


def _canonical(content: Any) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), default=str, ensure_ascii=True)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
