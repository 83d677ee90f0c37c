"""A sweep on disk: what it was, the measures of each piece as they are done, and the whole table at the end."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from strategies.arrays import Numbers
from strategies.parameter_grid import Grid
from universes.atomic import check_folder, write_file
from universes.errors import BadData, BadParameter, Fault

MANIFEST, RESULTS = "manifest.json", "results.csv"


@dataclass(frozen=True, slots=True)
class SweepResults:
    """A folder that a sweep can be resumed from.

    Parameters
    ----------
    path : Path
        The folder.
    """

    path: Path

    def begin(self, identity: Mapping[str, Any], *, fresh: bool) -> None:
        """Write down what the sweep is, or find that it is the one that stands here.

        Raises
        ------
        BadParameter
            If another sweep stands here and `fresh` was not said.
        CannotWrite
            If the folder cannot be written.
        """
        check_folder(self.path)
        if self.path.exists() and not fresh and (self.path / MANIFEST).exists():
            if _identity_of(self.path) != json.loads(_text(identity)):
                raise BadParameter(
                    f"{self.path} holds another sweep: choose another folder, or say --fresh to replace it"
                )
            return
        self._clear()
        (self.path / "pieces").mkdir(parents=True, exist_ok=True)
        write_file(self.path / MANIFEST, _text(identity))

    def _clear(self) -> None:
        for file in [*self.path.glob("pieces/*.npy"), self.path / RESULTS, self.path / MANIFEST]:
            file.unlink(missing_ok=True)

    def piece(self, first: int, last: int, width: int) -> Numbers | None:
        """Measures of a piece that was done before, shape (last − first, width); None where it is not whole."""
        try:
            found: Numbers = np.load(self._piece(first), allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return found if found.shape == (last - first, width) else None

    def keep(self, first: int, measures: Numbers) -> None:
        """Write the measures of a piece, whole or not at all."""
        content = io.BytesIO()
        np.save(content, measures, allow_pickle=False)
        write_file(self._piece(first), content.getvalue())

    def _piece(self, first: int) -> Path:
        return self.path / "pieces" / f"{first:09d}.npy"

    def finish(self, grid: Grid, names: tuple[str, ...], measures: Numbers) -> Path:
        """Write the whole table as CSV: parameters, then measures; an empty cell is undefined."""
        path = self.path / RESULTS
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([*grid.names, *names])
        writer.writerows(_rows(grid, measures))
        return write_file(path, text.getvalue())


def _rows(grid: Grid, measures: Numbers) -> Iterator[list[str]]:
    for number, values in enumerate(measures.tolist()):
        given = ["none" if item is None else str(item) for item in grid.set(number).values()]
        yield [*given, *("" if math.isnan(item) else repr(item) for item in values)]


def _text(identity: Mapping[str, Any]) -> str:
    from strategies.run_folder import to_json

    return to_json(identity)


def _identity_of(path: Path) -> Any:
    try:
        return json.loads((path / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        message = f"no manifest of a sweep ({error}): say --fresh to begin anew, or choose another folder"
        raise BadData([Fault(str(path / MANIFEST), 0, "", message)]) from None
