"""Benchmarks that hold no name the events touch: a benchmark that does absorbs the effect it should show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from strategies.arrays import Booleans, Integers, Numbers
from strategies.firm_events import Landing
from strategies.study_design import Design

if TYPE_CHECKING:
    from universes.panel import Market

FEWEST_NAMES = 3
# Exchanges that are open in the same part of the day, by calendar; one that is not here stands alone.
REGIONS = {
    **dict.fromkeys(("XNYS", "XTSE", "BVMF", "XSGO"), "Americas"),
    **dict.fromkeys(("XASX", "XTKS", "XHKG", "XSHG", "XKRX"), "Asia-Pacific"),
    **dict.fromkeys(
        ("XLON", "XETR", "XPAR", "XBRU", "XAMS", "XSTO", "XHEL", "XOSL", "XCSE", "XJSE"), "Europe and Africa"
    ),
}


def region(exchange: str) -> str:
    """Part of the day in which an exchange is open."""
    return REGIONS.get(exchange, exchange)


def own_returns(market: Market) -> Numbers:
    """Simple return of each symbol from one session of its exchange to the next, shape (T, N).

    Missing where the exchange is closed, and where the symbol has no bar on the session or on the one before:
    a return over a halt is not the return of a day.
    """
    close = market.bars["close"].to_numpy(dtype=float)
    exchanges = market.lives["exchange"].to_numpy()
    returns = np.full(close.shape, np.nan)
    for exchange, hours in market.clock.hours.items():
        columns = np.flatnonzero(exchanges == exchange)
        own = close[np.ix_(hours.rows, columns)]
        returns[np.ix_(hours.rows[1:], columns)] = own[1:] / own[:-1] - 1
    return returns


def clean_names(market: Market, landing: Landing, design: Design) -> Booleans:
    """Names that no event touches whose window overlaps the event's, shape (E, N).

    They are the controls, and the members of the day of the event that neither it touches nor any event whose
    event window, on any exchange, shares a session date with its own. An event after the data touches none of
    their sessions.
    """
    first, last = event_spans(market, landing.positions, *design.window)
    overlap = (first[:, None] <= last[None, :]) & (first[None, :] <= last[:, None])
    treated = (overlap.astype(np.int64) @ landing.touched.astype(np.int64)) > 0
    # `lives.control` also marks funds that hold the very names; only companies of role control are clean.
    roles = {row.company: row.role for row in market.universe.facts.companies}
    control = np.array([roles.get(company) == "control" for company in market.lives["company"]], dtype=bool)
    members = ~market.lives["control"].to_numpy(dtype=bool)
    candidates = (landing.judged & members) | (control & ~members)
    clean: Booleans = candidates & ~treated
    return clean


def event_spans(
    market: Market, positions: Mapping[str, Integers], first: int, last: int
) -> tuple[Integers, Integers]:
    """First and last session row of each event's window over all exchanges, each of shape (E,).

    The last comes before the first for an event to which no session of the data can react.

    Parameters
    ----------
    market : Market
        Whose clock counts.
    positions : mapping of str to ndarray of int, shape (E,)
        By exchange: own session of the reaction.
    first, last : int
        The window, in own sessions from the reaction.
    """
    starts, ends = [], []
    for exchange, places in positions.items():
        rows = market.clock.hours[exchange].rows
        inside = places < len(rows)
        starts.append(np.where(inside, rows[np.clip(places + first, 0, len(rows) - 1)], len(market.sessions)))
        ends.append(np.where(inside, rows[np.clip(places + last, 0, len(rows) - 1)], -1))
    return np.min(starts, axis=0), np.max(ends, axis=0)


def mean_return(returns: Numbers) -> Numbers:
    """Equal-weight mean over names of each session, shape (W,), from returns of shape (W, M).

    Missing on sessions with fewer than `FEWEST_NAMES` returns.
    """
    here = np.isfinite(returns)
    count = here.sum(axis=1)
    total = np.where(here, returns, 0.0).sum(axis=1)
    mean: Numbers = np.where(count >= FEWEST_NAMES, total / np.maximum(count, 1), np.nan)
    return mean
