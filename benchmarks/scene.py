"""What the rows of the backtester's table share: panel, grid of parameters, and trades in the form that peers take."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.panel import Panel, make
from strategies.costs import Costs
from strategies.kernel import REASONS, ExitGrid, walk
from strategies.library.pullback import Pullback
from strategies.plan import EntryTable, Exits
from strategies.sizing import Limits, Sizing
from strategies.tape import Tape
from strategies.tickets import ExitTable, Ground, Tickets, in_order, prepare

if TYPE_CHECKING:
    from strategies.arrays import Booleans, Integers, Numbers

DEPTHS = tuple(np.linspace(0.03, 0.21, 10).round(3).tolist())
HOLDS = (5, 10, 20, 40, 60)
STOPS = tuple(np.linspace(0.04, 0.22, 10).round(3).tolist())
TARGETS = tuple(np.linspace(0.05, 0.43, 20).round(3).tolist())
WAIT = 20
CASH, SLOTS, MOST = 1e6, 10, 10
VALUE = 1e6
# A cap on minerals that binds, of ten minerals.
MINERALS, MINERAL_CAP = 10, 0.25
PHASE_SESSION = 2


@dataclass(frozen=True, eq=False)
class Scene:
    """A panel with costs, and the tickets of each depth.

    Parameters
    ----------
    panel : Panel
        Prices and events.
    costs : Costs
        Flat: peers know no others.
    tape, ground : Tape, Ground
        The same as arrays; all may be traded.
    """

    panel: Panel
    costs: Costs
    tape: Tape
    ground: Ground

    @classmethod
    def of(cls, panel: Panel, *, slippage_bps: float = 10, fee_bps: float = 5) -> Scene:
        """Scene of a panel."""
        costs = Costs(fee_bps=fee_bps, slippage_bps=slippage_bps)
        shape = len(panel.market.sessions), len(panel.market.symbols)
        groups = np.zeros((*shape, 3), dtype=np.int64)
        groups[:, :, 0] = np.arange(shape[1]) % MINERALS
        ground = Ground(np.ones(shape, dtype=bool), groups=groups)
        return cls(panel, costs, Tape.of(panel.market, costs), ground)

    @classmethod
    def usual(cls, **costs: float) -> Scene:
        """150 symbols, 3,780 sessions, 100 events."""
        return cls.of(make(), **costs)

    @property
    def reference(self) -> Booleans:
        """All sessions."""
        return np.ones(len(self.panel.market.sessions), dtype=bool)

    def tickets(self, depths: Sequence[float] = DEPTHS) -> list[Tickets]:
        """Tickets of each depth; the falls of all are found in one pass, anew at each call."""
        variants = [Pullback(depth=depth, wait=WAIT) for depth in depths]
        market = self.panel.market
        tables = Pullback.plan_tables(market, self.panel.events, market.close, variants)
        return [self._tickets(table) for table in tables]

    def _tickets(self, table: EntryTable) -> Tickets:
        ordered = in_order(table)
        exits = ExitTable.same(Exits(), len(ordered.row))
        return prepare(ordered, exits, self.tape, self.ground, Sizing("equal", SLOTS), self.costs).tickets


def grid() -> ExitGrid:
    """1,000 exit rules: every hold with every stop and every target."""
    rules = np.array(list(itertools.product(HOLDS, STOPS, TARGETS)))
    none = np.full(len(rules), np.nan)
    return ExitGrid(rules[:, 0].astype(np.int64), rules[:, 1].copy(), rules[:, 2].copy(), none)


def one(rule: Exits, times: int = 1) -> ExitGrid:
    """A grid of one rule, so many times over."""
    table = ExitTable.same(rule, times)
    return ExitGrid(table.hold, table.stop, table.take_profit, table.trailing_stop)


def with_exits(tickets: Tickets, rule: Exits) -> Tickets:
    """The same tickets with exits of their own."""
    table = ExitTable.same(rule, len(tickets.row))
    return replace(tickets, **{item.name: getattr(table, item.name) for item in fields(table)})


@dataclass(frozen=True, eq=False)
class Trips:
    """Round trips of one parameter set, each on its own capital.

    Parameters
    ----------
    table : ndarray of shape (M, 6)
        Symbol, entry row, row left at the open by time, row left otherwise, entry price, exit price; -1 not so.
    at_session : ndarray of bool, shape (M,)
        Left within a session.
    """

    table: Numbers
    at_session: Booleans


def own_trips(tickets: Tickets, tape: Tape, rule: Exits) -> Trips:
    """What each trade does on its own fixed capital: no limits, and cash that never binds."""
    slots = 1_000_000
    walked = walk(
        with_exits(tickets, rule),
        tape,
        cash=VALUE * slots,
        sizing=Sizing("fixed", slots),
        limits=Limits(participation=None),
    )
    hold = REASONS.index("hold")
    rows, session, live = [], [], {}
    for fill in walked.fills:
        symbol = int(fill["symbol"])
        if fill["buy"]:
            live[symbol] = fill
            continue
        entry, timed = live.pop(symbol), fill["reason"] == hold
        when = (fill["row"], -1) if timed else (-1, fill["row"])
        paid, got = entry["reference"] * (1 + entry["slip"]), fill["reference"] * (1 - fill["slip"])
        rows.append((symbol, entry["row"], *when, paid, got))
        session.append(fill["phase"] == PHASE_SESSION)
    rows += [
        (symbol, entry["row"], -1, -1, entry["reference"] * (1 + entry["slip"]), np.nan)
        for symbol, entry in live.items()
    ]
    table = np.array(rows, dtype=float)
    return Trips(table, np.array(session + [False] * len(live)))


def held_by_signals(trips: Trips) -> Booleans:
    """Which trips signals can hold at all: one order a bar and symbol, and no exit on the entry bar."""
    table = trips.table
    left = np.maximum(table[:, 2], table[:, 3])
    on_entry_bar = left == table[:, 1]
    at_open = {
        (int(symbol), int(row))
        for symbol, row, inside in zip(table[:, 0], left, trips.at_session, strict=True)
        if not inside and row >= 0
    }
    again = np.array([(int(row[0]), int(row[1])) in at_open for row in table])
    return ~on_entry_bar & ~again


def write_request(folder: Path, panel: Panel, trades: Numbers, asked: Mapping[str, Any]) -> None:
    """Write what `benchmarks.peers.request` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "bars.npy", bars_of(panel))
    np.save(folder / "sessions.npy", panel.market.sessions.to_numpy())
    np.save(folder / "trades.npy", trades)
    (folder / "request.json").write_text(json.dumps(dict(asked)))


def bars_of(panel: Panel) -> Numbers:
    """Open, high, low, close and volume, shape (5, N, T)."""
    names = ("open", "high", "low", "close", "volume")
    return np.stack([panel.market.bars[name].to_numpy().T for name in names])


def bought_at(tickets: Tickets, sessions: int) -> tuple[Integers, Integers]:
    """Symbols to buy in the order of their opens, and where those of each session begin, shapes (M,) and (T + 1,)."""
    # Every session has its bar: what is decided after a close is filled or dropped at the next open.
    rows = tickets.row + 1
    return np.searchsorted(rows, np.arange(sessions + 1)), tickets.symbol
