"""Rows as a table of text, as CSV that no spreadsheet runs, or as JSON without NaN."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

BANNER = "SIMULATED DATA: no price here was ever traded"
GAP = "  "
# A spreadsheet takes a cell that begins so for a formula (OWASP, "CSV Injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def plain(value: Any) -> Any:
    """A value as JSON holds it: sets sorted, dates as text, NaN and infinity as None."""
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(plain(item) for item in value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def as_json(document: Mapping[str, Any]) -> str:
    """A document as indented JSON with a line end, keys in the order given."""
    return json.dumps(plain(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as CSV with a header.

    Parameters
    ----------
    columns : sequence of str
        Names of the columns, in order.
    rows : iterable of mapping
        Values by column; what is missing or None is an empty cell. Numbers keep every digit; several values in one
        cell are joined by ``|``; a text that a spreadsheet would run begins with an apostrophe.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_safe(row.get(name)) for name in columns] for row in rows)
    return text.getvalue()


def as_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as text in columns, numbers to the right.

    Parameters
    ----------
    columns : sequence of str
        Heads.
    rows : iterable of sequence
        Values in the order of the heads; None is printed empty, a float with six digits.
    """
    given = [tuple(row) for row in rows]
    lines = [tuple(columns), *(tuple(map(_cell, row)) for row in given)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(columns))]
    right = [_numeric([row[at] for row in given]) for at in range(len(columns))]
    return "\n".join(_line(line, widths, right) for line in lines)


def _line(line: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    cells = (
        cell.rjust(width) if to_right else cell.ljust(width)
        for cell, width, to_right in zip(line, widths, right, strict=True)
    )
    return GAP.join(cells).rstrip()


def _numeric(values: Sequence[Any]) -> bool:
    return any(values) and all(value in (None, "") or _is_number(value) for value in values)


def _is_number(value: Any) -> bool:
    if isinstance(value, int | float):
        return not isinstance(value, bool)
    return bool(set(str(value)) & set("0123456789")) and not set(str(value)) - set(
        "0123456789.,+-−% \N{NARROW NO-BREAK SPACE}"
    )


def _cell(value: Any) -> str:
    """A value as one line of text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else ""
    if isinstance(value, set | frozenset | list | tuple):
        return "|".join(sorted(map(str, value)) if isinstance(value, set | frozenset) else map(str, value))
    return " ".join(str(value).split())


def _safe(value: Any) -> str:
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else ""
    text = _cell(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not is_number else text
