"""Which single episodes were unusual, with a bound on how many of those found are none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strategies.arrays import Booleans, Numbers
from strategies.multiplicity import benjamini_yekutieli

# With fewer ordinary days the smallest p is too coarse to survive a correction for many episodes.
FEWEST_DAYS = 800
RATE = 0.10


@dataclass(frozen=True, eq=False)
class Discoveries:
    """Rank of each of K episodes among the ordinary days of the same firms.

    Parameters
    ----------
    p : ndarray of shape (K,)
        (1 + ordinary days that moved as far) / (1 + ordinary days); NaN with too few days.
    q : ndarray of shape (K,)
        Share of false finds to be expected if this episode and all with a smaller p are called unusual.
    days : ndarray of int, shape (K,)
        Ordinary days.
    found : int
        Episodes with q below 0.10.
    reason : str
        Why there is none at all; empty otherwise.
    """

    p: Numbers
    q: Numbers
    days: np.ndarray
    found: int = 0
    reason: str = ""


def discoveries(real: Numbers, values: Numbers, ordinary: Booleans) -> Discoveries:
    """Rank test of each episode, with q values for any dependence.

    A single date can be unusual; it cannot show an effect of the policy.

    Parameters
    ----------
    real : ndarray of shape (K,)
        One number an episode.
    values : ndarray of shape (K, T)
        The same portfolio on every session.
    ordinary : ndarray of bool, shape (K, T)
        Which sessions are ordinary.

    References
    ----------
    Gelbach, J. B., Helland, E. and Klick, J. (2013). Valid inference in single-firm, single-event studies. American Law
    and Economics Review 15(2), 495–541: the rank among ordinary days. Benjamini and Yekutieli (2001): the q values.
    """
    days = ordinary.sum(axis=1)
    far = (ordinary & (np.abs(np.where(ordinary, values, 0.0)) >= np.abs(real)[:, None])).sum(axis=1)
    able = (days >= FEWEST_DAYS) & np.isfinite(real)
    p = np.where(able, (1 + far) / (1 + days), np.nan)
    q = benjamini_yekutieli(p)
    if not able.any():
        most = int(days.max()) if len(days) else 0
        return Discoveries(
            p, q, days, reason=f"no episode has {FEWEST_DAYS} ordinary days: the most is {most}"
        )
    return Discoveries(p, q, days, int((q < RATE).sum()))
