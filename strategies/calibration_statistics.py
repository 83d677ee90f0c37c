"""Statistics of many simulated studies at once: what `lodestone study` computes, draw by draw."""

from __future__ import annotations

import numpy as np

from strategies.arrays import Numbers
from strategies.sign_flip import sign_flip_many

LEVEL = 0.05


def date_p(values: Numbers) -> Numbers:
    """Two-sided p of the date test of each study, shape (R,), from numbers an episode of shape (R, K)."""
    from scipy.special import stdtr

    count = values.shape[1]
    error = values.std(axis=1, ddof=1) / np.sqrt(count)
    return np.asarray(2 * stdtr(count - 1, -np.abs(values.mean(axis=1) / error)))


def sign_flip_p(values: Numbers, seed: int) -> Numbers:
    """Two-sided p under flipped signs, shape (R,)."""
    return sign_flip_many(values, draws=999, seed=seed)


def placebo_p(values: Numbers, ordinary: Numbers, draws: int, random: np.random.Generator) -> Numbers:
    """Two-sided p of random calendars, shape (R,).

    Parameters
    ----------
    values : ndarray of shape (R, K)
        One number an episode.
    ordinary : ndarray of shape (R, K, D)
        The same portfolios on D ordinary days.
    draws : int
        Calendars.
    random : Generator
        Of the days.
    """
    studies, episodes, days = ordinary.shape
    place = random.integers(0, days, (draws, episodes))
    far = np.zeros(studies)
    bar = np.abs(values.mean(axis=1)) * (1 - 1e-12)
    for row in place:
        far += np.abs(ordinary[:, np.arange(episodes), row].mean(axis=1)) >= bar
    return (1 + far) / (1 + draws)


def patell_statistic(scaled: Numbers, freedom: int) -> Numbers:
    """Patell's z of each study, shape (R,), from standardised returns of shape (R, n)."""
    count = scaled.shape[1]
    return np.asarray(scaled.sum(axis=1) / np.sqrt(count * freedom / (freedom - 2)))


def bmp_statistic(scaled: Numbers) -> Numbers:
    """Boehmer, Musumeci and Poulsen's t of each study, shape (R,)."""
    return np.asarray(scaled.mean(axis=1) * np.sqrt(scaled.shape[1]) / scaled.std(axis=1, ddof=1))


def mean_correlation(residuals: Numbers) -> Numbers:
    """Average correlation over all pairs of firm-events, those of different episodes counting 0, shape (R,).

    Parameters
    ----------
    residuals : ndarray of shape (R, K, N, L)
        Of the estimation windows.
    """
    _, episodes, firms, _ = residuals.shape
    off = residuals - residuals.mean(axis=3, keepdims=True)
    off = off / np.sqrt((off**2).sum(axis=3, keepdims=True))
    within = ((off.sum(axis=2) ** 2).sum(axis=2) - firms).sum(axis=1)
    count = episodes * firms
    return np.asarray(within / (count * (count - 1)))


def two_sided_t(statistic: Numbers, freedom: int) -> Numbers:
    """Two-sided p on Student's law."""
    from scipy.special import stdtr

    return np.asarray(2 * stdtr(freedom, -np.abs(statistic)))


def two_sided_normal(statistic: Numbers) -> Numbers:
    """Two-sided p on the normal law."""
    from scipy.special import ndtr

    return np.asarray(2 * ndtr(-np.abs(statistic)))


def crude_p(residuals: Numbers, returns: Numbers) -> Numbers:
    """Two-sided p of the crude dependence adjustment, shape (R,)."""
    studies, _, _, sessions = residuals.shape
    before = residuals.mean(axis=(1, 2))
    days = returns.shape[3]
    deviation = before.std(axis=1, ddof=1)
    moved = returns.mean(axis=(1, 2)).sum(axis=1)
    return two_sided_t(moved / (deviation * np.sqrt(days)), sessions - 1).reshape(studies)


def corrado_statistic(residuals: Numbers, returns: Numbers) -> Numbers:
    """Corrado's z of one event day, shape (R,)."""
    joined = np.concatenate([residuals, returns], axis=3)
    total = joined.shape[3]
    ranks = np.empty(joined.shape, dtype=np.int32)
    np.put_along_axis(ranks, joined.argsort(axis=3), np.arange(1, total + 1, dtype=np.int32), axis=3)
    middle = ranks.mean(axis=(1, 2)) - (total + 1) / 2
    return np.asarray(middle[:, -1] / np.sqrt((middle**2).mean(axis=1)))


def sign_statistic(residuals: Numbers, car: Numbers) -> Numbers:
    """Cowan's generalised sign z of each study, shape (R,)."""
    share = (residuals > 0).mean(axis=(1, 2, 3))
    count = car.shape[1]
    above = (car > 0).sum(axis=1)
    return np.asarray((above - count * share) / np.sqrt(count * share * (1 - share)))
