"""Reviews: a bar to enter and a lower one to stay, held at as many reviews as asked, by what was known on the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import worlds

import universes
from screener.preset import Preset, Rule, preset
from screener.ranking import PRICE_FIELDS, parse_where, screen
from screener.review import review, review_dates
from universes.facts import Stage

ENDS = [
    date(2024, 3, 31),
    date(2024, 6, 30),
    date(2024, 9, 30),
    date(2024, 12, 31),
    date(2025, 3, 31),
    date(2025, 6, 30),
]


def rule(enter, stay=None, *, enter_reviews=1, leave_reviews=1, name="rule"):
    tests = parse_where([enter, stay or enter], PRICE_FIELDS)
    return Rule(name, *tests, enter_reviews, leave_reviews, "test", "high")


def rules(*given, months=(3, 6, 9, 12), day="month-end"):
    return Preset("own", "t", "a", "s", tuple(months), day, tuple(given), ())


def priced(values):
    """Prices by review: the close of AAA on each of `ENDS`; None is no price."""
    return lambda on: {"AAA": {"close": values[ENDS.index(on)]}} if on in ENDS else {}


WORLD = worlds.miners(["AAA"], worlds.mine("AAA"))


def member_at_each_review(given, values):
    return ["aaa" in review(given, WORLD, on, priced(values)).members for on in ENDS[: len(values)]]


def test_reviews_are_on_the_last_day_or_the_third_friday_of_their_months():
    ends = review_dates(rules(rule("score > 1")), date(2025, 7, 9), count=3)
    fridays = review_dates(
        rules(rule("score > 1"), months=(6, 12), day="third-friday"), date(2025, 7, 9), count=3
    )

    assert ends == (date(2024, 12, 31), date(2025, 3, 31), date(2025, 6, 30))
    # 20 June 2025, 20 December and 21 June 2024 were third Fridays.
    assert fridays == (date(2024, 6, 21), date(2024, 12, 20), date(2025, 6, 20))


def test_a_review_counts_from_its_own_day_on_and_none_is_before_2010():
    given = rules(rule("score > 1"))

    assert review_dates(given, date(2024, 6, 30))[-1] == date(2024, 6, 30)
    assert review_dates(given, date(2024, 6, 29))[-1] == date(2024, 3, 31)
    assert len(review_dates(given, date(2024, 6, 29))) == 12
    assert review_dates(given, date(2010, 3, 30)) == ()
    assert review_dates(given, date(2010, 7, 1)) == (date(2010, 3, 31), date(2010, 6, 30))


def test_a_member_stays_by_the_lower_bar_and_must_reach_the_higher_one_to_come_back():
    given = rules(rule("close >= 100", "close >= 50"))

    assert member_at_each_review(given, [90, 100, 60, 49, 60, 100]) == [False, True, True, False, False, True]


def test_it_must_hold_at_several_reviews_in_a_row_to_enter():
    given = rules(rule("close >= 100", "close >= 50", enter_reviews=3))

    assert member_at_each_review(given, [100, 100, 90, 100, 100, 100]) == [False] * 5 + [True]


def test_it_must_fail_at_several_reviews_in_a_row_to_leave():
    given = rules(rule("close >= 100", "close >= 50", leave_reviews=2))

    assert member_at_each_review(given, [100, 40, 60, 40, 40, 60]) == [True, True, True, True, False, False]


def test_what_nobody_knows_lets_nobody_in_and_throws_nobody_out():
    given = rules(rule("close >= 100", "close >= 50"))

    assert member_at_each_review(given, [None, 100, None, None, 40, None]) == [
        False, True, True, True, False, False,
    ]  # fmt: skip


def test_all_rules_must_hold_to_enter_and_one_is_enough_to_leave():
    given = rules(rule("close >= 100", "close >= 50"), rule("close <= 200", "close <= 300", name="cap"))

    assert member_at_each_review(given, [250, 150, 250, 301, 250, 200]) == [
        False, True, True, False, False, True,
    ]  # fmt: skip


def test_reasons_name_the_rule_the_review_and_what_it_met():
    given = rules(rule("close >= 100", "close >= 50", enter_reviews=2, name="size"))

    def reason(values):
        return review(given, WORLD, ENDS[len(values) - 1], priced(values)).barred["aaa"]

    assert (
        reason([90])
        == "not in the preset: size: at the review of 2024-03-31 close >= 100 is not true: close is 90"
    )
    assert reason([None]) == (
        "not in the preset: size: at the review of 2024-03-31 close >= 100 is unknown: no close on record"
    )
    assert reason([100]) == (
        "not in the preset: size: at the review of 2024-03-31 close >= 100 had held at 1 of the 2 reviews in a row "
        "that it must"
    )
    assert reason([100, 100, 40]) == (
        "not in the preset: left at the review of 2024-09-30: size: close >= 50 is not true: close is 40"
    )


def test_a_member_says_since_when_and_by_which_lower_bar_it_stays():
    given = rules(rule("close >= 100", "close >= 50", name="size"), rule("score > 1", name="score"))

    found = review(given, WORLD, ENDS[2], priced([100, 100, 60])).members["aaa"]

    assert (found.since, found.kept_by) == (ENDS[0], ("size",))


def test_between_two_reviews_nothing_changes():
    given = rules(rule("close >= 100"))
    values = [100, 40, 100]

    assert review(given, WORLD, date(2024, 9, 29), priced(values)).members == {}
    assert set(review(given, WORLD, date(2024, 9, 30), priced(values)).members) == {"aaa"}
    assert set(review(given, WORLD, date(2024, 12, 30), priced(values)).members) == {"aaa"}


def test_a_fact_counts_at_the_first_review_after_it_became_known():
    late = {
        "stages": (
            replace(
                worlds.fact(Stage, asset="aaa-us", stage="production", start=date(2024, 2, 1)),
                known_from=date(2024, 4, 2),
            ),
        )
    }
    universe = worlds.miners(["AAA"], worlds.mine("AAA", stage="pfs"), late)
    given = rules(rule("stage >= 'production'"))

    assert review(given, universe, date(2024, 6, 29)).members == {}
    assert review(given, universe, date(2024, 6, 30)).members["aaa"].since == date(2024, 6, 30)


def test_one_that_trades_no_longer_is_out_and_begins_anew():
    listings = [
        worlds.listing("AAA", end="2024-05-01", ended_by="renamed"),
        worlds.listing("NEW", company="aaa", start="2024-08-01"),
    ]
    universe = worlds.world_universe(listings, (), worlds.joined(worlds.ontology(), worlds.mine("AAA")))
    universe = replace(universe, memberships=universe.memberships[:1])
    given = rules(rule("score > 1", enter_reviews=2))

    found = review(given, universe, date(2024, 12, 31)).members["aaa"]

    # Out at the end of June; September is the first review again, December the second.
    assert found.since == date(2024, 12, 31)
    assert "did not trade" in review(given, universe, date(2024, 7, 1)).barred["aaa"]


def test_without_prices_their_rules_are_not_judged_and_named():
    given = rules(rule("close >= 100", name="size"), rule("stage >= 'pfs'", name="stage"))

    found = review(given, WORLD, ENDS[0])

    assert found.not_judged == ("size",)
    assert set(found.members) == {"aaa"}


def test_before_the_first_review_nobody_is_in():
    found = review(rules(rule("score > 1")), WORLD, date(2010, 3, 30))

    assert found.barred == {"aaa": "not in the preset: it had no review yet"}


def test_everybody_is_a_member_or_barred_with_a_reason():
    miners = universes.load("critical-minerals")
    found = review(preset("allied-advanced"), miners, date(2025, 7, 9))

    assert set(found.members) | set(found.barred) == set(miners.companies)
    assert not set(found.members) & set(found.barred)


def test_the_second_job_mp_and_piedmont_before_the_deal_and_no_serra_verde():
    miners = universes.load("critical-minerals")
    on = date(2025, 7, 9)
    found = screen(miners, on, barred=review(preset("allied-advanced"), miners, on).barred)
    rows = {row.symbol: row for row in found.rows}

    assert {"MP", "PLL"} <= set(rows)
    # What the deals of July 2025 and later brought was not known.
    assert "equity-stake" not in rows["MP"].tags()["instruments"]
    assert rows["MP"].tags()["china_linked"] is True
    assert "BR" not in rows["USAR"].tags()["jurisdictions"]
    reasons = dict(found.dropped)
    assert reasons["ARA.TO"].startswith(
        "not in the preset: ground: at the review of 2025-06-30 tier >= 'allied'"
    )


@pytest.mark.parametrize("name", ["allied-advanced", "enablers", "low-float-juniors"])
def test_no_review_uses_what_became_known_after_it(name):
    """Facts known only after the date can be taken away."""
    from dataclasses import fields

    from universes.facts import Company, Facts
    from universes.universe import Universe

    miners, on = universes.load("critical-minerals"), date(2023, 7, 1)

    def rows(table):
        return tuple(row for row in table if row.known_from <= on or isinstance(row, Company))

    tables = {item.name: rows(getattr(miners.facts, item.name)) for item in fields(Facts)}
    known = Universe(miners.name, Facts(**tables), rows(miners.memberships))

    assert review(preset(name), known, on).members == review(preset(name), miners, on).members
