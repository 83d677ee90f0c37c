"""docs/output.md names every field that comes out, and no other."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from screener.cli import main

PAGE = (Path(__file__).parent.parent / "docs" / "output.md").read_text("utf-8")


def row_of_table(first: str) -> str:
    """The table row whose first cell is this."""
    (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| {first} |")]
    return line


def named(text: str) -> set[str]:
    return set(re.findall(r"`([a-z_]+)`", text))


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("`universe list`", ["universe", "list"]),
        ("`universe show`", ["universe", "show", "rare-earths"]),
        ("`events list`", ["events", "list"]),
    ],
)
def test_fields_of_rows_are_those_of_the_page(cell, words):
    rows = json.loads(CliRunner().invoke(main, [*words, "--format", "json"]).stdout)["rows"]

    assert {name for row in rows for name in row} == named(row_of_table(cell).split("|")[3])


def test_fields_of_one_event_are_those_of_the_list_and_three_more():
    found = json.loads(
        CliRunner().invoke(main, ["events", "show", "ne-2023-07-26-coup", "--format", "json"]).stdout
    )
    (row,) = found["rows"]

    assert set(row) == named(row_of_table("`events list`").split("|")[3]) | {"companies", "superseded_by"}
    assert set(row["companies"][0]) == {"company", "direction", "reason"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "run"
    words = ["backtest", "pullback", "--from", "2023-01-01", "--format", "json", "--out", str(folder)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.stderr
    return folder, json.loads(done.stdout)


def test_a_run_folder_holds_the_files_and_columns_of_the_page(run):
    folder, _ = run
    documented = set(re.findall(r"^\| `([a-z_]+\.(?:csv|json))` \|", PAGE, flags=re.MULTILINE))

    assert {file.name for file in folder.iterdir()} == documented
    for file in folder.glob("*.csv"):
        columns = next(csv.reader(file.open(encoding="utf-8")))
        assert set(columns) == named(row_of_table(f"`{file.name}`").split("|")[2]), file.name


def test_a_manifest_has_the_fields_of_the_page(run):
    folder, _ = run

    assert set(json.loads((folder / "manifest.json").read_text("utf-8"))) == named(
        row_of_table("`manifest.json`").split("|")[2]
    )


def test_what_is_said_of_the_data_has_the_fields_of_the_page(run):
    folder, printed = run
    data = json.loads((folder / "manifest.json").read_text("utf-8"))["data"]
    study = json.loads((folder / "study.json").read_text("utf-8"))
    words = named(row_of_table("`survivorship`").split("|")[2])

    assert set(data) == named(row_of_table("`data` of a run").split("|")[2])
    assert set(data["survivorship"]) == words - {"symbol", "reason"}
    assert all(set(item) == {"symbol", "reason"} for item in data["survivorship"]["missing"])
    # One source of truth: what is printed, and what the study carries, is what the run has.
    assert printed["data"]["survivorship"] == study["data"]["survivorship"] == data["survivorship"]


def test_the_text_of_backtest_and_study_says_who_has_prices(run, tmp_path):
    folder, _ = run
    said = json.loads((folder / "manifest.json").read_text("utf-8"))["data"]["survivorship"]["statement"]
    words = ["--from", "2023-01-01"]

    backtest = CliRunner().invoke(main, ["backtest", "pullback", *words, "--out", str(tmp_path / "again")])
    study = CliRunner().invoke(main, ["study", *words])

    assert said in backtest.stdout
    assert said in study.stdout


def test_fields_of_a_backtest_and_its_units_are_those_of_the_page(run):
    _, printed = run
    words = named(row_of_table("`backtest`").split("|")[3])
    fields = {name for row in printed["rows"] for name in row}

    assert fields | {row["unit"] for row in printed["rows"]} <= words
    assert words - fields <= {"fraction", "ratio", "count", "sessions", "currency"}


@pytest.mark.parametrize("command", ["status", "check"])
def test_fields_of_prices_are_those_of_the_page(command, tmp_path):
    (tmp_path / "MP.csv").write_text(
        "Date,Open,High,Low,Close,Volume\n2024-01-02,9,10,9,10,100\n2024-01-06,9,10,9,10,5\n"
    )
    where = ["--store", str(tmp_path)] if command == "status" else ["--source", f"csv:{tmp_path}"]
    printed = json.loads(
        CliRunner().invoke(main, ["prices", command, "--symbol", "MP", *where, "--format", "json"]).stdout
    )
    fields = {name for row in printed["rows"] for name in row}

    assert fields
    assert fields | set(printed) - {"settings", "data", "rows"} <= named(row_of_table(f"`prices {command}`"))
