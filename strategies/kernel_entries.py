"""Entries at an open, compiled: `strategies/entry_orders.py` as arrays."""

from __future__ import annotations

import math

import numpy as np

from strategies.arrays import Integers, Numbers
from strategies.book import DUST
from strategies.entry_orders import LEAST_CHANGE, LEAST_FACTOR
from strategies.kernel_cache import inlined
from strategies.kernel_records import Ledger, Records, World
from strategies.kernel_rules import (
    ENTRY,
    ENTRY_OPEN,
    drop_build,
    most,
    note,
    plus,
    set_levels,
    set_rules,
    slippage,
)
from strategies.tape import OPEN


@inlined
def enter(
    world: World, rules: Records, offers: Records, exits: Records, rule: int, book: Ledger, row: int
) -> None:
    """Enter at the open of a row; `rule` is the place of the exits of every ticket, or -1 where each has its own."""
    state = book.state[0]
    state.open += 1
    state.ordered = 0
    if state.builds > 0:
        take_builds(world, rules, book, row)
    while state.next < len(offers) and offers[state.next].row == row:
        offer = offers[state.next]
        if may_enter(offer, rules, book):
            if state.valued != state.open:
                value_book(world.bars, rules, book, row)
            scale = offer.scale * exits[rule if rule >= 0 else offer.ticket].scale
            give(rules, offer, scale, book)
        state.next += 1
    if state.ordered > 0:
        if state.valued != state.open:
            value_book(world.bars, rules, book, row)
        fill(rules, offers, exits, rule, book, row)


@inlined
def value_book(bars: Numbers, rules: Records, book: Ledger, row: int) -> None:
    """Value every position at the open, and sum equity, short positions and groups as exactly as `math.fsum`."""
    state = book.state[0]
    state.valued = state.open
    equity, low, short, short_low = state.cash, 0.0, 0.0, 0.0
    for place in range(state.held):
        symbol = book.held[place]
        position, price = book.positions[symbol], bars[symbol, row, OPEN]
        position.value = position.shares * (position.mark if math.isnan(price) else price)
        equity, low = plus(equity, low, position.side * position.value)
        if position.side < 0:
            short, short_low = plus(short, short_low, position.value)
        for kind in range(3):
            code = position.groups[kind]
            if rules.caps[kind + 1] != np.inf and code >= 0:
                group = group_of(book.groups[kind, code], state.open)
                group.total, group.low = plus(group.total, group.low, position.value)
    state.equity, state.short = equity + low, short + short_low


@inlined
def group_of(group: Records, number: int) -> Records:
    """Sums of a group, at an open of this number."""
    if group.open != number:
        group.open = number
        group.total = group.low = 0.0
    return group


@inlined
def add_value(rules: Records, groups: Records, number: int, order: Records, value: float) -> None:
    """Give a value to an order, and count it in its groups."""
    before = order.value
    order.value += value
    for kind in range(3):
        code = order.groups[kind]
        if rules.caps[kind + 1] != np.inf and code >= 0:
            group = group_of(groups[kind, code], number)
            # As exact as a sum over the orders, of which each value is rounded.
            group.total, group.low = plus(group.total, group.low, -before)
            group.total, group.low = plus(group.total, group.low, order.value)


@inlined
def take_builds(world: World, rules: Records, book: Ledger, row: int) -> None:
    """Order what lacks of positions; a build that is too old ends."""
    state = book.state[0]
    for place in range(state.held):
        symbol = book.held[place]
        position, price, adv = book.positions[symbol], world.bars[symbol, row, OPEN], world.adv[symbol, row]
        if position.lacks > 0 and row > position.until:
            drop_build(state, position)
        elif position.lacks > 0 and not math.isnan(price) and most(rules.participation, adv) > 0:
            new = new_order(book, symbol, position, position.groups, -1)
            new.until, new.price, new.adv, new.fee = position.until, price, adv, world.fee[symbol]
            new.half_spread, new.impact = world.half_spread[symbol, row], world.impact[symbol, row]
            add_value(rules, book.groups, state.open, new, position.lacks)


@inlined
def new_order(book: Ledger, symbol: int, like: Records, groups: Integers, offer: int) -> Records:
    """An order at this open, of nothing yet, with the side and event of a position or offer."""
    new, state = book.orders[symbol], book.state[0]
    new.open, new.value, new.offer = state.open, 0.0, offer
    new.side, new.event = like.side, like.event
    for kind in range(3):
        new.groups[kind] = groups[kind]
    insert(book.ordered, state.ordered, symbol)
    state.ordered += 1
    return new


@inlined
def insert(symbols: Integers, count: int, symbol: int) -> None:
    """Put a symbol into the first `count` places, which ascend."""
    place = count
    while place > 0 and symbols[place - 1] > symbol:
        symbols[place] = symbols[place - 1]
        place -= 1
    symbols[place] = symbol


@inlined
def may_enter(offer: Records, rules: Records, book: Ledger) -> bool:
    """Whether an offer joins what its symbol has, or opens a position where there may be one more."""
    state, position, order = book.state[0], book.positions[offer.symbol], book.orders[offer.symbol]
    held, ordered = position.shares > 0, order.open == state.open
    if ordered:
        same = order.event == offer.event and order.side == offer.side
        return offer.stage > 1 and same and not (held and position.leaving != 0)
    if held:
        same = position.event == offer.event and position.side == offer.side
        return offer.stage > 1 and same and position.leaving == 0
    if offer.stage > 1:
        return False
    count = state.held
    if count < rules.max_positions <= count + state.ordered:
        for place in range(state.ordered):
            count += book.positions[book.ordered[place]].shares == 0
    return count < rules.max_positions


@inlined
def room_for(rules: Records, offer: Records, groups: Integers, book: Ledger) -> float:
    """Least that a cap leaves for an offer, whose symbol is in these groups; infinity without caps."""
    state, position, order = book.state[0], book.positions[offer.symbol], book.orders[offer.symbol]
    least = math.inf
    if rules.caps[0] != np.inf:
        there = position.value if position.shares > 0 else 0.0
        there += order.value if order.open == state.open else 0.0
        least = rules.caps[0] * state.equity - there
    for kind in range(3):
        if rules.caps[kind + 1] != np.inf and groups[kind] >= 0:
            group = group_of(book.groups[kind, groups[kind]], state.open)
            least = min(least, rules.caps[kind + 1] * state.equity - (group.total + group.low))
    return least


@inlined
def give(rules: Records, offer: Records, scale: float, book: Ledger) -> None:
    """Order what an offer wants, as far as the caps leave room for it."""
    state, position, order = book.state[0], book.positions[offer.symbol], book.orders[offer.symbol]
    wanted = scale * ((rules.cash if rules.fixed else state.equity) / rules.slots)
    # What is left of a ruined book is rounding.
    if state.equity <= DUST * rules.cash or not wanted > 0:
        return
    held, ordered = position.shares > 0, order.open == state.open
    groups = order.groups if ordered else (position.groups if held else offer.groups)
    value = min(wanted, max(room_for(rules, offer, groups, book), 0.0))
    if value < LEAST_FACTOR * wanted:
        return
    if not ordered:
        new_order(book, offer.symbol, offer, groups, state.next)
        order.price, order.adv, order.fee = offer.price, offer.adv, offer.fee
        order.half_spread, order.impact = offer.half_spread, offer.impact
    order.until = offer.until
    add_value(rules, book.groups, state.open, order, value)


@inlined
def fill(rules: Records, offers: Records, exits: Records, rule: int, book: Ledger, row: int) -> None:
    """Fill the orders of an open, as far as participation and cash allow."""
    state, needed, low = book.state[0], 0.0, 0.0
    for place in range(state.ordered):
        order = book.orders[book.ordered[place]]
        order.granted = min(order.value, most(rules.participation, order.adv))
        needed, low = plus(needed, low, order.granted * (1 + order.fee))
    needed, free = needed + low, max(state.cash - 2 * state.short, 0.0)
    # The last bit of a sum must not ask for more than there is.
    factor = 1.0 if needed <= free else free / needed * (1 - 1e-12)
    for place in range(state.ordered):
        symbol = book.ordered[place]
        position, order = book.positions[symbol], book.orders[symbol]
        drop_build(state, position)
        if factor < LEAST_FACTOR:
            continue
        if position.shares == 0:
            offer = offers[order.offer]
            begin(position, offer, exits[rule if rule >= 0 else offer.ticket], row)
            insert(book.held, state.held, symbol)
            state.held += 1
            state.trades += 1
        buy(state, book.fills, position, order, (row, ENTRY_OPEN, symbol), order.granted * factor)
        lacks = order.value - order.granted
        if lacks > LEAST_CHANGE * state.equity:
            position.lacks, position.until = lacks, order.until
            state.builds += 1


@inlined
def begin(position: Records, offer: Records, rule: Records, row: int) -> None:
    """Make an empty position of an offer."""
    position.side, position.event, position.ticket = offer.side, offer.event, offer.ticket
    position.row, position.bars, position.leaving = row, 0, 0
    position.lacks = position.paid = position.received = position.charges = 0.0
    position.leave_after = offer.leave_after
    for kind in range(3):
        position.groups[kind] = offer.groups[kind]
    set_rules(position, rule)


@inlined
def buy(
    state: Records,
    fills: Records,
    position: Records,
    order: Records,
    where: tuple[int, int, int],
    value: float,
) -> None:
    """Enter at the open for a value before the fee."""
    slip = slippage(order.half_spread, order.impact, order.adv, value)
    paid = order.price * (1 + position.side * slip)
    shares = value / paid
    state.cash -= position.side * value + order.fee * value
    note(
        state,
        fills,
        where,
        (shares, order.price, slip, order.fee),
        (position.side > 0, ENTRY, position.ticket, 0.0),
    )
    if position.shares == 0:
        position.shares, position.entry_price, position.best = shares, paid, paid
        position.mark = order.price
    else:
        total = position.shares + shares
        position.entry_price = (position.shares * position.entry_price + value) / total
        position.shares = total
    position.paid += value
    position.charges += order.fee * value
    set_levels(position)
