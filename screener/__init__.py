"""Which companies are aligned with policy on one date: score, filters, and the reason for every name.

>>> import screener, universes
>>> found = screener.screen(universes.load("critical-minerals"), "2025-07-09", top=15)
>>> len(found.rows)
15
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

# Not lazily like the others: a module of the same name would take the function's place when it is imported.
from screener.eligibility import eligibility
from screener.score_table import score_table

if TYPE_CHECKING:
    from screener.explanation import explain
    from screener.factor import Factor
    from screener.ranking import Screen, screen

__all__ = ["Factor", "Screen", "eligibility", "explain", "score_table", "screen"]

_HOMES = {
    "Factor": "screener.factor",
    "Screen": "screener.ranking",
    "explain": "screener.explanation",
    "screen": "screener.ranking",
}


def __getattr__(name: str) -> Any:
    # Loaded on first use: `lodestone --help` reads no facts.
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'screener' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
