"""Fills → the tables people read: orders, unfilled orders, round trips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from strategies.book import Fill
from strategies.result import ORDER_COLUMNS, TRADE_COLUMNS, UNFILLED_COLUMNS
from strategies.tickets import Unfilled

if TYPE_CHECKING:
    import pandas as pd

    from strategies.arrays import Integers, Numbers
    from universes.panel import Market


def order_table(fills: Sequence[Fill], market: Market) -> pd.DataFrame:
    """One row a fill: columns `strategies.result.ORDER_COLUMNS`."""
    import pandas as pd

    rows = [_order(item, market.symbols) for item in fills]
    table = pd.DataFrame(
        rows, columns=[name for name in ORDER_COLUMNS if name not in ("session", "traded_price")]
    )
    table.insert(0, "session", market.sessions[[item.row for item in fills]])
    table.insert(6, "traded_price", table["reference_price"] * _printed(fills, market))
    return table


def _order(fill: Fill, symbols: tuple[str, ...]) -> tuple[Any, ...]:
    """All columns but those that need the market."""
    price = fill.price
    value = fill.shares * price
    return (
        symbols[fill.symbol],
        "buy" if fill.buy else "sell",
        fill.shares,
        fill.reference,
        price,
        value,
        value * fill.fee,
        fill.shares * abs(price - fill.reference),
        fill.borrow,
        fill.reason,
        fill.event,
    )


def _printed(fills: Sequence[Fill], market: Market) -> Numbers:
    """Printed over adjusted price on the row of each fill; a payout is in the basis of the last bar."""
    import numpy as np

    at = [item.row for item in fills], [item.symbol for item in fills]
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio: Numbers = market.bars["traded_close"].to_numpy()[at] / market.bars["close"].to_numpy()[at]
    return np.where(np.isfinite(ratio), ratio, 1.0)


def unfilled_table(unfilled: Sequence[Unfilled], market: Market) -> pd.DataFrame:
    """One row an order without a fill: columns `strategies.result.UNFILLED_COLUMNS`; a missing date is NaT."""
    import pandas as pd

    rows = [
        {
            "session": market.sessions[item.row] if item.row >= 0 else pd.NaT,
            "symbol": item.symbol,
            "side": "buy" if item.buy else "sell",
            "event": item.event,
            "reason": item.reason,
        }
        for item in unfilled
    ]
    return pd.DataFrame(rows, columns=list(UNFILLED_COLUMNS))


@dataclass(slots=True)
class _Trip:
    """Fills of one symbol from flat to flat; the first says the side."""

    orders: list[dict[Any, Any]]
    entered: float = 0.0
    left: float = 0.0

    def add(self, order: dict[Any, Any]) -> None:
        self.orders.append(order)
        if self.enters(order):
            self.entered += order["shares"]
        else:
            self.left += order["shares"]

    def enters(self, order: dict[Any, Any]) -> bool:
        return bool(order["side"] == self.orders[0]["side"])

    @property
    def flat(self) -> bool:
        return self.entered - self.left <= 1e-9 * self.entered


def trade_table(orders: pd.DataFrame, marks: pd.DataFrame, market: Market) -> pd.DataFrame:
    """One row a round trip, from flat to flat, or a position still open: columns `strategies.result.TRADE_COLUMNS`.

    Parameters
    ----------
    orders : DataFrame
        As `order_table` gives.
    marks : DataFrame of shape (T, N)
        What a share is worth after each session; an open position is valued at the last.
    market : Market
        For the count of sessions held.
    """
    import pandas as pd

    trips: list[_Trip] = []
    live: dict[str, _Trip] = {}
    for order in orders.to_dict("records"):
        trip = live.get(order["symbol"])
        if trip is None:
            trip = live[order["symbol"]] = _Trip([])
            trips.append(trip)
        trip.add(order)
        if trip.flat:
            del live[order["symbol"]]
    bars = _Bars.of(market)
    rows = [_trade(trip, marks, bars) for trip in trips]
    return pd.DataFrame(rows, columns=list(TRADE_COLUMNS))


def _trade(trip: _Trip, marks: pd.DataFrame, bars: _Bars) -> dict[str, Any]:
    import pandas as pd

    first, last = trip.orders[0], trip.orders[-1]
    side = 1 if first["side"] == "buy" else -1
    paid = sum(order["value"] for order in trip.orders if trip.enters(order))
    received = sum(order["value"] for order in trip.orders if not trip.enters(order))
    held = 0.0 if trip.flat else (trip.entered - trip.left) * float(marks[first["symbol"]].iloc[-1])
    charges = sum(order["fee"] + order["borrow"] for order in trip.orders)
    pnl = side * (received + held - paid) - charges
    until = last["session"] if trip.flat else bars.sessions[-1]
    return {
        "symbol": first["symbol"],
        "side": "long" if side > 0 else "short",
        "event": first["event"],
        "entry_session": first["session"],
        "entry_price": paid / trip.entered,
        "exit_session": last["session"] if trip.flat else pd.NaT,
        "exit_price": received / trip.left if trip.flat else float("nan"),
        "shares": trip.entered,
        "cost": charges + sum(order["slippage"] for order in trip.orders),
        "pnl": pnl,
        "return": pnl / paid,
        "sessions_held": bars.between(first["symbol"], first["session"], until) - 1,
        "exit_reason": last["reason"] if trip.flat else "",
        "status": "closed" if trip.flat else "open",
    }


@dataclass(frozen=True, eq=False, slots=True)
class _Bars:
    """How many bars each symbol has before each session; `before` has shape (T + 1, N)."""

    sessions: pd.DatetimeIndex
    column: dict[str, int]
    before: Integers

    @classmethod
    def of(cls, market: Market) -> _Bars:
        import numpy as np

        there = market.bars["close"].notna().to_numpy()
        before = np.vstack([np.zeros((1, there.shape[1]), dtype=np.int64), there.cumsum(axis=0)])
        return cls(market.sessions, {name: at for at, name in enumerate(market.symbols)}, before)

    def between(self, symbol: str, start: pd.Timestamp, end: pd.Timestamp) -> int:
        """Bars from one session to another, both included."""
        first, last = self.sessions.searchsorted(start), self.sessions.searchsorted(end, side="right")
        column = self.column[symbol]
        return int(self.before[last, column] - self.before[first, column])
