"""The screen: ranks, filters, and every company in rows or dropped exactly once."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
import worlds
from hypothesis import given
from hypothesis import strategies as some

import universes
from screener.ranking import PRICE_FIELDS, score_fields, screen
from universes.errors import BadDate, BadExpression, BadParameter
from universes.facts import Company, Facts, Float, Mineral, Support, Tier
from universes.universe import Universe

ON = date(2024, 6, 3)
STAGES = {"BEST": "production", "GOOD": "pfs", "POOR": "exploration"}


def world(order=("GOOD", "BEST", "POOR", "EVEN")):
    """Three miners by stage, and one even with the best."""
    made = [worlds.mine(symbol, stage=STAGES.get(symbol, "production")) for symbol in order]
    return worlds.miners(order, *made)


@pytest.fixture(scope="module")
def shipped():
    return universes.load("critical-minerals")


def symbols_with_company(found):
    """Everyone in a screen, in rows or dropped."""
    return [row.symbol for row in found.rows] + [symbol for symbol, _ in found.dropped]


def test_rows_come_best_first_and_equals_by_symbol():
    found = screen(world(), ON)

    assert [(row.rank, row.symbol) for row in found.rows] == [
        (1, "BEST"),
        (2, "EVEN"),
        (3, "GOOD"),
        (4, "POOR"),
    ]
    assert found.rows[0].score == found.rows[1].score
    # Known: independence 0.14 × 1, jurisdiction and minerals 0.18 × 1, stage 0.18 × 4/9 (pfs) = 0.08, support 0,
    # of 0.14 + 3 × 0.18 + 0.14 = 0.82.
    assert found.rows[2].score == pytest.approx(100 * (0.14 + 0.36 + 0.08) / 0.82, abs=1e-8)
    assert found.dropped == ()


def test_equal_scores_stand_by_symbol_and_not_by_company():
    listings = [worlds.listing("AAA", company="zzz"), worlds.listing("ZZZ", company="aaa")]
    facts = worlds.joined(worlds.ontology(), worlds.mine("ZZZ"), worlds.mine("AAA"))

    # `mine` and `listing` name the company after the symbol: each has the other's mine, which is like its own.
    assert screen(worlds.world_universe(listings, facts=facts), ON).symbols == ("AAA", "ZZZ")


def test_top_keeps_the_best_and_names_the_others():
    found = screen(world(), ON, top=2)

    assert found.symbols == ("BEST", "EVEN")
    assert found.dropped == (
        ("GOOD", "rank 3 is beyond the top 2"),
        ("POOR", "rank 4 is beyond the top 2"),
    )


def test_a_filter_names_itself_and_the_value_it_met():
    found = screen(world(), ON, where=["stage >= 'pfs'", "score > 80"])

    assert found.symbols == ("BEST", "EVEN")
    assert found.where == ("stage >= 'pfs'", "score > 80")
    assert dict(found.dropped)["POOR"] == "stage >= 'pfs' is not true: stage is exploration"
    # (0.14 + 0.36 + 0.08) / 0.82 = 0.707317
    assert dict(found.dropped)["GOOD"] == "score > 80 is not true: score is 70.7317"


def test_a_filter_of_unknown_answer_drops_and_says_what_is_not_on_record():
    found = screen(world(), ON, where="purity > 0.5")

    assert found.rows == ()
    assert {reason for _, reason in found.dropped} == {"purity > 0.5 is unknown: no purity on record"}


def test_a_stage_beside_the_ladder_is_named_in_the_reason():
    universe = worlds.miners(["AAA"], worlds.mine("AAA", stage="suspended"))

    found = screen(universe, ON, where="stage >= 'pfs'")

    assert found.dropped == (("AAA", "stage >= 'pfs' is unknown: stage is suspended"),)


def test_a_company_with_too_little_known_has_no_score():
    found = screen(worlds.miners(["AAA"]), ON)

    assert found.dropped == (("AAA", "no score: fewer than 3 of 7 factors are known"),)


def test_price_tags_are_there_when_prices_are_given_and_unknown_for_others():
    prices = {"BEST": {"close": 5.0, "adv_usd": 1e6, "drawdown_52w": -0.1}}

    found = screen(world(), ON, where="close >= 1", prices=prices)

    assert found.symbols == ("BEST",)
    assert found.rows[0].tags()["drawdown_52w"] == -0.1
    assert dict(found.dropped)["GOOD"] == "close >= 1 is unknown: no close on record"
    with pytest.raises(BadExpression, match="no field named 'close'"):
        screen(world(), ON, where="close >= 1")


def test_a_price_tag_that_was_left_out_is_unknown():
    found = screen(world(), ON, where="adv_usd > 1", prices={"BEST": {"close": 5.0}})

    assert dict(found.dropped)["BEST"] == "adv_usd > 1 is unknown: no adv_usd on record"


def test_a_symbol_of_two_companies_is_told_apart_in_the_reasons():
    listings = [
        worlds.listing("LAC", company="old", end="2023-10-04"),
        worlds.listing("LAAC", company="old", start="2023-10-04"),
        worlds.listing("LAC", company="new", start="2023-10-04"),
    ]
    universe = worlds.world_universe(listings)
    universe = replace(
        universe, memberships=tuple({row.company: row for row in universe.memberships}.values())
    )

    found = screen(universe, date(2020, 1, 3))

    assert found.dropped == (
        ("LAC", "new: not yet listed"),
        ("LAC", "old: no score: fewer than 3 of 7 factors are known"),
    )


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"top": 0}, BadParameter, "top is 0: it must be 1 or more"),
        ({"as_of": "2009-12-31"}, BadDate, "before 2010-01-01, where the facts begin: choose a later date"),
        ({"as_of": "3 June"}, BadDate, "as-of: '3 June' is not a date: write YYYY-MM-DD"),
        ({"where": "stge >= 'pfs'"}, BadExpression, "did you mean 'stage'"),
        ({"where": ["score > 1", "score > "]}, BadExpression, "score > "),
    ],
)
def test_bad_input_is_refused_in_one_line_with_the_mend(changes, error, message):
    with pytest.raises(error, match=message.replace("(", r"\(")) as raised:
        screen(world(), **{"as_of": ON} | changes)

    assert "\n" not in str(raised.value)


@given(some.permutations(["GOOD", "BEST", "POOR", "EVEN"]))
def test_the_order_of_companies_changes_nothing(order):
    one, other = screen(world(), ON, top=3), screen(world(order), ON, top=3)

    assert [(row.rank, row.symbol, row.score) for row in one.rows] == [
        (row.rank, row.symbol, row.score) for row in other.rows
    ]
    assert one.dropped == other.dropped


@given(
    on=some.dates(date(2010, 1, 1), date(2026, 6, 30)),
    where=some.lists(
        some.sampled_from(
            [
                "score >= 60",
                "stage >= 'pfs'",
                "'rare-earths' in minerals",
                "purity > 0.5",
                "not china_linked",
                "float_points > support_points",
                "shares_outstanding is missing",
            ]
        ),
        max_size=2,
    ),
    top=some.none() | some.integers(1, 50),
)
def test_every_company_is_ranked_or_dropped_exactly_once(on, where, top):
    shipped = universes.load("critical-minerals")
    found = screen(shipped, on, where, top)

    assert len(found.rows) + len(found.dropped) == len(shipped.companies)
    assert [row.rank for row in found.rows] == list(range(1, len(found) + 1))
    assert all(reason for _, reason in found.dropped)
    # A symbol that two companies had at different times is told apart by the company in the reason.
    assert len(set(found.dropped)) == len(found.dropped)
    twice = {symbol for symbol, count in Counter(symbols_with_company(found)).items() if count > 1}
    for symbol, reason in found.dropped:
        if symbol in twice:
            assert reason.partition(": ")[0] in shipped.companies
    assert all(0 <= row.score <= 100 for row in found.rows)
    assert all(sum(row.scored.contributions.values()) == row.score for row in found.rows)


@pytest.mark.parametrize("on", [date(2012, 3, 1), date(2019, 9, 3), date(2023, 12, 1), date(2025, 11, 7)])
def test_what_became_known_later_changes_nothing(shipped, on):
    later = Facts(
        **{
            item.name: tuple(_spoilt(row, on) for row in getattr(shipped.facts, item.name))
            for item in fields(Facts)
        }
    )
    members = tuple(row for row in shipped.memberships if row.known_from <= on)
    before = screen(shipped, on)
    after = screen(Universe(shipped.name, later, shipped.memberships), on)
    fewer = screen(Universe(shipped.name, shipped.facts.as_of(on), members), on)

    told = [(row.rank, row.symbol, row.tags(), row.scored.judgements) for row in before.rows]
    assert told == [(row.rank, row.symbol, row.tags(), row.scored.judgements) for row in after.rows]
    assert before.dropped == after.dropped
    assert told == [(row.rank, row.symbol, row.tags(), row.scored.judgements) for row in fewer.rows]
    assert set(fewer.dropped) <= set(before.dropped)


def _spoilt(row, on):
    """The same row, with another content where it became known after a date."""
    if row.known_from <= on:
        return row
    if isinstance(row, Support):
        return replace(row, status="closed", instrument="equity-stake")
    if isinstance(row, Float):
        return replace(row, shares_outstanding=1e6, float_low=0.0, float_high=0.0)
    if isinstance(row, Tier):
        return replace(row, tier="domestic")
    if isinstance(row, (Company, Mineral)):
        return row
    return replace(row, weight=1.0) if hasattr(row, "weight") else row


@given(days=some.integers(1, 4000), status=some.sampled_from(["closed", "cancelled"]))
def test_a_fact_counts_from_the_day_it_is_known_and_not_before(days, status):
    known = ON + timedelta(days)
    late = worlds.fact(
        Support,
        support="x",
        company="aaa",
        instrument="exim",
        counterparty="EXIM",
        status=status,
        on=date(2020, 1, 2),
        known_from=known,
    )
    plain = worlds.miners(["AAA"], worlds.mine("AAA"))
    told = worlds.miners(["AAA"], worlds.mine("AAA"), {"support": (late,)})

    def judged(universe, on):
        return screen(universe, on).rows[0].scored.judgements

    assert judged(told, known - timedelta(1)) == judged(plain, known - timedelta(1))
    assert judged(told, known) != judged(plain, known)


def test_a_screen_says_what_it_is():
    found = screen(world(), ON, top=1)

    assert repr(found) == "<Screen test on 2024-06-03: 1 ranked, 3 dropped>"
    assert len(found.facts_hash) == 64
    assert len(found) == 1


def test_fields_of_a_filter_are_the_tags_of_a_row():
    prices = {item.name: 1.0 for item in PRICE_FIELDS}
    row = screen(world(), ON, prices={"BEST": prices}).rows[0]

    known = {item.name for item in (*universes.fields.company_fields(), *score_fields(), *PRICE_FIELDS)}
    assert known == set(row.tags())


def test_a_screen_imports_no_pandas():
    code = (
        "import sys, screener.ranking, universes\n"
        "found = screener.ranking.screen(universes.load('critical-minerals'), '2024-06-03', ['score > 50'])\n"
        "from screener.explanation import explain\n"
        "str(explain(found, found.symbols[0]))\n"
        "print(len(found), sorted({'pandas', 'numpy', 'vectorbt', 'plotly'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert int(done.stdout.split()[0]) > 20
    assert done.stdout.endswith(" []\n")
