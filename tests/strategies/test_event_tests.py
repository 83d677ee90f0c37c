"""The parametric comparison tests: against a slow second writing, and their size when nothing happens."""

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

from strategies.event_tests import (
    adjusted_bmp,
    adjusted_patell,
    bmp,
    cross_sectional_t,
    crude_dependence,
    patell,
    skewness_adjusted_t,
)
from strategies.residuals import average_correlation

NAN = math.nan
TESTS = {
    test.__name__: test
    for test in (
        cross_sectional_t,
        skewness_adjusted_t,
        patell,
        bmp,
        adjusted_bmp,
        adjusted_patell,
        crude_dependence,
    )
}
ADJUSTED = {"adjusted_bmp", "adjusted_patell"}
PANELS = some.builds(
    worlds.ragged,
    seed=some.integers(0, 10**6),
    firms=some.integers(2, 9),
    sessions=some.integers(12, 30),
    days=some.integers(1, 6),
    missing=some.sampled_from([0.0, 0.1, 0.3]),
    ties=some.booleans(),
)


@settings(derandomize=True, deadline=None, max_examples=120)
@given(PANELS)
def test_every_statistic_and_p_is_that_of_the_slow_writing(panel):
    slow = oracle.Panel.of(panel)

    for name, test in TESTS.items():
        given_r = {"correlation": average_correlation(panel)} if name in ADJUSTED else {}
        found = test(panel, **given_r)
        if not found.reason:
            statistic, p = getattr(oracle, name)(slow)
            assert found.statistic == approx(statistic, rel=1e-12, abs=1e-12), name
            assert found.p == approx(p, rel=1e-10, abs=1e-12), name


def test_few_panels_are_without_numbers():
    # The test above would hold of tests that always gave a reason.
    found = [test(worlds.ragged(seed, 5, 20, 2, 0.1)).reason for seed in range(20) for test in TESTS.values()]

    assert found.count("") == len(found)


def test_the_cross_sectional_t_is_that_of_scipy():
    cars = [0.02, -0.01, 0.03, 0.005]

    found = cross_sectional_t(worlds.residuals(np.ones((4, 5)), [[car] for car in cars]))

    told = stats.ttest_1samp(cars, 0.0)
    assert (found.statistic, found.p, found.freedom) == (approx(told.statistic), approx(told.pvalue), 3)
    assert (found.firm_events, found.episodes) == (4, 4)


def test_without_skewness_nothing_is_adjusted_and_with_it_the_cubic_is_halls():
    even = worlds.residuals(np.ones((4, 5)), [[0.01], [0.03], [0.02], [0.02]])
    assert skewness_adjusted_t(even).statistic == approx(cross_sectional_t(even).statistic)

    cars = np.array([0.01, 0.0, 0.02, 0.09])
    found = skewness_adjusted_t(worlds.residuals(np.ones((4, 5)), cars[:, None]))

    s = cars.std(ddof=1)
    skew = ((cars - cars.mean()) ** 3).mean() / s**3
    cube = ((1 + skew * cars.mean() / s / 3) ** 3 - 1) / skew
    assert found.statistic == approx(2 * (cube + skew / 24), rel=1e-12)


def test_patell_by_hand():
    # Residuals 1 −1 1 −1 1 −1 (%): squares 6, less 2 parameters: s² = 1.5. With C = 1.5, SCAR = 3 / 1.5 = 2.
    # Four degrees of freedom: variance 4/2 each. Two firm-events: (2 + 2) / √(2 + 2).
    panel = worlds.residuals([[0.01, -0.01] * 3] * 2, [[0.03]] * 2, car_prediction=np.array([1.5, 1.5]))

    found = patell(panel)

    assert found.statistic == approx(2.0)
    assert found.p == approx(2 * stats.norm.sf(2.0))


def test_the_prediction_error_makes_a_move_count_less():
    calm = worlds.nothing_happens(np.random.default_rng(3), 5)
    fields = {name: getattr(calm, name) for name in calm.__dataclass_fields__}

    doubtful = type(calm)(**fields | {"car_prediction": 4 * calm.car_prediction})

    # A prediction error of twice the deviation halves what is standardised.
    assert patell(doubtful).statistic == approx(patell(calm).statistic / 2, rel=1e-12)
    assert cross_sectional_t(doubtful).statistic == cross_sectional_t(calm).statistic


def test_with_few_sessions_patell_needs_degrees_of_freedom_and_prediction_error_to_keep_its_size():
    # Twelve sessions, one name a date: with n − 1 degrees of freedom and no prediction error it rejects too often.
    random = np.random.default_rng(8)
    right, naive = 0, 0
    for _ in range(600):
        study = worlds.nothing_happens(random, 30, names=1, sessions=12, correlation=0.0)
        right += patell(study).p < 0.05
        spread = study.estimation.std(axis=1)
        naive += abs((study.car / spread).sum()) / math.sqrt(30) > 1.96

    # 5 % of 600 is 30 ± 11 (two deviations).
    assert 15 <= right <= 45
    assert naive > 75


def test_the_adjustment_is_the_one_of_the_correlation():
    panel = worlds.nothing_happens(np.random.default_rng(5), 4)

    found, patells = adjusted_bmp(panel, correlation=0.02), adjusted_patell(panel, correlation=0.02)

    # n = 40: √(0.98 / 1.78) and √1.78.
    assert found.statistic == approx(bmp(panel).statistic * math.sqrt(0.98 / 1.78), rel=1e-12)
    assert patells.statistic == approx(patell(panel).statistic / math.sqrt(1.78), rel=1e-12)
    assert (found.correlation, patells.correlation, found.freedom) == (0.02, 0.02, 39)


@pytest.mark.parametrize("test", TESTS.values(), ids=TESTS)
def test_neither_the_order_of_firm_events_nor_the_currency_unit_matters(test):
    panel = worlds.ragged(11, 8, 25, 3, 0.1)
    order = np.random.default_rng(0).permutation(8)
    fields = {name: getattr(panel, name) for name in panel.__dataclass_fields__}
    mixed = {name: value if name == "parameters" else value[order] for name, value in fields.items()}
    percent = {"estimation": 100 * panel.estimation, "event": 100 * panel.event}

    assert test(type(panel)(**mixed)).statistic == approx(test(panel).statistic, rel=1e-11)
    assert test(type(panel)(**fields | percent)).statistic == approx(test(panel).statistic, rel=1e-11)


@pytest.mark.parametrize("test", TESTS.values(), ids=TESTS)
def test_a_sign_turns_the_statistic_and_leaves_p(test):
    panel = worlds.ragged(12, 8, 25, 2, 0.1)
    fields = {name: getattr(panel, name) for name in panel.__dataclass_fields__}

    turned = test(type(panel)(**fields | {"event": -panel.event, "estimation": -panel.estimation}))

    assert turned.statistic == approx(-test(panel).statistic, rel=1e-11)
    assert turned.p == approx(test(panel).p, rel=1e-9)


FLAT, BUMPY = [0.0] * 6, [0.01, -0.02, 0.01, 0.03, -0.01, 0.02]


@pytest.mark.parametrize(
    ("estimation", "event", "reasons"),
    [
        (np.empty((0, 6)), np.empty((0, 1)), {"": "no firm-event has a number for this window"}),
        ([BUMPY], [[NAN]], {"": "no firm-event has a number for this window"}),
        (
            [FLAT, FLAT],
            [[0.01], [0.02]],
            {
                "": "no firm-event has 5 or more residuals that vary in its estimation window",
                "cross_sectional_t": None,
                "skewness_adjusted_t": None,
            },
        ),
        (
            [[0.01, -0.02, 0.01, 0.03]] * 2,
            [[0.01], [0.02]],
            {
                "": "no firm-event has 5 or more residuals that vary in its estimation window",
                "cross_sectional_t": None,
                "skewness_adjusted_t": None,
            },
        ),
        ([BUMPY], [[0.01]], {"": "1 firm-event: the test needs 2", "patell": None, "crude_dependence": None}),
        (
            [BUMPY, BUMPY],
            [[0.01], [0.01]],
            {
                "": "all 2 firm-events have the same value",
                "patell": None,
                "adjusted_patell": None,
                "crude_dependence": None,
            },
        ),
        (
            [BUMPY, [-x for x in BUMPY]],
            [[0.01], [0.02]],
            {
                "": None,
                "crude_dependence": "the mean residual does not vary by day",
                "adjusted_bmp": "the average correlation of the residuals is -1.000: it leaves no adjusted test",
                "adjusted_patell": "the average correlation of the residuals is -1.000: it leaves no adjusted test",
            },
        ),
        (
            [BUMPY, [2 * x for x in BUMPY]],
            [[0.01], [0.03]],
            {
                "": None,
                "adjusted_bmp": "the average correlation of the residuals is 1.000: it leaves no adjusted test",
            },
        ),
    ],
    ids=["none", "no returns", "constant", "too few", "one", "equal", "opposite", "the same"],
)
def test_without_what_a_test_needs_there_is_a_reason_and_never_a_nan(estimation, event, reasons):
    panel = worlds.residuals(estimation, event, episode=np.zeros(len(event), dtype=int))

    for name, test in TESTS.items():
        found, reason = test(panel), reasons.get(name, reasons[""])
        assert found.reason == (reason or ""), name
        assert (found.statistic is None, found.p is None) == (reason is not None,) * 2, name
        if reason is None:
            assert math.isfinite(found.statistic)
            assert 0 <= found.p <= 1


def test_one_date_is_told_beside_its_numbers():
    random = np.random.default_rng(1)

    one, two = (adjusted_bmp(worlds.nothing_happens(random, dates)) for dates in (1, 2))

    assert one.caution == "one date: it can tell that the day was unusual, not that the event moved it"
    assert (two.caution, one.episodes, two.episodes) == ("", 1, 2)


def test_naive_tests_reject_far_too_often_and_adjusted_ones_do_not():
    # 400 studies of ten dates and ten names with correlation 0.3: 5 % is known to ± 2.2 points, 31 % to ± 4.6.
    found = worlds.rejections(TESTS, 400, seed=1, dates=10)

    assert all(found[name] > 24 for name in ("cross_sectional_t", "skewness_adjusted_t", "patell", "bmp"))
    assert all(2.5 <= found[name] <= 8.5 for name in (*ADJUSTED, "crude_dependence"))


def test_wilder_event_days_deceive_all_but_the_cross_sectional_ones():
    found = worlds.rejections(TESTS, 400, seed=2, dates=10, tails=4, wilder=1.5)

    assert 2 <= found["adjusted_bmp"] <= 8
    assert found["adjusted_patell"] > 13
    assert found["crude_dependence"] > 13


def overlapping(random, dates, names, gap, correlation, sessions=250):
    """Events every `gap` sessions of the same names: estimation windows overlap, event windows do not."""
    shared = random.normal(size=(sessions + gap * dates + 30, 1))
    own = random.normal(size=(len(shared), names))
    noise = 0.03 * (math.sqrt(correlation) * shared + math.sqrt(1 - correlation) * own)
    first = gap * np.arange(dates)
    windows = np.stack([noise[start : start + sessions].T for start in first])
    means = windows.mean(axis=2, keepdims=True)
    event = np.stack([noise[start + sessions + 29] for start in first])[:, :, None] - means
    factor = np.full((dates * names, 1), 1 + 1 / sessions)
    return worlds.residuals(
        (windows - means).reshape(-1, sessions),
        event.reshape(-1, 1),
        estimation_rows=np.repeat(first[:, None] + np.arange(sessions), names, axis=0),
        prediction=factor,
        car_prediction=factor[:, 0],
        parameters=1,
        episode=np.repeat(np.arange(dates), names),
    )


def test_overlapping_estimation_windows_of_other_dates_are_no_reason_for_caution():
    random = np.random.default_rng(5)
    by_episode, by_all = 0, 0
    for _ in range(300):
        panel = overlapping(random, dates=10, names=10, gap=25, correlation=0.3)
        by_episode += adjusted_bmp(panel).p < 0.05
        by_all += adjusted_bmp(panel, correlation=average_correlation(panel)).p < 0.05

    # 5 % of 300 is 15 ± 7.5 (two deviations). Over all pairs the same company counts as a near copy of itself.
    assert 6 <= by_episode <= 26
    assert by_all <= 2


# 2,000 studies know 5 % to ± 1.0 points and 30 % to ± 2.0 (two deviations); bounds are those of full runs of 8,000
# studies, widened by that.
DRAWS = 2000
GRID = [(rho, tails, dates) for rho in (0.0, 0.1, 0.3, 0.5) for tails in (0, 4) for dates in (5, 10, 20)]


@pytest.mark.slow
@pytest.mark.parametrize(("correlation", "tails", "dates"), GRID)
def test_adjusted_bmp_and_the_portfolio_test_keep_their_size_on_ordinary_days(correlation, tails, dates):
    tests = {name: TESTS[name] for name in ("adjusted_bmp", "crude_dependence")}

    found = worlds.rejections(tests, DRAWS, seed=31, dates=dates, correlation=correlation, tails=tails)

    assert 3 <= found["adjusted_bmp"] <= 7.5
    assert 3.5 <= found["crude_dependence"] <= 7.5


@pytest.mark.slow
@pytest.mark.parametrize("tails", [0, 4])
@pytest.mark.parametrize("dates", [3, 5, 10, 20])
def test_tests_that_count_firm_events_reject_three_of_ten_studies_of_nothing(dates, tails):
    tests = {name: TESTS[name] for name in ("cross_sectional_t", "bmp", "patell")}

    found = worlds.rejections(tests, DRAWS, seed=32, dates=dates, tails=tails)

    assert 26 <= found["cross_sectional_t"] <= 35
    assert 27 <= found["bmp"] <= 35
    assert 25 <= found["patell"] <= 35


@pytest.mark.slow
@pytest.mark.parametrize("dates", [5, 10, 20])
def test_a_wilder_event_day_leaves_adjusted_bmp_right_and_deceives_its_rivals(dates):
    tests = {name: TESTS[name] for name in ("adjusted_bmp", "adjusted_patell", "crude_dependence")}

    found = worlds.rejections(tests, DRAWS, seed=33, dates=dates, tails=4, wilder=1.5)

    assert 3 <= found["adjusted_bmp"] <= 7
    assert found["adjusted_patell"] > 15
    assert found["crude_dependence"] > 15


def bmp_rejects(correlation, names=50):
    """Per cent: BMP is √((1 + (n − 1)ρ)/(1 − ρ)) times a t variable with n − 1 degrees of freedom."""
    shrink = math.sqrt((1 - correlation) / (1 + (names - 1) * correlation))
    return 200 * stats.t.sf(stats.t.ppf(0.975, names - 1) * shrink, names - 1)


def test_what_bmp_must_reject_on_one_date_is_known():
    found = [bmp_rejects(correlation) for correlation in (0.02, 0.05, 0.1, 0.2, 0.3)]

    # What full runs of 8,000 studies counted, known to ± 1.1 points.
    assert found == approx([16.4, 29.8, 43.7, 58.0, 67.0], abs=1.1)


def test_on_one_date_bmp_rejects_what_its_formula_says():
    found = worlds.rejections(
        {"bmp": bmp, "adjusted": adjusted_bmp}, 300, seed=3, dates=1, names=50, sessions=239, correlation=0.1
    )

    # 43.7 % of 300 studies is known to ± 5.7 points, 5 % to ± 2.5.
    assert found["bmp"] == approx(bmp_rejects(0.1), abs=6)
    assert 2 <= found["adjusted"] <= 8.5


@pytest.mark.slow
@pytest.mark.parametrize("correlation", [0.02, 0.05, 0.1, 0.2, 0.3])
def test_on_one_date_of_fifty_names_bmp_fails_by_formula_and_adjusted_bmp_holds(correlation):
    found = worlds.rejections(
        {"bmp": bmp, "adjusted": adjusted_bmp},
        DRAWS,
        seed=34,
        dates=1,
        names=50,
        sessions=239,
        correlation=correlation,
    )

    assert found["bmp"] == approx(bmp_rejects(correlation), abs=2.5)
    assert 3.5 <= found["adjusted"] <= 6.7
