"""One file of daily prices: its text as bars, each with its line, or the reason why it cannot be read."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from universes import cells
from universes.errors import did_you_mean
from universes.panel import Finding
from universes.table import MOST_BYTES

if TYPE_CHECKING:
    import pandas as pd

HEADER = "Date,Open,High,Low,Close,Volume"
REQUIRED = ("date", "open", "high", "low", "close", "volume")
# Names of columns as in the file, lower case and without spaces, and in the bars.
KNOWN = {
    "date": "date", "open": "open", "high": "high", "low": "low", "close": "close", "volume": "volume",
    "adjclose": "adjusted_close", "dividends": "dividend", "stocksplits": "split",
}  # fmt: skip
# Exchanges whose sessions are known to the year have no older prices, and nobody has later ones.
FIRST_DAY, LAST_DAY = date(1960, 1, 1), date(2099, 12, 31)
# A larger ratio is taken for a price or a date in the wrong column.
MOST_SHARES = 10_000
_EPOCH = date(1970, 1, 1).toordinal()
_NUMERIC = frozenset("0123456789+-.eE")
_DATELIKE = frozenset("0123456789-")


@dataclass(frozen=True, eq=False)
class PriceFile:
    """Bars of one file as they stand in it.

    Parameters
    ----------
    symbol : str
        Whose bars.
    file : str
        Name of the file, for messages.
    bars : DataFrame of shape (T, …)
        Index: naive dates, in the order of the file. Columns ``open high low close volume dividend split line``
        and, where the file has it, ``adjusted_close``; every cell a finite number, `line` the line in the file.
    has_dividends : bool
        Whether the file has a column of dividends.
    """

    symbol: str
    file: str
    bars: pd.DataFrame
    has_dividends: bool

    def __len__(self) -> int:
        return len(self.bars)

    def day(self, position: int) -> str:
        """Date of a bar, ``YYYY-MM-DD``."""
        return str(self.bars.index[position].date())

    def place(self, position: int) -> str:
        """File and line of a bar."""
        return f"{self.file}:{int(self.bars['line'].iloc[position])}"

    def values(self, column: str) -> npt.NDArray[np.float64]:
        """One column as numbers, shape (T,)."""
        return self.bars[column].to_numpy(dtype=float)

    def keep(self, mask: npt.NDArray[np.bool_]) -> PriceFile:
        """The same file with only the bars for which `mask` is true."""
        return self if mask.all() else replace(self, bars=self.bars[mask])


class _Unreadable(Exception):
    def __init__(self, gate: str, message: str, *, line: int = 0, on: str = "") -> None:
        self.gate, self.message, self.line, self.on = gate, message, line, on
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Cells of a file by column, with the line of each row."""

    header: list[str]
    columns: list[list[str]]
    lines: list[int]


def read_prices(symbol: str, path: Path) -> tuple[PriceFile | None, tuple[Finding, ...]]:
    """Bars of a file, or None with the finding that says why; further findings are flagged.

    Parameters
    ----------
    symbol : str
        Whose prices.
    path : Path
        A CSV file in UTF-8; a byte order mark and any line ending are accepted.

    Returns
    -------
    PriceFile or None
        Bars in the order of the file.
    tuple of Finding
        Gates ``unreadable``, ``empty-file``, ``missing-column``, ``bad-date``, ``bad-number``, ``extra-column``.
    """
    try:
        grid = _grid(_text(path))
        found = _known_columns(grid.header)
        bars = _bars(grid, found)
    except _Unreadable as error:
        place = f"{path.name}:{error.line}" if error.line else path.name
        return None, (Finding("refused", symbol, error.on, error.gate, f"{place}: {error.message}"),)
    extra = [name for name in grid.header if _plain(name) not in KNOWN]
    findings = [_extra_columns(symbol, path.name, extra)] if extra else []
    return PriceFile(symbol, path.name, bars, "dividend" in found), tuple(findings)


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()


def _extra_columns(symbol: str, file: str, extra: Sequence[str]) -> Finding:
    shown = ", ".join(repr(name) for name in extra[:6]) + (" …" if len(extra) > 6 else "")
    many = "s" if len(extra) > 1 else ""
    message = f"{file}:1: column{many} {shown} not known here and not read; remove what you do not need"
    return Finding("flagged", symbol, "", "extra-column", message)


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise _Unreadable("unreadable", "is not a file: put a CSV file in its place")
        if (size := path.stat().st_size) > MOST_BYTES:
            raise _Unreadable("unreadable", f"{size} bytes; a price file may have {MOST_BYTES}: split it")
        raw = path.read_bytes()
    except OSError as error:
        raise _Unreadable("unreadable", f"cannot be read: {error.strerror}; check who may read it") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        message = f"byte {raw[error.start]:#04x} is not UTF-8: save the file as UTF-8"
        raise _Unreadable("unreadable", message, line=line) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise _Unreadable("unreadable", "a NUL character: remove it", line=line)
    return text


def _grid(text: str) -> _Grid:
    return _unquoted(text) or _quoted(text)


def _unquoted(text: str) -> _Grid | None:
    """Cells of a file without quotes, blank lines and ragged lines, about five times as fast; None for any other."""
    text = text.replace("\r\n", "\n")
    rows = text.removesuffix("\n").split("\n")
    commas = rows[0].count(",")
    if len(rows) < 2 or '"' in text or "\r" in text:
        return None
    if any(row.count(",") != commas or not row.strip(" ,") for row in rows):
        return None
    flat, width = ",".join(rows).split(","), commas + 1
    columns = [flat[position::width] for position in range(width)]
    return _Grid(
        [column[0] for column in columns], [column[1:] for column in columns], [*range(2, len(rows) + 1)]
    )


def _quoted(text: str) -> _Grid:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    line = 1
    try:
        for row in reader:
            if any(map(str.strip, row)):
                rows.append(row)
                lines.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        message = f"not CSV: {error}; close the quote that opens here"
        raise _Unreadable("unreadable", message, line=line) from None
    if len(rows) < 2:
        what = "the file is empty" if not rows else "a header and no bars"
        raise _Unreadable("empty-file", f"{what}; write {HEADER} and one line a session")
    width = len(rows[0])
    ragged = next((at for at, row in enumerate(rows) if len(row) != width), None)
    if ragged is not None:
        message = f"{len(rows[ragged])} cells; the header has {width}: mend the commas of the line"
        raise _Unreadable("unreadable", message, line=lines[ragged])
    return _Grid(rows[0], [list(column) for column in zip(*rows[1:], strict=True)], lines[1:])


def _known_columns(header: Sequence[str]) -> dict[str, int]:
    """Position of every column that is known, by its name in the bars."""
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        message = "columns look separated by ';' or tab: save with commas"
        raise _Unreadable("missing-column", message, line=1)
    found: dict[str, int] = {}
    for position, name in enumerate(header):
        column = KNOWN.get(_plain(name))
        if column in found:
            raise _Unreadable("missing-column", f"column {name!r} appears twice: remove one", line=1)
        if column:
            found[column] = position
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        near = did_you_mean(missing[0], [name for name in header if _plain(name) not in KNOWN])
        hint = near if near.startswith("; did") else ""
        message = f"column {missing[0].title()} is missing{hint or f'; the header must hold {HEADER}'}"
        raise _Unreadable("missing-column", message, line=1)
    return found


def _bars(grid: _Grid, found: dict[str, int]) -> pd.DataFrame:
    import pandas as pd

    days = _days(grid.columns[found["date"]], grid.lines)
    table = {
        name: _numbers(grid, position, days)
        for name, position in found.items()
        if name not in {"date", "split"}
    }
    table.setdefault("dividend", np.zeros(len(days)))
    table["split"] = _splits(grid, found.get("split"), days)
    table["line"] = np.array(grid.lines, dtype=float)
    return pd.DataFrame(table, index=pd.DatetimeIndex(days.astype("datetime64[ns]"), name="session"))


def _days(texts: Sequence[str], lines: Sequence[int]) -> npt.NDArray[np.datetime64]:
    plain = _DATELIKE.issuperset("".join(texts)) and all(len(text) == 10 for text in texts)
    try:
        days = [date.fromisoformat(text) for text in texts] if plain else []
    except ValueError:
        days = []
    if not days or min(days) < FIRST_DAY or max(days) > LAST_DAY:
        days = [_day(text.strip()[:40], line) for text, line in zip(texts, lines, strict=True)]
    since_1970 = np.fromiter((day.toordinal() - _EPOCH for day in days), dtype="int64", count=len(days))
    return since_1970.astype("datetime64[D]")


def _day(text: str, line: int) -> date:
    try:
        day = cells.day(text)
    except ValueError as error:
        raise _Unreadable("bad-date", f"Date {error}, and no time of day", line=line) from None
    if not FIRST_DAY <= day <= LAST_DAY:
        message = f"Date {text!r} is outside {FIRST_DAY} to {LAST_DAY}: correct it"
        raise _Unreadable("bad-date", message, line=line, on=str(day))
    return day


def _numbers(grid: _Grid, position: int, days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.float64]:
    texts = grid.columns[position]
    try:
        # The check of letters keeps out what float() reads beside decimals: nan, inf, 1_000.
        plain = _NUMERIC.issuperset("".join(texts))
        numbers = np.fromiter(map(float, texts), dtype=float, count=len(texts)) if plain else None
    except ValueError:
        numbers = None
    if numbers is None or not np.isfinite(numbers).all():
        return np.array(
            [_number(text, grid, position, row, days) for row, text in enumerate(texts)], dtype=float
        )
    return numbers


def _number(text: str, grid: _Grid, position: int, row: int, days: npt.NDArray[np.datetime64]) -> float:
    plain = text.strip()
    try:
        number = float(plain) if _NUMERIC.issuperset(plain) else float("nan")
    except ValueError:
        number = float("nan")
    if np.isfinite(number):
        return number
    what = (
        f"{grid.header[position].strip()} {text[:40]!r}"
        if plain
        else f"{grid.header[position].strip()} is empty: it"
    )
    message = f"{what} is not a finite number: correct it, or remove the line if there was no session"
    raise _Unreadable("bad-number", message, line=grid.lines[row], on=str(days[row]))


def _splits(grid: _Grid, position: int | None, days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.float64]:
    """New shares for one old by bar, 1 = none; vendors write 0 where there is none."""
    if position is None:
        return np.ones(len(days))
    splits = _numbers(grid, position, days)
    absurd = (splits != 0) & ~((splits >= 1 / MOST_SHARES) & (splits <= MOST_SHARES))
    if absurd.any():
        row = int(absurd.argmax())
        text = grid.columns[position][row]
        message = f"split {text[:40]!r} is no ratio of shares: write new shares for one old, 4 for 4:1"
        raise _Unreadable("bad-number", message, line=grid.lines[row], on=str(days[row]))
    return np.where(splits == 0, 1.0, splits)
