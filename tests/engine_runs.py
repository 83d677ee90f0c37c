"""A backtest of a world of `engine_worlds`: of its arrays, or through a market and its books."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import engine_worlds
import pandas as pd
from engine_worlds import World
from pytest import approx

from strategies.book import Fill
from strategies.engine import backtest
from strategies.execution import fill_tickets, fill_weights
from strategies.plan import Entries, Plan, Weights
from strategies.tape import Tape
from strategies.tickets import Tickets


@dataclass(frozen=True)
class Given:
    """A strategy whose plan is given."""

    decided: Plan

    def plan(self, market, events, eligible):
        return self.decided


def fill(
    quick: Any, tape: Tape | None = None, tickets: Tickets | None = None, cash: float | None = None
) -> Any:
    """Fills of a world's entries, and what was not filled."""
    return fill_tickets(
        tickets or quick.tickets,
        tape or quick.tape,
        cash=cash or quick.cash,
        sizing=quick.sizing,
        limits=quick.limits,
    )


def fill_targets(quick: Any, tape: Tape | None = None, cash: float | None = None, table: Any = None) -> Any:
    """The same of its target weights."""
    weights = engine_worlds.target_table(quick.world) if table is None else table
    allowed = engine_worlds.ground_of(quick.world).allowed[: len(weights)]
    return fill_weights(weights, allowed, tape or quick.tape, cash=cash or quick.cash, limits=quick.limits)


def run(world: World, kind: str = "entries", order: Any = None, **given: Any) -> Any:
    """A backtest through a market; `order` is that of symbols in everything the engine is given."""
    market = engine_worlds.market_of(world, order)
    table = pd.DataFrame(
        engine_worlds.target_table(world), index=market.sessions, columns=list(market.symbols)
    )
    tables = {
        "eligible": engine_worlds.eligible_of(world, market),
        "scores": engine_worlds.scores_of(world, market),
    }
    settings = {
        "costs": world.costs,
        "cash": world.cash,
        "sizing": world.sizing,
        "limits": world.limits,
    } | {name: one if order is None else one[list(order)] for name, one in tables.items()}
    return backtest(
        Given(Entries(world.entries) if kind == "entries" else Weights(table)), market, **settings | given
    )


def upto(fills: tuple[Fill, ...], row: int) -> list[Fill]:
    return [fill for fill in fills if fill.row <= row]


def same_orders(first: Any, second: Any, *, scale: float = 1.0, last: Any = None) -> None:
    """The same orders but for the unit of shares; with `last`, those up to that session."""
    one, other = (
        result.orders if last is None else result.orders[result.orders["session"] <= last]
        for result in (first, second)
    )
    assert len(one) == len(other)
    for name in ("session", "symbol", "side", "reason", "event"):
        assert one[name].tolist() == other[name].tolist()
    for name in ("value", "fee", "slippage", "borrow"):
        assert one[name].tolist() == approx(other[name].tolist(), rel=1e-9, abs=1e-12 * scale), name


def digest(result: Any) -> str:
    tables = (result.orders, result.unfilled, result.trades, result.equity)
    return hashlib.sha256(
        "".join(table.to_csv(float_format="%.17g") for table in tables).encode()
    ).hexdigest()


def told_of_many() -> str:
    """SHA-256 over the fills and lists of some worlds, entries and weights."""
    said = []
    for seed in range(12):
        quick = engine_worlds.quick_of(engine_worlds.world(seed))
        said.append(repr((fill(quick), fill_targets(quick))))
    return hashlib.sha256("".join(said).encode()).hexdigest()
