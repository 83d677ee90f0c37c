"""From first meetings to what every set made of a trade, compiled: a few operations a trade and set."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from strategies.arrays import Booleans, Integers, Numbers
from strategies.kernel_cache import inlined
from strategies.kernel_records import Records
from strategies.kernel_touches import LAST, NOT_MET, Touches, Values

# Instead of a row on which a symbol is free again: the trade looked at goes on; it went on to the end of the data.
HELD, OPEN_TO_THE_END = 1 << 29, 1 << 28
# So many sets at a time: their columns stay in the nearest cache from one loop to the next.
CHUNK = 512


class Totals(NamedTuple):
    """What is kept of B sets.

    Parameters
    ----------
    free : ndarray of int32, shape (N, B)
        First row on which a symbol can be entered again; `HELD` while the trade looked at goes on.
    open, wins, base, squares : ndarray of float, shape (B,)
        Trades open to the end; closed ones with a profit; first return of all; sum of squared differences to that.
    event_sum, event_count : ndarray of float, shape (E, B)
        Returns of closed trades by event.
    when, gain, leaves : ndarray, shape (CHUNK,)
        Exits of the trade looked at, their returns, and whether a set makes it.
    """

    free: np.ndarray[Any, Any]
    open: Numbers
    wins: Numbers
    base: Numbers
    squares: Numbers
    event_sum: Numbers
    event_count: Numbers
    when: np.ndarray[Any, Any]
    gain: Numbers
    leaves: Booleans


def totals_of(count: int, symbols: int, events: int) -> Totals:
    """Empty totals of so many sets."""
    return Totals(
        np.zeros((symbols, count), dtype=np.int32),
        np.zeros(count),
        np.zeros(count),
        np.full(count, math.nan),
        np.zeros(count),
        np.zeros((events, count)),
        np.zeros((events, count)),
        np.zeros(CHUNK, dtype=np.int32),
        np.zeros(CHUNK),
        np.zeros(CHUNK, dtype=np.bool_),
    )


@inlined
def pair_up(pairs: Integers, touches: Touches, half: int) -> None:
    """The earlier of each pair; of a stop and a trailing stop of one bar the nearer, which is the one that gives more.

    All that is met at one open ends at the same price.
    """
    last = touches.when[LAST, 0] if half == 1 else NOT_MET
    for at in range(len(pairs)):
        when, gain = touches.when[2 * half, pairs[at, 0]], touches.gain[2 * half, pairs[at, 0]]
        other, here = touches.when[2 * half + 1, pairs[at, 1]], touches.gain[2 * half + 1, pairs[at, 1]]
        nearer = other < when or (other == when and here > gain)
        when, gain = (other, here) if nearer else (when, gain)
        touches.pair_when[half, at] = min(when, last)
        touches.pair_gain[half, at] = touches.gain[LAST, 0] if last < when else gain


@inlined
def settle(
    values: Values,
    touches: Touches,
    totals: Totals,
    offer: Records,
    earliest: int,
    latest: int,
    otherwise: int,
) -> None:
    """Count the exits of sets that are free from a row between two; one that stays is free from `otherwise`."""
    pair_up(values.first_pairs, touches, 0)
    pair_up(values.second_pairs, touches, 1)
    when, gain, leaves, count = totals.when, totals.gain, totals.leaves, len(totals.open)
    for first in range(0, count, CHUNK):
        end = min(first + CHUNK, count)
        find_exits(values.places[0, first:end], values.places[1, first:end], touches, when, gain)
        still = totals.open[first:end]
        release(totals.free[offer.symbol, first:end], when, leaves, still, earliest, latest, otherwise)
        spread(totals.base[first:end], totals.squares[first:end], gain, leaves)
        add(
            totals.event_sum[offer.event, first:end], totals.event_count[offer.event, first:end], gain, leaves
        )
        count_wins(totals.wins[first:end], gain, leaves)


@inlined
def find_exits(
    one: Integers, two: Integers, touches: Touches, when: np.ndarray[Any, Any], gain: Numbers
) -> None:
    """When each set leaves, and the return: the earlier of its two pairs."""
    for at in range(len(one)):
        first, second = touches.pair_when[0, one[at]], touches.pair_when[1, two[at]]
        when[at] = min(first, second)
        gain[at] = touches.pair_gain[0, one[at]] if first <= second else touches.pair_gain[1, two[at]]


@inlined
def release(
    free: np.ndarray[Any, Any],
    when: np.ndarray[Any, Any],
    leaves: Booleans,
    still: Numbers,
    earliest: int,
    latest: int,
    otherwise: int,
) -> None:
    """Free the symbol where the trade ends: on its row after an exit at the open or a payout, else on the next."""
    if otherwise == OPEN_TO_THE_END:
        for at in range(len(free)):
            still[at] += 1.0 if earliest <= free[at] <= latest and when[at] == NOT_MET else 0.0
    for at in range(len(free)):
        takes_part, met = earliest <= free[at] <= latest, when[at] != NOT_MET
        leaves[at] = takes_part and met
        after = (when[at] + np.int32(2)) >> np.int32(2) if met else np.int32(otherwise)
        free[at] = after if takes_part else free[at]


@inlined
def spread(base: Numbers, squares: Numbers, gain: Numbers, leaves: Booleans) -> None:
    """Add squared differences to the first return."""
    for at in range(len(base)):
        base[at] = gain[at] if leaves[at] and math.isnan(base[at]) else base[at]
    for at in range(len(base)):
        apart = gain[at] - base[at]
        squares[at] += apart * apart if leaves[at] else 0.0


@inlined
def add(sums: Numbers, counts: Numbers, gain: Numbers, leaves: Booleans) -> None:
    """Add returns."""
    for at in range(len(sums)):
        sums[at] += gain[at] if leaves[at] else 0.0
    for at in range(len(sums)):
        counts[at] += 1.0 if leaves[at] else 0.0


@inlined
def count_wins(wins: Numbers, gain: Numbers, leaves: Booleans) -> None:
    """Count returns above zero."""
    for at in range(len(wins)):
        wins[at] += 1.0 if leaves[at] and gain[at] > 0 else 0.0


@inlined
def summarise(totals: Totals, skipped: int, out: Numbers) -> None:
    """Measures of every set; event `skipped` is none."""
    for at in range(len(out)):
        closed, total = 0.0, 0.0
        for event in range(len(totals.event_sum)):
            closed += totals.event_count[event, at]
            total += totals.event_sum[event, at]
        out[at, 0], out[at, 1] = closed + totals.open[at], closed
        if closed > 0:
            mean = total / closed
            out[at, 2], out[at, 3] = totals.wins[at] / closed, mean
            apart = mean - totals.base[at]
            if closed > 1:
                out[at, 4] = math.sqrt(max(totals.squares[at] - closed * apart * apart, 0.0) / (closed - 1))
        summarise_episodes(totals.event_sum[:, at], totals.event_count[:, at], skipped, out[at])


@inlined
def summarise_episodes(sums: Numbers, counts: Numbers, skipped: int, out: Numbers) -> None:
    """Number, mean and standard deviation of the events' means."""
    episodes, total, squares = 0, 0.0, 0.0
    for event in range(len(sums)):
        if counts[event] > 0 and event != skipped:
            episodes += 1
            total += sums[event] / counts[event]
    out[5] = episodes
    if episodes == 0:
        return
    out[6] = total / episodes
    for event in range(len(sums)):
        if counts[event] > 0 and event != skipped:
            squares += (sums[event] / counts[event] - out[6]) ** 2
    if episodes > 1:
        out[7] = math.sqrt(squares / (episodes - 1))
