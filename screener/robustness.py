"""How far a rank depends on the weights: the places a company takes under many others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from random import Random
from typing import TYPE_CHECKING

from screener.score import GRAIN
from universes.errors import BadParameter

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from screener.ranking import Screen

MOST_DRAWS = 100_000
LOW, HIGH = 0.05, 0.95
# A rank that moves over more than half of the names says more of the weights than of the company.
WIDE = 0.5


@dataclass(frozen=True, slots=True)
class RankInterval:
    """Where a company stands under random weights.

    Parameters
    ----------
    low, high : int
        The best and the worst place of the middle nine tenths of the draws: the 5 % and the 95 % quantile of its
        ranks, each a rank that it had. 1 is best.
    decided_by_weights : bool
        Whether `high` less `low` is more than half of the ranked names.
    """

    low: int
    high: int
    decided_by_weights: bool


def rank_intervals(found: Screen, draws: int, seed: int = 0) -> Mapping[str, RankInterval]:
    """Interval of the rank of every ranked company under random weightings.

    Each draw gives the factors that have a weight in the screen new weights, all weightings equally likely (uniform
    on the simplex), and ranks the same names anew by the same rule: unknown factors left out of a company's mean,
    equal scores by symbol.

    Parameters
    ----------
    found : Screen
        N ranked companies, those beyond the top too.
    draws : int
        How many weightings, 1 to 100,000.
    seed : int
        Of the draws: the same seed gives the same intervals on every machine.

    Returns
    -------
    mapping of str to RankInterval
        By symbol.

    Raises
    ------
    BadParameter
        If `draws` is out of range.
    """
    import numpy as np

    if not 1 <= draws <= MOST_DRAWS:
        raise BadParameter(f"robust: {draws} weightings: choose 1 to {MOST_DRAWS:,}, as 1000")
    rows = sorted(found.ranked, key=lambda row: row.symbol)
    if not rows:
        return {}
    used = found.weights.used
    values = np.array([[_value(row.scored.judgements[name].value) for name in used] for row in rows])
    ranks = np.sort(_ranks(values, _weightings(draws, len(used), seed)), axis=0)
    low, high = (ranks[ceil(share * draws) - 1] for share in (LOW, HIGH))
    return {
        row.symbol: RankInterval(int(best), int(worst), bool(worst - best > WIDE * len(rows)))
        for row, best, worst in zip(rows, low, high, strict=True)
    }


def _value(given: float | None) -> float:
    return float("nan") if given is None else given


def _weightings(draws: int, factors: int, seed: int) -> npt.NDArray[np.float64]:
    """Weights of shape (draws, factors), each row above 0; what matters is their proportion."""
    import numpy as np

    # Exponentials over their sum are uniform on the simplex: Devroye, Non-Uniform Random Variate Generation (1986),
    # chapter V, theorem 2.2. Python's generator promises the same numbers in later versions; numpy's does not.
    random = Random(seed)  # noqa: S311 (no secret depends on it)
    return np.array([[random.expovariate(1.0) for _ in range(factors)] for _ in range(draws)])


def _ranks(values: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
    """Ranks of shape (draws, N), from 1; rows of equal score in the order they stand."""
    import numpy as np

    known = ~np.isnan(values)
    scores = 100 * (weights @ np.where(known, values, 0.0).T) / (weights @ known.T.astype(float))
    # To whole grains, as scores are: equal companies must not be told apart by the last bit.
    order = np.argsort(-np.round(scores / GRAIN), axis=1, kind="stable")
    ranks = np.empty(order.shape, dtype=np.int32)
    np.put_along_axis(ranks, order, np.arange(1, len(values) + 1, dtype=np.int32)[np.newaxis, :], axis=1)
    return ranks
