"""Measures of episode returns by which sets are compared: one row a set, the higher the better."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from strategies.arrays import Numbers


def mean_episode(returns: Numbers) -> Numbers:
    """Mean of each row of shape (P, n), missing values left out; NaN of none."""
    here = np.isfinite(returns)
    count = here.sum(axis=1)
    return np.where(count > 0, np.where(here, returns, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)


def t_episode(returns: Numbers) -> Numbers:
    """Mean over its standard error, of each row of shape (P, n); NaN of fewer than two values, or of equal ones."""
    here = np.isfinite(returns)
    count, mean = here.sum(axis=1), mean_episode(returns)
    squares = np.where(here, returns - mean[:, None], 0.0) ** 2
    deviation = np.sqrt(squares.sum(axis=1) / np.maximum(count - 1, 1))
    able = deviation > 1e-12
    return np.where(able, mean / np.where(able, deviation, 1.0) * np.sqrt(count), np.nan)


def median_episode(returns: Numbers) -> Numbers:
    """Median of each row of shape (P, n), missing values left out; NaN of none."""
    ranked = np.sort(returns, axis=1)
    count = np.isfinite(returns).sum(axis=1)
    padded = np.column_stack([ranked, np.full(len(returns), np.nan)])
    row = np.arange(len(returns))
    return (padded[row, np.maximum(count - 1, 0) // 2] + padded[row, count // 2]) / 2


MEASURES: dict[str, Callable[[Numbers], Numbers]] = {
    "mean_episode": mean_episode,
    "median_episode": median_episode,
    "t_episode": t_episode,
}
