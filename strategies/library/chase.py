"""Chase the pop: after a favourable event lifts a company, buy the open that follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from strategies import ranges
from strategies.plan import Entries, EntryTable, Exits
from strategies.reactions import Decided, no_pop, popped, reactions

if TYPE_CHECKING:
    import pandas as pd

    from universes.panel import Market
    from universes.policy import Events


@dataclass(frozen=True, slots=True)
class Chase:
    """Buy the first open after the reaction session, or `delay` sessions later; the largest pop comes first.

    Parameters
    ----------
    hold : int or None
        Sessions held.
    min_pop : float
        Return of the reaction session that must be exceeded, as a fraction.
    delay : int
        Sessions of the symbol to wait after the reaction session.
    stop, take_profit, trailing_stop : float or None
        Exits as fractions of the entry price, or of the highest high since; None is none.
    leave_on_opposite : bool
        Leave, or do not enter, after a headwind for the same company.

    Raises
    ------
    BadParameter
        If a value is out of range.
    """

    hold: int | None = 20
    min_pop: float = 0.0
    delay: int = 0
    stop: float | None = None
    take_profit: float | None = None
    trailing_stop: float | None = None
    leave_on_opposite: bool = False

    EXIT_FIELDS: ClassVar[tuple[str, ...]] = ("hold", "stop", "take_profit", "trailing_stop")

    def __post_init__(self) -> None:
        ranges.exits(self.hold, self.stop, self.take_profit, self.trailing_stop)
        ranges.fraction("min_pop", self.min_pop, least=-1.0, most=10.0)
        ranges.whole("delay", self.delay, least=0)
        ranges.flag("leave_on_opposite", self.leave_on_opposite)

    def plan(self, market: Market, events: Events, eligible: pd.DataFrame) -> Entries:
        """Entries of every firm-event that popped; the engine drops those not eligible."""
        (table,) = self.plan_tables(market, events, eligible, [self])
        found = reactions(market, events)

        def reason(at: int) -> str:
            late = f"the data end within {self.delay} sessions of the reaction session"
            return no_pop(found.pop[at], self.min_pop) or late

        return found.plan(table, market.symbols, reason)

    @classmethod
    def plan_tables(
        cls,
        market: Market,
        events: Events,
        eligible: pd.DataFrame,  # noqa: ARG003
        variants: Sequence[Chase],
    ) -> list[EntryTable]:
        """Entries of each variant as arrays; reactions are found once.

        Parameters
        ----------
        market, events, eligible
            As in `plan`.
        variants : sequence of Chase
            Parameter sets.
        """
        import numpy as np

        from strategies.crossings import bars_later, by_symbol

        found = reactions(market, events)
        close = by_symbol(market.bars["close"])
        rows = {
            delay: bars_later(close, found.column, found.row, delay)
            for delay in {item.delay for item in variants}
        }
        tables = []
        for item in variants:
            row = rows[item.delay]
            at = np.flatnonzero(popped(found, item.min_pop) & (row >= 0))
            exits = Exits(item.hold, item.stop, item.take_profit, item.trailing_stop)
            tables.append(found.table(Decided.once(at, row[at]), exits, leave=item.leave_on_opposite))
        return tables


STRATEGY = Chase
