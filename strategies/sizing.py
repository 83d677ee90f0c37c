"""How large a position is wanted, and what it may not exceed."""

from __future__ import annotations

from dataclasses import dataclass

from universes.errors import BadParameter, did_you_mean

SIZINGS = ("equal", "fixed", "inverse-volatility", "risk", "score")
CAPS = ("name", "mineral", "jurisdiction", "stage")
# No rule makes a position more than twice an equal one.
MOST_SCALE = 2.0


@dataclass(frozen=True, slots=True)
class Sizing:
    """How large a position is wanted: equity / `slots`, times a scale by rule.

    Parameters
    ----------
    rule : str
        One of `SIZINGS`; docs/execution.md says what each does.
    slots : int
        Parts of equity: a whole position is one.
    risk : float
        With ``risk``: fraction of equity that is lost if the stop is filled at its level.
    target_volatility : float
        With ``inverse-volatility``: yearly volatility at which a position is one slot.

    Raises
    ------
    BadParameter
        If a value is out of range.
    """

    rule: str = "equal"
    slots: int = 10
    risk: float = 0.01
    target_volatility: float = 0.5

    def __post_init__(self) -> None:
        if self.rule not in SIZINGS:
            raise BadParameter(
                f"sizing is {self.rule!r}: it must be one of {', '.join(SIZINGS)}{did_you_mean(self.rule, SIZINGS)}"
            )
        if not _whole(self.slots):
            raise BadParameter(f"slots is {self.slots}: it must be a whole number from 1")
        if not 0 < self.risk < 1:
            raise BadParameter(f"risk is {self.risk}: it must be above 0 and below 1 (0.01 is 1 % of equity)")
        if not 0 < self.target_volatility < 10:
            raise BadParameter(
                f"target_volatility is {self.target_volatility}: it must be above 0 and below 10 (0.5 is 50 % a year)"
            )


@dataclass(frozen=True, slots=True)
class Limits:
    """What orders and positions may not exceed; None is no limit.

    Parameters
    ----------
    participation : float or None
        Largest part of the average daily value traded that one fill may be. Assumption: 5 %.
    good_for : int
        Rows after its decision row on which an order to enter can be filled. Assumption: 10.
    max_positions : int or None
        How many symbols may be held at once.
    name, mineral, jurisdiction, stage : float or None
        Largest part of equity in positions of one name, mineral, jurisdiction or stage, when one is entered.

    Raises
    ------
    BadParameter
        If a value is out of range.
    """

    participation: float | None = 0.05
    good_for: int = 10
    max_positions: int | None = None
    name: float | None = None
    mineral: float | None = None
    jurisdiction: float | None = None
    stage: float | None = None

    def __post_init__(self) -> None:
        for cap in ("participation", *CAPS):
            value = getattr(self, cap)
            if value is not None and not 0 < value <= 1:
                raise BadParameter(f"{cap} is {value}: it must be above 0 and at most 1 (0.1 is 10 %)")
        for count in ("good_for", "max_positions"):
            value = getattr(self, count)
            if not _whole(value) and not (value is None and count == "max_positions"):
                raise BadParameter(f"{count} is {value}: it must be a whole number from 1")


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
