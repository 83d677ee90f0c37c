"""The `study` command: stable fields of the JSON, and a text that says what can be said."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner

from screener.cli import main
from strategies.study_command import read_window
from strategies.window_test import WindowTest
from universes.errors import BadParameter

ARGUMENTS = ["study", "--events", "kind == 'export-control'", "--from", "2021-01-01", "--group-by", "stage"]


@pytest.fixture(scope="module")
def said():
    return {
        form: CliRunner().invoke(main, [*ARGUMENTS, "--format", form]) for form in ("table", "csv", "json")
    }


def test_json_has_the_documented_fields(said):
    found = json.loads(said["json"].stdout)

    assert set(found) == {
        "settings", "data", "rows", "episodes", "firm_events",
        "grade", "verdict", "windows", "path", "groups", "differences", "volume",
        "confounds", "chance", "fragility", "dropped",
    }  # fmt: skip
    assert found["data"]["kind"] == "simulated"
    assert found["episodes"] == len(found["rows"]) >= 5
    assert sum(row["firm_events"] for row in found["rows"]) == found["firm_events"]
    assert set(found["windows"][0]) == set(WindowTest.__dataclass_fields__)
    assert (found["windows"][0]["first"], found["windows"][0]["last"]) == (0, 1)
    assert [row["day"] for row in found["path"]] == list(range(-10, 21))
    assert all(set(row) == {"event", "symbol", "reason"} for row in found["dropped"])
    assert sum(group["firm_events"] for group in found["groups"].values()) == found["firm_events"]


def test_the_mean_of_the_primary_window_is_that_of_the_episodes(said):
    found = json.loads(said["json"].stdout)
    values = [row["car_0_1"] for row in found["rows"] if row["car_0_1"] is not None]

    assert found["windows"][0]["mean"] == pytest.approx(sum(values) / len(values), rel=1e-12)


def test_the_text_says_simulated_then_the_grade_and_its_numbers(said):
    found, text = json.loads(said["json"].stdout), said["table"].stdout

    assert text.startswith("SIMULATED DATA")
    assert text.splitlines()[1] == f"{found['grade']}: {found['verdict']}"
    assert f"K = {found['episodes']} independent dates, n = {found['firm_events']} firm-events" in text
    assert all(f"{name} less the rest" in text for name in found["groups"])
    assert len(found["differences"]) == len(found["groups"])


def test_csv_is_one_row_an_episode(said):
    rows = list(csv.DictReader(io.StringIO(said["csv"].stdout)))

    assert len(rows) == json.loads(said["json"].stdout)["episodes"]
    assert {row["data_kind"] for row in rows} == {"SIMULATED"}


def test_no_event_left_is_a_result_that_says_so():
    done = CliRunner().invoke(main, ["study", "--events", "kind == 'tariff'", "--from", "2026-03-01"])

    assert done.exit_code == 0, done.stderr
    assert "No conclusion is possible: there is no event." in done.stdout


def test_a_window_is_two_whole_numbers():
    assert read_window("-5:10") == (-5, 10)
    for text in ("5", "a:b", "1:2:3", "-1.5:2", ""):
        with pytest.raises(BadParameter, match="write FIRST:LAST"):
            read_window(text)


def test_companies_can_be_grouped_by_their_score_before_the_news():
    done = CliRunner().invoke(
        main,
        [*ARGUMENTS[:-1], "score_band", "--draws", "0", "--format", "json"],
    )

    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found["groups"]) <= {"<40", "40-60", "60-80", ">=80", "unknown"}
    assert len(found["groups"]) > 1
    assert sum(group["firm_events"] for group in found["groups"].values()) == found["firm_events"]


def test_a_tag_that_nobody_has_is_refused_with_those_there_are():
    done = CliRunner().invoke(main, ["study", "--group-by", "purity_bands"])

    assert done.exit_code == 1
    assert "did you mean 'purity_band'" in done.stderr
