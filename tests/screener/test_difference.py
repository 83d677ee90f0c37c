"""What changed between two screens: every company that changed, and the fact behind it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
import worlds

import universes
from screener.difference import difference, shared
from screener.difference_text import lines
from screener.ranking import screen
from screener.weights import read_weights
from universes.errors import BadParameter
from universes.facts import ChinaLink, Float, Stage, Tier
from universes.universe import Universe

EARLY, LATE = "2024-06-03", "2025-06-03"


def known(row_type, on, **values):
    return replace(worlds.fact(row_type, **values), known_from=date.fromisoformat(on))


def changed(*tables, symbols=("AAA", "BBB"), where=(), **more):
    universe = worlds.miners(
        list(symbols), *(worlds.mine(symbol, stage="pfs") for symbol in symbols), *tables
    )
    return difference(
        *(screen(universe, on, where, **more) for on in (EARLY, LATE)),
    )


def stage(on, name="production", symbol="aaa"):
    return {"stages": (known(Stage, on, asset=f"{symbol}-us", stage=name, start=date.fromisoformat(on)),)}


def test_a_new_fact_is_named_with_its_points():
    found = changed(stage("2025-01-02"))
    (move,) = found.moves
    (factor,) = move.factors

    # Known weights 0.82; stage from 4/9 to 1 of 0.18.
    assert (move.symbol, move.change, move.rank_before, move.rank) == ("AAA", "rose", 1, 1)
    assert move.points == pytest.approx(100 * 0.18 * 5 / 9 / 0.82, abs=1e-8)
    assert (factor.factor, factor.change, factor.moved) == ("stage", pytest.approx(move.points), True)
    assert [fact.fact for fact in factor.gained] == ["aaa-us: production since 2025-01-02"]
    assert [fact.known_from for fact in factor.gained] == ["2025-01-02"]
    assert [fact.fact for fact in factor.lost] == ["aaa-us: pfs since 2015-01-01"]
    assert found.same == 1


def test_the_order_of_the_screens_does_not_matter_and_the_reverse_falls():
    universe = worlds.miners(["AAA"], worlds.mine("AAA", stage="pfs"), stage("2025-01-02", "closed"))
    one, other = screen(universe, EARLY), screen(universe, LATE)

    assert difference(one, other) == difference(other, one)
    assert [move.change for move in difference(one, other).moves] == ["fell"]


def test_a_fact_known_after_the_later_date_changes_nothing():
    found = changed(stage("2025-06-04"))

    assert (found.moves, found.same) == ((), 2)


def test_another_fact_without_another_score_is_told_as_held():
    # Two of the same standing, one after the other, as the partnership of 2022 and the forum of 2026.
    tier = {
        "jurisdictions": (
            known(Tier, "2025-02-04", jurisdiction="US", tier="domestic", start=date(2025, 2, 4)),
        )
    }

    found = changed(tier)

    assert [(move.symbol, move.change, move.points) for move in found.moves] == [
        ("AAA", "held", 0.0),
        ("BBB", "held", 0.0),
    ]
    assert [fact.fact for fact in found.moves[0].factors[0].gained] == ["US: domestic since 2025-02-04"]
    assert found.moves[0].factors[0].moved is False


def test_a_link_that_ends_is_a_fact_lost():
    link = {
        "china_links": (
            worlds.fact(
                ChinaLink, company="aaa", kind="holder", party="Someone", share=0.1, end=date(2025, 1, 2)
            ),
        )
    }

    (move,) = changed(link).moves

    assert (move.change, move.factors[0].factor, move.factors[0].gained) == ("rose", "independence", ())
    assert [fact.fact for fact in move.factors[0].lost] == ["holder: Someone, share 0.1"]


def test_points_that_change_because_another_factor_became_known_are_not_taken_for_news():
    row = worlds.fact(Float, company="aaa", on=date(2024, 5, 1), shares_outstanding=200e6, method="filing")
    found = changed({"floats": (replace(row, known_from=date(2025, 1, 2)),)})
    (move,) = found.moves
    by_factor = {item.factor: item for item in move.factors}

    assert by_factor["float"].points_before is None
    assert {name for name, item in by_factor.items() if item.moved} == {"float"}
    assert {name for name, item in by_factor.items() if item.gained} == {"float"}
    text = list(lines(found))
    assert sum("as other factors became known or unknown" in line for line in text) == len(by_factor) - 1


def test_a_filter_that_began_to_hold_is_an_entry_with_its_reason():
    found = changed(stage("2025-01-02"), where=("stage >= 'production'",))
    (move,) = found.moves

    assert (move.symbol, move.change, move.rank_before, move.rank) == ("AAA", "entered", None, 1)
    assert move.reason == "stage >= 'production' is not true: stage is pfs"
    assert move.score_before is not None
    assert [item.factor for item in move.factors] == ["stage"]


def test_a_company_that_was_bought_left():
    listings = [worlds.listing("AAA", end="2025-01-02", ended_by="acquired"), worlds.listing("BBB")]
    facts = worlds.joined(worlds.ontology(), worlds.mine("AAA"), worlds.mine("BBB"))
    universe = worlds.world_universe(listings, (), facts)
    (move,) = difference(screen(universe, EARLY), screen(universe, LATE)).moves

    assert (move.symbol, move.change, move.reason) == ("AAA", "left", "delisted 2025-01-02 (acquired)")
    assert (move.score, move.rank, move.factors) == (None, None, ())


def test_one_that_is_pushed_beyond_the_top_left_and_has_its_score_still():
    found = changed(stage("2025-01-02", symbol="bbb"), top=1)

    assert [(move.symbol, move.change, move.reason) for move in found.moves] == [
        ("BBB", "entered", "rank 2 is beyond the top 1"),
        ("AAA", "left", "rank 2 is beyond the top 1"),
    ]
    assert all(move.points is not None for move in found.moves)


def test_screens_that_cannot_be_compared_are_refused():
    universe = worlds.miners(["AAA"], worlds.mine("AAA"))
    plain = screen(universe, EARLY)

    for other, said in [
        (screen(universe, EARLY), "both dates are 2024-06-03"),
        (screen(universe, LATE, "score > 1"), "differ in universe, filters or weights"),
        (screen(universe, LATE, weights=read_weights("stage=1")), "differ in universe, filters or weights"),
        (screen(universes.load(), LATE), "differ in universe, filters or weights"),
    ]:
        with pytest.raises(BadParameter, match=said):
            difference(plain, other)


@pytest.fixture(scope="module")
def july():
    """From the eve of the July 2025 deal to the day of the Forum."""
    miners = universes.load("critical-minerals")
    return difference(screen(miners, "2025-07-09"), screen(miners, "2026-02-04"))


def gained(move, factor):
    return [fact for item in move.factors if item.factor == factor for fact in item.gained]


def test_mp_rose_by_the_support_and_equity_deal_of_july_2025(july):
    (move,) = [move for move in july.moves if move.symbol == "MP"]
    deal = [fact for fact in gained(move, "support") if fact.known_from == "2025-07-10"]

    assert move.change == "rose"
    assert {fact.fact.partition(" of ")[0] for fact in deal} == {"equity-stake", "price-floor", "offtake"}
    assert any("400,000,000" in fact.fact for fact in deal)


def test_the_forum_took_the_place_of_the_partnership_on_its_day(july):
    forum = {
        fact.fact: fact
        for move in july.moves
        for fact in gained(move, "jurisdiction")
        if "FORGE" in fact.source and "follows" in fact.source
    }

    assert {fact.known_from for fact in forum.values()} == {"2026-02-04"}
    assert {"DE: partner since 2026-02-04", "SE: partner since 2026-02-04"} <= set(forum)
    before = screen(universes.load("critical-minerals"), "2026-02-03")
    assert not [
        fact
        for move in difference(screen(universes.load("critical-minerals"), "2025-07-09"), before).moves
        for fact in gained(move, "jurisdiction")
        if "FORGE" in fact.source
    ]


def test_every_company_is_in_a_move_or_the_same_or_in_neither_screen(july):
    miners = universes.load("critical-minerals")
    in_one = {
        row.profile.company.company for on in ("2025-07-09", "2026-02-04") for row in screen(miners, on).rows
    }

    assert len(july.moves) + july.same == len(in_one)


def test_gained_facts_were_known_between_the_dates_or_began_between_them(july):
    for move in july.moves:
        for item in move.factors:
            assert all(fact.known_from <= "2026-02-04" for fact in item.gained), move.symbol
            assert all(fact.known_from <= "2025-07-09" for fact in item.lost), move.symbol


def test_points_of_the_factors_sum_to_the_points_of_the_score(july):
    for move in july.moves:
        if move.factors and move.points is not None:
            # Factors of which nothing changed have no change of points either.
            assert sum(item.change for item in move.factors) == pytest.approx(move.points, abs=1e-9)


def test_the_list_of_2025_is_one_fact_shared_by_many(july):
    texts = {fact.fact: symbols for fact, symbols in shared(july).items()}

    assert "CCJ" in texts["uranium: group uranium; United States lists: 2018, 2025"]
    assert "FCX" in texts["copper: group base; United States lists: 2025"]


def test_the_difference_goes_through_json_unchanged(july):
    plain = [move.as_dict() for move in july.moves]

    assert json.loads(json.dumps(plain)) == plain


def test_the_text_names_counts_groups_and_shared_facts_once(july):
    text = list(lines(july))

    assert text[0].startswith("2025-07-09 to 2026-02-04: ")
    assert [line for line in text if line in {"Entered", "Left", "Rose", "Fell"}] == [
        "Entered",
        "Left",
        "Rose",
        "Fell",
    ]
    assert sum("copper: group base; United States lists: 2025" in line for line in text) == 1


def moved(facts_of, by):
    """The shipped universe with every fact known some days later."""
    from dataclasses import fields

    from universes.facts import Facts

    def later(row):
        return replace(row, known_from=date.fromordinal(row.known_from.toordinal() + by))

    tables = {
        item.name: tuple(later(row) for row in getattr(facts_of.facts, item.name)) for item in fields(Facts)
    }
    return Universe(facts_of.name, Facts(**tables), tuple(later(row) for row in facts_of.memberships))


def test_the_difference_moves_with_known_from():
    """All facts known a day later: the deal of 10 July is no news on the 10th, and is on the 11th."""
    miners = universes.load("rare-earths")
    later = moved(miners, 1)

    def deal(universe, on):
        found = difference(screen(universe, "2025-07-08"), screen(universe, on))
        return [
            fact.fact
            for move in found.moves
            if move.symbol == "MP"
            for fact in gained(move, "support")
            if "equity" in fact.fact
        ]

    assert deal(miners, "2025-07-09") == []
    assert deal(miners, "2025-07-10") != []
    assert deal(later, "2025-07-10") == []
    assert deal(later, "2025-07-11") == deal(miners, "2025-07-10")
