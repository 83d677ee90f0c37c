"""vectorbt: every trade on its own money, from signals; engines as asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import vectorbt as vbt

from benchmarks.peers.request import CLOSE, HIGH, LOW, OPEN, Request, answer, timed

# Money of a column: never short of it.
AMPLE = 1e15


def simulate(request: Request, signals: tuple[Any, Any], prices: list[Any], engine: str) -> Any:
    """A portfolio of the request's trades: entries and timed exits at the open, stops and targets found by vectorbt."""
    asked, (entries, exits) = request.asked, signals
    open_, high, low, close = prices
    return vbt.Portfolio.from_signals(
        close, entries, exits, price=open_, open=open_, high=high, low=low,
        size=asked["value"], size_type="value", fees=asked["fee"], slippage=asked["slip"],
        sl_stop=asked["stop"], tp_stop=asked["take_profit"],
        # Not the default: the stop is to be counted from what was paid, and to pay slippage.
        stop_entry_price="fillprice", stop_exit_price="stopmarket",
        init_cash=AMPLE, freq="1D", engine=engine,
    )  # fmt: skip


def measures(portfolio: Any) -> tuple[float, ...]:
    """Count, share of winners, mean and deviation of the returns of trades, the quickest way there is."""
    records = portfolio.trades.values
    returns = records["return"]
    return len(records), float((records["pnl"] > 0).mean()), float(returns.mean()), float(returns.std(ddof=1))


def inputs(request: Request) -> tuple[tuple[Any, Any], list[Any]]:
    """Signals, and prices in frames that share contiguous memory, as suits vectorbt best."""
    index = pd.DatetimeIndex(request.sessions)
    frames = [
        pd.DataFrame(request.prices(which), index=index, copy=False) for which in (OPEN, HIGH, LOW, CLOSE)
    ]
    entries, exits = (pd.DataFrame(values, index=index, copy=False) for values in request.signals())
    return (entries, exits), frames


def round_trips(portfolio: Any) -> npt.NDArray[np.float64]:
    """Symbol, entry row, exit row (-1 still open), entry price, exit price."""
    records = portfolio.trades.values
    left = np.where(records["status"] == 1, records["exit_idx"], -1)
    return np.column_stack(
        [records["col"], records["entry_idx"], left, records["entry_price"], records["exit_price"]]
    )


def main() -> None:
    """Measure each engine asked for."""
    request = Request.given()
    signals, prices = inputs(request)
    seconds: dict[str, list[float]] = {}
    portfolio = None
    for engine in request.asked["engines"]:

        def work(engine: str = engine) -> Any:
            made = simulate(request, signals, prices, engine)
            measures(made)
            return made

        seconds[engine], portfolio = timed(work, request.asked["repeats"])
    answer(request, vbt.__version__, round_trips(portfolio), seconds)


if __name__ == "__main__":
    main()
