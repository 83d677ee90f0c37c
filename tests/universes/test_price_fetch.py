"""`prices fetch` with the real client against a server on this machine: stopped at any point, the store is the same."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import yahoo_modes
from click.testing import CliRunner
from loopback import Loopback
from yahoo_modes import CLOSES

from screener.cli import main
from universes.store import Store

ROOT = Path(__file__).parents[2]
COUNT = 12
NAMES = [f"S{number:02}" for number in range(COUNT)]


def good(number):
    """A good symbol with closes of its own."""
    closes = [close + number for close in CLOSES]
    prices = ("open", "high", "low", "close", "adjclose")
    return yahoo_modes.bars(**dict.fromkeys(prices, closes))


@pytest.fixture
def yahoo(monkeypatch):
    """The server, with a dozen more good symbols."""
    with Loopback(**{name: good(number) for number, name in enumerate(NAMES)}) as server:
        monkeypatch.setenv("LODESTONE_YAHOO_URL", server.url)
        yield server


@pytest.fixture
def universe(tmp_path):
    """A universe file of the user's own, and the options that leave the controls out."""

    def write(*symbols):
        file = tmp_path / "own.csv"
        file.write_text(
            "symbol,name\n" + "".join(f"{name},{name} Mines\n" for name in symbols), encoding="utf-8"
        )
        return [str(file), *(word for name in symbols for word in ("--symbol", name))]

    return write


def fetch(*words, code=0):
    done = CliRunner().invoke(main, ["prices", "fetch", "--pause", "0", "--format", "json", *map(str, words)])
    assert done.exit_code == code, (done.stdout, done.stderr, done.exception)
    return {row["symbol"]: row for row in json.loads(done.stdout)["rows"]}, done.stderr


def content(folder):
    """What a store holds: symbols with the hashes of their snapshots."""
    store = Store(folder)
    return {
        symbol: [store.read(entry).hash for entry in store.entries("yahoo", symbol)]
        for symbol in store.symbols("yahoo")
    }


def test_good_symbols_are_in_the_store_and_every_other_one_is_named(yahoo, universe, tmp_path):
    rows, stderr = fetch(*universe("GOOD", "GONE", "WRONG", "S00"), "--store", tmp_path / "store")

    assert {symbol: row["outcome"] for symbol, row in rows.items()} == {
        "GOOD": "ok",
        "GONE": "not-found",
        "WRONG": "wrong-symbol",
        "S00": "ok",
    }
    assert (rows["GOOD"]["bars"], rows["GOOD"]["first"], rows["GOOD"]["last"]) == (
        6,
        "2025-07-01",
        "2025-07-09",
    )
    assert set(content(tmp_path / "store")) == {"GOOD", "S00"}
    assert "personal use, and no redistribution" in stderr
    assert "possibly delisted" not in stderr


def test_what_another_run_may_get_is_an_error_in_one_line(yahoo, universe, tmp_path):
    rows, stderr = fetch(*universe("GOOD", "TRUNCATED"), "--store", tmp_path / "store", code=1)

    assert rows["TRUNCATED"]["outcome"] == "bad-payload"
    assert stderr.splitlines()[-1] == "Error: 1 of 2 symbols not fetched: TRUNCATED; run the command again"


def test_a_second_run_asks_for_nothing_that_is_new_enough(yahoo, universe, tmp_path):
    words = [*universe("GOOD", "S00"), "--store", tmp_path / "store"]
    fetch(*words)
    asked = yahoo.asked("GOOD")

    rows, _ = fetch(*words)
    assert yahoo.asked("GOOD") == asked
    assert rows["GOOD"]["message"].startswith("kept: ")

    fetch(*words, "--max-age", "0")
    assert yahoo.asked("GOOD") > asked
    # The same answer again is no second snapshot.
    assert len(set(content(tmp_path / "store")["GOOD"])) == 1


def test_an_outage_delists_nobody_and_leaves_the_store_as_it_was(yahoo, universe, tmp_path):
    words = [*universe("GOOD", "S00"), "--store", tmp_path / "store"]
    fetch(*words)
    before = content(tmp_path / "store")
    os.environ["LODESTONE_YAHOO_URL"] = "http://127.0.0.1:1"

    rows, _ = fetch(*words, "--max-age", "0", code=1)

    assert {row["outcome"] for row in rows.values()} == {"network"}
    assert content(tmp_path / "store") == before


def test_what_was_fetched_is_a_source(yahoo, universe, tmp_path):
    store = tmp_path / "store"
    file = universe("GOOD", "S03")
    fetch(*file, "--store", store)
    done = CliRunner().invoke(
        main,
        ["screen", file[0], "--as-of", "2025-07-09", "--source", f"yahoo:{store}", "--format", "json"],
    )

    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["data"]["source"] == f"yahoo:{store}"


def child(words, store):
    command = [
        sys.executable,
        "-m",
        "screener",
        "prices",
        "fetch",
        *words,
        "--pause",
        "0",
        "--store",
        str(store),
    ]
    return subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": "."},
    )


def kill_when_asked(yahoo, words, store, name):
    """Kill a run at the instant at which the server is asked for a symbol."""
    modes = yahoo.server.modes
    asked, usual = threading.Event(), modes[name]

    def mode(ask):
        asked.set()
        return usual(ask)

    modes[name] = mode
    process = child(words, store)
    assert asked.wait(timeout=60)
    process.kill()
    process.wait()
    modes[name] = usual


def undisturbed(words, store):
    assert child(words, store).wait(timeout=120) == 0
    found = content(store)
    assert set(found) == set(NAMES)
    return found


def test_a_run_killed_and_run_again_ends_with_the_store_of_an_undisturbed_one(yahoo, universe, tmp_path):
    words = universe(*NAMES)
    for name in ("S00", "S05", "S11"):
        kill_when_asked(yahoo, words, tmp_path / "killed", name)

    assert child(words, tmp_path / "killed").wait(timeout=120) == 0
    assert content(tmp_path / "killed") == undisturbed(words, tmp_path / "whole")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_many_runs_killed_at_any_instant_and_run_again_end_with_the_same_store(
    yahoo, universe, tmp_path, seed
):
    words, generator, never = universe(*NAMES), random.Random(seed), threading.Event()
    begun = time.monotonic()
    whole = undisturbed(words, tmp_path / "whole")
    seconds = time.monotonic() - begun
    for _ in range(8):
        process = child(words, tmp_path / "killed")
        never.wait(generator.uniform(0.3, 1) * seconds)
        process.kill()
        process.wait()

    assert child(words, tmp_path / "killed").wait(timeout=120) == 0
    assert content(tmp_path / "killed") == whole
