"""Which companies an event touches, and what was known on the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import worlds

from universes.exposure import exposures
from universes.facts import Asset, AssetMineral, Mineral
from universes.minerals import expand, is_critical

MINERALS = tuple(
    Mineral(
        mineral=name,
        element=None,
        group=group,
        us_list_2018=old,
        us_list_2022=old,
        us_list_2025=new,
        **worlds.KNOWN,
    )
    for name, group, old, new in [
        ("dysprosium", "heavy-rare-earths", "yes", "yes"),
        ("lanthanum", "light-rare-earths", "yes", "yes"),
        ("copper", "base", "no", "yes"),
        ("gold", "precious", "no", "no"),
    ]
)
BY_NAME = {row.mineral: row for row in MINERALS}


def asset(company, minerals, **changes):
    """One asset of a company with weights by mineral: the Asset, then its rows."""
    row = Asset(
        asset=f"{company}-mine",
        company=company,
        name="Mine",
        jurisdiction="US",
        subdivision=None,
        weight=1.0,
        held_from=date(2009, 1, 1),
        held_to=None,
        **worlds.KNOWN,
    )
    rows = tuple(
        AssetMineral(asset=row.asset, mineral=name, weight=weight, **worlds.KNOWN)
        for name, weight in minerals.items()
    )
    return replace(row, **changes), rows


def market(**assets):
    facts = {
        "minerals": MINERALS,
        "assets": tuple(item[0] for item in assets.values()),
        "asset_minerals": tuple(row for item in assets.values() for row in item[1]),
    }
    return worlds.market({name.upper(): worlds.bars([1, 2]) for name in assets}, facts=facts)


def sector_event(*minerals, direction="tailwind"):
    row, *named = worlds.event("ban", "2024-01-03T15:00Z", direction=direction)
    return (replace(row, scope="sector", minerals=minerals), *named)


def touched(world, *events):
    return {
        item.symbol: (item.sign, item.weight) for item in exposures(worlds.calendar(*events), world.universe)
    }


def test_a_sector_event_touches_those_with_enough_of_its_minerals():
    world = market(
        aaa=asset("aaa", {"dysprosium": 0.3, "gold": 0.7}),
        bbb=asset("bbb", {"dysprosium": 0.1, "gold": 0.9}),
        ccc=asset("ccc", {"gold": 1.0}),
    )

    assert touched(world, sector_event("dysprosium")) == {"AAA": (1, pytest.approx(0.3))}


def test_group_words_cover_their_minerals():
    world = market(aaa=asset("aaa", {"dysprosium": 1.0}), bbb=asset("bbb", {"copper": 1.0}))

    assert set(touched(world, sector_event("rare-earths"))) == {"AAA"}
    assert set(touched(world, sector_event("all"))) == {"AAA", "BBB"}


def test_critical_means_the_list_in_force_on_the_day():
    assert expand(["critical"], BY_NAME, date(2024, 1, 1)) == {"dysprosium", "lanthanum"}
    # Copper joined the list published on 7 November 2025.
    assert not is_critical(BY_NAME["copper"], date(2025, 11, 6))
    assert is_critical(BY_NAME["copper"], date(2025, 11, 7))


def test_a_company_row_overrides_the_sign_of_the_event():
    world = market(aaa=asset("aaa", {"dysprosium": 1.0}), bbb=asset("bbb", {"dysprosium": 1.0}))
    row, *_ = sector_event("dysprosium")
    _, own = worlds.event("ban", "2024-01-03T15:00Z", ["BBB"], "headwind")

    assert touched(world, (row, own)) == {"AAA": (1, 1.0), "BBB": (-1, 1.0)}


def test_a_company_event_touches_the_named_alone():
    world = market(aaa=asset("aaa", {"dysprosium": 1.0}), bbb=asset("bbb", {"dysprosium": 1.0}))

    assert touched(world, worlds.event("deal", "2024-01-03T15:00Z", ["BBB"])) == {"BBB": (1, 1.0)}


def test_an_asset_known_only_later_does_not_count():
    late = asset("aaa", {"dysprosium": 1.0}, known_from=date(2024, 2, 1))

    assert touched(market(aaa=late), sector_event("dysprosium")) == {}
