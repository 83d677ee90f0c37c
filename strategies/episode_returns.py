"""What every parameter set earned in every episode, each episode by itself: choices are judged by it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace

import numpy as np

from strategies.arrays import Booleans, Integers, Numbers
from strategies.episodes import merge
from strategies.kernel import ExitGrid
from strategies.kernel_offers import fill_rows
from strategies.own_capital import OWN_MEASURES, measure_own
from strategies.sizing import Limits
from strategies.splits import Episode
from strategies.tape import CLOSE, Tape
from strategies.tickets import NEVER, Tickets
from universes.errors import BadParameter

CLOSED, MEAN_TRADE = OWN_MEASURES.index("closed"), OWN_MEASURES.index("mean_trade")
# 1.6 GB of returns, and half as much for counts of trades.
MOST_CELLS = 200_000_000
# Every trade has its own capital: nothing limits what one fill may be.
_FREE = Limits(participation=None)


@dataclass(frozen=True, eq=False)
class Batch:
    """Parameter sets that share their entries.

    Parameters
    ----------
    tickets : Tickets
        M orders to enter; their own exits are not looked at.
    exits : ExitGrid
        One exit rule a set.
    places : ndarray of int, shape (p,)
        Number of each set among all P, in the order of `exits`.
    """

    tickets: Tickets
    exits: ExitGrid
    places: Integers


@dataclass(frozen=True, eq=False)
class EpisodeReturns:
    """Results of P sets in K episodes.

    Parameters
    ----------
    episodes : tuple of Episode
        Windows, in order of time.
    events : tuple of tuples of str
        Events of each, sorted.
    mean : ndarray of float, shape (P, K)
        Mean return of the trades that the set closed, net of costs; NaN where it closed none.
    closed : ndarray of int, shape (P, K)
        How many those are.
    """

    episodes: tuple[Episode, ...]
    events: tuple[tuple[str, ...], ...]
    mean: Numbers
    closed: np.ndarray


def episode_returns(
    batches: Sequence[Batch], tape: Tape, *, sets: int, value: float, workers: int = 1
) -> EpisodeReturns:
    """Mean trade of every set in every episode, each trade on its own capital.

    An episode is walked as if there were no other: what a set earned in it depends on nothing outside its window,
    neither on cash nor on a position that an earlier episode left. Events whose decisions share a session, under
    whichever set, are one episode.

    Parameters
    ----------
    batches : sequence of Batch
        Which together have every set once.
    tape : Tape
        N symbols, T sessions.
    sets : int
        P.
    value : float
        Money for a whole position.
    workers : int
        Threads; the result does not depend on it.

    Raises
    ------
    BadParameter
        If an entry has no event, or the table would be too large.
    """
    episodes, events = find_episodes(batches, tape)
    if sets * len(episodes) > MOST_CELLS:
        raise BadParameter(
            f"{sets} sets in {len(episodes)} episodes are more than {MOST_CELLS} returns: sweep fewer sets at once"
        )
    number = {event: at for at, names in enumerate(events) for event in names}
    mean = np.full((sets, len(episodes)), np.nan)
    closed = np.zeros((sets, len(episodes)), dtype=np.int32)

    def fill(batch: Batch) -> None:
        episode = np.array([number.get(event, -1) for event in batch.tickets.events], dtype=np.int64)
        of_ticket = episode[batch.tickets.event]
        for at in np.unique(of_ticket):
            found = measure_own(_chosen(batch.tickets, of_ticket == at), tape, batch.exits, value=value)
            mean[batch.places, at], closed[batch.places, at] = found[:, MEAN_TRADE], found[:, CLOSED]

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(fill, batches))
    return EpisodeReturns(episodes, events, mean, closed)


def find_episodes(
    batches: Sequence[Batch], tape: Tape
) -> tuple[tuple[Episode, ...], tuple[tuple[str, ...], ...]]:
    """Windows of all episodes in order of time, and the events of each.

    Events whose spans from first to last decision (of all sets) share a session are one episode. Its window ends with
    the last exit that the longest hold of any set allows, whatever the prices.

    Raises
    ------
    BadParameter
        If an entry has no event.
    """
    spans: dict[str, tuple[int, int, int]] = {}
    for batch in batches:
        last = last_exits(batch.tickets, tape, int(batch.exits.hold.max(initial=0)))
        for name, found in _spans(batch.tickets, last).items():
            known = spans.get(name, found)
            spans[name] = min(known[0], found[0]), max(known[1], found[1]), max(known[2], found[2])
    if "" in spans:
        raise BadParameter(
            "the strategy enters without an event: episodes are of events; walk forward with one that acts on events"
        )
    names = sorted(spans)
    number = merge([spans[name][0] for name in names], [spans[name][1] for name in names])
    members = [
        [name for name, at in zip(names, number, strict=True) if at == one] for one in np.unique(number)
    ]
    return (
        tuple(
            Episode(min(spans[name][0] for name in found), max(spans[name][2] for name in found))
            for found in members
        ),
        tuple(map(tuple, members)),
    )


def last_exits(tickets: Tickets, tape: Tape, hold: int) -> Integers:
    """Last row on which each ticket's position can be left when it is held for `hold` own bars, shape (M,).

    It does not depend on prices, only on which bars there are: the row of that bar, of the payout, or the last of the
    data. Of a ticket that finds no open it is the last row on which it waits.

    Parameters
    ----------
    tickets : Tickets
        M orders to enter.
    tape : Tape
        Bars.
    hold : int
        Own bars after the entry bar; `NEVER` without.
    """
    final = len(tape.days) - 1
    entered = fill_rows(tickets, tape, _FREE)
    last = np.minimum(tickets.row + _FREE.good_for, final)
    for symbol in np.unique(tickets.symbol):
        mine = (tickets.symbol == symbol) & (entered >= 0)
        over = int(tape.end[symbol]) if tape.end[symbol] >= 0 else final
        own = np.flatnonzero(~np.isnan(tape.bars[symbol, :, CLOSE]))
        at = np.searchsorted(own, entered[mine]) + min(hold, len(own))
        last[mine] = np.where(at < len(own), own[np.minimum(at, len(own) - 1)], over)
    return last


def _spans(tickets: Tickets, last: Integers) -> dict[str, tuple[int, int, int]]:
    """First decision, last decision and last exit of each event that has tickets."""
    count = len(tickets.events)
    first, final, out = np.full(count, NEVER), np.full(count, -1), np.full(count, -1)
    np.minimum.at(first, tickets.event, tickets.row)
    np.maximum.at(final, tickets.event, tickets.row)
    np.maximum.at(out, tickets.event, last)
    return {
        name: (int(first[at]), int(final[at]), int(out[at]))
        for at, name in enumerate(tickets.events)
        if final[at] >= 0
    }


def _chosen(tickets: Tickets, chosen: Booleans) -> Tickets:
    """Some tickets, in their order."""
    arrays = [item.name for item in fields(tickets) if item.name != "events"]
    return replace(tickets, **{name: getattr(tickets, name)[chosen] for name in arrays})
