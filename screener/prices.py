"""Price tags of a screen: close, traded value, drawdown, momentum and size on a date."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from universes.profile import float_share

if TYPE_CHECKING:
    import pandas as pd

    from universes.facts import Float
    from universes.panel import Market

VALUE_BARS = 20
QUARTER_BARS = 63
HALF_YEAR_BARS = 126
YEAR_BARS = 252
FRESH_SESSIONS = 10
# Ten sessions with holidays among them; prices that end earlier say nothing about the date.
FRESH_DAYS = 21
TAGS = ("close", "adv_usd", "adv_3m_usd", "drawdown_52w", "momentum_6m", "market_cap_usd", "float_usd")


def price_tags(market: Market, on: date) -> dict[str, dict[str, float | None]]:
    """Price tags of the members of a market, by symbol, from bars up to a date and facts known on it.

    Parameters
    ----------
    market : Market
        Prices that end on the date, or go on: later bars are not read.
    on : date
        The date.

    Returns
    -------
    dict of str to dict
        ``close``: last closing price as printed, in the currency of the quote. ``adv_usd``, ``adv_3m_usd``: mean of
        printed close times volume over the last 20 and 63 bars (fewer where there are fewer). ``drawdown_52w``: last
        close over the highest high of the last 252 bars, less 1. ``momentum_6m``: last close over the one 126 bars
        before, less 1; both of adjusted prices. ``market_cap_usd``: printed close times the shares outstanding last
        known, with the splits since they were counted; ``float_usd``: that times the free-float share. In US dollars
        or None, where the quote is in another currency. All None for a name without a bar in the last 10 sessions or
        the last 21 days, and no entry for one without prices.
    """
    import pandas as pd

    until = int(market.sessions.searchsorted(pd.Timestamp(on), side="right"))
    fresh = max(
        pd.Timestamp(on - timedelta(days=FRESH_DAYS)), market.sessions[max(until - FRESH_SESSIONS, 0)]
    )
    return {symbol: _tags(market, symbol, until, fresh, on) for symbol in market.members}


def _tags(market: Market, symbol: str, until: int, fresh: object, on: date) -> dict[str, float | None]:
    close, printed = (_bars(market, name, symbol, until) for name in ("close", "traded_close"))
    if close.empty or close.index[-1] < fresh:
        return dict.fromkeys(TAGS)
    value = (printed * _bars(market, "volume", symbol, until)).dropna()
    in_dollars = market.lives.at[symbol, "currency"] == "USD"
    cap, floating = _size(market, symbol, until, on) if in_dollars else (None, None)
    high = _bars(market, "high", symbol, until).iloc[-YEAR_BARS:].max()
    return {
        "close": float(printed.iloc[-1]),
        "adv_usd": _mean(value, VALUE_BARS) if in_dollars else None,
        "adv_3m_usd": _mean(value, QUARTER_BARS) if in_dollars else None,
        "drawdown_52w": float(close.iloc[-1] / high - 1),
        "momentum_6m": float(close.iloc[-1] / close.iloc[-1 - HALF_YEAR_BARS] - 1)
        if len(close) > HALF_YEAR_BARS
        else None,
        "market_cap_usd": cap,
        "float_usd": floating,
    }


def _bars(market: Market, name: str, symbol: str, until: int) -> pd.Series[float]:
    return market.bars[name][symbol].iloc[:until].dropna()


def _mean(value: pd.Series[float], bars: int) -> float | None:
    return float(value.iloc[-bars:].mean()) if len(value) else None


def _size(market: Market, symbol: str, until: int, on: date) -> tuple[float | None, float | None]:
    """Value of all shares and of those in free float; None where nobody said how many there are."""
    profile = market.universe.profile(str(market.lives.at[symbol, "company"]), on)
    counted = profile.float_ if profile else None
    if counted is None or counted.shares_outstanding is None:
        return None, None
    price = float(_bars(market, "traded_close", symbol, until).iloc[-1])
    cap = price * counted.shares_outstanding * _splits(market, symbol, until, counted)
    share = float_share(counted)
    return cap, None if share is None else cap * share


def _splits(market: Market, symbol: str, until: int, counted: Float) -> float:
    """New shares for one of the count, through splits after it."""
    import pandas as pd

    ratios = _bars(market, "split", symbol, until)
    return float(ratios[ratios.index > pd.Timestamp(counted.on)].to_numpy().prod())
