"""Rows 1 and 2: parameter sets a second, each trade on its own capital, against vectorbt and raptorbt."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import timing
from benchmarks.scene import (
    DEPTHS,
    VALUE,
    WAIT,
    Scene,
    Trips,
    grid,
    held_by_signals,
    one,
    own_trips,
    write_request,
)
from strategies.arrays import Booleans, Numbers
from strategies.plan import Exits

Differs = tuple[Callable[[Scene, Numbers, Exits], Booleans], str]
WHAT = "parameter sets per second, one core, each trade on its own capital"
TIMED = Exits(hold=20)
STOPPED = Exits(hold=20, stop=0.10, take_profit=0.25)
DEPTH = DEPTHS[3]
# Of what is compared: prices agree to the rounding of a product of three.
EXACT = 1e-12


def rows(numbers: tuple[int, ...]) -> list[timing.Row]:
    """Those of rows 1 and 2 that are asked for."""
    scene = Scene.usual()
    made = []
    with timing.one_core():
        if 1 in numbers:
            made.append(_against_vectorbt(scene))
        if 2 in numbers:
            made.append(_against_raptorbt(scene))
    return made


def sweep(scene: Scene) -> list[Numbers]:
    """All 10,000 sets: from prices and events to the measures of each."""
    from strategies.own_capital import measure_own

    rules = grid()
    return [measure_own(tickets, scene.tape, rules, value=VALUE) for tickets in scene.tickets()]


SETS = len(DEPTHS) * len(grid().hold)


def _against_vectorbt(scene: Scene) -> timing.Row:
    target, peer = 1000.0, "vbt.Portfolio.from_signals"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        share, agreed = _agree(scene, folder, "vectorbt", "vectorbt_signals", ("numba",), VECTORBT)
        ours, own = _in_turns_with_numba(scene, folder)
        answered = {"numba (this process)": own}
        version, lacking = _version("vectorbt"), timing.why_missing("vectorbt")
        if not lacking:
            asked = timing.ask("vectorbt", "vectorbt_signals", _with(folder, engines=["numba", "rust"]))
            answered |= {name: statistics.median(taken) for name, taken in asked["seconds"].items()}
    best = min(answered, key=lambda name: answered[name])
    told = ", ".join(f"{name} {taken * 1e3:.1f} ms" for name, taken in answered.items())
    notes = (
        f"a set of vectorbt, by engine: {told}" + (f"; rust is missing: {lacking}" if lacking else ""),
        *agreed,
        _ours(ours),
    )
    return _row(1, f"{peer} {version}, {best}", ours, answered[best], target, share, notes)


def _against_raptorbt(scene: Scene) -> timing.Row:
    target, peer = 100.0, "raptorbt"
    if lacking := timing.why_missing("raptorbt"):
        return timing.missing(2, WHAT, peer, f"≥ {target:,.0f} ×", lacking)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        share, agreed = _agree(scene, folder, "raptorbt", "raptorbt_signals", (), RAPTORBT)
        (ours,) = timing.in_turns([lambda: sweep(scene)])
        asked = timing.ask("raptorbt", "raptorbt_signals", folder)
    theirs = statistics.median(asked["seconds"]["raptorbt"])
    return _row(2, f"{peer} {asked['version']}", ours, theirs, target, share, (*agreed, _ours(ours)))


def _row(
    number: int, peer: str, ours: float, theirs: float, target: float, share: float, notes: tuple[str, ...]
) -> timing.Row:
    ratio = theirs / (ours / SETS)
    return timing.Row(
        number,
        WHAT,
        peer,
        f"{SETS / ours:,.0f} sets/s",
        f"{1 / theirs:,.1f} sets/s",
        ratio,
        f"≥ {target:,.0f} ×",
        ratio >= target and share > 0,
        notes,
    )


def _ours(ours: float) -> str:
    axes = f"{len(DEPTHS)} depths, wait {WAIT}, {SETS // len(DEPTHS):,} exits (hold × stop × target)"
    taken = f"{SETS:,} sets in {ours:.3f} s ({ours / SETS * 1e6:.1f} µs a set)"
    return (
        f"ours: {taken}, from reactions to measures: {axes}; the peer runs one such set, its signals made beforehand, "
        "and takes count, share of winners, mean and deviation of the trades' returns"
    )


def _version(package: str) -> str:
    from importlib.metadata import version

    return version(package)


def _in_turns_with_numba(scene: Scene, folder: Path) -> tuple[float, float]:
    """Seconds of our whole sweep, and of one set of vectorbt's default engine in this process."""
    from benchmarks.peers import vectorbt_signals
    from benchmarks.peers.request import Request

    request = Request(folder)
    signals, prices = vectorbt_signals.inputs(request)

    def theirs() -> None:
        vectorbt_signals.measures(vectorbt_signals.simulate(request, signals, prices, "numba"))

    ours, own = timing.in_turns([lambda: sweep(scene), theirs])
    return ours, own


def _with(folder: Path, **asked: Any) -> Path:
    import json

    file = folder / "request.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | asked))
    return folder


def _agree(
    scene: Scene, folder: Path, environment: str, module: str, engines: tuple[str, ...], differs: Differs
) -> tuple[float, tuple[str, ...]]:
    """Share of the trades with stops that agree, and what is to be said; leaves the request of that set behind.

    Raises
    ------
    AssertionError
        If a trade differs for another reason than the one that is known.
    """
    (tickets,) = scene.tickets([DEPTH])
    said, share = [], 0.0
    for name, rule in (("timed exits", TIMED), ("timed exits, stop and target", STOPPED)):
        trips = own_trips(tickets, scene.tape, rule)
        measured = _check_measures(scene, trips, rule)
        able = held_by_signals(trips)
        table = trips.table[able]
        asked = {
            "value": VALUE, "fee": scene.costs.fee_bps / 1e4, "slip": (scene.costs.slippage_bps or 0) / 1e4,
            "stop": rule.stop, "take_profit": rule.take_profit, "engines": list(engines), "repeats": timing.REPEATS,
        }  # fmt: skip
        write_request(folder, scene.panel, table[:, :4], asked)
        found = _answer(folder, environment, module)
        same, excused = compare(table, found), differs[0](scene, table, rule)
        strange = int((~same & ~excused).sum())
        assert not strange, f"{strange} trades differ from {module}'s for no known reason"
        assert rule.stop is not None or same.all(), f"{module} differs without stops"
        share = float(same.mean())
        beyond = "beyond signals (left on the entry bar, or entered at the open that leaves the one before)"
        rest = f", and the rest are {differs[1]}" if share < 1 else ""
        said.append(
            f"{name}: {measured:,} trades, {int((~able).sum())} of them {beyond}; of the other {len(table):,}, "
            f"{share:.1%} agree in bars and prices{rest}"
        )
    return share, tuple(said)


def _answer(folder: Path, environment: str, module: str) -> Numbers:
    """Trades of a peer; vectorbt's in this process, where its environment is not needed."""
    if module != "vectorbt_signals":
        timing.ask(environment, module, folder)
        answered: Numbers = np.load(folder / "answer.npy")
        return answered
    from benchmarks.peers import vectorbt_signals
    from benchmarks.peers.request import Request

    request = Request(folder)
    signals, prices = vectorbt_signals.inputs(request)
    return vectorbt_signals.round_trips(vectorbt_signals.simulate(request, signals, prices, "numba"))


def compare(expected: Numbers, found: Numbers) -> Booleans:
    """Which trades are in what a peer found, with the same bars and prices."""
    theirs = {(int(row[0]), int(row[1])): row for row in found}
    left = np.maximum(expected[:, 2], expected[:, 3])
    same = []
    for row, until in zip(expected, left, strict=True):
        other = theirs.get((int(row[0]), int(row[1])))
        same.append(
            other is not None
            and abs(other[3] / row[4] - 1) <= EXACT
            # Still open at the end: peers close such a trade there, or list it without an exit.
            and (until < 0 or (other[2] == until and abs(other[4] / row[5] - 1) <= EXACT))
        )
    return np.array(same)


def _check_measures(scene: Scene, trips: Trips, rule: Exits) -> int:
    """Trades of a set; the sweep's own count and mean must be theirs."""
    from strategies.own_capital import OWN_MEASURES, measure_own

    (tickets,) = scene.tickets([DEPTH])
    found = dict(
        zip(OWN_MEASURES, measure_own(tickets, scene.tape, one(rule), value=VALUE)[0].tolist(), strict=True)
    )
    fee, table = scene.costs.fee_bps / 1e4, trips.table
    closed = np.maximum(table[:, 2], table[:, 3]) >= 0
    growth = table[closed, 5] / table[closed, 4]
    returns = growth - 1 - fee * (1 + growth)
    assert found["trades"] == len(table)
    assert found["closed"] == len(returns)
    assert abs(found["mean_trade"] - returns.mean()) < 1e-12
    assert abs(found["sd_trade"] - returns.std(ddof=1)) < 1e-12
    return len(table)


def _vectorbt_differs(scene: Scene, table: Numbers, rule: Exits) -> Booleans:
    """Trades whose timed exit falls on a bar that reaches the stop or the target: vectorbt takes those first."""
    if rule.stop is None or rule.take_profit is None:
        return np.zeros(len(table), dtype=bool)
    symbol, row = table[:, 0].astype(int), table[:, 2].astype(int)
    low, high = scene.tape.bars[symbol, row, 2], scene.tape.bars[symbol, row, 1]
    reached = (low <= table[:, 4] * (1 - rule.stop)) | (high >= table[:, 4] * (1 + rule.take_profit))
    timed: Booleans = (row >= 0) & reached
    return timed


def _raptorbt_differs(scene: Scene, table: Numbers, rule: Exits) -> Booleans:
    """Trades left at an open beyond their target, and those entered at the open after a stop or target."""
    if rule.take_profit is None:
        return np.zeros(len(table), dtype=bool)
    symbol, row = table[:, 0].astype(int), table[:, 3].astype(int)
    beyond: Booleans = (row >= 0) & (scene.tape.bars[symbol, row, 0] > table[:, 4] * (1 + rule.take_profit))
    met = {(int(item[0]), int(item[3])) for item in table if item[3] >= 0}
    return beyond | np.array([(int(item[0]), int(item[1]) - 1) in met for item in table])


VECTORBT: Differs = (
    _vectorbt_differs,
    "stops or targets on the bar of the timed exit, which vectorbt lets come first",
)
_GAPS = "opens beyond the target, where raptorbt gives the target only"
_NEXT = "entries at the open after a stop or target, which it drops"
RAPTORBT: Differs = _raptorbt_differs, f"{_GAPS}, and {_NEXT}"
