"""From parameter sets to orders: the entries that many sets share, made once, with the exits of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from strategies.arrays import Booleans, Numbers
from strategies.episode_returns import Batch
from strategies.kernel import ExitGrid
from strategies.parameter_grid import Grid
from strategies.plan import EntryTable, Exits, Strategy, Weights
from strategies.sizing import Limits, Sizing
from strategies.tape import Tape
from strategies.tickets import NEVER, ExitTable, Ground, Tickets, columns, in_order, prepare
from universes.errors import BadParameter

if TYPE_CHECKING:
    import pandas as pd

    from strategies.costs import Costs
    from universes.panel import Market
    from universes.policy import Events

EXITS = ("hold", "stop", "take_profit", "trailing_stop")
AMPLE = 10**9


@dataclass(frozen=True, eq=False, slots=True)
class Walks:
    """Sets whose entries are the same and whose exits are the rows of a grid: the kernel walks them."""

    batch: Batch


@dataclass(frozen=True, eq=False, slots=True)
class Alone:
    """One set whose entries have exits of their own."""

    tickets: Tickets
    place: int


@dataclass(frozen=True, eq=False, slots=True)
class Balanced:
    """One set of target weights."""

    table: Numbers
    allowed: Booleans
    place: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Sets that cannot be, and why."""

    places: tuple[int, ...]
    reason: str


Work: TypeAlias = Walks | Alone | Balanced | Refused
# Number, values and strategy of a set.
Made: TypeAlias = tuple[int, Mapping[str, Any], Strategy]
# The parameters that decide about entries.
EntryPart: TypeAlias = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, eq=False, slots=True)
class _Shared:
    """Entries that sets share, and the exits that every entry has unless a set says others."""

    part: EntryPart
    tickets: Tickets
    exits: Exits


@dataclass(frozen=True, eq=False)
class Workshop:
    """Makes work of parameter sets, piece after piece.

    Parameters
    ----------
    name : str
        Strategy as users type it.
    grid : Grid
        Axes; those of exits last.
    base : mapping
        Values of further parameters.
    market, events, eligible, scores
        What a plan is made from.
    tape, ground, sizing, costs
        What tickets are made from.
    """

    name: str
    grid: Grid
    base: Mapping[str, Any]
    market: Market
    events: Events
    eligible: pd.DataFrame
    scores: pd.DataFrame | None
    tape: Tape
    ground: Ground
    sizing: Sizing
    costs: Costs
    # The last entries made: the next piece often begins with sets that share them.
    _last: list[_Shared] = field(default_factory=list, init=False, repr=False)

    def work(self, first: int, last: int) -> Iterator[Work]:
        """Work of the sets from `first` to before `last`; those that cannot be come first."""
        from strategies.catalog import strategy_class

        cls = strategy_class(self.name)
        # Another field may be named there by mistake: it decides about entries.
        fixed = tuple(name for name in getattr(cls, "EXIT_FIELDS", ()) if name in EXITS)
        able = []
        for item in self._made(first, last):
            if isinstance(item, Refused):
                yield item
            else:
                able.append(item)
        groups = [list(members) for _, members in groupby(able, key=lambda item: _entry_part(item[1], fixed))]
        if hasattr(cls, "plan_tables"):
            yield from self._from_tables(groups, fixed)
        else:
            for members in groups:
                yield from self._from_plan(members, fixed)

    def _made(self, first: int, last: int) -> Iterator[Made | Refused]:
        """Number, values and strategy of each set."""
        from strategies.catalog import build

        known: Any = None
        for number, values in enumerate(self.grid.sets(first, last), first):
            given = {**self.base, **values}
            try:
                # The names are those of every set: once they are right, the class alone is asked.
                strategy: Strategy = known(**given) if known else build(self.name, given)
            except BadParameter as error:
                yield Refused((number,), str(error))
                continue
            known = type(strategy)
            yield number, values, strategy

    def _from_tables(self, groups: Sequence[Sequence[Made]], fixed: Sequence[str]) -> Iterator[Work]:
        """Of a strategy that gives the entries of many sets at once."""
        try:
            entries = self._entries(groups, fixed)
        except BadParameter:
            # A variant whose decisions are weights, as fade by trimming: each set has a plan of its own.
            for members in groups:
                for item in members:
                    yield from self._from_plan([item], ())
            return
        for shared, members in zip(entries, groups, strict=True):
            yield _walks(shared, members, fixed)

    def _entries(self, groups: Sequence[Sequence[Made]], fixed: Sequence[str]) -> list[_Shared]:
        """Entries of each group, of which the first may be those that the last piece ended with."""
        parts = [_entry_part(members[0][1], fixed) for members in groups]
        found = [item for item in self._last if parts and item.part == parts[0]]
        variants = [members[0][2] for members in groups[len(found) :]]
        if variants:
            given: Any = type(variants[0])
            tables = given.plan_tables(self.market, self.events, self.eligible, variants)
            found += [
                self._prepared(in_order(table), part)
                for table, part in zip(tables, parts[len(found) :], strict=True)
            ]
        self._last[:] = found[-1:]
        return found

    def _prepared(self, table: EntryTable, part: EntryPart = ()) -> _Shared:
        # With sizing by risk each exit rule has a scale of its own, which the kernel takes.
        sizing = replace(self.sizing, rule="equal") if self.sizing.rule == "risk" else self.sizing
        count = len(table.row)
        made = prepare(table, ExitTable.same(Exits(), count), self.tape, self.ground, sizing, self.costs)
        return _Shared(part, made.tickets, table.exits)

    def _from_plan(self, members: Sequence[Made], fixed: Sequence[str]) -> Iterator[Work]:
        """Of a strategy whose plan is asked for once for all that differ in their exits alone."""
        from strategies.engine import make_plan

        strategy = members[0][2]
        plan = make_plan(strategy, self.market, self.events, self.eligible, self.scores)
        if isinstance(plan, Weights):
            for number, _, _ in members:
                yield Balanced(plan.table.to_numpy(dtype=float), self.ground.allowed, number)
            return
        table, exits = columns(plan, self.market)
        same = _same_exits(exits, strategy, fixed) if fixed else None
        if same is not None:
            yield _walks(self._prepared(replace(table, exits=same)), members, fixed)
        elif len(members) == 1:
            made = prepare(table, exits, self.tape, self.ground, self.sizing, self.costs)
            yield Alone(made.tickets, members[0][0])
        else:
            for item in members:
                yield from self._from_plan([item], ())


def _walks(shared: _Shared, members: Sequence[Made], fixed: Sequence[str]) -> Walks:
    exits = _grid_of([strategy for _, _, strategy in members], shared.exits, fixed)
    places = np.array([number for number, _, _ in members], dtype=np.int64)
    return Walks(Batch(shared.tickets, exits, places))


def _entry_part(values: Mapping[str, Any], fixed: Sequence[str]) -> EntryPart:
    return tuple((name, value) for name, value in values.items() if name not in fixed)


def _same_exits(table: ExitTable, strategy: Strategy, fixed: Sequence[str]) -> Exits | None:
    """The exits of all entries; None where they differ, or are not what the fields of the strategy say."""
    if not len(table.hold):
        return Exits()
    found: dict[str, Any] = {}
    for name in EXITS:
        column = getattr(table, name)
        if not np.array_equal(column, np.full_like(column, column[0]), equal_nan=name != "hold"):
            return None
        off = column[0] == NEVER if name == "hold" else np.isnan(column[0])
        found[name] = None if off else column[0].item()
        if name in fixed and found[name] != getattr(strategy, name, None):
            return None
    return Exits(**found)


def _grid_of(strategies: Sequence[Strategy], exits: Exits, fixed: Sequence[str]) -> ExitGrid:
    """Exit rules of sets: from the fields that say them, else those of every entry."""

    def values(name: str) -> list[Any]:
        if name not in fixed:
            return [getattr(exits, name)] * len(strategies)
        return [getattr(item, name, None) for item in strategies]

    levels = [
        np.array([np.nan if item is None else item for item in values(name)], dtype=float)
        for name in EXITS[1:]
    ]
    hold = np.array([NEVER if item is None else item for item in values("hold")], dtype=np.int64)
    return ExitGrid(hold, *levels)


@lru_cache(maxsize=8)
def reference_rows(market: Market) -> Booleans:
    """Which sessions are those of the reference exchange, shape (T,)."""
    found = np.zeros(len(market.sessions), dtype=bool)
    found[market.clock.hours[market.reference_exchange].rows] = True
    return found


@dataclass(frozen=True, eq=False, slots=True)
class Shared:
    """What every piece of a sweep needs, sent to each worker once.

    Parameters
    ----------
    tape : Tape
        Prices and costs.
    reference : ndarray of bool, shape (T,)
        Sessions on which equity is measured.
    cash : float
        Money at the start.
    sizing, limits : Sizing, Limits
        Rules of the book.
    own : bool
        Whether every trade is on its own capital.
    """

    tape: Tape
    reference: Booleans
    cash: float
    sizing: Sizing
    limits: Limits
    own: bool


def evaluate(shared: Shared, works: Sequence[Work], first: int, last: int) -> Numbers:
    """Measures of the sets from `first` to before `last`, shape (last − first, measures); NaN for those that cannot be.

    Pure: the same work gives the same bits, wherever it is done.
    """
    from strategies.kernel import MEASURES
    from strategies.own_capital import OWN_MEASURES

    out = np.full((last - first, len(OWN_MEASURES if shared.own else MEASURES)), np.nan)
    for work in works:
        if isinstance(work, Walks):
            out[work.batch.places - first] = _measured(shared, work.batch)
        elif isinstance(work, Alone | Balanced):
            out[work.place - first] = _by_the_engine(shared, work)
    return out


def _measured(shared: Shared, batch: Batch) -> Numbers:
    from strategies.kernel import measure
    from strategies.own_capital import measure_own

    if shared.own:
        value = shared.cash / shared.sizing.slots
        return measure_own(batch.tickets, shared.tape, batch.exits, value=value)
    return measure(
        batch.tickets,
        shared.tape,
        batch.exits,
        cash=shared.cash,
        sizing=shared.sizing,
        limits=shared.limits,
        reference=shared.reference,
    )


def _by_the_engine(shared: Shared, work: Alone | Balanced) -> Numbers:
    from strategies.execution import fill_tickets, fill_weights
    from strategies.fill_measures import measures_of
    from strategies.own_capital import OWN_MEASURES

    cash, sizing, limits = shared.cash, shared.sizing, shared.limits
    if shared.own:
        # So much that no trade is short of it, and no limit, as `measure_own` has it.
        cash, sizing, limits = cash / sizing.slots * AMPLE, Sizing("fixed", AMPLE), Limits(participation=None)
    if isinstance(work, Balanced):
        fills, _ = fill_weights(work.table, work.allowed, shared.tape, cash=cash, limits=limits)
    else:
        fills, _ = fill_tickets(work.tickets, shared.tape, cash=cash, sizing=sizing, limits=limits)
    found = measures_of(fills, shared.tape, cash=cash, reference=shared.reference)
    return found[: len(OWN_MEASURES)] if shared.own else found
