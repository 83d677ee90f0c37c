"""Chase the pop: after a favourable event lifts a company, buy the first open that follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from strategies import ranges
from strategies.plan import Entries, Entry, Exits
from strategies.reactions import tailwind_pops

if TYPE_CHECKING:
    import pandas as pd

    from universes.panel import Market
    from universes.policy import Events


@dataclass(frozen=True, slots=True)
class Chase:
    """Buy the first open after the reaction session.

    Parameters
    ----------
    hold : int or None
        Sessions held.
    min_pop : float
        Return of the reaction session that must be exceeded, as a fraction.
    stop, take_profit, trailing_stop : float or None
        Exits as fractions of the entry price, or of the highest high since; None is none.

    Raises
    ------
    BadParameter
        If a value is out of range.
    """

    hold: int | None = 20
    min_pop: float = 0.0
    stop: float | None = None
    take_profit: float | None = None
    trailing_stop: float | None = None

    def __post_init__(self) -> None:
        ranges.whole("hold", self.hold)
        ranges.fraction("min_pop", self.min_pop, least=-1.0, most=10.0)
        ranges.fraction("stop", self.stop)
        ranges.fraction("take_profit", self.take_profit, most=100.0)
        ranges.fraction("trailing_stop", self.trailing_stop)

    def plan(self, market: Market, events: Events, eligible: pd.DataFrame) -> Entries:  # noqa: ARG002
        """Entries of every firm-event that popped; the engine drops those not eligible."""
        pops, skipped = tailwind_pops(market, events, self.min_pop)
        exits = Exits(self.hold, self.stop, self.take_profit, self.trailing_stop)
        return Entries(tuple(Entry(pop.row, pop.symbol, pop.event, exits) for pop in pops), skipped)


STRATEGY = Chase
