"""The probes of an audit: what each changes, and which decisions must stay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from strategies import changed_markets
from strategies.changed_markets import World
from strategies.plan import Entries, Entry, Plan, Strategy, Weights

if TYPE_CHECKING:
    import pandas as pd

    from strategies.arrays import Integers
    from universes.panel import Market

Change = Callable[[World, int, np.random.Generator], World]

# What is done after a row, in the words of the finding.
PRICES: tuple[tuple[Change, str], ...] = (
    (changed_markets.noisy_prices, "prices after {} were replaced"),
    (changed_markets.shuffled_prices, "the sessions after {} were put in another order"),
    (changed_markets.tenfold_prices, "prices and volumes after {} were multiplied by ten"),
    (changed_markets.no_prices, "all bars after {} were removed"),
)
EVENTS: tuple[tuple[Change, str], ...] = (
    (changed_markets.without_events, "events that became known after the last close of {} were removed"),
    (
        changed_markets.other_events,
        "events that became known after the last close of {} got another sign and kind",
    ),
)
FACTS: tuple[tuple[Change, str], ...] = (
    (changed_markets.without_facts, "facts that became known after {} were removed"),
    (changed_markets.lives_go_on, "names that ceased after {} lived on"),
    (changed_markets.other_facts, "facts that became known after {} were changed"),
    (changed_markets.lives_end, "names that lived on after {} ceased"),
)
TRUNCATION: tuple[tuple[Change, str], ...] = ((changed_markets.cut, "the data ended on {}"),)


@dataclass(frozen=True, slots=True)
class Difference:
    """One decision that is not the same.

    Parameters
    ----------
    row : int
        Row of the decision.
    symbol, field : str
        Where, and which part of it.
    before, after : str
        What was decided on the market as it is, and on the changed one.
    """

    row: int
    symbol: str
    field: str
    before: str
    after: str


def decide(strategy: Strategy, world: World) -> Plan:
    """Plan of a strategy, checked; the tables it is given are copies."""
    from strategies.engine import make_plan

    scores = None if world.scores is None else world.scores.copy()
    return make_plan(strategy, world.market, world.events, world.eligible.copy(), scores)


def differences(
    before: Plan,
    after: Plan,
    row: int,
    *,
    symbols: Sequence[str],
    names: Mapping[str, str] | None = None,
    tolerance: float = 0.0,
) -> list[Difference]:
    """Decisions up to a row that are not the same in two plans, the latest first.

    Parameters
    ----------
    before, after : Entries or Weights
        The plans.
    row : int
        Last row that is compared. That a position is left counts on the row on which it is left.
    symbols : sequence of str
        Those that are compared, by their name in `before`.
    names : mapping of str to str, optional
        New name of each symbol in `after`; default the same.
    tolerance : float
        Relative difference of numbers that is none: 0 compares bit for bit.
    """
    if isinstance(before, Entries) and isinstance(after, Entries):
        old = {new: symbol for symbol, new in (names or {}).items()}
        first, second = _by_key(before, row, symbols, {}), _by_key(after, row, symbols, old)
        found = list(_entry_differences(first, second, tolerance))
    elif isinstance(before, Weights) and isinstance(after, Weights):
        renamed = {symbol: (names or {}).get(symbol, symbol) for symbol in symbols}
        one, other = before.table.iloc[: row + 1], after.table.iloc[: row + 1]
        found = list(_weight_differences(one, other, renamed, tolerance))
    else:
        found = [Difference(row, "", "plan", type(before).__name__, type(after).__name__)]
    return sorted(found, key=lambda item: (-item.row, item.symbol, item.field))


_Grouped = dict[tuple[int, str, str, int], list[Entry]]


def _entry_differences(first: _Grouped, second: _Grouped, tolerance: float) -> Iterator[Difference]:
    for key in first.keys() | second.keys():
        mine, theirs = first.get(key, []), second.get(key, [])
        if len(mine) != len(theirs):
            yield Difference(key[0], key[1], "entry", _many(mine), _many(theirs))
            continue
        for one, other in zip(mine, theirs, strict=True):
            yield from _fields(one, other, tolerance)


def _by_key(plan: Entries, row: int, symbols: Sequence[str], old: Mapping[str, str]) -> _Grouped:
    """Entries up to a row by row, symbol, event and stage, under the old names."""
    found: _Grouped = defaultdict(list)
    compared = frozenset(symbols)
    for entry in plan.entries:
        symbol = old.get(entry.symbol, entry.symbol)
        if entry.row <= row and symbol in compared:
            # That a position is left is decided when it is.
            leaves = entry.leave_after if entry.leave_after is not None and entry.leave_after <= row else None
            known = replace(entry, symbol=symbol, leave_after=leaves)
            found[entry.row, symbol, entry.event, entry.stage].append(known)
    return {key: sorted(entries, key=repr) for key, entries in found.items()}


def _many(entries: list[Entry]) -> str:
    if not entries:
        return "none"
    event = f" on {entries[0].event}" if entries[0].event else ""
    return f"{len(entries)} {'entry' if len(entries) == 1 else 'entries'}{event}"


def _fields(one: Entry, other: Entry, tolerance: float) -> Iterator[Difference]:
    for item in fields(Entry):
        mine, theirs = getattr(one, item.name), getattr(other, item.name)
        if not _same(mine, theirs, tolerance):
            yield Difference(one.row, one.symbol, item.name, str(mine), str(theirs))


def _same(one: Any, other: Any, tolerance: float) -> bool:
    if tolerance and isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= tolerance * max(abs(one), abs(other), 1.0)
    return bool(one == other)


def _weight_differences(
    before: pd.DataFrame, after: pd.DataFrame, names: Mapping[str, str], tolerance: float
) -> Iterator[Difference]:
    symbols = list(names)
    one = _read(before).reindex(columns=symbols).to_numpy()
    other = _read(after).reindex(columns=list(names.values())).to_numpy()
    none = np.isnan(one) & np.isnan(other)
    for at, column in zip(*np.nonzero(~(none | (np.abs(one - other) <= tolerance))), strict=True):
        told = (_weight(values[at, column]) for values in (one, other))
        yield Difference(int(at), symbols[column], "weight", *told)


def _read(table: pd.DataFrame) -> pd.DataFrame:
    """Weights as the engine reads them: in a row that decides something NaN is 0."""
    decides = table.notna().any(axis=1).to_numpy()
    return table.astype(float).mask(decides[:, None] & table.isna(), 0.0)


def _weight(value: float) -> str:
    return "no decision" if np.isnan(value) else repr(float(value))


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows after which the future is changed.

    Parameters
    ----------
    around : tuple of int
        Around the reactions of sampled events.
    eve : tuple of int
        Of these, the row before each reaction and that of the reaction, in turn.
    decided : tuple of int
        On which something was decided.
    drawn : tuple of int
        Drawn at random, and some on which the reference exchange is closed.
    """

    around: tuple[int, ...]
    eve: tuple[int, ...]
    decided: tuple[int, ...]
    drawn: tuple[int, ...]

    @property
    def every(self) -> tuple[int, ...]:
        """All of them, each once, in order."""
        return tuple(sorted({*self.around, *self.decided, *self.drawn}))


OFFSETS = (-1, 0, 1, 5)


def sample_rows(world: World, plan: Plan, draws: int, random: np.random.Generator) -> Rows:
    """Rows to try: around `draws` events, on `draws` rows of decisions, and `draws` others.

    Parameters
    ----------
    world : World
        T sessions.
    plan : Entries or Weights
        Decisions on the market as it is.
    draws : int
        How many of each.
    random : Generator
        Draws them.
    """
    last = len(world.market.sessions) - 2
    reacted = _reaction_rows(world)
    centres = _some(reacted, draws, random)
    closed = np.setdiff1d(
        np.arange(1, last + 1), world.market.clock.hours[world.market.reference_exchange].rows
    )
    spread = np.unique(random.integers(max(1, last // 5), max(2, last + 1), draws))
    drawn = [*spread, *_some(closed, 2, random)]
    return Rows(
        _within([row + step for row in centres for step in OFFSETS], last),
        tuple(int(row) + step for row in centres if 2 <= row <= last for step in OFFSETS[:2]),
        _within(list(_some(_decision_rows(plan), draws, random)), last),
        _within(drawn, last),
    )


def _reaction_rows(world: World) -> Integers:
    import pandas as pd

    from universes.policy import known_at

    market: Market = world.market
    found = [
        market.clock.reaction_row(market.reference_exchange, pd.Timestamp(known_at(event)))
        for event in world.events
        if pd.Timestamp(known_at(event)) > market.clock.last_close(0)
    ]
    return np.unique([row for row in found if row is not None]).astype(np.int64)


def _decision_rows(plan: Plan) -> Integers:
    if isinstance(plan, Entries):
        return np.unique([entry.row for entry in plan.entries]).astype(np.int64)
    held: Integers = np.flatnonzero((plan.table > 0).any(axis=1).to_numpy())
    return held


def _some(rows: Integers, count: int, random: np.random.Generator) -> Integers:
    return random.choice(rows, min(count, len(rows)), replace=False) if len(rows) else rows


def _within(rows: Sequence[Any], last: int) -> tuple[int, ...]:
    return tuple(sorted({int(row) for row in rows if 1 <= row <= last}))
