"""How much of a book its benchmark explains: intercept and slope with errors that allow for autocorrelation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from strategies.metrics import irregular, session_days

if TYPE_CHECKING:
    import pandas as pd

LEAST = 60
NORMAL = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Regression:
    """Session returns of a book on those of its benchmark, on the sessions that both have.

    Parameters
    ----------
    sessions : int
        Returns used, n.
    lags : int
        Of the errors.
    intercept, slope : float or None
        The intercept is a session's, as a fraction.
    intercept_error, slope_error : float or None
        Newey–West standard errors.
    explained : float or None
        R², from 0 to 1.
    reason : str
        Why there is none; empty otherwise.
    """

    sessions: int
    lags: int
    intercept: float | None = None
    slope: float | None = None
    intercept_error: float | None = None
    slope_error: float | None = None
    explained: float | None = None
    reason: str = ""


def regression(book: pd.Series, benchmark: pd.Series) -> Regression:
    """Least squares of the book's returns on the benchmark's, with Newey–West errors.

    Parameters
    ----------
    book, benchmark : Series
        Wealth by session, matched by calendar day. A missing value leaves out the two returns it is part of,
        one that is not above zero the return after it. Sessions that only one of them has are left out before
        returns are taken.

    Returns
    -------
    Regression
        With `lags` = ⌊4 (n / 100)^(2/9)⌋ and the correction n / (n − 2). Without numbers where one of them has
        not one value a session in order, below 60 returns in common, and where the benchmark never moved.

    References
    ----------
    Newey, W. K. and West, K. D. (1987). A simple, positive semi-definite, heteroskedasticity and autocorrelation
    consistent covariance matrix. Econometrica 55(3), 703–708; the number of lags as in their paper of 1994.
    """
    if reason := irregular(book.index) or irregular(benchmark.index):
        return Regression(0, 0, reason=reason)
    y, x = _common_returns(book, benchmark).T
    lags = math.floor(4 * (len(y) / 100) ** (2 / 9))
    if len(y) < LEAST:
        return Regression(len(y), lags, reason=f"{len(y)} returns in common; it needs {LEAST}")
    if np.ptp(x) < 1e-12:
        return Regression(len(y), lags, reason="the benchmark never moved")
    design = np.column_stack([np.ones_like(x), x])
    bread = np.linalg.inv(design.T @ design)
    coefficients = bread @ design.T @ y
    residuals = y - design @ coefficients
    covariance = bread @ _meat(design * residuals[:, None], lags) @ bread * len(y) / (len(y) - 2)
    errors = np.sqrt(np.diag(covariance))
    spread = float(((y - y.mean()) ** 2).sum())
    return Regression(
        len(y),
        lags,
        intercept=float(coefficients[0]),
        slope=float(coefficients[1]),
        intercept_error=float(errors[0]),
        slope_error=float(errors[1]),
        explained=1 - float(residuals @ residuals) / spread if spread > 0 else None,
    )


def _common_returns(book: pd.Series, benchmark: pd.Series) -> np.ndarray:
    """Returns of both between sessions that both have, shape (n, 2)."""
    import pandas as pd

    wealth = [series.set_axis(session_days(series.index)) for series in (book, benchmark)]
    both = pd.concat(wealth, axis=1, join="inner")
    returns = both.pct_change(fill_method=None)[(both.shift() > 0).all(axis=1)]
    return returns.dropna().to_numpy(dtype=float)


def _meat(scores: np.ndarray, lags: int) -> np.ndarray:
    """Sum of autocovariances of the scores with Bartlett's weights."""
    found = scores.T @ scores
    for lag in range(1, lags + 1):
        shifted = scores[lag:].T @ scores[:-lag]
        found = found + (1 - lag / (lags + 1)) * (shifted + shifted.T)
    return np.asarray(found)
