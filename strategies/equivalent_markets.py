"""A market under other names or in other units: whoever decides from what it says decides the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from strategies.arrays import Integers, Numbers
from strategies.changed_markets import World, other_market, with_bars, with_universe

if TYPE_CHECKING:
    import pandas as pd

    from universes.panel import Market

ADJUSTED = ("open", "high", "low", "close")
PRICES = (*ADJUSTED, "traded_close", "dividend")


def without_ties(world: World, random: np.random.Generator) -> World:
    """The same world with prices and scores apart by some parts in a billion, so that no two are equal."""
    level = 1 + 1e-9 * random.random(world.market.bars["close"].shape)

    def change(name: str, values: Numbers) -> Numbers:
        return values * level if name in (*ADJUSTED, "traded_close") else values

    scores = None if world.scores is None else world.scores + 1e-6 * random.random(world.scores.shape)
    return replace(with_bars(world, change), scores=scores)


def reversed_names(world: World) -> tuple[World, dict[str, str]]:
    """The same world with symbols renamed so that their order reverses, and the new name of each.

    Listings of one company keep their order: which of two that began on one day stands for it is a tie.
    """
    market = world.market
    names = _new_names(market)
    listings = tuple(replace(row, symbol=names[row.symbol]) for row in market.universe.facts.listings)
    changed = with_universe(world, facts=replace(market.universe.facts, listings=listings))
    bars = {name: _renamed(table, names) for name, table in market.bars.items()}
    lives = market.lives.rename(index=names).sort_index()
    return (
        World(
            other_market(changed.market, bars=bars, lives=lives),
            world.events,
            _renamed(world.eligible, names),
            None if world.scores is None else _renamed(world.scores, names),
        ),
        names,
    )


def _new_names(market: Market) -> dict[str, str]:
    company: dict[str, str] = {symbol: symbol for symbol in market.symbols}
    company |= {str(row.symbol): str(row.company) for row in market.universe.facts.listings}
    first: dict[str, int] = {}
    for number, symbol in enumerate(sorted(company)):
        first.setdefault(company[symbol], number)
    order = sorted(company, key=lambda symbol: (-first[company[symbol]], symbol))
    return {symbol: f"Z{number:05d}" for number, symbol in enumerate(order)}


def _renamed(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    return table.rename(columns=names).sort_index(axis=1)


def other_units(world: World, power: int) -> World:
    """All prices times a power of two and all volumes divided by it: exact, so that no rounding differs."""
    factor = 2.0**power

    def change(name: str, values: Numbers) -> Numbers:
        if name == "volume":
            return values / factor
        return values * factor if name in PRICES else values

    return _terminal(with_bars(world, change), np.full(len(world.market.symbols), factor))


def rebased(world: World, random: np.random.Generator) -> World:
    """Adjusted prices of each name times a power of two of its own, as later dividends and splits do."""
    powers: Integers = random.integers(-3, 4, len(world.market.symbols))
    factors: Numbers = np.exp2(powers)

    def change(name: str, values: Numbers) -> Numbers:
        return values * factors if name in ADJUSTED else values

    return _terminal(with_bars(world, change), factors)


def _terminal(world: World, factors: Numbers) -> World:
    lives = world.market.lives.copy()
    lives["terminal_value"] = lives["terminal_value"] * factors
    return replace(world, market=other_market(world.market, lives=lives))
