"""Row 8: one `lodestone backtest` on the simulated market, caches warm, against importing vectorbt."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import timing

TURNS = 7


def rows(numbers: tuple[int, ...]) -> list[timing.Row]:
    """Row 8, if it is asked for."""
    return [_start()] if 8 in numbers else []


def _run(command: list[str]) -> None:
    quiet = subprocess.DEVNULL
    environment = os.environ | {"PYTHONPATH": str(timing.ROOT)}
    subprocess.run(command, check=True, env=environment, stdout=quiet, stderr=quiet)


def _start() -> timing.Row:
    from importlib.metadata import version

    # What the script `lodestone` does, where only the source is there too.
    lodestone, target = (
        [sys.executable, "-c", "import sys; from screener.cli import main; sys.exit(main())"],
        1.5,
    )
    with tempfile.TemporaryDirectory() as folder:
        ours = [*lodestone, "backtest", "pullback", "--out", str(Path(folder) / "run")]
        theirs = [sys.executable, "-c", "import vectorbt"]
        one, other = timing.in_turns([lambda: _run(ours), lambda: _run(theirs)], TURNS)
    return timing.Row(
        8,
        "one `lodestone backtest`, warm caches",
        f'python -c "import vectorbt" {version("vectorbt")}',
        f"{one:.2f} s",
        f"{other:.2f} s",
        one / other,
        f"≤ {target} ×",
        one / other <= target,
        (
            "`lodestone backtest pullback --out run`: simulated market from 2010 on, fills, books, event study, files",
        ),
    )
