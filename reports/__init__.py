"""Tell it: one offline HTML page of one or several backtests.

>>> import reports
>>> reports.tearsheet(result, "pullback.html")  # doctest: +SKIP
PosixPath('pullback.html')
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reports.blocks import Cell, Column, Points, Table, Text
    from reports.page import tearsheet
    from reports.section import Section

__all__ = ["Cell", "Column", "Points", "Section", "Table", "Text", "tearsheet"]

_HOMES = {"Section": "reports.section", "tearsheet": "reports.page"} | dict.fromkeys(
    ("Cell", "Column", "Points", "Table", "Text"), "reports.blocks"
)


def __getattr__(name: str) -> Any:
    # Loaded on first use: plotly and the templates cost a second.
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'reports' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
