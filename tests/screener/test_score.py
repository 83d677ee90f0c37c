"""The score is the sum of its contributions to the last bit, stays within 0 and 100, and leaves unknowns out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations, permutations
from math import fsum

import pytest
import worlds
from hypothesis import given
from hypothesis import strategies as some

from screener.factor import Factor, Judgement, factors
from screener.score import GRAIN, LEAST_KNOWN, scored, version
from universes.facts import ChinaLink, Float, Support

ON = date(2024, 6, 3)


def saying(values, weights=None):
    """Factors that say these values of any company."""
    shares = weights or {factor.name: factor.weight for factor in factors()}

    def judge(value):
        return lambda _: Judgement(value, "said so")

    return [Factor(name, shares[name], "doc", judge(value)) for name, value in values.items()]


@pytest.fixture(scope="module")
def profile():
    return worlds.miners(["AAA"], worlds.mine("AAA")).profile("aaa", ON)


NAMES = tuple(factor.name for factor in factors())
judged = some.fixed_dictionaries(
    dict.fromkeys(NAMES, some.none() | some.sampled_from([0.0, 1 / 3, 1.0]) | some.floats(0, 1))
)


def test_the_weights_of_the_seven_factors_sum_to_one():
    assert NAMES == ("float", "independence", "jurisdiction", "minerals", "purity", "stage", "support")
    assert fsum(factor.weight for factor in factors()) == 1.0


def test_a_score_worked_out_by_hand():
    company = worlds.company_id("AAA")
    universe = worlds.miners(
        ["AAA"],
        worlds.mine("AAA", "US", 0.75, {"neodymium": 0.5, "lithium": 0.5}, "production"),
        worlds.mine("AAA", "ZA", 0.25, {"gold": 1.0}, "pfs"),
        {
            "floats": (
                worlds.fact(
                    Float,
                    company=company,
                    on=date(2023, 12, 31),
                    shares_outstanding=200e6,
                    float_low=0.5,
                    float_high=0.75,
                    method="filing",
                ),
            ),
            "support": (
                worlds.fact(
                    Support,
                    support="loan",
                    company=company,
                    instrument="exim",
                    counterparty="EXIM",
                    status="letter-of-interest",
                    on=date(2024, 1, 2),
                ),
            ),
            "china_links": (
                worlds.fact(ChinaLink, company=company, kind="holder", party="Someone", share=0.1),
            ),
        },
    )

    row = replace(universe.facts.companies[0], purity=0.5)
    universe = replace(universe, facts=replace(universe.facts, companies=(row,)), _index={})

    found = scored(universe.profile(company, ON))

    # float: (1 − 0.625 + 0.5) / 2 = 0.4375; independence: 1 − 2 × 0.1 = 0.8; jurisdiction: 0.75 × 1 + 0.25 × 0.2 = 0.8;
    # minerals: 0.375 × 1 + 0.375 × 0.6 + 0.25 × 0 = 0.6; purity: 0.5;
    # stage: 0.75 × 1 + 0.25 × 4/9 = 31/36; support: 0.2.
    points = {
        "float": 8 * 0.4375,
        "independence": 14 * 0.8,
        "jurisdiction": 18 * 0.8,
        "minerals": 18 * 0.6,
        "purity": 10 * 0.5,
        "stage": 18 * 31 / 36,
        "support": 14 * 0.2,
    }
    assert found.contributions == pytest.approx(points, abs=2 * GRAIN)
    assert found.score == pytest.approx(3.5 + 11.2 + 14.4 + 10.8 + 5 + 15.5 + 2.8, abs=1e-8)
    assert found.unknown == ()


@given(judged)
def test_contributions_sum_to_the_score_to_the_last_bit_in_any_order(values):
    found = scored(None, saying(values))

    if found is None:
        assert sum(value is not None for value in values.values()) < LEAST_KNOWN
        return
    assert set(found.contributions) | set(found.unknown) == set(NAMES)
    for order in permutations(found.contributions.values()):
        assert sum(order) == found.score


@given(judged)
def test_a_score_lies_within_0_and_100_and_so_does_every_part(values):
    found = scored(None, saying(values))

    if found:
        assert 0 <= found.score <= 100
        assert all(0 <= points <= 100 for points in found.contributions.values())


@pytest.mark.parametrize("known", [names for many in range(3, 8) for names in combinations(NAMES, many)])
def test_a_company_aligned_in_all_that_is_known_scores_100_exactly(known):
    values = dict.fromkeys(NAMES) | dict.fromkeys(known, 1.0)

    assert scored(None, saying(values)).score == 100


@given(judged)
def test_a_score_is_the_weighted_mean_of_what_is_known(values):
    known = {name: value for name, value in values.items() if value is not None}
    found = scored(None, saying(values))

    if found:
        weights = {factor.name: factor.weight for factor in factors() if factor.name in known}
        mean = sum(weights[name] * known[name] for name in known) / sum(weights.values())
        assert found.score == pytest.approx(100 * mean, abs=1e-8)
        for name, value in known.items():
            exact = 100 * weights[name] * value / sum(weights.values())
            assert found.contributions[name] == pytest.approx(exact, abs=1.01 * GRAIN)


@given(judged, some.sampled_from(NAMES))
def test_a_worthless_factor_gets_no_point_from_rounding(values, name):
    found = scored(None, saying(values | {name: 0.0}))

    if found:
        assert found.contributions[name] == 0


@given(judged)
def test_an_unknown_factor_neither_helps_nor_harms(values):
    known = {name: value for name, value in values.items() if value is not None}
    whole, part = scored(None, saying(values)), scored(None, saying(known))

    assert (whole is None) == (part is None)
    if whole and part:
        assert (whole.score, whole.contributions) == (part.score, part.contributions)


@given(judged, some.permutations(NAMES))
def test_the_order_of_factors_changes_nothing(values, order):
    one, other = scored(None, saying(values)), scored(None, saying({name: values[name] for name in order}))

    assert (one and one.contributions) == (other and other.contributions)
    assert (one and one.score) == (other and other.score)


def test_fewer_than_three_known_factors_are_no_score():
    two = dict.fromkeys(NAMES) | {"float": 1.0, "stage": 1.0}

    assert scored(None, saying(two)) is None
    assert scored(None, saying(two | {"support": 0.0})) is not None


def test_tags_hold_the_score_the_points_of_every_factor_and_those_of_the_profile(profile):
    tags = scored(profile).tags()

    assert tags["float_points"] is None
    # Known weights 0.14 + 3 × 0.18 + 0.14 = 0.82; without support 0.68 of them count in full.
    assert tags["stage_points"] == pytest.approx(18 / 0.82, abs=1e-8)
    assert tags["support_points"] == 0
    assert tags["score"] == pytest.approx(100 * 0.68 / 0.82, abs=1e-8)
    assert set(profile.tags()) < set(tags)


def test_the_version_changes_with_a_weight(monkeypatch):
    before = version()
    changed = [Factor(item.name, item.weight + 0.1, item.doc, item.judge) for item in factors()]
    monkeypatch.setattr("screener.score.factors", lambda: tuple(changed))
    version.cache_clear()

    after = version()

    version.cache_clear()
    assert before != after
    assert len(after) == 12
