"""`lodestone sweep` and `trials`: what they print, what they keep, and how they go on after a stop."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from interrupts import hearing

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
    assert "The best Sharpe ratio of 6 sets is" in done.stdout
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

    assert "None of 6 sets can be ranked by Sharpe ratio" in done.stdout


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


def test_ctrl_c_ends_it_says_how_to_go_on_and_the_same_command_ends_with_the_same_table(here):
    many = ["-p", "depth=0.02:0.3:0.005", "-p", "wait=5:15:5", "-p", "hold=1:30:1"]
    words = [sys.executable, "-m", "screener", "sweep", "pullback", *SMALL, *many, "--out", "kept"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    running = subprocess.Popen(
        words, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, **hearing()
    )
    until = time.monotonic() + 120
    while not list(here.glob("kept/pieces/*.npy")) and running.poll() is None and time.monotonic() < until:
        os.sched_yield()

    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)

    assert running.returncode == 130, said
    assert "Stopped the sweep of pullback; run the same command again to go on from kept." in said
    assert not (here / "kept" / "results.csv").exists()
    done = len(list(here.glob("kept/pieces/*.npy")))
    assert 1 <= done < 11
    assert sweep(*many, "--out", "kept").exit_code == 0
    assert sweep(*many, "--out", "whole").exit_code == 0
    assert (here / "kept" / "results.csv").read_bytes() == (here / "whole" / "results.csv").read_bytes()


def test_csv_has_one_line_a_set_with_the_kind_of_the_data():
    done = sweep(*GRID, "--least-trades", "5", "--format", "csv")

    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == 6
    assert {row["data_kind"] for row in rows} == {"SIMULATED"}
    assert list(rows[0])[:3] == ["depth", "hold", "trades"]


def test_the_rows_are_ranked_by_the_measure_that_is_asked_for():
    words = (*GRID, "--least-trades", "0", "--format", "json")

    by_trades = json.loads(sweep(*words, "--sort", "trades", "--top", "4").stdout)
    by_default = json.loads(sweep(*words).stdout)

    found = [row["trades"] for row in by_trades["rows"]]
    assert len(found) == 4
    assert found == sorted(found, reverse=True)
    assert by_trades["verdict"].splitlines()[-1].startswith("The best number of trades of 6 sets is")
    ratios = [row["sharpe"] for row in by_default["rows"]]
    assert ratios == sorted(ratios, reverse=True)


def test_the_table_shows_parameters_and_measures_with_their_units():
    done = sweep("-p", "depth=0.05,0.1", "-p", "stop=none,0.1", "--least-trades", "5")

    head = next(line for line in done.stdout.splitlines() if line.lstrip().startswith("depth"))
    assert head.split()[:3] == ["depth", "stop", "closed"]
    assert "none" in done.stdout
    assert " %" in done.stdout


def test_refused_sets_are_counted_and_the_reason_is_said():
    words = ("-p", "depth=0.05,0.1", "-p", "stop=0.1,2,nan", "--least-trades", "5")

    told = json.loads(sweep(*words, "--format", "json").stdout)

    assert sorted(told["refused"]) == ["1", "2", "4", "5"]
    assert "stop is 2.0: it must be above 0 and below 1" in told["refused"]["1"]
    assert len(told["rows"]) == 2
    assert "4 sets cannot be; the first: stop is 2.0" in sweep(*words).stdout


def test_a_measure_that_own_capital_has_not_is_refused_before_any_work(monkeypatch):
    monkeypatch.setattr("strategies.parameter_sweep_command.open_market", None)

    own = sweep(*GRID, "--capital", "own", "--sort", "sharpe")
    shared = sweep(*GRID, "--sort", "mean_trad")

    assert (own.exit_code, "no measure named 'sharpe'" in own.stderr) == (1, True)
    assert (shared.exit_code, "did you mean 'mean_trade'" in shared.stderr) == (1, True)


def test_more_than_ten_million_sets_are_refused_with_the_count_before_any_work(monkeypatch):
    monkeypatch.setattr("strategies.parameter_sweep_command.open_market", None)
    monkeypatch.setattr("strategies.catalog.typed", None)

    done = sweep("-p", "depth=0.0001:0.9:0.0001", "-p", "hold=1:2500:1")

    assert done.exit_code == 1
    said = "the grid has 22,500,000 sets (9000 depth × 2500 hold), more than 10,000,000"
    assert f"{said}: take fewer values, or say --yes" in done.stderr


@pytest.mark.parametrize("words", [["--least-trades", "-1"], ["--top", "0"], ["--capital", "both"]])
def test_an_option_out_of_range_is_a_usage_error(words):
    assert sweep(*GRID, *words).exit_code == 2


RAISING = """
from dataclasses import dataclass


@dataclass(frozen=True)
class Mine:
    every: int = 21

    def plan(self, market, events, eligible):
        return market.no_such_thing
"""


def test_what_a_file_of_one_s_own_raises_is_shown_as_its_own(here):
    (here / "own.py").write_text(RAISING)

    done = CliRunner().invoke(main, ["sweep", "own.py:Mine", *SMALL, "-p", "every=5,10"])

    assert done.exit_code == 1
    assert "your code |     return market.no_such_thing" in done.stderr
    assert "Error: your code raised AttributeError" in done.stderr
    assert "own.py:10" in done.stderr


def test_a_ledger_that_was_changed_is_said_and_stops_no_sweep(here):
    sweep("-p", "depth=0.05,0.1")
    ledger = here / "data" / "trials.jsonl"
    ledger.write_text(ledger.read_text().replace('"sets":2', '"sets":1'))

    done = sweep("-p", "depth=0.05,0.2")

    assert done.exit_code == 0
    assert "These trials were not counted" in done.stderr
    assert "trials.jsonl:1: the chain is broken here" in done.stderr
    assert "The best Sharpe ratio of" in done.stdout or "can be ranked" in done.stdout


def test_a_folder_of_something_else_is_left_alone(here):
    (here / "mine").mkdir()
    (here / "mine" / "results.csv").write_text("mine")

    done = sweep("-p", "depth=0.05,0.1", "--out", "mine")

    assert (done.exit_code, (here / "mine" / "results.csv").read_text()) == (1, "mine")
    assert "mine is there and holds something else; choose another folder" in done.stderr
