"""backtrader: one shared account, market orders of given sizes that fill at the next open."""

from __future__ import annotations

from typing import Any

import backtrader  # type: ignore[import-not-found]
import numpy as np

from benchmarks.peers.request import CLOSE, HIGH, LOW, OPEN, VOLUME, Request, answer, timed


class Arrays(backtrader.feed.DataBase):  # type: ignore[misc]
    """A feed of plain arrays: nothing is parsed."""

    params = (("bars", None), ("times", None))

    def start(self) -> None:
        """Begin at the first bar."""
        super().start()
        self.at = -1

    def _load(self) -> bool:
        self.at += 1
        if self.at == len(self.p.times):
            return False
        self.lines.datetime[0] = self.p.times[self.at]
        for name, which in (
            ("open", OPEN),
            ("high", HIGH),
            ("low", LOW),
            ("close", CLOSE),
            ("volume", VOLUME),
        ):
            getattr(self.lines, name)[0] = self.p.bars[which][self.at]
        self.lines.openinterest[0] = 0.0
        return True


class Sized(backtrader.Strategy):  # type: ignore[misc]
    """Sends the orders of the next open after each close."""

    params = (("orders", None),)

    def __init__(self) -> None:
        self.filled: list[tuple[float, ...]] = []

    def next(self) -> None:
        """Orders whose open is the next."""
        for symbol, shares in self.p.orders.get(len(self), ()):
            (self.buy if shares > 0 else self.sell)(data=self.datas[symbol], size=abs(shares))

    def notify_order(self, order: Any) -> None:
        """Keep what was filled."""
        if order.status == order.Completed:
            self.filled.append(
                (len(self) - 1, self.datas.index(order.data), order.executed.size, order.executed.price)
            )


def main() -> None:
    """Measure a run with all symbols in one account."""
    request = Request.given()
    rows: dict[int, list[tuple[int, float]]] = {}
    for row, symbol, shares in np.load(request.folder / "orders.npy"):
        rows.setdefault(int(row), []).append((int(symbol), float(shares)))
    times = [backtrader.date2num(day) for day in request.sessions.astype("datetime64[s]").tolist()]
    lists = request.bars.transpose(1, 0, 2).tolist()

    def work() -> Any:
        cerebro = backtrader.Cerebro(stdstats=False)
        cerebro.broker.setcash(request.asked["cash"])
        # A book that is fully invested is refused at the close before, when sales are still to come.
        cerebro.broker.set_checksubmit(False)
        for bars in lists:
            cerebro.adddata(Arrays(bars=bars, times=times))
        cerebro.addanalyzer(backtrader.analyzers.TimeReturn)
        cerebro.addanalyzer(backtrader.analyzers.DrawDown)
        cerebro.addstrategy(Sized, orders=rows)
        return cerebro.run()[0].filled, cerebro.broker.getvalue()

    seconds, (filled, value) = timed(work, request.asked["repeats"])
    np.save(request.folder / "value.npy", np.array([value]))
    answer(request, backtrader.__version__, filled, {"backtrader": seconds})


if __name__ == "__main__":
    main()
