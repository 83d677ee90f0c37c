"""Whether any of many sets beats a benchmark once all that were tried are allowed for; the only importer of arch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from strategies.arrays import Numbers

FEWEST_PERIODS = 10
LEAST_DEVIATION = 1e-12


@dataclass(frozen=True, slots=True)
class SuperiorAbility:
    """Test of superior predictive ability over all sets.

    Parameters
    ----------
    lower, consistent, upper : float or None
        p of Hansen's three bounds; `upper` is White's reality check, studentised, and `lower` rejects too often.
    better : tuple of int
        Sets that beat the benchmark at a chance of 5 % of any false find (StepM).
    sets, left_out : int
        Sets that were tested, and those that never moved or lack a period.
    periods : int
        How many.
    reason : str
        Why there is none; empty otherwise.
    """

    lower: float | None = None
    consistent: float | None = None
    upper: float | None = None
    better: tuple[int, ...] = ()
    sets: int = 0
    left_out: int = 0
    periods: int = 0
    reason: str = ""


def superior_ability(
    returns: Numbers,
    benchmark: Sequence[float] | Numbers | None = None,
    *,
    draws: int = 1_000,
    block: int | None = None,
    seed: int = 0,
) -> SuperiorAbility:
    """Hansen's test and the step-down procedure of Romano and Wolf, on mean returns.

    Parameters
    ----------
    returns : ndarray of shape (T, P)
        Of every set, one row a period or an episode.
    benchmark : sequence of float, shape (T,), optional
        Default zero: cash.
    draws : int
        Of the stationary bootstrap.
    block : int, optional
        Mean length of its blocks; default the root of T, and 1 for episodes is right where they are independent.
    seed : int
        Of the draws.

    References
    ----------
    Hansen, P. R. (2005). A test for superior predictive ability. Journal of Business & Economic Statistics 23(4),
    365–380. White, H. (2000). A reality check for data snooping. Econometrica 68(5), 1097–1126. Romano, J. P. and
    Wolf, M. (2005). Stepwise multiple testing as formalized data snooping. Econometrica 73(4), 1237–1282.
    """
    table = np.asarray(returns, dtype=float)
    bar = np.zeros(len(table)) if benchmark is None else np.asarray(benchmark, dtype=float)
    ahead = table - bar[:, None]
    with np.errstate(invalid="ignore"):
        able = np.isfinite(ahead).all(axis=0) & (ahead.std(axis=0) > LEAST_DEVIATION)
    kept = np.flatnonzero(able)
    out = table.shape[1] - len(kept)
    if not len(kept) or len(table) < FEWEST_PERIODS:
        reason = f"{len(kept)} sets that move over {len(table)} periods: it takes one and {FEWEST_PERIODS}"
        return SuperiorAbility(sets=len(kept), left_out=out, periods=len(table), reason=reason)
    from arch.bootstrap import SPA, StepM

    # arch tests losses: the lower the better.
    given = (-bar, -table[:, kept])
    more: dict[str, Any] = {"reps": draws, "block_size": block, "seed": seed}
    spa = SPA(*given, **more)
    spa.compute()
    step = StepM(*given, size=0.05, **more)
    step.compute()
    p = spa.pvalues
    places: Any = step.superior_models
    better = tuple(int(kept[int(at)]) for at in places)
    return SuperiorAbility(
        float(p["lower"]), float(p["consistent"]), float(p["upper"]), better, len(kept), out, len(table)
    )
