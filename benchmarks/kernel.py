"""How long a parameter set takes in the compiled kernels, as a ratio to one bare pass over the same bars.

``python benchmarks/kernel.py`` makes 150 symbols of 3,780 sessions with modelled costs, 5,000 tickets of 100 events.
All of one run, medians after a warm-up; memory is the peak of processes of their own.
"""

from __future__ import annotations

import argparse
import itertools
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from strategies.arrays import Numbers
from strategies.costs import half_spread
from strategies.kernel import ExitGrid, measure
from strategies.kernel_cache import compiled
from strategies.own_capital import measure_own
from strategies.sizing import Limits, Sizing
from strategies.tape import Tape
from strategies.tickets import NEVER, Tickets

SYMBOLS, SESSIONS, EVENTS, TICKETS = 150, 3_780, 100, 5_000
SETS, OWN_SETS, REPEATS, THREADS = 1_000, 10_000, 5, 4
LIMITS = Limits(max_positions=10, name=0.2, mineral=0.4, jurisdiction=0.5, stage=0.6)
# Of a bare pass, at most; of one thread, at least; growth of memory, at most.
PASSES, SPEED_UP, GROWTH = 3.0, 3.0, 1.1


def tape() -> Tape:
    """Random walks with modelled costs: liquid names and thin ones."""
    random = np.random.default_rng(0)
    shape = (SYMBOLS, SESSIONS)
    close = 20 * np.exp(np.cumsum(random.standard_t(4, shape) * 0.014, axis=1))
    open_ = np.roll(close, 1, axis=1) * np.exp(random.normal(0, 0.006, shape))
    reach = np.exp(np.abs(random.normal(0, 0.008, (2, *shape))))
    bars = np.stack(
        [open_, np.maximum(open_, close) * reach[0], np.minimum(open_, close) / reach[1], close], axis=2
    )
    adv = np.exp(random.normal(16, 1.2, SYMBOLS))[:, None] * np.ones(shape)
    never, unknown = np.full(SYMBOLS, -1), np.full(SYMBOLS, np.nan)
    days = 14_000 + np.arange(SESSIONS) * 7 // 5
    names = tuple(f"S{number:04d}" for number in range(SYMBOLS))
    volatility, fee = np.full(shape, 0.03), np.full(SYMBOLS, 5e-4)
    spread = half_spread(adv, close)
    return Tape(names, bars, never, unknown, days, adv, volatility, close, spread, volatility, fee, 0.03)


def tickets() -> Tickets:
    """Decisions in the weeks after events."""
    random = np.random.default_rng(1)
    event = random.integers(0, EVENTS, TICKETS)
    row = np.sort(random.integers(20, SESSIONS - 80, EVENTS))[event] + random.integers(1, 40, TICKETS)
    symbol, priority = random.integers(0, SYMBOLS, TICKETS), random.random(TICKETS)
    order = np.lexsort((event, symbol, -priority, row))
    row, symbol, event, priority = row[order], symbol[order], event[order], priority[order]
    ones, off, never = np.ones(TICKETS, dtype=np.int64), np.full(TICKETS, np.nan), np.full(TICKETS, NEVER)
    groups = np.column_stack([symbol % 9, symbol % 7, symbol % 4])
    names = tuple(f"e{number:04d}" for number in range(EVENTS))
    return Tickets(
        row, symbol, ones, ones, event, np.ones(TICKETS), priority, groups, never, off, off, off, never, names
    )


def grid(count: int) -> ExitGrid:
    """Ten values of each exit, in all combinations; the first so many of them in a random order."""
    holds, stops = range(10, 60, 5), np.linspace(0.04, 0.22, 10)
    values = np.array(
        list(itertools.product(holds, stops, np.linspace(0.05, 0.5, 10), np.linspace(0.05, 0.3, 10)))
    )
    values = values[np.random.default_rng(2).permutation(len(values))[:count]]
    stop, target, trail = (np.ascontiguousarray(values[:, column]) for column in (1, 2, 3))
    return ExitGrid(values[:, 0].astype(np.int64), stop, target, trail)


def part_of(exits: ExitGrid, part: slice) -> ExitGrid:
    """Some of the rules."""
    return ExitGrid(exits.hold[part], exits.stop[part], exits.take_profit[part], exits.trailing_stop[part])


@compiled
def bare(bars: Numbers) -> float:
    """What no walk over all bars can do without: read them once."""
    total = 0.0
    for symbol in range(bars.shape[0]):
        for row in range(bars.shape[1]):
            bar = bars[symbol, row]
            total += bar[0] + bar[1] + bar[2] + bar[3]
    return total


def shared(given: Tape, orders: Tickets, exits: ExitGrid) -> Numbers:
    """Sets with shared cash and caps."""
    everywhere = np.ones(SESSIONS, dtype=bool)
    sizing = Sizing("equal", 10)
    return measure(orders, given, exits, cash=1e6, sizing=sizing, limits=LIMITS, reference=everywhere)


def own(given: Tape, orders: Tickets, exits: ExitGrid) -> Numbers:
    """Sets with each trade on its own capital."""
    return measure_own(orders, given, exits, value=1e5)


def seconds(work: Callable[[], object]) -> float:
    """Median wall time after a warm-up."""
    work()
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def in_threads(given: Tape, orders: Tickets, exits: ExitGrid, count: int) -> None:
    """The same sets in slices, one a thread."""
    size = -(-len(exits.hold) // count)
    parts = [part_of(exits, slice(at, at + size)) for at in range(0, len(exits.hold), size)]
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(lambda part: shared(given, orders, part), parts))


def peak(sets: int) -> float:
    """Peak memory of a process that measures so many sets, in MiB."""
    command = [sys.executable, __file__, "--peak", str(sets)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peak", type=int, metavar="SETS", help="print the peak memory of so many sets")
    asked = parser.parse_args()
    given, orders = tape(), tickets()
    if asked.peak:
        shared(given, orders, grid(asked.peak))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    once = seconds(lambda: bare(given.bars))
    each = seconds(lambda: shared(given, orders, grid(SETS))) / SETS
    alone = seconds(lambda: own(given, orders, grid(OWN_SETS))) / OWN_SETS
    print(f"a bare pass over the bars        {once * 1e3:8.3f} ms")
    print(
        f"a set with shared cash and caps  {each * 1e3:8.3f} ms  {each / once:.2f} passes (at most {PASSES})"
    )
    print(f"a set on own capital             {alone * 1e3:8.4f} ms  {alone / once:.3f} passes")
    one = seconds(lambda: in_threads(given, orders, grid(SETS), 1))
    more = seconds(lambda: in_threads(given, orders, grid(SETS), THREADS))
    print(
        f"{THREADS} threads on {os.cpu_count()} processors           {one / more:8.2f} × one (at least {SPEED_UP})"
    )
    few, many = peak(100), peak(10_000)
    print(
        f"peak memory, 100 to 10,000 sets  {few:8.0f} → {many:.0f} MiB, × {many / few:.3f} (at most {GROWTH})"
    )


if __name__ == "__main__":
    main()
