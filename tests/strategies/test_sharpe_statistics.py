"""Sharpe-ratio statistics against published numbers and simulated trials."""

from __future__ import annotations

import numpy as np
import pytest
from answers import sharpe as published
from pytest import approx

from strategies.sharpe_statistics import (
    Moments,
    deflated_sharpe,
    deflated_sharpe_2025,
    expected_maximum,
    maximum_variance,
    minimum_backtest_length,
    minimum_track_record,
    moments,
    probabilistic_sharpe,
)


def of(count, sharpe, skewness=0.0, kurtosis=3.0):
    return Moments(count, sharpe, 1.0, sharpe, skewness, kurtosis)


def test_the_probabilistic_ratio_of_2012():
    given = of(**published.MONTHLY)

    assert probabilistic_sharpe(given) == approx(published.PSR, abs=5e-4)
    assert probabilistic_sharpe(of(24, 0.458)) == approx(published.PSR_IF_NORMAL, abs=5e-4)


def test_the_same_data_by_the_convention_of_2025():
    # One trial: the bar is zero and the variance is that of the null, 1/n.
    assert deflated_sharpe_2025(of(**published.MONTHLY), 1, 0.1) == approx(published.PSR_2025, abs=1e-3)


def test_the_deflated_ratio_of_2014_and_of_2025():
    given = of(**published.DAILY)

    assert expected_maximum(published.TRIALS, published.DEVIATION) == approx(
        published.EXPECTED_MAXIMUM, abs=5e-5
    )
    assert deflated_sharpe(given, published.TRIALS, published.DEVIATION) == approx(published.DSR, abs=5e-5)
    found = deflated_sharpe_2025(given, published.TRIALS, published.DEVIATION)
    assert found == approx(published.DSR_2025, abs=5e-5)


@pytest.mark.parametrize(("periods", "skewness", "kurtosis", "years"), published.TRACK_RECORDS)
def test_minimum_track_records_of_2012(periods, skewness, kurtosis, years):
    given = of(1_000, 2 / periods**0.5, skewness, kurtosis)

    found = minimum_track_record(given, 1 / periods**0.5)

    assert found / periods == approx(years, abs=5e-3)


def test_after_the_minimum_track_record_the_chance_is_the_confidence():
    given = of(10, 0.2, -0.5, 4.0)
    needed = minimum_track_record(given, 0.05, confidence=0.9)

    assert probabilistic_sharpe(of(needed, 0.2, -0.5, 4.0), 0.05) == approx(0.9, abs=1e-12)


def test_no_record_is_long_enough_for_a_ratio_below_the_bar():
    assert minimum_track_record(of(10, 0.1), 0.1) is None


def test_five_years_bear_forty_five_configurations():
    assert minimum_backtest_length(published.CONFIGURATIONS, 1.0) == approx(published.YEARS, abs=0.01)


def test_one_trial_needs_no_deflation():
    given = of(50, 0.3)

    assert expected_maximum(1, 0.5) == 0
    assert deflated_sharpe(given, 1, 0.5) == probabilistic_sharpe(given)


@pytest.mark.parametrize("trials", [2, 10, 100])
def test_the_expected_maximum_and_its_variance_are_those_of_drawn_trials(trials):
    largest = np.random.default_rng(trials).normal(size=(40_000, trials)).max(axis=1)

    # The formula of 2014 is an approximation for many: 2 % off at ten, more at two.
    assert expected_maximum(trials, 1.0) == approx(largest.mean(), rel=0.1 if trials == 2 else 0.03)
    assert maximum_variance(trials) == approx(largest.var(), rel=0.04)
    assert maximum_variance(1) == approx(1.0, abs=1e-9)


def test_moments_by_hand():
    # 1, 2, 3, 6 %: mean 3 %; off it -2, -1, 0, 3: squares add to 14, cubes to 18, fourth powers to 98.
    found = moments([0.01, 0.02, float("nan"), 0.03, 0.06])

    assert found.count == 4
    assert found.mean == approx(0.03)
    assert found.deviation == approx((14 / 3) ** 0.5 / 100)
    assert found.sharpe == approx(3 / (14 / 3) ** 0.5)
    assert found.skewness == approx((18 / 4) / (14 / 4) ** 1.5)
    assert found.kurtosis == approx((98 / 4) / (14 / 4) ** 2)


@pytest.mark.parametrize("returns", [[], [0.01], [0.01, 0.02], [0.02, 0.02, 0.02, 0.02]])
def test_too_few_returns_or_equal_ones_have_no_moments(returns):
    assert moments(returns) is None


@pytest.mark.slow
@pytest.mark.parametrize("linked", [0.0, 0.5])
def test_the_best_of_many_without_skill_is_seldom_called_skilled(linked):
    random, called, studies, trials = np.random.default_rng(1), 0, 1_500, 50
    for _ in range(studies):
        common = random.normal(size=(250, 1))
        returns = np.sqrt(1 - linked) * random.normal(size=(250, trials)) + np.sqrt(linked) * common
        ratios = returns.mean(axis=0) / returns.std(axis=0, ddof=1)
        best = moments(returns[:, ratios.argmax()])
        called += deflated_sharpe(best, trials, ratios.std(ddof=1)) > 0.95

    # notes of the field: at most 2 % (0 to 1.7 % observed).
    assert called / studies <= 0.02
