"""What the kernels work on: records of offers, exits, positions and orders, and the arrays around them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from strategies.arrays import Booleans, Integers, Numbers

# An array of records, or one record: numpy gives their fields no types.
Records = Any


def _fields(kind: type, names: str) -> list[tuple[str, type]]:
    return [(name, kind) for name in names.split()]


_GROUPS = ("groups", np.int64, (3,))
# A ticket at the only open at which it can be filled, with what is known of its symbol there.
OFFER = np.dtype(
    [
        *_fields(np.int64, "row symbol stage event until leave_after ticket"),
        *_fields(np.float64, "side scale price adv half_spread impact fee"),
        _GROUPS,
    ]
)
# `scale` is times that of the ticket; NaN where the rule cannot be sized.
EXIT = np.dtype([*_fields(np.int64, "hold"), *_fields(np.float64, "stop take_profit trailing_stop scale")])
RULES = np.dtype(
    [
        *_fields(np.float64, "cash slots participation borrow"),
        *_fields(np.int64, "max_positions fixed"),
        ("caps", np.float64, (4,)),
    ]
)
# `shares` is 0 without a position, `lacks` without a build. `floor` and `ceiling` are the levels of stops and target
# times the side, so that below the floor is worse on either side. `paid`, `received`, `charges`: of the trade so far.
POSITION = np.dtype(
    [
        *_fields(np.float64, "shares side floor ceiling mark best trailing_factor"),
        *_fields(np.int64, "leaving leave_after bars hold row"),
        *_fields(np.float64, "entry_price value lacks stop_factor target_factor stop_level"),
        *_fields(np.float64, "paid received charges"),
        *_fields(np.int64, "until ticket event"),
        _GROUPS,
    ]
)
# `open` is the number of the open that the order is of; `offer` the place of the offer that opens a position.
ORDER = np.dtype(
    [
        *_fields(np.int64, "open until offer event"),
        *_fields(np.float64, "value granted side price adv half_spread impact fee"),
        _GROUPS,
    ]
)
# The exact sum of what is held and what was given at an open, as a number and what it lacks.
GROUP = np.dtype([*_fields(np.int64, "open"), *_fields(np.float64, "total low")])
STATE = np.dtype(
    [
        *_fields(np.float64, "cash equity short traded costs"),
        *_fields(np.int64, "held ordered builds next open valued fills trades closed"),
    ]
)
FILL = np.dtype(
    [
        *_fields(np.int64, "row phase symbol reason ticket"),
        *_fields(np.bool_, "buy"),
        *_fields(np.float64, "shares reference slip fee borrow"),
    ]
)


class World(NamedTuple):
    """Arrays of a `Tape`, and the rows on which a symbol is paid out (T,)."""

    bars: Numbers
    end: Integers
    terminal: Numbers
    days: Integers
    adv: Numbers
    half_spread: Numbers
    impact: Numbers
    fee: Numbers
    pays: Booleans


class Ledger(NamedTuple):
    """All that changes while sets are walked, made once: of one set, or of B, with B in front of every shape.

    Parameters
    ----------
    positions, orders : ndarray of POSITION, ORDER, shape (N,)
        By symbol.
    held, ordered : ndarray of int, shape (N,)
        Symbols with a position, and with an order at this open, ascending; `state` says how many.
    groups : ndarray of GROUP, shape (3, G)
        Sums by kind of group and code.
    state : ndarray of STATE, shape (1,)
        Counts and money.
    equity, exposure : ndarray of float, shape (T,)
        After each session: equity, and the value of positions.
    returns : ndarray of float, shape (M,)
        Of closed trades.
    event_sum, event_count : ndarray of float, shape (E,)
        Returns of closed trades by event.
    fills : ndarray of FILL, shape (F,)
        Room for fills; of none, none is kept.
    """

    positions: Records
    orders: Records
    held: Integers
    ordered: Integers
    groups: Records
    state: Records
    equity: Numbers
    exposure: Numbers
    returns: Numbers
    event_sum: Numbers
    event_count: Numbers
    fills: Records


def ledgers(sets: int, offers: Records, shape: tuple[int, ...], room: int) -> Ledger:
    """Empty books for so many sets, over bars of a shape (N, T, 4), with room for so many fills."""
    codes = int(offers["groups"].max(initial=-1)) + 1
    events = int(offers["event"].max(initial=-1)) + 1
    symbols, rows = shape[:2]
    return Ledger(
        np.zeros((sets, symbols), dtype=POSITION),
        np.zeros((sets, symbols), dtype=ORDER),
        np.zeros((sets, symbols), dtype=np.int64),
        np.zeros((sets, symbols), dtype=np.int64),
        np.zeros((sets, 3, codes), dtype=GROUP),
        np.zeros((sets, 1), dtype=STATE),
        np.zeros((sets, rows)),
        np.zeros((sets, rows)),
        np.zeros((sets, len(offers))),
        np.zeros((sets, events)),
        np.zeros((sets, events)),
        np.zeros((sets, room), dtype=FILL),
    )


def only_read(values: np.ndarray, kind: Any) -> Any:
    """A view that cannot be written to, contiguous: so every call has the same types, and is compiled once."""
    view = np.ascontiguousarray(values, dtype=kind).view()
    view.flags.writeable = False
    return view
