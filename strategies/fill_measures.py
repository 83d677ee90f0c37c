"""Measures of one list of fills, without vectorbt: for strategies whose plans the kernel does not walk."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from strategies.arrays import Booleans, Integers, Numbers
from strategies.book import Fill
from strategies.tape import CLOSE, Tape


@dataclass(slots=True)
class _Trip:
    """One symbol from flat to flat."""

    buy: bool
    event: str
    entered: float = 0.0
    left: float = 0.0
    paid: float = 0.0
    received: float = 0.0
    charges: float = 0.0

    def add(self, item: Fill) -> None:
        value = item.shares * item.price
        self.charges += value * item.fee + item.borrow
        if item.buy == self.buy:
            self.entered, self.paid = self.entered + item.shares, self.paid + value
        else:
            self.left, self.received = self.left + item.shares, self.received + value

    @property
    def flat(self) -> bool:
        return self.entered - self.left <= 1e-9 * self.entered

    @property
    def gain(self) -> float:
        side = 1 if self.buy else -1
        return (side * (self.received - self.paid) - self.charges) / self.paid


@dataclass(slots=True)
class _Trips:
    """Round trips: those that are closed, and how many there were in all."""

    closed: list[_Trip] = field(default_factory=list)
    live: dict[int, _Trip] = field(default_factory=dict)

    @classmethod
    def of(cls, fills: Sequence[Fill]) -> _Trips:
        found = cls()
        for item in fills:
            trip = found.live.setdefault(item.symbol, _Trip(item.buy, item.event))
            trip.add(item)
            if trip.flat:
                found.closed.append(found.live.pop(item.symbol))
        return found


def measures_of(fills: Sequence[Fill], tape: Tape, *, cash: float, reference: Booleans) -> Numbers:
    """Measures of fills, shape (len(MEASURES),), as `strategies.kernel.measure` defines them; NaN where undefined.

    Parameters
    ----------
    fills : sequence of Fill
        In order of time.
    tape : Tape
        Prices.
    cash : float
        Money at the start.
    reference : ndarray of bool, shape (T,)
        Sessions on which equity is measured.
    """
    trips = _Trips.of(fills)
    equity, exposure = (values[reference] for values in equity_of(fills, tape, cash))
    days = int(np.ptp(tape.days[reference]))
    traded = math.fsum(item.shares * item.price for item in fills)
    costs = math.fsum(
        item.shares * (item.price * item.fee + abs(item.price - item.reference)) + item.borrow
        for item in fills
    )
    years = len(equity) / 252
    return np.array(
        [
            len(trips.closed) + len(trips.live),
            *_of_trades(trips.closed),
            *_of_equity(equity, days, traded=bool(fills)),
            float(exposure.mean()),
            traded / float(equity.mean()) / years / 2,
            costs,
        ]
    )


def equity_of(fills: Sequence[Fill], tape: Tape, cash: float) -> tuple[Numbers, Numbers]:
    """Equity after each session, and the share of it in positions, each of shape (T,)."""
    rows = len(tape.days)
    money, held = np.zeros(rows), np.zeros((rows, len(tape.symbols)))
    for item in fills:
        side, value = (1 if item.buy else -1), item.shares * item.price
        money[item.row] -= side * value + item.fee * value + item.borrow
        held[item.row, item.symbol] += side * item.shares
    used: Integers = np.flatnonzero((held != 0).any(axis=0)).astype(np.int64)
    shares = held[:, used].cumsum(axis=0)
    # What rounding leaves of a position that was given back is none.
    shares[np.abs(shares) <= 1e-9 * np.abs(held[:, used]).max(axis=0, initial=0.0)] = 0.0
    worth: Numbers = shares * _marks(tape, used)
    equity = cash + money.cumsum() + worth.sum(axis=1)
    gross = np.abs(worth).sum(axis=1)
    return equity, np.divide(gross, equity, out=np.zeros(rows), where=equity > 0)


def _marks(tape: Tape, symbols: Integers) -> Numbers:
    """Last close of each symbol after each session, shape (T, N); 0 before the first."""
    close = tape.bars[symbols, :, CLOSE].T
    last = np.maximum.accumulate(np.where(np.isnan(close), -1, np.arange(len(close))[:, None]), axis=0)
    found: Numbers = np.where(last >= 0, np.take_along_axis(close, last.clip(min=0), axis=0), 0.0)
    return found


def _of_trades(closed: Sequence[_Trip]) -> tuple[float, ...]:
    """``closed win_rate mean_trade sd_trade episodes mean_episode sd_episode``."""
    gains = np.array([trip.gain for trip in closed])
    profits = np.array([trip.gain * trip.paid for trip in closed])
    by_event: dict[str, list[float]] = {}
    for trip in closed:
        if trip.event:
            by_event.setdefault(trip.event, []).append(trip.gain)
    episodes = np.array([np.mean(values) for values in by_event.values()])
    wins = float((profits > 0).mean()) if len(gains) else math.nan
    return len(gains), wins, *_mean_and_deviation(gains), len(episodes), *_mean_and_deviation(episodes)


def _mean_and_deviation(values: Numbers) -> tuple[float, float]:
    mean = float(values.mean()) if len(values) else math.nan
    return mean, float(values.std(ddof=1)) if len(values) > 1 else math.nan


def _of_equity(equity: Numbers, days: int, *, traded: bool) -> tuple[float, ...]:
    """``total_return cagr volatility sharpe max_drawdown``."""
    growth = float(equity[-1] / equity[0])
    cagr = growth ** (365.25 / days) - 1 if days >= 365 and growth > 0 else math.nan
    returns = equity[1:] / equity[:-1] - 1
    deviation = float(returns.std(ddof=1)) if len(returns) > 1 else math.nan
    moved = traded and deviation >= 1e-12
    sharpe = float(returns.mean()) / deviation * math.sqrt(252) if moved else math.nan
    fall = float((equity / np.maximum.accumulate(equity) - 1).min())
    return growth - 1, cagr, deviation * math.sqrt(252), sharpe, fall
