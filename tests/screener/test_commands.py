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


def test_price_tags_of_size_and_momentum_are_there_with_prices(screen):
    row = json.loads(screen("--source", "simulated", "--where", "symbol == 'MP'", "--format", "json"))[
        "rows"
    ][0]

    assert row["market_cap_usd"] == pytest.approx(row["close"] * row["shares_outstanding"])
    assert row["float_usd"] == pytest.approx(row["market_cap_usd"] * row["float_share"])
    assert row["momentum_6m"] is not None


def test_a_screen_with_prices_says_who_has_none(screen):
    data = json.loads(screen("--source", "simulated", "--format", "json"))["data"]

    assert data["survivorship"]["members"] == len(universes.load().companies)
    assert "members have prices" in data["survivorship"]["statement"]
    assert "survivorship" not in json.loads(screen("--format", "json"))["data"]


def test_other_weights_stand_in_the_output_and_change_the_version(screen, tmp_path):
    (tmp_path / "own.toml").write_text('name = "stage first"\n[weights]\nstage = 0.9\n', encoding="utf-8")
    plain, text, file = (
        json.loads(screen("--format", "json", *more))["settings"]
        for more in ([], ["--weights", "stage=0.9"], ["--weights", "own.toml"])
    )

    assert (plain["weights"], text["weights"], file["weights"]) == ("default", "stage=0.9", "stage first")
    assert plain["score_version"] != text["score_version"] == file["score_version"]
    assert text["factor_weights"]["stage"] == 0.9
    assert "with weights stage=0.9" in screen("--weights", "stage=0.9", "--explain", "MP")


def test_robust_adds_an_interval_to_every_rank(screen):
    found = json.loads(screen("--robust", "100", "--top", "5", "--format", "json"))

    assert found["settings"]["robust"] == 100
    for row in found["rows"]:
        assert 1 <= row["rank_low"] <= row["rank_high"] <= len(universes.load().companies)
        assert isinstance(row["decided_by_weights"], bool)
    assert "nine tenths of 100 random weightings" in screen("--robust", "100", "--top", "5")


def test_the_difference_is_the_same_whichever_date_comes_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def rows(as_of, diff):
        words = ["screen", "--as-of", as_of, "--diff", diff, "--format", "json"]
        return json.loads(CliRunner().invoke(main, words).stdout)["rows"]

    assert rows("2026-02-04", "2025-07-09") == rows("2025-07-09", "2026-02-04")
    (mp,) = [row for row in rows("2026-02-04", "2025-07-09") if row["symbol"] == "MP"]
    assert mp["change"] == "rose"
    assert "2025-07-10" in {fact["known_from"] for item in mp["factors"] for fact in item["gained"]}


def test_the_difference_as_csv_has_the_facts(screen):
    rows = {
        row["symbol"]: row
        for row in csv.DictReader(io.StringIO(screen("--diff", "2024-07-09", "--format", "csv")))
    }

    assert "known" not in rows["MP"]["gained"]
    assert {"change", "points", "gained", "lost"} <= set(rows["MP"])
    assert any("Federal Register" in row["gained"] or "release" in row["gained"] for row in rows.values())


def test_a_preset_keeps_its_members_and_says_since_when(screen):
    found = json.loads(screen("--preset", "allied-advanced", "--format", "json"))

    assert found["settings"]["preset"] == "allied-advanced"
    assert found["settings"]["reviews"][-1] == "2025-06-30"
    assert all(row["member_since"] in found["settings"]["reviews"] for row in found["rows"])
    assert any(row["reason"].startswith("not in the preset: ") for row in found["dropped"])
    assert "member_since" in screen("--preset", "allied-advanced").splitlines()[0]


def test_rules_that_need_prices_are_named_where_there_are_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["screen", "--as-of", ON, "--preset", "sprott-critical", "--format", "json"]
    without = CliRunner().invoke(main, words)
    judged = CliRunner().invoke(main, [*words, "--source", "simulated"])

    assert "without its rules on prices (size, liquidity): give --source" in without.stderr
    assert json.loads(without.stdout)["settings"]["rules_not_judged"] == ["size", "liquidity"]
    assert "rules on prices" not in judged.stderr
    assert json.loads(judged.stdout)["settings"]["rules_not_judged"] == []
    rows = json.loads(judged.stdout)["rows"]
    assert 0 < len(rows) < len(json.loads(without.stdout)["rows"])


def test_three_answers_at_once_are_wrong_usage(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["screen", "--as-of", ON, "--explain", "MP", "--robust", "10"])

    assert done.exit_code == 2
    assert "ask for one at a time" in done.stderr


@pytest.mark.parametrize("more", [[], ["--explain", "MP"], ["--diff", "2024-07-09"], ["--robust", "9"]])
def test_the_version_of_the_score_stands_in_every_output(screen, more):
    version = json.loads(screen(*more, "--format", "json"))["settings"]["score_version"]

    assert f"weights default, score version {version}" in screen(*more).splitlines()[-1]
    assert {
        row["score_version"] for row in csv.DictReader(io.StringIO(screen(*more, "--format", "csv")))
    } == {version}
