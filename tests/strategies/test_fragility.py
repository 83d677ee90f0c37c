"""What a mean hangs on, worked out by hand."""

from __future__ import annotations

from math import nan

import numpy as np
import pytest
from pytest import approx

from strategies.fragility import (
    firm_parts,
    largest_share,
    leave_one_out,
    run_up_share,
    tradable_share,
    variance_ratio,
    winsorised_mean,
)


def test_the_range_of_the_mean_without_each_date():
    # Without 0.10: 0.01; without -0.01: 0.04; without 0.03: 0.03; without 0.00: 0.04.
    found = leave_one_out([0.10, -0.01, 0.03, 0.00])

    assert (found.low, found.high) == approx(((-0.01 + 0.03) / 3, (0.10 + 0.03 + 0.00) / 3))
    assert found.pivotal == 0
    assert not found.changes_sign


def test_a_date_that_decides_the_sign_is_said():
    assert leave_one_out([0.10, -0.01, -0.02]).changes_sign


@pytest.mark.parametrize("values", [[], [0.1], [nan, 0.1]])
def test_leaving_one_out_needs_two(values):
    assert leave_one_out(values).low is None
    assert "leaving one out needs two" in leave_one_out(values).reason


def test_equal_dates_have_a_range_and_no_p():
    found = leave_one_out([0.02, 0.02, 0.02])

    assert (found.low, found.high, found.worst_p) == (approx(0.02), approx(0.02), None)


def test_the_largest_part_is_of_what_moved_the_way_of_the_mean():
    # The sum is +0.05; of the +0.08 that moved up, 0.06 is one date.
    found = largest_share([0.06, -0.03, 0.02], ["one", "two", "three"])

    assert (found.value, found.of) == (approx(0.75), "one")
    assert largest_share([-0.06, 0.03, -0.02], ["one", "two", "three"]).value == approx(0.75)
    assert largest_share([0.0, nan], ["one", "two"]).reason == "nothing moved"


def test_parts_of_firms_add_up_to_the_mean_over_episodes():
    car = np.array([0.04, 0.02, nan, 0.06, 0.01])
    episode = np.array([0, 0, 0, 1, 2])
    firms = ["a", "b", "b", "a", "c"]

    parts, names = firm_parts(car, episode, firms)

    # Three episodes: (0.04 + 0.02) / 2, 0.06 and 0.01; a has 0.04 / 2 and 0.06 of them.
    assert names == ("a", "b", "c")
    assert parts == approx([(0.02 + 0.06) / 3, 0.01 / 3, 0.01 / 3])
    assert parts.sum() == approx((0.03 + 0.06 + 0.01) / 3)


def test_what_came_after_the_first_open_can_be_earned():
    gap, after = np.array([0.03, 0.01, nan]), np.array([0.01, 0.01, 0.5])

    # One episode of two firms and one of a firm without a gap: (0.02, 0.01), of 0.03 a third.
    assert tradable_share(gap, after, np.array([0, 0, 1])).value == approx(1 / 3)
    assert tradable_share(gap, -gap, np.array([0, 0, 1])).reason == "the reaction is too near zero to divide"
    assert "no firm-event" in tradable_share(np.array([nan]), np.array([0.1]), np.array([0])).reason


def test_more_than_all_was_earned_where_the_open_went_the_other_way():
    assert tradable_share(np.array([-0.01]), np.array([0.03]), np.array([0])).value == approx(1.5)


def test_a_run_up_is_a_part_of_both_together():
    assert run_up_share(np.array([0.01, 0.03, nan]), np.array([0.04, 0.04, 0.9])).value == approx(1 / 3)
    assert run_up_share(np.array([nan]), np.array([0.1])).reason == "no episode has both"


def test_a_tenth_of_each_end_is_pulled_in():
    # Of ten, 9.0 becomes 0.8 and -5.0 becomes 0.0.
    values = [9.0, -5.0, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8]

    assert winsorised_mean(values) == approx((0.8 + 0.0 + 0.0 + 0.1 + 0.2 + 0.3 + 0.4 + 0.5 + 0.6 + 0.8) / 10)
    assert winsorised_mean([0.5]) == 0.5
    assert winsorised_mean([]) is None


def test_a_variance_four_times_the_usual_is_found():
    # Variance of ±0.02, n − 1: 0.0004 × 10 / 9; usual 0.0001: ratio 40 / 9, times 9 degrees of freedom is 40.
    found = variance_ratio([0.02, -0.02] * 5, [0.0001] * 10)

    assert found.ratio == approx(40 / 9)
    # Chance that chi-squared with 9 degrees of freedom exceeds 40, from tables: below 0.00001.
    assert found.p < 1e-4
    assert variance_ratio([0.01], [0.0001]).reason == "1 episodes: a variance needs two"
    assert variance_ratio([0.01, 0.02], [0.0, 0.0]).reason == "ordinary days have no variance"


def test_chi_squared_of_two_degrees_is_an_exponential():
    # Three values of variance 0.0004 over 0.0002: 2 × 2 = 4 on 2 degrees of freedom: exp(-4 / 2).
    values = [0.02, 0.0, -0.02]
    assert variance_ratio(values, [0.0002] * 3).p == approx(np.exp(-2.0))


def test_parts_that_nearly_cancel_have_no_share():
    assert run_up_share(np.array([-0.03]), np.array([0.031])).reason == (
        "the parts of run-up and reaction together go opposite ways: -3.0% and +3.1%"
    )
    assert run_up_share(np.array([-0.01]), np.array([0.03])).value == approx(-0.5)
