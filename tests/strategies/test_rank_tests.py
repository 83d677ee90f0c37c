"""Rank and sign tests: against a slow second writing, with days missing, and their size when nothing happens."""

from __future__ import annotations

import math

import event_test_oracle as oracle
import numpy as np
import pytest
import residual_worlds as worlds
from hypothesis import given, settings
from hypothesis import strategies as some
from pytest import approx

from strategies.rank_tests import corrado, corrado_zivney, generalised_sign, grank_t, grank_z

NAN = math.nan
TESTS = {test.__name__: test for test in (corrado, corrado_zivney, grank_t, grank_z, generalised_sign)}
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
        found = test(panel)
        if not found.reason:
            statistic, p = getattr(oracle, name)(slow)
            assert found.statistic == approx(statistic, rel=1e-12, abs=1e-12), name
            assert found.p == approx(p, rel=1e-10, abs=1e-12), name


def test_few_panels_are_without_numbers():
    found = [test(worlds.ragged(seed, 5, 20, 2, 0.1)).reason for seed in range(20) for test in TESTS.values()]

    assert found.count("") == len(found)


def test_a_day_that_only_one_firm_has_is_the_rank_of_that_firm():
    # Ranks less their middle: −2 −1 0 1 | 2 of five, and 1.5 – −1.5 −0.5 | 0.5 of four. Means by day −¼ −1 −¾ ¼ | 5/4,
    # squares 1/16 1 9/16 1/16 25/16: their mean is 0.65. The second day counted as half of two firms would be −½.
    panel = worlds.residuals([[1, 2, 3, 4], [4, NAN, 1, 2]], [[5], [3]], parameters=0)

    assert corrado(panel).statistic == approx(1.25 / math.sqrt(0.65), rel=1e-12)


def test_two_days_of_a_window_are_joined_as_cowan_does():
    # One firm, ranks less 3.5: −2.5 −0.5 −1.5 0.5 | 1.5 2.5; mean square 17.5/6; 4 / (√2 √2.9167).
    panel = worlds.residuals([[1, 3, 2, 4]], [[5, 6]], parameters=0)

    assert corrado(panel).statistic == approx(4 / math.sqrt(2 * 17.5 / 6), rel=1e-12)


def test_missing_days_do_not_shift_the_middle():
    # Half of the firms have half of the days: with one middle for all, a day of nothing would look low.
    random = np.random.default_rng(2)
    found = []
    for _ in range(200):
        study = worlds.nothing_happens(random, 6, correlation=0.0, sessions=60)
        estimation = study.estimation.copy()
        estimation[::2, :30] = NAN
        fields = {name: getattr(study, name) for name in study.__dataclass_fields__}
        holes = type(study)(
            **fields | {"estimation": estimation, "estimation_rows": np.where(np.isnan(estimation), -1, 1)}
        )
        found.append([test(holes).statistic for test in TESTS.values()])

    # 200 means of deviation 1 are known to ± 0.21 (three deviations).
    assert np.abs(np.mean(found, axis=0)).max() < 0.21
    corrados, *others = np.std(found, axis=0)
    assert others == approx(np.ones(4), abs=0.2)
    # Days that fewer firms have vary more and are counted the same: Corrado's own form becomes too cautious. Ranks of
    # 61 and of 31 returns vary by (T² − 1)/12; 30 days have one half of the firms, 31 both.
    long, short = (61**2 - 1) / 12, (31**2 - 1) / 12
    event = (long + short) / 2 / 60
    assert corrados == approx(math.sqrt(event / ((30 * long / 30 + 31 * event) / 61)), abs=0.1)


def test_the_sign_test_by_hand():
    # 3 of 6 and 4 of 6 residuals above zero: p̂ = 7/12; both firms rise: (2 − 7/6) / √(2 · 7/12 · 5/12).
    panel = worlds.residuals([[1, -1, 2, -2, 1, -3], [1, 1, 2, -2, 1, -3]], [[0.01], [0.02]])

    assert generalised_sign(panel).statistic == approx((5 / 6) / math.sqrt(70 / 144), rel=1e-12)


def test_the_generalised_rank_has_t_minus_2_degrees_of_freedom():
    panel = worlds.nothing_happens(np.random.default_rng(1), 3, sessions=60)

    found = grank_t(panel)

    # 60 residuals and the event: 61 − 2.
    assert (found.freedom, grank_z(panel).freedom) == (59, None)


def test_wilder_event_days_move_no_standardised_rank():
    panel = worlds.nothing_happens(np.random.default_rng(1), 5)
    fields = {name: getattr(panel, name) for name in panel.__dataclass_fields__}

    wild = type(panel)(**fields | {"event": 8 * panel.event})

    for test in (corrado_zivney, grank_t, grank_z):
        assert test(wild).statistic == approx(test(panel).statistic, rel=1e-12)
    assert corrado(wild).statistic != approx(corrado(panel).statistic, rel=1e-3)


@pytest.mark.parametrize("test", TESTS.values(), ids=TESTS)
def test_neither_the_order_of_firm_events_nor_their_deviation_matters(test):
    panel = worlds.ragged(11, 8, 25, 3, 0.1)
    order = np.random.default_rng(0).permutation(8)
    scale = np.random.default_rng(0).uniform(1, 9, (8, 1))
    fields = {name: getattr(panel, name) for name in panel.__dataclass_fields__}
    mixed = {name: value if name == "parameters" else value[order] for name, value in fields.items()}
    scaled = {"estimation": scale * panel.estimation, "event": scale * panel.event}

    assert test(type(panel)(**mixed)).statistic == approx(test(panel).statistic, rel=1e-11)
    assert test(type(panel)(**fields | scaled)).statistic == approx(test(panel).statistic, rel=1e-11)


FLAT, BUMPY = [0.0] * 6, [0.01, -0.02, 0.01, 0.03, -0.01, 0.02]
FEW = "no firm-event has 5 or more residuals that vary in its estimation window"


@pytest.mark.parametrize(
    ("estimation", "event", "reasons"),
    [
        (np.empty((0, 6)), np.empty((0, 1)), {"": "no firm-event has a number for this window"}),
        ([BUMPY], [[NAN]], {"": "no firm-event has a number for this window"}),
        ([FLAT, FLAT], [[0.01], [0.02]], {"": FEW}),
        ([BUMPY[:4]] * 2, [[0.01], [0.02]], {"": FEW}),
        (
            [BUMPY],
            [[0.01]],
            {"": "1 firm-event: the test needs 2", "corrado": None, "generalised_sign": None},
        ),
        (
            [BUMPY, BUMPY],
            [[0.01], [0.01]],
            {
                "": "all 2 firm-events have the same value",
                "corrado": None,
                "corrado_zivney": "no day of the window has abnormal returns that differ",
                "generalised_sign": None,
            },
        ),
        (
            [np.abs(BUMPY), np.abs(BUMPY)],
            [[0.01], [0.02]],
            {"": None, "generalised_sign": "all residuals of the estimation windows have one sign"},
        ),
        (
            [BUMPY, [-x for x in BUMPY]],
            [[0.005], [-0.005]],
            {
                "": "the mean rank does not vary by day",
                "grank_z": None,
                "generalised_sign": None,
            },
        ),
    ],
    ids=["none", "no returns", "constant", "too few", "one", "equal", "one sign", "opposite"],
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


def test_an_event_that_outranks_every_day_of_every_firm_keeps_finite_numbers():
    # All firms move as one and the event stands above every day: Z² comes as near to T − 1 as it can.
    days = np.tile(np.linspace(-1, 1, 9), (3, 1))
    found = grank_t(worlds.residuals(days, [[50.0], [60.0], [70.0]]))

    assert found.reason or math.isfinite(found.statistic)
    assert found.p is None or 0 <= found.p <= 1


def test_rank_tests_hold_under_clustering_and_those_that_count_firm_events_do_not():
    found = worlds.rejections(TESTS, 400, seed=4, dates=10)

    # 5 % of 400 studies is known to ± 2.2 points.
    assert all(2 <= found[name] <= 8.5 for name in ("corrado", "corrado_zivney", "grank_t"))
    assert all(found[name] > 17 for name in ("grank_z", "generalised_sign"))


@pytest.mark.slow
@pytest.mark.parametrize("tails", [0, 4])
@pytest.mark.parametrize("dates", [5, 10, 20])
def test_size_of_rank_tests_on_ordinary_and_on_clustered_days(dates, tails):
    found = worlds.rejections(TESTS, 2000, seed=35, dates=dates, tails=tails)

    assert all(3.5 <= found[name] <= 7.5 for name in ("corrado", "corrado_zivney", "grank_t"))
    assert all(20 <= found[name] <= 36 for name in ("grank_z", "generalised_sign"))
