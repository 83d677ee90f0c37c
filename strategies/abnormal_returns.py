"""Abnormal returns of firm-events: what a name did beyond what its benchmark led one to expect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from strategies.arrays import Booleans, Integers, Numbers
from strategies.clean_benchmark import (
    FEWEST_NAMES,
    clean_names,
    mean_return,
    own_returns,
    region,
)
from strategies.firm_events import Dropped, FirmEvent, Landing
from strategies.study_design import PRIMARY, REACTION, Design

if TYPE_CHECKING:
    from universes.panel import Market

MOST_MISSING = 0.2
# A benchmark whose squared deviations sum to less never moved; rounding alone makes some 1e-29.
LEAST_VARIATION = 1e-18


@dataclass(frozen=True, eq=False)
class Model:
    """Market models of F names on one benchmark, each array of shape (F,).

    Parameters
    ----------
    intercept, beta : ndarray
        Of return = intercept + beta × benchmark return; NaN where they cannot be estimated.
    returns : ndarray of int
        How many sessions they rest on.
    variation : ndarray
        Sum of squared deviations of the benchmark on those sessions.
    """

    intercept: Numbers
    beta: Numbers
    returns: Integers
    variation: Numbers


@dataclass(frozen=True, eq=False)
class Abnormal:
    """Abnormal returns of the n firm-events that can be used: those with a return on each day of the primary window.

    Parameters
    ----------
    firm_events : tuple of FirmEvent
        In the order of the calendar, then by symbol.
    returns : ndarray of shape (n, L)
        Abnormal return by session of the event window, times the sign of the firm-event; NaN where missing.
    beta : ndarray of shape (n,)
        Slope of the market model.
    sessions, names : ndarray of int, shape (n,)
        Returns that the model rests on; names in the benchmark.
    dropped : tuple of Dropped
        The others, in order of event and symbol.
    """

    firm_events: tuple[FirmEvent, ...]
    returns: Numbers
    beta: Numbers
    sessions: Integers
    names: Integers
    dropped: tuple[Dropped, ...]


def abnormal_returns(market: Market, landing: Landing, design: Design) -> Abnormal:
    """Abnormal returns from the market model, each firm-event on its own clean benchmark.

    The model is fitted by least squares on the estimation window, without the sessions 0 to 5 of the firm's other
    events; missing returns are left out of it and stay missing in the event window.

    Parameters
    ----------
    market : Market
        Prices.
    landing : Landing
        Firm-events on its sessions.
    design : Design
        Windows.

    References
    ----------
    MacKinlay, A. C. (1997). Event studies in economics and finance. Journal of Economic Literature 35(1), 13–39:
    the market model and its abnormal returns, pp. 18–21.
    """
    blocks = list(_blocks(market, landing, design))
    kept = [
        (item, returns, float(block.model.beta[at]), int(block.model.returns[at]), block.names)
        for block in blocks
        for at, (item, returns) in enumerate(zip(block.firm_events, block.returns.T, strict=True))
        if not block.reasons[at]
    ]
    kept.sort(key=lambda row: (row[0].number, row[0].symbol))
    dropped = [
        Dropped(item.event, item.symbol, reason)
        for block in blocks
        for item, reason in zip(block.firm_events, block.reasons, strict=True)
        if reason
    ]
    return Abnormal(
        firm_events=tuple(row[0] for row in kept),
        returns=np.array([row[1] * row[0].sign for row in kept]).reshape(len(kept), design.length),
        beta=np.array([row[2] for row in kept]),
        sessions=np.array([row[3] for row in kept], dtype=np.int64),
        names=np.array([row[4] for row in kept], dtype=np.int64),
        dropped=tuple(sorted((*landing.dropped, *dropped))),
    )


@dataclass(frozen=True, eq=False)
class _Block:
    """Firm-events of one event on one exchange: they share the sessions and the benchmark."""

    firm_events: tuple[FirmEvent, ...]
    returns: Numbers
    model: Model
    names: int
    reasons: tuple[str, ...]


def _blocks(market: Market, landing: Landing, design: Design) -> Iterator[_Block]:
    clean = clean_names(market, landing, design)
    returns = own_returns(market)
    usable = np.isfinite(returns) & ~_reactions(market, landing)
    regions = np.array([region(name) for name in market.lives["exchange"]])
    ordered = sorted(landing.firm_events, key=lambda item: (item.number, item.exchange, item.symbol))
    for (number, exchange), group in groupby(ordered, key=lambda item: (item.number, item.exchange)):
        names = np.flatnonzero(clean[number] & (regions == region(exchange)))
        yield _block(market, tuple(group), names, (returns, usable), design)


def _reactions(market: Market, landing: Landing) -> Booleans:
    """Sessions 0 to 5 of every event that touches a name, shape (T, N)."""
    found = np.zeros((len(market.sessions), len(market.symbols)), dtype=bool)
    exchanges = market.lives["exchange"].to_numpy()
    for number, symbol in zip(*np.nonzero(landing.touched), strict=True):
        position = int(landing.positions[exchanges[symbol]][number])
        rows = market.clock.hours[exchanges[symbol]].rows[position : position + REACTION + 1]
        found[rows, symbol] = True
    return found


def _block(
    market: Market,
    firm_events: tuple[FirmEvent, ...],
    names: Integers,
    tables: tuple[Numbers, Booleans],
    design: Design,
) -> _Block:
    first = firm_events[0]
    columns = np.array([item.column for item in firm_events])
    rows = market.clock.hours[first.exchange].rows
    opens = first.position + design.first
    wanted = np.arange(opens - design.gap - design.estimation + 1, first.position + design.last + 1)
    inside = (wanted >= 0) & (wanted < len(rows))
    labels = rows[wanted[inside]]
    own, usable = (_padded(table[np.ix_(labels, columns)], inside) for table in tables)
    benchmark = _padded(mean_return(tables[0][np.ix_(labels, names)])[:, None], inside)[:, 0]
    model = market_model(
        own[: design.estimation], benchmark[: design.estimation], usable[: design.estimation] == 1
    )
    expected = model.intercept + model.beta * benchmark[-design.length :, None]
    abnormal = own[-design.length :] - expected
    reasons = [
        _short_of_names(len(names), item)
        or _short_of_prices(market, item, design)
        or _short_of_returns(abnormal[:, at], model, at, design)
        for at, item in enumerate(firm_events)
    ]
    return _Block(firm_events, abnormal, model, len(names), tuple(reasons))


def _padded(table: Numbers | Booleans, inside: Booleans) -> Numbers:
    """The table with missing rows where the window leaves the data."""
    whole = np.full((len(inside), table.shape[1]), np.nan)
    whole[inside] = table
    return whole


def market_model(returns: Numbers, benchmark: Numbers, usable: Booleans) -> Model:
    """Least-squares lines of F names on one benchmark.

    Parameters
    ----------
    returns : ndarray of shape (W, F)
        Simple returns.
    benchmark : ndarray of shape (W,)
        Simple returns; sessions on which it is missing are left out.
    usable : ndarray of bool, shape (W, F)
        Which returns count; those that are missing must not.
    """
    valid = usable & np.isfinite(benchmark)[:, None]
    count = valid.sum(axis=0)
    some = np.maximum(count, 1)
    mean_own = np.where(valid, returns, 0.0).sum(axis=0) / some
    mean_benchmark = np.where(valid, benchmark[:, None], 0.0).sum(axis=0) / some
    off_own = np.where(valid, returns - mean_own, 0.0)
    off_benchmark = np.where(valid, benchmark[:, None] - mean_benchmark, 0.0)
    variation = (off_benchmark**2).sum(axis=0)
    flat = variation < LEAST_VARIATION
    slope = (off_own * off_benchmark).sum(axis=0) / np.where(flat, 1.0, variation)
    beta: Numbers = np.where(flat, np.nan, slope)
    return Model(mean_own - beta * mean_benchmark, beta, count, variation)


def _short_of_names(names: int, item: FirmEvent) -> str:
    if names >= FEWEST_NAMES:
        return ""
    return (
        f"no clean benchmark on {item.exchange}: {names} names that no event touches, {FEWEST_NAMES} wanted"
    )


def _short_of_prices(market: Market, item: FirmEvent, design: Design) -> str:
    rows = market.clock.hours[item.exchange].rows
    close = market.bars["close"].to_numpy()[:, item.column]
    if not np.isfinite(close[rows[item.position]]):
        return "no bar on the reaction session"
    if not np.isfinite(close[rows[item.position - 1]]):
        return "no bar on the session before the reaction"
    if item.position + PRIMARY[1] >= len(rows):
        return "the data end on the reaction session"
    if not np.isfinite(close[rows[item.position + PRIMARY[1]]]):
        return "no bar on the session after the reaction"
    begins = int(rows.searchsorted(int(market.lives["first"].to_numpy()[item.column])))
    sessions = max(item.position + design.first - design.gap - begins, 0)
    # A series that begins with the data may be older than they are.
    if begins > 0 and sessions < design.least_estimation:
        return f"listing too young: {sessions} sessions up to the gap, {design.least_estimation} wanted"
    return ""


def _short_of_returns(abnormal: Numbers, model: Model, at: int, design: Design) -> str:
    count = int(model.returns[at])
    if count < design.least_estimation:
        return (
            f"too few returns in the estimation window: {count} of {design.estimation}, "
            f"{design.least_estimation} wanted"
        )
    if model.variation[at] < LEAST_VARIATION:
        return "the benchmark never moved in the estimation window"
    for day, session in zip(PRIMARY, ("the reaction session", "the session after the reaction"), strict=True):
        if not np.isfinite(abnormal[day - design.first]):
            return f"no benchmark on {session}: fewer than {FEWEST_NAMES} clean names have a return"
    # Nothing later is asked: what a name did after the primary window must not choose the sample.
    return ""


def cumulative(returns: Numbers, design: Design, first: int, last: int) -> Numbers:
    """Cumulative abnormal return of a window, shape (n,): the sum of the returns that are there.

    Parameters
    ----------
    returns : ndarray of shape (n, L)
        Abnormal returns over the event window.
    design : Design
        Which sessions those are.
    first, last : int
        The window; NaN comes back where more than a fifth of its returns are missing.
    """
    part = returns[:, first - design.first : last - design.first + 1]
    here = np.isfinite(part)
    enough = (~here).sum(axis=1) <= MOST_MISSING * part.shape[1]
    total: Numbers = np.where(enough, np.where(here, part, 0.0).sum(axis=1), np.nan)
    return total
