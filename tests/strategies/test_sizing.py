"""Sizes and limits: what may be asked for."""

from __future__ import annotations

import pytest

from strategies.sizing import CAPS, SIZINGS, Limits, Sizing
from universes.errors import BadParameter


@pytest.mark.parametrize("rule", SIZINGS)
def test_every_rule_can_be_named(rule):
    assert Sizing(rule).rule == rule


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"rule": "equel"}, "sizing is 'equel': it must be one of equal, .*did you mean 'equal'"),
        ({"slots": 0}, "slots is 0: it must be a whole number from 1"),
        ({"slots": 2.5}, "slots is 2.5"),
        ({"slots": True}, "slots is True"),
        ({"risk": 0.0}, "risk is 0.0: it must be above 0 and below 1"),
        ({"risk": 1.0}, "risk is 1.0"),
        ({"target_volatility": 10.0}, "target_volatility is 10.0: it must be above 0 and below 10"),
    ],
)
def test_a_size_that_cannot_be_is_refused(given, said):
    with pytest.raises(BadParameter, match=said):
        Sizing(**given)


@pytest.mark.parametrize("cap", ["participation", *CAPS])
def test_a_cap_is_a_part_of_the_whole(cap):
    assert getattr(Limits(**{cap: 1.0}), cap) == 1.0
    assert getattr(Limits(**{cap: None}), cap) is None
    for value in (0.0, 1.01, -0.1):
        with pytest.raises(BadParameter, match=f"{cap} is {value}: it must be above 0 and at most 1"):
            Limits(**{cap: value})


@pytest.mark.parametrize("count", ["good_for", "max_positions"])
def test_a_count_is_a_whole_number_from_one(count):
    assert getattr(Limits(**{count: 1}), count) == 1
    with pytest.raises(BadParameter, match=f"{count} is 0: it must be a whole number from 1"):
        Limits(**{count: 0})


def test_patience_is_never_unlimited_but_positions_may_be():
    assert Limits().max_positions is None
    with pytest.raises(BadParameter, match="good_for is None"):
        Limits(good_for=None)
