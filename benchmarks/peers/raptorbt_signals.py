"""raptorbt: every trade on its own money, symbol by symbol, from signals that fill at the next open."""

from __future__ import annotations

from typing import Any

import numpy as np
import raptorbt  # type: ignore[import-not-found]

from benchmarks.peers.request import Request, answer, timed


def config(asked: dict[str, Any]) -> Any:
    """Settings of the request."""
    made = raptorbt.BacktestConfig(
        initial_capital=asked["value"], fees=asked["fee"], slippage=asked["slip"], fill_timing="next_bar_open"
    )
    if asked["stop"] is not None:
        made.set_fixed_stop(asked["stop"])
    if asked["take_profit"] is not None:
        made.set_fixed_target(asked["take_profit"])
    return made


def series(request: Request) -> list[tuple[Any, ...]]:
    """Arrays of each symbol: times, prices, volume, entries and exits one bar before their fill."""
    entries, exits = request.signals(shift=1)
    # raptorbt takes no entry until the one before had a signal to leave: one is given after every stop and target too.
    symbol, met = request.trades[:, [0, 3]].astype(np.int64).T
    exits[met[met >= 0], symbol[met >= 0]] = True
    times = request.sessions.astype("datetime64[ns]").astype(np.int64)
    return [
        (times, *bars, np.ascontiguousarray(entries[:, at]), np.ascontiguousarray(exits[:, at]))
        for at, bars in enumerate(np.ascontiguousarray(request.bars.transpose(1, 0, 2)))
    ]


def main() -> None:
    """Measure a run over all symbols."""
    request = Request.given()
    given, settings = series(request), config(request.asked)

    def work() -> Any:
        return [raptorbt.run_single_backtest(*item, symbol="S", config=settings) for item in given]

    seconds, results = timed(work, request.asked["repeats"])
    trades = [
        (at, trade.entry_idx, trade.exit_idx, trade.entry_price, trade.exit_price)
        for at, result in enumerate(results)
        for trade in result.trades()
    ]
    answer(request, raptorbt.__version__, trades, {"raptorbt": seconds})


if __name__ == "__main__":
    main()
