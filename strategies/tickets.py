"""Decisions to enter as arrays that every executor reads: sorted, sized, grouped, the impossible ones listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from strategies.arrays import Booleans, Integers, Numbers
from strategies.plan import LONG, SHORT, Entries, EntryTable, Exits
from strategies.sizing import MOST_SCALE, Sizing
from universes.errors import BadParameter

if TYPE_CHECKING:
    from strategies.costs import Costs
    from strategies.tape import Tape
    from universes.panel import Market

NEVER = np.iinfo(np.int64).max
SESSIONS_PER_YEAR = 252


@dataclass(frozen=True, eq=False, slots=True)
class Tickets:
    """M orders to enter, in order of decision row, then highest priority, symbol, stage and event.

    Parameters
    ----------
    row, symbol, side, stage : ndarray of int, shape (M,)
        Decision row; column of the symbol; 1 or -1; 1 opens, above 1 adds.
    event : ndarray of int, shape (M,)
        Place in `events`.
    scale, priority : ndarray of float, shape (M,)
        Times equity / slots; highest first.
    groups : ndarray of int, shape (M, 3)
        Codes of mineral, jurisdiction and stage on the decision row; -1 unknown.
    hold : ndarray of int, shape (M,)
        Sessions; `NEVER` without.
    stop, take_profit, trailing_stop : ndarray of float, shape (M,)
        Fractions; NaN without.
    leave_after : ndarray of int, shape (M,)
        Row; `NEVER` without.
    events : tuple of str
        Identifiers.
    """

    row: Integers
    symbol: Integers
    side: Integers
    stage: Integers
    event: Integers
    scale: Numbers
    priority: Numbers
    groups: Integers
    hold: Integers
    stop: Numbers
    take_profit: Numbers
    trailing_stop: Numbers
    leave_after: Integers
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unfilled:
    """An order that led to no fill, or to part of one, and why; row -1 is before any decision."""

    row: int
    symbol: str
    buy: bool
    event: str
    reason: str


@dataclass(frozen=True, eq=False, slots=True)
class Ground:
    """What tickets are judged by, made once for a market and shared by all parameter sets.

    Parameters
    ----------
    allowed : ndarray of bool, shape (T, N)
        Which symbols may be traded after each row.
    scores : ndarray of float, shape (T, N), or None
        Alignment score as known on the day; NaN where there is none.
    groups : ndarray of int, shape (T, N, 3), or None
        Codes of mineral, jurisdiction and stage after each row; -1 unknown. None where no cap needs them.
    """

    allowed: Booleans
    scores: Numbers | None = None
    groups: Integers | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Prepared:
    """Tickets of a plan, and why the other entries were not made.

    Parameters
    ----------
    tickets : Tickets
        Those that can be filled.
    table : EntryTable
        All entries, in the order of tickets.
    refused : ndarray of str, shape (M,)
        Reason of each entry of `table`; empty where it became a ticket.
    """

    tickets: Tickets
    table: EntryTable
    refused: np.ndarray

    def unfilled(self, symbols: tuple[str, ...]) -> tuple[Unfilled, ...]:
        """The refused entries, in order."""
        given = self.table
        return tuple(
            Unfilled(
                int(given.row[at]),
                symbols[given.symbol[at]],
                bool(given.side[at] == LONG),
                given.events[given.event[at]],
                str(self.refused[at]),
            )
            for at in np.flatnonzero(self.refused != "")
        )


def prepare(
    table: EntryTable, exits: ExitTable, tape: Tape, ground: Ground, sizing: Sizing, costs: Costs
) -> Prepared:
    """Tickets of a plan's entries.

    Parameters
    ----------
    table : EntryTable
        M entries, as `in_order` gives them; its `exits` are not looked at.
    exits : ExitTable
        Exits of each.
    tape, ground : Tape, Ground
        Prices and what else is known.
    sizing : Sizing
        Rule for the scale.
    costs : Costs
        Says which names can be borrowed.

    Raises
    ------
    BadParameter
        If sizing by score is asked for without scores.
    """
    # A decision of row t knows what was known before row t + 1; that of the last row can never be filled.
    after = np.minimum(table.row + 1, tape.adv.shape[1] - 1)
    last = table.row == tape.adv.shape[1] - 1
    scale, unsized = _scale(table, exits, tape.volatility[table.symbol, after], ground, sizing)
    scale = np.where(last, 1.0, scale)
    borrowable = (tape.price[table.symbol, after] >= costs.borrow_least_price) & (
        tape.adv[table.symbol, after] >= costs.borrow_least_adv
    )
    refused = np.full(len(table.row), "", dtype=object)
    refused[~np.isfinite(scale)] = unsized
    refused[(table.side == SHORT) & ~borrowable & ~last] = "cannot be borrowed"
    refused[~ground.allowed[table.row, table.symbol]] = "not eligible"
    return Prepared(_tickets(table, exits, scale, ground, refused == ""), table, refused)


def _tickets(table: EntryTable, exits: ExitTable, scale: Numbers, ground: Ground, made: Booleans) -> Tickets:
    row, symbol = table.row[made], table.symbol[made]
    groups = np.full((len(row), 3), -1) if ground.groups is None else ground.groups[row, symbol]
    return Tickets(
        row=row,
        symbol=symbol,
        side=table.side[made],
        stage=table.stage[made],
        event=table.event[made],
        scale=(scale * table.share)[made],
        priority=table.priority[made],
        groups=np.ascontiguousarray(groups, dtype=np.int64),
        hold=exits.hold[made],
        stop=exits.stop[made],
        take_profit=exits.take_profit[made],
        trailing_stop=exits.trailing_stop[made],
        leave_after=np.where(table.leave_after < 0, NEVER, table.leave_after)[made],
        events=table.events,
    )


def _scale(
    table: EntryTable, exits: ExitTable, volatility: Numbers, ground: Ground, sizing: Sizing
) -> tuple[Numbers, str]:
    """Scale of each entry, NaN where it has none, and why it then has none."""
    if sizing.rule == "inverse-volatility":
        yearly = volatility * np.sqrt(SESSIONS_PER_YEAR)
        with np.errstate(divide="ignore"):
            return np.minimum(sizing.target_volatility / yearly, MOST_SCALE), ""
    if sizing.rule == "risk":
        distance = np.where(np.isnan(exits.stop), exits.trailing_stop, exits.stop)
        return np.minimum(sizing.risk * sizing.slots / distance, MOST_SCALE), "no stop to size by"
    if sizing.rule == "score":
        if ground.scores is None:
            raise BadParameter("sizing by score needs scores: give scores=screener.score_table(market)")
        return np.minimum(
            _relative_scores(table, ground.scores, ground.allowed), MOST_SCALE
        ), "no score to size by"
    return np.ones(len(table.row)), ""


def _relative_scores(table: EntryTable, scores: Numbers, allowed: Booleans) -> Numbers:
    """Score of each entry over the mean of the names that could be traded on its row."""
    known = allowed & np.isfinite(scores)
    total = np.where(known, scores, 0.0).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / known.sum(axis=1)
        relative: Numbers = scores[table.row, table.symbol] / mean[table.row]
    return np.where(np.isfinite(relative), relative, np.nan)


@dataclass(frozen=True, eq=False, slots=True)
class ExitTable:
    """Exits of M entries: fields as in `Tickets`."""

    hold: Integers
    stop: Numbers
    take_profit: Numbers
    trailing_stop: Numbers

    @classmethod
    def of(cls, exits: Sequence[Exits]) -> ExitTable:
        """One exit rule an entry."""
        return cls(
            np.array([NEVER if item.hold is None else item.hold for item in exits], dtype=np.int64),
            *(
                np.array(
                    [np.nan if (level := getattr(item, name)) is None else level for item in exits],
                    dtype=float,
                )
                for name in ("stop", "take_profit", "trailing_stop")
            ),
        )

    @classmethod
    def same(cls, exits: Exits, count: int) -> ExitTable:
        """The same exits `count` times."""
        hold = np.full(count, NEVER if exits.hold is None else exits.hold, dtype=np.int64)
        levels = (exits.stop, exits.take_profit, exits.trailing_stop)
        return cls(
            hold, *(np.full(count, np.nan if level is None else level, dtype=float) for level in levels)
        )


def columns(plan: Entries, market: Market) -> tuple[EntryTable, ExitTable]:
    """Entries of a plan as arrays, in the order of tickets."""
    number = {symbol: at for at, symbol in enumerate(market.symbols)}
    events = tuple(sorted({entry.event for entry in plan.entries}))
    place = {event: at for at, event in enumerate(events)}
    entries = sorted(
        plan.entries,
        key=lambda item: (item.row, -item.priority, number[item.symbol], item.stage, place[item.event]),
    )
    table = EntryTable(
        row=np.array([entry.row for entry in entries], dtype=np.int64),
        symbol=np.array([number[entry.symbol] for entry in entries], dtype=np.int64),
        event=np.array([place[entry.event] for entry in entries], dtype=np.int64),
        side=np.array([entry.side for entry in entries], dtype=np.int64),
        stage=np.array([entry.stage for entry in entries], dtype=np.int64),
        share=np.array([entry.share for entry in entries], dtype=float),
        priority=np.array([entry.priority for entry in entries], dtype=float),
        leave_after=np.array(
            [-1 if entry.leave_after is None else entry.leave_after for entry in entries], dtype=np.int64
        ),
        events=events,
        exits=Exits(),
    )
    return table, ExitTable.of([entry.exits for entry in entries])


def in_order(table: EntryTable) -> EntryTable:
    """The same entries in the order of tickets, events numbered by name."""
    names = tuple(sorted(set(table.events)))
    place = np.array([names.index(event) for event in table.events], dtype=np.int64)
    event = place[table.event] if len(place) else table.event
    order = np.lexsort((event, table.stage, table.symbol, -table.priority, table.row))
    return EntryTable(
        row=table.row[order],
        symbol=table.symbol[order],
        event=event[order],
        side=table.side[order],
        stage=table.stage[order],
        share=table.share[order],
        priority=table.priority[order],
        leave_after=table.leave_after[order],
        events=names,
        exits=table.exits,
    )
