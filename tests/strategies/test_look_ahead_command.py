"""The `audit` command: exit codes, sentences, stable fields, and errors of one line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from screener.cli import main
from strategies.look_ahead_names import PROBES

FILE = Path(__file__).parent.parent / "look_ahead_leaks.py"
PERIOD = ("--from", "2023-06-01", "--to", "2024-06-30", "--draws", "1")
FIELDS = {"probe", "decided", "symbol", "field", "before", "after", "change", "others"}


def run(*words):
    return CliRunner().invoke(main, ["audit", *words, *PERIOD])


@pytest.fixture(scope="module")
def leaking():
    """Output of an audit that finds a leak, in each form."""
    return {
        form: run(f"{FILE}:NextBar", "--probe", "prices", "--format", form)
        for form in ("table", "csv", "json")
    }


def test_a_leak_exits_with_1_and_a_sentence(leaking):
    done = leaking["table"]

    assert done.exit_code == 1
    assert done.stdout.startswith("SIMULATED DATA")
    assert "NextBar: 1 of 1 probes found a leak." in done.stdout
    assert "it used data that did not exist yet" in done.stdout


def test_no_leak_exits_with_0_and_says_what_was_run_and_what_not():
    done = run("random-dates", "-p", "seed=3", "--probe", "prices", "--probe", "events")

    assert done.exit_code == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["prices", "clean"] in [line[:2] for line in lines]
    assert ["events", "not", "run"] in [line[:3] for line in lines]


def test_json_has_findings_probes_and_settings(leaking):
    found = json.loads(leaking["json"].stdout)

    assert set(found["rows"][0]) == FIELDS
    assert found["clean"] is False
    assert [probe["name"] for probe in found["probes"]] == ["prices"]
    assert {"strategy", "draws", "seed", "rows", "where"} <= set(found["settings"])
    assert leaking["json"].exit_code == 1


def test_csv_has_a_row_for_each_finding(leaking):
    rows = list(csv.DictReader(io.StringIO(leaking["csv"].stdout)))

    assert rows
    assert set(rows[0]) == FIELDS | {"data_kind"}


def test_price_levels_can_be_allowed():
    words = (f"{FILE}:PrintedPrice", "--probe", "units", "--probe", "rebasing")

    caught, allowed = run(*words), run(*words, "--allow", "price-level")

    assert (caught.exit_code, allowed.exit_code) == (1, 0)
    assert "--allow price-level if it is meant to" in caught.stdout
    assert "not run" in allowed.stdout


def test_a_strategy_that_wants_scores_is_given_them_and_filters_hold():
    done = run("basket", "-p", "top=3", "-p", "keep=6", "--where", "domicile == 'US'", "--probe", "prices")

    assert done.exit_code == 0, done.stderr
    assert "no leak found in" in done.stdout


@pytest.mark.parametrize("words", [("pullback", "--probe", "nope"), ("pullback", "--allow", "all"), ()])
def test_wrong_usage_exits_with_2(words):
    assert run(*words).exit_code == 2


def test_an_error_of_the_users_code_is_shown_with_its_line():
    done = run(f"{FILE}:Raises", "--probe", "prices")

    assert done.exit_code == 1
    assert "your code raised ZeroDivisionError" in done.stderr
    assert done.stdout == ""


def test_every_probe_stands_in_the_page():
    page = (Path(__file__).parents[2] / "docs" / "audit.md").read_text("utf-8")

    assert [name for name in PROBES if f"| `{name}` |" not in page] == []
