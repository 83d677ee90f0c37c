"""The `universe` and `events` commands: who, what, when, and every fault of a file at once."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner

import universes
from screener.cli import main


@pytest.fixture
def lodestone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*words, code=0):
        done = CliRunner().invoke(main, list(words))
        assert done.exit_code == code, done.stderr
        return done

    return run


def rows_of(done):
    return json.loads(done.stdout)["rows"]


def test_universes_are_listed_with_their_dead(lodestone):
    rows = {row["universe"]: row for row in rows_of(lodestone("universe", "list", "--format", "json"))}

    assert set(rows) == {"critical-minerals", "rare-earths"}
    assert rows["critical-minerals"]["companies"] == len(universes.load().companies) >= 40
    assert rows["critical-minerals"]["ended"] >= 10


def test_a_universe_shows_every_listing_dead_or_alive(lodestone):
    rows = rows_of(lodestone("universe", "show", "rare-earths", "--format", "json"))

    molycorp = [row for row in rows if row["company"] == "molycorp"]
    assert [(row["symbol"], row["ended_by"]) for row in molycorp] == [("MCP", "bankrupt")]


def test_a_universe_on_a_date_shows_only_what_was_known_then(lodestone):
    def mp(on):
        rows = rows_of(lodestone("universe", "show", "rare-earths", "--on", on, "--format", "json"))
        return next(row for row in rows if row["symbol"] == "MP")

    # MP Materials went public through a blank-cheque company in November 2020.
    assert mp("2015-01-02")["status"] == "not yet listed"
    assert "stage" not in mp("2015-01-02")
    assert (mp("2021-06-30")["status"], mp("2021-06-30")["stage"]) == ("alive", "production")


def test_a_good_file_has_no_fault_and_a_bad_one_lists_all(lodestone, tmp_path):
    (tmp_path / "good.csv").write_text("symbol,name,jurisdiction,stage\nNA,Namib,NA,pfs\n")
    (tmp_path / "bad.csv").write_text("symbol,name,jurisdiction,stage\nNA,Namib,UK,pfz\nB B,Bad,NO,pfs\n")

    assert "No fault in good.csv" in lodestone("universe", "check", "good.csv").stdout
    done = lodestone("universe", "check", "good.csv", "bad.csv", code=1)
    lines = done.stdout.splitlines()

    assert [line.split(": ")[:2] for line in lines] == [
        ["bad.csv:2", "jurisdiction"],
        ["bad.csv:2", "stage"],
        ["bad.csv:3", "symbol"],
    ]
    assert done.stderr.splitlines()[-1] == "Error: faults: 3, in bad.csv; mend them and check again"


def test_faults_as_csv_have_file_line_field_and_message(lodestone, tmp_path):
    (tmp_path / "bad.csv").write_text("symbol,name,jurisdiction,stage\nNA,Namib,NA,pfz\n")

    (row,) = csv.DictReader(
        io.StringIO(lodestone("universe", "check", "bad.csv", "--format", "csv", code=1).stdout)
    )

    assert (row["file"], row["line"], row["field"]) == ("bad.csv", "2", "stage")
    assert "pfz" in row["message"]


def test_events_are_listed_in_the_order_they_became_known(lodestone):
    rows = rows_of(
        lodestone("events", "list", "--from", "2023-01-01", "--to", "2023-12-31", "--format", "json")
    )

    known = [row["announced"] if "T" in row["announced"] else f"{row['announced']}T23:59Z" for row in rows]
    assert known == sorted(known)
    assert {row["announced"][:4] for row in rows} == {"2023"}


def test_events_are_filtered(lodestone):
    where = "kind == 'export-control' and 'gallium' in minerals"
    rows = rows_of(lodestone("events", "list", "--where", where, "--format", "json"))

    assert "cn-2023-07-03-gallium-germanium" in {row["event"] for row in rows}
    assert {row["kind"] for row in rows} == {"export-control"}


def test_no_event_is_a_result_not_an_error(lodestone):
    assert rows_of(lodestone("events", "list", "--to", "1999-12-31", "--format", "json")) == []


def test_an_event_shows_its_companies_and_its_successors(lodestone):
    (row,) = rows_of(lodestone("events", "show", "cn-2024-12-03-us-ban", "--format", "json"))

    assert row["announced"] == "2024-12-03T12:00Z"
    assert {item["company"]: item["direction"] for item in row["companies"]} == {"axt": "headwind"}
    assert row["superseded_by"] == ["cn-2025-11-09-us-ban-suspended"]
    text = lodestone("events", "show", "cn-2024-12-03-us-ban").stdout
    assert "Announcement No. 46 of 2024" in text
    assert "axt: headwind" in text


def test_a_file_of_events_is_checked_with_a_note_for_closed_days(lodestone, tmp_path):
    header = (
        "event,announced,precision,status,kind,scope,country,body,instrument,title,minerals,direction,"
        "known_from,source,confidence\n"
    )
    row = (
        "x-1,2024-06-29T12:00Z,{},announcement,tariff,sector,US,Body,Act,Title,lithium,tailwind,"
        "2024-06-29,Source,high\n"
    )
    (tmp_path / "mine.csv").write_text(header + row.format("session"))
    (tmp_path / "bad.csv").write_text(header + row.format("day"))

    done = lodestone("events", "check", "mine.csv")
    assert "No fault in mine.csv" in done.stdout
    assert "New York is closed on 2024-06-29 (Saturday): the next session is 2024-07-01" in done.stderr
    assert lodestone("events", "check", "bad.csv", code=1).stdout.startswith("bad.csv:2: precision")


def test_output_goes_to_a_file_whole_and_stdout_stays_empty(lodestone, tmp_path):
    done = lodestone("events", "list", "--format", "csv", "-o", "events.csv")

    assert done.stdout == ""
    assert done.stderr == "Written to events.csv\n"
    assert len(list(csv.DictReader((tmp_path / "events.csv").open()))) == len(universes.events())


def test_minerals_are_shown_as_known_on_a_date(lodestone):
    def nickel(on):
        rows = rows_of(lodestone("universe", "minerals", "--on", on, "--format", "json"))
        return next(row for row in rows if row["mineral"] == "nickel")

    # Nickel: on Canada's list from March 2021, on that of the United States from February 2022, on Australia's from
    # February 2024, on the European Union's from May 2024.
    assert nickel("2021-01-04")["lists"] == []
    assert nickel("2022-02-24")["lists"] == ["ca-critical", "us"]
    assert nickel("2024-06-03")["lists"] == [
        "au-critical",
        "ca-critical",
        "eu-critical",
        "eu-strategic",
        "us",
    ]
    assert (nickel("2022-02-24")["leader"], nickel("2026-03-02")["leader"]) == (None, "ID")
    assert nickel("2026-03-02")["import_reliance_low"] == 0.41


def test_all_that_ships_passes_its_own_checks(lodestone):
    from universes.facts import DATA

    assert "No fault in" in lodestone("universe", "check", str(DATA)).stdout
    files = [str(path) for path in (*DATA.glob("*.csv"), *DATA.glob("universes/*.csv"))]
    assert len(files) == 19
    assert "No fault in" in lodestone("universe", "check", *files).stdout


def test_one_table_is_checked_against_those_beside_it(lodestone, tmp_path):
    import shutil

    from universes.facts import DATA

    shutil.copytree(DATA, tmp_path / "data")
    table = tmp_path / "data" / "stages.csv"
    table.write_text(
        table.read_text("utf-8").replace("mountain-pass,production", "mountain-pas,production", 1), "utf-8"
    )

    assert "No fault in" in lodestone("universe", "check", "data/assets.csv").stdout
    assert "did you mean 'mountain-pass'?" in lodestone("universe", "check", "data/stages.csv", code=1).stdout
    assert "did you mean 'mountain-pass'?" in lodestone("universe", "check", "data", code=1).stdout
