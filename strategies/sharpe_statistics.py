"""What a Sharpe ratio is worth: how sure it is, how long a record that takes, and what the best of many must beat.

Ratios are those of one period, never annualised; kurtosis is 3 for the normal law.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from strategies.arrays import Numbers

EULER = 0.5772156649015329
# Deviations below this are rounding: returns are known to some 1e-16.
LEAST_DEVIATION = 1e-12
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments of n returns.

    Parameters
    ----------
    count : int
        n.
    mean, deviation : float
        Mean and standard deviation (divisor n − 1).
    sharpe : float
        Mean over deviation, of one period.
    skewness, kurtosis : float
        Of the sample, by moments; kurtosis of the normal law is 3.
    """

    count: int
    mean: float
    deviation: float
    sharpe: float
    skewness: float
    kurtosis: float


def moments(returns: Sequence[float] | Numbers) -> Moments | None:
    """Moments of returns; None with fewer than three or without spread.

    Parameters
    ----------
    returns : sequence of float, shape (n,)
        Simple returns, one a period or one an episode; NaN is left out.
    """
    known = np.asarray(returns, dtype=float)
    known = known[np.isfinite(known)]
    if len(known) < FEWEST:
        return None
    deviation = float(known.std(ddof=1))
    if deviation < LEAST_DEVIATION:
        return None
    mean = float(known.mean())
    scaled = (known - mean) / known.std()
    return Moments(
        len(known), mean, deviation, mean / deviation, float((scaled**3).mean()), float((scaled**4).mean())
    )


def probabilistic_sharpe(given: Moments, benchmark: float = 0.0) -> float:
    """Chance that the true ratio lies above a benchmark, PSR.

    Φ[(SR − SR*) √(n − 1) / √(1 − γ₃ SR + (γ₄ − 1)/4 SR²)]

    Parameters
    ----------
    given : Moments
        Of the returns.
    benchmark : float
        SR*, of one period.

    References
    ----------
    Bailey, D. H. and López de Prado, M. (2012). The Sharpe ratio efficient frontier. Journal of Risk 15(2), 3–44.
    """
    return _normal((given.sharpe - benchmark) * math.sqrt((given.count - 1) / _spread(given)))


def minimum_track_record(given: Moments, benchmark: float = 0.0, confidence: float = 0.95) -> float | None:
    """Periods after which the chance of a true ratio above the benchmark is `confidence`, minTRL.

    1 + (1 − γ₃ SR + (γ₄ − 1)/4 SR²) (z / (SR − SR*))², if the returns to come are like those so far.

    Parameters
    ----------
    given : Moments
        Of the returns.
    benchmark : float
        SR*, of one period.
    confidence : float
        Between 0.5 and 1.

    Returns
    -------
    float or None
        None where the ratio is not above the benchmark: no record is long enough.

    References
    ----------
    Bailey and López de Prado (2012), as for `probabilistic_sharpe`.
    """
    ahead = given.sharpe - benchmark
    if ahead <= 0:
        return None
    return 1 + _spread(given) * (_quantile(confidence) / ahead) ** 2


def expected_maximum(trials: float, deviation: float) -> float:
    """Largest ratio that so many trials without any skill are expected to reach.

    √V [(1 − γ) Φ⁻¹(1 − 1/N) + γ Φ⁻¹(1 − 1/(N e))], γ Euler's number 0.577…; 0 for one trial.

    Parameters
    ----------
    trials : float
        N, independent ones.
    deviation : float
        √V, standard deviation of their ratios.

    References
    ----------
    Bailey, D. H. and López de Prado, M. (2014). The deflated Sharpe ratio. Journal of Portfolio Management 40(5),
    94–107.
    """
    if trials <= 1:
        return 0.0
    return deviation * (
        (1 - EULER) * _quantile(1 - 1 / trials) + EULER * _quantile(1 - 1 / (trials * math.e))
    )


def deflated_sharpe(given: Moments, trials: float, deviation: float) -> float:
    """Chance that the true ratio is above what the best of many trials without skill would show, DSR.

    PSR with the expected maximum as benchmark: the convention of 2014, which Lodestone grades by.

    Parameters
    ----------
    given : Moments
        Of the returns of the chosen trial.
    trials : float
        N, how many were tried.
    deviation : float
        Standard deviation of their ratios, of one period.

    References
    ----------
    Bailey and López de Prado (2014), as for `expected_maximum`.
    """
    return probabilistic_sharpe(given, expected_maximum(trials, deviation))


def deflated_sharpe_2025(
    given: Moments, trials: int, deviation: float, autocorrelation: float = 0.0
) -> float:
    """The same by the convention of 2025: variance under the null, times that of the maximum of so many normals.

    With SR₀ the expected maximum, ρ the autocorrelation, B = ρ/(1 − ρ) and C = ρ²/(1 − ρ²), the variance is
    [(1 + ρ)/(1 − ρ) − (1 + B + C) γ₃ SR₀ + (1 + 2C)(γ₄ − 1)/4 SR₀²]/n. The two conventions must not be mixed.

    Parameters
    ----------
    given : Moments
        Of the returns of the chosen trial.
    trials : int
        N.
    deviation : float
        Standard deviation of their ratios, of one period.
    autocorrelation : float
        ρ of the returns, one period apart.

    References
    ----------
    López de Prado, M., Lipton, A. and Zoonekynd, V. (2025). How to use the Sharpe ratio. SSRN 5520741.
    """
    bar, rho = expected_maximum(trials, deviation), autocorrelation
    b, c = rho / (1 - rho), rho**2 / (1 - rho**2)
    variance = (
        (1 + rho) / (1 - rho)
        - (1 + b + c) * given.skewness * bar
        + (1 + 2 * c) * (given.kurtosis - 1) / 4 * bar**2
    ) / given.count
    return _normal((given.sharpe - bar) / math.sqrt(variance * maximum_variance(trials)))


@lru_cache(maxsize=64)
def maximum_variance(trials: int) -> float:
    """Variance of the largest of N independent standard normal numbers, by integration; 1 for one.

    Parameters
    ----------
    trials : int
        N.
    """
    from scipy.special import log_ndtr

    x = np.linspace(-12, 12, 48_001)
    density = trials * np.exp((trials - 1) * log_ndtr(x) - x**2 / 2) / math.sqrt(2 * math.pi)
    step = x[1] - x[0]
    mean = float((x * density).sum() * step)
    return float((x**2 * density).sum() * step) - mean**2


def minimum_backtest_length(trials: float, sharpe: float) -> float:
    """Years below which the best of N strategies without skill is expected to reach a yearly ratio, minBTL.

    Parameters
    ----------
    trials : float
        N, independent ones.
    sharpe : float
        Yearly ratio, above zero.

    References
    ----------
    Bailey, D. H., Borwein, J. M., López de Prado, M. and Zhu, Q. J. (2014). Pseudo-mathematics and financial
    charlatanism. Notices of the American Mathematical Society 61(5), 458–471.
    """
    return (expected_maximum(trials, 1.0) / sharpe) ** 2


def _spread(given: Moments) -> float:
    """Variance of √n times the estimated ratio, to first order; no less than a thousandth."""
    sharpe = given.sharpe
    # A sample has kurtosis ≥ skewness² + 1, so that this is zero or more; at zero nothing is uncertain.
    return max(1 - given.skewness * sharpe + (given.kurtosis - 1) / 4 * sharpe**2, 1e-3)


def _normal(z: float) -> float:
    from scipy.special import ndtr

    return float(ndtr(z))


def _quantile(p: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(p))
