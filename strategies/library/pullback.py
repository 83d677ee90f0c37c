"""Buy the pullback: after a favourable event's pop, wait for a fall, buy the next open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from strategies import ranges
from strategies.plan import Entries, EntryTable, Exits
from strategies.reactions import Decided, Reactions, no_pop, popped, reactions
from universes.errors import BadParameter

if TYPE_CHECKING:
    import pandas as pd

    from strategies.arrays import Integers, Numbers
    from strategies.crossings import Rows
    from universes.panel import Market
    from universes.policy import Events

UNITS = ("fraction", "atr", "volatility")
_SAID = {"atr": "ATR(14)", "volatility": "20-session volatility"}
STEP = 0.5


@dataclass(frozen=True, slots=True)
class Pullback:
    """After a pop, buy the open that follows a close `depth` below the running high; the largest pop comes first.

    Parameters
    ----------
    depth : float
        Fall from the highest high since the reaction session, in `depth_unit`.
    depth_unit : {"fraction", "atr", "volatility"}
        What a depth of 1 is: the whole price; the mean true range of 14 bars over the close; the standard
        deviation of 20 daily returns, not scaled by the root of `wait`. Both are measured up to the bar before
        the reaction session.
    wait : int
        Sessions of the symbol after the reaction session within which the fall must come.
    stages : int
        Equal parts bought one after the other, at `depth` × 1, × 1.5, × 2 and so on; 1 buys all at once.
    hold : int or None
        Sessions held.
    min_pop : float
        Return of the reaction session that must be exceeded, as a fraction.
    max_pop : float or None
        Return of the reaction session that may not be exceeded, as a fraction; None is no bound.
    stop, take_profit, trailing_stop : float or None
        Exits as fractions of the entry price, or of the highest high since; None is none.
    leave_on_opposite : bool
        Leave, or do not enter, after a headwind for the same company.

    Raises
    ------
    BadParameter
        If a value is out of range.
    """

    depth: float = 0.10
    depth_unit: str = "fraction"
    wait: int = 20
    stages: int = 1
    hold: int | None = 20
    min_pop: float = 0.0
    max_pop: float | None = None
    stop: float | None = None
    take_profit: float | None = None
    trailing_stop: float | None = None
    leave_on_opposite: bool = False

    EXIT_FIELDS: ClassVar[tuple[str, ...]] = ("hold", "stop", "take_profit", "trailing_stop")

    def __post_init__(self) -> None:
        ranges.choice("depth_unit", self.depth_unit, UNITS)
        ranges.whole("wait", self.wait)
        ranges.whole("stages", self.stages, most=5)
        ranges.exits(self.hold, self.stop, self.take_profit, self.trailing_stop)
        ranges.fraction("min_pop", self.min_pop, least=-1.0, most=10.0)
        ranges.fraction("max_pop", self.max_pop, least=-1.0, most=10.0, optional=True)
        ranges.flag("leave_on_opposite", self.leave_on_opposite)
        self._check_depth()

    def _check_depth(self) -> None:
        if self.max_pop is not None and self.max_pop <= self.min_pop:
            raise BadParameter(
                f"max_pop is {self.max_pop} and min_pop {self.min_pop}: max_pop must be the larger"
            )
        if self.depth_unit != "fraction":
            ranges.number(f"depth in {self.depth_unit}", self.depth, least=0, most=100)
            return
        ranges.fraction("depth", self.depth)
        if self.depths[-1] >= 1:
            raise BadParameter(
                f"depth is {self.depth} in {self.stages} stages: the last would be {self.depths[-1]:.0%} below the "
                f"high; keep depth below {1 / (1 + STEP * (self.stages - 1)):.2g} or take fewer stages"
            )

    @property
    def depths(self) -> tuple[float, ...]:
        """Depth of each stage, in `depth_unit`."""
        return tuple(self.depth * (1 + STEP * stage) for stage in range(self.stages))

    def plan(self, market: Market, events: Events, eligible: pd.DataFrame) -> Entries:
        """Entries of every firm-event that popped and then fell; the engine drops those not eligible."""
        (table,) = self.plan_tables(market, events, eligible, [self])
        found = reactions(market, events)
        unit = _unit(self.depth_unit, market, found)

        def reason(at: int) -> str:
            return no_pop(found.pop[at], self.min_pop, self.max_pop) or self._no_fall(unit[at])

        return found.plan(table, market.symbols, reason)

    def _no_fall(self, unit: float) -> str:
        if unit != unit:  # noqa: PLR0124
            return f"too few sessions before the event to know its {_SAID[self.depth_unit]}"
        scaled = "" if self.depth_unit == "fraction" else f" ({self.depth:g} × {_SAID[self.depth_unit]})"
        return f"no fall of {self.depth * unit:.1%}{scaled} within {self.wait} sessions"

    @classmethod
    def plan_tables(
        cls,
        market: Market,
        events: Events,
        eligible: pd.DataFrame,  # noqa: ARG003
        variants: Sequence[Pullback],
    ) -> list[EntryTable]:
        """Entries of each variant as arrays; reactions are found once, and so are the falls of all depths.

        Parameters
        ----------
        market, events, eligible
            As in `plan`.
        variants : sequence of Pullback
            Parameter sets.
        """
        found = reactions(market, events)
        falls = {
            unit: _Falls.of(market, found, [item for item in variants if item.depth_unit == unit])
            for unit in {item.depth_unit for item in variants}
        }
        tables = []
        for item in variants:
            entries = Decided.staged(falls[item.depth_unit].stages(item))
            exits = Exits(item.hold, item.stop, item.take_profit, item.trailing_stop)
            tables.append(found.table(entries, exits, leave=item.leave_on_opposite))
        return tables


class _Falls:
    """First falls of all depths of variants that share a unit."""

    def __init__(self, found: Reactions, depths: list[float], rows: Rows, bars: Rows) -> None:
        self.found, self.rows, self.bars = found, rows, bars
        self.number = {depth: at for at, depth in enumerate(depths)}

    @classmethod
    def of(cls, market: Market, found: Reactions, variants: Sequence[Pullback]) -> _Falls:
        import numpy as np

        from strategies.crossings import first_falls, own_bars

        depths = sorted({depth for item in variants for depth in item.depths})
        rows, bars = first_falls(
            own_bars(market),
            found.column,
            found.row,
            _unit(variants[0].depth_unit, market, found),
            np.array(depths),
            max(item.wait for item in variants),
        )
        return cls(found, depths, rows, bars)

    def stages(self, item: Pullback) -> list[tuple[Integers, Rows]]:
        """Firm-events and decision rows of each stage of a variant."""
        import numpy as np

        chosen = popped(self.found, item.min_pop, item.max_pop)
        stages = []
        for depth in item.depths:
            number = self.number[depth]
            bars = self.bars[number]
            at = np.flatnonzero(chosen & (bars > 0) & (bars <= item.wait))
            stages.append((at, self.rows[number][at]))
        return stages


def _unit(depth_unit: str, market: Market, found: Reactions) -> Numbers:
    """Fraction of the running high that a depth of 1 stands for, shape (K,); NaN where it is not known."""
    import numpy as np

    from strategies.crossings import by_symbol, daily_volatility, true_range

    if depth_unit == "fraction":
        return np.ones(len(found.row))
    close = by_symbol(market.bars["close"])
    if depth_unit == "volatility":
        return daily_volatility(close, found.column, found.row)
    high, low = by_symbol(market.bars["high"]), by_symbol(market.bars["low"])
    return true_range(high, low, close, found.column, found.row)


STRATEGY = Pullback
