"""The `stress` command: stable fields, a text that says how little is known, and errors of one line."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import fields
from pathlib import Path

import price_files
import pytest
from click.testing import CliRunner

from screener.cli import main
from strategies.scenarios import SCENARIOS
from strategies.stress_result import Episode, LeftOut, Loser, NotCovered, Position, Summary

BOOK = "symbol,value\nMP,600\nLYC.AX,-300\nXYZZY,100\n"
# Bans of 3 July and 20 October 2023 and of 21 December 2023, all at noon UTC or so.
BANS = ["stress", "export-ban", "rare-earths", "--events", "'2023-06-01' <= announced < '2024-01-01'"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A book, and prices from June 2023 on: New York 10, falling to 9 on 20 October; Sydney 5, 6 from the 23rd on."""
    place = tmp_path_factory.mktemp("stress")
    (place / "book.csv").write_text(BOOK, "utf-8")
    new_york = price_files.days(200, "2023-06-01")
    sydney = price_files.days(200, "2023-06-01", "XASX")
    price_files.write(
        place / "prices",
        {
            "MP.csv": [
                price_files.HEADER,
                *(price_files.bar(day, 9 if day >= "2023-10-20" else 10) for day in new_york),
            ],
            "LYC.AX.csv": [
                price_files.HEADER,
                *(price_files.bar(day, 6 if day >= "2023-10-23" else 5) for day in sydney),
            ],
        },
    )
    return place


@pytest.fixture(scope="module")
def run(folder):
    def invoke(*words: str):
        book = ["--holdings", str(folder / "book.csv")] if "--where" not in words else []
        return CliRunner().invoke(main, [*BANS, *book, "--source", f"csv:{folder / 'prices'}", *words])

    return invoke


@pytest.fixture(scope="module")
def said(run):
    return {form: run("--format", form) for form in ("table", "csv", "json")}


def test_json_has_the_documented_fields(said):
    found = json.loads(said["json"].stdout)
    rows = {"rows": Episode, "summaries": Summary, "losers": Loser, "positions": Position} | {
        "left_out": LeftOut,
        "not_covered": NotCovered,
    }

    assert set(found) == {"settings", "data", "verdict", *rows}
    assert found["data"]["kind"] == "real"
    for name, kind in rows.items():
        assert all(set(row) == {item.name for item in fields(kind)} for row in found[name]), name
    assert [row["window"] for row in found["summaries"]] == ["0:0", "0:4", "0:19"]


def test_the_numbers_are_those_worked_out_by_hand(said):
    found = json.loads(said["json"].stdout)
    october = [row for row in found["rows"] if row["events"] == ["cn-2023-10-20-graphite"]]

    # The news of 20 October, before Sydney closes: MP −10 % of 600 on day 0; LYC.AX, sold short for 300, from 5 to 6
    # on its day 1.
    at = {row["window"]: row for row in october}
    assert at["0:0"]["pnl"] == pytest.approx(-60)
    assert at["0:4"]["pnl"] == pytest.approx(-60 - 60)
    assert at["0:4"]["of_covered"] == pytest.approx(-120 / 900)
    assert at["0:4"]["of_gross"] == pytest.approx(-120 / 1000)
    assert at["0:4"]["covered"] == pytest.approx(0.9)
    assert {row["symbol"]: row["share"] for row in found["left_out"]} == {"XYZZY": 0.1}
    assert found["settings"]["gross"] == 1000.0
    assert found["settings"]["net"] == pytest.approx(0.4)
    assert found["settings"]["currencies"] == ["AUD", "USD"]


def test_the_text_has_the_analogues_the_verdict_the_losers_and_who_is_left_out(said):
    text = said["table"].stdout

    assert text.startswith("export-ban: China bans")
    assert "Few episodes: K = 3 over 0:0, 3 over 0:4, 3 over 0:19. History is not a bound" in text
    assert (
        "Book: 3 names, 1,000 gross, net +40.0 %. Moves are in each listing's own currency (AUD, USD)" in text
    )
    assert "0:4 lost most in the worst episode (2): LYC.AX -60 (-6.00 %); MP -60 (-6.00 %)." in text
    assert "10.0 % in 9 of 9, no listing of that symbol: XYZZY" in text
    assert "Beside the events from 2023-07-03 on: Half session before a holiday in New York." in text
    assert "Survivorship:" in text
    assert "SIMULATED" not in text


def test_csv_is_one_row_an_episode_and_window(said):
    rows = list(csv.DictReader(io.StringIO(said["csv"].stdout)))

    assert list(rows[0]) == [item.name for item in fields(Episode)]
    assert [row["pnl"] for row in rows] == [
        repr(row["pnl"]) for row in json.loads(said["json"].stdout)["rows"]
    ]


def test_the_order_of_the_lines_of_a_book_means_nothing(run, said, folder, tmp_path):
    other = tmp_path / "book.csv"
    head, *lines = BOOK.splitlines()
    other.write_text("\n".join([head, *reversed(lines)]), "utf-8")
    again = json.loads(run("--holdings", str(other), "--format", "json").stdout)
    first = json.loads(said["json"].stdout)

    again["settings"]["holdings"] = first["settings"]["holdings"]
    assert again == first


def test_as_of_leaves_out_what_came_later_events_and_prices_alike(run):
    found = json.loads(run("--as-of", "2023-10-25", "--format", "json").stdout)

    assert [row["events"] for row in found["rows"]] == [
        ["cn-2023-07-03-gallium-germanium"],
        ["cn-2023-10-20-graphite"],
        ["cn-2023-07-03-gallium-germanium"],
        ["cn-2023-07-03-gallium-germanium"],
    ]
    assert found["settings"]["last"] == "2023-10-25"
    assert {row["reason"] for row in found["not_covered"]} == {"the prices end within its window"}


def test_without_a_book_the_names_that_pass_are_held_in_equal_parts(run):
    found = json.loads(run("--where", "jurisdiction == 'AU'", "--value", "500", "--format", "json").stdout)
    shares = {row["symbol"]: row["share"] for row in (*found["positions"], *found["left_out"])}

    assert "LYC.AX" in shares
    assert "MP" not in shares
    assert set(shares.values()) == {1 / found["settings"]["names"]}
    assert found["settings"]["gross"] == pytest.approx(500.0)
    # Most of them have no prices: the episodes are there, and none counts.
    assert {row["counted"] for row in found["rows"]} == {False}
    assert found["verdict"].splitlines()[1].startswith("K = 0: no episode counts.")


def test_the_names_are_those_that_pass_on_the_date_asked_for_even_after_the_last_price(run):
    where = ["--where", "jurisdiction == 'US'", "--format", "json"]

    def held(*words: str) -> set[str]:
        return {row["symbol"] for row in json.loads(run(*where, *words).stdout)["left_out"]}

    # USA Rare Earth has traded since March 2025; the prices end in March 2024.
    assert "USAR" in held("--as-of", "2025-12-31") - held()


def test_how_much_must_be_covered_is_for_the_user_to_say(run):
    found = json.loads(
        run("--where", "jurisdiction == 'AU'", "--least-covered", "0", "--format", "json").stdout
    )

    assert [row["episodes"] for row in found["summaries"]] == [3, 3, 3]


def test_no_event_left_is_a_result_that_says_which_filters_leave_something(run):
    done = run("--minerals", "uranium")

    assert done.exit_code == 0, done.stderr
    assert "passes every filter. Events that each leaves alone: export-ban " in done.stdout
    assert "K = 0: there is no event to replay." in done.stdout


def test_a_book_without_any_prices_says_who_has_none_and_why(run, tmp_path):
    (tmp_path / "book.csv").write_text("symbol,value\nXYZZY,1\n", "utf-8")
    done = run("--holdings", str(tmp_path / "book.csv"))

    assert done.exit_code == 0, done.stderr
    assert "K = 0: no episode counts. Over 0:0: 3 of 3 events: no held name has prices then." in done.stdout
    assert "1 name without prices: XYZZY (XYZZY: no listing of that symbol)." in done.stdout


def test_a_simulated_market_says_so_in_every_form():
    words = ["stress", "truce", "rare-earths", "--from", "2025-04-01", "--to", "2025-12-31"]
    table, rows = (CliRunner().invoke(main, [*words, "--format", form]) for form in ("table", "csv"))

    assert table.exit_code == 0, table.stderr
    assert table.stdout.startswith("SIMULATED DATA")
    assert {row["data_kind"] for row in csv.DictReader(io.StringIO(rows.stdout))} == {"SIMULATED"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["truse"], "no scenario named 'truse'; did you mean 'truce'?"),
        (["any"], "say which with --events EXPR"),
        (["truce", "--minerals", "unobtainium"], "no mineral named 'unobtainium'"),
        (["truce", "--events", "kind ="], "filter 'kind ='"),
        (["truce", "--as-of", "yesterday"], "as-of:"),
        (["truce", "nowhere"], "no universe named 'nowhere'"),
        (["truce", "--holdings", "/nowhere/book.csv"], "/nowhere/book.csv: cannot be read"),
        (["truce", "--where", "scor > 1"], "no field named 'scor'"),
        (
            ["truce", "rare-earths", "--where", "score > 1000", "--from", "2025-10-01"],
            "widen it, or give a book",
        ),
        (["truce", "rare-earths", "--value", "-5", "--from", "2025-10-01"], "write an amount above zero"),
        (["truce", "rare-earths", "--least-covered", "7", "--from", "2025-10-01"], "a fraction from 0 to 1"),
    ],
)
def test_an_error_is_one_line_with_the_mend(words, says):
    done = CliRunner().invoke(main, ["stress", *words])

    assert done.exit_code == 1
    assert says in done.stderr
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_book_and_a_filter_on_the_universe_exclude_each_other(folder):
    words = ["stress", "truce", "--holdings", str(folder / "book.csv"), "--where", "score > 50"]
    done = CliRunner().invoke(main, words)

    assert done.exit_code == 1
    assert "leave one of them out" in done.stderr


def test_the_page_has_every_kind_and_every_field():
    page = (Path(__file__).parents[2] / "docs" / "stress.md").read_text("utf-8")
    tables = {"rows": Episode, "summaries": Summary, "losers": Loser, "positions": Position} | {
        "left_out": LeftOut,
        "not_covered": NotCovered,
    }

    for name, scenario in SCENARIOS.items():
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{name}` |")]
        assert row.split("|")[2].strip().lower() == scenario.says.rstrip(".").replace(
            ", by --", ", by `--"
        ).lower() + ("`" if name == "any" else "")
    for name, kind in tables.items():
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{name}` |")]
        assert f"`{' '.join(item.name for item in fields(kind))}`" in row


def test_help_names_every_kind():
    text = CliRunner().invoke(main, ["stress", "--help"]).stdout

    for name, scenario in SCENARIOS.items():
        assert f"{name:22}{scenario.says}" in text
