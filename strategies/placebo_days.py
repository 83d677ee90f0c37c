"""What the firms of each episode did on every other day, by the same procedure: the ordinary days of a placebo test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from strategies.abnormal_returns import reaction_sessions
from strategies.arrays import Booleans, Integers, Numbers
from strategies.clean_benchmark import FEWEST_NAMES, clean_names, own_returns, region
from strategies.firm_event_arrays import FirmEventArrays
from strategies.firm_event_reasons import LEAST_VARIATION
from strategies.firm_events import FirmEvent, Landing
from strategies.study_design import Design

if TYPE_CHECKING:
    from universes.panel import Market

# Ordinary days lie so many sessions from every event of the same firms; the nearer where too few days are left.
APART = (10, 5, 2)
FEWEST_DAYS = 60
# Sessions of realised volatility, up to the day before.
VOLATILITY = 20
# Firms that are worked on in one go: their sums stay in the processor's cache.
FIRMS = 16


@dataclass(frozen=True, eq=False)
class OrdinaryDays:
    """Returns of K episodes' portfolios on the T sessions of a market.

    Parameters
    ----------
    values : ndarray of shape (K, T)
        Mean cumulative abnormal return of the primary window if the episode's first reaction had been on that
        session; NaN where fewer than half of its firms have one.
    anchor : ndarray of int, shape (K,)
        Session of its first reaction.
    ordinary : ndarray of bool, shape (K, T)
        Sessions with a value on which no event of the same firms is near.
    calm : ndarray of bool, shape (K, T)
        Sessions before which the benchmark was as volatile as before the episode: in the same third of all sessions.
    apart : int
        How near that is.
    """

    values: Numbers
    anchor: Integers
    ordinary: Booleans
    calm: Booleans
    apart: int


def ordinary_days(
    market: Market, landing: Landing, firm_events: Sequence[FirmEvent], episode: Integers, design: Design
) -> OrdinaryDays:
    """Every episode put on every session, each firm on its own clean benchmark.

    The model of normal returns is the market model, estimated before each session as the study estimates it before the
    event, by sums that roll. A firm that reacted some sessions after the first of its episode reacts as much later, on
    the first session of its own exchange from there on.

    Parameters
    ----------
    market : Market
        Prices, T sessions.
    landing : Landing
        Of the study's events.
    firm_events : sequence of FirmEvent
        The n that the study uses.
    episode : ndarray of int, shape (n,)
        Of each, from 0.
    design : Design
        Windows.
    """
    count, sessions = int(episode.max()) + 1 if len(episode) else 0, len(market.sessions)
    arrays = FirmEventArrays.of(market, firm_events)
    reacted, signs = arrays.rows(0), arrays.sign.astype(float)
    anchor = np.full(count, sessions, dtype=np.int64)
    np.minimum.at(anchor, episode, reacted)
    total, number, spread = (np.zeros((count, sessions)) for _ in range(3))
    for block in _blocks(market, landing, firm_events, design):
        shifts, row = np.unique(
            np.column_stack([episode, reacted - anchor[episode]])[block.places], axis=0, return_inverse=True
        )
        summed, known = block.portfolios(row.ravel(), signs[block.places], len(shifts))
        members = np.bincount(row.ravel())
        for at, (own, delay) in enumerate(shifts.tolist()):
            position = np.searchsorted(block.rows, np.arange(sessions) + delay)
            inside = position < len(block.rows) - 1
            total[own, inside] += summed[at, position[inside]]
            number[own, inside] += known[at, position[inside]]
            spread[own, inside] += members[at] * block.volatility[position[inside]]
    members = np.bincount(episode, minlength=count)[:, None]
    values = np.where(2 * number >= members, total / np.maximum(number, 1), np.nan)
    apart, ordinary = _ordinary(market, landing, firm_events, episode, values)
    return OrdinaryDays(values, anchor, ordinary, _same_third(spread / np.maximum(members, 1), anchor), apart)


@dataclass(frozen=True, eq=False, slots=True)
class _Block:
    """Firm-events on one exchange that share clean names, and their F firms on its S own sessions, at these rows.

    Of whatever event: with the same names the benchmark is the same number on every day, and so is what a firm did.
    """

    places: Integers
    firms: Integers
    rows: Integers
    own: Numbers
    usable: Booleans
    benchmark: Numbers
    design: Design

    @property
    def volatility(self) -> Numbers:
        return trailing_deviation(self.benchmark)

    def portfolios(self, row: Integers, signs: Numbers, count: int) -> tuple[Numbers, Numbers]:
        """Sum of the signed returns of each portfolio's firm-events, and how many have one, shape (count, S)."""
        weight, members = np.zeros((count, len(self.own))), np.zeros((count, len(self.own)))
        np.add.at(weight, (row, self.firms), signs)
        np.add.at(members, (row, self.firms), 1.0)
        summed, known = np.zeros((count, len(self.rows))), np.zeros((count, len(self.rows)))
        for first in range(0, len(self.own), FIRMS):
            some = slice(first, first + FIRMS)
            moved = every_primary_return(self.own[some], self.benchmark, self.usable[some], self.design)
            here = np.isfinite(moved)
            summed += weight[:, some] @ np.where(here, moved, 0.0)
            known += members[:, some] @ here.astype(float)
        return summed, known


def _blocks(
    market: Market, landing: Landing, firm_events: Sequence[FirmEvent], design: Design
) -> Iterator[_Block]:
    returns = own_returns(market)
    usable = np.ascontiguousarray((np.isfinite(returns) & ~reaction_sessions(market, landing)).T)
    own = np.ascontiguousarray(returns.T)
    benchmarks = _benchmarks(returns, clean_names(market, landing, design), market)

    def shared(at: int) -> tuple[str, int]:
        exchange = firm_events[at].exchange
        return exchange, int(benchmarks[region(exchange)][0][firm_events[at].number])

    for (exchange, number), group in groupby(sorted(range(len(firm_events)), key=shared), key=shared):
        places = np.array(list(group), dtype=np.int64)
        rows = market.clock.hours[exchange].rows
        columns, firms = np.unique([firm_events[at].column for at in places], return_inverse=True)
        cells = np.ix_(columns, rows)
        benchmark = benchmarks[region(exchange)][1][number, rows]
        yield _Block(places, firms, rows, own[cells], usable[cells], benchmark, design)


def _benchmarks(returns: Numbers, clean: Booleans, market: Market) -> dict[str, tuple[Integers, Numbers]]:
    """By region: number of each event's set of clean names, shape (E,), and the mean return of each set, by session."""
    here, known = np.isfinite(returns), np.nan_to_num(returns)
    regions = np.array([region(name) for name in market.lives["exchange"]])
    found = {}
    for name in sorted(set(regions.tolist())):
        sets, number = np.unique(clean & (regions == name), axis=0, return_inverse=True)
        names = sets.astype(float)
        count = names @ here.T.astype(float)
        mean = np.where(count >= FEWEST_NAMES, names @ known.T / np.maximum(count, 1), np.nan)
        found[name] = number.ravel(), mean
    return found


def every_primary_return(own: Numbers, benchmark: Numbers, usable: Booleans, design: Design) -> Numbers:
    """Abnormal return of the primary window begun on each of S sessions, from the market model before it.

    Parameters
    ----------
    own : ndarray of shape (F, S)
        Simple returns.
    benchmark : ndarray of shape (S,)
        Simple returns.
    usable : ndarray of bool, shape (F, S)
        Which may be used for the model.
    design : Design
        Estimation window and gap.

    Returns
    -------
    ndarray of shape (F, S)
        NaN where the model has too few returns, or a day of the window has none.
    """
    found = np.full(own.shape, np.nan)
    sessions = own.shape[1]
    # The first session before which the estimation window can hold enough returns, up to the last but one.
    begin = design.least_estimation - 1 - design.first + design.gap
    days = slice(begin, sessions - 1)
    if begin >= sessions - 1:
        return found
    with np.errstate(divide="ignore", invalid="ignore"):
        count, intercept, beta = _models(own, benchmark, usable, days, design)
        moved = own[:, days] + own[:, begin + 1 :]
        moved -= 2 * intercept + beta * (benchmark[days] + benchmark[begin + 1 :])
    moved[count < design.least_estimation] = np.nan
    found[:, days] = moved
    return found


def _models(
    own: Numbers, benchmark: Numbers, usable: Booleans, days: slice, design: Design
) -> tuple[Numbers, Numbers, Numbers]:
    """Returns, intercept and slope of the market model before each day, each of shape (F, days)."""
    # Valid returns, x, y, xx and xy: sums of numbers about zero lose no digits to one another.
    sums = np.zeros((5, len(own), own.shape[1] + 1))
    parts = sums[..., 1:]
    parts[0] = usable & np.isfinite(benchmark)
    np.multiply(np.where(np.isfinite(benchmark), benchmark, 0.0), parts[0], out=parts[1])
    parts[2] = np.where(parts[0] > 0, own, 0.0)
    np.multiply(parts[1:3], parts[1], out=parts[3:])
    np.cumsum(parts, axis=-1, out=parts)
    end = np.arange(days.start, days.stop) + design.first - design.gap + 1
    window = sums[..., end[0] : end[-1] + 1].copy()
    late = max(design.estimation - int(end[0]), 0)
    window[..., late:] -= sums[..., end[0] + late - design.estimation : end[-1] + 1 - design.estimation]
    count, x, y, xx, xy = window
    x /= count
    y /= count
    xx -= count * x * x
    xy -= count * x * y
    xx[xx < LEAST_VARIATION] = np.nan
    xy /= xx
    y -= xy * x
    return count, y, xy


def trailing_deviation(benchmark: Numbers) -> Numbers:
    """Root mean square of the last 20 returns before each session, shape (S,); zero where there are none."""
    squares = np.concatenate([[0.0], np.cumsum(np.where(np.isfinite(benchmark), benchmark, 0.0) ** 2)])
    ends = np.arange(len(benchmark))
    return np.sqrt((squares[ends] - squares[np.maximum(ends - VOLATILITY, 0)]) / VOLATILITY)


def _ordinary(
    market: Market, landing: Landing, firm_events: Sequence[FirmEvent], episode: Integers, values: Numbers
) -> tuple[int, Booleans]:
    """Sessions of each episode that are far from all events of its firms, and how far."""
    near = _sessions_to_events(market, landing, firm_events, episode, values.shape)
    for apart in APART:
        ordinary = np.isfinite(values) & (near >= apart)
        if np.median(ordinary.sum(axis=1)) >= FEWEST_DAYS if len(values) else True:
            break
    return apart, ordinary


def _sessions_to_events(
    market: Market,
    landing: Landing,
    firm_events: Sequence[FirmEvent],
    episode: Integers,
    shape: tuple[int, ...],
) -> Integers:
    """Sessions from each session to the nearest reaction of any of the episode's firms, shape (K, T)."""
    touched = reaction_rows_of(market, landing)
    columns = np.array([item.column for item in firm_events], dtype=np.int64)
    near = np.full(shape, shape[-1], dtype=np.int64)
    for number in range(shape[0]):
        rows = np.flatnonzero(touched[:, np.unique(columns[episode == number])].any(axis=1))
        if len(rows):
            at = np.searchsorted(rows, np.arange(shape[1]))
            after = rows[np.minimum(at, len(rows) - 1)] - np.arange(shape[1])
            before = np.arange(shape[1]) - rows[np.maximum(at - 1, 0)]
            near[number] = np.minimum(np.abs(after), np.abs(before))
    return near


def reaction_rows_of(market: Market, landing: Landing) -> Booleans:
    """Sessions on which an event that touches a name could first move it, shape (T, N)."""
    found = np.zeros((len(market.sessions), len(market.symbols)), dtype=bool)
    exchanges = market.lives["exchange"].to_numpy()
    for exchange, positions in landing.positions.items():
        rows = market.clock.hours[exchange].rows
        inside = np.flatnonzero(positions < len(rows))
        columns = np.flatnonzero(exchanges == exchange)
        number, place = np.nonzero(landing.touched[np.ix_(inside, columns)])
        found[rows[positions[inside[number]]], columns[place]] = True
    return found


def _same_third(spread: Numbers, anchor: Integers) -> Booleans:
    """Sessions whose volatility before lies in the same third as the episode's, shape (K, T)."""
    if not len(spread):
        return np.zeros(spread.shape, dtype=bool)
    low, high = np.nanquantile(np.where(spread > 0, spread, np.nan), [1 / 3, 2 / 3], axis=1)
    third = (spread > low[:, None]).astype(np.int64) + (spread > high[:, None])
    same: Booleans = third == third[np.arange(len(anchor)), anchor][:, None]
    return same
