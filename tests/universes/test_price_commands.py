"""The `prices` commands: what is asked for, how old it is, what is wrong with it, what was rewritten."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pandas as pd
import pytest
import worlds
from click.testing import CliRunner
from price_files import listing, text, write

from screener.cli import main
from universes.catalog import load
from universes.fetch_command import asked_for
from universes.price_options import wanted
from universes.snapshot import COLUMNS, Snapshot
from universes.store import Store


def run(*words, code=0):
    done = CliRunner().invoke(main, ["prices", *map(str, words)])
    assert done.exit_code == code, (done.stdout, done.stderr, done.exception)
    return done


def snapshot(closes, fetched_at, symbol="MP", start="2024-01-02", **columns):
    index = worlds.sessions(len(closes), start)
    table = {
        name: [float(close) for close in closes]
        for name in ("open", "high", "low", "close", "adjusted_close")
    }
    table |= {"volume": 1000.0, "dividend": 0.0, "split": 1.0} | columns
    when = datetime.fromisoformat(fetched_at).replace(tzinfo=UTC)
    return Snapshot(
        "yahoo", symbol, pd.DataFrame(table, index=index)[list(COLUMNS)], {"currency": "USD"}, when, "t"
    )


# Fetch: whom it asks for.


def test_listings_that_still_trade_are_asked_for_and_the_rates_they_need():
    found = [
        listing("AAA"),
        listing("BBB.AX", exchange="XASX", currency="AUD"),
        listing("OLD", listed_to=date(2024, 1, 2), ended_by="acquired"),
    ]

    assert asked_for(found, date(2024, 1, 1), "USD", ended=False) == ("AAA", "BBB.AX", "OLD", "AUDUSD=X")
    assert asked_for(found, date(2024, 1, 2), "USD", ended=False) == ("AAA", "BBB.AX", "AUDUSD=X")
    assert asked_for(found, date(2024, 1, 2), "USD", ended=True) == ("AAA", "BBB.AX", "OLD", "AUDUSD=X")
    assert asked_for(found[:1], date(2024, 1, 2), "USD", ended=False) == ("AAA",)
    assert asked_for(found[:2], date(2024, 1, 2), "", ended=False) == ("AAA", "BBB.AX")


def test_a_universe_brings_its_members_and_the_controls():
    found = {row.symbol for row in wanted("rare-earths")}

    assert {"MP", "LYC.AX", "MCP"} <= found
    assert {row.symbol for row in load("rare-earths").controls} <= found


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fetch", "--symbol", "MPP"], "no symbol named 'MPP'; did you mean 'MP'?"),
        (["fetch", "rare-earth"], "no universe named 'rare-earth'; did you mean 'rare-earths'?"),
        (["fetch", "--max-age", "-1"], "max-age -1: give hours from 0 to 8784"),
        (["fetch", "--max-age", "nan"], "max-age nan: give hours"),
        (["fetch", "--currency", "USX"], "no currency named 'USX'"),
        (["check", "--source", "yahu"], "no source named 'yahu'; did you mean 'yahoo'?"),
        (["check", "--accept", "all"], "no gate named 'all'"),
        (["diff", "--source", "tiingo"], "source 'tiingo' cannot be compared: write yahoo, or csv:FOLDER"),
        (["diff", "--source", "csv:nowhere", "--against", "csv:nowhere"], "nowhere: there is no such folder"),
        (["diff"], "none of "),
        (["check"], "run lodestone prices fetch"),
    ],
)
def test_bad_input_is_one_line_with_its_mend(tmp_path, monkeypatch, words, said):
    monkeypatch.setenv("LODESTONE_STORE", str(tmp_path / "store"))
    done = run(*words, code=1)

    assert said in done.stderr
    assert done.stdout == ""


# Status.


def test_status_says_what_the_store_holds(tmp_path):
    Store(tmp_path).put(snapshot([10, 11], "2024-01-03T22:00"))

    found = json.loads(run("status", "rare-earths", "--store", tmp_path, "--format", "json").stdout)
    rows = {row["symbol"]: row for row in found["rows"]}

    assert (rows["MP"]["state"], rows["MP"]["bars"], rows["MP"]["last"]) == ("stale", 2, "2024-01-03")
    assert rows["LYC.AX"]["state"] == "none"
    assert (
        run("status", "--symbol", "MP", "--store", tmp_path)
        .stdout.splitlines()[-1]
        .startswith("0 fresh, 1 stale")
    )


# Check.


def test_check_prints_every_finding_and_ends_in_an_error_when_a_series_is_refused(tmp_path):
    folder = write(
        tmp_path / "prices",
        {"MP.csv": text([30.0, 31.0, 0.0, 30.0], "2024-01-02"), "USAR.csv": text([10.0, 10.1], "2025-06-02")},
    )
    done = run("check", "rare-earths", "--source", f"csv:{folder}", "--format", "json", code=1)
    found = json.loads(done.stdout)

    refused = [row for row in found["rows"] if row["severity"] == "refused"]
    assert ("MP", "non-positive-price") in {(row["symbol"], row["gate"]) for row in refused}
    assert found["with_prices"] == 1
    assert "1 series refused: MP; mend them" in done.stderr


def test_check_of_sound_series_ends_well(tmp_path):
    folder = write(tmp_path / "prices", {"MP.csv": text([30.0, 31.0, 30.5], "2024-01-02")})

    assert "1 series usable" in run("check", "rare-earths", "--source", f"csv:{folder}").stdout


def test_check_of_a_store_names_the_snapshot(tmp_path):
    Store(tmp_path).put(snapshot([30, 31, 0, 30], "2024-01-09T22:00"))

    done = run("check", "--symbol", "MP", "--source", f"yahoo:{tmp_path}", code=1)

    assert "yahoo MP of 2024-01-09" in done.stderr


# Diff.


def test_diff_compares_the_latest_snapshot_with_the_one_before(tmp_path):
    store = Store(tmp_path)
    store.put(snapshot([10, 11, 12, 13, 14, 15], "2024-02-01T22:00"))
    store.put(snapshot([10, 11, 12.5, 13, 14, 15], "2024-02-02T22:00"))
    # Sent again without news: the comparison is still with the other one.
    store.put(snapshot([10, 11, 12.5, 13, 14, 15], "2024-02-03T22:00"))

    found = json.loads(run("diff", "rare-earths", "--store", tmp_path, "--format", "json").stdout)

    assert found["compared"] == 1
    assert {row["gate"] for row in found["rows"]} == {"rewritten-close", "rewritten-return"}
    assert all("2024-01-04" in row["message"] for row in found["rows"])


def test_a_currency_label_that_changed_is_named(tmp_path):
    store = Store(tmp_path)
    one, other = snapshot([10, 11], "2024-02-01T22:00"), snapshot([10, 11], "2024-02-02T22:00")
    store.put(replace(one, metadata={"currency": "GBp"}))
    store.put(other)

    (row,) = json.loads(run("diff", "--store", tmp_path, "--format", "json").stdout)["rows"]

    assert (row["symbol"], row["gate"]) == ("MP", "currency")
    assert "the currency label went from GBp to USD" in row["message"]


def test_diff_of_the_same_series_says_that_nothing_changed(tmp_path):
    lines = text([30.0, 31.0, 30.5], "2024-01-02")
    old, new = (write(tmp_path / name, {"MP.csv": lines}) for name in ("old", "new"))

    assert run("diff", "--source", f"csv:{new}", "--against", f"csv:{old}").stdout.splitlines()[-1] == (
        "1 series compared, 0 of them changed"
    )


def test_a_cache_of_appended_adjusted_rows_is_told_from_a_fresh_series(tmp_path):
    """Closes adjusted when they were appended: those before the dividend were never adjusted for it."""
    days = [f"{day:%Y-%m-%d}" for day in worlds.sessions(6, "2024-01-02")]
    closes, dividends = [20.0, 20.0, 20.0, 19.0, 19.0, 19.0], [0, 0, 0, 1.0, 0, 0]
    fresh = ["Date,Open,High,Low,Close,Volume,Dividends"] + [
        f"{day},{close},{close},{close},{close},1000,{paid}"
        for day, close, paid in zip(days, closes, dividends, strict=True)
    ]
    stale = ["Date,Open,High,Low,Close,Volume"] + [
        f"{day},{close},{close},{close},{close},1000" for day, close in zip(days, closes, strict=True)
    ]
    old, new = write(tmp_path / "old", {"MP.csv": stale}), write(tmp_path / "new", {"MP.csv": fresh})

    words = [
        "diff",
        "--source",
        f"csv:{new}",
        "--against",
        f"csv:{old}",
        "--basis",
        "total-return",
        "--format",
        "json",
    ]
    (row,) = json.loads(run(*words).stdout)["rows"]

    # True: 20 × (1 - 1/20) = 19 before, no return. Cached: 20 to 19. The ratio of the two is 20/19.
    assert (row["symbol"], row["on"], row["gate"]) == ("MP", days[3], "rewritten-return")
    assert f"{20 / 19 - 1:+.2%}" in row["message"]
