"""How columns are set, said once a table instead of once a cell: half of a long table would be that."""

from __future__ import annotations

from reports.blocks import Column, Table


def table_class(table: Table) -> str:
    """Classes of a table: its columns by number, so that no cell must say how it is set.

    Parameters
    ----------
    table : Table
        Any.
    """
    count = len(table.columns)
    known = (
        "sortable" if table.sortable else "fixed",
        "pairs" if count == 2 else "",
        "few" if count < 6 else "",
        "dense" if count > 9 else "",
        *(f"{name}{at}" for at, column in enumerate(table.columns, start=1) for name in _set(column)),
    )
    return " ".join(filter(None, known))


def _set(column: Column) -> tuple[str, ...]:
    """Letters of the rules of `column_rules` that a column follows."""
    if column.numeric:
        return ("n",)
    return tuple(letter for letter, holds in (("w", column.whole), ("b", column.breaks)) if holds)


def column_rules(most: int) -> str:
    """Rules of the style for columns by number: numbers flush right, dates in one piece, long words broken.

    Parameters
    ----------
    most : int
        Columns of the widest table.
    """
    return "".join(
        f".n{at} tr > :nth-child({at}) {{ text-align: right; padding-left: 0.5rem; }}\n"
        f":is(.n{at}, .w{at}) td:nth-child({at}), .w{at} th:nth-child({at}) {{ white-space: nowrap; }}\n"
        f".b{at} td:nth-child({at}) {{ overflow-wrap: anywhere; min-width: 14rem; }}\n"
        for at in range(1, most + 1)
    )
