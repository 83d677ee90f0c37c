"""Abnormal returns of firm-events: what a name did beyond what its benchmark led one to expect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from strategies.arrays import Booleans, Integers, Numbers
from strategies.clean_benchmark import clean_names, mean_return, own_returns, region
from strategies.firm_event_reasons import LEAST_VARIATION, Given, reasons
from strategies.firm_events import Dropped, FirmEvent, Landing
from strategies.normal_returns import MARKET, Past, fit
from strategies.study_design import EVERYONE, PRIMARY, REACTION, Design
from strategies.study_factors import Regressors, regressors, warnings_of

if TYPE_CHECKING:
    from universes.panel import Market

MOST_MISSING = 0.2
# Return less the benchmark's; return less its own mean in the estimation window.
OTHER_MODELS = ("market-adjusted", "mean-adjusted")


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
    others : mapping of str to ndarray of shape (n, L)
        `returns` under other models of normal returns: `OTHER_MODELS`.
    residuals : ndarray of shape (n, L1)
        Residuals of the estimation window, times the sign; NaN where a return was missing or not used.
    rows : ndarray of int, shape (n, L1)
        Session of the market of each; −1 outside the data.
    benchmark : ndarray of shape (n, L1 + L)
        Benchmark in the estimation window and in the event window.
    warnings : tuple of str
        What a reader must know of the benchmark.
    """

    firm_events: tuple[FirmEvent, ...]
    returns: Numbers
    beta: Numbers
    sessions: Integers
    names: Integers
    dropped: tuple[Dropped, ...]
    others: Mapping[str, Numbers]
    residuals: Numbers
    rows: Integers
    benchmark: Numbers
    warnings: tuple[str, ...] = ()


def abnormal_returns(market: Market, landing: Landing, design: Design) -> Abnormal:
    """Abnormal returns, each firm-event on its own clean benchmark unless the design names another.

    The market model is fitted by least squares on the estimation window, without the sessions 0 to 5 of the firm's
    other events; missing returns are left out of it and stay missing in the event window. Other models are those of
    `strategies.normal_returns`.

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
    warnings = warnings_of(market, landing, design)
    blocks = list(_blocks(market, landing, design))
    items = [item for block in blocks for item in block.firm_events]
    reasons = [reason for block in blocks for reason in block.reasons]
    usable = [at for at, reason in enumerate(reasons) if not reason]
    kept = np.array(sorted(usable, key=lambda at: (items[at].number, items[at].symbol)), dtype=np.int64)
    of = np.repeat(np.arange(len(blocks)), [len(block.firm_events) for block in blocks])[kept]
    chosen = tuple(items[at] for at in kept.tolist())
    sign = np.array([item.sign for item in chosen], dtype=float)[:, None]
    dropped = [
        Dropped(item.event, item.symbol, reason)
        for item, reason in zip(items, reasons, strict=True)
        if reason
    ]
    before, during = design.estimation, design.length
    return Abnormal(
        firm_events=chosen,
        returns=_stacked((block.returns for block in blocks), during)[kept] * sign,
        beta=_stacked((block.model.beta[:, None] for block in blocks), 1)[kept, 0],
        sessions=_stacked((block.model.returns[:, None] for block in blocks), 1)[kept, 0].astype(np.int64),
        names=np.array([block.names for block in blocks], dtype=np.int64)[of],
        dropped=tuple(sorted((*landing.dropped, *dropped))),
        others={
            "market-adjusted": _stacked((block.market_adjusted for block in blocks), during)[kept] * sign,
            "mean-adjusted": _stacked((block.mean_adjusted for block in blocks), during)[kept] * sign,
        },
        residuals=_stacked((block.residuals for block in blocks), before)[kept] * sign,
        rows=_stacked((block.rows[None] for block in blocks), before)[of].astype(np.int64),
        benchmark=_stacked((block.benchmark[None] for block in blocks), before + during)[of],
        warnings=warnings,
    )


def _stacked(tables: Iterable[Numbers | Integers], width: int) -> Numbers:
    """Tables of so many columns one below the other, also where there are none."""
    return np.concatenate([np.empty((0, width)), *tables])


@dataclass(frozen=True, eq=False)
class _Block:
    """The F firm-events of one event on one exchange: they share sessions and benchmark; tables are (F, days)."""

    firm_events: tuple[FirmEvent, ...]
    returns: Numbers
    market_adjusted: Numbers
    mean_adjusted: Numbers
    residuals: Numbers
    rows: Integers
    benchmark: Numbers
    model: Model
    names: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Tables:
    """Of all symbols: returns, which of them a model may use, closes, reactions, and the row of the first bar."""

    returns: Numbers
    usable: Booleans
    close: Numbers
    reactions: Booleans
    first: Integers


def _blocks(market: Market, landing: Landing, design: Design) -> Iterator[_Block]:
    clean = clean_names(market, landing, design)
    returns = own_returns(market)
    reactions = reaction_sessions(market, landing)
    tables = _Tables(
        returns,
        np.isfinite(returns) & ~reactions,
        market.bars["close"].to_numpy(),
        reactions,
        market.lives["first"].to_numpy(),
    )
    series = regressors(market, design)
    regions = np.array([region(name) for name in market.lives["exchange"]])
    ordered = sorted(landing.firm_events, key=lambda item: (item.number, item.exchange, item.symbol))
    for (number, exchange), group in groupby(ordered, key=lambda item: (item.number, item.exchange)):
        here = regions == region(exchange)
        names = np.flatnonzero(here if design.benchmark == EVERYONE else clean[number] & here)
        ground = _Ground(market.clock.hours[exchange].rows, names, series[exchange])
        yield _block(ground, tuple(group), tables, design)


def reaction_sessions(market: Market, landing: Landing) -> Booleans:
    """Sessions 0 to 5 of every event that touches a name, shape (T, N)."""
    found = np.zeros((len(market.sessions), len(market.symbols)), dtype=bool)
    exchanges = market.lives["exchange"].to_numpy()
    for number, symbol in zip(*np.nonzero(landing.touched), strict=True):
        position = int(landing.positions[exchanges[symbol]][number])
        rows = market.clock.hours[exchanges[symbol]].rows[position : position + REACTION + 1]
        found[rows, symbol] = True
    return found


@dataclass(frozen=True, eq=False)
class _Ground:
    """Of one event on one exchange: rows of its own sessions, names of the benchmark, and what the design names."""

    rows: Integers
    names: Integers
    series: Regressors


def _block(ground: _Ground, firm_events: tuple[FirmEvent, ...], tables: _Tables, design: Design) -> _Block:
    """Of firm-events that share an event and an exchange."""
    rows, names, first = ground.rows, ground.names, firm_events[0]
    columns = np.array([item.column for item in firm_events])
    opens = first.position + design.first
    wanted = np.arange(opens - design.gap - design.estimation + 1, first.position + design.last + 1)
    inside = (wanted >= 0) & (wanted < len(rows))
    labels = rows[wanted[inside]]
    own, usable = (
        _padded(table[np.ix_(labels, columns)], inside) for table in (tables.returns, tables.usable)
    )
    named = ground.series.benchmark
    given = mean_return(tables.returns[np.ix_(labels, names)]) if named is None else named[wanted[inside]]
    benchmark = _padded(given[:, None], inside)[:, 0]
    before, during = slice(design.estimation), slice(len(own) - design.length, None)
    valid = (usable[before] == 1) & np.isfinite(benchmark[before])[:, None]
    model = market_model(own[before], benchmark[before], valid)
    expected = model.intercept + model.beta * benchmark[:, None]
    if design.model != MARKET:
        close = _padded(tables.close[np.ix_(labels, columns)], inside)
        quiet = _padded(~tables.reactions[np.ix_(labels, columns)], inside) == 1
        factors = _padded(ground.series.factors[wanted[inside]], inside)
        past = (own[before], close[before], benchmark[before], factors[before], valid, quiet[before])
        line = fit(design.model, Past(*past))
        model = Model(line.intercept, line.beta, line.returns, model.variation)
        expected = line.intercept + line.beta * benchmark[:, None] + factors @ line.slopes.T
        # Nothing is fitted to the benchmark, which may be missing.
        expected = line.intercept + 0 * own if design.model == "mean-adjusted" else expected
    abnormal, left = own[during] - expected[during], own[before] - expected[before]
    mean = np.where(valid, own[before], 0.0).sum(axis=0) / np.maximum(model.returns, 1)
    there = Given(
        exchange=first.exchange,
        position=first.position,
        close=_closes(rows, first.position, columns, tables),
        after=len(rows) - 1 - first.position,
        begins=rows.searchsorted(tables.first[columns]),
        names=len(names) if named is None else None,
        returns=model.returns,
        variation=model.variation,
        abnormal=abnormal.T,
    )
    return _Block(
        firm_events=firm_events,
        returns=abnormal.T,
        market_adjusted=(own[during] - benchmark[during, None]).T,
        mean_adjusted=(own[during] - mean).T,
        residuals=np.where(valid, left, np.nan).T,
        rows=np.where(inside[before], rows[np.clip(wanted[before], 0, len(rows) - 1)], -1),
        benchmark=np.concatenate([benchmark[before], benchmark[during]]),
        model=model,
        names=len(names) if named is None else 1,
        reasons=tuple(reasons(there, design)),
    )


def _padded(table: Numbers | Booleans, inside: Booleans) -> Numbers:
    """The table with missing rows where the window leaves the data."""
    whole = np.full((len(inside), table.shape[1]), np.nan)
    whole[inside] = table
    return whole


def _closes(rows: Integers, position: int, columns: Integers, tables: _Tables) -> Numbers:
    """Closes of the sessions before, of and after the reaction, shape (F, 3)."""
    wanted = np.arange(position - 1, position + PRIMARY[1] + 1)
    inside = (wanted >= 0) & (wanted < len(rows))
    return _padded(tables.close[np.ix_(rows[wanted[inside]], columns)], inside).T


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
