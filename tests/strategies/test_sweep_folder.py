"""A sweep in a folder: it goes on where it was, ends with the same bytes, and is never taken for another."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from strategies import parameter_sweep
from strategies.parameter_sweep import sweep
from strategies.sizing import Limits
from universes import events, load, market
from universes.errors import BadParameter, CannotWrite, UnknownName

ROOT = Path(__file__).parents[2]
GRID = {"depth": [0.05, 0.1, 0.15], "hold": [5, 10, None], "stop": [None, 0.1]}


@pytest.fixture(scope="module")
def world():
    return market(load("critical-minerals"), start="2022-09-01", end="2024-03-31")


@pytest.fixture(scope="module")
def calendar():
    return events(start="2022-12-01", end="2024-02-28")


@pytest.fixture
def swept(world, calendar):
    def run(grid=GRID, name="pullback", **options):
        return sweep(name, grid, world, **{"events": calendar, "record": False} | options)

    return run


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(parameter_sweep, "PIECE", {"shared": 4, "own": 4})


def evaluated(monkeypatch):
    """Sets that are evaluated from now on."""
    done, real = [], parameter_sweep.evaluate
    monkeypatch.setattr(parameter_sweep, "evaluate", lambda *given: (done.append(given[2:]), real(*given))[1])
    return done


@pytest.mark.usefixtures("small")
def test_only_what_is_missing_or_torn_is_done_again_with_the_same_bytes(swept, tmp_path, monkeypatch):
    folder = tmp_path / "kept"
    swept(folder=folder)
    whole = (folder / "results.csv").read_bytes()
    (folder / "results.csv").unlink()
    (folder / "pieces" / "000000004.npy").unlink()
    torn = folder / "pieces" / "000000012.npy"
    torn.write_bytes(torn.read_bytes()[:-7])
    done, told = evaluated(monkeypatch), []

    swept(folder=folder, progress=told.append)

    assert sorted(done) == [(4, 8), (12, 16)]
    assert told == [10, 14, 18]
    assert (folder / "results.csv").read_bytes() == whole


@pytest.mark.usefixtures("small")
def test_sets_that_were_refused_are_told_again_when_a_sweep_goes_on(swept, tmp_path):
    grid = {"depth": [0.05, 0.1], "stop": [0.1, 2.0], "hold": [5, 10]}

    first = swept(grid, folder=tmp_path / "kept")
    again = swept(grid, folder=tmp_path / "kept")

    assert first.refused == again.refused
    assert len(first.refused) == 4
    assert first.measures.tobytes() == again.measures.tobytes()


@pytest.mark.parametrize(
    "other",
    [
        {"grid": {"depth": [0.05], "hold": [5]}},
        {"cash": 2e6},
        {"sizing": "fixed"},
        {"capital": "own"},
        {"limits": Limits(max_positions=3)},
        {"events": None},
        {"name": "chase", "grid": {"hold": [5, 10]}},
        {"base": {"wait": 5}},
    ],
    ids=lambda value: next(iter(value)),
)
def test_any_other_sweep_in_the_folder_is_refused(swept, tmp_path, other):
    grid = {"depth": [0.05, 0.1], "hold": [5]}
    swept(grid, folder=tmp_path / "kept")

    with pytest.raises(BadParameter, match="holds another sweep: choose another folder, or say --fresh"):
        swept(**{"grid": grid, "folder": tmp_path / "kept"} | other)


def test_workers_make_no_other_sweep(swept, tmp_path):
    swept(folder=tmp_path / "kept")

    swept(folder=tmp_path / "kept", workers=3)


OWN = """
from dataclasses import dataclass

from strategies import Entries, Entry, Exits


@dataclass(frozen=True)
class Plain:
    hold: int = 10

    def plan(self, market, events, eligible):
        rows, names = range(5, len(market.sessions), 21), market.members
        return Entries(tuple(Entry(row, names[row % len(names)], "", Exits(hold=self.hold)) for row in rows))
"""


def test_an_edited_file_is_another_sweep(swept, tmp_path):
    file = tmp_path / "own.py"
    file.write_text(OWN)

    def run(**options):
        return swept({"hold": [5, 20]}, f"{file}:Plain", folder=tmp_path / "kept", **options)

    run()
    file.write_text(OWN.replace("range(5, ", "range(9, "))

    with pytest.raises(BadParameter, match="holds another sweep"):
        run()
    run(fresh=True)
    run()


@pytest.mark.usefixtures("small")
def test_a_full_disk_is_one_line_and_the_sweep_goes_on_when_there_is_room(swept, tmp_path, monkeypatch):
    folder = tmp_path / "kept"
    expected = swept().measures.tobytes()
    real, left = Path.replace, [4]

    def full(path, target):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        return real(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(CannotWrite, match="No space left on device; choose another place"):
            swept(folder=folder)

    assert not (folder / "results.csv").exists()
    assert swept(folder=folder).measures.tobytes() == expected


KILLED = """
import os, signal, sys
from strategies import parameter_sweep
from strategies.sweep_results import SweepResults
from universes import events, load, market

parameter_sweep.PIECE = {"shared": 4, "own": 4}
kept, real = [], SweepResults.keep

def keep(self, *given):
    real(self, *given)
    kept.append(given)
    if len(kept) == 3:
        # In the middle of a write: half a piece under its final name, and a temporary file beside it.
        (self.path / "pieces" / "000000012.npy").write_bytes(b"half")
        (self.path / "pieces" / ".000000012.npy-0123").write_bytes(b"half")
        os.kill(os.getpid(), signal.SIGKILL)

SweepResults.keep = keep
parameter_sweep.sweep(
    "pullback", {"depth": [0.05, 0.1, 0.15], "hold": [5, 10, None], "stop": [None, 0.1]},
    market(load("critical-minerals"), start="2022-09-01", end="2024-03-31"),
    events=events(start="2022-12-01", end="2024-02-28"), folder=sys.argv[1], workers=2,
)
"""


@pytest.mark.usefixtures("small")
def test_a_sweep_that_was_killed_ends_with_the_same_bytes(swept, tmp_path, monkeypatch):
    swept(folder=tmp_path / "whole")
    words = [sys.executable, "-c", KILLED, str(tmp_path / "kept")]

    ended = subprocess.run(
        words, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=tmp_path, timeout=120
    )
    assert ended.returncode == -9
    done = evaluated(monkeypatch)
    swept(folder=tmp_path / "kept")

    assert len(done) in (2, 3)
    for name in ("results.csv", "manifest.json"):
        assert (tmp_path / "kept" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_file_that_is_not_there_is_said_in_one_line(swept, tmp_path):
    with pytest.raises(UnknownName, match="no strategy file named 'nowhere.py'"):
        swept({"of": ["nowhere.py:Mine"], "seed": [1, 2]}, "random_dates")
