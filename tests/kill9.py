"""Kill writers of the price store at random instants, and read everything after each kill.

``python tests/kill9.py --kills 1000 --seed 1``, from the root of the project with ``PYTHONPATH=.``

Two workers start one writer after the other, each a process that puts snapshots of three keys in a loop (the third key
is shared by both workers), and end it with SIGKILL a random short time after its first `put` began. Every snapshot
follows from its key and a counter, so that a reader can tell whether what it read was ever written, whole. The worker
reads all keys after each kill; one more process reads all the time. A read is corrupt when it is refused, when it is
no snapshot that a writer made, or when it is older than one whose `put` had returned before the read began. Reads of a
key that nothing was written to yet are not counted.

``--naive`` is the control: a writer that writes its file in place, as `DataFrame.to_csv` does. It must show corrupt
reads, or the harness sees nothing.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from mmap import mmap
from pathlib import Path

# Threads of a linear algebra library that nothing here uses would be forked away.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import filelock  # noqa: F401 - what `put` imports when first called would else be imported in every writer's life
import numpy as np
import pandas as pd

from universes.errors import LodestoneError
from universes.snapshot import COLUMNS, Snapshot
from universes.store import Store

VENDOR = "kill9"
KEYS = 3
WORKERS = 2
# Of one worker: whether a put is going on, and counts; then for each key the last counter begun and the last done.
PUTTING, KILLS, HITS, LEFT, READS, CORRUPT, PUTS = range(7)
BEGUN, DONE = 7, 7 + KEYS
SLOTS = 7 + 2 * KEYS
# Seconds: from the beginning of a writer's first put, time for some three; and how long that beginning may take.
LONGEST_LIFE = 0.02
LONGEST_START = 60.0


def symbol(worker: int, key: int) -> str:
    """Symbol of a worker's key; the last key is the same for all workers."""
    return "ALL" if key == KEYS - 1 else f"W{worker}-{key}"


def made(name: str, counter: int) -> Snapshot:
    """The one snapshot that a writer makes of a key and a counter."""
    count = 120 + counter % 40
    values = np.arange(8.0 * count).reshape(count, 8) / 7 + counter
    values[counter % count, 1:] = np.nan
    values[0, 0] = counter
    bars = pd.DataFrame(values, index=pd.bdate_range("2020-01-01", periods=count), columns=list(COLUMNS))
    fetched_at = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=counter)
    return Snapshot(VENDOR, name, bars, {"counter": counter}, fetched_at, "kill9 1")


@dataclass(frozen=True)
class Way:
    """How snapshots are written and read: the store's way, or the naive one."""

    folder: Path
    naive: bool

    def put(self, snapshot: Snapshot) -> None:
        if self.naive:
            snapshot.bars.to_csv(self.folder / f"{snapshot.symbol}.csv")
        else:
            Store(self.folder).put(snapshot)

    def read(self, name: str) -> tuple[int, bool] | None:
        """Counter of what is there, and whether it is what was written; None when nothing is there."""
        if not self.naive:
            found = Store(self.folder).latest(VENDOR, name)
            if found is None:
                return None
            counter = int(found.metadata["counter"])
            return counter, found.hash == made(name, counter).hash
        path = self.folder / f"{name}.csv"
        if not path.exists():
            return None
        bars = pd.read_csv(path, index_col="session", parse_dates=["session"])
        counter = int(bars["open"].iloc[0])
        return counter, bars.equals(made(name, counter).bars.set_axis(bars.index)) and len(bars) > 0

    def leftovers(self, names: list[str]) -> set[str]:
        """Temporary files beside the snapshots of these keys."""
        if self.naive:
            return set()
        folders = [Store(self.folder).folder_of(VENDOR, name) for name in names]
        return {
            item for folder in folders if folder.is_dir() for item in os.listdir(folder) if item[:2] == ".2"
        }


class Board:
    """Counts that all processes see, for they share the memory."""

    def __init__(self, workers: int) -> None:
        self._cells = memoryview(mmap(-1, 8 * (SLOTS * workers + 1))).cast("q")

    def get(self, worker: int, slot: int) -> int:
        return self._cells[SLOTS * worker + slot]

    def set(self, worker: int, slot: int, value: int) -> None:
        self._cells[SLOTS * worker + slot] = value

    def add(self, worker: int, slot: int) -> None:
        self._cells[SLOTS * worker + slot] += 1

    def stop(self) -> None:
        self._cells[-1] = 1

    @property
    def stopped(self) -> bool:
        return bool(self._cells[-1])


@dataclass(frozen=True)
class Run:
    """One run of the harness: what all its processes know."""

    way: Way
    board: Board
    seed: int
    workers: int

    def write_for_ever(self, worker: int, kill: int) -> None:
        """Put snapshots of random keys, counters rising, until killed."""
        chance = random.Random(f"{self.seed} {worker} {kill} writer")
        parent, board = os.getppid(), self.board
        while os.getppid() == parent:
            key = chance.randrange(KEYS)
            # Counters of the shared key differ among workers by what they leave over.
            counter = (board.get(worker, BEGUN + key) // self.workers + 1) * self.workers + worker
            snapshot = made(symbol(worker, key), counter)
            board.set(worker, BEGUN + key, counter)
            board.set(worker, PUTTING, 1)
            self.way.put(snapshot)
            board.set(worker, PUTTING, 0)
            board.set(worker, DONE + key, counter)
            board.add(worker, PUTS)

    def begun(self, worker: int) -> list[int]:
        """Last counters that a worker's writers began with, by key."""
        return [self.board.get(worker, BEGUN + key) for key in range(KEYS)]

    def fault(self, worker: int, key: int) -> str | None:
        """What is wrong with what a key holds now; empty when nothing is, None when nothing is there or was."""
        done = self.board.get(worker, DONE + key)
        name = symbol(worker, key)
        try:
            found = self.way.read(name)
        except LodestoneError as error:
            return str(error)
        # The naive reader has no errors of its own: whatever pandas says of half a file.
        except Exception as error:
            if not self.way.naive:
                raise
            return f"{name}: {type(error).__name__}: {error}"
        if found is None:
            return f"{name}: nothing is there, {done} was" if done else None
        counter, whole = found
        if not whole:
            return f"{name}: what is there was never written, counter {counter}"
        return f"{name}: {counter} is there, {done} was" if counter < done else ""

    def read_all(self, worker: int, counted_for: int) -> None:
        for key in range(KEYS):
            fault = self.fault(worker, key)
            if fault is not None:
                self.board.add(counted_for, READS)
            if fault:
                self.board.add(counted_for, CORRUPT)
                if self.board.get(counted_for, CORRUPT) <= 2:
                    print(f"corrupt: {fault}", file=sys.stderr)

    def read_until_stopped(self) -> None:
        """Read all keys of all workers again and again; counted after the last worker's own."""
        while not self.board.stopped:
            for worker in range(self.workers):
                self.read_all(worker, self.workers)

    def kill_writers(self, worker: int, kills: int) -> None:
        """Start a writer, kill it after a random time and read all its keys, so many times."""
        chance = random.Random(f"{self.seed} {worker}")
        own = [symbol(worker, key) for key in range(KEYS - 1)]
        seen: set[str] = set()
        for kill in range(kills):
            self.board.set(worker, PUTTING, 0)
            before = self.begun(worker)
            writer = started(lambda kill=kill: self.write_for_ever(worker, kill))
            patience = time.monotonic() + LONGEST_START
            while self.begun(worker) == before and time.monotonic() < patience:
                time.sleep(0.0005)
            time.sleep(chance.uniform(0, LONGEST_LIFE))
            os.kill(writer, signal.SIGKILL)
            _, status = os.waitpid(writer, 0)
            if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
                raise RuntimeError(f"writer {kill} of worker {worker} ended by itself, status {status}")
            self.board.add(worker, KILLS)
            if self.board.get(worker, PUTTING):
                self.board.add(worker, HITS)
            left = self.way.leftovers(own) - seen
            seen |= left
            self.board.set(worker, LEFT, self.board.get(worker, LEFT) + len(left))
            self.read_all(worker, worker)


def started(what: Callable[[], None]) -> int:
    """Number of a new process that does one thing and ends."""
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        what()
        status = 0
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def run(kills: int, seed: int, naive: bool, folder: Path) -> list[int]:
    """Sums of the counts of a board after so many kills."""
    board = Board(WORKERS + 1)
    this = Run(Way(folder, naive), board, seed, WORKERS)
    reader = started(this.read_until_stopped)
    shares = [kills // WORKERS + (worker < kills % WORKERS) for worker in range(WORKERS)]
    workers = [
        started(lambda worker=worker, share=share: this.kill_writers(worker, share))
        for worker, share in enumerate(shares)
    ]
    failed = [os.waitpid(worker, 0)[1] for worker in workers]
    board.stop()
    failed.append(os.waitpid(reader, 0)[1])
    if any(failed):
        raise SystemExit(f"a process of the harness failed: statuses {failed}")
    return [sum(board.get(worker, slot) for worker in range(WORKERS + 1)) for slot in range(BEGUN)]


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill writers of the price store and read after each kill.")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--naive", action="store_true", help="the control: a writer that writes in place")
    asked = parser.parse_args()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kill9-") as folder:
        counts = run(asked.kills, asked.seed, asked.naive, Path(folder))
    seconds = time.monotonic() - begin
    print(
        f"{'naive writer' if asked.naive else 'store'}, seed {asked.seed}: {counts[PUTS]} puts finished, "
        f"{counts[HITS]} kills during a put, {counts[LEFT]} temporary files left, "
        f"{counts[KILLS] / seconds:.0f} kills a second"
    )
    print(f"kills {counts[KILLS]}, reads {counts[READS]}, corrupt {counts[CORRUPT]}")
    return int(bool(counts[CORRUPT]) is not asked.naive)


if __name__ == "__main__":
    sys.exit(main())
