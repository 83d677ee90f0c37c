"""bt: one shared account that is brought to given weights at the opens on which the book trades."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import bt  # type: ignore[import-not-found]
import numpy as np
import pandas as pd

from benchmarks.peers.request import OPEN, Request, answer, timed


def main() -> None:
    """Measure a run with all symbols in one account."""
    request = Request.given()
    index = pd.DatetimeIndex(request.sessions)
    names = [f"S{number:04d}" for number in range(request.bars.shape[1])]
    # bt fills at the price of the row on which it decides: it is given opens, and weights of those opens.
    prices = pd.DataFrame(request.prices(OPEN), index=index, columns=names)
    held = np.load(request.folder / "held.npy")
    equity = np.load(request.folder / "equity_at_open.npy")
    trades = np.unique(np.load(request.folder / "orders.npy")[:, 0]).astype(int)
    weights = pd.DataFrame(
        (held * prices.to_numpy() / equity[:, None])[trades], index=index[trades], columns=names
    )

    def work() -> Any:
        strategy = bt.Strategy("book", [bt.algos.WeighTarget(weights), bt.algos.Rebalance()])
        test = bt.Backtest(
            strategy,
            prices,
            initial_capital=request.asked["cash"],
            integer_positions=False,
            progress_bar=False,
        )
        result = bt.run(test, progress_bar=False)
        return test.positions.reindex(columns=names).fillna(0.0), result.stats

    seconds, (positions, _) = timed(work, request.asked["repeats"])
    # bt begins one row before the prices.
    answer(request, version("bt"), positions.to_numpy()[-len(index) :], {"bt": seconds})


if __name__ == "__main__":
    main()
