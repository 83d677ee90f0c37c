"""Price tags of a screen: close, traded value and drawdown on a date."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from universes.panel import Market

VALUE_BARS = 20
YEAR_BARS = 252
FRESH_SESSIONS = 10
# Ten sessions with holidays among them; prices that end earlier say nothing about the date.
FRESH_DAYS = 21


def price_tags(market: Market, on: date) -> dict[str, dict[str, float | None]]:
    """Price tags of the members of a market, by symbol, from bars up to a date.

    Parameters
    ----------
    market : Market
        Prices that end on the date, or go on: later bars are not read.
    on : date
        The date.

    Returns
    -------
    dict of str to dict
        ``close``: last closing price as printed, in the currency of the quote. ``adv_usd``: mean of printed close
        times volume over the last 20 bars (fewer where there are fewer), None unless the quote is in US dollars.
        ``drawdown_52w``: last close over the highest high of the last 252 bars, less 1, both adjusted. All None for a
        name without a bar in the last 10 sessions or the last 21 days, and no entry for one without prices.
    """
    import pandas as pd

    until = int(market.sessions.searchsorted(pd.Timestamp(on), side="right"))
    fresh = max(
        pd.Timestamp(on - timedelta(days=FRESH_DAYS)), market.sessions[max(until - FRESH_SESSIONS, 0)]
    )
    return {symbol: _tags(market, symbol, until, fresh) for symbol in market.members}


def _tags(market: Market, symbol: str, until: int, fresh: object) -> dict[str, float | None]:
    bars = {
        name: market.bars[name][symbol].iloc[:until].dropna()
        for name in ("close", "high", "traded_close", "volume")
    }
    close = bars["close"]
    if close.empty or close.index[-1] < fresh:
        return {"close": None, "adv_usd": None, "drawdown_52w": None}
    value = (bars["traded_close"] * bars["volume"]).dropna().iloc[-VALUE_BARS:]
    in_dollars = market.lives.at[symbol, "currency"] == "USD"
    return {
        "close": float(bars["traded_close"].iloc[-1]),
        "adv_usd": float(value.mean()) if in_dollars and len(value) else None,
        "drawdown_52w": float(close.iloc[-1] / bars["high"].iloc[-YEAR_BARS:].max() - 1),
    }
