"""Where a result stands among runs of the same rules on dates drawn at random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from strategies.result import Backtest

MOST_BINS = 30


@dataclass(frozen=True, slots=True)
class Standing:
    """A number of a result among the same number of draws.

    Parameters
    ----------
    value : float
        Of the result.
    draws : int
        Draws that have the number.
    as_good : int
        Draws at least as high.
    p : float
        (`as_good` + 1) / (`draws` + 1): how often luck of the dates alone does as well.
    middle : float
        Median of the draws.
    edges : tuple of float, length B + 1
        Of the bins, `value` within them.
    counts : tuple of int, length B
        Draws in each bin.
    """

    value: float
    draws: int
    as_good: int
    p: float
    middle: float
    edges: tuple[float, ...]
    counts: tuple[int, ...]


def standing(result: Backtest, name: str) -> Standing | str:
    """Where a metric of a result lies among the draws that were run beside it, or why that is not known.

    Parameters
    ----------
    result : Backtest
        With `rivals`.
    name : str
        Of a metric that the draws have too: ``"total_return"``.

    References
    ----------
    Phipson, B. and Smyth, G. K. (2010). Permutation P-values should never be zero. Statistical Applications in
    Genetics and Molecular Biology 9(1), article 39: the one added above and below.
    """
    found: Mapping[str, Any] = (result.rivals or {}).get("random_dates") or {"reason": "they were not run"}
    if found["reason"]:
        return str(found["reason"])
    metric = result.metrics.get(name)
    known = [value for value in found.get(name, ()) if value is not None]
    if metric is None or metric.value is None or not known:
        return "the number is not defined"
    return _among(float(metric.value), known)


def _among(value: float, draws: Sequence[float]) -> Standing:
    numbers = np.asarray(draws, dtype=float)
    as_good = int((numbers >= value).sum())
    span = min(float(numbers.min()), value), max(float(numbers.max()), value)
    counts, edges = np.histogram(numbers, bins=min(MOST_BINS, max(5, len(numbers) // 5)), range=span)
    return Standing(
        value,
        len(numbers),
        as_good,
        (as_good + 1) / (len(numbers) + 1),
        float(np.median(numbers)),
        tuple(edges.tolist()),
        tuple(counts.tolist()),
    )
