"""From decisions to fills: the rules of docs/execution.md, one session after the other."""

from __future__ import annotations

import numpy as np

from strategies import exits
from strategies.arrays import Booleans, Numbers
from strategies.book import Book, Fill
from strategies.entry_orders import EntryOrders
from strategies.sizing import Limits, Sizing
from strategies.tape import Tape
from strategies.tickets import Tickets, Unfilled
from strategies.weight_orders import WeightOrders


def fill_tickets(
    tickets: Tickets, tape: Tape, *, cash: float, sizing: Sizing, limits: Limits
) -> tuple[tuple[Fill, ...], tuple[Unfilled, ...]]:
    """Fills of orders to enter and of the exits that follow, and what was not filled, both in order of time.

    Parameters
    ----------
    tickets : Tickets
        M orders, in their order.
    tape : Tape
        Prices, liquidity and costs of N symbols on T sessions.
    cash : float
        Money at the start.
    sizing : Sizing
        Slots, and whether they are of the money at the start.
    limits : Limits
        Participation, patience, positions and caps.
    """
    book = Book(tape, cash, limits.participation)
    orders = EntryOrders(tickets, sizing, limits, cash)
    rows = len(tape.days)
    for row in range(rows):
        if book.positions or orders.waiting:
            _pay_out(book, row)
            exits.at_open(book, row)
            orders.enter(book, row)
            exits.in_session(book, row)
            book.mark(row)
        orders.decide(row)
    orders.close(book, rows - 1)
    return tuple(book.fills), tuple(book.unfilled)


def fill_weights(
    table: Numbers, allowed: Booleans, tape: Tape, *, cash: float, limits: Limits
) -> tuple[tuple[Fill, ...], tuple[Unfilled, ...]]:
    """Fills of target weights, and what was not filled, both in order of time.

    Parameters
    ----------
    table : ndarray of float, shape (T, N)
        Weights, as in `strategies.plan.Weights`.
    allowed : ndarray of bool, shape (T, N)
        Which symbols may be bought, by decision row.
    tape : Tape
        Prices, liquidity and costs.
    cash : float
        Money at the start.
    limits : Limits
        Participation; the others are for entries.
    """
    book = Book(tape, cash, limits.participation)
    orders = WeightOrders(np.asarray(table, dtype=float), allowed)
    for row in range(len(tape.days)):
        _pay_out(book, row)
        orders.reduce(book, row)
        orders.enter(book, row)
        book.mark(row)
        orders.decide(book, row)
    orders.close(book, len(tape.days) - 1)
    return tuple(book.fills), tuple(book.unfilled)


def _pay_out(book: Book, row: int) -> None:
    for symbol in sorted(book.positions):
        if book.tape.end[symbol] == row:
            book.pay_out(row, symbol)
