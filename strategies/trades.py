"""Fills → the tables people read: orders, unfilled orders, round trips."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from strategies.book import Fill, Unfilled
from strategies.result import ORDER_COLUMNS, TRADE_COLUMNS, UNFILLED_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

    from strategies.costs import Costs
    from universes.panel import Market


def order_table(fills: Sequence[Fill], market: Market, costs: Costs) -> pd.DataFrame:
    """One row a fill: columns `strategies.result.ORDER_COLUMNS`."""
    import pandas as pd

    return pd.DataFrame([_order(fill, market, costs) for fill in fills], columns=list(ORDER_COLUMNS))


def _order(fill: Fill, market: Market, costs: Costs) -> dict[str, Any]:
    slip = costs.slippage_bps / 1e4 if fill.costs else 0.0
    fee = costs.fee_bps / 1e4 if fill.costs else 0.0
    price = fill.reference * (1 + slip if fill.buy else 1 - slip)
    return {
        "session": market.sessions[fill.row],
        "symbol": market.symbols[fill.symbol],
        "side": "buy" if fill.buy else "sell",
        "shares": fill.shares,
        "reference_price": fill.reference,
        "fill_price": price,
        "traded_price": fill.reference * _printed(fill, market),
        "value": fill.shares * price,
        "fee": fill.shares * price * fee,
        "slippage": fill.shares * abs(price - fill.reference),
        "reason": fill.reason,
        "event": fill.event,
    }


def _printed(fill: Fill, market: Market) -> float:
    """Printed over adjusted price on the row; a payout is in the basis of the last bar."""
    close = market.bars["close"].to_numpy()[fill.row, fill.symbol]
    return (
        float(market.bars["traded_close"].to_numpy()[fill.row, fill.symbol] / close)
        if math.isfinite(close)
        else 1.0
    )


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
    """Fills of one symbol from flat to flat."""

    orders: list[dict[Any, Any]]
    bought: float = 0.0
    sold: float = 0.0

    def add(self, order: dict[Any, Any]) -> None:
        self.orders.append(order)
        if order["side"] == "buy":
            self.bought += order["shares"]
        else:
            self.sold += order["shares"]

    @property
    def flat(self) -> bool:
        return self.bought - self.sold <= 1e-9 * self.bought


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
    rows = [_trade(trip, marks, market) for trip in trips]
    return pd.DataFrame(rows, columns=list(TRADE_COLUMNS))


def _trade(trip: _Trip, marks: pd.DataFrame, market: Market) -> dict[str, Any]:
    import pandas as pd

    first, last = trip.orders[0], trip.orders[-1]
    buys = [order for order in trip.orders if order["side"] == "buy"]
    sells = [order for order in trip.orders if order["side"] == "sell"]
    paid = sum(order["value"] for order in buys)
    received = sum(order["value"] for order in sells)
    left = 0.0 if trip.flat else (trip.bought - trip.sold) * float(marks[first["symbol"]].iloc[-1])
    fees = sum(order["fee"] for order in trip.orders)
    pnl = received + left - paid - fees
    until = last["session"] if trip.flat else market.sessions[-1]
    return {
        "symbol": first["symbol"],
        "event": first["event"],
        "entry_session": first["session"],
        "entry_price": paid / trip.bought,
        "exit_session": last["session"] if trip.flat else pd.NaT,
        "exit_price": received / trip.sold if trip.flat else float("nan"),
        "shares": trip.bought,
        "cost": fees + sum(order["slippage"] for order in trip.orders),
        "pnl": pnl,
        "return": pnl / paid,
        "sessions_held": _bars_between(market, first["symbol"], first["session"], until),
        "exit_reason": last["reason"] if trip.flat else "",
        "status": "closed" if trip.flat else "open",
    }


def _bars_between(market: Market, symbol: str, start: pd.Timestamp, end: pd.Timestamp) -> int:
    return int(market.bars["close"][symbol].loc[start:end].notna().sum()) - 1
