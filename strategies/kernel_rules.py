"""Fills of positions and the rules of leaving, compiled: `strategies/book.py` and `strategies/exits.py` as arrays.

Every sum is made in the order in which they make it, so that both come to the same bits.
"""

from __future__ import annotations

import math

from strategies.arrays import Numbers
from strategies.costs import MOST_SLIP
from strategies.kernel_cache import inlined
from strategies.kernel_records import Ledger, Records, World
from strategies.tape import CLOSE, HIGH, LOW, OPEN

EXIT_OPEN, ENTRY_OPEN, IN_SESSION = 0, 1, 2
# Why a fill was made; also why a position is being left, 0 while it is not.
REASONS = ("entry", "stop", "trailing-stop", "take-profit", "opposite event", "hold", "ceased")
ENTRY, STOP, TRAILING, TARGET, OPPOSITE, HOLD, CEASED = range(7)
# Which part of a session: its open, what comes after entries, or all of it where nothing enters.
OPENING, REST, WHOLE = 0, 1, 2


@inlined
def plus(total: float, lacks: float, value: float) -> tuple[float, float]:
    """A sum after one more value, and what it lacks of the exact one (Knuth's two-sum)."""
    new = total + value
    part = new - total
    return new, lacks + ((total - (new - part)) + (value - part))


@inlined
def most(participation: float, adv: float) -> float:
    """Money that one fill may be worth."""
    return math.inf if participation == math.inf else participation * adv


@inlined
def slippage(half_spread: float, impact: float, adv: float, value: float) -> float:
    """Slippage of an order of a value, as a fraction of the reference price."""
    size = math.sqrt(value / adv) if adv > 0 else 1.0
    return min(half_spread + impact * size, MOST_SLIP)


@inlined
def set_rules(position: Records, rule: Records) -> None:
    """Factors of a new position's levels; infinitely far where there is no rule."""
    side, far = position.side, -math.inf * position.side
    position.hold = rule.hold
    position.stop_factor = far if math.isnan(rule.stop) else 1 - side * rule.stop
    position.trailing_factor = far if math.isnan(rule.trailing_stop) else 1 - side * rule.trailing_stop
    position.target_factor = -far if math.isnan(rule.take_profit) else 1 + side * rule.take_profit


@inlined
def set_levels(position: Records) -> None:
    """Levels of a position after its entry price changed."""
    position.stop_level = position.entry_price * position.stop_factor
    position.ceiling = position.side * (position.entry_price * position.target_factor)
    set_floor(position)


@inlined
def set_floor(position: Records) -> None:
    """The nearer of the stop and the trailing level."""
    stop, trailing = (
        position.side * position.stop_level,
        position.side * (position.best * position.trailing_factor),
    )
    position.floor = max(stop, trailing)


@inlined
def stopped_by(position: Records) -> int:
    """Code of the rule whose level the floor is."""
    return STOP if position.floor == position.side * position.stop_level else TRAILING


@inlined
def note(
    state: Records,
    fills: Records,
    where: tuple[int, int, int],
    prices: tuple[float, float, float, float],
    why: tuple[bool, int, int, float],
) -> None:
    """Count a fill, and keep it where there is room.

    It is given as (row, phase, symbol), (shares, reference, slip, fee) and (buy, reason, ticket, borrow).
    """
    shares, reference, slip, fee = prices
    buy, borrow = why[0], why[3]
    price = reference * (1 + slip if buy else 1 - slip)
    state.traded += shares * price
    state.costs += shares * price * fee + shares * abs(price - reference) + borrow
    if state.fills < len(fills):
        fill = fills[state.fills]
        fill.row, fill.phase, fill.symbol = where
        fill.shares, fill.reference, fill.slip, fill.fee = prices
        fill.buy, fill.reason, fill.ticket, fill.borrow = why
    state.fills += 1


@inlined
def take(
    book: Ledger,
    where: tuple[int, int, int],
    prices: tuple[float, float, float, float],
    reason: int,
    borrow: float,
) -> None:
    """Book an exit; `borrow` is the cost of a borrowed share as a fraction of its entry price."""
    shares, reference, slip, fee = prices
    state, position = book.state[0], book.positions[where[2]]
    buy, lent = position.side < 0, 0.0
    if buy:
        lent = shares * position.entry_price * borrow / 365
    note(state, book.fills, where, prices, (buy, reason, position.ticket, lent))
    value = shares * (reference * (1 + slip if buy else 1 - slip))
    state.cash += position.side * value - fee * value - lent
    position.received += value
    position.charges += fee * value + lent
    position.shares -= shares
    # What rounding leaves of a full exit is not a position.
    if position.shares <= 1e-12 * shares:
        position.shares = 0.0
        gain = (position.side * (position.received - position.paid) - position.charges) / position.paid
        book.returns[state.closed] = gain
        state.closed += 1
        book.event_sum[position.event] += gain
        book.event_count[position.event] += 1.0


@inlined
def drop_build(state: Records, position: Records) -> None:
    """Forget what lacks of a position."""
    if position.lacks > 0:
        position.lacks = 0.0
        state.builds -= 1


@inlined
def pay_out(world: World, rules: Records, book: Ledger, row: int) -> None:
    """Turn positions in symbols that ceased into their terminal value, without fee or slippage."""
    state, kept = book.state[0], 0
    for place in range(state.held):
        symbol = book.held[place]
        position = book.positions[symbol]
        if world.end[symbol] == row:
            drop_build(state, position)
            prices = (position.shares, world.terminal[symbol], 0.0, 0.0)
            days = world.days[row] - world.days[position.row]
            take(book, (row, EXIT_OPEN, symbol), prices, CEASED, rules.borrow * days)
        else:
            book.held[kept] = symbol
            kept += 1
    state.held = kept


@inlined
def reason_at_open(position: Records, price: float, row: int) -> int:
    """Code of what leaves a position at an open: why it is being left already, or the first rule; 0 for none."""
    signed = position.side * price
    if position.leaving != 0:
        return position.leaving
    if signed <= position.floor:
        return stopped_by(position)
    if signed >= position.ceiling:
        return TARGET
    if row > position.leave_after:
        return OPPOSITE
    return HOLD if position.bars + 1 >= position.hold else 0


@inlined
def reason_in_session(position: Records, bar: Numbers) -> tuple[int, float]:
    """Code of the rule whose level a bar reaches, of both the stop, and the price; 0 for none."""
    side = position.side
    opened = side * bar[OPEN]
    if side * bar[LOW if side > 0 else HIGH] <= position.floor:
        return stopped_by(position), side * min(position.floor, opened)
    if side * bar[HIGH if side > 0 else LOW] >= position.ceiling:
        return TARGET, side * max(position.ceiling, opened)
    return 0, 0.0


@inlined
def mark(position: Records, bar: Numbers, row: int) -> None:
    """Take a close as mark, and count the bar."""
    if math.isnan(bar[CLOSE]):
        return
    position.mark = bar[CLOSE]
    side, best = position.side, position.best
    favour = bar[HIGH] if side > 0 else bar[LOW]
    # Without a branch: whether a bar is the best so far cannot be foreseen.
    position.best = favour if side * favour > side * best else best
    set_floor(position)
    position.bars += row > position.row


@inlined
def leave(
    world: World, rules: Records, book: Ledger, where: tuple[int, int, int], price: float, reason: int
) -> None:
    """Give back as much of a position as the day allows; what remains is being left from now on."""
    row, _, symbol = where
    state, position = book.state[0], book.positions[symbol]
    if position.leaving == 0:
        position.leaving = reason
    drop_build(state, position)
    adv = world.adv[symbol, row]
    shares = min(position.shares, most(rules.participation, adv) / price)
    if shares > 0:
        slip = slippage(world.half_spread[symbol, row], world.impact[symbol, row], adv, shares * price)
        prices = (shares, price, slip, world.fee[symbol])
        days = world.days[row] - world.days[position.row]
        take(book, where, prices, position.leaving, rules.borrow * days)


@inlined
def rule_met(world: World, position: Records, symbol: int, row: int, part: int) -> tuple[int, int, float]:
    """Why, in which phase and at what price a position is left in a part of a session; reason 0 where it is not."""
    bar = world.bars[symbol, row]
    if math.isnan(bar[OPEN]):
        return 0, EXIT_OPEN, 0.0
    if part != REST:
        reason = reason_at_open(position, bar[OPEN], row)
        if reason != 0:
            return reason, EXIT_OPEN, bar[OPEN]
    if part == OPENING or position.leaving != 0:
        return 0, EXIT_OPEN, 0.0
    reason, price = reason_in_session(position, bar)
    return reason, IN_SESSION, price


@inlined
def pass_session(world: World, rules: Records, book: Ledger, row: int, part: int) -> None:
    """Leave what is to be left in a part of a session; after its last part mark the others at the close."""
    state, net, gross, kept = book.state[0], 0.0, 0.0, 0
    for place in range(state.held):
        symbol = book.held[place]
        position = book.positions[symbol]
        reason, phase, price = rule_met(world, position, symbol, row, part)
        if reason != 0:
            leave(world, rules, book, (row, phase, symbol), price, reason)
        if position.shares > 0:
            book.held[kept] = symbol
            kept += 1
            if part != OPENING:
                mark(position, world.bars[symbol, row], row)
                net += position.side * position.shares * position.mark
                gross += position.shares * position.mark
    state.held = kept
    if part != OPENING:
        book.equity[row], book.exposure[row] = state.cash + net, gross
