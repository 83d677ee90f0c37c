"""Clocks, cores and peers' environments of the benchmarks, and what a row of their table is."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPEATS = 5
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Row:
    """One measured comparison.

    Parameters
    ----------
    number : int
        Row of the table.
    what, peer : str
        What was measured, and against what.
    ours, theirs : str
        What each took, with units; empty where it could not be measured.
    ratio : float or None
        As the target states it; None where it could not be measured.
    target : str
        What is wanted.
    met : bool
        Whether the ratio is there; never without one.
    notes : tuple of str
        What exactly was compared, and what was asserted first.
    """

    number: int
    what: str
    peer: str
    ours: str
    theirs: str
    ratio: float | None
    target: str
    met: bool
    notes: tuple[str, ...] = ()


def missing(number: int, what: str, peer: str, target: str, reason: str) -> Row:
    """A row whose peer is not there: not met."""
    return Row(number, what, peer, "", "", None, target, False, (f"{peer} is missing: {reason}",))


def row_parser(description: str | None, numbers: Sequence[int]) -> argparse.ArgumentParser:
    """Parser of the command line of a table, whose ``row`` lists the rows that are asked for, None for all.

    Parameters
    ----------
    description : str or None
        Docstring of the module.
    numbers : sequence of int
        Rows of the table.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--row", type=int, action="append", choices=numbers, help="only this row; may be repeated"
    )
    return parser


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def in_turns(works: Sequence[Callable[[], object]], repeats: int = REPEATS) -> tuple[float, ...]:
    """Median seconds of each of several works, run in turns after one warm-up each, so that all meet the same noise."""
    for work in works:
        work()
    rounds = [[seconds(work) for work in works] for _ in range(repeats)]
    return tuple(statistics.median(column) for column in zip(*rounds, strict=True))


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process, and those that it starts, on one core; where the system cannot, nothing is done."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def environments() -> Path:
    """Folder of the peers' environments."""
    from platformdirs import user_cache_path

    return Path(os.environ.get("LODESTONE_PEERS", user_cache_path("lodestone") / "peers"))


def why_missing(environment: str) -> str:
    """Why a peer's environment cannot be used; empty where it can."""
    folder = environments()
    if (folder / environment / ".done").exists():
        return ""
    failed = folder / f"{environment}.failed"
    return failed.read_text().strip() if failed.exists() else "not installed; run benchmarks/environments.sh"


def ask(environment: str, module: str, folder: Path) -> dict[str, Any]:
    """Answer of a peer to the request in a folder: its version, and seconds by name.

    Raises
    ------
    RuntimeError
        If the peer fails, with the last line of what it said.
    """
    python = environments() / environment / "bin" / "python"
    done = subprocess.run(
        [str(python), "-m", f"benchmarks.peers.{module}", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{environment} failed: {_last_line(done.stderr)}")
    answered: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return answered


def apart(module: str, *arguments: str) -> dict[str, Any]:
    """What a process of this environment prints as JSON.

    Raises
    ------
    RuntimeError
        If it fails, with the last line of what it said.
    """
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)} failed: {_last_line(done.stderr)}")
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed


def _last_line(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "without a word"
