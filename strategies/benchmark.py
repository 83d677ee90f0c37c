"""What the book is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from universes.errors import BadParameter, UnknownName

if TYPE_CHECKING:
    import pandas as pd

    from universes.panel import Market

EQUAL_WEIGHT = "equal-weight"


def benchmark_wealth(name: str, market: Market, marks: pd.DataFrame, currency: str) -> pd.Series:
    """Wealth of one unit in the benchmark after each session, shape (T,), without costs.

    Parameters
    ----------
    name : str
        ``equal-weight``: all members of the currency that trade, in equal parts, set anew every session, the dead
        with their terminal value; or a symbol of the market.
    market : Market
        Prices.
    marks : DataFrame of shape (T, N)
        Last close or terminal value; NaN before the first bar.
    currency : str
        Currency of the book.

    Raises
    ------
    UnknownName, BadParameter
        If the symbol is not in the market, or starts after it.
    """
    if name != EQUAL_WEIGHT:
        return _symbol(name, market, marks)
    members = [symbol for symbol in market.members if market.lives.at[symbol, "currency"] == currency]
    returns = marks[members].pct_change(fill_method=None).where(_alive(market)[members])
    return (1 + returns.mean(axis=1).fillna(0.0)).cumprod()


def _symbol(name: str, market: Market, marks: pd.DataFrame) -> pd.Series:
    if name not in market.symbols:
        raise UnknownName("benchmark", name, (EQUAL_WEIGHT, *market.symbols))
    wealth = marks[name]
    if wealth.isna().iloc[:5].all():
        begins = wealth.dropna().index[0]
        raise BadParameter(
            f"benchmark {name} has no price before {begins:%Y-%m-%d}: start there, or choose another"
        )
    wealth = wealth.bfill()
    return wealth / wealth.iloc[0]


def _alive(market: Market) -> pd.DataFrame:
    """Whether a symbol belongs in the index on a row: after its first bar, up to its payout or last bar."""
    import numpy as np
    import pandas as pd

    rows = np.arange(len(market.sessions))[:, None]
    lives = market.lives
    last = np.where(lives["end"] >= 0, lives["end"], lives["last"])
    return pd.DataFrame(
        (rows > lives["first"].to_numpy()) & (rows <= last), index=market.sessions, columns=lives.index
    )
