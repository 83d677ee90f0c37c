"""The date-level t test: one number an episode, as many observations as there are independent dates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from strategies.arrays import Numbers
from strategies.window_test import WindowTest

LEVEL = 0.05
POWER = 0.8
# Deviations below this are rounding: returns are known to some 1e-16.
LEAST_DEVIATION = 1e-12


def date_test(values: Sequence[float] | Numbers, first: int, last: int) -> WindowTest:
    """Student's test of the mean of K episode averages, with K − 1 degrees of freedom.

    It keeps its level when the names of one date move together, when their number differs, and when some dates
    are wilder than others; what it needs is that different episodes are independent.

    Parameters
    ----------
    values : sequence of float, shape (K,)
        One number an episode, as fractions; NaN is an episode without one and is left out.
    first, last : int
        The window, for the result.

    Returns
    -------
    WindowTest
        With K below 2 or K equal values there is no interval, t or p; `reason` says so.
    """
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    count = len(known)
    if not count:
        return WindowTest(first, last, 0, reason="no episode has a value")
    mean, median = float(known.mean()), float(np.median(known))
    positive = float((known > 0).mean())
    deviation = float(known.std(ddof=1)) if count > 1 else 0.0
    if deviation < LEAST_DEVIATION:
        reason = (
            "one episode: a test needs two" if count == 1 else f"all {count} episodes have the same value"
        )
        return WindowTest(first, last, count, mean, median, positive=positive, reason=reason)
    error = deviation / math.sqrt(count)
    t = mean / error
    reach = critical(count) * error
    return WindowTest(
        first=first,
        last=last,
        episodes=count,
        mean=mean,
        median=median,
        low=mean - reach,
        high=mean + reach,
        t=t,
        p=two_sided(t, count),
        positive=positive,
        detectable=detectable_errors(count) * error,
    )


def two_sided(t: float, episodes: int) -> float:
    """Chance of a t statistic at least as far from zero, with K − 1 degrees of freedom."""
    from scipy.special import stdtr

    return float(2 * stdtr(episodes - 1, -abs(t)))


@lru_cache(maxsize=512)
def critical(episodes: int) -> float:
    """Size of t that one of 20 studies of K episodes exceeds, on either side, when there is no effect."""
    from scipy.special import stdtrit

    return float(stdtrit(episodes - 1, 1 - LEVEL / 2))


@lru_cache(maxsize=512)
def detectable_errors(episodes: int) -> float:
    """True mean, in standard errors, that 80 of 100 studies of K episodes find.

    From the noncentral t distribution with K − 1 degrees of freedom; the chance to reject on the wrong side,
    below one in a million, is left out.
    """
    from scipy.special import nctdtrinc

    return float(nctdtrinc(episodes - 1, 1 - POWER, critical(episodes)))


def without_each(values: Sequence[float] | Numbers) -> tuple[WindowTest, ...]:
    """The test with each episode left out in turn, K results; K must be 2 or more."""
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    return tuple(date_test(np.delete(known, at), 0, 0) for at in range(len(known)))


def band(values: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Mean over K episodes and its 95 % band by column, each of shape (D,).

    Parameters
    ----------
    values : ndarray of shape (K, D)
        One row an episode, none missing.

    Returns
    -------
    tuple of ndarray
        Mean, low, high; low and high are NaN with fewer than two episodes.
    """
    count = len(values)
    mean = values.mean(axis=0)
    if count < 2:
        return mean, np.full_like(mean, np.nan), np.full_like(mean, np.nan)
    reach = critical(count) * values.std(axis=0, ddof=1) / math.sqrt(count)
    return mean, mean - reach, mean + reach
