"""Calendar-time portfolio: whoever is within an event window is held, and the portfolio's returns are tested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from strategies.arrays import Integers, Numbers
from strategies.event_tests import two_sided
from strategies.residuals import LEAST_DEVIATION, WORST_CONDITION
from universes.errors import BadParameter

Weights = Literal["dates", "firm-events"]


@dataclass(frozen=True, eq=False)
class Portfolio:
    """Mean return, by date, of the firm-events whose window holds the date.

    Parameters
    ----------
    rows : ndarray of int, shape (D,)
        Sessions of the market calendar on which anything is held, in order.
    returns : ndarray of shape (D,)
        Mean return, as a fraction.
    held : ndarray of int, shape (D,)
        Firm-events in the mean.
    """

    rows: Integers
    returns: Numbers
    held: Integers


@dataclass(frozen=True, slots=True)
class CalendarTime:
    """Test of the mean return of a calendar-time portfolio beyond its factors.

    Parameters
    ----------
    intercept : float or None
        Return a session that the factors leave, as a fraction.
    error : float or None
        Its standard error, robust to dates of different variance.
    statistic, p : float or None
        Student's t with `freedom` degrees of freedom; two-sided.
    dates : int
        D, sessions that the portfolio exists on.
    firm_events : int
        How many it is made of.
    freedom : int or None
        D less the number of coefficients.
    reason : str
        Why numbers are None; empty otherwise.
    """

    intercept: float | None = None
    error: float | None = None
    statistic: float | None = None
    p: float | None = None
    dates: int = 0
    firm_events: int = 0
    freedom: int | None = None
    reason: str = ""


def portfolio(returns: Numbers, rows: Integers) -> Portfolio:
    """The portfolio of the firm-events whose event window holds a date, equal weights.

    Parameters
    ----------
    returns : ndarray of shape (n, L2)
        Returns in the event windows, abnormal or not, times the sign; NaN where missing. A company within two windows
        counts in both.
    rows : ndarray of int, shape (n, L2)
        Session of the market calendar of each, −1 where missing.
    """
    here = np.isfinite(returns) & (rows >= 0)
    dates, place = np.unique(rows[here], return_inverse=True)
    held = np.bincount(place, minlength=len(dates))
    sums = np.bincount(place, weights=returns[here], minlength=len(dates))
    return Portfolio(dates, sums / np.maximum(held, 1), held)


def calendar_time(
    returns: Numbers,
    rows: Integers,
    factors: Numbers | None = None,
    riskless: Numbers | None = None,
    weights: Weights = "dates",
) -> CalendarTime:
    """Intercept of the calendar-time portfolio on factors, with standard errors that allow dates to vary differently.

    Least squares of the portfolio's return less the riskless one on a constant and the factors. With X the
    regressors, w the weights, e the residuals and h the leverages of the weighted regression, the covariance is
    (X'WX)⁻¹ [Σ (w e / (1 − h))² x x'] (X'WX)⁻¹, called HC3. Dates with many names vary less; `weights` of
    "firm-events" weighs each date by how many it holds. A policy day that touches all names is one date here, so that
    the number of names cannot make up for few dates.

    Parameters
    ----------
    returns : ndarray of shape (n, L2)
        As in `portfolio`.
    rows : ndarray of int, shape (n, L2)
        As in `portfolio`.
    factors : ndarray of shape (T, m), optional
        Returns of the factors by session of the market calendar. Without, the mean is tested: pass abnormal returns.
    riskless : ndarray of shape (T,), optional
        Riskless return by session.
    weights : {"dates", "firm-events"}
        What counts the same.

    Returns
    -------
    CalendarTime
        `reason` where there are no more dates than coefficients, or no spread.

    References
    ----------
    Jaffe, J. F. (1974). Special information and insider trading. Journal of Business.
    Mandelker, G. (1974). Risk and return: the case of merging firms. Journal of Financial Economics. Fama, E. F.
    (1998). Market efficiency, long-term returns, and behavioral finance. Journal of Financial Economics. MacKinnon,
    J. G. and White, H. (1985). Some heteroskedasticity-consistent covariance matrix estimators with improved finite
    sample properties. Journal of Econometrics: HC3.
    """
    held = portfolio(returns, rows)
    firm_events = int((np.isfinite(returns) & (rows >= 0)).any(axis=1).sum())
    target, regressors, number = _regression(held, factors, riskless)
    freedom = len(target) - regressors.shape[1]
    if freedom < 1:
        reason = f"too few dates with returns: {len(target)}, wanted {regressors.shape[1] + 1} or more"
        return CalendarTime(dates=len(target), firm_events=firm_events, reason=reason)
    counts = number if weights == "firm-events" else np.ones(len(target))
    intercept, error, reason = _fit(target, regressors, counts)
    if reason:
        return CalendarTime(dates=len(target), firm_events=firm_events, reason=reason)
    statistic = intercept / error
    return CalendarTime(
        intercept=intercept,
        error=error,
        statistic=statistic,
        p=two_sided(statistic, freedom),
        dates=len(target),
        firm_events=firm_events,
        freedom=freedom,
    )


def _regression(
    held: Portfolio, factors: Numbers | None, riskless: Numbers | None
) -> tuple[Numbers, Numbers, Numbers]:
    """Excess returns, regressors with a column of ones, and firm-events held, on the dates that have all of them."""
    for name, table in (("factors", factors), ("riskless", riskless)):
        if table is not None and len(held.rows) and len(table) <= held.rows[-1]:
            raise BadParameter(f"{name} has {len(table)} sessions, wanted {held.rows[-1] + 1}: one a session")
    target = held.returns if riskless is None else held.returns - riskless[held.rows]
    ones = np.ones((len(target), 1))
    regressors = ones if factors is None else np.hstack([ones, factors[held.rows]])
    known = np.isfinite(target) & np.isfinite(regressors).all(axis=1)
    return target[known], regressors[known], held.held[known].astype(float)


def _fit(target: Numbers, regressors: Numbers, counts: Numbers) -> tuple[float, float, str]:
    """Intercept, its HC3 standard error, and why there is none."""
    root = np.sqrt(counts)
    scaled, aim = regressors * root[:, None], target * root
    gram = scaled.T @ scaled
    if not np.linalg.cond(gram) < WORST_CONDITION:
        return 0.0, 0.0, "the factors cannot be told apart on these dates"
    inverse = np.linalg.inv(gram)
    coefficients = inverse @ (scaled.T @ aim)
    left = aim - scaled @ coefficients
    spare = 1 - np.einsum("ij,jk,ik->i", scaled, inverse, scaled)
    if (spare < LEAST_DEVIATION).any():
        return 0.0, 0.0, "one date decides a factor alone: no standard error"
    meat = scaled * (left / spare)[:, None]
    error = float(np.sqrt((inverse @ (meat.T @ meat) @ inverse)[0, 0]))
    if error < LEAST_DEVIATION:
        return 0.0, 0.0, f"the portfolio has the same return on all {len(target)} dates beyond its factors"
    return float(coefficients[0]), error, ""
