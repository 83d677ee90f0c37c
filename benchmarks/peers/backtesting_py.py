"""backtesting.py: one asset at a time, each on its own money, entered and left at the opens asked for."""

from __future__ import annotations

import logging
import warnings
from typing import Any, ClassVar

import backtesting  # type: ignore[import-not-found]
import numpy as np
import pandas as pd

from benchmarks.peers.request import CLOSE, HIGH, LOW, OPEN, VOLUME, Request, answer, timed

# No progress bars.
backtesting.backtesting._tqdm = lambda items, **_: items  # noqa: SLF001


class Timed(backtesting.Strategy):  # type: ignore[misc]
    """Buys and sells at the open that follows a signal."""

    entries: ClassVar[Any] = None
    exits: ClassVar[Any] = None

    def init(self) -> None:
        """Nothing to prepare: signals are given."""

    def next(self) -> None:
        """Look at the signals of the bar that has just closed."""
        at = len(self.data) - 1
        if self.position and self.exits[at]:
            self.position.close()
        if self.entries[at]:
            self.buy(size=0.99)


def frames(request: Request) -> list[pd.DataFrame]:
    """Bars of each symbol, under the names that backtesting.py wants."""
    names = {"Open": OPEN, "High": HIGH, "Low": LOW, "Close": CLOSE, "Volume": VOLUME}
    index = pd.DatetimeIndex(request.sessions)
    return [
        pd.DataFrame({name: request.bars[which, at] for name, which in names.items()}, index=index)
        for at in range(request.bars.shape[1])
    ]


def main() -> None:
    """Measure a run over all symbols."""
    warnings.simplefilter("ignore")
    logging.disable()
    request = Request.given()
    entries, exits = request.signals(shift=1)
    given = frames(request)

    def work() -> list[Any]:
        found = []
        for at, frame in enumerate(given):
            test = backtesting.Backtest(frame, Timed, cash=request.asked["cash"], finalize_trades=False)
            found.append(test.run(entries=entries[:, at], exits=exits[:, at])["_trades"])
        return found

    seconds, tables = timed(work, request.asked["repeats"])
    columns = ["EntryBar", "ExitBar", "EntryPrice", "ExitPrice"]
    trades = [np.column_stack([np.full(len(table), at), table[columns]]) for at, table in enumerate(tables)]
    answer(request, backtesting.__version__, np.concatenate(trades), {"backtesting.py": seconds})


if __name__ == "__main__":
    main()
