"""The date-level test: its numbers, its size under clustering, and how events become episodes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from pytest import approx
from scipy import stats

from strategies.date_test import band, critical, date_test, detectable_errors, without_each
from strategies.episodes import means, merge

VALUES = [0.021, -0.004, 0.013, 0.035, 0.007]


def test_t_p_and_interval_are_those_of_scipy():
    found = date_test(VALUES, 0, 1)

    told = stats.ttest_1samp(VALUES, 0.0)
    interval = told.confidence_interval(0.95)
    assert (found.t, found.p) == approx((told.statistic, told.pvalue), rel=1e-12)
    assert (found.low, found.high) == approx((interval.low, interval.high), rel=1e-12)
    # Sum 0.072 over 5; sorted -0.004 0.007 0.013 0.021 0.035; four of five above zero.
    assert (found.episodes, found.mean, found.median, found.positive) == (5, approx(0.0144), 0.013, 0.8)
    assert (found.first, found.last, found.reason) == (0, 1, "")


@pytest.mark.parametrize("episodes", [3, 4, 6, 10, 30, 200])
def test_the_detectable_mean_is_found_in_80_of_100_studies(episodes):
    shift = detectable_errors(episodes)

    reach = stats.t.ppf(0.975, episodes - 1)
    law = stats.nct(episodes - 1, shift)
    assert law.sf(reach) + law.cdf(-reach) == approx(0.8, abs=2e-6)
    spread = np.std(VALUES, ddof=1) / math.sqrt(5)
    assert date_test(VALUES, 0, 1).detectable == approx(detectable_errors(5) * spread, rel=1e-12)


def test_the_detectable_mean_of_the_published_design():
    # Ten names of 3.5 % a day with correlation 0.3: one date's mean has 0.035 × sqrt(0.3 + 0.7 / 10) = 2.13 %;
    # ten dates find 2.1 %, three 7.0 %.
    spread = 0.035 * math.sqrt(0.3 + 0.7 / 10)

    assert detectable_errors(10) * spread / math.sqrt(10) == approx(0.0212, abs=5e-4)
    assert detectable_errors(3) * spread / math.sqrt(3) == approx(0.0695, abs=5e-4)


@pytest.mark.parametrize(
    ("values", "mean", "reason"),
    [
        ([], None, "no episode has a value"),
        ([math.nan], None, "no episode has a value"),
        ([0.02], 0.02, "one episode: a test needs two"),
        ([0.02, math.nan], 0.02, "one episode: a test needs two"),
        ([0.01, 0.01, 0.01], 0.01, "all 3 episodes have the same value"),
        ([0.0, 0.0], 0.0, "all 2 episodes have the same value"),
    ],
)
def test_without_a_spread_there_is_a_reason_and_never_a_nan(values, mean, reason):
    found = date_test(values, 0, 1)

    assert found.mean == (None if mean is None else approx(mean))
    assert (found.low, found.high, found.t, found.p, found.detectable) == (None,) * 5
    assert found.reason == reason


def test_leaving_each_out_gives_the_tests_of_the_others():
    found = without_each(VALUES)

    assert [item.mean for item in found] == approx(
        [np.mean(VALUES[:at] + VALUES[at + 1 :]) for at in range(5)]
    )
    assert {item.episodes for item in found} == {4}


def test_the_band_of_a_column_is_the_interval_of_its_test():
    table = np.array([VALUES, VALUES[::-1], [0.0] * 5]).T

    mean, low, high = band(table)

    one = date_test(VALUES, 0, 1)
    assert (mean[0], low[0], high[0]) == approx((one.mean, one.low, one.high), rel=1e-12)
    assert np.isnan(band(table[:1])[1]).all()


def clustered(seed: int, studies: int, dates: int, names: int, correlation: float) -> np.ndarray:
    """Abnormal returns without any effect, shape (studies, dates, names): names of one date share a shock."""
    random = np.random.default_rng(seed)
    shared = random.standard_t(4, size=(studies, dates, 1))
    own = random.standard_t(4, size=(studies, dates, names))
    return 0.03 * (math.sqrt(correlation) * shared + math.sqrt(1 - correlation) * own)


def test_under_clustering_the_date_level_test_keeps_its_size_and_one_over_firm_events_does_not():
    nulls = clustered(seed=7, studies=1000, dates=10, names=10, correlation=0.5)

    by_date = np.mean([date_test(study.mean(axis=1), 0, 1).p < 0.05 for study in nulls])
    by_firm = np.mean([date_test(study.ravel(), 0, 1).p < 0.05 for study in nulls])

    # 5 % are right; 1,000 studies tell it to ± 1.4 points, and t4 makes the test a little cautious.
    assert 0.03 <= by_date <= 0.07
    assert by_firm > 0.15


def test_overlapping_windows_counted_twice_reject_too_often_and_merged_do_not():
    random = np.random.default_rng(3)
    twice, merged = [], []
    for _ in range(600):
        first = np.sort(random.choice(2000, 6, replace=False))
        starts = np.sort(np.concatenate([first, first + random.integers(2, 12, 6)]))
        shocks = random.normal(size=2100)
        values = np.array([shocks[start : start + 21].sum() for start in starts])
        twice.append(date_test(values, 0, 20).p < 0.05)
        merged.append(date_test(means(values, merge(starts, starts + 20)), 0, 20).p < 0.05)

    assert np.mean(twice) > 0.09
    assert 0.025 <= np.mean(merged) <= 0.075


def test_spans_that_share_a_row_or_are_chained_by_others_are_one_episode():
    #        0-1 and 1-2 share row 1, 2-3 joins by the chain; 5-6 stands alone; 9-9 lies within 8-12.
    first = [5, 0, 2, 1, 8, 9]
    last = [6, 1, 3, 2, 12, 9]

    assert merge(first, last).tolist() == [1, 0, 0, 0, 2, 2]
    assert merge([], []).tolist() == []


@given(some.lists(some.tuples(some.integers(0, 60), some.integers(0, 6)), min_size=1, max_size=25))
def test_episodes_are_the_connected_parts_of_overlapping_spans(spans):
    first, last = [start for start, _ in spans], [start + width for start, width in spans]

    found = merge(first, last)

    # Rows that some span covers from one to the next are joined: an episode is a run of such rows.
    joined = {row for low, high in zip(first, last) for row in range(low, high)}
    for one in range(len(spans)):
        for other in range(one):
            low, high = sorted([first[one], first[other]])
            connected = all(row in joined for row in range(low, high))
            assert (found[one] == found[other]) == connected
    assert sorted(set(found.tolist())) == list(range(max(found) + 1))


def test_an_episode_is_the_mean_of_the_firm_events_that_have_a_value():
    values = np.array([[0.01, 0.02], [0.03, np.nan], [np.nan, np.nan]])

    found = means(values, np.array([0, 0, 1]))

    assert found[0].tolist() == approx([0.02, 0.02])
    assert np.isnan(found[1]).all()


def test_the_critical_value_is_that_of_the_printed_tables():
    # Student's t, 97.5 %: 12.706 with one degree of freedom, 2.262 with nine.
    assert (critical(2), critical(10)) == approx((12.706, 2.262), abs=5e-4)
