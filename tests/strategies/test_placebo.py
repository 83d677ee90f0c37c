"""Random calendars of ordinary days: the same procedure on other dates, drawn fairly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import worlds
from pytest import approx
from study_worlds import in_view, random_events, random_market

from strategies.abnormal_returns import abnormal_returns, cumulative
from strategies.clean_benchmark import clean_names, mean_return, own_returns, region
from strategies.episodes import means
from strategies.firm_event_arrays import FirmEventArrays
from strategies.firm_events import land
from strategies.placebo import placebo
from strategies.placebo_days import (
    OrdinaryDays,
    every_primary_return,
    ordinary_days,
    reaction_rows_of,
    trailing_deviation,
)
from strategies.study_design import PRIMARY, Design

SYMBOLS = tuple(f"T{number}" for number in range(9))
SHORT = Design(window=(-2, 4), estimation=40, gap=5, least_estimation=20)


def laid_out(market, events, design=SHORT):
    """Ordinary days of a study, and the study's own number of each episode."""
    landing = land(market, events)
    abnormal = abnormal_returns(market, landing, design)
    episode = FirmEventArrays.of(market, abnormal.firm_events).episodes(PRIMARY)
    days = ordinary_days(market, landing, abnormal.firm_events, episode, design)
    return days, means(cumulative(abnormal.returns, design, *PRIMARY), episode), landing, abnormal


@pytest.mark.parametrize("seed", range(6))
def test_on_the_day_itself_the_number_is_that_of_the_study(seed):
    market = random_market(seed)
    days, values, _, _ = laid_out(market, random_events(seed, SYMBOLS))

    assert len(values) > 2
    assert days.values[np.arange(len(values)), days.anchor] == approx(values, abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_on_any_other_day_it_is_that_of_a_fit_before_that_day(seed):
    random = np.random.default_rng(seed)
    own, benchmark = random.normal(0.001, 0.03, (5, 200)), random.normal(0, 0.01, 200)
    own[random.random(own.shape) < 0.1] = np.nan
    benchmark[random.random(200) < 0.03] = np.nan
    usable = np.isfinite(own) & (random.random(own.shape) > 0.1)

    found = every_primary_return(own, benchmark, usable, SHORT)

    told = 0
    for firm in range(5):
        for at in range(200):
            last = at + SHORT.first - SHORT.gap
            window = np.arange(max(last - SHORT.estimation + 1, 0), max(last + 1, 0))
            good = window[usable[firm, window] & np.isfinite(benchmark[window])]
            if at == 199 or len(good) < SHORT.least_estimation:
                assert np.isnan(found[firm, at])
                continue
            slope, intercept = np.polyfit(benchmark[good], own[firm, good], 1)
            wanted = sum(own[firm, day] - intercept - slope * benchmark[day] for day in (at, at + 1))
            assert found[firm, at] == approx(wanted, abs=1e-12, nan_ok=True)
            told += np.isfinite(wanted)
    assert told > 300


@pytest.mark.parametrize("seed", range(4))
def test_a_portfolio_on_another_day_is_its_firms_refitted_there(seed):
    market, events = random_market(seed), random_events(seed, SYMBOLS)
    days, _, landing, abnormal = laid_out(market, events)
    episode = FirmEventArrays.of(market, abnormal.firm_events).episodes(PRIMARY)
    random, told = np.random.default_rng(seed), 0
    for number in range(len(days.values)):
        items = [item for item, k in zip(abnormal.firm_events, episode, strict=True) if k == number]
        for at in random.integers(60, len(market.sessions), 12).tolist():
            moved = [refitted(market, landing, item, at - days.anchor[number]) for item in items]
            known = [value for value in moved if np.isfinite(value)]
            wanted = np.mean(known) if 2 * len(known) >= len(items) else np.nan
            assert days.values[number, at] == approx(wanted, abs=1e-12, nan_ok=True)
            told += np.isfinite(wanted)
    assert told > 30


def refitted(market, landing, item, shift):
    """Signed return of the primary window of a firm whose reaction comes so many sessions of the market later."""
    rows = market.clock.hours[item.exchange].rows
    later = np.flatnonzero(rows >= rows[item.position] + shift)
    if not len(later) or later[0] == len(rows) - 1:
        return np.nan
    at = later[0]
    returns = own_returns(market)
    near = [region(name) == region(item.exchange) for name in market.lives["exchange"]]
    names = clean_names(market, landing, SHORT)[item.number] & near
    own, benchmark = returns[rows, item.column], mean_return(returns[rows][:, names])
    reacting = np.zeros(len(rows), dtype=bool)
    for number in np.flatnonzero(landing.touched[:, item.column]):
        first = landing.positions[item.exchange][number]
        reacting[first : first + 6] = True
    last = at + SHORT.first - SHORT.gap
    window = np.arange(max(last - SHORT.estimation + 1, 0), max(last + 1, 0))
    good = window[np.isfinite(own[window] + benchmark[window]) & ~reacting[window]]
    if len(good) < SHORT.least_estimation:
        return np.nan
    slope, intercept = np.polyfit(benchmark[good], own[good], 1)
    return item.sign * sum(own[day] - intercept - slope * benchmark[day] for day in (at, at + 1))


def test_ordinary_days_are_far_from_all_events_of_the_same_firms():
    market = random_market(1)
    days, _, landing, abnormal = laid_out(market, random_events(1, SYMBOLS))
    touched = reaction_rows_of(market, landing)
    episode = FirmEventArrays.of(market, abnormal.firm_events).episodes(PRIMARY)

    for number in range(len(days.values)):
        columns = sorted(
            {item.column for item, k in zip(abnormal.firm_events, episode, strict=True) if k == number}
        )
        rows = np.flatnonzero(touched[:, columns].any(axis=1))
        for at in np.flatnonzero(days.ordinary[number]):
            assert np.abs(rows - at).min() >= days.apart
            assert np.isfinite(days.values[number, at])
    assert days.ordinary.any()


def plain_days(values, anchor, ordinary=None):
    """Ordinary days from a table; the events' own days are none."""
    values = np.asarray(values, dtype=float)
    if ordinary is None:
        ordinary = np.ones(values.shape, dtype=bool)
        ordinary[np.arange(len(values)), anchor] = False
    return OrdinaryDays(values, np.asarray(anchor), ordinary, np.ones(values.shape, dtype=bool), 10)


def narrow(episodes, sessions, few):
    """Ordinary days of which all episodes but the last have the first few only."""
    days = plain_days(np.zeros((episodes, sessions)), [sessions - 1] * episodes)
    ordinary = days.ordinary.copy()
    ordinary[:-1, few:] = False
    return replace(days, ordinary=ordinary)


def test_one_episode_is_ranked_among_its_ordinary_days():
    # 99 ordinary days of 1 to 99 basis points, and the event's 90: eleven of them, from 90 on, are as far.
    values = np.append(np.arange(1, 100), 90) / 1e4
    found = placebo(plain_days([values], [99]), draws=200_000)

    assert found.p == approx(10 / 99, abs=4 * np.sqrt(0.1 * 0.9 / 200_000))
    assert (found.episodes, found.days, found.mean) == (1, 99, approx(0.009))
    assert found.p == (1 + found.as_far) / 200_001
    assert sum(found.counts) == 200_000


def test_in_normal_days_a_mean_is_as_far_as_the_normal_law_says():
    # Mean of nine draws with deviation 1 %: standard error a third of it; the real mean is 2 errors from zero.
    random = np.random.default_rng(0)
    values = random.normal(0, 0.01, (9, 3_000))
    values = (values - values.mean(axis=1, keepdims=True)) / values.std(axis=1, keepdims=True) * 0.01
    values[:, 0] = 2 * 0.01 / 3
    found = placebo(plain_days(values, [0] * 9), draws=40_000)

    # P(|N| > 2) = 0.0455; four standard errors of 40,000 draws are 0.0042.
    assert found.p == approx(0.0455, abs=0.0045)
    assert found.deviation == approx(0.01 / 3, rel=0.02)


def test_a_seed_draws_the_same_calendars_again_and_another_others():
    random = np.random.default_rng(1)
    days = plain_days(random.normal(0, 0.01, (30, 700)), random.integers(0, 700, 30))

    assert placebo(days, draws=3_000) == placebo(days, draws=3_000)
    assert placebo(days, draws=3_000) != placebo(days, draws=3_000, seed=1)


def test_no_two_episodes_of_a_calendar_share_a_day(monkeypatch):
    # Ordinary days carry their own number, so that the largest of a drawn pair can be told.
    from strategies import placebo as module

    drawn = []
    right = module._apart

    def spy(place, session, start, count, random):
        left = right(place, session, start, count, random)
        drawn.append(np.sort(session[place], axis=1))
        return left

    monkeypatch.setattr(module, "_apart", spy)
    placebo(plain_days(np.zeros((20, 300)) + 0.01, [0] * 20), draws=2_000)

    assert len(np.concatenate(drawn)) == 2_000
    assert all((np.diff(part, axis=1) >= 2).all() for part in drawn)


def test_days_of_the_same_volatility_are_asked_for_and_taken():
    values = np.concatenate([np.full(200, 0.05), np.full(200, 0.001), [0.02]])[None]
    days = plain_days(values, [400])
    calm = np.zeros(values.shape, dtype=bool)
    calm[:, :200] = True

    assert placebo(days, draws=999).p == approx(0.5, abs=0.07)
    assert placebo(replace(days, calm=calm), draws=999, match_volatility=True).p == 1.0


@pytest.mark.parametrize(
    ("days", "draws", "reason"),
    [
        (plain_days(np.zeros((0, 10)), np.zeros(0, dtype=int)), 99, "no episode"),
        (plain_days(np.zeros((1, 100)), [5]), 0, "no random calendars were asked for"),
        (plain_days(np.zeros((1, 50)), [5]), 99, "fewer than 60 days that are 10 sessions from every event"),
        (plain_days(np.zeros((40, 100)), [5] * 40), 99, "40 episodes do not fit apart"),
        # One episode has room; 39 share 60 days, on which 30 at most fit two sessions apart.
        (
            narrow(40, 400, 60),
            99,
            "40 episodes do not fit apart from one another on their 60 to 399 ordinary days",
        ),
    ],
)
def test_what_cannot_be_drawn_is_said(days, draws, reason):
    found = placebo(days, draws=draws)

    assert found.p is None
    assert reason in found.reason


def test_without_estimation_before_it_no_day_is_ordinary():
    market = in_view({"AAA": {40: 0.02}}, count=60)
    event = worlds.event("one", f"{worlds.sessions(60)[40]:%Y-%m-%d}T12:00:00+00:00", ["AAA"])
    days, values, _, _ = laid_out(market, worlds.calendar(event), Design((0, 1), 30, 3, 25))

    assert len(values) == 1
    assert "too few ordinary days" in placebo(days, draws=99).reason


def test_a_benchmark_that_rests_is_the_calm_third():
    assert trailing_deviation(np.array([0.2, np.nan, 0.1])) == approx(
        [0.0, np.sqrt(0.04 / 20), np.sqrt(0.04 / 20)]
    )
