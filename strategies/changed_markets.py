"""A market, its events and its facts with another future: what an audit compares with.

Nothing is changed in place: every function gives new objects, so that what was found for the old ones stays theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import date
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from strategies.arrays import Booleans, Numbers

if TYPE_CHECKING:
    import pandas as pd

    from universes.clock import Clock
    from universes.facts import Event, Fact
    from universes.panel import Market
    from universes.policy import Events
    from universes.universe import Universe

# Daily noise of the plausible future: what a small miner moves.
DAILY = 0.04
# Dates on which something ends; one that lies ahead is not known, though its row is.
ENDS = ("end", "held_to", "listed_to")


@dataclass(frozen=True, eq=False)
class World:
    """All that a plan is made from.

    Parameters
    ----------
    market : Market
        T sessions, N symbols.
    events : Events
        Policy events.
    eligible : DataFrame of bool, shape (T, N)
        Which symbols may be traded after each row.
    scores : DataFrame of shape (T, N) or None
        Alignment scores as known after each row.
    """

    market: Market
    events: Events
    eligible: pd.DataFrame
    scores: pd.DataFrame | None


def with_bars(world: World, change: Callable[[str, Numbers], Numbers]) -> World:
    """The same world with each table of bars replaced.

    Parameters
    ----------
    world : World
        T sessions, N symbols.
    change : callable
        From the name of a table and a copy of its values, shape (T, N), to the new values.
    """
    import pandas as pd

    bars = {
        name: pd.DataFrame(
            change(name, table.to_numpy(dtype=float, copy=True)), table.index, table.columns, copy=False
        )
        for name, table in world.market.bars.items()
    }
    return replace(world, market=other_market(world.market, bars=bars))


def other_market(market: Market, **changes: Any) -> Market:
    """A changed market under a hash of its own, so that nothing that is kept by hash is taken for it.

    Parameters
    ----------
    market : Market
        The old one.
    **changes
        New values by field; planted effects are taken away.
    """
    return replace(market, hash=f"changed-{next(_NUMBERS)}", truth=None, **changes)


_NUMBERS = count()


def noisy_prices(world: World, row: int, random: np.random.Generator) -> World:
    """Prices, volumes, dividends and splits after a row replaced by plausible others."""
    shape = world.market.bars["close"].iloc[row + 1 :].shape
    level = np.exp(np.cumsum(random.normal(0, DAILY, shape), axis=0))
    traded = np.exp(random.normal(0, 1, shape))
    paid, split = random.random(shape) < 0.01, random.random(shape) < 0.005

    def change(name: str, values: Numbers) -> Numbers:
        ahead = values[row + 1 :]
        absent = np.isnan(ahead)
        if name == "dividend":
            ahead[:] = np.where(absent, np.nan, paid * level)
        elif name == "split":
            ahead[:] = np.where(absent, np.nan, np.where(split, 2.0, 1.0))
        else:
            ahead *= traded if name == "volume" else level
        return values

    return with_bars(world, change)


def shuffled_prices(world: World, row: int, random: np.random.Generator) -> World:
    """The sessions after a row in another order."""
    order = row + 1 + random.permutation(len(world.market.sessions) - row - 1)

    def change(name: str, values: Numbers) -> Numbers:
        del name
        values[row + 1 :] = values[order]
        return values

    return with_bars(world, change)


def tenfold_prices(world: World, row: int, random: np.random.Generator) -> World:
    """Prices, volumes and dividends after a row times ten."""
    del random

    def change(name: str, values: Numbers) -> Numbers:
        if name != "split":
            values[row + 1 :] *= 10
        return values

    return with_bars(world, change)


def no_prices(world: World, row: int, random: np.random.Generator) -> World:
    """No bar after a row."""
    del random

    def change(name: str, values: Numbers) -> Numbers:
        del name
        values[row + 1 :] = np.nan
        return values

    return with_bars(world, change)


def late_events(world: World, row: int) -> frozenset[str]:
    """Identifiers of the events that became known after the last close of a row."""
    import pandas as pd

    from universes.policy import known_at

    close = world.market.clock.last_close(row)
    return frozenset(event.event for event in world.events if pd.Timestamp(known_at(event)) > close)


def without_events(world: World, row: int, random: np.random.Generator) -> World:
    """Events that became known after the last close of a row left out."""
    del random
    return replace(world, events=_without(world.events, late_events(world, row)))


def other_events(world: World, row: int, random: np.random.Generator) -> World:
    """Events that became known after the last close of a row with another direction, kind and title."""
    late = late_events(world, row)
    kinds = sorted({event.kind for event in world.events})
    turned = {"tailwind": "headwind", "headwind": "tailwind"}

    def other(event: Event) -> Event:
        if event.event not in late:
            return event
        direction = turned.get(event.direction, "tailwind")
        return replace(event, direction=direction, kind=str(random.choice(kinds)), title="another event")

    events = replace(
        world.events,
        rows=tuple(other(event) for event in world.events),
        companies=tuple(
            replace(item, direction=turned.get(item.direction, "tailwind")) if item.event in late else item
            for item in world.events.companies
        ),
    )
    return replace(world, events=events)


def _without(events: Events, names: frozenset[str]) -> Events:
    return replace(
        events,
        rows=tuple(event for event in events if event.event not in names),
        companies=tuple(item for item in events.companies if item.event not in names),
        dates=tuple(item for item in events.dates if item.event not in names),
    )


def without_facts(world: World, row: int, random: np.random.Generator) -> World:
    """Facts that became known after the date of a row left out; what may be traded and the scores after it replaced."""
    on = world.market.sessions[row].date()
    keep = ("companies", "listings", "minerals")
    facts = replace(
        world.market.universe.facts,
        **{
            item.name: tuple(
                _open_ended(fact, on)
                for fact in getattr(world.market.universe.facts, item.name)
                if fact.known_from <= on or item.name in keep
            )
            for item in fields(world.market.universe.facts)
        },
    )
    members = tuple(
        _open_ended(fact, on) for fact in world.market.universe.memberships if fact.known_from <= on
    )
    return _other_tables(with_universe(world, facts=facts, memberships=members), row, random)


def other_facts(world: World, row: int, random: np.random.Generator) -> World:
    """Facts that became known after the date of a row with other numbers and words."""
    on = world.market.sessions[row].date()
    old = world.market.universe.facts
    facts = replace(
        old,
        **{
            name: tuple(
                replace(fact, **_other_values(fact)) if fact.known_from > on else _open_ended(fact, on)
                for fact in getattr(old, name)
            )
            for name in ("stages", "floats", "support", "china_links", "jurisdictions", "assets")
        },
    )
    return _other_tables(with_universe(world, facts=facts), row, random)


def _other_values(fact: Fact) -> dict[str, Any]:
    """Other values of what a fact says: numbers halved, a stage or a tier that is another."""
    changed: dict[str, Any] = {}
    for item in fields(fact):
        value = getattr(fact, item.name)
        if isinstance(value, float):
            changed[item.name] = value / 2
        elif item.name in ("stage", "tier") and isinstance(value, str):
            changed[item.name] = {"stage": "exploration", "tier": "neutral"}[item.name]
    return changed


def _open_ended(fact: Any, on: date) -> Any:
    """A fact without the end that lies after a date; what is said of that end goes with it."""
    known = {item.name for item in fields(fact)}
    ends = [name for name in ENDS if name in known and (getattr(fact, name) or on) > on]
    if not ends:
        return fact
    told = ("ended_by", "successor", "terminal_kind", "terminal_value") if "listed_to" in ends else ()
    return replace(fact, **dict.fromkeys((*ends, *told)))


def with_universe(world: World, **changes: Any) -> World:
    """The same world with other facts or memberships.

    Parameters
    ----------
    world : World
        The old one.
    **changes
        New values by field of `Universe`.
    """
    # A copy must not share what the old one has looked up.
    universe: Universe = replace(world.market.universe, _index={}, **changes)
    return replace(world, market=other_market(world.market, universe=universe))


def _other_tables(world: World, row: int, random: np.random.Generator) -> World:
    eligible = world.eligible.copy()
    shape = eligible.iloc[row + 1 :].shape
    eligible.iloc[row + 1 :] = random.random(shape) < 0.5
    scores = None if world.scores is None else world.scores.copy()
    if scores is not None:
        scores.iloc[row + 1 :] = random.uniform(0, 100, shape)
    return replace(world, eligible=eligible, scores=scores)


def lives_go_on(world: World, row: int, random: np.random.Generator) -> World:
    """Names that cease after a row live on, in `lives` and in their listings."""
    del random
    lives, last = world.market.lives.copy(), len(world.market.sessions) - 1
    ahead = (lives["last"] > row).to_numpy()
    lives.loc[ahead, "last"] = last
    _no_end(lives, (lives["end"] > row).to_numpy())
    on = world.market.sessions[row].date()
    old = world.market.universe
    changed = with_universe(
        world,
        facts=replace(old.facts, listings=tuple(_open_ended(fact, on) for fact in old.facts.listings)),
        memberships=tuple(_open_ended(fact, on) for fact in old.memberships),
    )
    return replace(changed, market=replace(changed.market, lives=lives))


def _no_end(lives: pd.DataFrame, where: Booleans) -> None:
    for name, value in (("end", -1), ("ended_by", ""), ("terminal_value", np.nan)):
        lives.loc[where, name] = value


def lives_end(world: World, row: int, random: np.random.Generator) -> World:
    """Half of the names that live on after a row cease soon after it."""
    lives, last = world.market.lives.copy(), len(world.market.sessions) - 1
    dies = (lives["first"] <= row).to_numpy() & (lives["last"] > row).to_numpy()
    dies &= random.random(len(lives)) < 0.5
    lives.loc[dies, ["last", "end"]] = [row + 1, min(row + 2, last)]
    lives.loc[dies, "ended_by"] = "acquired"
    lives.loc[dies, "terminal_value"] = 1.0
    return replace(world, market=other_market(world.market, lives=lives))


def cut(world: World, row: int, random: np.random.Generator) -> World:
    """The world as it stood after the last close of a row: no later session, no later event, no name without a bar."""
    del random
    market = world.market
    lives = market.lives[(market.lives["first"] <= row).to_numpy()].copy()
    lives["last"] = lives["last"].clip(upper=row)
    _no_end(lives, (lives["end"] > row).to_numpy())
    names = list(lives.index)
    bars = {name: table.iloc[: row + 1][names].copy() for name, table in market.bars.items()}
    return World(
        other_market(market, bars=bars, clock=_cut_clock(market.clock, row), lives=lives),
        _without(world.events, late_events(world, row)),
        world.eligible.iloc[: row + 1][names].copy(),
        None if world.scores is None else world.scores.iloc[: row + 1][names].copy(),
    )


def _cut_clock(clock: Clock, row: int) -> Clock:
    from universes.clock import Hours

    kept = {}
    for name, hours in clock.hours.items():
        count = int(hours.rows.searchsorted(row, side="right"))
        if count:
            kept[name] = Hours(hours.rows[:count], hours.open_at[:count], hours.close_at[:count])
    return replace(clock, sessions=clock.sessions[: row + 1], hours=kept)
