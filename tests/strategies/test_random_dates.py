"""The placebo: the same events on dates drawn at random, each draw its own."""

from __future__ import annotations

import copy
import pickle
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
import worlds
from busy_worlds import decide, world

from strategies.catalog import make
from strategies.library.chase import Chase
from strategies.library.pullback import Pullback
from strategies.library.random_dates import RandomDates, moved
from universes.errors import BadParameter, UnknownName
from universes.policy import Events


def market(days=40):
    return worlds.market({"AAA": worlds.bars([10.0] * days)})


def calendar(count, announced="2024-01-10T13:45Z"):
    return worlds.calendar(*[worlds.event(f"e{number}", announced, ["AAA"]) for number in range(count)])


def dates(events):
    return {row.event: row.announced for row in events}


def test_a_draw_depends_on_the_seed_and_the_event_alone():
    many = calendar(30)
    turned = replace(many, rows=many.rows[::-1])
    few = Events(many.rows[7:9], many.companies)

    drawn = dates(moved(many, market(), 3))

    assert dates(moved(turned, market(), 3)) == drawn
    assert dates(moved(few, market(), 3)).items() <= drawn.items()
    assert dates(moved(many, market(), 4)) != drawn


def test_the_draws_are_these():
    # sha256("0:e0") and so on, modulo 40 sessions: whoever changes this changes every placebo that was ever reported.
    sessions = market().sessions
    drawn = dates(moved(calendar(4), market(), 0))

    assert [sessions.get_loc(f"{drawn[f'e{number}']:%Y-%m-%d}") for number in range(4)] == [23, 34, 3, 4]


def test_events_move_to_sessions_and_keep_their_time_of_day_kind_minerals_and_direction():
    given = calendar(25)

    after = moved(given, market(), 1)

    sessions = {stamp.date() for stamp in market().sessions}
    for row in after:
        old = given[row.event]
        assert row.announced.date() in sessions
        assert row.announced.timetz() == old.announced.timetz()
        assert replace(row, announced=old.announced) == old
    assert after.companies == given.companies


def test_an_event_known_by_its_date_stays_one_and_takes_its_further_dates_along():
    (row, *_), named = worlds.event("ban", "2024-01-10", ["AAA"]), ()
    row = replace(row, effective=date(2024, 1, 20), expires=date(2024, 3, 10), leaked=date(2024, 1, 5))

    (after,) = moved(Events((row,), named), market(), 1)

    assert type(after.announced) is date
    assert after.effective - after.announced == timedelta(10)
    assert after.expires - after.announced == timedelta(60)
    assert after.announced - after.leaked == timedelta(5)


def test_every_session_is_drawn_about_as_often():
    count, days = 4000, 20

    drawn = Counter(row.announced for row in moved(calendar(count), market(days), 5))

    # Expected 200 each, deviation 13.8: chi-squared with 19 degrees of freedom stays below 43.8 in 999 of 1,000 draws.
    assert len(drawn) == days
    assert sum((seen - 200) ** 2 / 200 for seen in drawn.values()) < 43.8


def test_it_decides_what_its_twin_decides_on_the_moved_events():
    given = world(0)

    placebo = decide(RandomDates("chase", seed=2, delay=1), given)
    twin = decide(Chase(delay=1), replace(given, events=moved(given.events, given.market, 2)))

    assert placebo == twin
    assert placebo.entries
    assert placebo != decide(Chase(delay=1), given)


def test_parameters_of_the_twin_are_given_and_read_like_its_own():
    placebo = make("random_dates", {"of": "pullback", "depth": "0.05", "hold": "none", "seed": "4"})

    assert placebo == RandomDates("pullback", 4, depth=0.05, hold=None)
    assert (placebo.depth, placebo.hold, placebo.wait) == (0.05, None, 20)
    assert placebo.twin == Pullback(depth=0.05, hold=None)
    assert placebo.parameters[0] == ("depth", 0.05)


def test_replacing_copying_and_pickling_keep_it():
    placebo = RandomDates("chase", seed=4, delay=2)

    assert replace(placebo, delay=3, seed=5) == RandomDates("chase", seed=5, delay=3)
    assert copy.copy(placebo) == placebo
    assert pickle.loads(pickle.dumps(placebo)) == placebo
    assert hash(placebo) == hash(RandomDates("chase", seed=4, delay=2))


@pytest.mark.parametrize(
    ("parameters", "error", "said"),
    [
        (
            {"of": "chase", "depth": "0.1"},
            BadParameter,
            "random_dates has no parameter 'depth'; known: of, seed, hold",
        ),
        ({"of": "chase", "dely": "1"}, BadParameter, "has no parameter 'dely'; did you mean 'delay'"),
        ({"of": "chaise"}, UnknownName, "no strategy named 'chaise'; did you mean 'chase'"),
        ({"of": "random-dates"}, BadParameter, "of is 'random-dates'|of is 'random_dates'"),
        ({"parameters": "x"}, BadParameter, "parameters cannot be given as text"),
        ({"depth": "much"}, BadParameter, "random_dates: depth is 'much': it must be a number"),
    ],
)
def test_what_the_twin_does_not_take_is_refused(parameters, error, said):
    with pytest.raises(error, match=said):
        make("random_dates", parameters)


def test_a_twin_that_needs_scores_is_given_them():
    given = world(0)
    placebo = RandomDates("basket", top=2, keep=4)

    assert decide(placebo, given).table.equals(decide(placebo.twin, given).table)
    with pytest.raises(BadParameter, match="of is 'basket', which needs scores"):
        placebo.plan(given.market, given.events, given.eligible)


def test_a_missing_attribute_is_an_attribute_error():
    with pytest.raises(AttributeError, match="random_dates of chase has no parameter 'depth'"):
        _ = RandomDates("chase").depth


def test_a_twin_without_tables_is_refused_for_a_sweep():
    given = world(0)

    with pytest.raises(BadParameter, match="of is 'momentum': it has no plan_tables"):
        RandomDates.plan_tables(given.market, given.events, given.eligible, [RandomDates("momentum")])
