"""Fade the pop: after a favourable event lifts a company too far, sell it short or hold less of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from strategies import ranges
from strategies.plan import SHORT, EntryTable, Exits, Plan, Weights
from strategies.reactions import Decided, no_pop, popped, reactions
from strategies.schedule import month_starts
from universes.errors import BadParameter

if TYPE_CHECKING:
    import pandas as pd

    from strategies.arrays import Booleans
    from universes.panel import Market
    from universes.policy import Events

WAYS = ("short", "trim")
# A name without a bar for longer than this is not held: its last price says nothing of today.
STALE_SESSIONS = 10


@dataclass(frozen=True, slots=True)
class Fade:
    """After a pop sell short at the next open, or hold all eligible names but cut those that popped.

    Parameters
    ----------
    how : {"short", "trim"}
        ``short`` sells what popped, the largest pop first. ``trim`` holds all eligible names in equal parts,
        set anew on the first session of each month and whenever a cut begins or ends; what is cut is cash.
    min_pop : float
        Return of the reaction session that must be exceeded, as a fraction.
    hold : int or None
        Sessions for which a short position is held or a name stays cut; None is for good.
    stop, take_profit, trailing_stop : float or None
        Exits of a short position: a rise above the entry price, a fall below it, a rise above the lowest low
        since, as fractions; None is none. A trim has none of them.
    keep : float
        Part of its equal weight that a trimmed name keeps, from 0 to below 1.

    Raises
    ------
    BadParameter
        If a value is out of range.
    """

    how: str = "short"
    min_pop: float = 0.05
    hold: int | None = 10
    stop: float | None = None
    take_profit: float | None = None
    trailing_stop: float | None = None
    keep: float = 0.0

    EXIT_FIELDS: ClassVar[tuple[str, ...]] = ("hold", "stop", "take_profit", "trailing_stop")

    def __post_init__(self) -> None:
        ranges.choice("how", self.how, WAYS)
        ranges.fraction("min_pop", self.min_pop, least=-1.0, most=10.0)
        ranges.exits(self.hold, self.stop, self.take_profit, self.trailing_stop, short=True)
        if not 0 <= self.keep < 1:
            raise BadParameter(f"keep is {self.keep}: it must be from 0 to below 1 (0.25 keeps a quarter)")
        given = [name for name in self.EXIT_FIELDS[1:] if getattr(self, name) is not None]
        if self.how == "trim" and given:
            raise BadParameter(
                f"{given[0]} is given and how is 'trim': a trim ends by hold alone; leave {given[0]} out"
            )

    def plan(self, market: Market, events: Events, eligible: pd.DataFrame) -> Plan:
        """Short sales of every firm-event that popped, or the weights of all eligible names."""
        if self.how == "trim":
            return self._trimmed(market, events, eligible)
        (table,) = self.plan_tables(market, events, eligible, [self])
        found = reactions(market, events)
        return found.plan(table, market.symbols, lambda at: no_pop(found.pop[at], self.min_pop))

    @classmethod
    def plan_tables(
        cls,
        market: Market,
        events: Events,
        eligible: pd.DataFrame,  # noqa: ARG003
        variants: Sequence[Fade],
    ) -> list[EntryTable]:
        """Short sales of each variant as arrays; reactions are found once.

        Parameters
        ----------
        market, events, eligible
            As in `plan`.
        variants : sequence of Fade
            Parameter sets.

        Raises
        ------
        BadParameter
            If one trims: it has weights, not entries.
        """
        import numpy as np

        if any(item.how == "trim" for item in variants):
            raise BadParameter("how is 'trim': that gives weights, not entries; give how=short")
        found = reactions(market, events)
        tables = []
        for item in variants:
            at = np.flatnonzero(popped(found, item.min_pop))
            exits = Exits(item.hold, item.stop, item.take_profit, item.trailing_stop)
            tables.append(found.table(Decided.once(at, found.row[at]), exits, side=SHORT))
        return tables

    def _trimmed(self, market: Market, events: Events, eligible: pd.DataFrame) -> Weights:
        import numpy as np

        chosen = market.close.ffill(limit=STALE_SESSIONS).notna() & eligible
        cut = self._cut(market, events)
        weights = chosen.div(chosen.sum(axis=1).clip(lower=1), axis=0).where(
            ~cut, lambda table: table * self.keep
        )
        decided = np.zeros(len(cut), dtype=bool)
        decided[month_starts(market.sessions)] = True
        decided[1:] |= (cut[1:] != cut[:-1]).any(axis=1)
        weights[~decided] = np.nan
        return Weights(weights)

    def _cut(self, market: Market, events: Events) -> Booleans:
        """Whether each symbol is cut after each row, shape (T, N)."""
        import numpy as np

        from strategies.crossings import bars_later, by_symbol

        found = reactions(market, events)
        at = np.flatnonzero(popped(found, self.min_pop))
        cut = np.zeros((len(market.sessions), len(market.symbols)), dtype=bool)
        ends = np.full(len(at), -1)
        if self.hold is not None:
            ends = bars_later(by_symbol(market.bars["close"]), found.column[at], found.row[at], self.hold)
        for column, row, end in zip(found.column[at], found.row[at], ends, strict=True):
            cut[row : None if end < 0 else end, column] = True
        return cut


STRATEGY = Fade
