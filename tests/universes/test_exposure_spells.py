"""Exposures are found spell by spell: the result is that of a look at every company on the date of every event."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import worlds
from hypothesis import given, settings
from hypothesis import strategies as st

from universes.catalog import events, load
from universes.exposure import Exposure, exposed, exposures
from universes.facts import Asset, AssetMineral
from universes.policy import Events, known_at

START = date(2018, 1, 1)
DAYS = st.integers(0, 1_200).map(lambda days: START + timedelta(days=days))
MINERALS = ("neodymium", "antimony", "lithium", "copper", "gold")


def on_every_date(calendar: Events, universe) -> tuple[Exposure, ...]:
    """The same, with the profiles of the date of each event."""
    return tuple(
        item
        for event in calendar
        for item in exposed(event, calendar, universe.profiles(known_at(event).date()))
    )


def test_shipped_universe_and_calendar_give_the_same_as_a_look_on_every_date():
    universe, calendar = load("critical-minerals"), events()

    assert exposures(calendar, universe) == on_every_date(calendar, universe)


def test_a_second_call_with_another_least_weight_is_not_answered_from_the_first():
    universe, calendar = load("critical-minerals"), events()

    few, many = (
        exposures(calendar, universe, least_weight=0.9),
        exposures(calendar, universe, least_weight=0.1),
    )

    assert {item for item in many if item.weight >= 0.9} == set(few)
    assert len(many) > len(few)


def test_another_calendar_of_the_same_universe_is_looked_at_anew():
    universe, calendar = load("critical-minerals"), events()
    half = Events(calendar.rows[::2], calendar.companies)

    whole = exposures(calendar, universe)

    assert exposures(half, universe) == tuple(
        item for item in whole if item.event in {row.event for row in half}
    )


@st.composite
def miners(draw):
    """Facts of one company whose listing, membership, asset and minerals begin and end on any dates."""
    name, minerals = (
        draw(st.sampled_from(("AAA", "BBB", "CCC"))),
        draw(st.sets(st.sampled_from(MINERALS), min_size=1)),
    )
    company, asset = worlds.company_id(name), f"{worlds.company_id(name)}-mine"
    held = worlds.fact(
        Asset, asset=asset, company=company, name="Mine", jurisdiction="US", weight=1.0, known_from=draw(DAYS),
        held_from=draw(st.none() | DAYS), held_to=draw(st.none() | DAYS),
    )  # fmt: skip
    shares = tuple(
        worlds.fact(
            AssetMineral, asset=asset, mineral=mineral, weight=1 / len(minerals), known_from=draw(DAYS)
        )
        for mineral in sorted(minerals)
    )
    listed = replace(
        worlds.listing(name),
        known_from=draw(DAYS),
        listed_from=draw(st.none() | DAYS),
        listed_to=draw(st.none() | DAYS),
    )
    return listed, {"assets": (held,), "asset_minerals": shares}


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    miners(),
    st.lists(DAYS, min_size=1, max_size=8),
    st.sampled_from(("all", "critical", "rare-earths", "copper")),
)
def test_a_fact_that_begins_or_ends_on_any_date_is_seen_from_that_date_on(miner, dates, word):
    listed, facts = miner
    universe = worlds.world_universe([listed], facts=worlds.joined(worlds.ontology(), facts))
    rows = tuple(
        replace(worlds.event(f"event-{at}", str(day))[0], scope="sector", minerals=(word,))
        for at, day in enumerate(dates)
    )

    assert exposures(Events(rows), universe) == on_every_date(Events(rows), universe)
