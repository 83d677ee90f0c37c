"""Whether a company trades on a date, and the reason when it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import worlds

from universes.facts import Membership
from universes.standing import standing


def world(*listings, members=None):
    """Universe of these listings; `members` replaces the memberships."""
    universe = worlds.world_universe(listings)
    return universe if members is None else replace(universe, memberships=tuple(members))


def member(start, end=None, **changes):
    return worlds.fact(
        Membership, company="aaa", start=date.fromisoformat(start), end=worlds.day(end), **changes
    )


@pytest.mark.parametrize(
    ("on", "status", "reason"),
    [
        ("2014-12-31", "not yet listed", "not yet listed"),
        ("2015-01-02", "alive", ""),
        ("2019-12-31", "alive", ""),
        ("2020-01-02", "dead", "delisted 2020-01-02 (bankrupt)"),
        ("2026-01-02", "dead", "delisted 2020-01-02 (bankrupt)"),
    ],
)
def test_a_listing_from_its_first_day_to_the_day_before_its_last(on, status, reason):
    universe = world(worlds.listing("AAA", start="2015-01-02", end="2020-01-02", ended_by="bankrupt"))

    found = standing(universe, "aaa", date.fromisoformat(on))

    assert (found.status, found.reason, found.symbol) == (status, reason, "AAA")


def test_a_renamed_company_lives_on_under_its_new_symbol():
    old = worlds.listing("AAA", end="2020-01-02", ended_by="renamed", successor="BBB")
    universe = world(old, worlds.listing("BBB", start="2020-01-02", company="aaa"))

    assert standing(universe, "aaa", date(2020, 1, 1)).symbol == "AAA"
    assert standing(universe, "aaa", date(2020, 1, 2)).symbol == "BBB"
    assert standing(universe, "aaa", date(2020, 1, 2)).status == "alive"


def test_between_two_listings_a_company_is_dead_by_the_last_that_ended():
    first = worlds.listing("AAA", start="2012-01-03", end="2014-01-02", ended_by="suspended")
    second = worlds.listing("AAC", company="aaa", start="2015-01-02")

    found = standing(world(second, first), "aaa", date(2014, 6, 2))

    assert (found.symbol, found.status, found.reason) == ("AAA", "dead", "delisted 2014-01-02 (suspended)")


def test_a_company_without_a_listing_stands_under_its_id():
    universe = world(worlds.listing("AAA"))
    universe = replace(universe, facts=replace(universe.facts, listings=()))

    found = standing(universe, "aaa", date(2020, 1, 2))

    assert (found.symbol, found.reason) == ("aaa", "no listing on record")


@pytest.mark.parametrize(
    ("on", "status", "reason"),
    [
        ("2015-12-31", "not a member", "not yet a member"),
        ("2016-01-04", "alive", ""),
        ("2018-01-02", "not a member", "not a member since 2018-01-02"),
        ("2019-01-02", "alive", ""),
    ],
)
def test_memberships_are_half_open_and_may_come_back(on, status, reason):
    spells = [member("2016-01-04", "2018-01-02"), member("2019-01-02")]

    found = standing(world(worlds.listing("AAA"), members=spells), "aaa", date.fromisoformat(on))

    assert (found.status, found.reason) == (status, reason)


def test_a_membership_counts_from_the_day_it_was_known():
    late = member("2016-01-04", known_from=date(2016, 2, 1))
    universe = world(worlds.listing("AAA"), members=[late])

    assert standing(universe, "aaa", date(2016, 1, 29)).status == "not a member"
    assert standing(universe, "aaa", date(2016, 2, 1)).status == "alive"


def test_a_listing_that_became_known_later_is_no_reason_today():
    late = replace(
        worlds.listing("AAA", start="2012-01-03", end="2014-01-02", ended_by="merged"),
        known_from=date(2016, 1, 4),
    )

    assert standing(world(late), "aaa", date(2015, 1, 2)).reason == "not yet listed"
    assert standing(world(late), "aaa", date(2016, 1, 4)).reason == "delisted 2014-01-02 (merged)"


def test_a_membership_that_became_known_later_is_no_reason_today():
    late = member("2012-01-03", "2014-01-02", known_from=date(2016, 1, 4))
    universe = world(worlds.listing("AAA"), members=[late])

    assert standing(universe, "aaa", date(2015, 1, 2)).reason == "not yet a member"
    assert standing(universe, "aaa", date(2016, 1, 4)).reason == "not a member since 2014-01-02"
