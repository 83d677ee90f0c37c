"""Falls of wealth below an earlier peak, one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Drawdown:
    """One fall, from its peak to the session that is no longer below it.

    Parameters
    ----------
    peak, valley : int
        Rows of the last highest and of the lowest wealth.
    recovery : int or None
        First row at the peak's wealth or above; None while it is open.
    depth : float
        Lowest wealth over the peak's, minus one: a negative fraction.
    """

    peak: int
    valley: int
    recovery: int | None
    depth: float


def below_peak(wealth: pd.Series) -> pd.Series:
    """Wealth over its highest so far, minus one; the first wealth is a peak. Shape (S,), fractions from −1 to 0."""
    return wealth / wealth.cummax() - 1


def drawdowns(wealth: pd.Series) -> tuple[Drawdown, ...]:
    """Every fall below an earlier peak, the deepest first.

    Parameters
    ----------
    wealth : Series of shape (S,)
        One value a session, in order of time, above zero at the start. A session without a value is passed
        over: it neither begins a fall nor ends one.

    Returns
    -------
    tuple of Drawdown
        Ordered by depth, then by peak; the last one may be open.
    """
    rows = np.flatnonzero(wealth.notna())
    depth = below_peak(wealth).to_numpy()[rows]
    found: list[Drawdown] = []
    row = 0
    while row < len(depth):
        if depth[row] >= 0:
            row += 1
            continue
        start = row
        while row < len(depth) and depth[row] < 0:
            row += 1
        valley = start + int(depth[start:row].argmin())
        recovery = int(rows[row]) if row < len(depth) else None
        found.append(Drawdown(int(rows[start - 1]), int(rows[valley]), recovery, float(depth[valley])))
    return tuple(sorted(found, key=lambda item: (item.depth, item.peak)))
