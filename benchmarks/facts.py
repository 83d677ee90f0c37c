"""How long facts take, as ratios to named peers measured in the same run.

``python benchmarks/facts.py`` prints one line a row. The large universe is the shipped one many times over, under
other names.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

from screener.history import score_history
from universes.catalog import load
from universes.checks import check_facts
from universes.facts import DATA, Facts
from universes.universe import Universe

COMPANIES, DATES = 5_000, 200
# Columns that hold the name of a company, an asset or a symbol, which each copy has for itself.
OWN = ("company", "asset", "symbol", "successor", "support")


def copies(universe: Universe, companies: int) -> Universe:
    """A universe of so many companies, from copies of another."""
    times = -(-companies // len(universe.companies))
    wanted = [f"-{number}" for number in range(times)]
    tables = {
        item.name: tuple(_copies(getattr(universe.facts, item.name), wanted))
        for item in fields(universe.facts)
    }
    members = tuple(_copies(universe.memberships, wanted))
    kept = {row.company for row in members[:companies]}
    return Universe("copies", Facts(**tables), tuple(row for row in members if row.company in kept))


def _copies(rows: Iterable[Any], suffixes: Iterable[str]) -> Iterable[Any]:
    own = [name for name in OWN if rows and hasattr(next(iter(rows)), name)]
    if not own:
        return rows
    return (
        replace(row, **{name: f"{value}{suffix}" for name in own if (value := getattr(row, name))})
        for suffix in suffixes
        for row in rows
    )


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def main() -> int:
    """Print the table; 1 when a limit is missed."""
    command = [sys.executable, "-c", "import pandas"]
    peer = min(seconds(lambda: subprocess.run(command, check=True)) for _ in range(5))
    check_facts(DATA)
    valid = min(seconds(lambda: check_facts(DATA)) for _ in range(3))
    large = copies(load(), COMPANIES)
    days = [date(2010, 1, 4) + timedelta(days=round(at * 6_000 / DATES)) for at in range(DATES)]
    scored = seconds(lambda: score_history(large, days))
    rows = (
        ("check of all facts, warm", valid, 1.0),
        (f"{len(large.companies):,} companies × {DATES} dates", scored, 10.0),
    )
    for name, taken, limit in rows:
        print(
            f"{name:<32} {taken:6.2f} s   import pandas {peer:5.2f} s   ratio {taken / peer:6.2f}   limit {limit:.0f} s"
        )
    return 0 if all(taken <= limit for _, taken, limit in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
