"""Changes of a world, or of its arrays, whose effect on a backtest is known beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from engine_draws import Raw, World

from strategies.plan import Exits
from strategies.tape import Tape
from strategies.tickets import Tickets

PER_ROW = ("adv", "volatility", "price", "half_spread", "impact")
PER_TICKET = (
    "row", "symbol", "side", "stage", "event", "scale", "priority", "groups", "hold", "stop", "take_profit",
    "trailing_stop", "leave_after",
)  # fmt: skip
KINDS = ("noise", "shuffled", "missing", "tenfold", "deleted")


def cut_tape(tape: Tape, rows: int) -> Tape:
    """The first `rows` rows; who ceased later has not ceased."""
    return replace(
        tape,
        bars=np.ascontiguousarray(tape.bars[:, :rows]),
        days=tape.days[:rows],
        end=np.where(tape.end < rows, tape.end, -1),
        **{name: np.ascontiguousarray(getattr(tape, name)[:, :rows]) for name in PER_ROW},
    )


def some_tickets(tickets: Tickets, which: np.ndarray) -> Tickets:
    """The tickets for which `which` holds."""
    return replace(tickets, **{name: getattr(tickets, name)[which] for name in PER_TICKET})


def disturbed(
    tape: Tape, tickets: Tickets, row: int, kind: str, random: np.random.Generator
) -> tuple[Tape, Tickets]:
    """All that comes after a row made something else, up to it nothing."""
    bars, after = tape.bars.copy(), tape.bars[:, row + 1 :]
    tables = {name: getattr(tape, name).copy() for name in PER_ROW}
    end, terminal, left = tape.end.copy(), tape.terminal.copy(), tickets
    if kind == "noise":
        after = np.exp(random.normal(1, 2, after.shape))
        tables = {name: _noise(table, row, random) for name, table in tables.items()}
    elif kind == "shuffled":
        order = random.permutation(after.shape[1])
        after = after[:, order]
        tables = {
            name: np.concatenate([table[:, : row + 1], table[:, row + 1 :][:, order]], axis=1)
            for name, table in tables.items()
        }
    elif kind == "missing":
        after = np.full(after.shape, np.nan)
    elif kind == "tenfold":
        after = after * 10
        tables = {name: _scaled(table, row) for name, table in tables.items()}
        terminal = np.where(end > row, terminal * 10, terminal)
    else:
        gone = random.random(len(end)) < 0.5
        after = np.where(gone[:, None, None], np.nan, after)
        left = some_tickets(tickets, (tickets.row <= row) | (random.random(len(tickets.row)) < 0.5))
        end = np.where(gone & (end > row), -1, end)
    bars[:, row + 1 :] = after
    return replace(tape, bars=bars, end=end, terminal=terminal, **tables), left


def _noise(table: np.ndarray, row: int, random: np.random.Generator) -> np.ndarray:
    table[:, row + 1 :] *= np.exp(random.normal(0, 1, table[:, row + 1 :].shape))
    return table


def _scaled(table: np.ndarray, row: int) -> np.ndarray:
    table[:, row + 1 :] *= 10
    return table


def in_other_units(tape: Tape, price: float = 1.0, money: float = 1.0) -> Tape:
    """Prices in other units, or everything that is money."""
    return replace(
        tape,
        bars=tape.bars * price,
        terminal=tape.terminal * price,
        price=tape.price * price,
        adv=tape.adv * money,
    )


def with_symbol_before(tape: Tape, tickets: Tickets) -> tuple[Tape, Tickets]:
    """A symbol that nobody trades, first by name."""
    tables = {name: np.concatenate([getattr(tape, name)[:1], getattr(tape, name)]) for name in PER_ROW}
    return replace(
        tape,
        symbols=("A0", *tape.symbols),
        bars=np.concatenate([tape.bars[:1] * 3, tape.bars]),
        end=np.r_[-1, tape.end],
        terminal=np.r_[7.0, tape.terminal],
        fee=np.r_[0.01, tape.fee],
        **tables,
    ), replace(tickets, symbol=tickets.symbol + 1)


def renamed(world: World, names: Mapping[str, str]) -> World:
    """The same under other names."""
    tables = ("raw", "ends", "groups", "stage_from", "allowed", "scores")
    return replace(
        world,
        **{table: {names[name]: value for name, value in getattr(world, table).items()} for table in tables},
        foreign=frozenset(names[name] for name in world.foreign),
        entries=tuple(replace(entry, symbol=names[entry.symbol]) for entry in world.entries),
        targets={
            row: {names[name]: share for name, share in one.items()} for row, one in world.targets.items()
        },
    )


def cut_world(world: World, rows: int) -> World:
    """The first `rows` rows of a world; names without a bar by then are left out of it."""
    seen = [name for name in world.names if any(world.raw[name][:rows])]
    return replace(
        world,
        dates=world.dates[:rows],
        raw={name: world.raw[name][:rows] for name in seen},
        ends={name: end for name, end in world.ends.items() if name in seen and end[0] < rows},
        groups={name: world.groups[name][:rows] for name in seen},
        stage_from={name: row for name, row in world.stage_from.items() if name in seen and row < rows},
        allowed={name: world.allowed[name][:rows] for name in seen},
        scores={name: world.scores[name][:rows] for name in seen},
        entries=tuple(entry for entry in world.entries if entry.row < rows and entry.symbol in seen),
        targets={row: {name: one[name] for name in seen} for row, one in world.targets.items() if row < rows},
    )


def without_actions(world: World) -> World:
    """Prices as if no dividend or split had been: printed and adjusted are then one."""
    return replace(
        world,
        raw={
            name: tuple(bar and replace(bar, dividend=0.0, split=1.0) for bar in bars)
            for name, bars in world.raw.items()
        },
    )


def split_shares(world: World, name: str, row: int, factor: float) -> World:
    """The same company with `factor` new shares for one old from a row on."""
    bars, waits = [], True
    for at, bar in enumerate(world.raw[name]):
        if at < row or bar is None:
            bars.append(bar)
            continue
        bars.append(_after_split(bar, factor, first=waits))
        waits = False
    ends = {
        one: (at, value if value is None or one != name or waits else value / factor)
        for one, (at, value) in world.ends.items()
    }
    return replace(world, raw=world.raw | {name: tuple(bars)}, ends=ends)


def _after_split(bar: Raw, factor: float, *, first: bool) -> Raw:
    return Raw(
        bar.open / factor,
        bar.high / factor,
        bar.low / factor,
        bar.close / factor,
        None if bar.volume is None else bar.volume * factor,
        bar.dividend / factor,
        bar.split * factor if first else bar.split,
    )


def with_exits(world: World, **changes: Any) -> World:
    """The same entries with other exits: `None` switches a rule off."""
    return replace(
        world,
        entries=tuple(
            replace(
                entry,
                exits=Exits(
                    **{name: changes.get(name, getattr(entry.exits, name)) for name in Exits.__slots__}
                ),
            )
            for entry in world.entries
        ),
    )
