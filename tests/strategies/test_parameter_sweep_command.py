"""`lodestone sweep` and `trials`: what they print, what they keep, and how they go on after a stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from screener.cli import main

SMALL = ["--from", "2023-01-01", "--to", "2024-06-30", "--events", "kind == 'export-control'"]
GRID = ["-p", "depth=0.05:0.15:0.05", "-p", "hold=5,10"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LODESTONE_DATA", str(tmp_path / "data"))
    return tmp_path


def sweep(*words):
    return CliRunner().invoke(main, ["sweep", "pullback", *SMALL, *words])


def test_it_prints_the_best_and_what_the_best_is_worth(here):
    done = sweep(*GRID, "--least-trades", "5", "--out", "kept")

    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("SIMULATED DATA")
    assert "The best sharpe of 6 sets is" in done.stdout
    assert "expect the middle, not the best" in done.stdout
    lines = (here / "kept" / "results.csv").read_text().splitlines()
    assert len(lines) == 7
    assert lines[0].startswith("depth,hold,trades,closed,win_rate")
    assert lines[1].startswith("0.05,5,")


def test_json_has_the_rows_the_verdict_and_what_was_refused():
    told = json.loads(sweep(*GRID, "--least-trades", "5", "--format", "json").stdout)

    assert set(told) == {"settings", "data", "rows", "verdict", "refused"}
    assert told["settings"]["grid"] == {"depth": [0.05, 0.1, 0.15], "hold": [5, 10]}
    assert told["data"]["survivorship"]["members"] > 100
    assert len(told["rows"]) == 6


def test_nothing_is_ranked_on_too_few_trades():
    done = sweep(*GRID, "--least-trades", "100000")

    assert "None of 6 sets can be ranked by sharpe" in done.stdout


def test_the_same_command_goes_on_and_another_sweep_is_refused(here):
    first = sweep(*GRID, "--out", "kept")
    whole = (here / "kept" / "results.csv").read_bytes()
    for piece in (here / "kept" / "pieces").iterdir():
        piece.write_bytes(piece.read_bytes()[:100])

    again = sweep(*GRID, "--out", "kept")
    other = sweep("-p", "depth=0.05,0.2", "--out", "kept")
    fresh = sweep("-p", "depth=0.05,0.2", "--out", "kept", "--fresh")

    assert first.exit_code == again.exit_code == fresh.exit_code == 0
    assert (other.exit_code, "holds another sweep" in other.stderr) == (1, True)
    assert len(whole) > 0
    assert (here / "kept" / "results.csv").read_bytes() != whole


def test_a_torn_piece_is_done_again_with_the_same_result(here):
    sweep(*GRID, "--out", "kept")
    whole = (here / "kept" / "results.csv").read_bytes()
    for piece in (here / "kept" / "pieces").iterdir():
        piece.write_bytes(piece.read_bytes()[:100])

    sweep(*GRID, "--out", "kept")

    assert (here / "kept" / "results.csv").read_bytes() == whole


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no parameter varies"),
        (["-p", "dept=0.1,0.2"], "did you mean 'depth'"),
        (["-p", "depth=0.1:x:0.1"], "must be a number"),
        (["-p", "depth=2,3"], "depth is 2.0"),
        (["-p", "depth=0.1,0.2", "--sort", "sharp"], "did you mean 'sharpe'"),
        (["-p", "depth=0.1,0.2", "--workers", "0"], "workers is 0"),
        (["-p", "depth=0.1,0.2", "--walk-forward", "nonsense"], "walk-forward"),
        (["-p", "depth=0.1,0.2", "--dask", "nowhere"], "nowhere"),
        (["-p", "depth=0.0001:0.5:0.00000001"], "larger step"),
    ],
)
def test_bad_input_is_one_line(words, said):
    done = sweep(*words)

    assert done.exit_code == 1, done.output
    assert said in done.stderr
    assert "Traceback" not in done.output


def test_each_trade_on_its_own_capital_has_measures_of_its_own():
    told = json.loads(sweep(*GRID, "--capital", "own", "--least-trades", "5", "--format", "json").stdout)

    assert set(told["rows"][0]) >= {"depth", "hold", "trades", "mean_trade", "mean_episode"}
    assert "sharpe" not in told["rows"][0]


def test_every_set_is_counted_once():
    sweep(*GRID)
    sweep(*GRID)

    done = CliRunner().invoke(main, ["trials", "--format", "json"])

    (row,) = json.loads(done.stdout)["rows"]
    assert (row["strategy"], row["runs"], row["sets"]) == ("pullback", 2, 6)
    assert "No trial is on record" in CliRunner().invoke(main, ["trials", "--strategy", "chase"]).stdout


def test_ctrl_c_ends_soon_says_how_to_go_on_and_the_same_command_does(here):
    words = [
        sys.executable, "-m", "screener", "sweep", "pullback", *SMALL, "--out", "kept",
        "-p", "depth=0.02:0.3:0.002", "-p", "wait=5:30:5", "-p", "hold=1:40:1",
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    running = subprocess.Popen(
        words, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    until = time.monotonic() + 120
    while not list(here.glob("kept/pieces/*.npy")) and running.poll() is None and time.monotonic() < until:
        os.sched_yield()

    running.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, said = running.communicate(timeout=60)

    assert running.returncode == 130, said
    assert time.monotonic() - began < 10
    assert "run the same command again to go on" in said
    assert not (here / "kept" / "results.csv").exists()
