"""Sign-flip test: how often episodes with random signs have a mean as far from zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from strategies.arrays import Numbers

# Below this the least possible p is above 0.05 or just below it, and one date decides.
FEWEST_EPISODES = 6
# Two halves of so many signs are counted against one another: 2^20 sums each.
MOST_EXACT = 40
# Sums that differ by less, as a share of all sizes added, are equal: the order of adding must not matter.
EQUAL = 1e-12
CHUNK = 4096


@dataclass(frozen=True, slots=True)
class SignFlip:
    """Two-sided p of the mean of K episodes if each was as likely to have had the other sign.

    Parameters
    ----------
    episodes : int
        K.
    p : float or None
        Share of sign patterns whose mean is at least as far from zero, the one that came about included.
    exact : bool
        Whether all 2^K patterns were counted, not a sample.
    flips : int
        Patterns that were counted.
    least : float or None
        Smallest p that K episodes can give, 2^(1 − K).
    reason : str
        Why there is no p; empty otherwise.
    """

    episodes: int
    p: float | None = None
    exact: bool = False
    flips: int = 0
    least: float | None = None
    reason: str = ""


def sign_flip(values: Sequence[float] | Numbers, *, draws: int = 9_999, seed: int = 0) -> SignFlip:
    """Randomisation test of a mean of zero, for episodes that are independent and symmetric about it.

    All 2^K patterns of signs are counted up to K = 40, by sums of two halves; beyond, `draws` random ones and the one
    that came about. It needs no common variance: a wild date is as wild with either sign.

    Parameters
    ----------
    values : sequence of float, shape (K,)
        One number an episode; NaN is left out.
    draws : int
        Random patterns where not all can be counted.
    seed : int
        Of those.

    Returns
    -------
    SignFlip
        Without p below six episodes, and where all values are zero; `reason` says so.

    References
    ----------
    Canay, I. A., Romano, J. P. and Shaikh, A. M. (2017). Randomization tests under an approximate symmetry
    assumption. Econometrica 85(3), 1013–1030.
    """
    known = np.asarray(values, dtype=float)
    known = np.sort(known[np.isfinite(known)])
    count = len(known)
    if not count:
        return SignFlip(0, reason="no episode has a value")
    least = 2.0 ** (1 - count)
    if count < FEWEST_EPISODES:
        reason = f"not to be had below {FEWEST_EPISODES} dates: {count} can give no p below {least:.3g}"
        return SignFlip(count, least=min(least, 1.0), reason=reason)
    if not known.any():
        return SignFlip(count, least=least, reason="all episodes are zero")
    if count <= MOST_EXACT:
        return SignFlip(count, _share_of_all(known), exact=True, flips=2**count, least=least)
    return SignFlip(count, _share_of_some(known, draws, seed), flips=draws, least=1 / (draws + 1))


def _share_of_all(values: Numbers) -> float:
    """Share of all patterns of signs whose sum is as far from zero: each sum of one half beside all of the other."""
    half = len(values) // 2
    one, other = _sums(values[:half]), np.sort(_sums(values[half:]))
    bar = abs(values.sum()) - EQUAL * np.abs(values).sum()
    # The other half must reach the bar from above, or its mirror from below; both are equally many.
    above = len(other) - np.searchsorted(other, bar - one, side="left")
    if bar <= 0:
        return 1.0
    return float(2 * above.sum() / 2 ** len(values))


def _sums(values: Numbers) -> Numbers:
    """Sums under all patterns of signs, shape (2^K,)."""
    sums = np.zeros(1)
    for value in values.tolist():
        sums = np.concatenate([sums + value, sums - value])
    return sums


def _share_of_some(values: Numbers, draws: int, seed: int) -> float:
    random = np.random.default_rng(seed)
    bar = abs(values.sum()) - EQUAL * np.abs(values).sum()
    found = 1
    for first in range(0, draws, CHUNK):
        signs = random.integers(0, 2, (min(CHUNK, draws - first), len(values))) * 2 - 1
        found += int((np.abs(signs @ values) >= bar).sum())
    return found / (draws + 1)


def sign_flip_many(values: Numbers, *, draws: int = 999, seed: int = 0) -> Numbers:
    """Share as far from zero, p, of many sets of K episodes at once, shape (R,): few patterns, shared by all.

    For simulations: `sign_flip` counts more. All patterns are taken up to K = 10; where they are random,
    p is (1 + those as far) / (draws + 1).

    Parameters
    ----------
    values : ndarray of shape (R, K)
        None missing.
    draws, seed : int
        Random patterns, and their seed.
    """
    count = values.shape[1]
    if 2 ** (count - 1) <= draws + 1:
        # By symmetry the first sign can stay.
        signs = np.array([1 - 2 * ((number >> np.arange(count)) & 1) for number in range(0, 2**count, 2)])
    else:
        random = np.random.default_rng(seed)
        signs = np.vstack([np.ones(count), random.integers(0, 2, (draws, count)) * 2 - 1])
    bar = np.abs(values.sum(axis=1)) - EQUAL * np.abs(values).sum(axis=1)
    return np.asarray((np.abs(values @ signs.T) >= bar[:, None]).mean(axis=1))
