"""Benchmarks and factors that a study is told to use: as each exchange could know them, and what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from strategies.arrays import Numbers
from strategies.firm_events import Landing
from strategies.study_design import CLEAN, EVERYONE, Design
from universes.errors import BadParameter, UnknownName

if TYPE_CHECKING:
    from universes.panel import Market

HOLDERS = ("fund", "index")


@dataclass(frozen=True, eq=False)
class Regressors:
    """Series on the S own sessions of an exchange.

    Parameters
    ----------
    benchmark : ndarray of shape (S,) or None
        Simple returns of the benchmark that was named; None where it is made of names.
    factors : ndarray of shape (S, m)
        Simple returns of the factors.
    """

    benchmark: Numbers | None
    factors: Numbers


def regressors(market: Market, design: Design) -> Mapping[str, Regressors]:
    """Series of a design by exchange.

    Parameters
    ----------
    market : Market
        Which must have the symbols.
    design : Design
        Whose benchmark and factors.
    """
    named = design.benchmark not in (CLEAN, EVERYONE)
    found = {}
    for exchange, hours in market.clock.hours.items():
        series = [aligned_returns(market, symbol, exchange) for symbol in design.factors]
        factors = np.column_stack(series) if series else np.zeros((len(hours.rows), 0))
        benchmark = aligned_returns(market, design.benchmark, exchange) if named else None
        found[exchange] = Regressors(benchmark, factors)
    return found


def aligned_returns(market: Market, symbol: str, exchange: str) -> Numbers:
    """Return of a symbol from one session of another exchange to the next, shape (S,), by closes known at its close.

    Sydney's Friday is held against New York's Thursday: the last session of the symbol's own exchange that had closed.

    Parameters
    ----------
    market : Market
        Prices.
    symbol : str
        Of the series.
    exchange : str
        Whose sessions count.
    """
    column = market.symbols.index(symbol)
    rows = market.clock.latest_rows(exchange, str(market.lives["exchange"].iloc[column]))
    # A session on which the symbol was not traded keeps its last close.
    close = market.bars["close"].iloc[:, column].ffill().to_numpy(dtype=float)
    known = np.where(rows >= 0, close[np.maximum(rows, 0)], np.nan)
    returns = np.full(len(rows), np.nan)
    returns[1:] = known[1:] / known[:-1] - 1
    return returns


def warnings_of(market: Market, landing: Landing, design: Design) -> tuple[str, ...]:
    """What a reader must know of the benchmark and the factors.

    Parameters
    ----------
    market, landing, design
        Of the study.

    Raises
    ------
    UnknownName
        If a symbol is not in the market.
    BadParameter
        If a symbol is of a company that the events touch: it would absorb what it should show.
    """
    symbols = [design.benchmark] if design.benchmark not in (CLEAN, EVERYONE) else []
    roles = {row.company: row.role for row in market.universe.facts.companies}
    told = []
    for symbol in (*symbols, *design.factors):
        if symbol not in market.symbols:
            raise UnknownName("symbol with prices", symbol, market.symbols)
        column = market.symbols.index(symbol)
        if landing.touched[:, column].any():
            raise BadParameter(
                f"{symbol} is touched by events of this study and would absorb what it should show: choose another"
            )
        if roles.get(str(market.lives["company"].iloc[column])) in HOLDERS:
            told.append(
                f"{symbol} is a fund or an index and may hold the very names: it absorbs part of their reaction"
            )
    if design.benchmark == EVERYONE:
        told.append("the benchmark 'all' holds the touched names and absorbs part of their reaction")
    return tuple(told)
