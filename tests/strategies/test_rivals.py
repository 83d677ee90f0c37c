"""Rivals are what the strategies themselves would have given."""

from __future__ import annotations

import pytest
from busy_worlds import world

from strategies.engine import backtest
from strategies.library.chase import Chase
from strategies.library.random_dates import RandomDates
from strategies.rivals import MEASURES, rivals
from universes.errors import BadParameter


def scene():
    busy = world(3)
    return busy.market, busy.events


def numbers(result):
    return {name: result.metrics[name].value for name in MEASURES}


def test_each_draw_is_the_backtest_of_random_dates_and_the_chase_that_of_the_chase():
    market, events = scene()
    found = rivals(
        "pullback", market, draws=3, parameters={"depth": 0.05, "hold": 5, "stop": None}, events=events
    )

    chased = numbers(backtest(Chase(hold=5), market, events=events))
    assert {name: found["chase"][name] for name in MEASURES} == pytest.approx(chased, nan_ok=True)
    assert found["random_dates"]["draws"] == 3
    for seed in range(3):
        drawn = numbers(
            backtest(RandomDates("pullback", seed=seed, depth=0.05, hold=5), market, events=events)
        )
        assert {name: found["random_dates"][name][seed] for name in MEASURES} == pytest.approx(drawn)


def chase_of(strategy, **parameters):
    market, events = scene()
    return rivals(strategy, market, draws=2, parameters=parameters, events=events)["chase"]


OWN = {"hold": 7, "stop": 0.05, "take_profit": 0.2, "trailing_stop": 0.1, "leave_on_opposite": True}
NONE = {"stop": None, "take_profit": None, "trailing_stop": None, "leave_on_opposite": False}


@pytest.mark.parametrize(
    ("strategy", "given", "ran", "same"),
    [
        ("pullback", OWN, OWN, True),
        ("pullback", {}, {"hold": 20, **NONE}, True),
        ("pullback", {"hold": None}, {"hold": None, **NONE}, True),
        ("fade", {}, {"hold": 10, **NONE}, True),
        ("random_dates", {"of": "fade", "seed": 1, "parameters": (("hold", 3),)}, {"hold": 3, **NONE}, True),
        ("momentum", {}, {"hold": 20, **NONE}, False),
    ],
)
def test_the_chase_is_left_as_the_strategy_is_or_says_that_it_is_not(strategy, given, ran, same):
    market, events = scene()
    found = chase_of(strategy, **given)

    assert found["parameters"] == {"delay": 0, **ran}
    assert found["same_exits"] is same
    assert found["trades"] == backtest(Chase(**ran), market, events=events).metrics["trades"].value


def test_exits_that_no_chase_can_have_leave_it_out_with_the_reason():
    assert chase_of("fade", stop=1.5) == {
        "reason": "stop is 1.5: it must be above 0 and below 1 (0.1 is 10 %)"
    }


def test_without_events_there_is_nothing_to_chase_or_move():
    market, _ = scene()
    found = rivals("pullback", market, draws=2)

    assert found["chase"] == {"reason": "there are no events to chase"}
    assert found["random_dates"] == {"reason": "there are no events to move to other dates", "draws": 0}


@pytest.mark.parametrize(
    ("strategy", "why"),
    [
        ("equal_weight", "its decisions do not depend on the dates of the events"),
        ("random_dates", "of is 'random_dates'"),
    ],
)
def test_a_strategy_that_random_dates_say_nothing_of_says_why_and_the_chase_stays(strategy, why):
    market, events = scene()
    found = rivals(strategy, market, draws=3, events=events)

    assert found["random_dates"]["reason"].startswith(why)
    assert found["random_dates"]["draws"] == 0
    assert found["chase"]["reason"] == ""


@pytest.mark.parametrize("draws", [0, -1, 10_001, 1.5])
def test_draws_out_of_range_are_refused(draws):
    market, events = scene()
    with pytest.raises(BadParameter, match="draws is"):
        rivals("pullback", market, draws=draws, events=events)
