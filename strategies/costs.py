"""What a trade costs: fee, spread by liquidity and price, market impact by size, borrowing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from universes.errors import BadParameter

if TYPE_CHECKING:
    from strategies.arrays import Numbers

# Half-spreads in basis points, from the least ADV (in the currency of the book) or price on. Assumptions: the order of
# magnitude of quoted spreads of listed miners, from majors (a tick) to shells that trade by appointment.
HALF_SPREAD_BY_ADV = ((50e6, 3.0), (10e6, 8.0), (1e6, 25.0), (100e3, 75.0), (0.0, 200.0))
# A tick is a large part of a low price: half a cent on 0.50 is 1 %.
HALF_SPREAD_BY_PRICE = ((5.0, 0.0), (1.0, 15.0), (0.1, 50.0), (0.0, 250.0))

MOST_SLIP = 0.5


@dataclass(frozen=True, slots=True)
class Costs:
    """What trades cost; the defaults are not zero.

    Parameters
    ----------
    fee_bps : float
        Commission and charges, in basis points of the traded value, taken from cash at every fill. Assumption: 5.
    slippage_bps : float or None
        How much worse than the reference price every fill is, whatever its size. None, the default: half the spread by
        ADV and price, and the impact of the order.
    impact : float
        Times daily volatility × √(order / ADV). Assumption: 1, the middle of what is reported (0.5 to 1.5).
    borrow_bps : float
        Yearly cost of a short position, of its entry value. Assumption: 300; hard-to-borrow names cost many times that.
    borrow_least_price, borrow_least_adv : float
        Last printed price and ADV, in the currency of the book, from which a name counts as one that can be borrowed.
        Assumption: 5 and 5 million.
    fx_bps : float
        Cost of changing money, of the traded value, for a name that is listed in another currency. Assumption: 2.

    Raises
    ------
    BadParameter
        If one is negative, not a number, or too large to be meant.

    References
    ----------
    Tóth, B. et al. (2011). Anomalous Price Impact and the Critical Nature of Liquidity in Financial Markets.
    Physical Review X 1, 021006: the impact of an order is Y σ √(Q / V), with Y of order one.
    """

    fee_bps: float = 5.0
    slippage_bps: float | None = None
    impact: float = 1.0
    borrow_bps: float = 300.0
    borrow_least_price: float = 5.0
    borrow_least_adv: float = 5e6
    fx_bps: float = 2.0

    def __post_init__(self) -> None:
        for name in ("fee_bps", "slippage_bps", "fx_bps"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < 1000:
                raise BadParameter(f"{name} is {value}: it must be from 0 to below 1000 (100 is 1 %)")
        if not 0 <= self.borrow_bps <= 100_000:
            raise BadParameter(
                f"borrow_bps is {self.borrow_bps}: it must be from 0 to 100000 (300 is 3 % a year)"
            )
        if not 0 <= self.impact <= 10:
            raise BadParameter(f"impact is {self.impact}: it must be from 0 to 10 (1 is usual)")
        for name in ("borrow_least_price", "borrow_least_adv"):
            if not 0 <= getattr(self, name) < math.inf:
                raise BadParameter(f"{name} is {getattr(self, name)}: it must be 0 or more")


def half_spread(adv: Numbers, price: Numbers) -> Numbers:
    """Half of the bid-ask spread as a fraction, of the shape of what is given.

    Parameters
    ----------
    adv : ndarray
        Average daily value traded, in the currency of the book; 0 where unknown.
    price : ndarray
        Last printed price; NaN where unknown, which counts as the lowest.
    """
    import numpy as np

    by_adv = _step(adv, HALF_SPREAD_BY_ADV)
    return np.maximum(by_adv, _step(np.nan_to_num(price), HALF_SPREAD_BY_PRICE)) / 1e4


def _step(values: Numbers, table: tuple[tuple[float, float], ...]) -> Numbers:
    """The entry of the highest step that a value reaches."""
    import numpy as np

    steps = np.array([least for least, _ in table])[::-1]
    costs = np.array([cost for _, cost in table])[::-1]
    return costs[np.searchsorted(steps, values, side="right").clip(min=1) - 1]
