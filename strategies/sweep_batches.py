"""From parameter sets to orders: the entries that many sets share, made once, with the exits of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from strategies.arrays import Booleans, Numbers
from strategies.episode_returns import Batch
from strategies.kernel import ExitGrid
from strategies.parameter_grid import Grid
from strategies.plan import Entries, Exits, Strategy, Weights
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


@dataclass(frozen=True, eq=False)
class Workshop:
    """Makes work of parameter sets.

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

    def work(self, first: int, last: int) -> Iterator[Work]:
        """Work of the sets from `first` to before `last`, in their order."""
        from strategies.catalog import strategy_class

        cls = strategy_class(self.name)
        fixed = tuple(getattr(cls, "EXIT_FIELDS", ()))
        numbered = [(number, self.grid.set(number)) for number in range(first, last)]
        groups = [
            (key, list(members))
            for key, members in groupby(numbered, key=lambda item: _entry_part(item[1], fixed))
        ]
        if hasattr(cls, "plan_tables"):
            yield from self._from_tables(groups, fixed)
        else:
            for key, members in groups:
                yield from self._from_plan(dict(key), members, fixed)

    def _from_tables(self, groups: Sequence[Any], fixed: Sequence[str]) -> Iterator[Work]:
        """Of a strategy that gives the entries of many sets at once."""
        built = [(self._built(dict(key)), members) for key, members in groups]
        able = [item for item, _ in built if not isinstance(item, str)]
        try:
            tables = iter(self._tables(able)) if able else iter(())
        except BadParameter:
            # A variant whose decisions are weights, as fade by trimming: each set has a plan of its own.
            for _, members in groups:
                for number, values in members:
                    yield from self._from_plan(values, [(number, values)], ())
            return
        for item, members in built:
            if isinstance(item, str):
                yield Refused(tuple(number for number, _ in members), item)
                continue
            table = in_order(next(tables))
            yield from self._walks(table, item, members, fixed)

    def _tables(self, variants: Sequence[Strategy]) -> Sequence[Any]:
        given: Any = type(variants[0])
        tables: Sequence[Any] = given.plan_tables(self.market, self.events, self.eligible, variants)
        return tables

    def _walks(
        self, table: Any, strategy: Strategy, members: Sequence[Any], fixed: Sequence[str]
    ) -> Iterator[Work]:
        exits = _grid_of(strategy, [values for _, values in members], fixed)
        # With sizing by risk each exit rule has a scale of its own, which the kernel takes.
        sizing = replace(self.sizing, rule="equal") if self.sizing.rule == "risk" else self.sizing
        count = len(table.row)
        made = prepare(table, ExitTable.same(Exits(), count), self.tape, self.ground, sizing, self.costs)
        places = np.array([number for number, _ in members], dtype=np.int64)
        yield Walks(Batch(made.tickets, exits, places))

    def _from_plan(
        self, entry: Mapping[str, Any], members: Sequence[Any], fixed: Sequence[str]
    ) -> Iterator[Work]:
        """Of a strategy whose plan is asked for once for all that differ in their exits alone."""
        strategy = self._built(entry)
        if isinstance(strategy, str):
            yield Refused(tuple(number for number, _ in members), strategy)
            return
        from strategies.engine import make_plan

        plan = make_plan(strategy, self.market, self.events, self.eligible, self.scores)
        if isinstance(plan, Weights):
            for number, _ in members:
                yield Balanced(plan.table.to_numpy(dtype=float), self.ground.allowed, number)
        elif fixed:
            yield from self._walks(columns(plan, self.market)[0], strategy, members, fixed)
        else:
            yield from self._alone(plan, members)

    def _alone(self, plan: Entries, members: Sequence[Any]) -> Iterator[Work]:
        table, exits = columns(plan, self.market)
        made = prepare(table, exits, self.tape, self.ground, self.sizing, self.costs)
        for number, _ in members:
            yield Alone(made.tickets, number)

    def _built(self, values: Mapping[str, Any]) -> Strategy | str:
        """The strategy of these values, or why there is none."""
        from strategies.catalog import build

        try:
            return build(self.name, {**self.base, **values})
        except BadParameter as error:
            return str(error)


def _entry_part(values: Mapping[str, Any], fixed: Sequence[str]) -> tuple[tuple[str, Any], ...]:
    return tuple((name, value) for name, value in values.items() if name not in fixed)


def _grid_of(strategy: Strategy, sets: Sequence[Mapping[str, Any]], fixed: Sequence[str]) -> ExitGrid:
    """Exit rules of sets: their own values, else those of the strategy."""

    def values(name: str) -> list[Any]:
        own = getattr(strategy, name) if name in fixed else None
        return [item.get(name, own) for item in sets]

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

    if isinstance(work, Balanced):
        fills, _ = fill_weights(work.table, work.allowed, shared.tape, cash=shared.cash, limits=shared.limits)
    else:
        fills, _ = fill_tickets(
            work.tickets, shared.tape, cash=shared.cash, sizing=shared.sizing, limits=shared.limits
        )
    return measures_of(fills, shared.tape, cash=shared.cash, reference=shared.reference)
