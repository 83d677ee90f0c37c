"""Where each firm-event lands in the prices: the session that reacted, how it closed, and what came against it."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from strategies.arrays import Booleans, Integers, Numbers
from strategies.plan import LONG, Entries, EntryTable, Exits, Skipped

if TYPE_CHECKING:
    from datetime import datetime

    from strategies.crossings import Rows
    from universes.exposure import Exposure
    from universes.panel import Market
    from universes.policy import Events

NEVER = -1


@dataclass(frozen=True, eq=False, slots=True)
class Reactions:
    """K firm-events that favour a company and have a reaction session, in the order of the events, then of the symbols.

    Parameters
    ----------
    place : ndarray of int, shape (K,)
        Place among all firm-events, those of `skipped` included.
    event : ndarray of int, shape (K,)
        Place in `events`.
    column, row : ndarray of int, shape (K,)
        Place of the reaction session in the market's tables: the first of the symbol's exchange to close after
        the event was known.
    pop : ndarray of float, shape (K,)
        Return of the reaction session, close on the close before, as a fraction.
    opposite : ndarray of int, shape (K,)
        Reaction row of the first headwind for the same company that became known at the same instant or later;
        -1 without.
    events : tuple of str
        Identifiers of all events, sorted.
    skipped : tuple of (int, Skipped)
        Place and reason of the other firm-events.
    """

    place: Integers
    event: Integers
    column: Integers
    row: Integers
    pop: Numbers
    opposite: Integers
    events: tuple[str, ...]
    skipped: tuple[tuple[int, Skipped], ...]

    def table(self, entries: Decided, exits: Exits, *, side: int = LONG, leave: bool = False) -> EntryTable:
        """Decisions to trade as arrays.

        Parameters
        ----------
        entries : Decided
            M decisions.
        exits : Exits
            Of each.
        side : {1, -1}
            Of each.
        leave : bool
            Whether a position is left after the first headwind.
        """
        at = entries.at
        used, event = np.unique(self.event[at], return_inverse=True)
        count = len(at)
        return EntryTable(
            row=entries.row.astype(np.int64),
            symbol=self.column[at],
            event=event.astype(np.int64),
            side=np.full(count, side, dtype=np.int64),
            stage=entries.stage,
            share=entries.share,
            priority=self.pop[at],
            leave_after=self.opposite[at] if leave else np.full(count, NEVER, dtype=np.int64),
            events=tuple(self.events[number] for number in used),
            exits=exits,
        )

    def plan(self, table: EntryTable, symbols: tuple[str, ...], reason: Callable[[int], str]) -> Entries:
        """A table as a plan, with every firm-event that is not in it.

        Parameters
        ----------
        table : EntryTable
            Made by `table`.
        symbols : tuple of str
            Of the market.
        reason : callable
            Why a firm-event, by its place in the arrays, is not in the table.
        """
        entries = table.entries(symbols)
        made = {(entry.event, entry.symbol) for entry in entries}
        missed = list(self.skipped)
        for at in range(len(self.row)):
            event, symbol = self.events[self.event[at]], symbols[self.column[at]]
            if (event, symbol) not in made:
                missed.append((int(self.place[at]), Skipped(symbol, event, reason(at))))
        missed.sort(key=lambda item: item[0])
        return Entries(entries, tuple(skipped for _, skipped in missed))


@dataclass(frozen=True, eq=False, slots=True)
class Decided:
    """M decisions: place of each firm-event in `Reactions`, decision row, stage, part of a whole position."""

    at: Integers
    row: Integers | Rows
    stage: Integers
    share: Numbers

    @classmethod
    def once(cls, at: Integers, row: Integers) -> Decided:
        """Whole positions, one a firm-event."""
        return cls(at, row, np.ones(len(at), dtype=np.int64), np.ones(len(at)))

    @classmethod
    def staged(cls, stages: Sequence[tuple[Integers, Rows]]) -> Decided:
        """Equal parts of positions: firm-events and rows of the first stage, of the second, and so on."""
        at = np.concatenate([at for at, _ in stages])
        row = np.concatenate([row for _, row in stages])
        stage = np.repeat(np.arange(1, len(stages) + 1, dtype=np.int64), [len(at) for at, _ in stages])
        return cls(at, row, stage, np.full(len(at), 1 / len(stages)))


_FOUND: WeakKeyDictionary[Market, WeakKeyDictionary[Events, Reactions]] = WeakKeyDictionary()


def reactions(market: Market, events: Events) -> Reactions:
    """Firm-events that favour a company, each with its reaction session; found once for a market and a calendar.

    Parameters
    ----------
    market : Market
        Prices.
    events : Events
        E events.
    """
    # By identity and weakly: what is found goes when the market or the calendar goes.
    known = _FOUND.setdefault(market, WeakKeyDictionary())
    found = known.get(events)
    if found is None:
        found = known[events] = _Search(market, events).run()
    return found


def popped(found: Reactions, min_pop: float, max_pop: float | None = None) -> Booleans:
    """Which of K firm-events rose by more than `min_pop`, and by no more than `max_pop`, shape (K,)."""
    enough = found.pop > min_pop
    return enough if max_pop is None else enough & (found.pop <= max_pop)


def no_pop(pop: float, min_pop: float, max_pop: float | None = None) -> str:
    """Why a reaction is not one that `popped` holds for; empty where it is."""
    if not pop > min_pop:
        return f"no pop above {min_pop:.1%}: {pop:+.1%} on the reaction session"
    if max_pop is not None and pop > max_pop:
        return f"a pop above {max_pop:.1%}: {pop:+.1%} on the reaction session"
    return ""


class _Search:
    """One pass over the firm-events of a calendar."""

    def __init__(self, market: Market, events: Events) -> None:
        from universes.exposure import exposures
        from universes.policy import known_at

        self.market = market
        self.instants = {event.event: known_at(event) for event in events}
        self.exposures = exposures(events, market.universe)
        self.headwinds = self._headwinds()
        self.close = market.bars["close"].to_numpy()
        self.companies = market.lives["company"].to_numpy(dtype=object)
        self.exchanges = market.lives["exchange"].to_numpy(dtype=object)
        self.columns = {symbol: at for at, symbol in enumerate(market.symbols)}
        self.rows: dict[tuple[str, str], int | None] = {}

    def run(self) -> Reactions:
        identifiers = tuple(sorted(self.instants))
        number = {event: at for at, event in enumerate(identifiers)}
        found: list[tuple[int, int, int, int, float, int]] = []
        skipped: list[tuple[int, Skipped]] = []
        for place, item in enumerate(self.exposures):
            landed = self._land(item)
            if isinstance(landed, str):
                skipped.append((place, Skipped(item.symbol, item.event, landed)))
            else:
                column, row, pop = landed
                found.append((place, number[item.event], column, row, pop, self._opposite(item)))
        columns = {
            name: np.array([row[at] for row in found], dtype=float if name == "pop" else np.int64)
            for at, name in enumerate(("place", "event", "column", "row", "pop", "opposite"))
        }
        return Reactions(**columns, events=identifiers, skipped=tuple(skipped))

    def _land(self, item: Exposure) -> tuple[int, int, float] | str:
        """Column, reaction row and pop of a firm-event, or why it has none."""
        if item.sign <= 0:
            return "ambiguous for this company" if item.sign == 0 else "a headwind for this company"
        if item.symbol not in self.columns:
            return "no prices"
        at = self.columns[item.symbol]
        if self.companies[at] != item.company:
            return f"no prices: in the data the symbol stands for {self.companies[at]}"
        row = self._reaction_row(item.event, item.symbol)
        if row is None:
            return "after the last session"
        pop = self._pop(row, at)
        return pop if isinstance(pop, str) else (at, row, pop)

    def _pop(self, row: int, at: int) -> float | str:
        """Return of a reaction session, or why it has none."""
        if row <= self.market.clock.hours[self.exchanges[at]].rows[0]:
            return "before the first session"
        if np.isnan(self.close[row, at]):
            return "no bar on the reaction session"
        before = row - 1
        while before >= 0 and np.isnan(self.close[before, at]):
            before -= 1
        return (
            float(self.close[row, at] / self.close[before, at] - 1)
            if before >= 0
            else "no price before the event"
        )

    def _reaction_row(self, event: str, symbol: str) -> int | None:
        import pandas as pd

        exchange = str(self.exchanges[self.columns[symbol]])
        key = event, exchange
        if key not in self.rows:
            self.rows[key] = self.market.clock.reaction_row(exchange, pd.Timestamp(self.instants[event]))
        return self.rows[key]

    def _headwinds(self) -> dict[str, list[tuple[datetime, str]]]:
        """Instant and identifier of the events against each company, in order."""
        against: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
        for item in self.exposures:
            if item.sign < 0:
                against[item.company].append((self.instants[item.event], item.event))
        return {company: sorted(rows) for company, rows in against.items()}

    def _opposite(self, item: Exposure) -> int:
        rows = self.headwinds.get(item.company, [])
        at = bisect_left(rows, (self.instants[item.event], ""))
        row = self._reaction_row(rows[at][1], item.symbol) if at < len(rows) else None
        return NEVER if row is None else row
