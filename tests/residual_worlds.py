"""Residuals for the comparison tests: panels full of holes, and studies of markets in which nothing happens."""

from __future__ import annotations

import math

import numpy as np

from strategies.residuals import Residuals, prediction_factors

NAN = math.nan


def residuals(estimation, event, **given):
    """Residuals of small tables; rows are the places in the table, factors 1 and the number of days."""
    estimation, event = np.array(estimation, dtype=float), np.array(event, dtype=float)
    firms, sessions = estimation.shape
    rows = np.where(np.isfinite(estimation), np.arange(sessions), -1)
    ones = np.ones_like(event)
    fields = {
        "estimation": estimation,
        "event": event,
        "estimation_rows": rows,
        "prediction": ones,
        "car_prediction": np.isfinite(event).sum(axis=1).astype(float),
        "parameters": 2,
        "episode": np.arange(firms),
    }
    return Residuals(**fields | given)


def ragged(seed, firms, sessions, days, missing, ties=False):
    """A panel in which returns move together, windows lie on different dates, and a share is missing.

    With `ties`, returns are rounded to 1/64 so that many are equal, and sums of them exact.
    """
    random = np.random.default_rng(seed)
    dates = random.integers(1, max(2, firms // 2 + 1))
    episode = np.sort(random.integers(0, dates, firms))
    first = np.sort(random.integers(0, sessions, dates))[episode]
    shared = random.normal(size=2 * sessions)
    rows = first[:, None] + np.arange(sessions)
    own = random.normal(size=(firms, sessions))
    estimation = 0.02 * (0.6 * shared[rows] + own) * random.uniform(0.5, 2, (firms, 1))
    event = 0.03 * random.standard_t(4, size=(firms, days)) + 0.005
    if ties:
        estimation, event = np.round(64 * estimation) / 64, np.round(64 * event) / 64
    estimation[random.random(estimation.shape) < missing] = NAN
    event[random.random(event.shape) < missing / 4] = NAN
    return Residuals(
        estimation=estimation,
        event=event,
        estimation_rows=np.where(np.isfinite(estimation), rows, -1),
        prediction=1 + random.uniform(0, 0.1, event.shape),
        car_prediction=np.isfinite(event).sum(axis=1) * random.uniform(1.0, 1.2, firms),
        parameters=2,
        episode=episode,
    )


def nothing_happens(random, dates, names=10, correlation=0.3, **design):
    """A study of `dates` independent dates on which `names` names each react to nothing.

    Returns follow the market with betas of 0.6 to 1.8, residuals of 2 to 5 % a day share one factor with the given
    correlation; `tails` are the degrees of freedom of Student's t (0 is normal), `wilder` multiplies all residuals of
    the event day, `sessions` is the estimation window. The market model is fitted firm by firm.
    """
    sessions, tails, wilder = design.get("sessions", 120), design.get("tails", 0), design.get("wilder", 1.0)
    shape = (dates, names, sessions + 1)
    market = 0.01 * random.normal(size=(dates, 1, sessions + 1))
    noise = math.sqrt(correlation) * _unit(random, (dates, 1, sessions + 1), tails)
    noise = noise + math.sqrt(1 - correlation) * _unit(random, shape, tails)
    noise[:, :, -1] *= wilder
    deviation = random.uniform(0.02, 0.05, (dates, names, 1))
    returns = random.uniform(0.6, 1.8, (dates, names, 1)) * market + deviation * noise
    before = market[:, :, :-1]
    off = before - before.mean(axis=2, keepdims=True)
    slope = (off * returns[:, :, :-1]).sum(axis=2, keepdims=True) / (off**2).sum(axis=2, keepdims=True)
    level = returns[:, :, :-1].mean(axis=2, keepdims=True) - slope * before.mean(axis=2, keepdims=True)
    abnormal = (returns - level - slope * market).reshape(dates * names, sessions + 1)
    regressors = np.stack([np.ones_like(market[:, 0]), market[:, 0]], axis=2)
    daily, whole = prediction_factors(regressors[:, :-1], regressors[:, -1:])
    episode = np.repeat(np.arange(dates), names)
    return Residuals(
        estimation=abnormal[:, :-1],
        event=abnormal[:, -1:],
        # Each date has sessions of its own.
        estimation_rows=episode[:, None] * (sessions + 1) + np.arange(sessions),
        prediction=daily[episode],
        car_prediction=whole[episode],
        parameters=2,
        episode=episode,
    )


def _unit(random, shape, tails):
    """Noise of deviation 1."""
    if not tails:
        return random.normal(size=shape)
    return random.standard_t(tails, size=shape) * math.sqrt((tails - 2) / tails)


def rejections(tests, draws, seed, **design):
    """Share of studies of nothing in which each test has p below 0.05."""
    random = np.random.default_rng(seed)
    hits = dict.fromkeys(tests, 0)
    for _ in range(draws):
        study = nothing_happens(random, **design)
        for name, test in tests.items():
            hits[name] += test(study).p < 0.05
    return {name: 100 * count / draws for name, count in hits.items()}
