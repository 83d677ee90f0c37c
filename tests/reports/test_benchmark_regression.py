"""The regression against statsmodels, and what must be refused or left out."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx

from reports.benchmark_regression import regression


def walk(seed, count=400, start="2020-01-01"):
    noise = np.random.default_rng(seed)
    return pd.Series(
        100 * np.cumprod(1 + noise.standard_t(4, count) * 0.01), pd.bdate_range(start, periods=count)
    )


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(62, 900))
def test_numbers_are_those_of_statsmodels_with_newey_west_errors(seed, count):
    ols = pytest.importorskip("statsmodels.regression.linear_model").OLS
    book, benchmark = walk(seed, count), walk(seed + 1, count)
    found = regression(book, benchmark)
    y, x = (series.pct_change().iloc[1:].to_numpy() for series in (book, benchmark))
    fitted = ols(y, np.column_stack([np.ones_like(x), x])).fit(
        cov_type="HAC", cov_kwds={"maxlags": found.lags, "use_correction": True}
    )

    assert (found.intercept, found.slope) == (approx(fitted.params[0]), approx(fitted.params[1]))
    assert (found.intercept_error, found.slope_error) == (approx(fitted.bse[0]), approx(fitted.bse[1]))
    assert found.explained == approx(fitted.rsquared)


def test_the_number_of_lags_is_the_rule_of_thumb_of_1994():
    # 4 (252 / 100)^(2/9) = 4.91.
    assert regression(walk(1, 253), walk(2, 253)).lags == 4


def test_a_book_that_is_its_benchmark_has_slope_one_and_no_intercept():
    benchmark = walk(3)
    found = regression(benchmark * 7, benchmark)

    assert found.slope == approx(1)
    assert found.intercept == approx(0, abs=1e-15)
    assert found.explained == approx(1)


def test_days_that_one_of_them_misses_are_left_out_before_returns_are_taken():
    benchmark = walk(4)
    book = benchmark.drop(benchmark.index[[50, 51, 200]]) * 3
    found = regression(book, benchmark)

    # Three days missing of 400: 397 values, 396 returns; over the holes both grow by as much.
    assert found.sessions == 396
    assert found.slope == approx(1)


def test_series_without_a_common_day_have_no_regression():
    found = regression(walk(5), walk(6, start="2010-01-01"))

    assert found.slope is None
    assert found.reason == "0 returns in common; it needs 60"


def test_a_benchmark_that_never_moves_explains_nothing():
    found = regression(walk(7), pd.Series(1.0, index=walk(7).index))

    assert (found.slope, found.reason) == (None, "the benchmark never moved")


def test_an_idle_book_has_slope_zero_and_explains_nothing():
    found = regression(pd.Series(1.0, index=walk(8).index), walk(8))

    assert found.slope == approx(0)
    assert found.explained is None


def compounded(returns):
    return pd.Series(
        100 * np.cumprod([1.0, *(1 + returns)]), pd.bdate_range("2024-01-02", periods=len(returns) + 1)
    )


def test_sixty_returns_worked_by_hand():
    # In cycles of four the benchmark returns +1, +1, −1, −1 %, the book 2 × that + 1 % + e with
    # e = +1, −1, +1, −1 %. e is orthogonal to both, so intercept 1 % and slope 2; R² = 1 − 1 / (2² + 1) = 0.8.
    # Of 60 returns the lags are ⌊4 · 0.6^(2/9)⌋ = ⌊3.57⌋ = 3, Bartlett's weights 3/4, 1/2, 1/4; the squares of
    # the benchmark add up to 60 · 10⁻⁴.
    # e, in %: 60 + 2 (−3/4 · 59 + 1/2 · 58 − 1/4 · 57) = 1, over 60², times 60 / 58.
    # Benchmark × e cycles through +, −, −, +, in 10⁻⁴: sums of products at lags 1, 2, 3 are −1, −58, +1, so
    # 60 + 2 (−3/4 − 29 + 1/4) = 1, times 10⁻⁸ over (60 · 10⁻⁴)², times 60 / 58.
    x = np.tile([0.01, 0.01, -0.01, -0.01], 15)
    e = np.tile([0.01, -0.01, 0.01, -0.01], 15)
    found = regression(compounded(2 * x + 0.01 + e), compounded(x))

    assert (found.sessions, found.lags) == (60, 3)
    assert (found.intercept, found.slope, found.explained) == (approx(0.01), approx(2), approx(0.8))
    assert found.intercept_error == approx(0.01 / 60 * math.sqrt(60 / 58))
    assert found.slope_error == approx(1 / 60 * math.sqrt(60 / 58))


def test_a_missing_value_leaves_out_the_two_returns_it_is_part_of():
    benchmark = walk(9)
    book = (benchmark * 3).where(benchmark.index != benchmark.index[70])
    found = regression(book, benchmark)

    assert found.sessions == 397
    assert found.slope == approx(1)


def test_the_return_to_nothing_counts_and_none_after_it():
    benchmark = walk(10)
    book = (benchmark * 3).where(benchmark.index < benchmark.index[300], 0.0)

    # 299 returns up to row 299, and the loss of everything in row 300.
    assert regression(book, benchmark).sessions == 300
    assert math.isfinite(regression(book, benchmark).slope)


def test_a_return_from_nothing_is_left_out():
    benchmark = walk(10)
    book = (benchmark * 3).where(benchmark.index != benchmark.index[70], 0.0)

    # 399 returns without the one after the row of zero.
    assert regression(book, benchmark).sessions == 398
    assert math.isfinite(regression(book, benchmark).slope)


def test_one_in_another_time_zone_or_stamped_at_the_close_is_matched_by_day():
    book, benchmark = walk(11), walk(12)
    wanted = regression(book, benchmark)
    at_close = benchmark.set_axis(benchmark.index + pd.Timedelta(hours=16))

    assert regression(book.tz_localize("Australia/Sydney"), benchmark) == wanted
    assert regression(book, at_close.tz_localize("America/New_York")) == wanted


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([*range(200, 400), *range(200)], "sessions are not in order"),
        ([*range(400), 399], "sessions are not in order"),
        ([], "no session"),
        (range(0, 400, 20), "one value every 28 days; it needs one a session"),
    ],
)
def test_what_is_not_one_value_a_session_in_order_has_no_regression(rows, reason):
    whole, part = walk(13), walk(14).iloc[list(rows)]

    assert regression(part, whole).reason == regression(whole, part).reason == reason


def test_one_day_of_return_has_no_regression():
    found = regression(walk(15, count=2), walk(16, count=2))

    assert found.reason == "1 returns in common; it needs 60"


def test_months_of_cash_lower_the_slope_and_are_counted():
    # In cash for the first half: there the book returns 0.
    benchmark = walk(17, count=401)
    returns = benchmark.pct_change().to_numpy()[1:] * np.repeat([0.0, 1.0], 200)
    book = pd.Series(100 * np.cumprod([1.0, *(1 + returns)]), index=benchmark.index)
    found = regression(book, benchmark)

    assert found.sessions == 400
    assert 0 < found.slope < 1
