"""docs/execution.md compiled: many exit rules over the same tickets, each with its own books.

It walks only sessions on which a position is held or an order waits. Memory does not grow with the number of rules.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strategies.arrays import Booleans, Integers, Numbers
from strategies.kernel_cache import compiled, inlined
from strategies.kernel_entries import enter
from strategies.kernel_offers import exit_records, offers, rules, world
from strategies.kernel_records import Ledger, Records, World, ledgers, only_read
from strategies.kernel_rules import OPENING, REASONS, REST, WHOLE, pass_session, pay_out
from strategies.kernel_statistics import MEASURES, clear, measure_equity, measure_trades
from strategies.sizing import Limits, Sizing
from strategies.tape import Tape
from strategies.tickets import Tickets

__all__ = ["MEASURES", "REASONS", "ExitGrid", "Walked", "measure", "walk"]

OWN_EXITS = -1
ROOM = 4096
# So many sets walk side by side through so many sessions, then through the next ones: bars that one set has read are
# still near when the others read them.
TOGETHER, SESSIONS = 32, 64


@dataclass(frozen=True, eq=False)
class ExitGrid:
    """P exit rules.

    Parameters
    ----------
    hold : ndarray of int, shape (P,)
        Sessions; `strategies.tickets.NEVER` without.
    stop, take_profit, trailing_stop : ndarray of float, shape (P,)
        Fractions; NaN without.
    """

    hold: Integers
    stop: Numbers
    take_profit: Numbers
    trailing_stop: Numbers


@dataclass(frozen=True, eq=False)
class Walked:
    """Everything that one set of exits led to.

    Parameters
    ----------
    fills : ndarray of records, shape (F,)
        In order of row, phase and symbol: ``row phase symbol reason ticket buy shares reference slip fee borrow``.
        ``reason`` is a place in `REASONS`, ``ticket`` that of the ticket that opened the position.
    equity : ndarray of float, shape (T,)
        After each session.
    """

    fills: Records
    equity: Numbers


def walk(tickets: Tickets, tape: Tape, *, cash: float, sizing: Sizing, limits: Limits) -> Walked:
    """Fills and equity of tickets with their own exits: what `strategies.execution.fill_tickets` gives.

    Parameters
    ----------
    tickets : Tickets
        M orders to enter, with their scales.
    tape : Tape
        N symbols, T sessions.
    cash : float
        Money at the start.
    sizing, limits : Sizing, Limits
        As there.
    """
    found, exits = offers(tickets, tape, limits), exit_records(tickets)
    given, none, room = rules(cash, sizing, limits, tape.borrow), np.zeros(0, dtype=np.int64), ROOM
    while True:
        book = ledgers(1, found, tape.bars.shape, room)
        _measure(world(tape), given, found, exits, True, only_read(none, np.int64), -1, book, _table(1))
        count = int(book.state["fills"][0, 0])
        if count <= room:
            fills = book.fills[0, :count]
            return Walked(fills[np.lexsort((fills["symbol"], fills["phase"], fills["row"]))], book.equity[0])
        room = count


def measure(
    tickets: Tickets,
    tape: Tape,
    exits: ExitGrid,
    *,
    cash: float,
    sizing: Sizing,
    limits: Limits,
    reference: Booleans,
) -> Numbers:
    """Measures of each of P exit rules over the same tickets, shape (P, len(MEASURES)); NaN where undefined.

    The lock of the interpreter is released: threads may each measure a part of the rules.

    Parameters
    ----------
    tickets : Tickets
        M orders to enter; their own exits are not looked at. With sizing by risk their `scale` is the part of a whole
        position, as `prepare` with equal sizing gives it: it is taken times the scale of each rule, and a rule without
        stop and trailing stop makes no trade.
    tape : Tape
        N symbols, T sessions.
    exits : ExitGrid
        P rules.
    cash : float
        Money at the start.
    sizing, limits : Sizing, Limits
        As for `strategies.execution.fill_tickets`.
    reference : ndarray of bool, shape (T,)
        Sessions of the reference exchange, on which equity is measured.
    """
    found, out = offers(tickets, tape, limits), _table(len(exits.hold))
    book = ledgers(min(TOGETHER, max(len(out), 1)), found, tape.bars.shape, 0)
    rows = only_read(np.flatnonzero(reference), np.int64)
    none = tickets.events.index("") if "" in tickets.events else -1
    given, table = rules(cash, sizing, limits, tape.borrow), exit_records(exits, sizing)
    _measure(world(tape), given, found, table, False, rows, none, book, out)
    return out


def _table(count: int) -> Numbers:
    return np.zeros((count, len(MEASURES)))


@inlined
def run(
    world: World,
    rules: Records,
    offers: Records,
    exits: Records,
    rule: int,
    book: Ledger,
    first: int,
    end: int,
) -> None:
    """Walk one set through sessions from the first to before the end; `rule` as in `enter`."""
    state, row = book.state[0], first
    while row < end:
        following = min(offers[state.next].row, end) if state.next < len(offers) else end
        if state.held == 0:
            book.equity[row:following] = state.cash
            book.exposure[row:following] = 0.0
            row = following
            if row == end:
                return
        if world.pays[row]:
            pay_out(world, rules, book, row)
        part = OPENING if row == following or state.builds > 0 else WHOLE
        pass_session(world, rules, book, row, part)
        if part == OPENING:
            enter(world, rules, offers, exits, rule, book, row)
            pass_session(world, rules, book, row, REST)
        row += 1


@compiled
def _measure(
    world: World,
    rules: Records,
    offers: Records,
    exits: Records,
    own: bool,  # noqa: FBT001
    reference: Integers,
    skipped: int,
    books: Ledger,
    out: Numbers,
) -> None:
    """Walk and measure every set, or the one whose tickets have their own exits: the one entry that is compiled."""
    rows, together = len(world.days), len(books.state)
    for block in range(0, len(out), together):
        count = min(together, len(out) - block)
        for first in range(0, rows + SESSIONS, SESSIONS):
            for at in range(count):
                place = block + at
                book = Ledger(
                    books.positions[at],
                    books.orders[at],
                    books.held[at],
                    books.ordered[at],
                    books.groups[at],
                    books.state[at],
                    books.equity[at],
                    books.exposure[at],
                    books.returns[at],
                    books.event_sum[at],
                    books.event_count[at],
                    books.fills[at],
                )
                if first == 0:
                    clear(book, rules[0].cash)
                if first >= rows:
                    measure_trades(book, skipped, out[place])
                    measure_equity(book, reference, world.days, out[place])
                    continue
                # A rule that cannot be sized makes no trade.
                given = offers if own or not np.isnan(exits[place].scale) else offers[:0]
                rule = OWN_EXITS if own else place
                run(world, rules[0], given, exits, rule, book, first, min(first + SESSIONS, rows))
