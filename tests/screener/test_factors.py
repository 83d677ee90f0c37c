"""What each factor says of hand-made companies, and what it rests on."""

from __future__ import annotations

import random
from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
import worlds
from hypothesis import given
from hypothesis import strategies as some

from screener import factor as judging
from screener.factor import factors
from screener.factors.float import thinness
from screener.factors.independence import deduction
from screener.factors.minerals import CHINA_LED
from universes.facts import BINDINGNESS, SIDE_STAGES, STAGES, TIERS, ChinaLink, Facts, Float, Support

ON = date(2024, 6, 3)
BY_NAME = {factor.name: factor for factor in factors()}


def judged(name, *tables, on=ON):
    """What a factor says of company ``aaa`` with these facts."""
    return BY_NAME[name].judge(worlds.miners(["AAA"], *tables).profile("aaa", on))


def floats(**values):
    return {"floats": (worlds.fact(Float, company="aaa", on=date(2023, 12, 31), method="filing", **values),)}


def support(*statuses, on=date(2024, 1, 2), **values):
    rows = (
        worlds.fact(
            Support,
            support=f"s{at}",
            company="aaa",
            instrument="exim",
            counterparty="EXIM",
            status=status,
            on=on,
            **values,
        )
        for at, status in enumerate(statuses)
    )
    return {"support": tuple(rows)}


def links(*kinds_and_shares, **values):
    rows = (
        worlds.fact(ChinaLink, company="aaa", kind=kind, party=f"P{at}", share=share, **values)
        for at, (kind, share) in enumerate(kinds_and_shares)
    )
    return {"china_links": tuple(rows)}


@pytest.mark.parametrize(
    ("shares", "value"), [(1e6, 1), (20e6, 1), (200e6, 0.5), (2e9, 0), (9e9, 0), (20e6 * 10**0.5, 0.75)]
)
def test_a_share_count_is_thin_on_a_log_scale_from_20_million_to_2000_million(shares, value):
    assert thinness(shares) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("known", "value"),
    [
        # The middle of 0.5 and 0.75 is 0.625.
        ({"float_low": 0.5, "float_high": 0.75}, 0.375),
        ({"shares_outstanding": 200e6}, 0.5),
        ({"float_low": 0.5, "float_high": 0.75, "shares_outstanding": 20e6}, (0.375 + 1) / 2),
        ({"float_low": 0.5}, None),
        ({}, None),
    ],
)
def test_float_is_the_mean_of_what_is_known(known, value):
    found = judged("float", floats(**known))

    assert found.value == (value if value is None else pytest.approx(value, abs=1e-12))
    assert len(found.facts) == (value is not None)


def test_float_without_a_row_is_unknown():
    assert judged("float").value is None


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ([], 1),
        ([("holder", 0.08)], 1 - 2 * 0.08),
        ([("holder", None)], 0.6),
        ([("holder", 0.6)], 0),
        ([("joint-venture", 0.3)], 0.7),
        ([("joint-venture", None)], 0.5),
        ([("assets", 0.25)], 0.75),
        ([("assets", None)], 0.5),
        ([("offtaker", 0.5)], 0.75),
        ([("offtaker", None)], 0.75),
        ([("processor", 1.0)], 0.5),
        ([("processor", None)], 0.75),
        ([("state-owned", None)], 0),
        ([("state-owned", 0.1)], 0),
        ([("holder", 0.1), ("offtaker", 0.2)], 1 - 0.2 - 0.1),
        ([("holder", 0.4), ("assets", 0.9)], 0),
    ],
)
def test_each_link_to_china_takes_off_its_part(rows, value):
    found = judged("independence", links(*rows))

    assert found.value == pytest.approx(value, abs=1e-12)
    assert len(found.facts) == len(rows)


@given(
    some.sampled_from(["holder", "joint-venture", "assets", "offtaker", "processor", "state-owned"]),
    some.floats(0, 1),
    some.floats(0, 1),
)
def test_a_larger_share_never_takes_off_less(kind, one, other):
    low, high = (
        deduction(worlds.fact(ChinaLink, company="aaa", kind=kind, party="P", share=share))
        for share in sorted((one, other))
    )

    assert 0 <= low <= high <= 1


def test_a_link_that_ended_takes_off_nothing():
    assert judged("independence", links(("holder", 0.5), end=ON)).value == 1
    assert judged("independence", links(("holder", 0.5), end=ON + timedelta(1))).value == 0


@pytest.mark.parametrize(("tier", "value"), list(zip(TIERS, (0, 0.2, 0.4, 0.6, 0.8, 1), strict=True)))
def test_each_tier_has_its_rung(tier, value):
    universe = worlds.miners(["AAA"], worlds.mine("AAA", "US"))
    rows = tuple(replace(row, tier=tier) for row in universe.facts.jurisdictions)
    changed = replace(universe, facts=replace(universe.facts, jurisdictions=rows), _index={})

    assert BY_NAME["jurisdiction"].judge(changed.profile("aaa", ON)).value == pytest.approx(value)


def test_jurisdiction_is_the_mean_by_share_of_value_and_leaves_out_countries_without_a_tier():
    known = (worlds.mine("AAA", "US", 0.5), worlds.mine("AAA", "ZA", 0.25))

    # (0.5 × 1 + 0.25 × 0.2) / 0.75
    assert judged("jurisdiction", *known, worlds.mine("AAA", "PE", 0.25)).value == pytest.approx(0.55 / 0.75)
    assert judged("jurisdiction", worlds.mine("AAA", "PE")).value is None
    assert judged("jurisdiction").value is None


def test_jurisdiction_follows_the_law_of_the_date():
    def value(on):
        return judged("jurisdiction", worlds.mine("AAA", "AU"), on=date.fromisoformat(on)).value

    assert value("2023-12-21") == pytest.approx(0.6)
    assert value("2023-12-22") == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("minerals", "on", "value"),
    [
        ({"neodymium": 1.0}, "2024-06-03", 1),
        ({"antimony": 1.0}, "2024-06-03", 1),
        ({"lithium": 1.0}, "2024-06-03", 0.6),
        ({"gold": 1.0}, "2024-06-03", 0),
        ({"copper": 1.0}, "2025-11-06", 0),
        ({"copper": 1.0}, "2025-11-07", 0.6),
        ({"neodymium": 0.5, "lithium": 0.25, "gold": 0.25}, "2024-06-03", 0.5 + 0.15),
        ({"neodymium": 1.0}, "2018-05-17", None),
        ({"neodymium": 1.0}, "2018-05-18", 1),
        ({}, "2024-06-03", None),
    ],
)
def test_minerals_count_in_full_for_0_6_or_not_at_all_by_the_list_of_the_date(minerals, on, value):
    found = judged("minerals", worlds.mine("AAA", minerals=minerals), on=date.fromisoformat(on))

    assert found.value == (value if value is None else pytest.approx(value, abs=1e-12))


def test_minerals_that_china_leads_are_those_of_the_rule_in_words():
    named = BY_NAME["minerals"].doc.partition("rare earths, ")[2].partition(")")[0]

    assert set(named.split(", ")) == CHINA_LED


def test_minerals_of_an_asset_count_from_the_day_they_are_known():
    made = worlds.mine("AAA")
    rows = tuple(replace(row, known_from=ON) for row in made["asset_minerals"])

    assert judged("minerals", made | {"asset_minerals": rows}, on=ON - timedelta(1)).value is None
    assert judged("minerals", made | {"asset_minerals": rows}).value == 1


def test_the_sentence_on_minerals_names_the_list_and_both_shares():
    found = judged("minerals", worlds.mine("AAA", minerals={"neodymium": 0.5, "lithium": 0.25, "gold": 0.25}))

    assert found.sentence == (
        "75 % of its value is in minerals on the United States list of 2022, 50 % in those whose supply China leads."
    )


@pytest.mark.parametrize(
    ("stage", "value"),
    [
        *zip(STAGES, [rung / 9 for rung in range(1, 10)], strict=True),
        *zip(SIDE_STAGES, (0.2, 0.1, 0, 0), strict=True),
    ],
)
def test_each_stage_has_its_rung(stage, value):
    assert judged("stage", worlds.mine("AAA", stage=stage)).value == pytest.approx(value, abs=1e-12)


def test_stage_is_the_mean_by_share_of_value_and_leaves_out_assets_without_a_stage():
    known = (worlds.mine("AAA", "US", 0.5), worlds.mine("AAA", "ZA", 0.25, stage="dfs"))

    # dfs is the fifth of nine rungs.
    found = judged("stage", *known, worlds.mine("AAA", "CN", 0.25, stage=None))
    assert found.value == pytest.approx((0.5 + 0.25 * 5 / 9) / 0.75)
    assert judged("stage", worlds.mine("AAA", stage=None)).value is None


@pytest.mark.parametrize(
    ("statuses", "value"),
    [
        ([], 0),
        (["letter-of-interest"], 0.2),
        (["conditional"], 0.4),
        (["binding"], 0.6),
        (["closed"], 0.8),
        (["cancelled"], 0),
        (["letter-of-interest", "binding"], 0.7),
        (["closed", "binding", "conditional"], 1),
        (["closed"] * 7, 1),
        (["letter-of-interest"] * 7, 0.4),
        (["binding", "cancelled"], 0.6),
    ],
)
def test_support_is_the_firmest_and_a_tenth_for_each_of_two_more(statuses, value):
    assert judged("support", support(*statuses)).value == pytest.approx(value, abs=1e-12)


def test_support_that_was_cancelled_counts_until_then():
    rows = joined_status(("binding", date(2024, 1, 2)), ("cancelled", date(2024, 5, 1)))

    assert judged("support", rows, on=date(2024, 4, 30)).value == pytest.approx(0.6)
    assert judged("support", rows, on=date(2024, 5, 1)).value == 0


def company(purity, **values):
    """The profile of a company with this purity and without any other fact."""
    universe = worlds.miners(["AAA"])
    row = replace(universe.facts.companies[0], purity=purity, **values)
    return replace(universe, facts=replace(universe.facts, companies=(row,)), _index={}).profile("aaa", ON)


@pytest.mark.parametrize("share", [0.0, 0.005, 0.75, 1.0])
def test_purity_is_the_share_on_record_and_rests_on_the_company(share):
    profile = company(share)

    found = BY_NAME["purity"].judge(profile)

    assert found.value == share
    assert found.facts == (profile.company,)


def test_purity_in_words():
    assert BY_NAME["purity"].judge(company(0.75)).sentence == (
        "About 75 % of its revenue or project potential is from critical minerals."
    )


def test_purity_that_is_not_on_record_is_unknown():
    found = BY_NAME["purity"].judge(company(None))

    assert (found.value, found.facts) == (None, ())


def test_purity_counts_from_the_day_the_company_is_known():
    assert company(0.75, known_from=ON + timedelta(1)) is None
    assert BY_NAME["purity"].judge(company(0.75, known_from=ON)).value == 0.75


def test_purity_known_later_than_the_date_does_not_count_in_a_profile_either():
    known = company(0.75)
    late = replace(known, company=replace(known.company, known_from=ON + timedelta(1)))

    assert BY_NAME["purity"].judge(late).value is None


def joined_status(*steps):
    """One instrument that took these steps."""
    rows = [
        replace(support(status, on=on)["support"][0], known_from=on, support="loan") for status, on in steps
    ]
    return {"support": tuple(rows)}


@pytest.mark.parametrize(
    ("fraction", "text"), [(0, "0 %"), (0.004, "0.4 %"), (0.01, "1 %"), (0.456, "46 %"), (1, "100 %")]
)
def test_fractions_are_printed_as_per_cent(fraction, text):
    assert judging.percent(fraction) == text


full = (
    worlds.mine("AAA", "US", 0.4, {"neodymium": 0.3, "lithium": 0.7}),
    worlds.mine("AAA", "AU", 0.35, {"gold": 0.1, "lithium": 0.9}, "pfs"),
    worlds.mine("AAA", "ZA", 0.25, {"antimony": 1.0}, "suspended"),
    floats(float_low=0.5, float_high=0.75, shares_outstanding=123e6),
    support("binding", "conditional", "letter-of-interest"),
    links(("holder", 0.1), ("offtaker", 0.3), ("processor", None)),
)


@given(some.randoms(use_true_random=False))
def test_the_order_of_facts_changes_no_judgement(dice: random.Random):
    universe = worlds.miners(["AAA"], *full)
    mixed = Facts(
        **{
            item.name: tuple(dice.sample(rows := getattr(universe.facts, item.name), len(rows)))
            for item in fields(Facts)
        }
    )
    other = replace(universe, facts=mixed, _index={})

    for factor in factors():
        assert factor.judge(universe.profile("aaa", ON)) == factor.judge(other.profile("aaa", ON))


@pytest.mark.parametrize("name", BY_NAME)
def test_a_value_lies_within_0_and_1_and_every_fact_behind_it_was_known(name):
    universe = worlds.miners(["AAA"], *full)
    row = replace(universe.facts.companies[0], purity=0.4)
    known = replace(universe, facts=replace(universe.facts, companies=(row,)), _index={})

    found = BY_NAME[name].judge(known.profile("aaa", ON))

    assert 0 <= found.value <= 1
    assert found.facts
    assert all(fact.known_from <= ON for fact in found.facts)
    assert found.sentence.endswith(".")


def test_cancelled_is_the_lowest_status():
    assert BINDINGNESS[0] == "cancelled"
