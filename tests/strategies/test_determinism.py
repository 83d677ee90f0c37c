"""One SHA-256 of a sweep, whatever the hash seed, the time zone, and the number of threads or processes."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HASH_SEEDS = ("0", "1", "4242")
ZONES = ("UTC", "Australia/Sydney", "America/New_York")
THREADS = ("threads:1", "threads:2", "threads:4")
DASK = ("dask:1", "dask:2", "dask:4") if importlib.util.find_spec("distributed") else ()


def digests(ways: tuple[str, ...], hash_seed: str, zone: str) -> dict[str, str]:
    """SHA-256 of each way to run the sweep, in one process."""
    paths = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "TZ": zone, "PYTHONPATH": paths}
    run = [sys.executable, str(ROOT / "tests" / "determinism_run.py"), *ways]
    done = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(line.split() for line in done.stdout.splitlines())


def test_threads_hash_seeds_and_time_zones_change_no_bit_of_a_sweep():
    # The test below tries every seed in every zone.
    found = [digests(THREADS, seed, zone) for seed, zone in zip(HASH_SEEDS[1:], ZONES[1:])]

    assert [sorted(item) for item in found] == [sorted(THREADS)] * 2
    assert len({digest for item in found for digest in item.values()}) == 1


@pytest.mark.slow
@pytest.mark.skipif(not DASK, reason="distributed is not installed: pip install '.[dask]'")
def test_threads_processes_hash_seeds_and_time_zones_change_no_bit_of_a_sweep():
    found = [digests(THREADS + DASK, seed, zone) for seed, zone in product(HASH_SEEDS, ZONES)]

    assert [sorted(item) for item in found] == [sorted(THREADS + DASK)] * 9
    assert len({digest for item in found for digest in item.values()}) == 1
