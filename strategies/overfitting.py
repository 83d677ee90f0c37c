"""How often the best of many sets, chosen on half of the past, is worse than the middle on the other half."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from strategies.arrays import Integers, Numbers
from universes.errors import BadParameter

BLOCKS = 16
FEWEST_PERIODS = 4
# Splits that are judged in one go, so that memory does not grow with their number.
CHUNK = 256
LEAST_DEVIATION = 1e-12
# Markets without skill that tell what the probability is worth, of at most so many sets and periods each.
NULL_DRAWS, NULL_SETS, NULL_PERIODS, NULL_SPLITS = 200, 50, 480, 252
NULL_RANGE = (0.05, 0.95)


@dataclass(frozen=True, eq=False)
class Overfitting:
    """Probability of backtest overfitting, PBO.

    Parameters
    ----------
    probability : float or None
        Share of the splits in which the set that was best on one half ranks in the lower half of the other, or at its
        middle.
    splits : int
        How many halves were judged: all choices of half of the blocks.
    logits : ndarray of shape (splits,)
        ln(ω / (1 − ω)) of each, ω the rank of the chosen set on the other half over the number of sets plus one.
    low, high : float or None
        5 % and 95 % of this probability where no set has any skill: it is no test, and this is its noise.
    sets, periods : int
        Sets that could be judged, and periods.
    reason : str
        Why there is none; empty otherwise.
    """

    probability: float | None = None
    splits: int = 0
    logits: Numbers | None = None
    low: float | None = None
    high: float | None = None
    sets: int = 0
    periods: int = 0
    reason: str = ""


def probability_of_overfitting(
    returns: Numbers, *, blocks: int = BLOCKS, measure: str = "sharpe", null: bool = True, seed: int = 0
) -> Overfitting:
    """Combinatorially symmetric cross-validation of the choice among P sets.

    Parameters
    ----------
    returns : ndarray of shape (T, P)
        Returns of every set, one row a period or an episode in order of time; NaN is a period without one.
    blocks : int
        S, even: the periods are cut into so many blocks; fewer where there are too few periods.
    measure : {"sharpe", "mean"}
        What sets are chosen and judged by.
    null : bool
        Also draw the range without skill.
    seed : int
        Of that.

    Raises
    ------
    BadParameter
        If `blocks` or `measure` is wrong.

    References
    ----------
    Bailey, D. H., Borwein, J. M., López de Prado, M. and Zhu, Q. J. (2016). The probability of backtest overfitting.
    Journal of Computational Finance 20(4), 39–69.
    """
    if blocks < 2 or blocks % 2 or measure not in ("sharpe", "mean"):
        raise BadParameter(
            f"blocks is {blocks} and measure {measure!r}: an even number from 2 and sharpe or mean are wanted"
        )
    table = np.asarray(returns, dtype=float)
    able = np.isfinite(table).any(axis=0) & (np.nanmax(table, axis=0, initial=-np.inf) > -np.inf)
    table = table[:, able & _varies(table)]
    periods, sets = table.shape
    blocks = min(blocks, periods // 2 * 2)
    if sets < 2 or periods < FEWEST_PERIODS:
        return Overfitting(
            sets=sets, periods=periods, reason=f"{sets} sets over {periods} periods: it takes 2 and 4"
        )
    logits = _logits(table, blocks, measure)
    low, high = _without_skill(table, blocks, measure, seed) if null else (None, None)
    return Overfitting(float((logits <= 0).mean()), len(logits), logits, low, high, sets, periods)


def _varies(table: Numbers) -> np.ndarray:
    count = np.isfinite(table).sum(axis=0)
    known = np.where(np.isfinite(table), table, 0.0)
    mean = known.sum(axis=0) / np.maximum(count, 1)
    squares = (np.where(np.isfinite(table), table - mean, 0.0) ** 2).sum(axis=0)
    return np.asarray(squares > LEAST_DEVIATION**2)


def _logits(table: Numbers, blocks: int, measure: str, most: int = 0, seed: int = 0) -> Numbers:
    """Logit of each split, or of `most` random ones."""
    edges = np.linspace(0, len(table), blocks + 1).round().astype(int)[:-1]
    here = np.isfinite(table)
    known = np.where(here, table, 0.0)
    sums = np.stack([np.add.reduceat(part, edges, axis=0) for part in (here.astype(float), known, known**2)])
    total = sums.sum(axis=1)
    found = []
    for chosen in _halves(blocks, most, seed):
        inside = np.einsum("cs,ksp->kcp", chosen, sums)
        found.append(_judged(_measure(inside, measure), _measure(total[:, None] - inside, measure)))
    return np.concatenate(found)


def _halves(blocks: int, most: int, seed: int) -> Iterator[Numbers]:
    """Choices of half of the blocks, as rows of ones and zeros, a chunk at a time."""
    every: Integers | list[tuple[int, ...]]
    if most and comb(blocks, blocks // 2) > most:
        random = np.random.default_rng(seed)
        every = [tuple(random.permutation(blocks)[: blocks // 2]) for _ in range(most)]
    else:
        every = list(combinations(range(blocks), blocks // 2))
    for first in range(0, len(every), CHUNK):
        part = np.array(every[first : first + CHUNK])
        chosen = np.zeros((len(part), blocks))
        np.put_along_axis(chosen, part, 1.0, axis=1)
        yield chosen


def _measure(sums: Numbers, measure: str) -> Numbers:
    """Measure of each set from counts, sums and sums of squares, shape (3, splits, P); −∞ where undefined."""
    count, total, squares = sums
    some = np.maximum(count, 1)
    mean = total / some
    if measure == "mean":
        return np.where(count > 0, mean, -np.inf)
    variance = (squares - some * mean**2) / np.maximum(count - 1, 1)
    able = (count > 1) & (variance > LEAST_DEVIATION**2)
    return np.where(able, mean / np.sqrt(np.where(able, variance, 1.0)), -np.inf)


def _judged(inside: Numbers, outside: Numbers) -> Numbers:
    """Logit of the rank on the other half of the set that was best on one, shape (splits,)."""
    rows = np.arange(len(inside))
    value = outside[rows, inside.argmax(axis=1)][:, None]
    # Sets with the same value share the mean of their ranks.
    rank = (outside < value).sum(axis=1) + ((outside == value).sum(axis=1) + 1) / 2
    share = rank / (outside.shape[1] + 1)
    return np.asarray(np.log(share / (1 - share)))


def _without_skill(table: Numbers, blocks: int, measure: str, seed: int) -> tuple[float, float]:
    """Range of the probability of as many sets, as alike, none of which is better than another."""
    sets, periods = min(table.shape[1], NULL_SETS), min(len(table), NULL_PERIODS)
    linked = _likeness(table)
    random = np.random.default_rng(seed)
    found = []
    for _ in range(NULL_DRAWS):
        common = random.normal(size=(periods, 1))
        drawn = np.sqrt(linked) * common + np.sqrt(1 - linked) * random.normal(size=(periods, sets))
        found.append(float((_logits(drawn, blocks, measure, NULL_SPLITS, seed) <= 0).mean()))
    low, high = np.quantile(found, NULL_RANGE)
    return float(low), float(high)


def _likeness(table: Numbers) -> float:
    """Average correlation of the sets, from the variance of their mean; between 0 and 0.99."""
    known = np.where(np.isfinite(table), table, 0.0)
    known = known - known.mean(axis=0)
    scaled = known / np.maximum(known.std(axis=0), LEAST_DEVIATION)
    count = scaled.shape[1]
    return float(np.clip((scaled.mean(axis=1).var() * count - 1) / (count - 1), 0.0, 0.99))
