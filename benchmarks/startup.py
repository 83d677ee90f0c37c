"""How long Lodestone's commands take, as ratios to named peers measured in the same run.

``make bench`` prints one line a row: what, median seconds, peer, its median seconds, ratio, limit.
"""

from __future__ import annotations

import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPEATS = 7
LODESTONE = Path(sys.executable).parent / "lodestone"


def seconds(command: list[str]) -> float:
    """Wall time of one run of a command; it must succeed."""
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begin


def interleaved(first: list[str], second: list[str]) -> tuple[float, float]:
    """Medians of two commands, run in turns after one warm-up each, so that both meet the same noise."""
    seconds(first), seconds(second)
    pairs = [(seconds(first), seconds(second)) for _ in range(REPEATS)]
    return statistics.median(one for one, _ in pairs), statistics.median(two for _, two in pairs)


def python(code: str) -> list[str]:
    """Command that runs a line of Python in this environment."""
    return [sys.executable, "-c", code]


def main() -> int:
    """Print the table; 1 when a limit is missed."""
    print(
        f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}, medians of {REPEATS}"
    )
    screen = [str(LODESTONE), "screen", "--as-of", "2025-07-09"]
    rows = [
        ("lodestone --help", [str(LODESTONE), "--help"], "import click", python("import click"), 2.5),
        ("lodestone screen", screen, "import pandas", python("import pandas"), 1.3),
    ]
    met = True
    for name, command, peer, other, limit in rows:
        ours, theirs = interleaved(command, other)
        met &= ours <= limit * theirs
        print(
            f"{name:<18} {ours:6.3f} s   {peer:<14} {theirs:6.3f} s   ratio {ours / theirs:5.2f}   limit {limit}"
        )
    with tempfile.TemporaryDirectory() as folder:
        demo = [str(LODESTONE), "demo", "-o", str(Path(folder) / "demo")]
        seconds(demo)
        warm = statistics.median(seconds(demo) for _ in range(3))
    met &= warm <= 25
    print(f"{'lodestone demo':<18} {warm:6.3f} s   warm, median of 3{'':<26} limit 25 s")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
