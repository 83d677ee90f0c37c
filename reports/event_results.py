"""What each event earned: trades gathered by the event that led to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class EventResult:
    """Trades of one event together.

    Parameters
    ----------
    event : str
        Identifier; empty for trades that no event led to.
    trades : int
        How many, open positions included.
    pnl : float
        Profit after costs, in currency.
    share : float or None
        `pnl` over the value of the entries, as a fraction; None when that is zero.
    """

    event: str
    trades: int
    pnl: float
    share: float | None


def by_event(trades: pd.DataFrame) -> tuple[EventResult, ...]:
    """Result of every event that was traded, the best first.

    Parameters
    ----------
    trades : DataFrame
        As `strategies.result.Backtest.trades`; an open position counts with its value on the last session.
    """
    if trades.empty:
        return ()
    entered = trades["entry_price"] * trades["shares"]
    grouped = trades.assign(entered=entered, trades=1).groupby("event", sort=True)
    sums = grouped[["trades", "pnl", "entered"]].sum().reset_index().to_dict("records")
    found = [
        EventResult(
            event=str(row["event"]),
            trades=int(row["trades"]),
            pnl=float(row["pnl"]),
            share=float(row["pnl"] / row["entered"]) if row["entered"] > 0 else None,
        )
        for row in sums
    ]
    return tuple(sorted(found, key=lambda item: (-item.pnl, item.event)))


def anchors(events: pd.DataFrame) -> dict[str, str]:
    """Anchor of each event's row on the page, by identifier."""
    return {str(name): f"event-{at}" for at, name in enumerate(events["event"], start=1)}
