"""Intervals of Sharpe ratios of returns that are fat-tailed and depend on the day before."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from strategies.arrays import Numbers

FEWEST = 20
LEAST_DEVIATION = 1e-12


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its interval.

    Parameters
    ----------
    value, low, high : float or None
        Estimate and bounds, of one period.
    p : float or None
        Two-sided, of a true value of zero.
    block : int
        Periods a block of the bootstrap; 0 where none was drawn.
    reason : str
        Why there is none; empty otherwise.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    block: int = 0
    reason: str = ""


def lo_factor(returns: Sequence[float] | Numbers, periods: int) -> float | None:
    """Factor that takes a ratio of one period to one of `periods`, with autocorrelation allowed for.

    q / √(q + 2 Σ_{k<q} (q − k) ρ_k); √q without autocorrelation.

    Parameters
    ----------
    returns : sequence of float, shape (n,)
        Simple returns in order of time.
    periods : int
        q, as 252.

    Returns
    -------
    float or None
        None without spread, with fewer than 2 q returns, or where the sample's autocorrelations leave no variance.

    References
    ----------
    Lo, A. W. (2002). The statistics of Sharpe ratios. Financial Analysts Journal 58(4), 36–52.
    """
    known = np.asarray(returns, dtype=float)
    if len(known) < 2 * periods or not np.isfinite(known).all() or known.std() < LEAST_DEVIATION:
        return None
    off = known - known.mean()
    size = 1 << (2 * len(off) - 1).bit_length()
    power = np.abs(np.fft.rfft(off, size)) ** 2
    rho = np.fft.irfft(power, size)[:periods] / (off @ off)
    weights = periods - np.arange(1, periods)
    variance = periods + 2 * float(weights @ rho[1:])
    return periods / math.sqrt(variance) if variance > LEAST_DEVIATION else None


def lo_factor_ar1(autocorrelation: float, periods: int) -> float:
    """The same where returns follow an autoregression of order one, in closed form.

    √q [1 + 2ρ/(1 − ρ) (1 − (1 − ρ^q)/(q (1 − ρ)))]^(−1/2)

    Parameters
    ----------
    autocorrelation : float
        ρ, below 1 in size.
    periods : int
        q.

    References
    ----------
    Lo (2002), as for `lo_factor`.
    """
    rho, q = autocorrelation, periods
    return math.sqrt(q / (1 + 2 * rho / (1 - rho) * (1 - (1 - rho**q) / (q * (1 - rho)))))


def sharpe_interval(
    returns: Sequence[float] | Numbers, *, level: float = 0.95, draws: int = 2_000, seed: int = 0
) -> Interval:
    """Sharpe ratio of one period with its interval, from a studentised bootstrap of blocks.

    Parameters
    ----------
    returns : sequence of float, shape (n,)
        In order of time; NaN is left out.
    level : float
        Of the interval.
    draws, seed : int
        Of the bootstrap.

    References
    ----------
    Ledoit, O. and Wolf, M. (2008). Robust performance hypothesis testing with the Sharpe ratio. Journal of Empirical
    Finance 15(5), 850–859: for the difference of two ratios; here with one.
    """
    known = np.asarray(returns, dtype=float)
    known = known[np.isfinite(known)]
    reason = _too_little(known)
    if reason:
        return Interval(reason=reason)
    return _bootstrapped(np.column_stack([known, known**2]), level, draws, seed)


def sharpe_difference(
    first: Sequence[float] | Numbers,
    second: Sequence[float] | Numbers,
    *,
    level: float = 0.95,
    draws: int = 2_000,
    seed: int = 0,
) -> Interval:
    """Sharpe ratio of one series less that of another on the same dates, with its interval.

    Parameters
    ----------
    first, second : sequence of float, shape (n,)
        Returns in order of time; dates on which either is missing are left out.
    level, draws, seed
        As for `sharpe_interval`.

    References
    ----------
    Ledoit and Wolf (2008), as there: HAC standard errors, studentised circular blocks.
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    both = np.isfinite(a) & np.isfinite(b)
    a, b = a[both], b[both]
    reason = _too_little(a) or _too_little(b) or _too_little(a - b, what="difference")
    if reason:
        return Interval(reason=reason)
    return _bootstrapped(np.column_stack([a, a**2, b, b**2]), level, draws, seed)


def _too_little(known: Numbers, what: str = "series") -> str:
    if len(known) < FEWEST:
        return f"{len(known)} returns: an interval needs {FEWEST}"
    return f"the {what} never moved" if known.std() < LEAST_DEVIATION else ""


def _bootstrapped(table: Numbers, level: float, draws: int, seed: int) -> Interval:
    """Interval of the ratio, or difference of ratios, of raw moments of shape (n, 2) or (n, 4)."""
    count = len(table)
    block = max(round(count ** (1 / 3)), 1)
    value, error = _estimate(table.mean(axis=0)), _error(table)
    if error < LEAST_DEVIATION:
        return Interval(
            float(value), float(value), float(value), reason="every part of the series says the same"
        )
    sums = _block_sums(table, block)
    starts = np.random.default_rng(seed).integers(0, count, (draws, count // block))
    drawn = sums[starts]
    means = drawn.sum(axis=1) / (starts.shape[1] * block)
    # Of each draw, variance from its own blocks: what studentises it.
    off = (drawn - block * means[:, None]) / math.sqrt(block)
    gradient = _gradient(means)
    along = np.einsum("dlm,dm->dl", off, gradient)
    errors = np.sqrt((along**2).mean(axis=1) / (starts.shape[1] * block))
    apart = np.abs(_estimate(means) - value)
    studentised = np.where(errors > 0, apart / np.where(errors > 0, errors, 1.0), np.inf)
    # The value that so many draws reach: without interpolation, which infinities would not survive.
    reach = float(np.sort(studentised)[math.ceil(level * draws) - 1]) * error
    if not math.isfinite(reach):
        return Interval(float(value), reason="most blocks never move: no interval")
    p = (1 + int((studentised >= abs(value) / error).sum())) / (1 + draws)
    return Interval(float(value), float(value) - reach, float(value) + reach, p, block)


def _block_sums(table: Numbers, block: int) -> Numbers:
    """Sums of each block of the series bent to a circle, by its first row."""
    summed = np.vstack([np.zeros(table.shape[1]), np.cumsum(np.vstack([table, table[: block - 1]]), axis=0)])
    found: Numbers = summed[block:] - summed[:-block]
    return found


def _estimate(means: Numbers) -> Numbers:
    """Ratio, or difference of ratios, of raw moments along the last axis."""
    ratios = [
        means[..., at] / np.sqrt(np.maximum(means[..., at + 1] - means[..., at] ** 2, LEAST_DEVIATION**2))
        for at in range(0, means.shape[-1], 2)
    ]
    return np.asarray(ratios[0] if len(ratios) == 1 else ratios[0] - ratios[1])


def _gradient(means: Numbers) -> Numbers:
    """Derivatives of `_estimate` by the moments, shape as of `means`: γ/σ³ and −μ/(2σ³), with signs."""
    parts = []
    for at in range(0, means.shape[-1], 2):
        mean, square = means[..., at], means[..., at + 1]
        cubed = np.maximum(square - mean**2, LEAST_DEVIATION**2) ** 1.5
        sign = 1.0 if at == 0 else -1.0
        parts += [sign * square / cubed, -sign * mean / (2 * cubed)]
    return np.stack(parts, axis=-1)


def _error(table: Numbers) -> float:
    """Standard error of the estimate from the spectral density at zero, quadratic spectral kernel.

    References
    ----------
    Andrews, D. W. K. (1991). Heteroskedasticity and autocorrelation consistent covariance matrix estimation.
    Econometrica 59(3), 817–858: the kernel and its automatic bandwidth from autoregressions of order one.
    """
    count = len(table)
    along = (table - table.mean(axis=0)) @ _gradient(table.mean(axis=0))
    if along @ along < LEAST_DEVIATION**2:
        return 0.0
    rho = float(np.clip((along[1:] @ along[:-1]) / (along[:-1] @ along[:-1]), -0.97, 0.97))
    alpha = 4 * rho**2 / (1 - rho) ** 4
    bandwidth = max(1.3221 * (alpha * count) ** 0.2, 1e-6)
    lags = np.arange(1, count)
    x = 6 * math.pi * lags / (5 * bandwidth)
    weights = 3 / x**2 * (np.sin(x) / x - np.cos(x))
    size = 1 << (2 * count - 1).bit_length()
    products = np.fft.irfft(np.abs(np.fft.rfft(along, size)) ** 2, size)[:count] / count
    variance = products[0] + 2 * float(weights @ products[1:])
    # The kernel keeps it above zero but for rounding.
    return math.sqrt(max(variance, LEAST_DEVIATION**2) / count)
