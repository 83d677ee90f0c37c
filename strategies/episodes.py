"""Episodes: events whose windows share a session date are one observation, not several.

The unit of evidence is the date: names that react on the same days share the shocks of those days.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strategies.arrays import Integers, Numbers


def merge(first: Sequence[int] | Integers, last: Sequence[int] | Integers) -> Integers:
    """Number of the episode of each span, shape (n,), from 0 in order of time.

    Spans that share a row belong together, and so do those that a chain of such spans joins.

    Parameters
    ----------
    first, last : sequence of int, shape (n,)
        Rows of each span, both included.
    """
    starts, ends = np.asarray(first, dtype=np.int64), np.asarray(last, dtype=np.int64)
    if not len(starts):
        return starts
    order = np.lexsort((ends, starts))
    reach = np.maximum.accumulate(ends[order])
    opens = np.concatenate([[False], starts[order][1:] > reach[:-1]])
    numbers = np.empty_like(starts)
    numbers[order] = np.cumsum(opens)
    return numbers


def means(values: Numbers, episode: Integers) -> Numbers:
    """Mean of the firm-events of each episode, missing values left out.

    Parameters
    ----------
    values : ndarray of shape (n, ...)
        One row a firm-event, NaN where missing.
    episode : ndarray of int, shape (n,)
        Number of its episode, from 0 without a hole.

    Returns
    -------
    ndarray of shape (K, ...)
        NaN for an episode without a value.
    """
    count = int(episode.max()) + 1 if len(episode) else 0
    here = np.isfinite(values)
    total = np.zeros((count, *values.shape[1:]))
    number = np.zeros((count, *values.shape[1:]))
    np.add.at(total, episode, np.where(here, values, 0.0))
    np.add.at(number, episode, here.astype(float))
    mean: Numbers = np.where(number > 0, total / np.maximum(number, 1), np.nan)
    return mean
