"""One file of daily prices: its text as bars, each with its line, or the reason why it cannot be read."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from universes import cells
from universes.panel import Finding
from universes.price_dialects import (
    OURS,
    PLAIN_HEADER,
    Dialect,
    UnknownDialect,
    known_names,
    plain_name,
    recognise,
)
from universes.table import MOST_BYTES

if TYPE_CHECKING:
    import pandas as pd

# Exchanges whose sessions are known to the year have no older prices, and nobody has later ones.
FIRST_DAY, LAST_DAY = date(1960, 1, 1), date(2099, 12, 31)
# A larger ratio is taken for a price or a date in the wrong column.
MOST_SHARES = 10_000
_EPOCH = date(1970, 1, 1).toordinal()
_NUMERIC = frozenset("0123456789+-.eE")
_DATELIKE = frozenset("0123456789-")


@dataclass(frozen=True, eq=False)
class PriceFile:
    """Bars of one symbol as its source has them, a file or what a vendor sent.

    Parameters
    ----------
    symbol : str
        Whose bars.
    file : str
        Name of the file, or of what the vendor sent (``yahoo MP of 2026-01-05``), for messages.
    bars : DataFrame of shape (T, …)
        Index: naive dates, in the order of the source. Columns ``open high low close volume dividend split``, where
        there is one ``adjusted_close`` and ``unadjusted_close``, and for files ``line``, the line of each bar; every
        cell a finite number.
    has_dividends : bool
        Whether the source tells dividends.
    dialect : str
        Whose way of writing it was recognised: a name in `universes.price_dialects`.
    basis : str
        ``raw``, ``split-adjusted`` or ``total-return``: how `bars` are stated.
    currency : str
        Label of the unit of all prices (``USD``, ``GBp``); empty where the source has none.
    fetched_at : datetime or None
        When the vendor answered, with a zone; None for files, whose age nobody knows.
    """

    symbol: str
    file: str
    bars: pd.DataFrame
    has_dividends: bool
    dialect: str = "plain"
    basis: str = OURS
    currency: str = ""
    fetched_at: datetime | None = None

    def __len__(self) -> int:
        return len(self.bars)

    def day(self, position: int) -> str:
        """Date of a bar, ``YYYY-MM-DD``."""
        return str(self.bars.index[position].date())

    def place(self, position: int) -> str:
        """File and line of a bar; the name and the date where there are no lines."""
        if "line" in self.bars:
            return f"{self.file}:{int(self.bars['line'].iloc[position])}"
        return f"{self.file}, {self.day(position)}"

    def values(self, column: str) -> npt.NDArray[np.float64]:
        """One column as numbers, shape (T,)."""
        return self.bars[column].to_numpy(dtype=float)

    def keep(self, mask: npt.NDArray[np.bool_]) -> PriceFile:
        """The same file with only the bars for which `mask` is true."""
        return self if mask.all() else replace(self, bars=self.bars[mask])


@dataclass(frozen=True, eq=False)
class Opened:
    """What a source has of one symbol.

    Parameters
    ----------
    file : PriceFile or None
        The series; None when there is none or it cannot be read.
    findings : tuple of Finding
        What was seen on opening it.
    reason : str
        Why there is none.
    """

    file: PriceFile | None
    findings: tuple[Finding, ...] = ()
    reason: str = ""

    @classmethod
    def refused(cls, finding: Finding) -> Opened:
        """Nothing, for the reason that a finding gives."""
        return cls(None, (finding,), f"{finding.gate}: {finding.message}")


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


def read_prices(symbol: str, path: Path, *, basis: str = "", currency: str = "") -> Opened:
    """Bars of a file in its order, or the finding that says why there are none; further findings are flagged.

    Parameters
    ----------
    symbol : str
        Whose prices.
    path : Path
        A CSV file in UTF-8; a byte order mark and any line ending are accepted.
    basis : str
        How the prices are stated, where the user said so: one of `universes.price_dialects.BASES`.
    currency : str
        Unit of all prices, where the user said so.

    Returns
    -------
    Opened
        Gates ``unreadable``, ``empty-file``, ``missing-column``, ``two-dialects``, ``unknown-basis``,
        ``not-daily``, ``several-symbols``, ``bad-date``, ``bad-number``, ``extra-column``.
    """
    try:
        grid = _grid(_text(path))
        dialect, found = _recognised(grid.header, basis)
        _check_constants(grid, dialect, found)
        bars = _bars(grid, dialect, found)
    except _Unreadable as error:
        place = f"{path.name}:{error.line}" if error.line else path.name
        return Opened.refused(Finding("refused", symbol, error.on, error.gate, f"{place}: {error.message}"))
    known = known_names(dialect)
    extra = [name for name in grid.header if plain_name(name) not in known]
    findings = (_extra_columns(symbol, path.name, extra),) if extra else ()
    file = PriceFile(symbol, path.name, bars, "dividend" in found, dialect.name, dialect.basis, currency)
    return Opened(file, findings)


def _recognised(header: Sequence[str], basis: str) -> tuple[Dialect, dict[str, int]]:
    try:
        return recognise(header, basis)
    except UnknownDialect as error:
        raise _Unreadable(error.gate, error.message, line=1) from None


def _check_constants(grid: _Grid, dialect: Dialect, found: dict[str, int]) -> None:
    """Refuse a file of several symbols or of other bars than daily ones."""
    for name, wanted in dialect.constant.items():
        texts = [text.strip() for text in grid.columns[found[name]]] if name in found else []
        expected = wanted or (texts[0] if texts else "")
        row = next((at for at, text in enumerate(texts) if text.casefold() != expected.casefold()), None)
        if row is not None:
            gate, mend = (
                ("not-daily", f"{expected} for daily bars") if wanted else ("several-symbols", "one a file")
            )
            shown = f"{grid.header[found[name]].strip()} is {texts[row][:40]!r}"
            raise _Unreadable(gate, f"{shown}, not {expected[:40]!r}: write {mend}", line=grid.lines[row])


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
        raise _Unreadable("empty-file", f"{what}; write {PLAIN_HEADER} and one line a session")
    width = len(rows[0])
    ragged = next((at for at, row in enumerate(rows) if len(row) != width), None)
    if ragged is not None:
        message = f"{len(rows[ragged])} cells; the header has {width}: mend the commas of the line"
        raise _Unreadable("unreadable", message, line=lines[ragged])
    return _Grid(rows[0], [list(column) for column in zip(*rows[1:], strict=True)], lines[1:])


def _bars(grid: _Grid, dialect: Dialect, found: dict[str, int]) -> pd.DataFrame:
    import pandas as pd

    days = _days(dialect.days(grid.columns[found["date"]]), grid.lines)
    table = {
        name: _numbers(grid, position, days)
        for name, position in found.items()
        if name not in {"date", "split"} and name not in dialect.constant
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
