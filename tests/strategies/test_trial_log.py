"""The ledger of trials counts by itself, and shows when it was changed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from strategies.trial_log import count_of, record_trials, trials
from universes.errors import BadData

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


def test_two_processes_write_one_chain(ledger):
    code = (
        "from strategies.trial_log import record_trials\n"
        f"for number in range(20): record_trials('sweep', {SETTINGS!r} | {{'grid': number}}, 1)"
    )

    writers = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]

    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert len(trials()) == 40


def test_a_line_says_what_was_tried(ledger):
    record_trials("sweep", SETTINGS, 5)

    row = json.loads(ledger.read_text())

    assert row["of"] == SETTINGS
    assert set(row) == {"at", "what", "sets", "of", "settings_hash", "before", "hash"}
