"""Seeded random worlds for the backtester: plain lists for the ledger, a `Market`, or a `Tape` with `Tickets`.

`world(seed)` draws prices, deaths and decisions. `market_of(world)` makes the market that a user would have;
`quick(seed)` makes tape and tickets without a market, a few milliseconds each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import ledger
import ledger_book
import numpy as np
import pandas as pd
import worlds
from engine_draws import CLASSES, STAGES_SEEN, Raw, World, sessions, world

from strategies.plan import Entries
from strategies.sizing import Limits, Sizing
from strategies.tape import Tape
from strategies.tickets import Ground, Prepared, Tickets, columns, prepare
from universes.assemble import _assemble
from universes.facts import Stage
from universes.panel import Market
from universes.quotes import Quotes, Request

__all__ = [
    "CLASSES",
    "Quick",
    "Raw",
    "World",
    "eligible_of",
    "frame_of",
    "ground_of",
    "group_codes",
    "later_factors",
    "market_of",
    "plain_bars",
    "quick",
    "quick_of",
    "scores_of",
    "setting_of",
    "tape_of",
    "target_table",
    "world",
]

# The same world in plain lists, as a tape, and as a market.


def later_factors(bars: Sequence[Raw | None]) -> tuple[list[float], list[float]]:
    """What turns printed prices of each row into split-adjusted ones, and those into total-return ones."""
    splits, dividends = [1.0] * len(bars), [1.0] * len(bars)
    split = dividend = 1.0
    after: tuple[int, Raw] | None = None
    for row in range(len(bars) - 1, -1, -1):
        bar = bars[row]
        if bar is not None:
            if after is not None:
                # The dividend of the later bar against this close, both in shares as after its split.
                dividend *= 1 - after[1].dividend / (bar.close / after[1].split)
                split /= after[1].split
            after = row, bar
        splits[row], dividends[row] = split, dividend
    return splits, dividends


def plain_bars(world: World) -> dict[str, list[ledger.Bar | None]]:
    """Adjusted bars with the printed close and volume."""
    found = {}
    for name, bars in world.raw.items():
        splits, dividends = later_factors(bars)
        found[name] = [
            None
            if bar is None
            else ledger.Bar(
                *(price * split * dividend for price in (bar.open, bar.high, bar.low, bar.close)),
                bar.close,
                bar.volume,
            )
            for bar, split, dividend in zip(bars, splits, dividends)
        ]
    return found


def setting_of(world: World) -> ledger.Setting:
    """What the ledger walks."""
    return ledger.Setting(
        world.dates, plain_bars(world), world.ends, world.allowed, world.scores, world.groups, world.foreign,
        world.costs, world.sizing, world.limits, world.cash,
    )  # fmt: skip


def tape_of(world: World) -> Tape:
    """Tape of a world, made without a market, with the liquidity and costs that the ledger computes."""
    setting = setting_of(world)
    book = ledger.Ledger(setting)
    nothing = (np.nan,) * 4
    bars = [
        [nothing if bar is None else (bar.open, bar.high, bar.low, bar.close) for bar in setting.bars[name]]
        for name in world.names
    ]
    known = [_known(setting.bars[name]) for name in world.names]
    adv, volatility, price, spread = (np.array(table) for table in np.moveaxis(np.array(known), 2, 0))
    costs = world.costs
    flat = costs.slippage_bps is not None
    return Tape(
        symbols=world.names,
        bars=np.array(bars, dtype=float),
        end=np.array([world.ends.get(name, (-1, 0))[0] for name in world.names], dtype=np.int64),
        terminal=np.array([book.payout(name) for name in world.names]),
        days=np.array([(day - date(1970, 1, 1)).days for day in world.dates], dtype=np.int64),
        adv=np.ascontiguousarray(adv),
        volatility=np.ascontiguousarray(volatility),
        price=np.ascontiguousarray(price),
        half_spread=np.full(adv.shape, costs.slippage_bps / 1e4) if flat else np.ascontiguousarray(spread),
        impact=np.zeros(adv.shape) if flat else costs.impact * volatility,
        fee=np.array([book.fee(name) for name in world.names]),
        borrow=costs.borrow_bps / 1e4,
    )


def _known(bars: Sequence[ledger.Bar | None]) -> list[tuple[float, float, float, float]]:
    """ADV, volatility, price and half-spread before each row."""
    found, own, last = [], [], (0.0, 0.05, np.nan, ledger_book.half_spread(0.0, None))
    for bar in bars:
        found.append(last)
        if bar is not None:
            own.append(bar)
            adv, price = ledger_book.adv_of(own), ledger_book.price_of(own)
            last = adv, ledger_book.volatility_of(own), price, ledger_book.half_spread(adv, price)
    return found


def group_codes(world: World) -> np.ndarray:
    """Codes of the groups, shape (T, N, 3)."""
    codes: dict[tuple[int, str], int] = {}
    table = np.full((len(world.dates), len(world.names), 3), -1, dtype=np.int64)
    for column, name in enumerate(world.names):
        for row, groups in enumerate(world.groups[name]):
            for place, group in enumerate(groups):
                if group is not None:
                    table[row, column, place] = codes.setdefault((place, group), len(codes))
    return table


def ground_of(world: World) -> Ground:
    """What tickets are judged by."""
    allowed = np.array([world.allowed[name] for name in world.names]).T
    scores = np.array(
        [[np.nan if one is None else one for one in world.scores[name]] for name in world.names]
    )
    return Ground(np.ascontiguousarray(allowed), np.ascontiguousarray(scores.T), group_codes(world))


@dataclass(frozen=True)
class Quick:
    """A world as executors take it."""

    world: World
    tape: Tape
    tickets: Tickets
    prepared: Prepared
    cash: float
    sizing: Sizing
    limits: Limits


def quick(seed: int, *, plain: bool = False) -> Quick:
    """Tape and tickets of a random world, without a market."""
    return quick_of(world(seed, plain=plain))


def quick_of(drawn: World) -> Quick:
    """Tape and tickets of a world, without a market."""
    tape = tape_of(drawn)
    table, exits = columns(Entries(drawn.entries), SimpleNamespace(symbols=drawn.names))
    prepared = prepare(table, exits, tape, ground_of(drawn), drawn.sizing, drawn.costs)
    return Quick(drawn, tape, prepared.tickets, prepared, drawn.cash, drawn.sizing, drawn.limits)


def target_table(world: World) -> np.ndarray:
    """Weights, shape (T, N); rows that decide nothing are NaN."""
    table = np.full((len(world.dates), len(world.names)), np.nan)
    for row, shares in world.targets.items():
        table[row] = [shares[name] for name in world.names]
    return table


def frame_of(world: World, name: str) -> pd.DataFrame:
    """Bars as a source answers with them: split-adjusted, dividends not."""
    index = sessions()[: len(world.dates)]
    splits, _ = later_factors(world.raw[name])
    rows = [
        (
            *(price * split for price in (bar.open, bar.high, bar.low, bar.close)),
            np.nan if bar.volume is None else bar.volume / split,
            bar.dividend * split,
            bar.split,
        )
        for bar, split in zip(world.raw[name], splits)
        if bar is not None
    ]
    there = [bar is not None for bar in world.raw[name]]
    fields = ["open", "high", "low", "close", "volume", "dividend", "split"]
    return pd.DataFrame(rows, index=index[there], columns=fields, dtype=float)


def market_of(world: World, order: Sequence[str] | None = None) -> Market:
    """The market of a world, in New York; `order` is the order in which the source names its symbols."""
    names = list(order or world.names)
    index = sessions()
    listings = [
        worlds.listing(
            name,
            end=str(index[world.ends[name][0]].date()) if name in world.ends else None,
            currency="CAD" if name in world.foreign else "USD",
            ended_by="acquired" if name in world.ends else None,
        )
        for name in names
    ]
    universe = worlds.world_universe(
        listings, facts=worlds.joined(worlds.ontology(), *map(_facts(world), names))
    )
    quotes = Quotes(
        bars={name: frame_of(world, name) for name in names},
        kind="simulated",
        terminal={name: value for name, (_, value) in world.ends.items() if value is not None},
        currency="USD",
    )
    return _assemble(Request(universe, tuple(listings), None, None), quotes, "test")


def _facts(world: World) -> Any:
    def of(name: str) -> dict[str, tuple[Any, ...]]:
        mineral, country, _ = world.groups[name][0]
        if mineral is None:
            return {}
        tables = worlds.mine(name, country, 1.0, {mineral: 0.7, "gold": 0.3}, STAGES_SEEN[0])
        if name in world.stage_from:
            turned = world.dates[world.stage_from[name]]
            later = worlds.fact(
                Stage, asset=f"{name.lower()}-{country.lower()}", stage=STAGES_SEEN[1], start=turned
            )
            return worlds.joined(tables, {"stages": (replace(later, known_from=turned - timedelta(days=1)),)})
        return tables

    return of


def eligible_of(world: World, market: Market) -> pd.DataFrame:
    """Which symbols may be traded, shape (T, N)."""
    return pd.DataFrame(dict(world.allowed), index=market.sessions)[list(market.symbols)]


def scores_of(world: World, market: Market) -> pd.DataFrame:
    """Scores, shape (T, N)."""
    return pd.DataFrame(dict(world.scores), index=market.sessions, dtype=float)[list(market.symbols)]
