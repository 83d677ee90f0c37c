"""The default simulated market is kept between processes, and what is kept is what would be simulated."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from universes import load
from universes.quotes import Request
from universes.simulation import kept_quotes, market, simulate

START, END = date(2019, 1, 1), date(2021, 12, 31)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder of one's own."""
    monkeypatch.setenv(kept_quotes.VARIABLE, str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture(scope="module")
def asked():
    """A request for some listings, of which a few ceased or were split."""
    universe = load("critical-minerals")
    listings = tuple(row for rows in list(universe.listings.values())[:30] for row in rows)
    return Request(universe, listings, START, END)


def never(*_, **__):
    """In place of simulating."""
    raise AssertionError("simulated, although it was kept")


def assert_same(one, other):
    assert list(one.bars) == list(other.bars)
    for symbol, frame in one.bars.items():
        pd.testing.assert_frame_equal(frame, other.bars[symbol], check_exact=True, check_freq=False)
    pd.testing.assert_frame_equal(one.truth, other.truth, check_exact=True)
    for name in ("kind", "terminal", "missing", "findings", "currency", "rates"):
        assert getattr(one, name) == getattr(other, name)


def test_what_is_kept_is_what_is_simulated_to_the_bit(asked, folder, monkeypatch):
    simulated = simulate(asked)
    assert len(list(folder.iterdir())) == 1
    assert simulated.terminal
    assert simulated.missing
    monkeypatch.setattr(market, "_simulate", never)

    assert_same(simulate(asked), simulated)


DAMAGES = {
    "cut": lambda raw: raw[:-8],
    "changed": lambda raw: raw[:-3] + b"abc",
    "empty": lambda _: b"",
    "short": lambda raw: raw[:200],
    "shifted": lambda raw: b"x" + raw,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_simulated_anew_and_mended(asked, folder, damage):
    simulated = simulate(asked)
    (file,) = folder.iterdir()
    good = file.read_bytes()
    file.write_bytes(damage(good))

    assert kept_quotes.kept(asked) is None
    assert_same(simulate(asked), simulated)
    assert file.read_bytes() == good


CHANGES = {
    "range": lambda given: replace(given, end=date(2021, 12, 30)),
    "listings": lambda given: replace(given, listings=given.listings[1:]),
    "members": lambda given: replace(
        given, universe=replace(given.universe, memberships=given.universe.memberships[1:])
    ),
    "facts": lambda given: replace(
        given,
        universe=replace(
            given.universe, facts=replace(given.universe.facts, assets=given.universe.facts.assets[1:])
        ),
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_another_request_is_not_answered_with_it(asked, change):
    simulate(asked)

    assert kept_quotes.kept(asked) is not None
    assert kept_quotes.kept(change(asked)) is None


def test_changed_code_simulates_anew(asked, monkeypatch):
    simulate(asked)
    monkeypatch.setattr(kept_quotes, "_made_by", lambda: "other code")

    assert kept_quotes.kept(asked) is None


def test_other_seeds_and_bare_markets_are_not_kept(asked, folder):
    simulate(replace(asked, seed=1))
    simulate(asked, effects=False)

    assert not folder.exists()


def test_two_files_are_the_most_that_are_kept(asked, folder):
    for day in (10, 11, 12, 13):
        simulate(replace(asked, end=date(2021, 12, day)))

    assert len(list(folder.iterdir())) == kept_quotes.MOST_FILES
    assert kept_quotes.kept(replace(asked, end=date(2021, 12, 13))) is not None


def test_where_nothing_can_be_kept_the_market_is_the_same(asked, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(kept_quotes.VARIABLE, str(tmp_path / "file"))
    blocked = simulate(asked)
    monkeypatch.setenv(kept_quotes.VARIABLE, "off")

    assert_same(simulate(asked), blocked)
