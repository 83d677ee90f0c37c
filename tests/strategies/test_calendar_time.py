"""The calendar-time portfolio: who is held when, and the test of what it earned."""

from __future__ import annotations

import math

import event_test_oracle as oracle
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from pytest import approx

from strategies.calendar_time import calendar_time, portfolio
from universes.errors import BadParameter

NAN = math.nan


def windows(seed, firms, days, sessions=40, missing=0.1):
    """Returns of windows at random places of a calendar, some missing."""
    random = np.random.default_rng(seed)
    returns = 0.02 * random.normal(size=(firms, days))
    returns[random.random(returns.shape) < missing] = NAN
    rows = random.integers(0, sessions - days, (firms, 1)) + np.arange(days)
    return returns, np.where(np.isnan(returns), -1, rows)


def test_the_portfolio_is_the_mean_of_who_is_within_a_window():
    #        session 3: A; 4: A and B; 5: B, whose last return is missing.
    found = portfolio(np.array([[0.01, 0.02], [0.04, NAN]]), np.array([[3, 4], [4, -1]]))

    assert found.rows.tolist() == [3, 4]
    assert found.returns.tolist() == approx([0.01, 0.03])
    assert found.held.tolist() == [1, 2]


@settings(derandomize=True, deadline=None, max_examples=100)
@given(
    some.integers(0, 10**6), some.integers(4, 12), some.integers(2, 6), some.integers(0, 2), some.booleans()
)
def test_intercept_error_and_p_are_those_of_leaving_each_date_out(seed, firms, days, factors, weigh):
    returns, rows = windows(seed, firms, days)
    table = np.random.default_rng(seed).normal(size=(40, factors)) if factors else None

    found = calendar_time(returns, rows, table, weights="firm-events" if weigh else "dates")

    if found.reason:
        return
    slow = oracle.calendar_time(
        returns.tolist(), rows.tolist(), None if table is None else table.tolist(), weigh
    )
    told = (found.intercept, found.error, found.statistic, found.p)
    assert told == approx(slow, rel=1e-9, abs=1e-13)
    assert found.freedom == found.dates - 1 - factors


@pytest.mark.parametrize("weights", ["dates", "firm-events"])
def test_it_is_the_hc3_regression_of_statsmodels(weights):
    api = pytest.importorskip("statsmodels.api")
    returns, rows = windows(3, 30, 5)
    factors = np.random.default_rng(1).normal(size=(40, 2))
    held = portfolio(returns, rows)

    found = calendar_time(returns, rows, factors, weights=weights)

    scale = held.held if weights == "firm-events" else np.ones(len(held.rows))
    told = api.WLS(held.returns, api.add_constant(factors[held.rows]), weights=scale).fit(
        cov_type="HC3", use_t=True
    )
    assert found.intercept == approx(told.params[0], rel=1e-10)
    assert (found.error, found.statistic, found.p) == approx(
        (told.bse[0], told.tvalues[0], told.pvalues[0]), rel=1e-9
    )


def test_the_riskless_return_is_taken_off_and_sessions_without_a_factor_are_left_out():
    returns, rows = np.array([[0.01, 0.02, 0.04, 0.01]]), np.array([[0, 1, 2, 3]])
    factors = np.array([[0.0], [1.0], [NAN], [1.0]])

    plain = calendar_time(returns, rows, riskless=np.full(4, 0.01))
    short = calendar_time(returns, rows, factors)

    assert plain.intercept == approx(0.01)
    assert (plain.dates, short.dates, short.firm_events) == (4, 3, 1)


@pytest.mark.parametrize(
    ("returns", "rows", "factors", "reason"),
    [
        (
            np.empty((0, 2)),
            np.empty((0, 2), dtype=int),
            None,
            "too few dates with returns: 0, wanted 2 or more",
        ),
        ([[NAN]], [[-1]], None, "too few dates with returns: 0, wanted 2 or more"),
        ([[0.01], [0.02]], [[3], [3]], None, "too few dates with returns: 1, wanted 2 or more"),
        ([[0.01, 0.02]], [[0, 1]], np.ones((4, 1)), "too few dates with returns: 2, wanted 3 or more"),
        (
            [[0.01, 0.01, 0.01]],
            [[0, 1, 2]],
            None,
            "the portfolio has the same return on all 3 dates beyond its factors",
        ),
        (
            [[0.01, 0.02, 0.03]],
            [[0, 1, 2]],
            np.ones((4, 1)),
            "the factors cannot be told apart on these dates",
        ),
        (
            [[0.01, 0.02, 0.04]],
            [[0, 1, 2]],
            np.array([[0.0], [0.0], [1.0]]),
            "one date decides a factor alone: no standard error",
        ),
    ],
)
def test_without_dates_or_spread_there_is_a_reason(returns, rows, factors, reason):
    found = calendar_time(np.array(returns, dtype=float), np.array(rows), factors)

    assert found.reason == reason
    assert (found.intercept, found.error, found.statistic, found.p, found.freedom) == (None,) * 5


def test_a_short_table_of_factors_is_told():
    with pytest.raises(BadParameter, match="factors has 2 sessions, wanted 4: one a session"):
        calendar_time(np.array([[0.01, 0.02]]), np.array([[2, 3]]), np.ones((2, 1)))


def test_names_that_share_a_date_are_one_return_so_that_clustering_does_not_deceive_it():
    random = np.random.default_rng(9)
    hits = 0
    for _ in range(400):
        shared = random.normal(size=(20, 1, 3))
        returns = (0.6 * shared + 0.8 * random.normal(size=(20, 10, 3))).reshape(200, 3)
        rows = np.repeat(10 * np.arange(20)[:, None] + np.arange(3), 10, axis=0)
        hits += calendar_time(returns, rows).p < 0.05

    # 5 % of 400 is 20 ± 9 (two deviations).
    assert 9 <= hits <= 32
