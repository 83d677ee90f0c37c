"""What a peer is asked, and what it answers; numpy is all that it needs.

A request is a folder: ``bars.npy`` (open, high, low, close, volume; shape (5, N, T)), ``sessions.npy`` (T dates),
``trades.npy`` (one row a round trip: symbol, entry row, exit row, all at the open unless a level is met before), and
``request.json`` with the numbers.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

OPEN, HIGH, LOW, CLOSE, VOLUME = range(5)


class Request:
    """A request, read from the folder that the command line names.

    Parameters
    ----------
    folder : Path
        Where it stands.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: dict[str, Any] = json.loads((folder / "request.json").read_text())
        self.bars: npt.NDArray[np.float64] = np.load(folder / "bars.npy")
        self.sessions: npt.NDArray[np.datetime64] = np.load(folder / "sessions.npy")
        self.trades: npt.NDArray[np.float64] = np.load(folder / "trades.npy")

    @classmethod
    def given(cls) -> Request:
        """The request of this process."""
        return cls(Path(sys.argv[1]))

    def signals(self, shift: int = 0) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Where positions are to be entered and left at the open, each of shape (T, N), so many rows earlier."""
        shape = self.bars.shape[2], self.bars.shape[1]
        entries, exits = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
        symbol, entered, left = self.trades[:, :3].astype(np.int64).T
        entries[entered - shift, symbol] = True
        exits[(left - shift)[left >= 0], symbol[left >= 0]] = True
        return entries, exits

    def prices(self, which: int) -> npt.NDArray[np.float64]:
        """One price of the bars, shape (T, N), contiguous."""
        return np.ascontiguousarray(self.bars[which].T)


def timed(work: Callable[[], Any], repeats: int) -> tuple[list[float], Any]:
    """Seconds of each of so many calls, after one that warms up, and what the last gave."""
    work()
    taken = []
    for _ in range(repeats):
        begin = time.perf_counter()
        result = work()
        taken.append(time.perf_counter() - begin)
    return taken, result


def answer(request: Request, version: str, trades: Any, seconds: Any) -> None:
    """Print what was measured, and keep the trades: symbol, entry row, exit row, entry price, exit price."""
    np.save(request.folder / "answer.npy", np.asarray(trades, dtype=float))
    json.dump({"version": version, "seconds": seconds}, sys.stdout)
