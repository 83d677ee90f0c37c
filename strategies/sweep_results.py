"""A sweep on disk: what it was, the measures of each piece as they are done, and the whole table at the end."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from strategies.arrays import Numbers
from strategies.parameter_grid import Grid
from universes.atomic import check_folder, write_file
from universes.errors import BadData, BadParameter, CannotWrite, Fault

MANIFEST, RESULTS, SUMMARY, PIECES = "manifest.json", "results.csv", "summary.json", "pieces"
# Bytes of the check sum behind a piece.
CHECK = 4


@dataclass(frozen=True, slots=True)
class SweepResults:
    """A folder that a sweep can be resumed from.

    Parameters
    ----------
    path : Path
        The folder.
    lines : dict of int to str
        Rows of the table by the number of their first set: made while others are walked.
    """

    path: Path
    lines: dict[int, str] = field(default_factory=dict, repr=False, compare=False)

    def begin(self, identity: Mapping[str, Any], *, fresh: bool) -> None:
        """Write down what the sweep is, or find that it is the one that stands here.

        Raises
        ------
        BadParameter
            If another sweep stands here and `fresh` was not said.
        CannotWrite
            If the folder cannot be written, or holds what is not of a sweep.
        """
        check_folder(self.path)
        if not fresh and (self.path / MANIFEST).exists():
            if _identity_of(self.path) != json.loads(_text(identity)):
                raise BadParameter(
                    f"{self.path} holds another sweep: choose another folder, or say --fresh to replace it"
                )
            self._make()
            return
        self._check_ours(fresh=fresh)
        self._make()
        self._clear()
        write_file(self.path / MANIFEST, _text(identity))

    def _check_ours(self, *, fresh: bool) -> None:
        """Refuse a folder in which something would be lost that no sweep wrote, or that nobody said to replace."""
        if self.path.is_file():
            raise CannotWrite(f"{self.path} is a file; choose another folder")
        ours = {MANIFEST, RESULTS, SUMMARY, PIECES} if fresh else {PIECES}
        # Hidden files are what a kill left of a write, or the system's own.
        found = {item.name for item in self.path.glob("*") if not item.name.startswith(".")}
        if found - ours or (not fresh and any(self.path.glob(f"{PIECES}/*"))):
            raise CannotWrite(f"{self.path} is there and holds something else; choose another folder")

    def _make(self) -> None:
        try:
            (self.path / PIECES).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unwritable(error) from None

    def _clear(self) -> None:
        # The manifest goes last: until then another sweep's pieces are not taken for this one's.
        try:
            written = [self.path / name for name in (RESULTS, SUMMARY, MANIFEST)]
            for file in [*self.path.glob(f"{PIECES}/*.npy"), *written]:
                file.unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> CannotWrite:
        return CannotWrite(f"{self.path} cannot be written: {error.strerror}; choose another folder")

    def piece(self, first: int, last: int, width: int) -> Numbers | None:
        """Measures of a piece that was done before, shape (last − first, width); None where it is not whole."""
        try:
            raw = self._piece(first).read_bytes()
            if raw[-CHECK:] != _check(raw[:-CHECK]):
                return None
            found: Numbers = np.lib.format.read_array(io.BytesIO(raw), allow_pickle=False)
        # What numpy raises of a torn header depends on where it is torn.
        except Exception:  # noqa: BLE001
            return None
        return found if (found.shape, found.dtype) == ((last - first, width), np.dtype(float)) else None

    def keep(self, first: int, measures: Numbers) -> None:
        """Write the measures of a piece with their check sum, by which `piece` knows one that a power cut tore."""
        content = io.BytesIO()
        np.save(content, measures, allow_pickle=False)
        write_file(self._piece(first), content.getvalue() + _check(content.getvalue()), flush=False)

    def _piece(self, first: int) -> Path:
        return self.path / PIECES / f"{first:09d}.npy"

    def tell(self, first: int, grid: Grid, measures: Numbers) -> None:
        """Make the rows of a piece ready, shape (p, measures): the table is then only joined."""
        self.lines[first] = "\n".join(_lines(first, grid, measures))

    def finish(self, grid: Grid, names: tuple[str, ...], measures: Numbers) -> Path:
        """Write the whole table as CSV: parameters, then measures; an empty cell is undefined."""
        path = self.path / RESULTS
        if sum(text.count("\n") + 1 for text in self.lines.values()) != len(measures):
            self.lines.clear()
            self.tell(0, grid, measures)
        head = ",".join((*map(_cell, grid.names), *names))
        return write_file(path, "\n".join((head, *(self.lines[at] for at in sorted(self.lines)), "")))

    def conclude(self, summary: Mapping[str, Any]) -> Path:
        """Write what the sweep says as a whole: verdict, data, refused sets, choices out of sample."""
        return write_file(self.path / SUMMARY, _text(summary))


def _check(raw: bytes) -> bytes:
    return crc32(raw).to_bytes(CHECK, "little")


def _lines(first: int, grid: Grid, measures: Numbers) -> Iterator[str]:
    # Numbers are most of the file: joined as they are, four times as fast as one cell after the other.
    words = [[_cell("none" if item is None else item) for item in values] for _, values in grid.axes]
    given = grid.rows(first, first + len(measures), words)
    for cells, values in zip(given, measures.tolist(), strict=True):
        yield ",".join((*cells, ",".join(map(repr, values)).replace("nan", "")))


def _cell(value: Any) -> str:
    """A value as a cell, quoted where it must be."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([str(value)])
    return text.getvalue()


def _text(identity: Mapping[str, Any]) -> str:
    from strategies.run_folder import to_json

    return to_json(identity)


def _identity_of(path: Path) -> Any:
    try:
        return json.loads((path / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        message = f"no manifest of a sweep ({error}): say --fresh to begin anew, or choose another folder"
        raise BadData([Fault(str(path / MANIFEST), 0, "", message)]) from None
