"""Planted policy effects: for each firm-event a jump in log price, part of which fades."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from universes.catalog import shipped_events
from universes.exposure import Exposure, exposures
from universes.facts import Event, Listing
from universes.policy import known_at
from universes.sessions import calendar_code
from universes.simulation import parameters as p
from universes.simulation.draws import Booleans, Numbers
from universes.universe import Universe

if TYPE_CHECKING:
    import pandas as pd

    from universes.clock import Clock

COLUMNS = ("event", "symbol", "kind", "sign", "session", "lands", "jump", "fade_share", "fade_sessions")


@dataclass(frozen=True, slots=True)
class Effect:
    """One planted firm-event.

    Parameters
    ----------
    event, symbol, kind : str
        Which event, which listing, what sort of act.
    sign : {1, -1}
        Tailwind or headwind.
    row : int
        Position among the sessions of the listing's life.
    lands : {"open", "intraday"}
        Part of the session that carries the jump.
    jump : float
        Log return.
    fade_share : float
        Part of the jump given back.
    fade_sessions : int
        Number of following traded sessions that give it back, evenly, within the session.
    """

    event: str
    symbol: str
    kind: str
    sign: int
    row: int
    lands: str
    jump: float
    fade_share: float
    fade_sessions: int


@lru_cache(maxsize=4)
def firm_events(universe: Universe) -> dict[tuple[str, str], tuple[tuple[Event, Exposure], ...]]:
    """Firm-events with an effect, by symbol and company, in the order of the calendar."""
    every = shipped_events().between(p.FIRST, p.LAST)
    chosen = type(every)(tuple(row for row in every if row.kind in p.EFFECTS), every.companies)
    by_name = {row.event: row for row in chosen}
    found: dict[tuple[str, str], list[tuple[Event, Exposure]]] = {}
    for item in exposures(chosen, universe):
        if item.sign:
            found.setdefault((item.symbol, item.company), []).append((by_name[item.event], item))
    return {key: tuple(items) for key, items in found.items()}


def effects_on(
    pairs: Iterable[tuple[Event, Exposure]],
    listing: Listing,
    *,
    clock: Clock,
    sessions: pd.DatetimeIndex,
    traded: Booleans,
    multiplier: float,
) -> tuple[Effect, ...]:
    """Effects on one listing.

    Parameters
    ----------
    pairs : iterable of (Event, Exposure)
        As `firm_events` gives.
    listing : Listing
        Whose prices.
    clock : Clock
        Holds its exchange's hours.
    sessions : DatetimeIndex of shape (S,)
        Sessions of its life.
    traded : ndarray of bool, shape (S,)
        Sessions with trades: a halted or quiet one passes the reaction on to the next open.
    multiplier : float
        Of its float band.
    """
    found = []
    for event, exposure in pairs:
        place = _place(event, calendar_code(listing.exchange), clock, sessions, traded)
        if place is None:
            continue
        planted = p.EFFECTS[event.kind]
        row, lands = place
        jump = exposure.sign * planted.base * exposure.weight * multiplier
        found.append(
            Effect(
                event=event.event,
                symbol=listing.symbol,
                kind=event.kind,
                sign=exposure.sign,
                row=row,
                lands=lands,
                jump=jump,
                fade_share=planted.fade_share,
                fade_sessions=planted.fade_sessions,
            )
        )
    return tuple(found)


def _place(
    event: Event, exchange: str, clock: Clock, sessions: pd.DatetimeIndex, traded: Booleans
) -> tuple[int, str] | None:
    """Session and part that carry a jump; None when the name does not trade afterwards, or had no price before."""
    import pandas as pd

    instant = pd.Timestamp(known_at(event))
    reaction = clock.reaction_row(exchange, instant)
    if reaction is None:
        return None
    wanted = int(sessions.searchsorted(clock.sessions[reaction]))
    later = np.flatnonzero(traded[wanted:])
    if not len(later):
        return None
    row = wanted + int(later[0])
    delayed = sessions[row] != clock.sessions[reaction]
    gap = delayed or clock.open_row(exchange, instant) == reaction
    return None if gap and row == 0 else (row, "open" if gap else "intraday")


def log_returns(planted: Iterable[Effect], traded: Booleans) -> tuple[Numbers, Numbers]:
    """Overnight and intraday log returns of a listing's effects, each of shape (S,); those that meet add up."""
    overnight, intraday = np.zeros(len(traded)), np.zeros(len(traded))
    rows = np.flatnonzero(traded)
    for item in planted:
        (overnight if item.lands == "open" else intraday)[item.row] += item.jump
        first = int(np.searchsorted(rows, item.row)) + 1
        intraday[rows[first : first + item.fade_sessions]] -= item.jump * item.fade_share / item.fade_sessions
    return overnight, intraday


def truth(planted: Iterable[Effect], sessions: Mapping[str, pd.DatetimeIndex]) -> pd.DataFrame:
    """Table of planted firm-events, one a row.

    Parameters
    ----------
    planted : iterable of Effect
        K effects.
    sessions : mapping of str to DatetimeIndex
        Sessions of each symbol's life.

    Returns
    -------
    DataFrame of shape (K, 9)
        ``event symbol kind sign session lands jump fade_share fade_sessions``, by session, event and symbol;
        `jump` is a log return.
    """
    import pandas as pd

    rows = [
        (item.event, item.symbol, item.kind, item.sign, sessions[item.symbol][item.row], item.lands, item.jump,
         item.fade_share, item.fade_sessions)
        for item in planted
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"session": "datetime64[ns]"})
    return table.sort_values(["session", "event", "symbol"], ignore_index=True)
