"""The backtester's speed against named peers, as ratios measured in one run.

``python -m benchmarks.backtest`` measures every row and writes benchmarks/RESULTS.md; ``--row 3`` measures one and
writes nothing. What is compared is asserted to be the same before it is timed. A peer that is not there is said, and
its row is not met.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks import timing
from benchmarks.timing import REPEATS, Row, environments

RESULTS = Path(__file__).parent / "RESULTS.md"
ROWS = tuple(range(1, 10))
PACKAGES = ("numpy", "numba", "pandas", "vectorbt")


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


def line(row: Row) -> str:
    """A row as one line to print."""
    ratio = "      -" if row.ratio is None else f"{row.ratio:7,.2f}"
    said = "met" if row.met else "NOT MET"
    return f"{row.number}  {row.what[:62]:<62}  {row.peer[:44]:<44}  {ratio}  {row.target:<20} {said}"


def report(rows: list[Row], taken: float) -> str:
    """RESULTS.md: machine, versions, date, the table, and what exactly was compared."""
    table = [
        f"| {row.number} | {row.what} | {row.peer} | {row.ours} | {row.theirs} | {_ratio(row)} | {row.target} | "
        f"{'yes' if row.met else '**no**'} |"
        for row in sorted(rows, key=lambda row: row.number)
    ]
    notes = [
        "\n".join([f"**{row.number}. {row.peer}**", "", *(f"- {note}" for note in row.notes), ""])
        for row in sorted(rows, key=lambda row: row.number)
    ]
    lines = [*_head(taken), *table, "", "## What was compared", "", *notes]
    return "\n".join(lines)


def _head(taken: float) -> list[str]:
    methods = (
        f"- Medians of {REPEATS} or more after a warm-up, in turns where both sides run in one process; "
        f"{taken / 60:.0f} minutes in all."
    )
    panel = (
        "- Unless said otherwise: 150 symbols × 3,780 sessions × 100 events (benchmarks/panel.py), an event touching a "
        "third of the symbols."
    )
    said = (
        "Written by `make bench`. Every ratio is measured in one run, and what is compared is asserted to be the same "
        "first."
    )
    columns = "| | what | against | ours | theirs | ratio | wanted | met |"
    return [
        "# Speed of the backtester",
        "",
        said,
        "",
        *_machine(),
        methods,
        panel,
        "",
        columns,
        "|---" * 8 + "|",
    ]


def _ratio(row: Row) -> str:
    if row.ratio is None:
        return "–"
    return f"{row.ratio:,.0f}" if row.ratio >= 10 else f"{row.ratio:.2f}"


def _machine() -> list[str]:
    memory = (
        os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30 if hasattr(os, "sysconf") else 0.0
    )
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    load = f"; load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    return [
        f"- {today}; {_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}{load}.",
        f"- {platform.python_implementation()} {platform.python_version()}, {packages}.",
    ]


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    names = [text.partition(":")[2].strip() for text in lines if text.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def main() -> int:
    """Print the table; 1 when a row is not met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--row", type=int, action="append", choices=ROWS, help="only this row; may be repeated"
    )
    chosen = parser.parse_args()
    script = str(Path(__file__).parent / "environments.sh")
    subprocess.run(["/bin/bash", script, str(environments()), sys.executable], check=False, cwd=timing.ROOT)
    begin = time.perf_counter()
    rows = measure(tuple(chosen.row or ROWS))
    if not chosen.row:
        RESULTS.write_text(report(rows, time.perf_counter() - begin))
        print(f"Written: {RESULTS.relative_to(timing.ROOT)}")
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
