"""Rows 5, 6 and 9: how memory and time of a sweep grow with sets, workers and the size of the market."""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import timing
from benchmarks.panel import make
from benchmarks.scene import CASH, DEPTHS, HOLDS, MOST, SLOTS, STOPS, TARGETS

FEW, MANY = 100, 10_000
LARGE = {"symbols": 5_000, "sessions": 5_040, "events": 500}
LARGE_SETS, LARGE_GIB = 1_000, 8.0
WORKERS = 4
# Turns of the rows that take minutes.
TURNS = 5


def rows(numbers: tuple[int, ...]) -> list[timing.Row]:
    """Those of rows 5, 6 and 9 that are asked for."""
    works = {5: _memory, 6: _workers, 9: _large}
    return [works[number]() for number in sorted(works) if number in numbers]


def axes(sets: int) -> dict[str, list[Any]]:
    """Values of each parameter: 10,000 sets, 1,000 of one depth, or 100 of one depth."""
    whole: dict[str, list[Any]] = {
        "depth": list(DEPTHS), "hold": list(HOLDS), "stop": list(STOPS), "take_profit": list(TARGETS)
    }  # fmt: skip
    if sets < MANY:
        whole["depth"] = whole["depth"][3:4]
    if sets == FEW:
        whole |= {
            "hold": whole["hold"][:2],
            "stop": whole["stop"][::2],
            "take_profit": whole["take_profit"][::2],
        }
    return whole


def run(sets: int, workers: int, panel: Any) -> float:
    """Seconds of one sweep of a shared book."""
    from strategies.costs import Costs
    from strategies.parameter_sweep import sweep
    from strategies.sizing import Limits

    with tempfile.TemporaryDirectory() as folder:
        found: list[Any] = []

        def work() -> None:
            found.append(
                sweep(
                    "pullback", axes(sets), panel.market, events=panel.events, costs=Costs(), cash=CASH, slots=SLOTS,
                    limits=Limits(max_positions=MOST), workers=workers, folder=Path(folder) / "sweep", record=False,
                )
            )  # fmt: skip

        taken = timing.seconds(work)
    assert len(found[0].table) == sets, f"{len(found[0].table)} sets, not {sets}"
    return taken


def _memory() -> timing.Row:
    few, many = (timing.apart("scale_rows", "memory", str(sets)) for sets in (FEW, MANY))
    ratio, target = many["gib"] / few["gib"], 1.1
    return timing.Row(
        5,
        f"growth of peak memory, {FEW} → {MANY:,} sets",
        "itself",
        f"{many['gib'] * 1024:,.0f} MiB",
        f"{few['gib'] * 1024:,.0f} MiB",
        ratio,
        f"≤ {target} ×",
        ratio <= target,
        (
            "strategies.sweep, one worker, a process each; peak resident memory (VmHWM) with the panel and all imports",
        ),
    )


def _workers() -> timing.Row:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    workers, target = (WORKERS, 3.0) if cores >= WORKERS else (2, 1.7)
    panel = make()
    many, alone = timing.in_turns([lambda: run(MANY, workers, panel), lambda: run(MANY, 1, panel)], TURNS)
    ratio = alone / many
    return timing.Row(
        6,
        f"{MANY:,} sets, {workers} workers against 1",
        "itself",
        f"{many:.2f} s",
        f"{alone:.2f} s",
        ratio,
        f"≥ {target:.1f} × on {workers} cores",
        ratio >= target and cores >= workers,
        (f"strategies.parameter_sweep from prices to the table on disk; {cores} cores can be used here",),
    )


def _large() -> timing.Row:
    found = timing.apart("scale_rows", "large", str(LARGE_SETS))
    what = " × ".join(f"{LARGE[name]:,}" for name in ("symbols", "sessions", "events"))
    return timing.Row(
        9,
        f"{what} events, {LARGE_SETS:,} sets",
        "finishes, within 8 GiB",
        f"{found['seconds']:.0f} s",
        f"{found['gib']:.2f} GiB",
        found["gib"] / LARGE_GIB,
        f"≤ {LARGE_GIB:.0f} GiB",
        found["gib"] <= LARGE_GIB,
        (
            f"peak resident memory of the process, the panel in it; making the panel took {found['panel']:.0f} s",
        ),
    )


def peak_gib() -> float:
    """Peak resident memory of this process."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not `ru_maxrss`: on Linux it begins with the peak of the process that started this one.
        (kib,) = (line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(kib) / 2**20
    # Bytes on macOS.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**30


def main() -> None:
    """Sweep in this process, and print its seconds and peak memory."""
    what, sets = sys.argv[1], int(sys.argv[2])
    made: list[Any] = []
    panel_seconds = timing.seconds(lambda: made.append(make(**(LARGE if what == "large" else {}))))
    taken = run(sets, 1, made[0])
    print(json.dumps({"seconds": taken, "gib": peak_gib(), "panel": panel_seconds}))


if __name__ == "__main__":
    main()
