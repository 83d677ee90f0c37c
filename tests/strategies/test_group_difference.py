"""Differences between groups by hand, and how often they are called unusual when there is none."""

from __future__ import annotations

from math import nan, sqrt

import numpy as np
import pytest
from pytest import approx

from strategies.date_test import date_test
from strategies.group_difference import OTHER_DATES, SAME_DATES, differences


def test_on_dates_with_both_the_mean_difference_is_tested():
    # Dates 0 to 2: group a has 4, 6 and (1 + 3) / 2 %; the others 1, 2 and 1 %. Differences 3, 4 and 1 %.
    values = np.array([0.04, 0.01, 0.06, 0.02, 0.01, 0.03, 0.01, 0.09])
    episode = np.array([0, 0, 1, 1, 2, 2, 2, 3])
    words = ["a", "b", "a", "c", "a", "a", "b", "a"]

    found = {item.group: item for item in differences(values, episode, words, ["a", "b", "c"])}

    wanted = date_test([0.03, 0.04, 0.01], 0, 0)
    assert (found["a"].by, found["a"].both, found["a"].alone) == (SAME_DATES, 3, 1)
    assert (found["a"].mean, found["a"].p) == (approx(wanted.mean), approx(wanted.p))
    assert (found["a"].low, found["a"].high) == (approx(wanted.low), approx(wanted.high))
    assert found["c"].reason == "too few dates: 1 with both, 3 wanted"
    # b has dates 0 and 2 with others, and none alone.
    assert found["b"].p is None


def test_on_different_dates_welch_holds_them_against_one_another():
    # Group a on three dates: 1, 2, 3 %, variance 1; others on four: 5, 5, 7, 7 %, variance 4/3. Error √(1/3 + 1/3).
    values = np.array([0.01, 0.02, 0.03, 0.05, 0.05, 0.07, 0.07])
    words = ["a"] * 3 + ["b"] * 4

    found = differences(values, np.arange(7), words, ["a", "b"])[0]

    assert (found.by, found.alone, found.others) == (OTHER_DATES, 3, 4)
    assert found.mean == approx(-0.04)
    # Two degrees of freedom, one less than the three dates; t = -4 / 0.816 = -4.899.
    from scipy.stats import t

    assert found.p == approx(2 * t.cdf(-4 / sqrt(2 / 3), 2))
    assert (found.high - found.low) / 2 == approx(t.ppf(0.975, 2) * sqrt(2 / 3) / 100)


def test_two_groups_mirror_one_another_and_one_alone_has_no_difference():
    random = np.random.default_rng(0)
    values, episode = random.normal(0, 0.02, 40), np.repeat(np.arange(10), 4)
    words = ["a", "a", "b", "b"] * 10
    one, other = differences(values, episode, words, ["a", "b"])

    assert one.mean == approx(-other.mean)
    assert one.p == approx(other.p)
    assert one.adjusted == approx(min(2 * one.p, 1))
    assert differences(values, episode, ["a"] * 40, ["a"]) == ()


def test_missing_returns_and_no_firm_event_leave_reasons():
    assert differences(np.array([]), np.array([], dtype=int), [], []) == ()
    found = differences(np.array([nan, nan]), np.array([0, 1]), ["a", "b"], ["a", "b"])
    assert all("too few dates" in item.reason for item in found)


@pytest.mark.parametrize("linked", [0.0, 0.6])
def test_groups_alike_differ_in_one_study_of_twenty_however_their_dates_move(linked):
    random, called = np.random.default_rng(1), 0
    episode, words = np.repeat(np.arange(12), 6), ["a", "a", "b", "b", "b", "b"] * 12
    for _ in range(1_000):
        shock = random.normal(size=(12, 1))
        values = 0.02 * (np.sqrt(linked) * shock + np.sqrt(1 - linked) * random.normal(size=(12, 6))).ravel()
        called += differences(values, episode, words, ["a", "b"])[0].p <= 0.05

    # Standard error of 1,000 studies: 0.7 points.
    assert abs(called / 1_000 - 0.05) < 0.022


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dates", "spread"), [((8, 8), (1, 1)), ((6, 20), (3, 1)), ((5, 5), (1, 3)), ((3, 9), (3, 1))]
)
def test_different_dates_are_held_to_the_level_however_firms_of_one_date_move_together(dates, spread):
    random, count = np.random.default_rng(5), sum(dates)
    episode, words = np.repeat(np.arange(count), 4), np.repeat(["a", "b"], [4 * number for number in dates])
    scale, called = np.repeat(spread, dates)[:, None], 0
    for _ in range(4_000):
        shock, own = random.normal(size=(count, 1)), random.normal(size=(count, 4))
        values = (0.02 * scale * (np.sqrt(0.6) * shock + np.sqrt(0.4) * own)).ravel()
        found = differences(values, episode, words.tolist(), ["a", "b"])[0]
        assert found.by == OTHER_DATES
        called += found.p <= 0.05

    # Never above the level, and often below: standard error of 4,000 studies 0.35 points.
    assert 0.005 < called / 4_000 < 0.06
