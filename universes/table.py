"""Reading a fact table: strict CSV, everything text until its column says otherwise, all faults at once.

A table is a frozen dataclass whose fields are declared with `column`; the field names are the header.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from universes.errors import BadData, Fault, did_you_mean

Parser = Callable[[str], Any]
RowType = TypeVar("RowType", bound="Row")

MOST_BYTES = 32 * 1024 * 1024


def column(parse: Parser = str, *, optional: bool = False, header: str = "") -> Any:
    """Field of a table row, read by `parse`, which raises ValueError with the message for the user.

    Parameters
    ----------
    parse : callable
        From the cell's text, stripped, never empty, to its value.
    optional : bool
        Whether an empty cell is allowed; it reads as None.
    header : str
        Name of the column where it is not the field's, as ``from``, which Python keeps for itself.
    """
    metadata = {"parse": parse, "optional": optional, "header": header}
    return field(default=None, metadata=metadata) if optional else field(metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One fact; `where` is its file and line, for messages."""

    where: str


@dataclass(frozen=True, slots=True)
class Record:
    """Cells of one line, by header, before any meaning is read into them."""

    line: int
    cells: dict[str, str]


def read_rows(path: Path, row_type: type[RowType]) -> tuple[RowType, ...]:
    """Rows of a fact table.

    Parameters
    ----------
    path : Path
        A CSV file in UTF-8; a byte order mark and any line ending are accepted.
    row_type : type
        Dataclass of the table.

    Raises
    ------
    BadData
        With every fault of the file.
    """
    _, rows, faults = read_table(path, row_type)
    if faults:
        raise BadData(sorted(faults))
    return tuple(rows)


def read_table(path: Path, row_type: type[RowType]) -> tuple[list[Record], list[RowType], list[Fault]]:
    """Every line as text, the rows without fault, and the faults of the others.

    Parameters
    ----------
    path : Path
        As `read_rows` takes.
    row_type : type
        Dataclass of the table.
    """
    faults: list[Fault] = []
    columns = _columns(row_type)  # type: ignore[arg-type]
    required = tuple(cell.header for cell in columns if not cell.optional)
    records = read_records(path, required, tuple(cell.header for cell in columns), faults)
    rows = [_row(path, record, row_type, columns, faults) for record in records]
    return records, [row for row in rows if row is not None], faults


def read_records(
    path: Path, required: tuple[str, ...], known: tuple[str, ...], faults: list[Fault]
) -> list[Record]:
    """Lines of a CSV file as text; faults of form are appended to `faults`.

    Parameters
    ----------
    path : Path
        File to read.
    required, known : tuple of str
        Columns that must be there, and those that may be.
    faults : list of Fault
        Grows by what is wrong: encoding, header, ragged or repeated lines.
    """
    text = _text(path, faults)
    if text is None:
        return []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader)]
    except StopIteration:
        faults.append(Fault(str(path), 0, "", f"the file is empty; its first line must be {','.join(known)}"))
        return []
    except csv.Error as error:
        faults.append(Fault(str(path), reader.line_num, "", f"not CSV: {error}"))
        return []
    if not _header_is_right(path, header, required, known, faults):
        return []
    return list(_records(path, reader, header, faults))


def _text(path: Path, faults: list[Fault]) -> str | None:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            faults.append(Fault(str(path), 0, "", f"{size} bytes; a table may have {MOST_BYTES}: split it"))
            return None
        raw = path.read_bytes()
    except OSError as error:
        faults.append(Fault(str(path), 0, "", f"cannot be read: {error.strerror}"))
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        faults.append(Fault(str(path), line, "", f"byte {raw[error.start]:#04x} is not UTF-8: save as UTF-8"))
        return None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        faults.append(Fault(str(path), line, "", "a NUL character: remove it"))
        return None
    return text


def _header_is_right(
    path: Path, header: list[str], required: tuple[str, ...], known: tuple[str, ...], faults: list[Fault]
) -> bool:
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        faults.append(Fault(str(path), 1, "", "columns look separated by ';' or tab: save with commas"))
        return False
    wrong = {name: "column appears twice: remove one" for name in header if header.count(name) > 1}
    wrong |= {name: f"unknown column{did_you_mean(name, known)}" for name in header if name not in known}
    shown = ", ".join(header)
    wrong |= {name: f"column is missing; the header has {shown}" for name in required if name not in header}
    faults.extend(Fault(str(path), 1, name, message) for name, message in wrong.items())
    return not wrong


def _records(path: Path, reader: Any, header: list[str], faults: list[Fault]) -> Iterator[Record]:
    seen: dict[tuple[str, ...], int] = {}
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            faults.append(Fault(str(path), line, "", f"not CSV: {error}: close the quote that opens here"))
            return
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            faults.append(Fault(str(path), line, "", f"{len(cells)} cells; the header has {len(header)}"))
            continue
        stripped = tuple(cell.strip() for cell in cells)
        if stripped in seen:
            faults.append(Fault(str(path), line, "", f"repeats line {seen[stripped]}: remove one"))
            continue
        seen[stripped] = line
        yield Record(line, dict(zip(header, stripped, strict=True)))


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    header: str
    parse: Parser
    optional: bool


@cache
def _columns(row_type: Any) -> tuple[_Column, ...]:
    own = getattr(row_type, "__annotations__", {})
    # A header reads from what the fact is about to how it is known.
    ordered = sorted(fields(row_type), key=lambda item: item.name not in own)
    return tuple(
        _Column(
            item.name, item.metadata["header"] or item.name, item.metadata["parse"], item.metadata["optional"]
        )
        for item in ordered
        if "parse" in item.metadata
    )


def _row(
    path: Path, record: Record, row_type: type[RowType], columns: tuple[_Column, ...], faults: list[Fault]
) -> RowType | None:
    values: dict[str, Any] = {"where": f"{path.name}:{record.line}"}
    before = len(faults)
    for cell in columns:
        text = record.cells.get(cell.header, "")
        if not text:
            values[cell.name] = None
            if not cell.optional:
                faults.append(Fault(str(path), record.line, cell.header, "is empty and must be filled in"))
            continue
        try:
            values[cell.name] = cell.parse(text)
        except ValueError as error:
            faults.append(Fault(str(path), record.line, cell.header, str(error)))
    return row_type(**values) if len(faults) == before else None
