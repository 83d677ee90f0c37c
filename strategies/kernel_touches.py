"""Where one position would be left under every distinct stop, target, trailing stop and hold: one pass over its bars.

Each is met at most once, the nearer value first: a pointer into the ascending values is all there is to remember.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from strategies.arrays import Booleans, Integers, Numbers
from strategies.kernel_cache import inlined
from strategies.kernel_records import Records, World, only_read
from strategies.kernel_rules import slippage
from strategies.tape import CLOSE, HIGH, LOW, OPEN

# When something is met: 4 × row, plus its place within the session. What is earlier is the smaller number.
PAID_OUT, AT_OPEN, AT_STOP, AT_TARGET = range(4)
NOT_MET = 1 << 30
STOPS, TRAILS, TARGETS, HOLDS, LAST = range(5)

TRIP = np.dtype(
    [
        *((name, np.float64) for name in ("side", "shares", "entry_price", "best", "paid", "fees")),
        *((name, np.int64) for name in ("symbol", "row", "bars", "leave_after")),
    ]
)


class Values(NamedTuple):
    """Distinct values of exits, ascending, and where those of B sets are among them.

    Parameters
    ----------
    stops, trails, targets, holds : ndarray of float
        Values that are on.
    first_pairs, second_pairs : ndarray of int, shape (Q, 2)
        Distinct pairs of places: of a stop and a trailing stop, of a target and a hold; the number of values is none.
    places : ndarray of int32, shape (2, B)
        Places of each set's two pairs.
    complete : ndarray of bool, shape (4,)
        Whether every set has a value.
    """

    stops: Numbers
    trails: Numbers
    targets: Numbers
    holds: Numbers
    first_pairs: Integers
    second_pairs: Integers
    places: np.ndarray[Any, Any]
    complete: Booleans


class Touches(NamedTuple):
    """When something is met, and what the trade has then returned.

    Parameters
    ----------
    when, gain : ndarray, shape (5, L + 1)
        By kind and value; the fifth is the end for every set.
    pair_when, pair_gain : ndarray, shape (2, Q)
        The earlier of each pair.
    """

    when: Integers
    gain: Numbers
    pair_when: np.ndarray[Any, Any]
    pair_gain: Numbers


def values_of(columns: Sequence[Numbers]) -> Values:
    """Distinct values of stops, trailing stops, targets and holds of B sets, each of shape (B,), NaN where off."""
    distinct, places, complete = [], [], []
    for column in columns:
        on = ~np.isnan(column)
        found = np.unique(column[on])
        distinct.append(only_read(found, np.float64))
        places.append(np.where(on, np.searchsorted(found, column), len(found)))
        complete.append(bool(on.all()))
    pairs, at = zip(*(_distinct_pairs(*places[half : half + 2]) for half in (0, 2)), strict=True)
    return Values(
        distinct[0],
        distinct[1],
        distinct[2],
        distinct[3],
        pairs[0],
        pairs[1],
        only_read(np.stack(at), np.int32),
        only_read(np.array(complete), np.bool_),
    )


def _distinct_pairs(left: Integers, right: Integers) -> tuple[Any, Integers]:
    width = int(right.max(initial=0)) + 1
    codes, at = np.unique(left * width + right, return_inverse=True)
    return only_read(np.column_stack([codes // width, codes % width]), np.int64), at


def touches_of(values: Values) -> Touches:
    """Room for the meetings of these values."""
    longest = max(map(len, values[:4])) + 1
    pairs = max(len(values.first_pairs), len(values.second_pairs))
    return Touches(
        np.full((5, longest), NOT_MET, dtype=np.int64),
        np.zeros((5, longest)),
        np.zeros((2, pairs), dtype=np.int32),
        np.zeros((2, pairs)),
    )


@inlined
def begin_trip(trip: Records, offer: Records) -> None:
    """A position without shares yet."""
    trip.side, trip.symbol, trip.row, trip.leave_after = (
        offer.side,
        offer.symbol,
        offer.row,
        offer.leave_after,
    )
    trip.shares = trip.entry_price = trip.best = trip.paid = trip.fees = 0.0
    trip.bars = 0


@inlined
def add_value(trip: Records, offer: Records, value: float) -> None:
    """Enter for a value at the open of an offer."""
    slip = slippage(offer.half_spread, offer.impact, offer.adv, value)
    price = offer.price * (1 + trip.side * slip)
    shares = value / price
    if trip.shares == 0:
        trip.shares, trip.entry_price, trip.best = shares, price, price
    else:
        total = trip.shares + shares
        trip.entry_price = (trip.shares * trip.entry_price + value) / total
        trip.shares = total
    trip.paid += value
    trip.fees += offer.fee * value


@inlined
def gain_at(world: World, borrow: float, trip: Records, row: int, price: float, paid_out: bool) -> float:  # noqa: FBT001
    """Return of a trade that ends on a row at a reference price."""
    symbol, slip, fee, lent = trip.symbol, 0.0, 0.0, 0.0
    if not paid_out:
        spread, impact, adv = (
            world.half_spread[symbol, row],
            world.impact[symbol, row],
            world.adv[symbol, row],
        )
        slip, fee = slippage(spread, impact, adv, trip.shares * price), world.fee[symbol]
    if trip.side < 0:
        days = world.days[row] - world.days[trip.row]
        lent = trip.shares * trip.entry_price * borrow * days / 365
    value = trip.shares * (price * (1 - trip.side * slip))
    return (trip.side * (value - trip.paid) - trip.fees - fee * value - lent) / trip.paid


@inlined
def find_touches(
    world: World,
    borrow: float,
    trip: Records,
    values: Values,
    met: Integers,
    touches: Touches,
    first: int,
    until: int,
) -> None:
    """Meetings from what follows the open of a row to the open of a later one; `met` counts the values behind us."""
    touches.when[:, :] = NOT_MET
    met[:HOLDS] = 0
    for row in range(first, len(world.days)):
        if world.end[trip.symbol] == row:
            gain = gain_at(world, borrow, trip, row, world.terminal[trip.symbol], True)
            touches.when[LAST, 0], touches.gain[LAST, 0] = 4 * row + PAID_OUT, gain
            return
        bar = world.bars[trip.symbol, row]
        if math.isnan(bar[OPEN]):
            continue
        if row > first:
            touch_open(world, borrow, trip, values, met, touches, row)
            if row > trip.leave_after or row == until or nobody_left(values, met):
                return
        touch_session(world, borrow, trip, values, met, touches, row)
        if nobody_left(values, met):
            return
        see(trip, bar, row)


@inlined
def see(trip: Records, bar: Numbers, row: int) -> None:
    """Remember the best price, and count the bar."""
    if math.isnan(bar[CLOSE]):
        return
    favour = bar[HIGH if trip.side > 0 else LOW]
    if trip.side * favour > trip.side * trip.best:
        trip.best = favour
    trip.bars += row > trip.row


@inlined
def nobody_left(values: Values, met: Integers) -> bool:
    """Whether every set has met a value."""
    return (
        (values.complete[STOPS] and met[STOPS] == len(values.stops))
        or (values.complete[TRAILS] and met[TRAILS] == len(values.trails))
        or (values.complete[TARGETS] and met[TARGETS] == len(values.targets))
        or (values.complete[HOLDS] and met[HOLDS] == len(values.holds))
    )


@inlined
def behind(values: Numbers, place: int, base: float, side: float, sign: int, price: float) -> int:
    """Place after the values whose level a price has reached; `sign` is 1 in favour of the position, −1 against it."""
    while place < len(values) and sign * side * price >= sign * side * (
        base * (1 + sign * side * values[place])
    ):
        place += 1
    return place


@inlined
def touch_open(
    world: World, borrow: float, trip: Records, values: Values, met: Integers, touches: Touches, row: int
) -> None:
    """What is met at an open: everything there ends at the same price."""
    price, side = world.bars[trip.symbol, row, OPEN], trip.side
    before = met[STOPS], met[TRAILS], met[TARGETS], met[HOLDS]
    stops = behind(values.stops, met[STOPS], trip.entry_price, side, -1, price)
    trails = behind(values.trails, met[TRAILS], trip.best, side, -1, price)
    targets = behind(values.targets, met[TARGETS], trip.entry_price, side, 1, price)
    holds = met[HOLDS]
    while holds < len(values.holds) and values.holds[holds] <= trip.bars + 1:
        holds += 1
    after = stops, trails, targets, holds
    if after == before and row <= trip.leave_after:
        return
    gain = gain_at(world, borrow, trip, row, price, False)
    for kind in range(4):
        for place in range(before[kind], after[kind]):
            touches.when[kind, place], touches.gain[kind, place] = 4 * row + AT_OPEN, gain
        met[kind] = after[kind]
    if row > trip.leave_after:
        touches.when[LAST, 0], touches.gain[LAST, 0] = 4 * row + AT_OPEN, gain


@inlined
def touch_session(
    world: World, borrow: float, trip: Records, values: Values, met: Integers, touches: Touches, row: int
) -> None:
    """What is met after an open: at its level, or at the open where that is worse (a stop) or better (a target)."""
    bar, side = world.bars[trip.symbol, row], trip.side
    opened = side * bar[OPEN]
    worst, favour = side * bar[LOW if side > 0 else HIGH], side * bar[HIGH if side > 0 else LOW]
    for kind in range(3):
        place = met[kind]
        given = values.stops if kind == STOPS else (values.trails if kind == TRAILS else values.targets)
        base = trip.best if kind == TRAILS else trip.entry_price
        while place < len(given):
            if kind == TARGETS:
                level = side * (base * (1 + side * given[place]))
                if not favour >= level:
                    break
                price, when = side * max(level, opened), 4 * row + AT_TARGET
            else:
                level = side * (base * (1 - side * given[place]))
                if not worst <= level:
                    break
                price, when = side * min(level, opened), 4 * row + AT_STOP
            touches.when[kind, place] = when
            touches.gain[kind, place] = gain_at(world, borrow, trip, row, price, False)
            place += 1
        met[kind] = place
