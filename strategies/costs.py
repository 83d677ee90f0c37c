"""What a trade costs."""

from __future__ import annotations

from dataclasses import dataclass

from universes.errors import BadParameter


@dataclass(frozen=True, slots=True)
class Costs:
    """Costs in basis points of the traded value; the defaults are not zero.

    Parameters
    ----------
    fee_bps : float
        Commission and charges, taken from cash at every fill. Assumption: 5.
    slippage_bps : float
        How much worse than the reference price a fill is: half the spread and some impact.
        Assumption: 25, of the order of half the quoted spread of a small listed miner.

    Raises
    ------
    BadParameter
        If either is negative or 1,000 or more.
    """

    fee_bps: float = 5.0
    slippage_bps: float = 25.0

    def __post_init__(self) -> None:
        for name in ("fee_bps", "slippage_bps"):
            value = getattr(self, name)
            if not 0 <= value < 1000:
                raise BadParameter(f"{name} is {value}: it must be from 0 to below 1000 (100 is 1 %)")
