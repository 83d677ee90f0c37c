"""What must hold of every backtest: each check takes a world, or its seed, and raises where it does not hold."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import replace
from typing import Any

import engine_changes as changes
import engine_worlds
import numpy as np
from engine_runs import fill, fill_targets, run, upto
from engine_worlds import World
from pytest import approx

from strategies.book import ENTRY_OPEN, EXIT_OPEN, IN_SESSION, Fill
from strategies.costs import Costs
from strategies.plan import Entries
from strategies.sizing import Limits, Sizing
from strategies.tape import CLOSE, HIGH, LOW, OPEN, Tape
from strategies.tickets import columns, prepare


def check_conservation(world: World, kind: str) -> None:
    result, market = run(world, kind), engine_worlds.market_of(world)
    orders = result.orders.assign(row=market.sessions.get_indexer(result.orders["session"]))
    close = market.close.ffill().to_numpy()
    column = {name: at for at, name in enumerate(market.symbols)}
    ends = market.lives["end"].tolist()
    cash, held, told = world.cash, dict.fromkeys(range(len(column)), 0.0), []
    by_row = defaultdict(list)
    for order in orders.itertuples():
        by_row[order.row].append(order)
    for row in range(len(market.sessions)):
        for order in by_row[row]:
            sign = 1 if order.side == "buy" else -1
            cash -= sign * order.shares * order.fill_price + order.fee + order.borrow
            held[column[order.symbol]] += sign * order.shares
        alive = [at for at in held if not 0 <= ends[at] <= row and not math.isnan(close[row, at])]
        told.append(math.fsum([cash, *(held[at] * close[row, at] for at in alive)]))
    assert result.equity["net"].tolist() == approx(told, rel=1e-9, abs=1e-9 * world.cash)
    assert result.portfolio.cash().iloc[-1] == approx(cash, rel=1e-9, abs=1e-9 * world.cash)
    assert (result.orders["fee"] >= 0).all()
    # A payout costs nothing, every other fill its rate.
    rate = {
        name: (world.costs.fee_bps + world.costs.fx_bps * (name in world.foreign)) / 1e4
        for name in world.names
    }
    for order in result.orders.itertuples():
        due = 0.0 if order.reason == "ceased" else rate[order.symbol]
        assert order.fee == approx(due * order.value, rel=1e-9)
    check_profit(world, result)


def check_profit(world: World, result: Any) -> None:
    change = result.equity["net"].iloc[-1] - world.cash
    assert math.fsum(result.trades["pnl"]) == approx(change, rel=1e-9, abs=1e-9 * world.cash)


def check_truncation(seed: int, row: int) -> None:
    quick = engine_worlds.quick(seed)
    row = min(row, len(quick.world.dates) - 2)
    short = changes.cut_tape(quick.tape, row + 1)
    tickets = changes.some_tickets(quick.tickets, quick.tickets.row <= row)
    for whole, cut in (
        (fill(quick), fill(quick, short, tickets)),
        (
            fill_targets(quick),
            fill_targets(quick, short, table=engine_worlds.target_table(quick.world)[: row + 1]),
        ),
    ):
        assert upto(whole[0], row) == list(cut[0])
        # On its last row the shorter one also lists what waits.
        assert [one for one in whole[1] if one.row < row] == [one for one in cut[1] if one.row < row]


def check_known_before(seed: int, row: int) -> None:
    drawn = changes.without_actions(engine_worlds.world(seed))
    row = min(row, len(drawn.dates) - 2)
    random = np.random.default_rng(seed)

    def later(bar: Any) -> Any:
        factor = float(np.exp(random.normal(0, 1)))
        prices = {name: getattr(bar, name) * factor for name in ("open", "high", "low", "close")}
        return replace(bar, **prices, volume=float(random.uniform(0, 1e9)))

    moved = replace(
        drawn,
        raw={
            name: tuple(bar and (bar if at <= row else later(bar)) for at, bar in enumerate(bars))
            for name, bars in drawn.raw.items()
        },
        scores={
            name: (*one[: row + 1], *(50.0 for _ in one[row + 1 :])) for name, one in drawn.scores.items()
        },
        allowed={
            name: (*one[: row + 1], *(True for _ in one[row + 1 :])) for name, one in drawn.allowed.items()
        },
    )
    tapes = [Tape.of(engine_worlds.market_of(one), one.costs) for one in (drawn, moved)]
    for name in changes.PER_ROW:
        first, second = (getattr(tape, name)[:, : row + 2] for tape in tapes)
        np.testing.assert_array_equal(first, second, err_msg=name)
    made = []
    for one, tape in zip((drawn, moved), tapes):
        table, exits = columns(Entries(one.entries), tape)  # type: ignore[arg-type]
        ready = prepare(table, exits, tape, engine_worlds.ground_of(one), one.sizing, one.costs)
        early = table.row <= row
        made.append((ready.refused[early].tolist(), ready.tickets.scale[ready.tickets.row <= row].tolist()))
    assert made[0] == made[1]


def check_information(seed: int) -> None:
    quick = engine_worlds.quick(seed)
    fills, _ = fill(quick)
    decided, leave = defaultdict(list), {}
    for entry in quick.world.entries:
        decided[entry.symbol, entry.event].append(entry.row)
        leave[entry.symbol, entry.event] = entry.leave_after
    entered: dict[int, int] = {}
    for one in fills:
        key = quick.world.names[one.symbol], one.event
        if one.phase == ENTRY_OPEN:
            assert min(decided[key]) < one.row
            entered.setdefault(one.symbol, one.row)
        elif one.reason == "opposite event":
            assert one.row > leave[key]
        if one.reason == "hold":
            assert one.row > entered[one.symbol]
        if one.reason == "ceased":
            assert one.row == quick.tape.end[one.symbol]
        else:
            assert not math.isnan(quick.tape.bars[one.symbol, one.row, OPEN])
    targets, _ = fill_targets(quick)
    assert all(one.row > min(quick.world.targets) for one in targets)


def check_sides(seed: int) -> None:
    quick = engine_worlds.quick(seed)
    for one in (*fill(quick)[0], *fill_targets(quick)[0]):
        bar = quick.tape.bars[one.symbol, one.row]
        assert one.price >= one.reference if one.buy else one.price <= one.reference
        assert one.shares > 0
        if one.reason == "ceased":
            assert (one.reference, one.slip, one.fee) == (quick.tape.terminal[one.symbol], 0.0, 0.0)
        elif one.phase == IN_SESSION:
            assert bar[LOW] * (1 - 1e-12) <= one.reference <= bar[HIGH] * (1 + 1e-12)
        else:
            assert one.reference == bar[OPEN]


def check_limits(seed: int, kind: str) -> None:
    quick = engine_worlds.quick(seed)
    fills, _ = fill(quick) if kind == "entries" else fill_targets(quick)
    limits, names = quick.limits, quick.world.names
    cash, held, short = quick.cash, Counter(), False
    for at, one in enumerate(fills):
        if limits.participation is not None and one.reason != "ceased":
            most = limits.participation * quick.tape.adv[one.symbol, one.row]
            price = one.price if one.phase == ENTRY_OPEN else one.reference
            assert one.shares * price <= most * (1 + 1e-9)
        sign = 1 if one.buy else -1
        cash -= sign * one.shares * one.price + one.fee * one.shares * one.price + one.borrow
        held[names[one.symbol]] += one.shares if one.buy else -one.shares
        if abs(held[names[one.symbol]]) <= 1e-9 * one.shares:
            del held[names[one.symbol]]
        short = short or any(shares < 0 for shares in held.values())
        after = fills[at + 1] if at + 1 < len(fills) else None
        last_of_open = after is None or (after.row, after.phase) != (one.row, one.phase)
        if not short and (one.phase != ENTRY_OPEN or last_of_open):
            assert cash >= -1e-9 * quick.cash
        if one.phase == ENTRY_OPEN and last_of_open and kind == "entries":
            assert limits.max_positions is None or len(held) <= limits.max_positions
    sides = {(one.symbol, one.event, one.buy) for one in fills if one.phase == ENTRY_OPEN}
    for symbol, event, buy in sides:
        signed = [
            (one.shares if one.buy == buy else -one.shares)
            for one in fills
            if (one.symbol, one.event) == (symbol, event)
        ]
        assert min(np.cumsum(signed)) >= -1e-9 * max(signed)


def check_caps(seed: int) -> None:
    drawn = engine_worlds.world(seed)
    drawn = replace(drawn, limits=replace(drawn.limits, participation=None))
    quick = engine_worlds.quick_of(drawn)
    fills, _ = fill(quick)
    book: dict[int, list[Any]] = {}
    cash, marks = quick.cash, {}
    decided = {(entry.symbol, entry.event, entry.stage): entry.row for entry in drawn.entries}
    rows = sorted({one.row for one in fills})
    # A short is worth a little more at the open than it spends, which is what was received for it.
    wider = 1 / (1 - max((one.slip for one in fills if not one.buy), default=0.0))
    for row in range(rows[-1] + 1 if rows else 0):
        today = [one for one in fills if one.row == row]
        for phase in (EXIT_OPEN, ENTRY_OPEN, IN_SESSION):
            worth = _worth(quick, book, marks, row)
            equity = cash + sum(book[one][0] * worth[one] for one in worth)
            entered = [one for one in today if one.phase == phase]
            for one in entered:
                sign = 1 if one.buy else -1
                cash -= sign * one.shares * one.price + one.fee * one.shares * one.price + one.borrow
                if phase == ENTRY_OPEN and one.symbol not in book:
                    first = decided[drawn.names[one.symbol], one.event, 1]
                    book[one.symbol] = [0.0, drawn.groups[drawn.names[one.symbol]][first]]
                book[one.symbol][0] += sign * one.shares
                if phase != ENTRY_OPEN and abs(book[one.symbol][0]) <= 1e-9 * one.shares:
                    del book[one.symbol]
            if phase == ENTRY_OPEN and entered:
                most = equity * wider * (1 + 1e-9)
                _within(quick, book, _worth(quick, book, marks, row), most, {one.symbol for one in entered})
        marks |= {at: bar for at, bar in enumerate(quick.tape.bars[:, row, CLOSE]) if not math.isnan(bar)}


def _worth(quick: Any, book: Any, marks: Any, row: int) -> dict[int, float]:
    opens = quick.tape.bars[:, row, OPEN]
    return {at: marks[at] if math.isnan(opens[at]) else float(opens[at]) for at in book}


def _within(quick: Any, book: Any, worth: Any, equity: float, entered: set[int]) -> None:
    """Whatever was entered at an open stands within the caps of its name and groups."""
    for cap in ("name", *engine_worlds.CLASSES):
        most = getattr(quick.limits, cap)
        for symbol in entered if most is not None else ():
            place = None if cap == "name" else engine_worlds.CLASSES.index(cap)
            group = symbol if place is None else book[symbol][1][place]
            if group is None:
                continue
            of = [at for at in book if (at if place is None else book[at][1][place]) == group]
            total = sum(abs(book[at][0]) * worth[at] for at in of)
            assert total <= most * equity


PARTS = ("only ", "cash for only", "the cap on")


def check_accounts(seed: int) -> None:
    quick = engine_worlds.quick(seed)
    fills, unfilled = fill(quick)
    lists = [*quick.prepared.unfilled(quick.world.names), *unfilled]
    entered = {(quick.world.names[one.symbol], one.event) for one in fills if one.phase == ENTRY_OPEN}
    listed = Counter((one.symbol, one.event) for one in lists if not one.reason.startswith(PARTS))
    decided = Counter((entry.symbol, entry.event) for entry in quick.world.entries)
    short = {(one.symbol, one.event) for one in lists if one.reason == "no cash"}
    assert all(one.reason for one in lists)
    assert set(listed) | entered <= set(decided)
    for key, count in decided.items():
        # All of them listed, or some of them filled; for want of cash orders are listed once a symbol.
        assert listed[key] == count or key in entered | short, (key, count, listed[key])
    assert len(quick.tickets.row) + len(quick.prepared.unfilled(quick.world.names)) == len(
        quick.world.entries
    )


def ample(world: World) -> World:
    """Every trade on the same money whatever it costs, and no exit that looks at the entry price."""
    return replace(
        changes.with_exits(world, stop=None, take_profit=None, trailing_stop=None),
        sizing=Sizing("fixed", 1000),
        limits=Limits(participation=None),
    )


def last_equity(world: World, **costs: float) -> tuple[float, int]:
    free = {
        "fee_bps": 0.0,
        "slippage_bps": 0.0,
        "borrow_bps": 0.0,
        "fx_bps": 0.0,
        "borrow_least_price": 0.0,
        "borrow_least_adv": 0.0,
    }
    drawn = replace(world, costs=Costs(**free | costs))
    fills, _ = fill(engine_worlds.quick_of(drawn))
    return equity_at_end(drawn, fills), len(fills)


def equity_at_end(world: World, fills: tuple[Fill, ...]) -> float:
    bars = engine_worlds.setting_of(world).bars
    flows, held = [world.cash], Counter()
    for one in fills:
        sign = 1 if one.buy else -1
        flows += [-sign * one.shares * one.price, -one.fee * one.shares * one.price, -one.borrow]
        held[one.symbol] += sign * one.shares
        if one.reason == "ceased":
            held[one.symbol] = 0.0
    last = {at: [bar for bar in bars[name] if bar][-1].close for at, name in enumerate(world.names)}
    return math.fsum([*flows, *(shares * last[at] for at, shares in held.items())])
