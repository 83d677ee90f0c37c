"""Several tests at once: p values that allow for how many were looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strategies.arrays import Booleans, Numbers
from strategies.sign_flip import EQUAL

# Sign patterns that are all counted up to this many episodes, else drawn.
MOST_EXACT = 13
DRAWS = 9_999
# Numbers that are worked on in one go.
CELLS = 2_000_000


def bonferroni(p: Sequence[float] | Numbers) -> Numbers:
    """Bonferroni's p values: times the number of tests, at most 1: chance of any false find.

    Parameters
    ----------
    p : sequence of float, shape (M,)
        NaN is no test, and stays.
    """
    return _adjusted(p, lambda known: np.minimum(known * len(known), 1.0))


def holm(p: Sequence[float] | Numbers) -> Numbers:
    """Holm's step-down p values: chance of any false find, for any dependence.

    The smallest of M p values is multiplied by M, the next by M − 1, and none is smaller than the one before.

    Parameters
    ----------
    p : sequence of float, shape (M,)
        NaN is no test, and stays.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6(2),
    65–70.
    """

    def adjust(known: Numbers) -> Numbers:
        order = np.argsort(known, kind="stable")
        scaled = known[order] * np.arange(len(known), 0, -1)
        return _back(np.minimum(np.maximum.accumulate(scaled), 1.0), order)

    return _adjusted(p, adjust)


def benjamini_hochberg(p: Sequence[float] | Numbers) -> Numbers:
    """Benjamini and Hochberg's q values: share of false finds, for independent or positively dependent tests.

    Parameters
    ----------
    p : sequence of float, shape (M,)
        NaN is no test, and stays.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate: a practical and powerful approach to
    multiple testing. Journal of the Royal Statistical Society B 57(1), 289–300.
    """
    return _adjusted(p, lambda known: _step_up(known, 1.0))


def benjamini_yekutieli(p: Sequence[float] | Numbers) -> Numbers:
    """Benjamini and Yekutieli's q values, for any dependence: those of Benjamini and Hochberg times 1 + 1/2 + … + 1/M.

    Parameters
    ----------
    p : sequence of float, shape (M,)
        NaN is no test, and stays.

    References
    ----------
    Benjamini, Y. and Yekutieli, D. (2001). The control of the false discovery rate in multiple testing under
    dependency. Annals of Statistics 29(4), 1165–1188.
    """
    return _adjusted(p, lambda known: _step_up(known, float((1 / np.arange(1, len(known) + 1)).sum())))


def romano_wolf(values: Numbers, *, draws: int = DRAWS, seed: int = 0) -> Numbers:
    """Step-down p values of W means under sign flips of whole episodes, shape (W,): chance of any false find.

    The windows of one study share their episodes, so the largest of their t statistics says how often any would be as
    large. Each episode's numbers change sign together. All patterns are counted up to 13 episodes, else `draws` random
    ones and the one that came about.

    Parameters
    ----------
    values : ndarray of shape (K, W)
        A number an episode and window; NaN where there is none.
    draws, seed : int
        Random patterns, and their seed.

    Returns
    -------
    ndarray of shape (W,)
        NaN for a window with fewer than two numbers, or equal ones.

    References
    ----------
    Romano, J. P. and Wolf, M. (2005). Exact and approximate stepdown methods for multiple hypothesis testing. Journal
    of the American Statistical Association 100(469), 94–108.
    """
    found = np.full(values.shape[1], np.nan)
    real = np.abs(_t(np.ones((1, len(values))), values)[0]) if len(values) else found
    able = np.flatnonzero(np.isfinite(real))
    if not len(able):
        return found
    signs = _signs(len(values), draws, seed)
    flipped = np.vstack([np.abs(_t(part, values[:, able])) for part in _pieces(signs, values.size)])
    order = np.argsort(-real[able], kind="stable")
    # At each step the largest t among the windows not yet passed.
    largest = np.maximum.accumulate(np.nan_to_num(flipped[:, order], nan=np.inf)[:, ::-1], axis=1)[:, ::-1]
    share = (largest >= real[able][order] * (1 - EQUAL)).mean(axis=0)
    found[able[order]] = np.maximum.accumulate(share)
    return found


def _adjusted(p: Sequence[float] | Numbers, adjust: object) -> Numbers:
    given = np.asarray(p, dtype=float)
    found = np.full(given.shape, np.nan)
    known = np.isfinite(given)
    if known.any():
        found[known] = adjust(given[known])  # type: ignore[operator]
    return found


def _step_up(known: Numbers, factor: float) -> Numbers:
    order = np.argsort(known, kind="stable")
    scaled = known[order] * factor * len(known) / np.arange(1, len(known) + 1)
    return _back(np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0), order)


def _back(ordered: Numbers, order: np.ndarray) -> Numbers:
    found = np.empty(len(ordered))
    found[order] = ordered
    return found


def _signs(episodes: int, draws: int, seed: int) -> Numbers:
    """Patterns of signs, the one that came about among them, shape (patterns, K)."""
    if episodes <= MOST_EXACT:
        # By symmetry the first sign can stay.
        return np.array([1.0 - 2 * ((at >> np.arange(episodes)) & 1) for at in range(0, 2**episodes, 2)])
    random = np.random.default_rng(seed)
    return np.vstack([np.ones(episodes), random.integers(0, 2, (draws, episodes)) * 2.0 - 1])


def _pieces(signs: Numbers, cells: int) -> list[Numbers]:
    step = max(CELLS // max(cells, 1), 1)
    return [signs[first : first + step] for first in range(0, len(signs), step)]


def _t(signs: Numbers, values: Numbers) -> Numbers:
    """Student's t of each window under each pattern, shape (patterns, W)."""
    here: Booleans = np.isfinite(values)
    known = np.where(here, values, 0.0)
    count = here.sum(axis=0)
    some = np.maximum(count, 2)
    mean = signs @ known / some
    squares = (known**2).sum(axis=0)
    variance = (squares - some * mean**2) / (some - 1)
    # Rounding can leave a little less than nothing where all values are equal under a pattern.
    scale = squares / some
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(variance > 1e-14 * scale, mean / np.sqrt(np.maximum(variance, 0.0) / some), np.inf)
    degenerate = (count < 2) | (scale <= 0)
    t[:, degenerate] = np.nan
    return t
