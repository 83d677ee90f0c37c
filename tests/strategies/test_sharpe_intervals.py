"""Intervals of Sharpe ratios: closed forms, plain loops, and how often they hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from pytest import approx

from strategies.sharpe_intervals import lo_factor, lo_factor_ar1, sharpe_difference, sharpe_interval


def autoregression(random, count, rho, mean=0.0005):
    """Returns that follow the day before by `rho`, with fat tails."""
    shocks = random.standard_t(5, count) * 0.01
    found = np.empty(count)
    found[0] = shocks[0]
    for at in range(1, count):
        found[at] = rho * found[at - 1] + shocks[at]
    return found + mean


def test_a_year_of_independent_returns_has_the_root_of_its_periods():
    assert lo_factor_ar1(0.0, 12) == approx(12**0.5)


@pytest.mark.parametrize("rho", [-0.3, 0.1, 0.5])
def test_the_closed_form_is_the_sum_over_lags(rho):
    # ρ_k = ρ^k in the sum over lags.
    q = 12
    summed = q / (q + 2 * sum((q - k) * rho**k for k in range(1, q))) ** 0.5

    assert lo_factor_ar1(rho, q) == approx(summed, rel=1e-12)


def test_the_sample_form_is_a_plain_loop_over_lags():
    returns = autoregression(np.random.default_rng(0), 400, 0.2)
    off, q = returns - returns.mean(), 21
    rho = [sum(off[k:] * off[: len(off) - k]) / sum(off**2) for k in range(1, q)]
    plain = q / (q + 2 * sum((q - k) * rho[k - 1] for k in range(1, q))) ** 0.5

    assert lo_factor(returns, q) == approx(plain, rel=1e-9)


def test_returns_that_follow_the_day_before_have_a_smaller_yearly_ratio():
    returns = autoregression(np.random.default_rng(1), 5_000, 0.3)

    assert lo_factor(returns, 12) == approx(lo_factor_ar1(0.3, 12), rel=0.06)
    assert lo_factor(returns, 12) < 12**0.5


@pytest.mark.parametrize("returns", [np.zeros(600), np.full(10, 0.01), [0.01, float("nan")] * 300])
def test_a_factor_needs_spread_and_two_spans(returns):
    assert lo_factor(returns, 252) is None


def test_the_interval_holds_the_estimate_and_is_the_same_again():
    returns = autoregression(np.random.default_rng(2), 500, 0.1)
    found = sharpe_interval(returns)

    assert found.value == approx(returns.mean() / returns.std(), rel=1e-12)
    assert found.low < found.value < found.high
    assert found == sharpe_interval(returns)
    assert found != sharpe_interval(returns, seed=1)


def test_independent_normal_returns_have_the_width_of_the_closed_form():
    # Standard error √((1 + SR²/2)/n) = 0.0224 for n = 2,000; 1.96 of them to either side.
    found = sharpe_interval(np.random.default_rng(3).normal(0.0005, 0.01, 2_000))

    assert (found.high - found.low) / 2 == approx(1.96 * 2_000**-0.5, rel=0.12)


def test_a_series_beside_itself_has_no_difference_and_beside_its_half_none_either():
    returns = autoregression(np.random.default_rng(4), 300, 0.0)

    assert sharpe_difference(returns, returns).reason == "the difference never moved"
    # A ratio does not change with leverage: the difference is zero but for rounding.
    assert sharpe_difference(returns, 0.5 * returns).value == approx(0, abs=1e-12)


def test_a_clear_difference_is_found_and_a_twin_is_not():
    random = np.random.default_rng(5)
    common = random.normal(0, 0.01, 1_500)
    good, bad = common + random.normal(0.002, 0.005, 1_500), common + random.normal(-0.001, 0.005, 1_500)
    twin = common + random.normal(0.002, 0.005, 1_500)

    assert sharpe_difference(good, bad).p < 0.01
    assert sharpe_difference(good, bad).low > 0
    assert sharpe_difference(good, twin).p > 0.05
    assert sharpe_difference(bad, good).value == approx(-sharpe_difference(good, bad).value, rel=1e-12)


def test_dates_that_one_of_two_lacks_are_left_out():
    random = np.random.default_rng(6)
    a, b = random.normal(0.001, 0.01, (2, 200))
    holed = a.copy()
    holed[::7] = np.nan
    kept = np.isfinite(holed)

    assert sharpe_difference(holed, b) == sharpe_difference(a[kept], b[kept])


@pytest.mark.parametrize("returns", [[], [0.01] * 19, [0.01] * 30])
def test_too_little_is_a_sentence(returns):
    found = sharpe_interval(returns)

    assert found.value is None
    assert found.reason in (f"{len(returns)} returns: an interval needs 20", "the series never moved")


def test_a_book_that_moved_on_one_day_has_a_ratio_and_no_interval():
    returns = np.zeros(400)
    returns[7] = 0.02

    found = sharpe_interval(returns)

    assert found.value == approx(returns.mean() / returns.std())
    assert (found.low, found.high) == (None, None)
    assert found.reason == "most blocks never move: no interval"


@pytest.mark.slow
@pytest.mark.parametrize(("rho", "least"), [(0.0, 0.925), (0.2, 0.91)])
def test_the_interval_holds_the_truth_as_often_as_it_says(rho, least):
    random, held, studies = np.random.default_rng(7), 0, 400
    # Of the stationary series: mean over deviation σ/√(1 − ρ²); Student's t with 5 has variance 5/3.
    truth = 0.0005 / (0.01 * (5 / 3) ** 0.5 / (1 - rho**2) ** 0.5)
    for _ in range(studies):
        found = sharpe_interval(autoregression(random, 756, rho), draws=499)
        held += found.low <= truth <= found.high

    assert held / studies >= least
