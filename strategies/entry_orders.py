"""Orders to enter: who waits, who gets how much at an open, and what still lacks."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from strategies.book import Book, Build, Position
from strategies.plan import LONG
from strategies.sizing import CAPS, Limits, Sizing
from strategies.tickets import Tickets

LEAST_FACTOR = 0.1
NOTED_FACTOR = 0.98
LEAST_CHANGE = 1e-6


@dataclass(slots=True)
class Order:
    """What one symbol is to be entered with at one open.

    Parameters
    ----------
    value : float
        Money, before what participation and cash allow.
    until : int
        Last row on which the rest may be filled.
    side : int
        1 or -1.
    event : str
        Event of the first ticket.
    groups : tuple of int
        Codes of mineral, jurisdiction and stage.
    new : Position or None
        The position to open; None where one is held.
    decided : bool
        Whether a ticket is in it, not only what lacks of a build.
    """

    value: float
    until: int
    side: int
    event: str
    groups: tuple[int, ...]
    new: Position | None
    decided: bool = True


@dataclass(eq=False)
class EntryOrders:
    """Tickets that wait for an open.

    Parameters
    ----------
    tickets : Tickets
        In their order.
    sizing, limits : Sizing, Limits
        How large, and what may not be exceeded.
    cash : float
        Money at the start.
    """

    tickets: Tickets
    sizing: Sizing
    limits: Limits
    cash: float
    waiting: list[int] = field(default_factory=list)
    next: int = 0

    def decide(self, row: int) -> None:
        """Let the tickets of this row wait for their open: by priority, symbol, row, stage, event."""
        tickets, before = self.tickets, len(self.waiting)
        while self.next < len(tickets.row) and tickets.row[self.next] == row:
            self.waiting.append(self.next)
            self.next += 1
        if len(self.waiting) > before:
            # Tickets are in order of row, stage and event already: a stable sort keeps that.
            self.waiting.sort(key=lambda at: (-tickets.priority[at], tickets.symbol[at], at))

    def enter(self, book: Book, row: int) -> None:
        """Enter at the open of a row."""
        if not self.waiting and not any(held.build for held in book.positions.values()):
            return
        at_open = Open(book, row, self.limits)
        self._take_builds(at_open)
        self.waiting = [at for at in self.waiting if self._waits_on(at, at_open)]
        _fill(at_open)

    def _take_builds(self, at_open: Open) -> None:
        book, row = at_open.book, at_open.row
        for symbol in sorted(book.positions):
            held = book.positions[symbol]
            if held.build is None:
                continue
            if row > held.build.until:
                book.drop_build(row, symbol)
            elif book.opens(row, symbol):
                build = held.build
                at_open.orders[symbol] = Order(
                    build.lacks, build.until, held.side, held.event, held.groups, None, decided=False
                )

    def _waits_on(self, at: int, at_open: Open) -> bool:
        """Look at one ticket: true when it waits on; else it is in the orders, or listed."""
        book, row, symbol = at_open.book, at_open.row, int(self.tickets.symbol[at])
        reason = self._outdated(at, at_open)
        if not reason:
            if not book.opens(row, symbol):
                return True
            reason = self._taken(at, at_open)
        if reason:
            self.list(book, row, at, reason)
        return False

    def _outdated(self, at: int, at_open: Open) -> str:
        tickets, row = self.tickets, at_open.row
        if 0 <= at_open.book.tape.end[tickets.symbol[at]] <= row:
            return "ceased before it could be filled"
        if row > tickets.row[at] + self.limits.good_for:
            return f"not filled within {self.limits.good_for} sessions"
        return "an opposite event came first" if row > tickets.leave_after[at] else ""

    def _taken(self, at: int, at_open: Open) -> str:
        """Put a ticket into the orders of this open, or say why not."""
        tickets, symbol = self.tickets, int(self.tickets.symbol[at])
        taken = at_open.orders.get(symbol) or at_open.book.positions.get(symbol)
        if taken and not self._joins(at, at_open, taken):
            return "already held"
        if not taken and tickets.stage[at] > 1:
            return "no position to add to"
        if not taken and at_open.full:
            return "no free position"
        wanted = float(tickets.scale[at]) * self._whole(at_open)
        if at_open.equity <= at_open.book.dust or wanted <= 0:
            return "no cash"
        groups = taken.groups if taken else tuple(int(code) for code in tickets.groups[at])
        value, cap = at_open.within_caps(symbol, groups, wanted)
        if value < LEAST_FACTOR * wanted:
            return f"over the cap on {cap}"
        if value < NOTED_FACTOR * wanted:
            self.list(at_open.book, at_open.row, at, f"the cap on {cap} left only {value / wanted:.0%} of it")
        self._give(at, at_open, symbol, value, groups)
        return ""

    def _joins(self, at: int, at_open: Open, taken: Order | Position) -> bool:
        tickets, held = self.tickets, at_open.book.positions.get(int(self.tickets.symbol[at]))
        same = taken.event == tickets.events[tickets.event[at]] and taken.side == tickets.side[at]
        return bool(tickets.stage[at] > 1 and same and not (held and held.leaving))

    def _whole(self, at_open: Open) -> float:
        return (self.cash if self.sizing.rule == "fixed" else at_open.equity) / self.sizing.slots

    def _give(self, at: int, at_open: Open, symbol: int, value: float, groups: tuple[int, ...]) -> None:
        until = int(self.tickets.row[at]) + self.limits.good_for
        order, held = at_open.orders.get(symbol), at_open.book.positions.get(symbol)
        if order:
            order.value, order.until, order.decided = order.value + value, until, True
        elif held:
            at_open.orders[symbol] = Order(value, until, held.side, held.event, groups, None)
        else:
            new = self._position(at, at_open.row, groups)
            at_open.orders[symbol] = Order(value, until, new.side, new.event, groups, new)
        if held and held.build:
            held.build.wanted += value
            held.build.lacks += value

    def _position(self, at: int, row: int, groups: tuple[int, ...]) -> Position:
        tickets = self.tickets
        return Position(
            side=int(tickets.side[at]),
            shares=0.0,
            entry_price=math.nan,
            event=tickets.events[tickets.event[at]],
            row=row,
            best=math.nan,
            stop=float(tickets.stop[at]),
            take_profit=float(tickets.take_profit[at]),
            trailing_stop=float(tickets.trailing_stop[at]),
            hold=int(tickets.hold[at]),
            leave_after=int(tickets.leave_after[at]),
            groups=groups,
        )

    def list(self, book: Book, row: int, at: int, reason: str) -> None:
        """List a ticket that was not filled, or cut."""
        tickets = self.tickets
        event, buy = tickets.events[tickets.event[at]], bool(tickets.side[at] == LONG)
        book.report(row, int(tickets.symbol[at]), event, reason, buy=buy)

    def close(self, book: Book, row: int) -> None:
        """List what waits, and what still lacks, when the data end."""
        for at in self.waiting:
            self.list(book, row, at, "no open before the data end")
        for symbol in sorted(book.positions):
            book.drop_build(row, symbol)


class Open:
    """One open: what the book is worth, and the orders it will fill.

    Parameters
    ----------
    book : Book
        After the exits at this open.
    row : int
        Session.
    limits : Limits
        Caps.
    """

    def __init__(self, book: Book, row: int, limits: Limits) -> None:
        self.book, self.row, self.limits = book, row, limits
        self.equity = book.equity_at_open(row)
        self.values = book.values_at_open(row)
        self.orders: dict[int, Order] = {}

    @property
    def full(self) -> bool:
        """Whether there are as many positions as there may be."""
        most = self.limits.max_positions
        return most is not None and len(self.book.positions.keys() | self.orders.keys()) >= most

    def within_caps(self, symbol: int, groups: tuple[int, ...], wanted: float) -> tuple[float, str]:
        """How much of a value the caps leave, and the cap with the least room."""
        rooms = [
            (self._room(number, cap, symbol, groups), number)
            for number, name in enumerate(CAPS)
            if (cap := getattr(self.limits, name)) is not None and (number == 0 or groups[number - 1] >= 0)
        ]
        room, number = min(rooms, default=(math.inf, 0))
        return min(wanted, max(room, 0.0)), CAPS[number]

    def _room(self, number: int, cap: float, symbol: int, groups: tuple[int, ...]) -> float:
        """What a cap leaves: number 0 is that on the name, the others those on the groups."""

        def same(other: int, codes: tuple[int, ...]) -> bool:
            return other == symbol if number == 0 else codes[number - 1] == groups[number - 1]

        held = [
            value for other, value in self.values.items() if same(other, self.book.positions[other].groups)
        ]
        given = [order.value for other, order in self.orders.items() if same(other, order.groups)]
        return cap * self.equity - math.fsum(held + given)


def _fill(at_open: Open) -> None:
    """Fill the orders of an open, as far as participation and cash allow."""
    book, row = at_open.book, at_open.row
    values = {at: min(order.value, book.most(row, at)) for at, order in sorted(at_open.orders.items())}
    factor = cash_factor(book, row, values)
    if factor < LEAST_FACTOR:
        for symbol, order in sorted(at_open.orders.items()):
            _no_cash(book, row, symbol, order)
        return
    for symbol, value in values.items():
        order = at_open.orders[symbol]
        book.enter(row, symbol, value * factor, order.new, "entry")
        _keep_build(book.positions[symbol], order, order.value - value, LEAST_CHANGE * at_open.equity)
        if factor < NOTED_FACTOR:
            said = f"cash for only {factor:.0%} of it"
            book.report(row, symbol, order.event, said, buy=order.side == LONG)


def _keep_build(position: Position, order: Order, lacks: float, least: float) -> None:
    """Remember what participation left out; next to nothing is nothing."""
    wanted = position.build.wanted if position.build else order.value
    position.build = Build(lacks, wanted, order.until) if lacks > least else None


def cash_factor(book: Book, row: int, values: dict[int, float]) -> float:
    """Part of these values, by symbol, that free cash covers together with their fees; at most 1."""
    needed = math.fsum(value * (1 + float(book.tape.fee[symbol])) for symbol, value in values.items())
    free = max(book.free_cash_at_open(row), 0.0)
    # The last bit of a sum must not ask for more than there is.
    return 1.0 if needed <= free else free / needed * (1 - 1e-12)


def _no_cash(book: Book, row: int, symbol: int, order: Order) -> None:
    if order.decided:
        book.report(row, symbol, order.event, "no cash", buy=order.side == LONG)
    if symbol in book.positions:
        book.drop_build(row, symbol)
