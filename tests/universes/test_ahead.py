"""What lies ahead: known by the date, not yet past, not suspended; and whom it touches."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import universes
from screener.cli import main
from universes.ahead import ahead
from universes.errors import BadData
from universes.holdings import read_holdings
from universes.policy import known_at


def told(on, days=180):
    return [
        (str(item.on), item.kind, item.event.event)
        for item in ahead(universes.events(), date.fromisoformat(on), days)
    ]


def test_sunsets_of_suspensions_lie_ahead_until_their_day():
    # MOFCOM's Announcement No. 70 of 2025 suspends until 2026-11-10, No. 72 until 2026-11-27.
    sunset = ("2026-11-10", "sunset", "cn-2025-11-07-october-suspended")

    assert sunset in told("2026-09-01")
    assert sunset in told("2026-11-09", days=1)
    assert sunset not in told("2026-11-10")
    assert ("2026-11-27", "sunset", "cn-2025-11-09-us-ban-suspended") in told("2026-11-10")


def test_what_was_not_known_yet_does_not_lie_ahead():
    # Proclamation 11001 of 2026-01-14 set 180 days, to 2026-07-13.
    deadline = ("2026-07-13", "deadline", "us-2026-01-14-processed-232")

    assert deadline not in told("2026-01-13", days=365)
    assert deadline in told("2026-01-14", days=365)


def test_the_effect_of_a_suspended_measure_is_left_out():
    # The October controls were to bind from 2025-11-08 and were suspended on 2025-11-07.
    effect = ("2025-11-08", "effect", "cn-2025-10-09-extraterritorial")

    assert effect in told("2025-11-06")
    assert effect not in told("2025-11-07")


@given(on=st.dates(date(2010, 1, 1), date(2027, 1, 1)), days=st.integers(1, 900))
def test_all_that_lies_ahead_is_in_range_in_order_and_known(on, days):
    found = ahead(universes.events(), on, days)

    assert all(on < item.on <= on + timedelta(days=days) for item in found)
    assert all(known_at(item.event).date() <= on for item in found)
    assert [item.on for item in found] == sorted(item.on for item in found)


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*words, code=0):
        done = CliRunner().invoke(main, ["events", "next", "--as-of", "2026-11-11", "--days", "30", *words])
        assert done.exit_code == code, done.stderr
        return done

    return run


def test_the_end_of_a_relief_turns_its_sign(run):
    rows = json.loads(run("--format", "json").stdout)["rows"]

    (row,) = [row for row in rows if row["event"] == "cn-2025-11-09-us-ban-suspended"]
    # With the ban back, antimony outside China gains and the maker of wafers in China loses.
    assert "UAMY" in row["gains"]
    assert row["loses"] == ["AXTI"]
    assert row["in_days"] == 16


def test_holdings_are_weighed_by_gross_value(run, tmp_path):
    # 300 gross: 150 in UAMY (a half), 60 in AXTI, 90 short in MP, which the ban does not touch.
    (tmp_path / "book.csv").write_text("symbol,value\nUAMY,150\nAXTI,60\nMP,-90\n")

    (row,) = json.loads(run("--holdings", "book.csv", "--format", "json").stdout)["rows"]

    assert (row["gains"], row["loses"], row["open"]) == (["UAMY"], ["AXTI"], [])
    assert row["touched_share"] == pytest.approx(0.7)
    assert row["net_share"] == pytest.approx(0.5 - 0.2)


def test_a_filter_narrows_the_companies(run):
    (row,) = json.loads(run("--where", "symbol == 'UAMY'", "--format", "json").stdout)["rows"]

    assert (row["gains"], row["loses"]) == (["UAMY"], [])


def test_nothing_ahead_is_said(run):
    assert (
        CliRunner().invoke(main, ["events", "next", "--as-of", "2010-01-01", "--days", "1"]).stdout
        == "Nothing on record lies ahead.\n"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("symbol,value\nMP,1\nMP,2\n", "book.csv:3: symbol: 'MP' stands twice"),
        ("symbol,value\nMP,0\n", "book.csv: value: the positions are worth nothing together"),
        ("symbol,value\nMP,much\n", "book.csv:2: value: 'much' is not a plain number"),
        ("symbol\nMP\n", "value: column is missing"),
    ],
)
def test_holdings_that_cannot_be_used_are_refused_with_the_mend(run, tmp_path, text, said):
    (tmp_path / "book.csv").write_text(text)

    with pytest.raises(BadData):
        read_holdings(tmp_path / "book.csv")
    assert said in run("--holdings", "book.csv", code=1).stderr
