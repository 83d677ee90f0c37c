"""What a universe shows on a date, and nothing later."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest

import universes
from universes.errors import UnknownName
from universes.facts import Facts

ON = date(2025, 7, 9)


@pytest.fixture(scope="module")
def miners():
    return universes.load("critical-minerals")


def test_mp_before_its_july_2025_deal_and_after(miners):
    before = miners.profile("mp-materials", date(2025, 7, 9))
    after = miners.profile("mp-materials", date(2025, 7, 11))

    assert "equity-stake" not in before.tags()["instruments"]
    assert "price-floor" in after.tags()["instruments"]


def test_lac_is_the_old_company_before_the_split_and_the_new_one_after(miners):
    assert miners.company_of("LAC", date(2023, 1, 3)) == "lithium-argentina"
    assert miners.company_of("LAC", date(2024, 1, 3)) == "lithium-americas"
    assert miners.listing("lithium-argentina", date(2024, 6, 3)).symbol == "LAAC"
    assert miners.listing("lithium-argentina", date(2025, 6, 3)).symbol == "LAR"


def test_molycorp_was_there_and_is_gone(miners):
    assert miners.profile("molycorp", date(2014, 1, 3)).listing.symbol == "MCP"
    assert miners.profile("molycorp", date(2020, 1, 3)) is None
    assert "molycorp" in miners.companies


def test_a_universe_of_the_past_holds_names_that_are_dead_now(miners):
    past = {item.company.company for item in miners.profiles(date(2014, 1, 3))}
    now = {item.company.company for item in miners.profiles(date(2026, 1, 5))}

    assert past - now


def test_tiers_follow_the_law_australia_became_a_domestic_source_in_december_2023(miners):
    def tier(on):
        return miners.profile("lynas", on).tags()["tier"]

    assert tier(date(2023, 12, 21)) != "allied"
    assert tier(date(2023, 12, 23)) == "allied"


def moved(facts: Facts, days: int) -> Facts:
    """The same facts, each known so many days later."""
    late = timedelta(days=days)
    return Facts(
        **{
            item.name: tuple(
                replace(row, known_from=row.known_from + late) for row in getattr(facts, item.name)
            )
            for item in fields(facts)
        }
    )


def test_no_fact_is_used_before_it_was_known(miners):
    later = replace(miners, facts=moved(miners.facts, 36500), _index={})

    assert miners.profiles(ON)
    assert later.profiles(ON) == ()


def test_every_row_in_a_profile_was_known_on_its_date(miners):
    for profile in miners.profiles(ON):
        rows = [
            profile.listing,
            *profile.support,
            *profile.china_links,
            *([profile.float_] if profile.float_ else []),
        ]
        for item in profile.assets:
            rows += [item.asset, *item.minerals, *(row for row in (item.stage, item.tier) if row)]
        assert all(row.known_from <= ON for row in rows), profile.listing.symbol


def test_as_of_keeps_only_what_was_known(miners):
    facts = miners.facts.as_of(ON)

    assert 0 < len(facts.support) < len(miners.facts.support)
    assert all(row.known_from <= ON for item in fields(facts) for row in getattr(facts, item.name))


def test_weights_of_minerals_sum_to_the_weights_of_assets_that_have_any(miners):
    for profile in miners.profiles(ON):
        held = sum(item.asset.weight for item in profile.assets if item.minerals)
        assert sum(profile.mineral_weights().values()) == pytest.approx(held)


def test_unknown_names_are_refused_with_the_nearest(miners):
    with pytest.raises(
        UnknownName, match="no universe named 'critical-mineral'; did you mean 'critical-minerals'"
    ):
        universes.load("critical-mineral")
    with pytest.raises(UnknownName, match="no symbol named 'UUU'"):
        miners.company_of("UUU")


def test_the_shipped_facts_meet_the_floor_of_this_release(miners):
    assert len(miners.companies) >= 40
    gone = [company for company in miners.companies if miners.listing(company, date(2026, 6, 30)) is None]
    assert len(gone) >= 10
    assert len(universes.events()) >= 40


def test_a_region_has_the_rank_of_the_latest_survey_published():
    def rank(on):
        return universes.load().profile("mp-materials", date.fromisoformat(on)).tags()["mining_rank"]

    # Mountain Pass lies in California, which is in none of the tables; Thacker Pass in Nevada.
    assert rank("2025-07-09") is None

    def nevada(on):
        return universes.load().profile("lithium-americas", date.fromisoformat(on)).tags()["mining_rank"]

    # Nevada: second of the survey of 2023, published 2024-05-14; first of 2022, published by the end of May 2023.
    assert (nevada("2024-05-13"), nevada("2024-05-14")) == (1, 2)
