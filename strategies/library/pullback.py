"""Buy the pullback: after a favourable event's pop, wait for a fall, buy the next open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from strategies import ranges
from strategies.plan import Entries, Entry, Exits, Skipped
from strategies.reactions import Reaction, fall_from_high, tailwind_pops

if TYPE_CHECKING:
    import pandas as pd

    from universes.panel import Market
    from universes.policy import Events


@dataclass(frozen=True, slots=True)
class Pullback:
    """After a pop, buy the open that follows a close `depth` below the running high.

    Parameters
    ----------
    depth : float
        Fall from the highest high since the reaction session, as a fraction.
    wait : int
        Sessions after the reaction session within which the fall must come.
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

    depth: float = 0.10
    wait: int = 20
    hold: int | None = 20
    min_pop: float = 0.0
    stop: float | None = None
    take_profit: float | None = None
    trailing_stop: float | None = None

    def __post_init__(self) -> None:
        ranges.fraction("depth", self.depth)
        ranges.whole("wait", self.wait)
        ranges.whole("hold", self.hold)
        ranges.fraction("min_pop", self.min_pop, least=-1.0, most=10.0)
        ranges.fraction("stop", self.stop)
        ranges.fraction("take_profit", self.take_profit, most=100.0)
        ranges.fraction("trailing_stop", self.trailing_stop)

    def plan(self, market: Market, events: Events, eligible: pd.DataFrame) -> Entries:  # noqa: ARG002
        """Entries of every firm-event that popped and then fell; the engine drops those not eligible."""
        pops, skipped = tailwind_pops(market, events, self.min_pop)
        entries: list[Entry] = []
        missed: list[Skipped] = list(skipped)
        for pop in pops:
            row = self._decision_row(pop, market)
            if row is None:
                missed.append(
                    Skipped(pop.symbol, pop.event, f"no fall of {self.depth:.1%} within {self.wait} sessions")
                )
            else:
                entries.append(Entry(row, pop.symbol, pop.event, self._exits()))
        return Entries(tuple(entries), tuple(missed))

    def _decision_row(self, pop: Reaction, market: Market) -> int | None:
        import numpy as np

        close = market.bars["close"].to_numpy()[pop.row :, pop.column]
        rows = np.flatnonzero(~np.isnan(close))[: self.wait + 1]
        high = market.bars["high"].to_numpy()[pop.row :, pop.column][rows]
        position = fall_from_high(high.tolist(), close[rows].tolist(), self.depth)
        return None if position is None else pop.row + int(rows[position])

    def _exits(self) -> Exits:
        return Exits(self.hold, self.stop, self.take_profit, self.trailing_stop)


STRATEGY = Pullback
