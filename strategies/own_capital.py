"""Every trade on its own capital: the exits of all parameter sets from one pass over each position's bars.

Without limits and shared cash, when a stop, a target, a trailing stop or a hold is first met does not depend on the
others. So for each ticket the first meeting of every distinct value is found in one pass, and a set's exit is the
earliest of its four. A later stage of the same event changes the entry price of those that are still held: there
another pass begins.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from strategies.arrays import Integers, Numbers
from strategies.kernel import ExitGrid
from strategies.kernel_blend import HELD, OPEN_TO_THE_END, Totals, settle, summarise, totals_of
from strategies.kernel_cache import compiled, inlined
from strategies.kernel_offers import offers, world
from strategies.kernel_records import Records, World, only_read
from strategies.kernel_touches import (
    TRIP,
    Touches,
    Values,
    add_value,
    begin_trip,
    find_touches,
    touches_of,
    values_of,
)
from strategies.sizing import Limits
from strategies.tape import Tape
from strategies.tickets import NEVER, Tickets

__all__ = ["OWN_MEASURES", "measure_own"]

OWN_MEASURES = (
    "trades", "closed", "win_rate", "mean_trade", "sd_trade", "episodes", "mean_episode", "sd_episode",
)  # fmt: skip
# So many sets at once: what is kept of each stays near the processor, and memory does not grow with their number.
TOGETHER = 4096
LAST_OF_SYMBOL = -1


def measure_own(tickets: Tickets, tape: Tape, exits: ExitGrid, *, value: float) -> Numbers:
    """Measures of P exit rules, each trade on its own capital, shape (P, len(OWN_MEASURES)); NaN where undefined.

    It is what `strategies.execution.fill_tickets` makes with fixed sizing, cash that always suffices, and no limit but
    the ten sessions that an order is good for. The lock of the interpreter is released.

    Parameters
    ----------
    tickets : Tickets
        M orders to enter; their own exits are not looked at, their scales are times `value`.
    tape : Tape
        N symbols, T sessions.
    exits : ExitGrid
        P rules.
    value : float
        Money for a whole position.
    """
    found = offers(tickets, tape, Limits(participation=None))
    following, events = _following(found["symbol"]), int(found["event"].max(initial=-1)) + 1
    none = tickets.events.index("") if "" in tickets.events else -1
    out = np.full((len(exits.hold), len(OWN_MEASURES)), math.nan)
    for first in range(0, len(out), TOGETHER):
        part = slice(first, first + TOGETHER)
        hold = np.where(exits.hold[part] == NEVER, math.nan, exits.hold[part])
        values = values_of((exits.stop[part], exits.trailing_stop[part], exits.take_profit[part], hold))
        totals = totals_of(len(hold), len(tape.symbols), events)
        touches, trip, met = touches_of(values), np.zeros(1, TRIP), np.zeros(4, np.int64)
        money = float(tape.borrow), float(value)
        _measure(world(tape), *money, found, following, values, touches, totals, trip, met, none, out[part])
    return out


def _following(symbol: Integers) -> Any:
    """Place of the next offer of the same symbol, shape (M,)."""
    order = np.argsort(symbol, kind="stable")
    following = np.full(len(order), LAST_OF_SYMBOL, dtype=np.int64)
    same = symbol[order[1:]] == symbol[order[:-1]]
    following[order[:-1][same]] = order[1:][same]
    return only_read(following, np.int64)


@inlined
def joins(offer: Records, opener: Records) -> bool:
    """Whether an offer adds to the position that another opened."""
    return offer.stage > 1 and offer.event == opener.event and offer.side == opener.side


@inlined
def next_joining(offers: Records, following: Integers, opener: int, at: int) -> int:
    """Place of the first offer after one of the same symbol that adds to the position that `opener` opens."""
    at = following[at]
    while at != LAST_OF_SYMBOL and not joins(offers[at], offers[opener]):
        at = following[at]
    return at


@inlined
def follow(
    world: World,
    borrow: float,
    value: float,
    offers: Records,
    following: Integers,
    opener: int,
    values: Values,
    touches: Touches,
    totals: Totals,
    trip: Records,
    met: Integers,
) -> None:
    """The trade that one offer opens, with the later stages that join it, in all sets that are free to enter."""
    offer, at, earliest, latest = offers[opener], opener, 0, offers[opener].row
    begin_trip(trip, offer)
    met[:] = 0
    while at != LAST_OF_SYMBOL:
        entry, wanted = offers[at], 0.0
        while at != LAST_OF_SYMBOL and offers[at].row == entry.row:
            wanted += offers[at].scale * value
            at = next_joining(offers, following, opener, at)
        add_value(trip, entry, wanted)
        until = len(world.days) if at == LAST_OF_SYMBOL else offers[at].row
        find_touches(world, borrow, trip, values, met, touches, entry.row, until)
        otherwise = OPEN_TO_THE_END if at == LAST_OF_SYMBOL else HELD
        settle(values, touches, totals, offer, earliest, latest, otherwise)
        earliest = latest = HELD


@compiled
def _measure(
    world: World,
    borrow: float,
    value: float,
    offers: Records,
    following: Integers,
    values: Values,
    touches: Touches,
    totals: Totals,
    trip: Records,
    met: Integers,
    skipped: int,
    out: Numbers,
) -> None:
    """Follow every offer that opens a position, and measure every set: the one entry that is compiled."""
    for opener in range(len(offers)):
        if offers[opener].stage == 1:
            follow(world, borrow, value, offers, following, opener, values, touches, totals, trip[0], met)
    summarise(totals, skipped, out)
