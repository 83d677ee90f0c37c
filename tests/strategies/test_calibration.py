"""Calibration: its statistics are those of a study, and the bench tells good tests from bad ones."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner
from pytest import approx

from screener.cli import main
from strategies import event_tests, rank_tests
from strategies.calibration import Design, calibrate, p_values, simulated
from strategies.calibration_page import ELSEWHERE, REQUIREMENTS, outcomes
from strategies.date_test import date_test
from strategies.episodes import means, merge
from strategies.residuals import Residuals
from strategies.sign_flip import sign_flip
from universes.errors import BadParameter

OF_A_STUDY = {
    "adj-BMP": event_tests.adjusted_bmp,
    "adj-Patell": event_tests.adjusted_patell,
    "crude dependence": event_tests.crude_dependence,
    "Corrado": rank_tests.corrado,
    "BMP": event_tests.bmp,
    "Patell": event_tests.patell,
    "cross-sectional t": event_tests.cross_sectional_t,
    "generalised sign": rank_tests.generalised_sign,
}


def as_residuals(part, at):
    """One simulated study as a study has it: windows of different dates share no session."""
    _, episodes, firms, sessions = part.residuals.shape
    rows = np.arange(episodes * sessions).reshape(episodes, 1, sessions) + np.zeros((1, firms, 1), dtype=int)
    factor = np.repeat(part.prediction[at], firms)
    return Residuals(
        estimation=part.residuals[at].reshape(-1, sessions),
        event=part.returns[at].reshape(episodes * firms, -1),
        estimation_rows=rows.reshape(-1, sessions),
        prediction=np.repeat(factor[:, None], part.returns.shape[3], axis=1),
        car_prediction=factor,
        parameters=2,
        episode=np.repeat(np.arange(episodes), firms),
    )


@pytest.mark.parametrize("design", [Design(episodes=4, firms=3), Design(episodes=7, firms=2, tails="t4")])
def test_what_is_calibrated_is_what_a_study_computes(design):
    (part,) = simulated(design, 40, 3)
    found = p_values(design, part, 3)

    for at in range(40):
        residuals = as_residuals(part, at)
        for name, test in OF_A_STUDY.items():
            assert found[name][at] == approx(test(residuals).p, abs=1e-10), name
        values = part.means[at]
        assert found["date test"][at] == approx(date_test(values, 0, 0).p, abs=1e-12)
        if design.episodes > 5:
            assert found["sign flip"][at] == sign_flip(values).p


def test_prediction_errors_are_those_of_a_fit_by_least_squares():
    (part,) = simulated(Design(episodes=1, firms=1, days=3, estimation=40), 8_000, 0)

    # Student's t with 38 degrees of freedom has variance 38 / 36; standard error of 8,000 such numbers 1.6 %.
    assert part.standardised.var() == approx(38 / 36, rel=0.06)


def test_windows_of_several_days_and_few_dates_leave_out_what_cannot_be_had():
    found = calibrate(Design(episodes=3, firms=4, days=5), draws=200)

    assert {item.test: item.reason for item in found.rates if item.reason} == {
        "sign flip": "it needs six dates",
        "random calendars": "it needs a window of one session",
        "Corrado": "it needs a window of one session",
    }
    assert calibrate(Design(episodes=1), draws=100).detectable is None


def test_the_same_seed_gives_the_same_numbers_and_another_does_not():
    design = Design(episodes=6, firms=4)

    assert calibrate(design, draws=300).rates == calibrate(design, draws=300).rates
    assert calibrate(design, draws=300).rates != calibrate(design, draws=300, seed=1).rates


@pytest.mark.parametrize(
    "given",
    [
        {"episodes": 0},
        {"firms": 2.5},
        {"correlation": 1.0},
        {"tails": "wild"},
        {"event_deviation": 0.0},
        {"estimation": 5},
    ],
)
def test_a_design_that_cannot_be_is_refused(given):
    with pytest.raises(BadParameter):
        Design(**given)
    with pytest.raises(BadParameter, match="draws is 5"):
        calibrate(draws=5)


def test_counting_firms_is_wrong_three_times_in_ten_and_counting_dates_is_not():
    found = calibrate(Design(episodes=8, firms=10), draws=600)

    # Standard error of 600 studies: 0.9 points at 5 %, 1.9 at 30 %.
    assert 0.02 <= found.rate("date test") <= 0.085
    for name in ("BMP", "Patell", "cross-sectional t"):
        assert 0.24 <= found.rate(name) <= 0.38


def test_an_effect_as_large_as_detectable_is_found_in_eighty_of_a_hundred():
    plain = Design(episodes=8, firms=10)
    effect = calibrate(plain, draws=1_000).detectable

    assert calibrate(Design(episodes=8, firms=10, effect=effect), draws=1_000).rate("date test") == approx(
        0.8, abs=0.06
    )


def test_the_command_says_what_the_design_can_decide():
    arguments = ["calibrate", "--episodes", "6", "--firms", "4", "--draws", "200"]
    told, kept = (CliRunner().invoke(main, [*arguments, "--format", form]) for form in ("table", "json"))

    assert told.exit_code == 0, told.stderr
    assert "With 6 dates of 4 firms and a correlation of 0.3, the date test is wrong in" in told.stdout
    record = json.loads(kept.stdout)
    assert record["settings"]["episodes"] == 6
    assert [row["test"] for row in record["rows"]][:2] == ["date test", "sign flip"]
    assert CliRunner().invoke(main, ["calibrate", "--correlation", "2"]).exit_code == 1


def test_every_simulation_of_the_page_is_named_once_or_elsewhere():
    names = {item.name for item in REQUIREMENTS} | {name for name, _, _ in ELSEWHERE}

    assert names == {f"S{number}" for number in range(1, 17)}


@pytest.mark.slow
@pytest.mark.parametrize("outcome", list(range(len(REQUIREMENTS))))
def test_each_requirement_holds_on_two_thousand_studies(outcome, measured):
    found = measured[outcome]

    # The lowest and highest of up to 24 shares: four standard errors of a share of 5 % beyond the full grid's limits.
    assert found.holds(room=0.02), (found.requirement.says, found.low, found.high)


@pytest.fixture(scope="module")
def measured():
    return list(outcomes(2_000))


def pairs(random, studies):
    """Studies of five pairs of events a day or two apart, windows of five sessions: returns of all ten."""
    apart = random.integers(1, 3, (studies, 5))
    daily = random.normal(0, 1, (studies, 5, 8))
    first = daily[:, :, :5].sum(axis=2)
    later = np.where(apart == 1, daily[:, :, 1:6].sum(axis=2), daily[:, :, 2:7].sum(axis=2))
    return np.stack([first, later], axis=2)


@pytest.mark.slow
def test_overlapping_events_are_wrong_when_they_count_twice_and_right_when_merged():
    from strategies.calibration_statistics import date_p

    random = np.random.default_rng(0)
    returns = pairs(random, 4_000)
    episode = merge(
        [at * 100 + day for at in range(5) for day in (0, 2)],
        [at * 100 + day + 4 for at in range(5) for day in (0, 2)],
    )
    assert episode.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]

    twice = (date_p(returns.reshape(4_000, 10)) <= 0.05).mean()
    once = (date_p(np.array([means(row, episode) for row in returns.reshape(4_000, 10)])) <= 0.05).mean()

    assert twice > 0.10
    assert 0.035 <= once <= 0.065


@pytest.mark.slow
def test_t_over_episodes_of_a_sparse_strategy_keeps_its_level():
    from strategies.calibration_statistics import date_p

    # Ten trades of five days each, returns of one trade's days linked: only sums over a trade are used.
    daily = np.random.default_rng(1).standard_t(5, (6_000, 10, 5))
    linked = np.sqrt(0.7) * daily + np.sqrt(0.3) * np.random.default_rng(2).normal(size=(6_000, 10, 1))

    assert 0.04 <= (date_p(linked.sum(axis=2)) <= 0.05).mean() <= 0.06
