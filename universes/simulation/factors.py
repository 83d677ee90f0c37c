"""The market, the mining sector and the mineral groups, each in half-steps: Asia's part of a date, then America's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from universes.simulation import parameters as p
from universes.simulation.character import factor_volatility
from universes.simulation.draws import Numbers, Rows, generator, relative_variance, student_scale

HALF_STEPS_A_YEAR = 2 * 261


@dataclass(frozen=True, eq=False)
class Factor:
    """One factor, accumulated over 2 L half-steps: weekday d has half-steps 2 d (Asia) and 2 d + 1 (America).

    Parameters
    ----------
    level : ndarray of shape (2 L,)
        Sum of the shocks up to and including each half-step.
    variance : ndarray of shape (2 L,)
        Sum of their conditional variances.
    reward : float
        Expected simple return of each half-step for one unit of loading.
    """

    level: Numbers
    variance: Numbers
    reward: float

    def log_return(self, loading: float, after: Rows, until: Rows) -> Numbers:
        """Log return between half-steps whose expected simple return is the reward and nothing more."""
        shock = self.level[until] - self.level[after]
        variance = self.variance[until] - self.variance[after]
        return np.asarray(
            loading * shock - loading**2 / 2 * variance + loading * self.reward * (until - after)
        )


def factors(names: Iterable[str], seed: int, length: int) -> dict[str, Factor]:
    """Factors by name, each from its own stream."""
    ordered = sorted(set(names))
    halves = [_halves(name, seed, length) for name in ordered]
    variances = relative_variance([item.sum(axis=1) for item in halves], p.FACTOR_ARCH, p.FACTOR_GARCH)
    made = zip(ordered, halves, variances, strict=True)
    return {name: _factor(name, item, variance) for name, item, variance in made}


def _halves(name: str, seed: int, length: int) -> Numbers:
    """Shocks of the two parts of each weekday, shape (L, 2); the variance of a weekday is about 1."""
    stream = generator(f"factor {name}", seed)
    asia, america = stream.standard_normal((2, length)) * student_scale(stream, p.FACTOR_DEGREES, length)
    share = p.ASIAN_SHARE_OF_VARIANCE
    return np.stack([np.sqrt(share) * asia, np.sqrt(1 - share) * america], axis=1)


def _factor(name: str, halves: Numbers, relative: Numbers) -> Factor:
    variance = relative * factor_volatility(name) ** 2
    parts = np.array([p.ASIAN_SHARE_OF_VARIANCE, 1 - p.ASIAN_SHARE_OF_VARIANCE])
    return Factor(
        level=np.cumsum((np.sqrt(variance)[:, None] * halves).ravel()),
        variance=np.cumsum((variance[:, None] * parts).ravel()),
        reward=p.MARKET_PREMIUM_A_YEAR / HALF_STEPS_A_YEAR if name == "market" else 0.0,
    )
