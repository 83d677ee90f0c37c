"""The regression against statsmodels, and what must be refused or left out."""

from __future__ import annotations

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
