"""A run folder: the same bytes for the same run, and the same result when it is read back."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
import worlds

from strategies import backtest, load_run, save_run
from strategies.library.chase import Chase
from universes.errors import BadData, CannotWrite

ROOT = Path(__file__).parent.parent.parent
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
FILES = {
    "trade_facts.csv",
    "rivals.json",
    "manifest.json", "metrics.json", "orders.csv", "unfilled.csv",
    "trades.csv", "equity.csv", "events.csv", "study.json",
}  # fmt: skip


@pytest.fixture(scope="module")
def result():
    frames = {name: worlds.bars([10, 10, 12, 12.3, 11, 10.7]) for name in ("NA", "TRUE", "NULL")}
    event = worlds.event("ban", "2024-01-03T22:00Z", ["NA", "TRUE"])
    return backtest(Chase(hold=2), worlds.market(frames), events=worlds.calendar(event))


def test_the_folder_holds_all_files_and_the_manifest_says_how_to_make_it_again(result, tmp_path):
    folder = save_run(result, tmp_path / "run", command="lodestone backtest chase --out run", now=NOON)

    manifest = json.loads((folder / "manifest.json").read_text())
    assert set(os.listdir(folder)) == FILES
    assert manifest["command"] == "lodestone backtest chase --out run"
    assert manifest["written_at"] == "2026-01-01T12:00:00Z"
    assert manifest["data"]["hash"] == result.data["hash"]
    assert manifest["settings"]["events_hash"]
    assert {"python", "vectorbt", "pandas", "numpy"} <= set(manifest["versions"])


def test_reading_back_gives_the_same_tables_bit_for_bit(result, tmp_path):
    again = load_run(save_run(result, tmp_path / "run", now=NOON))

    for name in ("orders", "unfilled", "trades"):
        pd.testing.assert_frame_equal(
            getattr(again, name), getattr(result, name), check_exact=True, check_dtype=False
        )
    assert again.equity.to_numpy().tobytes() == result.equity.to_numpy().tobytes()
    assert dict(again.metrics) == dict(result.metrics)
    assert again.strategy == result.strategy
    assert set(again.orders["symbol"]) == {"NA", "TRUE"}


def test_saving_what_was_read_gives_the_same_bytes(result, tmp_path):
    first = save_run(result, tmp_path / "one", now=NOON)
    second = save_run(load_run(first), tmp_path / "two", now=NOON)

    for name in FILES - {"manifest.json"}:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_a_run_is_not_written_over_a_folder_with_other_things(result, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "notes.txt").write_text("mine")

    with pytest.raises(CannotWrite, match="holds something else"):
        save_run(result, tmp_path / "run")

    assert os.listdir(tmp_path / "run") == ["notes.txt"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("manifest.json", "{}"),
        ("manifest.json", "not json"),
        ("metrics.json", "[]"),
        ("equity.csv", ""),
        ("orders.csv", "a\n1\n"),
    ],
)
def test_a_damaged_folder_is_refused_in_one_line(result, tmp_path, name, content):
    folder = save_run(result, tmp_path / "run", now=NOON)
    (folder / name).write_text(content)

    with pytest.raises(BadData) as caught:
        load_run(folder)

    assert "\n" not in str(caught.value)


def test_the_manifest_lists_every_other_file_with_its_check_sum_and_the_rows_of_tables(result, tmp_path):
    folder = save_run(result, tmp_path / "run", now=NOON)
    listed = json.loads((folder / "manifest.json").read_text())["files"]

    assert set(listed) == FILES - {"manifest.json"}
    for name, said in listed.items():
        assert said["sha256"] == hashlib.sha256((folder / name).read_bytes()).hexdigest()
    rows = {name: said["rows"] for name, said in listed.items() if "rows" in said}
    assert rows == {
        f"{name}.csv": len(getattr(result, name))
        for name in ("orders", "unfilled", "trades", "trade_facts", "equity", "events")
    }


@pytest.mark.parametrize("name", sorted(FILES - {"manifest.json"}))
def test_a_file_that_was_edited_or_taken_away_is_refused_by_name(result, tmp_path, name):
    folder = save_run(result, tmp_path / "run", now=NOON)
    whole = (folder / name).read_text()
    lines = whole.splitlines(keepends=True)
    (folder / name).write_text("".join(lines[:-1]))
    with pytest.raises(BadData, match=rf"{name}: not as it was written \(its check sum differs\): run the"):
        load_run(folder)

    (folder / name).unlink()
    with pytest.raises(
        BadData, match=f"{name}: missing, though manifest.json lists it: run the backtest again"
    ):
        load_run(folder)


def test_a_file_that_the_manifest_does_not_list_is_refused(result, tmp_path):
    folder = save_run(replace(result, trade_facts=None), tmp_path / "run", now=NOON)
    assert load_run(folder).trade_facts is None

    (folder / "trade_facts.csv").write_text("of another run")
    with pytest.raises(BadData, match="trade_facts.csv: not a file of this run .*: run the backtest again"):
        load_run(folder)


def test_a_run_without_check_sums_is_refused(result, tmp_path):
    folder = save_run(result, tmp_path / "run", now=NOON)
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["files"]
    (folder / "manifest.json").write_text(json.dumps(manifest))

    with pytest.raises(BadData, match="manifest.json: it has no check sums .*: run the backtest again"):
        load_run(folder)


def test_a_folder_that_is_not_there_says_what_makes_one(tmp_path):
    with pytest.raises(BadData, match="lodestone backtest --out"):
        load_run(tmp_path / "nowhere")


def test_the_same_command_gives_the_same_bytes_in_two_processes(tmp_path):
    for seed, name, zone in (("1", "one", "UTC"), ("2", "two", "Australia/Sydney")):
        words = [
            "backtest",
            "chase",
            "--events",
            "kind == 'export-control'",
            "--from",
            "2024-01-01",
            "--out",
            "run",
        ]
        (tmp_path / name).mkdir()
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "screener", *words]
        subprocess.run(command, cwd=tmp_path / name, env=environment, check=True, capture_output=True)

    for file in sorted(FILES):
        first, second = ((tmp_path / name / "run" / file).read_text() for name in ("one", "two"))
        if file == "manifest.json":
            first, second = ({**json.loads(text), "written_at": ""} for text in (first, second))
        assert first == second, file
