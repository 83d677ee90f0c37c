"""Firm-events of a calendar on a market: where each lands, whom each event touches, and who is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from strategies.arrays import Booleans, Integers

if TYPE_CHECKING:
    from universes.exposure import Exposure
    from universes.panel import Market
    from universes.policy import Events


@dataclass(frozen=True, slots=True)
class FirmEvent:
    """A company that an event touches, on the session of its exchange that could react first.

    Parameters
    ----------
    event, symbol, company : str
        Which.
    sign : {1, -1}
        Tailwind or headwind.
    number, column : int
        Place of the event in the calendar and of the symbol in the market.
    exchange : str
        MIC of the symbol's exchange.
    position : int
        Place of the reaction session among the exchange's own sessions.
    """

    event: str
    symbol: str
    company: str
    sign: int
    number: int
    column: int
    exchange: str
    position: int


@dataclass(frozen=True, slots=True, order=True)
class Dropped:
    """A firm-event that is not used, and why; `symbol` is empty where an event touches no member."""

    event: str
    symbol: str
    reason: str


@dataclass(frozen=True, eq=False)
class Landing:
    """Where E events land on the sessions of a market, and whom they touch.

    Parameters
    ----------
    firm_events : tuple of FirmEvent
        Those with a direction and a reaction session, in the order of the calendar, then by symbol.
    dropped : tuple of Dropped
        The others.
    events : tuple of str
        Their identifiers, in the order of the calendar.
    positions : mapping of str to ndarray of int, shape (E,)
        By exchange: own session that could react first; the number of its sessions where none could.
    touched : ndarray of bool, shape (E, N)
        Whom an event touches, in whatever direction: every symbol of the company, a later one too.
    judged : ndarray of bool, shape (E, N)
        Who was a member on the day of the event, so that one can say whether it is touched.
    """

    firm_events: tuple[FirmEvent, ...]
    dropped: tuple[Dropped, ...]
    events: tuple[str, ...]
    positions: Mapping[str, Integers]
    touched: Booleans
    judged: Booleans


def land(market: Market, events: Events) -> Landing:
    """Firm-events of a calendar, on the sessions of a market.

    Parameters
    ----------
    market : Market
        Prices of N symbols.
    events : Events
        E events.
    """
    from universes.exposure import exposures
    from universes.policy import known_at

    number = {event.event: at for at, event in enumerate(events)}
    positions = reaction_positions(market, events)
    names = _Names.of(market, positions)
    companies = market.lives["company"].to_numpy(dtype=object)
    symbols_of = {name: np.flatnonzero(companies == name) for name in set(companies)}
    touched = np.zeros((len(events), len(companies)), dtype=bool)
    found: list[FirmEvent] = []
    dropped: list[Dropped] = []
    for item in exposures(events, market.universe):
        at = number[item.event]
        touched[at, symbols_of.get(item.company, [])] = True
        landed = _firm_event(item, at, names)
        if isinstance(landed, FirmEvent):
            found.append(landed)
        else:
            dropped.append(Dropped(item.event, item.symbol, landed))
    reached = {item.event for item in found} | {item.event for item in dropped}
    dropped += [Dropped(name, "", "no member is touched") for name in number if name not in reached]
    days = [known_at(event).date() for event in events]
    members = {on: set(market.universe.members_on(on)) for on in set(days)}
    judged = np.array([[name in members[on] for name in companies] for on in days], dtype=bool)
    return Landing(
        tuple(found),
        tuple(dropped),
        tuple(number),
        positions,
        touched,
        judged.reshape(len(events), len(companies)),
    )


def reaction_positions(market: Market, events: Events) -> dict[str, Integers]:
    """Own session of each exchange that could react first to each event, by exchange, shape (E,)."""
    import pandas as pd

    from universes.policy import known_at

    instants = [pd.Timestamp(known_at(event)) for event in events]
    found: dict[str, Integers] = {}
    for exchange, hours in market.clock.hours.items():
        rows = [market.clock.reaction_row(exchange, instant) for instant in instants]
        places = [len(hours.rows) if row is None else int(hours.rows.searchsorted(row)) for row in rows]
        found[exchange] = np.array(places, dtype=np.int64)
    return found


@dataclass(frozen=True, slots=True)
class _Names:
    """What is asked of every symbol, by its place in the market, and of every exchange."""

    column: Mapping[str, int]
    control: Sequence[bool]
    company: Sequence[str]
    exchange: Sequence[str]
    positions: Mapping[str, Sequence[int]]
    sessions: Mapping[str, int]

    @classmethod
    def of(cls, market: Market, positions: Mapping[str, Integers]) -> _Names:
        lives = market.lives
        return cls(
            {symbol: at for at, symbol in enumerate(market.symbols)},
            lives["control"].tolist(),
            lives["company"].tolist(),
            lives["exchange"].tolist(),
            {exchange: places.tolist() for exchange, places in positions.items()},
            {exchange: len(hours.rows) for exchange, hours in market.clock.hours.items()},
        )


def _firm_event(item: Exposure, number: int, names: _Names) -> FirmEvent | str:
    if item.sign == 0:
        return "no direction: the event is ambiguous for this company"
    if item.symbol not in names.column:
        return "no prices"
    at = names.column[item.symbol]
    if names.control[at]:
        return "control symbol"
    if names.company[at] != item.company:
        return f"no prices: in the data the symbol stands for {names.company[at]}"
    exchange = names.exchange[at]
    position = names.positions[exchange][number]
    # An event that is older than the data seems to fall on their first session.
    if not 0 < position < names.sessions[exchange]:
        side = "after the last" if position else "on or before the first"
        return f"reaction session outside the data: {side} session"
    return FirmEvent(item.event, item.symbol, item.company, item.sign, number, at, exchange, position)
