"""The survivorship statement: companies counted, not symbols; the dead by the facts, whatever the prices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import worlds

import universes
from universes.assemble import _assemble
from universes.panel import Finding, Missing
from universes.quotes import Quotes, Request
from universes.survivorship import Survivorship, survivorship

ALIVE, DEAD = worlds.bars([10, 11, 12, 12]), worlds.bars([5, 4, None, None])


def market(frames, listings, missing=(), findings=(), controls=()):
    universe = worlds.world_universe(listings, controls)
    quotes = Quotes(frames, "real", {}, missing, findings)
    return _assemble(Request(universe, tuple(listings), None, None), quotes, "test")


def test_members_and_the_dead_are_counted_with_and_without_prices():
    listings = [
        worlds.listing("AAA"),
        worlds.listing("BBB"),
        worlds.listing("DEAD", end="2024-01-04", ended_by="acquired"),
        worlds.listing("LOST", end="2023-06-01", ended_by="bankrupt"),
        worlds.listing("ZZZ"),
    ]
    lost = Missing("LOST", "no file LOST.csv in prices"), Missing("BBB", "no file BBB.csv in prices")

    found = survivorship(market({"AAA": ALIVE, "DEAD": DEAD, "ZZZ": ALIVE}, listings, lost, controls=["ZZZ"]))

    # ZZZ is a control, no member.
    assert (found.members, found.with_prices, found.dead, found.dead_with_prices) == (4, 2, 2, 1)
    assert str(found) == (
        "Survivorship: 2 of 4 members have prices; of the 2 that trade no more, 1 has them, up to their end; "
        "2 members without prices are listed; results may flatter what could be bought."
    )


def test_a_company_that_changed_its_symbol_counts_once_and_is_alive():
    listings = [
        worlds.listing("OLD", company="miner", end="2024-01-04", ended_by="renamed"),
        worlds.listing("NEW", company="miner", start="2024-01-04"),
    ]
    frames = {"OLD": worlds.bars([10, 11]), "NEW": worlds.bars([12, 12], start="2024-01-04")}

    found = survivorship(market(frames, listings))

    assert (found.members, found.with_prices, found.dead) == (1, 1, 0)
    assert str(found) == (
        "Survivorship: 1 of 1 members have prices; all of them still trade on the last session."
    )


def test_who_dies_after_the_data_or_lists_after_it_is_not_dead():
    listings = [
        worlds.listing("AAA", end="2024-02-01", ended_by="acquired"),
        worlds.listing("YOUNG", start="2024-03-01"),
        worlds.listing("NAMED", end="2023-02-01", ended_by="renamed"),
    ]

    assert survivorship(market({"AAA": ALIVE}, listings)).dead == 0


def test_shells_that_were_cut_are_named():
    cut = (
        Finding("flagged", "AAA", "2020-01-02", "shell", "100 bars"),
        Finding("flagged", "BBB", "", "holes", ""),
    )
    listings = [worlds.listing("AAA"), worlds.listing("BBB")]

    found = survivorship(market({"AAA": ALIVE, "BBB": ALIVE}, listings, findings=cut))

    assert found.shells_cut == ("AAA",)
    assert "the shell years of 1 symbol were left out" in str(found)


NONE = tuple(Missing(symbol, "no file") for symbol in ("AAA", "BBB", "CCC"))
KINDS = "controls, other listings, or earlier companies of a symbol"


@pytest.mark.parametrize(
    ("with_prices", "missing", "said"),
    [
        (4, NONE[:2], f"last session; 2 further series ({KINDS}) have none."),
        (
            4,
            NONE[:1],
            "last session; 1 further series (a control, another listing, or an earlier company of a symbol) has none.",
        ),
        (
            3,
            NONE,
            f"1 member without prices is listed; 2 further series ({KINDS}) have none; results may flatter",
        ),
        (2, NONE[:2], "last session; 2 members without prices are listed; results may flatter"),
        (2, NONE[:1], "last session; 1 symbol without prices is listed; results may flatter"),
    ],
)
def test_series_without_prices_are_not_taken_for_members(with_prices, missing, said):
    assert said in str(Survivorship(4, with_prices, 0, 0, missing, ()))


def test_it_says_the_same_as_plain_values():
    missing = (Missing("BBB", "no file"),)
    found = Survivorship(4, 3, 1, 1, missing, ("AAA",))

    assert found.as_dict() == {
        "members": 4,
        "with_prices": 3,
        "dead": 1,
        "dead_with_prices": 1,
        "missing": [{"symbol": "BBB", "reason": "no file"}],
        "shells_cut": ["AAA"],
        "statement": str(found),
    }
    assert "the 1 that trade no more are among them" in str(found)
    assert "1 member without prices is listed" in str(found)


@pytest.mark.parametrize("end", ["2012-06-29", "2024-01-31"])
def test_the_dead_of_the_shipped_universe_grow_with_the_data(end):
    market = universes.market(universes.load(), start="2012-01-03", end=end)
    found = survivorship(market)

    last = date.fromisoformat(end)
    ended = {
        company
        for company in market.universe.companies
        if (rows := [row for row in market.universe.listings[company] if (row.listed_from or last) <= last])
        and all(row.listed_to is not None and row.listed_to <= last for row in rows)
        and rows[-1].ended_by != "renamed"
    }
    assert found.dead == len(ended)
    assert found.members == len(market.universe.companies)
    assert found.with_prices == market.lives.loc[list(market.members), "company"].nunique()


def test_no_price_at_all_for_the_dead_is_what_a_list_of_survivors_looks_like():
    listings = [worlds.listing("AAA"), worlds.listing("LOST", end="2023-06-01", ended_by="bankrupt")]
    whole = market({"AAA": ALIVE}, listings, (Missing("LOST", "no file"),))

    assert (survivorship(whole).dead, survivorship(whole).dead_with_prices) == (1, 0)
    assert "of the 1 that trade no more, none has;" in str(survivorship(whole))
    assert survivorship(replace(whole, missing=())).missing == ()
