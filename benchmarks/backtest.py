"""The backtester's speed against named peers, as ratios measured in one run.

``python -m benchmarks.backtest`` measures every row and keeps them in benchmarks/RESULTS.md; ``--row 3`` measures one
and keeps nothing. What is compared is asserted to be the same before it is timed. A peer that is not there is said, and
its row is not met.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import timing
from benchmarks.kept_results import keep, line
from benchmarks.timing import Row, environments

ROWS = tuple(range(1, 10))
TITLE = "Speed of the backtester"
PANEL = (
    "Unless said otherwise: 150 symbols × 3,780 sessions × 100 events (benchmarks/panel.py), an event touching a third "
    "of the symbols."
)


def measure(numbers: tuple[int, ...]) -> list[Row]:
    """The rows asked for, each printed as soon as it is there."""
    found: list[Row] = []
    for group in _groups():
        wanted = tuple(number for number in numbers if number in group[0])
        for number in wanted:
            made = _one(group[1], number)
            for row in made:
                print(line(row), flush=True)
                if row.ratio is None:
                    print("   ", *row.notes, flush=True)
            found += made
    return found


def _one(rows: Callable[[tuple[int, ...]], list[Row]], number: int) -> list[Row]:
    """A row; one that fails is not met, and the others go on."""
    try:
        return rows((number,))
    except (AssertionError, ImportError, RuntimeError, subprocess.CalledProcessError) as error:
        said = f"{type(error).__name__}: {error}"
        return [Row(number, "could not be measured", "", "", "", None, "", False, (said,))]


def _groups() -> tuple[tuple[tuple[int, ...], Callable[[tuple[int, ...]], list[Row]]], ...]:
    from benchmarks import own_rows, scale_rows, shared_rows, start_row

    return (
        ((1, 2), own_rows.rows),
        ((3, 4, 7), shared_rows.rows),
        ((5, 6, 9), scale_rows.rows),
        ((8,), start_row.rows),
    )


def main() -> int:
    """Print the table; 1 when a row is not met."""
    chosen = timing.row_parser(__doc__, ROWS).parse_args()
    script = str(Path(__file__).parent / "environments.sh")
    subprocess.run(["/bin/bash", script, str(environments()), sys.executable], check=False, cwd=timing.ROOT)
    begin = time.perf_counter()
    rows = measure(tuple(chosen.row or ROWS))
    if not chosen.row:
        keep(TITLE, PANEL, rows, time.perf_counter() - begin)
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
