"""Parameter sets measured in a process of its own, and walked forward; for each way to do it a line with the SHA-256.

Arguments: ways to do it, as ``threads:2`` or ``dask:2``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import product
from math import nan
from typing import Any

import dask_tasks
import numpy as np
import worlds

SESSIONS = 400
DEPTHS, HOLDS, STOPS, TRAILING = (0.02, 0.04, 0.08), (3, 8, 15), (nan, 0.03, 0.05), (nan, 0.04, 0.08)
SPECS = ("train=4,test=2,embargo=2,least=1", "combinatorial:groups=4,test=2,embargo=2,least=1")


def market() -> Any:
    """Eight names that wander, and rise on the days of events."""
    random = np.random.default_rng(20)
    frames = {}
    for symbol in "HCABGDFE":
        steps = random.normal(0.0, 0.02, SESSIONS)
        steps[20::31] += random.uniform(0.0, 0.1, len(steps[20::31]))
        close = 50.0 * np.exp(np.cumsum(steps))
        high = close * (1 + random.uniform(0.0, 0.03, SESSIONS))
        low = close * (1 - random.uniform(0.0, 0.03, SESSIONS))
        open_ = low + (high - low) * random.uniform(0.0, 1.0, SESSIONS)
        frames[symbol * 3] = worlds.bars(close, open=open_, high=high, low=low)
    return worlds.market(frames)


def events(sessions: Any) -> Any:
    """An event on the day before each rise, for half of the names."""
    random = np.random.default_rng(21)
    names = np.array([symbol * 3 for symbol in "ABCDEFGH"])
    days = [str(day.date()) for day in sessions[19::31]]
    drawn = [sorted(random.choice(names, 4, replace=False).tolist()) for _ in days]
    return worlds.calendar(*(worlds.event(f"e{at:02d}", day, drawn[at]) for at, day in enumerate(days)))


def batches() -> tuple[Any, list[Any]]:
    """Tape, and the sets of each depth."""
    from strategies.costs import Costs
    from strategies.ground import eligible_members, ground
    from strategies.kernel import ExitGrid
    from strategies.library.pullback import Pullback
    from strategies.plan import Exits
    from strategies.sizing import Limits, Sizing
    from strategies.tape import Tape
    from strategies.tickets import ExitTable, in_order, prepare
    from strategies.walk_forward import Batch

    world = market()
    eligible, costs = eligible_members(None, world), Costs()
    tape, known = Tape.of(world, costs), ground(world, eligible, Limits())
    hold, stop, trailing = (np.array(column) for column in zip(*product(HOLDS, STOPS, TRAILING)))
    exits, made = ExitGrid(hold, stop, np.full(len(hold), nan), trailing), []
    variants = [Pullback(depth=depth) for depth in DEPTHS]
    for table in Pullback.plan_tables(world, events(world.sessions), eligible, variants):
        sorted_ = in_order(table)
        given = ExitTable.same(Exits(), len(sorted_.row))
        tickets = prepare(sorted_, given, tape, known, Sizing(), costs).tickets
        made.append(Batch(tickets, exits, np.arange(len(hold)) + len(made) * len(hold)))
    return tape, made


def measures(
    kind: str, count: int, shared: Any, pieces: list[tuple[int, int, int]]
) -> Iterator[tuple[int, Any]]:
    """Measures of each piece, in any order."""
    from strategies.dask_workers import evaluated

    if kind == "dask":
        yield from evaluated(f"local:{count}", dask_tasks.measured, shared, pieces)
    else:
        with ThreadPoolExecutor(count) as pool:
            yield from enumerate(pool.map(lambda piece: dask_tasks.measured(shared, *piece), pieces))


def digest(way: str) -> str:
    """SHA-256 of all measures, and of the walk-forwards."""
    from strategies.walk_forward import parse_spec, run

    kind, _, count = way.partition(":")
    tape, made = batches()
    sets = [len(batch.places) for batch in made]
    pieces = [(at, first, first + 5) for at, size in enumerate(sets) for first in range(0, size, 5)]
    found = dict(measures(kind, int(count), {"tape": tape, "batches": made}, pieces))
    hashed = sha256(np.vstack([found[at] for at in range(len(pieces))]).tobytes())
    for text in SPECS:
        judged = run(parse_spec(text), made, tape, sets=sum(sets), value=1e5, workers=int(count))
        assert any(item.chosen >= 0 for item in judged.judged)
        hashed.update(json.dumps(judged.as_dict(), allow_nan=False).encode() + judged.returns.mean.tobytes())
    return hashed.hexdigest()


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        print(argument, digest(argument), flush=True)
