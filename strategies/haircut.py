"""What is left of a Sharpe ratio when the number of tries is allowed for."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Haircut:
    """A ratio after a correction for many tests.

    Parameters
    ----------
    ratio : float
        As it was.
    p : float
        Two-sided, of a single test.
    adjusted_p : float
        Times the number of tests, at most 1.
    adjusted : float
        The ratio that a single test would have to show for that p; never of the other sign.
    share : float
        Part of the ratio that is cut off.
    tests : int
        How many.
    """

    ratio: float
    p: float
    adjusted_p: float
    adjusted: float
    share: float
    tests: int


def haircut(ratio: float, count: int, tests: int) -> Haircut:
    """Sharpe ratio of one period after Bonferroni's correction for the tests that were made.

    The t statistic of n returns is SR √n; its p times the number of tests is turned back into a ratio. Holm's
    correction is the same for the best of them. Harvey and Liu's third, of the false discovery rate, needs the p values
    of all tests: `strategies.multiplicity.benjamini_yekutieli` takes them.

    Parameters
    ----------
    ratio : float
        Sharpe ratio of one period.
    count : int
        n, periods.
    tests : int
        How many strategies or parameter sets were tried.

    References
    ----------
    Harvey, C. R. and Liu, Y. (2015). Backtesting. Journal of Portfolio Management 42(1), 13–28.
    """
    from scipy.special import ndtr, ndtri

    root = math.sqrt(count)
    p = float(2 * ndtr(-abs(ratio) * root))
    adjusted_p = min(p * tests, 1.0)
    # Without a bound a p of zero, which is only a very small one, would turn back into no number.
    adjusted = math.copysign(max(-float(ndtri(max(adjusted_p, 1e-300) / 2)), 0.0) / root, ratio)
    share = 1 - adjusted / ratio if ratio else 0.0
    return Haircut(ratio, p, adjusted_p, adjusted, min(max(share, 0.0), 1.0), tests)
