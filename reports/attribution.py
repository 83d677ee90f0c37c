"""Who earned it: trades by what was known of the company on the day they were entered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from strategies.arrays import Integers
from strategies.backtest_evidence import episodes_of
from strategies.date_test import date_test
from strategies.episodes import means

if TYPE_CHECKING:
    import pandas as pd

# Below this many episodes an interval says more about the sample than about the group.
FEW = 10
# With two, one degree of freedom stretches the interval over more than anybody can earn or lose.
LEAST = 3
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Part:
    """Trades that share a value of a fact.

    Parameters
    ----------
    value : str
        Of the fact.
    trades, episodes : int
        n closed trades on K episodes of the book.
    pnl : float
        Profit after costs of all its trades, open ones too, in currency.
    share : float or None
        `pnl` over the size of that of the whole book, gain or loss: its sign is that of `pnl`. None where the book
        made nothing.
    mean, low, high : float or None
        Mean over its episodes of the mean net return of its closed trades, and the 95 % interval, None below `LEAST`
        episodes.
    """

    value: str
    trades: int
    episodes: int
    pnl: float
    share: float | None
    mean: float | None
    low: float | None
    high: float | None

    @property
    def few(self) -> bool:
        """Whether there are too few episodes to read anything from the mean."""
        return self.episodes < FEW


def attribution(trades: pd.DataFrame, values: pd.Series) -> tuple[Part, ...]:
    """Trades by the value of a fact, the largest profit first.

    Parameters
    ----------
    trades : DataFrame of n rows
        As `strategies.result.Backtest.trades`.
    values : Series of n str
        The fact of each trade; empty is unknown.
    """
    told = values.where(values != "", UNKNOWN).to_numpy(dtype=str)
    whole = float(trades["pnl"].sum())
    episodes = _episodes(trades)
    parts = [
        _part(value, trades[told == value], episodes[told == value], whole)
        for value in sorted(set(told.tolist()))
    ]
    return tuple(sorted(parts, key=lambda item: (-item.pnl, item.value)))


def _episodes(trades: pd.DataFrame) -> Integers:
    """Episode of the book of each closed trade, −1 for open ones."""
    closed = trades["status"].to_numpy() == "closed"
    found = np.full(len(trades), -1, dtype=np.int64)
    if closed.any():
        found[closed] = episodes_of(trades[closed])
    return found


def _part(value: str, trades: pd.DataFrame, episodes: Integers, whole: float) -> Part:
    closed = trades["status"].to_numpy() == "closed"
    returns = trades["return"].to_numpy(dtype=float)[closed]
    # Numbered anew, in their order: what the group has none of is no episode of it.
    own = np.unique(episodes[closed], return_inverse=True)[1]
    each = means(returns, own) if len(own) else np.zeros(0)
    test = date_test(each, 0, 0)
    pnl = float(trades["pnl"].sum())
    low, high = (test.low, test.high) if len(each) >= LEAST else (None, None)
    return Part(
        value,
        len(returns),
        len(each),
        pnl,
        pnl / abs(whole) if whole else None,
        test.mean,
        low,
        high,
    )
