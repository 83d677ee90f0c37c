"""The ledger of trials counts by itself, and shows when it was changed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from screener.cli import main
from strategies.trial_log import GENESIS, count_of, folder, record_trials, trials
from universes.errors import BadData, CannotWrite

SETTINGS = {
    "strategy": "pullback",
    "data_hash": "d",
    "events_hash": "e",
    "first": "2020-01-02",
    "last": "2024-12-31",
}


@pytest.fixture(autouse=True)
def ledger(tmp_path, monkeypatch):
    monkeypatch.setenv("LODESTONE_DATA", str(tmp_path / "data"))
    return tmp_path / "data" / "trials.jsonl"


def test_every_run_is_a_line_and_the_same_settings_count_once():
    record_trials("sweep", {**SETTINGS, "grid": [1]}, 63)
    record_trials("sweep", {**SETTINGS, "grid": [1]}, 63)
    record_trials("backtest", {**SETTINGS, "strategy": "chase"}, 1)

    assert [item.sets for item in trials()] == [63, 63, 1]
    assert count_of(SETTINGS) == 64
    assert count_of({**SETTINGS, "data_hash": "other"}) == 0


def test_a_changed_line_is_named_with_its_place(ledger):
    for number in range(3):
        record_trials("sweep", {**SETTINGS, "grid": [number]}, 10)
    lines = ledger.read_text().splitlines()
    ledger.write_text("\n".join([lines[0], lines[1].replace('"sets":10', '"sets":1'), lines[2]]) + "\n")

    with pytest.raises(BadData, match=r"trials.jsonl:2: .*the chain is broken here"):
        trials()
    with pytest.raises(BadData):
        record_trials("sweep", SETTINGS, 1)


def test_a_removed_line_breaks_the_chain_after_it(ledger):
    for number in range(3):
        record_trials("sweep", {**SETTINGS, "grid": [number]}, 10)
    lines = ledger.read_text().splitlines()
    ledger.write_text("\n".join([lines[0], lines[2]]) + "\n")

    with pytest.raises(BadData, match="trials.jsonl:2"):
        trials()


def test_what_a_kill_left_of_a_line_is_dropped(ledger):
    record_trials("sweep", SETTINGS, 5)
    with ledger.open("a") as file:
        file.write('{"at": "2026')

    record_trials("sweep", {**SETTINGS, "grid": [2]}, 6)

    assert [item.sets for item in trials()] == [5, 6]


def test_two_processes_write_one_chain():
    code = (
        "import filelock, platformdirs\n"
        "from strategies.trial_log import record_trials\n"
        "print('ready', flush=True)\n"
        "input()\n"
        f"for number in range(40): record_trials('sweep', {SETTINGS!r} | {{'grid': number}}, 1)"
    )
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]

    # They begin together, when all have loaded what they need.
    assert {writer.stdout.readline() for writer in writers} == {"ready\n"}
    for writer in writers:
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)

    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert len(trials()) == 120


def test_a_line_says_what_was_tried(ledger):
    record_trials("sweep", SETTINGS, 5)

    row = json.loads(ledger.read_text())

    assert row["of"] == SETTINGS
    assert set(row) == {"at", "what", "sets", "of", "settings_hash", "before", "hash"}


def test_each_line_carries_the_hash_of_the_one_before(ledger):
    for number in range(3):
        record_trials("sweep", {**SETTINGS, "grid": [number]}, 10)

    rows = [json.loads(line) for line in ledger.read_text().splitlines()]

    assert [row["before"] for row in rows] == [GENESIS, rows[0]["hash"], rows[1]["hash"]]
    assert len({row["settings_hash"] for row in rows}) == 3


def test_the_time_is_that_of_the_run_in_utc():
    record_trials("sweep", SETTINGS, 5, now=datetime(2026, 3, 1, 23, 59, 58, tzinfo=UTC))

    assert trials()[0].at == "2026-03-01T23:59:58Z"


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(lambda lines: [*lines[1:], lines[0]], id="reordered"),
        pytest.param(lambda lines: [lines[0], *lines], id="doubled"),
        pytest.param(
            lambda lines: [lines[0].replace("pullback", "momentum"), *lines[1:]], id="another strategy"
        ),
        pytest.param(lambda lines: [lines[0].replace('"at":"2', '"at":"1'), *lines[1:]], id="another time"),
        pytest.param(lambda lines: ["{}", *lines], id="put in"),
        pytest.param(lambda lines: ["[1]", *lines], id="no object"),
        pytest.param(lambda lines: ["", *lines], id="an empty line"),
        pytest.param(lambda lines: ["\ufffd\u2028", *lines], id="no JSON"),
    ],
)
def test_any_change_of_the_first_line_is_named_there(ledger, changed):
    for number in range(3):
        record_trials("sweep", {**SETTINGS, "grid": [number]}, 10)
    lines = ledger.read_text().splitlines()
    ledger.write_text("\n".join(changed(lines)) + "\n")

    # A line that stands twice is right the first time.
    place = 2 if changed(lines)[0] == lines[0] else 1
    with pytest.raises(BadData, match=rf"{re.escape(str(ledger))}:{place}: the chain is broken here"):
        trials()


def test_bytes_that_are_no_text_are_named_with_their_line(ledger):
    record_trials("sweep", SETTINGS, 5)
    ledger.write_bytes(ledger.read_bytes() + b"\xff\xfe\n")

    with pytest.raises(BadData, match=r"trials.jsonl:2: the chain is broken here"):
        trials()


def test_a_torn_last_line_is_no_broken_chain_to_a_reader(ledger):
    record_trials("sweep", SETTINGS, 5)
    whole = ledger.read_bytes()

    for cut in range(1, len(whole)):
        ledger.write_bytes(whole + whole[:cut].rstrip(b"\n"))
        assert [item.sets for item in trials()] == [5]


def test_a_ledger_that_cannot_be_read_or_written_is_one_line(ledger):
    ledger.mkdir(parents=True)

    with pytest.raises(CannotWrite, match="cannot be written: Is a directory; set LODESTONE_DATA"):
        record_trials("sweep", SETTINGS, 5)
    with pytest.raises(BadData, match="trials.jsonl: it cannot be read: Is a directory"):
        trials()


def test_nothing_on_record_is_no_trial():
    assert trials() == ()
    assert count_of(SETTINGS) == 0


def test_the_same_settings_count_once_with_the_sets_of_the_last_run():
    record_trials("sweep", {**SETTINGS, "grid": [1]}, 63)
    record_trials("sweep", {**SETTINGS, "grid": [1]}, 62)

    assert count_of(SETTINGS) == 62


def rows_of(*words):
    return json.loads(CliRunner().invoke(main, ["trials", *words, "--format", "json"]).stdout)["rows"]


def test_the_command_counts_by_strategy_data_events_and_period():
    record_trials("sweep", {**SETTINGS, "grid": [1]}, 63)
    record_trials("sweep", {**SETTINGS, "grid": [1]}, 63)
    record_trials("backtest", {**SETTINGS, "grid": [2]}, 1)
    record_trials("sweep", {**SETTINGS, "strategy": "chase"}, 1200)

    assert rows_of() == [
        {**SETTINGS, "strategy": "chase", "runs": 1, "sets": 1200},
        {**SETTINGS, "runs": 3, "sets": 64},
    ]
    assert rows_of("--strategy", "chase") == [{**SETTINGS, "strategy": "chase", "runs": 1, "sets": 1200}]
    assert rows_of("--strategy", "fade") == []


def test_the_table_of_the_command_shows_counts_and_short_hashes():
    record_trials("sweep", {**SETTINGS, "data_hash": "0123456789abcdef"}, 1200)

    done = CliRunner().invoke(main, ["trials"])

    heads, numbers = (line.split() for line in done.stdout.splitlines() if line.split())
    assert heads == ["strategy", "data_hash", "events_hash", "first", "last", "runs", "sets"]
    assert numbers == ["pullback", "0123456789ab", "e", "2020-01-02", "2024-12-31", "1", "1,200"]


def test_the_command_names_a_changed_line_and_exits_1(ledger):
    record_trials("sweep", SETTINGS, 5)
    ledger.write_text(ledger.read_text().replace('"sets":5', '"sets":1'))

    done = CliRunner().invoke(main, ["trials"])

    assert done.exit_code == 1
    assert f"Error: {ledger}:1: the chain is broken here" in done.stderr


def test_a_backtest_of_the_command_line_counts_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    period = ["--from", "2023-06-01", "--to", "2024-06-30", "--events", "kind == 'export-control'"]

    done = CliRunner().invoke(main, ["backtest", "chase", *period, "-p", "hold=5", "--out", "run"])

    assert done.exit_code == 0, done.stderr
    assert [(item.what, item.sets, item.of["strategy"]) for item in trials()] == [("backtest", 1, "chase")]


def test_no_test_writes_to_the_ledger_of_the_user(monkeypatch):
    from platformdirs import user_data_path

    monkeypatch.undo()

    assert Path(os.environ["LODESTONE_DATA"]).is_dir()
    assert folder() != user_data_path("lodestone", appauthor=False)
