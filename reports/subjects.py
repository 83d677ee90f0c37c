"""What a page can be about, and how it is read: runs, sweeps, event studies, screens, claims."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from strategies.result import Backtest
from strategies.sweep_results import MANIFEST, RESULTS, SUMMARY
from universes.errors import BadData, Fault


@dataclass(frozen=True, eq=False, slots=True)
class StudyRecord:
    """An event study as `lodestone study --format json` writes it.

    Parameters
    ----------
    study : mapping
        As `strategies.study_record.as_dict` gives.
    settings, data : mapping
        As in `strategies.result.Backtest`.
    """

    study: Mapping[str, Any]
    settings: Mapping[str, Any]
    data: Mapping[str, Any]


@dataclass(frozen=True, eq=False, slots=True)
class ScreenRecord:
    """A screen as `lodestone screen --format json` writes it.

    Parameters
    ----------
    rows, dropped : sequence of mapping
        Names by rank, and those that were left out with their reason.
    settings, data : mapping
        The filters, weights and date; the facts.
    """

    rows: Sequence[Mapping[str, Any]]
    dropped: Sequence[Mapping[str, Any]]
    settings: Mapping[str, Any]
    data: Mapping[str, Any]


@dataclass(frozen=True, eq=False, slots=True)
class SweepRecord:
    """A sweep as its folder holds it.

    Parameters
    ----------
    strategy : str
        As users type it.
    axes : mapping of str to sequence
        Values of each parameter, as text.
    rows : sequence of mapping
        One a set: its parameters as text, its measures as numbers or None.
    summary : mapping
        ``verdict refused walk_forward`` as `strategies.sweep_results.SweepResults.finish` keeps them.
    settings, data : mapping
        As in `strategies.result.Backtest`.
    """

    strategy: str
    axes: Mapping[str, Sequence[str]]
    rows: Sequence[Mapping[str, Any]]
    summary: Mapping[str, Any]
    settings: Mapping[str, Any]
    data: Mapping[str, Any]


@dataclass(frozen=True, eq=False, slots=True)
class ClaimsRecord:
    """Claims of an article and what the data say of them, as `lodestone claims --format json` writes it.

    Parameters
    ----------
    rows : sequence of mapping
        ``id says data verdict``.
    settings, data : mapping
        Title and date; what the verdicts rest on.
    """

    rows: Sequence[Mapping[str, Any]]
    settings: Mapping[str, Any]
    data: Mapping[str, Any]


Subject = Backtest | SweepRecord | StudyRecord | ScreenRecord | ClaimsRecord
SUBJECTS: tuple[type, ...] = (Backtest, SweepRecord, StudyRecord, ScreenRecord, ClaimsRecord)
WANTED = (
    "a run folder of `lodestone backtest`, a sweep folder, or what `lodestone study`, `screen` or `claims` writes with "
    "--format json"
)


def read(path: Path) -> Subject:
    """What stands at a path.

    Parameters
    ----------
    path : Path
        A folder or a JSON file.

    Raises
    ------
    BadData
        If it is none of what a page can be about, or is torn.
    """
    if not path.exists():
        raise BadData([Fault(str(path), 0, "", f"there is no such file or folder: give {WANTED}")])
    if path.is_dir() and (path / RESULTS).exists():
        return _sweep(path)
    if path.is_dir():
        from strategies.run_folder import load_run

        return load_run(path)
    return _file(path)


def _file(path: Path) -> StudyRecord | ScreenRecord | ClaimsRecord:
    try:
        content = json.loads(path.read_text("utf-8"))
        parts = content["settings"], content["data"]
        parts[1]["kind"], parts[1]["source"]
        if "windows" in content:
            return _study(content)
        if "verdicts" in content:
            return ClaimsRecord(_holding(content["rows"], "id", "says", "data", "verdict"), *parts)
        rows = _holding(content["rows"], "symbol", "rank", "score", "contributions")
        return ScreenRecord(rows, content["dropped"], *parts)
    except OSError as error:
        raise BadData([Fault(str(path), 0, "", f"{error.strerror}: give {WANTED}")]) from None
    except (ValueError, KeyError, TypeError) as error:
        raise BadData([Fault(str(path), 0, "", f"nothing to report ({error}): give {WANTED}")]) from None


def _study(content: Mapping[str, Any]) -> StudyRecord:
    for name in ("firm_events", "episodes", "grade", "verdict", "path", "chance", "fragility", "dropped"):
        content[name]
    return StudyRecord(content, content["settings"], content["data"])


def _holding(rows: Sequence[Mapping[str, Any]], *names: str) -> Sequence[Mapping[str, Any]]:
    for row in rows:
        for name in names:
            row[name]
    return rows


def _sweep(path: Path) -> SweepRecord:
    try:
        manifest = json.loads((path / MANIFEST).read_text("utf-8"))
        summary = json.loads((path / SUMMARY).read_text("utf-8"))
        axes = {name: [_word(item) for item in values] for name, values in manifest["grid"].items()}
        with (path / RESULTS).open(encoding="utf-8", newline="") as lines:
            rows = [_measured(row, axes) for row in csv.DictReader(lines)]
        _check_rows(len(rows), manifest["sets"])
        return SweepRecord(manifest["strategy"], axes, rows, summary, manifest, summary["data"])
    except OSError as error:
        message = f"{error.strerror}: run the sweep again in the same folder, which only finishes it"
        raise BadData([Fault(str(error.filename), 0, "", message)]) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"not a sweep that `lodestone sweep` wrote ({error}): run it again with --fresh"
        raise BadData([Fault(str(path), 0, "", message)]) from None


def _check_rows(found: int, wanted: int) -> None:
    if found != wanted:
        raise ValueError(f"{found} of {wanted} sets")


@contextmanager
def shown_as_written(subjects: Sequence[Subject], paths: Sequence[Path]) -> Iterator[None]:
    """While a page is made: tell a part that is missing from a file as a fault of the file.

    A run folder is held to its check sums when it is read; other files may have been cut or edited.

    Parameters
    ----------
    subjects : sequence of Subject
        What is shown.
    paths : sequence of Path
        Where each was read.

    Raises
    ------
    BadData
        In place of a missing key or a value of a wrong type.
    """
    try:
        yield
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        others = [path for path, item in zip(paths, subjects, strict=True) if not isinstance(item, Backtest)]
        if not others:
            raise
        message = f"not as Lodestone writes it ({type(error).__name__}: {error}): run its command again"
        raise BadData([Fault(str(path), 0, "", message) for path in others]) from None


def _word(value: Any) -> str:
    return "none" if value is None else str(value)


def _measured(row: Mapping[str, str], axes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if name in axes else float(value) if value else None for name, value in row.items()}
