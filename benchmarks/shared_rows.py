"""Rows 3, 4 and 7: parameter sets of one shared book, against vectorbt, slower peers, and the memory bus."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from benchmarks import timing
from benchmarks.scene import (
    CASH,
    DEPTHS,
    HOLDS,
    MINERAL_CAP,
    MINERALS,
    MOST,
    SLOTS,
    STOPS,
    TARGETS,
    Scene,
    bought_at,
    grid,
    one,
    with_exits,
    write_request,
)
from strategies.kernel import MEASURES, ExitGrid, Walked, measure, walk
from strategies.plan import Exits
from strategies.sizing import Limits, Sizing

if TYPE_CHECKING:
    from strategies.arrays import Numbers
    from strategies.tickets import Tickets

# Typed as what it decorates.
_njit: Any = numba.njit
WHAT = "parameter sets per second, one core, shared cash, caps, costs, daily equity, Sharpe, drawdown"
LIMITS = Limits(participation=None, max_positions=MOST, mineral=MINERAL_CAP)
SIZING = Sizing("equal", SLOTS)
DEPTH = DEPTHS[3]
# Sets of vectorbt that are timed and compared: from the quick end of the grid to the slow one.
SAMPLE = (
    (DEPTHS[1], Exits(HOLDS[0], STOPS[1], TARGETS[1])),
    (DEPTHS[3], Exits(HOLDS[2], STOPS[3], TARGETS[10])),
    (DEPTHS[6], Exits(HOLDS[4], STOPS[8], TARGETS[18])),
)
TIMED = Exits(hold=20)
SHARED_TARGET = 200


def rows(numbers: tuple[int, ...]) -> list[timing.Row]:
    """Those of rows 3, 4 and 7 that are asked for."""
    scene = Scene.usual()
    with timing.one_core():
        made = [_against_vectorbt(scene)] if 3 in numbers else []
        if 4 in numbers:
            made += _against_slower(scene)
        if 7 in numbers:
            made.append(_against_memory(scene))
    return made


def sweep(scene: Scene, every: int = 1) -> int:
    """Measures of every so many-th exit rule of each depth, from prices and events on; how many sets."""
    rules = grid()
    some = ExitGrid(
        rules.hold[::every], rules.stop[::every], rules.take_profit[::every], rules.trailing_stop[::every]
    )
    for tickets in scene.tickets():
        measure(tickets, scene.tape, some, cash=CASH, sizing=SIZING, limits=LIMITS, reference=scene.reference)
    return len(DEPTHS) * len(some.hold)


def _against_vectorbt(scene: Scene) -> timing.Row:
    from benchmarks.peers import vectorbt_book as book

    bars = book.frames(scene.tape.bars.transpose(2, 0, 1), scene.panel.market.sessions)
    minerals = np.arange(len(scene.tape.symbols)) % MINERALS
    jobs: list[Callable[[], Any]] = []
    orders = 0
    for depth, rule in SAMPLE:
        (tickets,) = scene.tickets([depth])
        first, columns = bought_at(tickets, len(scene.tape.days))

        def job(rule: Exits = rule, first: Any = first, columns: Any = columns) -> Any:
            return book.hold_book(bars, first, columns, minerals, _terms(scene, rule))

        orders += _check(scene, tickets, rule, job())
        jobs.append(job)
    every = 20
    sets = sweep(scene, every)
    own_methods = [_then(job, book.measures) for job in jobs]
    by_numpy = [_then(job, book.least_measures) for job in jobs]
    ours, *theirs = timing.in_turns([lambda: sweep(scene, every), *jobs, *own_methods, *by_numpy])
    bare, whole, lean = (
        statistics.mean(theirs[at : at + len(jobs)]) for at in range(0, 3 * len(jobs), len(jobs))
    )
    ratio = whole / (ours / sets)
    own = f"{whole * 1e3:.1f} ms a set with value, Sharpe ratio, drawdown and trades by its own methods"
    by_value = (
        f"{lean * 1e3:.1f} ms ({lean * sets / ours:.0f} ×) with its value() and the two ratios by numpy"
    )
    alone = f"{bare * 1e3:.1f} ms ({bare * sets / ours:.0f} ×) for its simulation alone, which has no daily equity"
    taken = f"{sets} sets spread over the grid in {ours:.3f} s ({ours / sets * 1e6:.0f} µs a set)"
    notes = (
        f"{orders:,} orders of {len(SAMPLE)} sets are equal: {_EQUAL}",
        f"rules of both: {SLOTS} slots of equity, at most {MOST} positions, {MINERAL_CAP:.0%} a mineral, {_RULES}",
        f"ours: {taken}, from reactions to all {len(MEASURES)} measures",
        f"vectorbt: {own}; {by_value}; {alone}",
    )
    return timing.Row(
        3,
        WHAT,
        f"vectorbt {_version('vectorbt')}, from_order_func(flexible=True)",
        f"{sets / ours:,.0f} sets/s",
        f"{1 / whole:,.1f} sets/s",
        ratio,
        f"≥ {SHARED_TARGET} ×",
        ratio >= SHARED_TARGET,
        notes,
    )


_EQUAL = (
    "bars and symbols exactly, prices to 1e-12, sizes and equity to 1e-9; so are count and mean return of the trades, "
    "drawdown, and the Sharpe ratio but for the first session, which vectorbt counts as a return of zero"
)
_RULES = (
    "priority by pop, timed exits, stops, targets, 10 bps of slippage and 5 of fees; without participation, builds and "
    "payouts"
)


def _then(job: Callable[[], Any], measures: Callable[[Any], Any]) -> Callable[[], Any]:
    return lambda: measures(job())


def _terms(scene: Scene, rule: Exits) -> Any:
    from benchmarks.peers.vectorbt_book import Terms

    hold, stop, target = rule.hold, rule.stop, rule.take_profit
    assert hold is not None
    assert stop is not None
    assert target is not None
    fee, slip = scene.costs.fee_bps / 1e4, (scene.costs.slippage_bps or 0.0) / 1e4
    return Terms(CASH, fee, slip, SLOTS, MOST, MINERAL_CAP, hold, stop, target)


def _check(scene: Scene, tickets: Tickets, rule: Exits, portfolio: Any) -> int:
    """Orders of a set; those of vectorbt, its equity and its measures must be ours.

    Raises
    ------
    AssertionError
        If one differs.
    """
    walked = walk(with_exits(tickets, rule), scene.tape, cash=CASH, sizing=SIZING, limits=LIMITS)
    theirs, ours = portfolio.orders.values, walked.fills
    theirs = theirs[np.lexsort((theirs["id"], theirs["col"], theirs["idx"]))]
    ours = ours[np.lexsort((ours["phase"], ours["symbol"], ours["row"]))]
    price = ours["reference"] * np.where(ours["buy"], 1 + ours["slip"], 1 - ours["slip"])
    assert len(theirs) == len(ours), f"{len(theirs)} orders of vectorbt, {len(ours)} of ours"
    assert (theirs["idx"] == ours["row"]).all()
    assert (theirs["col"] == ours["symbol"]).all()
    assert np.allclose(theirs["price"], price, rtol=1e-12, atol=0)
    assert np.allclose(theirs["size"], ours["shares"], rtol=1e-9, atol=0)
    assert np.allclose(portfolio.value().to_numpy(), walked.equity, rtol=1e-9, atol=0)
    _check_measures(scene, tickets, rule, portfolio)
    return len(ours)


def _check_measures(scene: Scene, tickets: Tickets, rule: Exits, portfolio: Any) -> None:
    from benchmarks.peers.vectorbt_book import measures

    table = measure(
        tickets, scene.tape, one(rule), cash=CASH, sizing=SIZING, limits=LIMITS, reference=scene.reference
    )
    ours = dict(zip(MEASURES, table[0].tolist(), strict=True))
    value, sharpe, fall, trades, _, mean, _ = measures(portfolio)
    assert abs(value / CASH - 1 - ours["total_return"]) < 1e-9
    # vectorbt counts the first session, on which nothing can have happened yet, as a return.
    sessions = len(scene.tape.days)
    assert abs(sharpe / ours["sharpe"] - 1) < 2 / sessions
    assert abs(fall - ours["max_drawdown"]) < 1e-9
    assert trades == ours["trades"]
    assert abs(mean - ours["mean_trade"]) < 1e-12


def _version(package: str) -> str:
    from importlib.metadata import version

    return version(package)


def _against_slower(scene: Scene) -> list[timing.Row]:
    peers = (
        ("backtesting", "backtesting_py", "backtesting.py"),
        ("bt", "bt_weights", "bt"),
        ("backtrader", "backtrader_orders", "backtrader"),
        ("zipline", "zipline_orders", "zipline-reloaded"),
    )
    free = Scene.of(scene.panel, slippage_bps=0, fee_bps=0)
    every = 20
    sets = sweep(scene, every)
    (ours,) = timing.in_turns([lambda: sweep(scene, every)])
    return [_slower(free, ours / sets, *peer) for peer in peers]


def _slower(scene: Scene, ours: float, environment: str, module: str, name: str) -> timing.Row:
    target = 1000
    if lacking := timing.why_missing(environment):
        return timing.missing(4, WHAT, name, f"≥ {target:,} ×", lacking)
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where)
        said = _book_for(scene, folder, whole=environment == "zipline")
        answered = timing.ask(environment, module, folder)
        agreed = CHECKS[environment](scene, folder)
    theirs = statistics.median(answered["seconds"][name])
    ratio = theirs / ours
    return timing.Row(
        4,
        WHAT,
        f"{name} {answered['version']}",
        f"{1 / ours:,.0f} sets/s",
        f"{1 / theirs:,.3f} sets/s",
        ratio,
        f"≥ {target:,} ×",
        ratio >= target,
        (
            said,
            agreed,
            f"ours is the shared book of row 3, stops, targets, caps and costs in it; a set of {name}: {theirs:.2f} s",
        ),
    )


def _book_for(scene: Scene, folder: Path, *, whole: bool) -> str:
    """Write the orders of the shared book with timed exits and no costs, the most that these peers can all hold."""
    (tickets,) = scene.tickets([DEPTH])
    limits = Limits(participation=None, max_positions=MOST)
    walked = walk(with_exits(tickets, TIMED), scene.tape, cash=CASH, sizing=SIZING, limits=limits)
    fills = walked.fills
    signed = np.where(fills["buy"], 1, -1) * fills["shares"]
    orders = np.column_stack([fills["row"], fills["symbol"], np.trunc(signed) if whole else signed])
    opens = scene.tape.bars[:, :, 0].T
    held = np.zeros(opens.shape)
    flow = np.zeros(len(opens))
    np.add.at(held, (fills["row"], fills["symbol"]), signed)
    np.add.at(flow, fills["row"], -signed * fills["reference"])
    held = held.cumsum(axis=0)
    # What rounding leaves of a position is none.
    held[np.abs(held) < 1e-6] = 0.0
    write_request(folder, scene.panel, _trips(walked), {"cash": CASH, "repeats": timing.REPEATS})
    np.save(folder / "orders.npy", orders)
    np.save(folder / "held.npy", held)
    np.save(folder / "equity_at_open.npy", CASH + flow.cumsum() + (held * opens).sum(axis=1))
    return f"{len(fills):,} orders of a book with timed exits only, no costs, at most {MOST} positions"


def _trips(walked: Walked) -> Numbers:
    """Symbol, entry row, exit row (-1 open), and -1: nothing is left within a session."""
    rows, live = [], {}
    for fill in walked.fills:
        symbol = int(fill["symbol"])
        if fill["buy"]:
            live[symbol] = int(fill["row"])
        else:
            rows.append((symbol, live.pop(symbol), int(fill["row"]), -1))
    rows += [(symbol, row, -1, -1) for symbol, row in live.items()]
    return np.array(rows, dtype=float)


def _check_trades(scene: Scene, folder: Path) -> str:
    """One asset at a time: bars and prices of the trades."""
    found, expected = np.load(folder / "answer.npy"), np.load(folder / "trades.npy").astype(int)
    opens = scene.tape.bars[:, :, 0]
    theirs = {(int(row[0]), int(row[1])): row for row in found}
    closed = expected[expected[:, 2] >= 0]
    # An open that leaves one trade and enters the next is one bar too many for signals.
    same = [
        (row := theirs.get((symbol, entered))) is not None
        and row[2] == left
        and abs(row[3] / opens[symbol, entered] - 1) < 1e-12
        and abs(row[4] / opens[symbol, left] - 1) < 1e-12
        for symbol, entered, left, _ in closed
    ]
    share = float(np.mean(same))
    assert share > 0.99, f"only {share:.1%} of the trades agree"
    return f"it holds one asset at a time, each on its own money: {share:.1%} of the trades agree in bars and prices"


def _check_orders(scene: Scene, folder: Path) -> str:
    """Sized orders: every fill."""
    found, expected = np.load(folder / "answer.npy"), np.load(folder / "orders.npy")
    expected = expected[expected[:, 2] != 0]
    found = found[np.lexsort((found[:, 2], found[:, 1], found[:, 0]))]
    expected = expected[np.lexsort((expected[:, 2], expected[:, 1], expected[:, 0]))]
    assert len(found) == len(expected), f"{len(found)} fills, {len(expected)} orders"
    assert (found[:, :2] == expected[:, :2]).all()
    assert np.allclose(found[:, 2], expected[:, 2], rtol=1e-9)
    opens = scene.tape.bars[expected[:, 1].astype(int), expected[:, 0].astype(int), 0]
    # zipline keeps prices to a thousandth.
    worst = float(np.abs(found[:, 3] / opens - 1).max())
    assert worst < 1e-3
    return (
        "it is told the sizes of all orders and holds them in one account; its fills are ours in bars, symbols and "
        f"sizes, and in prices to {worst:.0e}"
    )


def _check_positions(_: Scene, folder: Path) -> str:
    """Weights: what is held after each session."""
    found, expected = np.load(folder / "answer.npy"), np.load(folder / "held.npy")
    assert np.allclose(found, expected, rtol=1e-6, atol=1e-6)
    return "it is told the weights at each open that trades; shares held after each session are ours to 1e-6"


CHECKS: dict[str, Callable[[Scene, Path], str]] = {
    "backtesting": _check_trades,
    "bt": _check_positions,
    "backtrader": _check_orders,
    "zipline": _check_orders,
}


@_njit(cache=True)  # type: ignore[untyped-decorator]
def _read_all(bars: Numbers, sums: Numbers) -> None:
    """Every number of every bar once, in the order of memory."""
    flat = bars.reshape(-1, 4)
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    for at in range(len(flat)):
        a += flat[at, 0]
        b += flat[at, 1]
        c += flat[at, 2]
        d += flat[at, 3]
    sums[0], sums[1], sums[2], sums[3] = a, b, c, d


def _against_memory(scene: Scene) -> timing.Row:
    bars, sums, every = scene.tape.bars, np.zeros(4), 20
    times = 20

    def bare() -> None:
        for _ in range(times):
            _read_all(bars, sums)

    sets = sweep(scene, every)
    ours, theirs = timing.in_turns([lambda: sweep(scene, every), bare])
    ratio, target = (ours / sets) / (theirs / times), 3.0
    bandwidth = bars.nbytes * times / theirs / 1e9
    return timing.Row(
        7,
        "time a portfolio set",
        "a bare numba pass over the same daily bars",
        f"{ours / sets * 1e3:.3f} ms",
        f"{theirs / times * 1e3:.3f} ms",
        ratio,
        f"≤ {target:.0f} ×",
        ratio <= target,
        (
            f"the pass adds up open, high, low and close of {bars[:, :, 0].size:,} bars at {bandwidth:.0f} GB/s",
        ),
    )
