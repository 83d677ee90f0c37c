"""Work for Dask workers in tests: functions that a worker process can import."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np


class Counted:
    """Something shared that counts in its own process how often it is made ready to be sent."""

    sent = 0

    def __init__(self, numbers: Any, folder: str = "") -> None:
        self.numbers, self.folder = numbers, folder

    def __reduce__(self) -> Any:
        Counted.sent += 1
        return Counted, (self.numbers, self.folder)


def sums(shared: Counted, first: int, last: int) -> Any:
    """Sums of some numbers, by powers."""
    return np.array([(shared.numbers[first:last] ** power).sum() for power in (1, 2, 3)])


def heavy_modules(shared: Any, *piece: Any) -> list[str]:
    """Which of the modules that no worker needs are loaded here."""
    del shared, piece
    return sorted({"vectorbt", "plotly", "screener", "reports"} & set(sys.modules))


def refused(shared: Any, *piece: Any) -> None:
    """Raises."""
    raise ZeroDivisionError(f"piece {piece}")


def sums_with_a_death(shared: Counted, first: int, last: int) -> Any:
    """As `sums`; the first process that comes to the piece from 40 on is killed."""
    if first == 40:
        try:
            (Path(shared.folder) / "died").touch(exist_ok=False)
        except FileExistsError:
            pass
        else:
            os.kill(os.getpid(), signal.SIGKILL)
    return sums(shared, first, last)


def always_dies(shared: Any, *piece: Any) -> None:
    """Kills every process that comes to it."""
    os.kill(os.getpid(), signal.SIGKILL)


def endless(shared: Any, *piece: Any) -> None:
    """Never comes back."""
    while True:
        pass


def quick_or_endless(shared: Any, number: int) -> int | None:
    """The first two pieces come back, the others never."""
    return number if number < 2 else endless(shared)


def measured(shared: dict[str, Any], number: int, first: int, last: int) -> Any:
    """Measures of some exit rules over the same tickets: of a shared book, and of every trade on its own capital."""
    from strategies.kernel import ExitGrid, measure
    from strategies.own_capital import measure_own
    from strategies.sizing import Limits, Sizing

    given, tape, part = shared["batches"][number], shared["tape"], slice(first, last)
    exits = ExitGrid(
        *(getattr(given.exits, name)[part] for name in ("hold", "stop", "take_profit", "trailing_stop"))
    )
    rules = {
        "cash": 1e6,
        "sizing": Sizing(),
        "limits": Limits(),
        "reference": np.ones(len(tape.days), dtype=bool),
    }
    return np.hstack(
        [measure(given.tickets, tape, exits, **rules), measure_own(given.tickets, tape, exits, value=1e5)]
    )
