"""Grades follow their rules, and verdicts say what a layman needs in words that claim no more."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from strategies.date_test import date_test
from strategies.grade import (
    CHANCE,
    CONSISTENT,
    FEW_DATES,
    GRADES,
    NO_CONCLUSION,
    SUGGESTIVE,
    VOLATILE,
    Grounds,
    frequency,
    grade,
    is_stable,
    verdict,
)
from strategies.sign_flip import sign_flip

FORBIDDEN = re.compile(r"significan|proven|prove\b|\balpha\b|nan\b|None|\*", re.IGNORECASE)


def grounds(values, **more):
    """What a study of these episodes rests on, with the sign-flip test unless another p is given."""
    return Grounds(date_test(values, 0, 1), values, **({"sign_flip": sign_flip(values).p} | more))


def judged(values, firm_events=40, **more):
    rests_on = grounds(values, **more)
    given_grade = grade(rests_on)
    return given_grade, verdict(given_grade, rests_on, firm_events, 3)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], NO_CONCLUSION),
        ([0.05], NO_CONCLUSION),
        ([0.05, 0.05001], NO_CONCLUSION),
        ([0.01, 0.01, 0.01, 0.01], NO_CONCLUSION),
        # A spread of 40 % on three dates: only a mean of some 130 % could be found.
        ([0.4, -0.4, 0.1], NO_CONCLUSION),
        ([0.02, -0.02, 0.01, -0.01, 0.015, -0.005], CHANCE),
        ([0.05, 0.051, 0.049], FEW_DATES),
        ([0.05, 0.051, 0.049, 0.052, 0.048], FEW_DATES),
        ([0.05, 0.051, 0.049, 0.052, 0.048, 0.05], SUGGESTIVE),
        ([-0.05, -0.051, -0.049, -0.052, -0.048, -0.05], SUGGESTIVE),
    ],
)
def test_the_grade_follows_from_episodes_p_and_detectable_effect(values, expected):
    assert judged(values)[0] == expected


def test_a_result_that_rests_on_single_dates_is_not_suggestive():
    # p = 0.047 of all eight; without the largest of them p = 0.106.
    values = [0.002, 0.006, 0.012, 0.018, -0.006, 0.021, -0.002, 0.019]
    test = date_test(values, 0, 1)
    others = [date_test(values[:at] + values[at + 1 :], 0, 1).p for at in range(8)]
    assert test.p < 0.05
    assert max(others) >= 0.10

    assert not is_stable(test, values)
    assert grade(grounds(values, sign_flip=0.03)) == FEW_DATES
    assert "without one of them it could well be chance" in judged(values, sign_flip=0.03)[1]


def test_a_suggestive_verdict_in_full():
    values = [0.05, 0.051, 0.049, 0.052, 0.048, 0.05]

    assert judged(values, firm_events=96)[1] == (
        "On the reaction session and the one after it the companies moved +5.0 % on average, beyond their benchmark, "
        "as the events' direction says (K = 6 independent dates, n = 96 firm-events; 95 % interval +4.9 % to +5.1 %). "
        "A mean this far from zero appears in about 1 of 32 studies of this size when the events do nothing. "
        "The sign holds whichever date is left out. Other news of the same dates may still be the cause, and the past "
        "need not repeat."
    )


def test_counts_of_a_verdict_have_grouped_thousands():
    assert "n = 3,594 firm-events" in judged([0.05, 0.051, 0.049, 0.052, 0.048, 0.05], firm_events=3594)[1]
    assert "each of the 3,594 was dropped" in verdict(NO_CONCLUSION, grounds([]), 0, 3594)


def test_beside_a_null_stands_what_would_have_been_missed():
    values = [0.02, -0.02, 0.01, -0.01, 0.015, -0.005]

    said = judged(values)[1]

    least = date_test(values, 0, 1).detectable
    assert (
        f"This does not show that the events do nothing: a mean below {least:.1%}".replace("%", " %") in said
    )


def test_a_move_against_the_direction_is_said():
    assert "against what the events' direction says" in judged([-0.05, -0.051, -0.049, -0.052])[1]


@given(some.lists(some.floats(-0.5, 0.5), max_size=12), some.integers(0, 500))
def test_every_verdict_is_two_to_four_sentences_with_both_counts_and_no_forbidden_word(values, firm_events):
    given_grade, said = judged(values, firm_events)

    assert given_grade in GRADES
    assert not FORBIDDEN.search(said)
    assert f"K = {len(values):,}" in said
    assert "n = " in said
    sentences = re.findall(r"[.!?](?=\s|$)", said)
    assert 2 <= len(sentences) <= 4
    if given_grade == CHANCE:
        assert "would usually be missed" in said


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (0.025, "about 1 of 40 studies"),
        (0.137, "about 1 of 7 studies"),
        (0.0021, "about 1 of 480 studies"),
        (0.0009, "about 1 of 1,100 studies"),
        (0.0001, "fewer than 1 of 2,000 studies"),
        (0.42, "about 4 of 10 studies"),
        (0.94, "about 9 of 10 studies"),
        (0.97, "nearly all studies"),
    ],
)
def test_a_p_value_is_said_as_a_frequency(p, said):
    assert frequency(p) == said


def test_the_grade_does_not_depend_on_the_order_of_the_episodes():
    values = np.random.default_rng(1).normal(0.01, 0.02, 9)

    assert judged(values) == judged(values[::-1])


STEADY = [0.05, 0.051, 0.049, 0.052, 0.048, 0.05, 0.047, 0.053, 0.05, 0.049, 0.051]
AGREEING = {
    "placebo": 0.0001,
    "adjusted": 0.002,
    "models": (date_test(STEADY, 0, 1), date_test(STEADY, 0, 1)),
    "tradable": 0.6,
}


def test_the_highest_grade_asks_for_everything_at_once():
    assert judged(STEADY, **AGREEING)[0] == CONSISTENT


@pytest.mark.parametrize(
    "lacking",
    [
        {"placebo": 0.02},
        {"placebo": None},
        {"adjusted": 0.02},
        {"adjusted": None},
        {"sign_flip": 0.02},
        {"tradable": 0.4},
        {"tradable": None},
        {"models": ()},
        {"models": (date_test(STEADY, 0, 1),)},
        {"models": (date_test(STEADY, 0, 1), date_test([-item for item in STEADY], 0, 1))},
        {"models": (date_test(STEADY, 0, 1), date_test([0.3, -0.3, 0.1], 0, 1))},
    ],
)
def test_whatever_the_highest_grade_lacks_leaves_it_suggestive(lacking):
    assert judged(STEADY, **(AGREEING | lacking))[0] == SUGGESTIVE


def test_nine_dates_are_too_few_for_the_highest_grade():
    values = STEADY[:9]

    assert judged(values, **(AGREEING | {"sign_flip": 0.001}))[0] == SUGGESTIVE


@pytest.mark.parametrize(
    "more", [{"placebo": 0.05}, {"adjusted": 0.05}, {"sign_flip": 0.05}, {"sign_flip": None}]
)
def test_one_test_that_chance_passes_is_enough_for_chance(more):
    assert judged(STEADY, **(AGREEING | {"placebo": 0.2} | more))[0] == CHANCE


UNDIRECTED = [0.06, -0.06, 0.05, -0.055, 0.058, -0.05, 0.052, -0.061]


def test_large_moves_both_ways_are_volatile_and_no_effect():
    given_grade, said = judged(UNDIRECTED, placebo=0.001)

    assert given_grade == VOLATILE
    assert "Moves this large appear in about 1 of 1,000 random sets of 8 dates." in said
    assert "nothing shows that they move in one direction" in said


def test_a_single_unusual_date_is_said_to_be_one():
    given_grade, said = judged([0.08], placebo=0.02)

    assert given_grade == FEW_DATES
    assert "Moves this large appear in about 1 of 50 ordinary days." in said
    assert "One date cannot show that the policy caused it or that it will repeat." in said


@given(
    some.lists(some.floats(-0.5, 0.5), max_size=14),
    some.none() | some.floats(0, 1),
    some.none() | some.floats(0, 1),
    some.none() | some.floats(-2, 2),
)
def test_whatever_is_missing_there_is_a_grade_in_clean_words(values, placebo, adjusted, tradable):
    given_grade, said = judged(values, placebo=placebo, adjusted=adjusted, tradable=tradable)

    assert given_grade in GRADES
    assert not FORBIDDEN.search(said)
    assert 2 <= len(re.findall(r"[.!?](?=\s|$)", said)) <= 4
