"""`lodestone claims` prints one row a sentence, in the three forms that every command has."""

from __future__ import annotations

import csv
import io
import json

import price_files
import pytest
from click.testing import CliRunner

from reports.claim_ground import VERDICTS
from reports.claims_command import claims
from universes.errors import BadData, BadDate, UnknownName
from universes.rendering import BANNER

ARTICLE = """
title = "Two sentences"
as_of = 2026-02-03
[[claim]]
id = "mine"
says = "MP Materials produces."
filter = "stage == 'production'"
symbol = "MP"
[[claim]]
id = "day"
says = "It rose by a tenth."
move = "MP"
date = 2024-01-04
least = 0.0999
"""


def run(*words, error=None):
    done = CliRunner().invoke(claims, [str(word) for word in words])
    if error is None:
        assert done.exit_code == 0, done.exception
    else:
        assert isinstance(done.exception, error)
        assert done.stdout == ""
    return done


def as_json(*words):
    return json.loads(run(*words, "--format", "json").stdout)


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "article.toml"
    path.write_text(ARTICLE, "utf-8")
    return path


@pytest.fixture
def prices(tmp_path):
    """A folder with prices of MP alone: 20, 20 and 22 in January 2024."""
    return price_files.write(tmp_path / "prices", {"MP.csv": price_files.text([20, 20, 22, 22, 22])})


def verdicts(*words):
    return {row["id"]: row["verdict"] for row in as_json(*words)["rows"]}


def test_the_founding_article_is_checked_without_prices():
    printed = as_json()
    by_id = {row["id"]: row for row in printed["rows"]}

    assert set(printed) == {"settings", "data", "rows", "verdicts"}
    assert printed["settings"]["file"] == "founding-article.toml"
    assert (printed["data"]["source"], printed["data"]["kind"]) == ("facts and events", "real")
    assert sum(printed["verdicts"].values()) == len(by_id) >= 20
    assert {row["verdict"] for row in by_id.values()} <= set(VERDICTS)
    assert all(set(row) == {"id", "says", "data", "verdict"} and row["data"] for row in by_id.values())
    # Project Vault is of 2026-02-02; the list of November 2025 has sixty minerals.
    assert by_id["reported-plan"]["verdict"] == "does not hold"
    assert "2026-02-02" in by_id["reported-plan"]["data"]
    assert by_id["two-dozen-minerals"]["verdict"] == "holds"
    assert "60 single minerals" in by_id["two-dozen-minerals"]["data"]
    assert by_id["index-name"]["verdict"] in ("does not hold", "unknown")
    assert by_id["mp-day"]["verdict"] == "needs prices"
    assert by_id["institutions"]["verdict"] == "cannot be tested"


def test_a_move_is_settled_by_prices_of_ones_own(article, prices):
    printed = as_json(article, "--source", f"csv:{prices}")

    assert verdicts(article) == {"mine": "holds", "day": "needs prices"}
    assert {row["id"]: row["verdict"] for row in printed["rows"]} == {"mine": "holds", "day": "holds"}
    assert "MP moved +10.0 % on 2024-01-04, from the close of 2024-01-03" in printed["rows"][1]["data"]
    assert printed["data"]["kind"] == "real"
    assert "without prices" in run(article, "--source", f"csv:{prices}").stderr


def test_simulated_prices_settle_nothing_and_say_so_in_every_form(article):
    printed = as_json(article, "--source", "simulated")

    assert {row["id"]: row["verdict"] for row in printed["rows"]} == {
        "mine": "holds",
        "day": "simulated: not tested",
    }
    assert printed["data"]["kind"] == "simulated"
    assert run(article, "--source", "simulated").stdout.startswith(f"{BANNER}\n")
    rows = list(csv.DictReader(io.StringIO(run(article, "--source", "simulated", "--format", "csv").stdout)))
    assert {row["data_kind"] for row in rows} == {"SIMULATED"}


def test_what_was_known_on_another_date_changes_the_verdict(article):
    # MP Materials has traded since 2020-11-18.
    assert verdicts(article, "--as-of", "2020-11-17")["mine"] == "unknown"
    assert verdicts(article, "--as-of", "2020-11-18")["mine"] == "holds"


def test_the_table_fits_a_terminal_and_holds_every_word():
    lines = run().stdout.splitlines()
    rows = as_json()["rows"]
    words = " ".join(lines).split()

    assert max(map(len, lines)) <= 120
    assert all(set(row["says"].split()) <= set(words) for row in rows)
    assert lines[-1].startswith(f"{len(rows)} claims: ")
    assert BANNER not in lines[0]


def test_a_file_is_written_whole_and_the_same_each_time(article, tmp_path):
    for name in ("one.csv", "two.csv"):
        done = run(article, "--format", "csv", "-o", tmp_path / name)
        assert done.stdout == ""

    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    rows = list(csv.DictReader((tmp_path / "one.csv").open(encoding="utf-8")))
    assert [list(row) for row in rows] == [["id", "says", "data", "verdict"]] * 2


def test_the_hash_changes_with_the_file_and_with_the_prices(article, prices):
    before = as_json(article)["data"]["hash"]

    assert as_json(article, "--source", f"csv:{prices}")["data"]["hash"] != before
    article.write_text(f"{ARTICLE}# another word\n", "utf-8")
    assert as_json(article)["data"]["hash"] != before


def test_every_fault_of_a_file_is_printed_and_nothing_else(article, tmp_path):
    text = ARTICLE.replace('"MP"', '"MPP"').replace("0.0999", "10.1")
    article.write_text(text, "utf-8")

    done = run(article, "-o", tmp_path / "out.txt", error=BadData)

    assert str(done.exception) == (
        f"{article}: mine.symbol: 'MPP' is not on record; did you mean 'MP'? (and 2 more faults)"
    )
    assert [line.partition(": ")[2].partition(":")[0] for line in done.stderr.splitlines()] == [
        "day.least",
        "day.move",
    ]
    assert not (tmp_path / "out.txt").exists()


def test_wrong_options_are_refused(article, tmp_path):
    assert "'soon' is not a date" in str(run("--as-of", "soon", error=BadDate).exception)
    assert "did you mean 'simulated'?" in str(run("--source", "simulate", error=UnknownName).exception)
    assert "No such file" in str(run(tmp_path / "none.toml", error=BadData).exception)
    assert "nowhere" in str(run(article, "--source", "csv:nowhere", error=BadData).exception)
