"""zipline-reloaded: one shared account, market orders of whole shares that fill at the next close.

It fills at closes only: it is given bars whose close is the open, so that its fills are those of the book.
"""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

# zipline-reloaded 3.2.1 names what numpy 2 has taken away.
if not hasattr(np, "NINF"):
    np.NINF = -np.inf  # type: ignore[attr-defined]  # noqa: NPY201

from benchmarks.peers.request import OPEN, Request, answer, timed

CALENDAR = "XNYS"


def ingest(request: Request) -> None:
    """Write the bars where zipline reads them."""
    os.environ["ZIPLINE_ROOT"] = str(request.folder / "zipline")
    from zipline.data.bundles import ingest as fill  # type: ignore[import-not-found]
    from zipline.data.bundles import register

    index = pd.DatetimeIndex(request.sessions)

    def bundle(_: Any, assets: Any, __: Any, daily: Any, adjustments: Any, *___: Any) -> None:
        count = request.bars.shape[1]
        assets.write(
            equities=pd.DataFrame(
                {
                    "symbol": [f"S{number:04d}" for number in range(count)],
                    "asset_name": "benchmark",
                    "start_date": index[0],
                    "end_date": index[-1],
                    "exchange": "NYSE",
                }
            ),
            exchanges=pd.DataFrame(
                [["NYSE", "NYSE", "US"]], columns=["exchange", "canonical_name", "country_code"]
            ),
        )
        daily.write((at, _frame(request, at, index)) for at in range(count))
        adjustments.write()

    register("benchmark", bundle, calendar_name=CALENDAR, start_session=index[0], end_session=index[-1])
    fill("benchmark", show_progress=False)


def _frame(request: Request, at: int, index: pd.DatetimeIndex) -> pd.DataFrame:
    price = request.bars[OPEN, at]
    return pd.DataFrame(
        {
            "open": price,
            "high": price,
            "low": price,
            "close": price,
            "volume": np.full(len(index), 4_000_000_000),
        },
        index=index,
    )


def main() -> None:
    """Measure a run with all symbols in one account."""
    request = Request.given()
    ingest(request)
    from zipline import run_algorithm  # type: ignore[import-not-found]
    from zipline.api import order, set_commission, set_slippage, sid  # type: ignore[import-not-found]
    from zipline.finance.commission import NoCommission  # type: ignore[import-not-found]
    from zipline.finance.slippage import FixedSlippage  # type: ignore[import-not-found]

    rows: dict[int, list[tuple[int, float]]] = {}
    for row, symbol, shares in np.load(request.folder / "orders.npy"):
        rows.setdefault(int(row), []).append((int(symbol), float(shares)))

    def initialize(context: Any) -> None:
        context.row = 0
        set_commission(NoCommission())
        set_slippage(FixedSlippage(spread=0.0))

    def handle_data(context: Any, _: Any) -> None:
        context.row += 1
        for symbol, shares in rows.get(context.row, ()):
            order(sid(symbol), shares)

    first, last = pd.Timestamp(request.sessions[0]), pd.Timestamp(request.sessions[-1])

    def work() -> Any:
        return run_algorithm(
            start=first, end=last, initialize=initialize, handle_data=handle_data, bundle="benchmark",
            capital_base=request.asked["cash"], data_frequency="daily",
            benchmark_returns=pd.Series(0.0, index=pd.DatetimeIndex(request.sessions, tz="UTC")),
        )  # fmt: skip

    seconds, result = timed(work, request.asked["repeats"])
    place = {day.date(): at for at, day in enumerate(pd.DatetimeIndex(request.sessions))}
    filled = [
        (place[row["dt"].date()], row["sid"].sid, row["amount"], row["price"])
        for transactions in result["transactions"]
        for row in transactions
    ]
    answer(request, version("zipline-reloaded"), filled, {"zipline-reloaded": seconds})


if __name__ == "__main__":
    main()
