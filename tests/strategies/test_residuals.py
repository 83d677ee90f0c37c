"""Residuals of firm-events: their spread, their standardisation, and how they move together on dates."""

from __future__ import annotations

import math

import event_test_oracle as oracle
import numpy as np
import pytest
import residual_worlds as worlds
from hypothesis import given, settings
from hypothesis import strategies as some
from pytest import approx
from scipy import stats

from strategies import abnormal_returns
from strategies.residuals import (
    MOST_MISSING,
    Residuals,
    average_correlation,
    effective_number,
    episode_correlation,
    midranks,
    prediction_factors,
)
from universes.errors import BadParameter

NAN = math.nan
PANELS = some.builds(
    worlds.ragged,
    seed=some.integers(0, 10**6),
    firms=some.integers(2, 9),
    sessions=some.integers(12, 30),
    days=some.integers(1, 6),
    missing=some.sampled_from([0.0, 0.1, 0.3]),
    ties=some.booleans(),
)


@settings(derandomize=True, deadline=None, max_examples=80)
@given(PANELS)
def test_sums_by_date_give_the_average_over_pairs(panel):
    slow = oracle.Panel.of(panel)
    if len(slow.firms()) < 2:
        assert average_correlation(panel) is None
        return

    assert average_correlation(panel) == approx(oracle.average_correlation(slow), abs=1e-12)
    assert episode_correlation(panel) == approx(
        oracle.average_correlation(slow, within_episodes=True), abs=1e-12
    )


def test_on_shared_dates_it_is_pearsons_correlation():
    random = np.random.default_rng(1)
    table = random.normal(size=(6, 40)) + random.normal(size=40) + 0.3

    found = average_correlation(worlds.residuals(table, np.zeros((6, 1))))

    assert found == approx(np.corrcoef(table)[np.triu_indices(6, 1)].mean(), rel=1e-12)


def test_a_firm_of_a_hundred_times_the_variance_weighs_no_more():
    # A sum of products would be ruled by the wild firm; a correlation is not.
    random = np.random.default_rng(2)
    table = random.normal(size=(4, 30))
    wild = table * np.array([[100.0], [1], [1], [1]])

    calm, found = (average_correlation(worlds.residuals(one, np.zeros((4, 1)))) for one in (table, wild))

    assert found == approx(calm, rel=1e-12)
    assert -1 <= found <= 1


def test_pairs_are_joined_by_date_and_not_by_place_in_the_window():
    # The second window lies two sessions later: rows 2 and 3 are shared, with products 1·1 and −1·−1 over 4.
    table = np.array([[-1.0, 1, 1, -1], [1, -1, 1, -1]])
    rows = np.array([[0, 1, 2, 3], [2, 3, 4, 5]])

    found = average_correlation(worlds.residuals(table, [[0.1], [0.2]], estimation_rows=rows, parameters=0))

    assert found == approx(2 / 4)
    # By place in the window it would be (−1 − 1 + 1 + 1)/4.
    assert average_correlation(worlds.residuals(table, [[0.1], [0.2]], parameters=0)) == approx(0.0)


def test_windows_that_share_no_date_count_zero_and_stay_among_the_pairs():
    # Two equal firms on one date, one elsewhere: three pairs, one with correlation 1.
    table = np.array([[1.0, -1, 2, -2]] * 3)
    rows = np.array([[0, 1, 2, 3], [0, 1, 2, 3], [10, 11, 12, 13]])

    found = average_correlation(worlds.residuals(table, [[0.1]] * 3, estimation_rows=rows, parameters=0))

    assert found == approx(1 / 3)


def test_pairs_of_different_episodes_count_zero_although_their_estimation_windows_overlap():
    table = np.array([[1.0, -1, 2, -2]] * 3)
    panel = worlds.residuals(table, [[0.1]] * 3, parameters=0, episode=np.array([7, 7, 3]))

    assert average_correlation(panel) == approx(1.0)
    assert episode_correlation(panel) == approx(1 / 3)


def test_ten_names_on_ten_dates_with_correlation_0_3_are_27():
    # 9 of the 99 others share the date: 0.3 × 9 / 99; 100 / (1 + 99 × 0.02727) = 100 / 3.7.
    assert effective_number(100, 0.3 * 9 / 99) == approx(27.027, abs=1e-3)
    assert effective_number(2, -1.0) is None


@settings(derandomize=True, deadline=None, max_examples=60)
@given(some.integers(0, 10**6), some.integers(1, 6), some.sampled_from([0.0, 0.2, 0.5]), some.booleans())
def test_missing_returns_take_no_rank_and_equal_ones_share_theirs(seed, firms, missing, ties):
    panel = worlds.ragged(seed, firms, 15, 1, missing, ties)

    found = midranks(panel.estimation)

    for ranks, values in zip(found, panel.estimation):
        known = np.isfinite(values)
        assert ranks[known].tolist() == stats.rankdata(values[known]).tolist()
        assert np.isnan(ranks[~known]).all()


def test_the_deviation_is_over_sessions_less_parameters():
    # 1 + 4 + 9 + 16 + 4 = 34 over 5 sessions less 2 parameters; the missing one is no session.
    panel = worlds.residuals([[1, 2, NAN, 3, 4, -2]], [[0.1]])

    assert panel.deviation.tolist() == [approx(math.sqrt(34 / 3))]
    assert panel.counts.tolist() == [5]


def test_a_window_is_the_sum_of_its_days_and_nothing_with_more_than_a_fifth_missing():
    panel = worlds.residuals(np.ones((2, 4)), [[0.01, 0.02, NAN, 0.03, 0.01], [0.01, NAN, NAN, 0.03, 0.01]])

    assert panel.car[0] == approx(0.07)
    assert np.isnan(panel.car[1])
    assert MOST_MISSING == abnormal_returns.MOST_MISSING


@settings(derandomize=True, deadline=None, max_examples=60)
@given(some.integers(0, 10**6), some.sampled_from([0.0, 0.2]))
def test_the_prediction_error_of_the_market_model_is_its_closed_form(seed, missing):
    random = np.random.default_rng(seed)
    before, after = 0.01 * random.normal(size=(3, 25)), 0.03 * random.normal(size=(3, 5))
    before[random.random(before.shape) < missing] = NAN
    after[random.random(after.shape) < missing] = NAN

    daily, whole = prediction_factors(
        *(np.stack([one**0, one], axis=2) * one[:, :, None] ** 0 for one in (before, after))
    )

    for i in range(3):
        lists = [[None if math.isnan(x) else x for x in one[i]] for one in (before, after)]
        days, window = oracle.prediction_factors(*lists)
        assert [None if math.isnan(x) else x for x in daily[i]] == [x and approx(x, rel=1e-11) for x in days]
        assert whole[i] == approx(window, rel=1e-11)


def test_a_wild_market_day_and_a_short_window_make_the_prediction_worse():
    # Market −1, 0, 1 (mean 0, squares 2), the day at 2: 1 + 1/3 + 4/2. Two days at 2: 2 + 4/3 + 16/2.
    regressors = np.array([[[1.0, -1], [1, 0], [1, 1]]])

    daily, whole = prediction_factors(regressors, np.array([[[1.0, 2], [1, 2]]]))

    assert daily.tolist() == [[approx(10 / 3)] * 2]
    assert whole.tolist() == [approx(2 + 4 / 3 + 8)]


def test_prediction_errors_have_the_variance_they_are_said_to_have():
    random = np.random.default_rng(4)
    market = random.normal(size=(1, 14, 1))
    market[:, -2:] += 1.5
    design = np.concatenate([np.ones_like(market), market], axis=2)
    daily, whole = prediction_factors(design[:, :12], design[:, 12:])
    noise = random.normal(size=(14, 200_000))
    fitted = design[0] @ np.linalg.lstsq(design[0, :12], noise[:12], rcond=None)[0]

    errors = (noise - fitted)[12:]

    # 200,000 draws know a variance to ± 0.3 %, three times that is allowed.
    assert errors.var(axis=1) == approx(daily[0], rel=0.01)
    assert errors.sum(axis=0).var() == approx(whole[0], rel=0.01)


def test_regressors_that_cannot_be_told_apart_have_no_prediction_error():
    flat = np.ones((1, 10, 2))

    daily, whole = prediction_factors(flat, flat[:, :2])

    assert np.isnan(daily).all()
    assert np.isnan(whole).all()
    nothing = prediction_factors(np.full((1, 10, 2), NAN), np.full((1, 2, 2), NAN))
    assert all(np.isnan(part).all() for part in nothing)


def test_one_day_of_a_window_is_a_window():
    panel = worlds.residuals(
        np.ones((2, 4)), [[0.01, 0.02], [0.03, NAN]], prediction=np.array([[1.1, 1.2], [1.3, 1.4]])
    )

    day = panel.day(1)

    assert day.event.tolist()[0] == [0.02]
    assert np.isnan(day.car[1])
    assert day.car_prediction.tolist() == [1.2, 1.4]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"episode": np.zeros(3, dtype=int)}, "residuals: episode has shape (3,), wanted (2,)"),
        ({"prediction": np.ones((2, 2))}, "residuals: prediction has shape (2, 2), wanted (2, 1)"),
        ({"event": np.ones((3, 1))}, "residuals: event has shape (3, 1), wanted (2, 1)"),
        (
            {"event": np.ones((2, 0)), "prediction": np.ones((2, 0))},
            "residuals: estimation and event are tables",
        ),
        ({"parameters": -1}, "residuals: parameters is -1, wanted 0 or more"),
    ],
)
def test_shapes_that_do_not_fit_are_told(changes, told):
    good = worlds.residuals(np.ones((2, 4)), np.ones((2, 1)))
    fields = {name: getattr(good, name) for name in Residuals.__dataclass_fields__}

    with pytest.raises(BadParameter) as found:
        Residuals(**fields | changes)

    assert str(found.value).startswith(told)
