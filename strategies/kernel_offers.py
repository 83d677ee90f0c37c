"""Tape, tickets, exits and limits as the kernels read them.

At which open a ticket can be filled does not depend on the book: that is found here, once for all sets.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from strategies.arrays import Integers
from strategies.kernel_records import EXIT, OFFER, RULES, Records, World, only_read
from strategies.sizing import CAPS, MOST_SCALE, Limits, Sizing
from strategies.tape import OPEN, Tape
from strategies.tickets import Tickets


def world(tape: Tape) -> World:
    """A tape as the kernels read it."""
    pays = np.zeros(len(tape.days), dtype=np.bool_)
    pays[tape.end[tape.end >= 0]] = True
    return World(
        only_read(tape.bars, np.float64),
        only_read(tape.end, np.int64),
        only_read(tape.terminal, np.float64),
        only_read(tape.days, np.int64),
        only_read(tape.adv, np.float64),
        only_read(tape.half_spread, np.float64),
        only_read(tape.impact, np.float64),
        only_read(tape.fee, np.float64),
        only_read(pays, np.bool_),
    )


def rules(cash: float, sizing: Sizing, limits: Limits, borrow: float) -> Records:
    """Sizing and limits as one record; no limit is infinity."""
    record = np.zeros(1, dtype=RULES)
    record["cash"], record["slots"], record["borrow"] = cash, sizing.slots, borrow
    record["fixed"] = sizing.rule == "fixed"
    record["participation"] = np.inf if limits.participation is None else limits.participation
    most = limits.max_positions
    record["max_positions"] = np.iinfo(np.int64).max if most is None else most
    record["caps"] = [np.inf if (cap := getattr(limits, name)) is None else cap for name in CAPS]
    return only_read(record, RULES)


def fill_rows(tickets: Tickets, tape: Tape, limits: Limits) -> Integers:
    """Row of the open at which each ticket can be filled, shape (M,); -1 where there is none in its time."""
    last = np.minimum(tickets.row + limits.good_for, tickets.leave_after)
    end = tape.end[tickets.symbol]
    last = np.minimum(np.where(end < 0, last, np.minimum(last, end - 1)), len(tape.days) - 1)
    found = np.full(len(last), -1, dtype=np.int64)
    open_ = np.arange(len(last))
    for after in range(1, limits.good_for + 1):
        row = tickets.row[open_] + after
        open_, row = open_[row <= last[open_]], row[row <= last[open_]]
        if not len(open_):
            break
        symbol = tickets.symbol[open_]
        opens = ~np.isnan(tape.bars[symbol, row, OPEN])
        if limits.participation is not None:
            opens &= tape.adv[symbol, row] > 0
        found[open_[opens]] = row[opens]
        open_ = open_[~opens]
    return found


def offers(tickets: Tickets, tape: Tape, limits: Limits) -> Records:
    """Tickets that find an open, by the row of it, then highest priority, symbol and place."""
    row = fill_rows(tickets, tape, limits)
    order = np.lexsort((tickets.symbol, -tickets.priority, row))
    order = order[row[order] >= 0]
    records = np.zeros(len(order), dtype=OFFER)
    row, symbol = row[order], tickets.symbol[order]
    records["row"], records["symbol"], records["ticket"] = row, symbol, order
    for name in ("stage", "event", "leave_after", "side", "scale", "groups"):
        records[name] = getattr(tickets, name)[order]
    records["groups"] = _numbered(records["groups"])
    records["until"] = tickets.row[order] + limits.good_for
    records["price"], records["fee"] = tape.bars[symbol, row, OPEN], tape.fee[symbol]
    for name in ("adv", "half_spread", "impact"):
        records[name] = getattr(tape, name)[symbol, row]
    return only_read(records, OFFER)


def _numbered(groups: Integers) -> Integers:
    """Groups by kind, shape (M, 3), numbered from 0; -1 stays."""
    numbered = np.full(groups.shape, -1, dtype=np.int64)
    for kind in range(3):
        known = groups[:, kind] >= 0
        numbered[known, kind] = np.unique(groups[known, kind], return_inverse=True)[1]
    return numbered


def exit_records(exits: Any, sizing: Sizing | None = None) -> Records:
    """Exits as records, of anything with `hold`, `stop`, `take_profit` and `trailing_stop`.

    With `sizing` by risk each rule has its own scale, NaN without a stop; otherwise it is 1.
    """
    records = np.zeros(len(exits.hold), dtype=EXIT)
    for name in ("hold", "stop", "take_profit", "trailing_stop"):
        records[name] = getattr(exits, name)
    records["scale"] = 1.0
    if sizing is not None and sizing.rule == "risk":
        distance = np.where(np.isnan(exits.stop), exits.trailing_stop, exits.stop)
        records["scale"] = np.minimum(sizing.risk * sizing.slots / distance, MOST_SCALE)
    return only_read(records, EXIT)
