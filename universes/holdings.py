"""A user's holdings: what is held, and for how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from universes import cells
from universes.errors import BadData, Fault
from universes.table import Row, column, read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding(Row):
    """One position; `value` in one currency for the whole file, below zero for a short one."""

    symbol: str = column(cells.symbol)
    value: float = column(cells.number)


def read_holdings(path: Path) -> Mapping[str, float]:
    """Share of each symbol in the gross value of a file of holdings.

    Parameters
    ----------
    path : Path
        CSV with the columns ``symbol,value``; a symbol may stand once.

    Returns
    -------
    mapping of str to float
        Shares by symbol, below zero for short positions; their absolute values sum to 1.

    Raises
    ------
    BadData
        With every fault of the file.
    """
    rows = read_rows(path, Holding)
    faults = [
        _twice(path, row)
        for number, row in enumerate(rows)
        if row.symbol in {item.symbol for item in rows[:number]}
    ]
    gross = sum(abs(row.value) for row in rows)
    if not faults and gross <= 0:
        faults = [
            Fault(str(path), 0, "value", "the positions are worth nothing together: write a value for each")
        ]
    if faults:
        raise BadData(faults)
    return {row.symbol: row.value / gross for row in rows}


def _twice(path: Path, row: Holding) -> Fault:
    line = int(row.where.rpartition(":")[2])
    return Fault(str(path), line, "symbol", f"{row.symbol!r} stands twice: add the two values up in one line")
