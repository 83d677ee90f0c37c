"""The `screen` command: stable fields, sums that hold, and the reason of every dropped name."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner

import universes
from screener.cli import main

ON = "2025-07-09"


@pytest.fixture
def screen(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*words):
        done = CliRunner().invoke(main, ["screen", "--as-of", ON, *words])
        assert done.exit_code == 0, done.stderr
        return done.stdout

    return run


def test_json_is_one_object_with_settings_data_rows_and_dropped(screen):
    found = json.loads(screen("--format", "json", "--where", "score >= 60"))

    assert list(found) == ["settings", "data", "rows", "dropped"]
    assert found["settings"]["as_of"] == ON
    assert found["settings"]["where"] == ["score >= 60"]
    assert {name: found["data"][name] for name in ("source", "kind")} == {"source": "facts", "kind": "real"}
    assert len(found["data"]["hash"]) == 64
    assert list(found["rows"][0])[:5] == ["symbol", "name", "rank", "score", "contributions"]
    assert {"jurisdiction", "stage", "minerals", "float_band", "support", "china_linked"} <= set(
        found["rows"][0]
    )
    assert all(set(row) == {"symbol", "reason"} for row in found["dropped"])


def test_contributions_sum_to_the_score_in_what_is_printed(screen):
    for row in json.loads(screen("--format", "json"))["rows"]:
        assert sum(row["contributions"].values()) == row["score"]


def test_every_company_is_ranked_or_dropped_with_a_reason(screen):
    found = json.loads(screen("--format", "json", "--where", "'rare-earths' in minerals", "--top", "3"))

    assert [row["rank"] for row in found["rows"]] == [1, 2, 3]
    assert len(found["rows"]) + len(found["dropped"]) == len(universes.load().companies)
    reasons = {row["symbol"]: row["reason"] for row in found["dropped"]}
    assert reasons["MCP"] == "delisted 2015-06-26 (bankrupt)"
    assert "'rare-earths' in minerals is not true" in reasons["ALB"]
    assert any("beyond the top 3" in reason for reason in reasons.values())


def test_csv_has_the_tags_and_the_points(screen):
    rows = list(csv.DictReader(io.StringIO(screen("--format", "csv", "--top", "5"))))

    assert len(rows) == 5
    assert list(rows[0])[:4] == ["rank", "symbol", "name", "score"]
    assert {"stage_points", "support_points", "jurisdictions", "minerals"} <= set(rows[0])
    assert "data_kind" not in rows[0]


def test_explain_shows_each_fact_with_source_and_date(screen):
    text = screen("--explain", "MP")

    assert text.splitlines()[0] == f"MP  MP Materials, as known on {ON}"
    assert "Mountain Pass" in text
    assert "[known " in text
    assert "confidence high" in text


def test_explain_as_json_sums_to_the_score(screen):
    found = json.loads(screen("--explain", "MP", "--format", "json"))["explanation"]

    assert sum(item["points"] or 0 for item in found["contributions"]) == found["score"]
    assert all(
        set(fact) == {"fact", "known_from", "confidence", "source", "where"} and fact["known_from"] <= ON
        for item in found["contributions"]
        for fact in item["facts"]
    )


def test_explain_of_a_filtered_screen_keeps_to_it(screen):
    (first,) = json.loads(screen("--format", "json", "--top", "1"))["rows"]

    assert f"{first['symbol']}  " in screen("--explain", first["symbol"], "--top", "1")


def test_with_prices_the_screen_has_price_tags_and_says_simulated(screen):
    text = screen("--source", "simulated", "--where", "drawdown_52w <= -0.2", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text)))

    assert rows
    assert all(float(row["drawdown_52w"]) <= -0.2 and row["data_kind"] == "SIMULATED" for row in rows)
    assert json.loads(screen("--source", "simulated", "--format", "json"))["data"]["kind"] == "simulated"
    assert screen("--source", "simulated").startswith("SIMULATED DATA")
