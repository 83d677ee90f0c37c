"""The rows of a table that can be read, beside the faults of those that cannot."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic

from universes.errors import Fault
from universes.table import Record, RowType, read_table


@dataclass(frozen=True, slots=True)
class Part(Generic[RowType]):
    """What could be read of one table.

    Parameters
    ----------
    path : Path
        Its file.
    rows : tuple
        Rows without fault, in the order of the file.
    records : tuple of Record
        Every line as text, those with faults too, so that an id on a faulty line still counts as there.
    faults : tuple of Fault
        Faults of the lines and of the whole file.
    """

    path: Path
    rows: tuple[RowType, ...]
    records: tuple[Record, ...] = field(repr=False)
    faults: tuple[Fault, ...]

    def names(self, header: str) -> frozenset[str]:
        """Every text of one column."""
        return frozenset(record.cells.get(header, "") for record in self.records) - {""}

    def fault(self, row: RowType, header: str, message: str) -> Fault:
        """A fault of one row."""
        return Fault(str(self.path), line(row.where), header, message)


def line(where: str) -> int:
    """Line number in `Row.where`."""
    return int(where.rpartition(":")[2])


def read_part(path: Path, row_type: type[RowType]) -> Part[RowType]:
    """The rows of a fact table that can be read, and all its faults.

    Parameters
    ----------
    path : Path
        A CSV file, as `universes.table.read_rows` takes.
    row_type : type
        Dataclass of the table.
    """
    records, rows, faults = read_table(path, row_type)
    return Part(path, tuple(rows), tuple(records), tuple(faults))
