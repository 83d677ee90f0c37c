"""Prices, liquidity and costs of a market as plain arrays: all that is needed to fill orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from strategies.arrays import Booleans, Integers, Numbers
from strategies.costs import Costs, half_spread

if TYPE_CHECKING:
    from universes.panel import Market

ADV_BARS = 20
LEAST_RETURNS = 5
# Symbols that are looked at in one go.
SYMBOLS = 16
# Assumption, for a name that has traded for less than a week.
UNKNOWN_VOLATILITY = 0.05
OPEN, HIGH, LOW, CLOSE = range(4)


@dataclass(frozen=True, eq=False, slots=True)
class Tape:
    """What fills need of N symbols on T sessions. Arrays by symbol first: an order walks one symbol through time.

    Parameters
    ----------
    symbols : tuple of str
        Names, sorted.
    bars : ndarray of float, shape (N, T, 4)
        Adjusted open, high, low, close; NaN where there is no bar.
    end : ndarray of int, shape (N,)
        Row on which a symbol is paid out because it ceased; -1 never.
    terminal : ndarray of float, shape (N,)
        What a share gets on that row.
    days : ndarray of int, shape (T,)
        Date of each session, as a count of days.
    adv, volatility, price : ndarray of float, shape (N, T)
        What was known **before** the row's open: average daily value traded in the currency of the book, standard
        deviation of daily returns, last printed close (NaN where there is none).
    half_spread, impact : ndarray of float, shape (N, T)
        Fractions, known before the row's open: slip is half_spread + impact × √(order / ADV); where slippage is flat,
        impact is 0.
    fee : ndarray of float, shape (N,)
        Fraction of the traded value.
    borrow : float
        Fraction of entry value a year for a short position.
    """

    symbols: tuple[str, ...]
    bars: Numbers
    end: Integers
    terminal: Numbers
    days: Integers
    adv: Numbers
    volatility: Numbers
    price: Numbers
    half_spread: Numbers
    impact: Numbers
    fee: Numbers
    borrow: float

    @classmethod
    def of(cls, market: Market, costs: Costs) -> Tape:
        """Arrays of a market; an unknown terminal value becomes the last close."""
        bars = np.stack([market.bars[name].to_numpy().T for name in ("open", "high", "low", "close")], axis=2)
        adv, volatility, price = liquidity(market)
        if costs.slippage_bps is None:
            spread, impact = half_spread(adv, price), costs.impact * volatility
        else:
            spread, impact = np.full(adv.shape, costs.slippage_bps / 1e4), np.zeros(adv.shape)
        return cls(
            market.symbols,
            np.ascontiguousarray(bars),
            market.lives["end"].to_numpy(dtype=np.int64),
            terminal_values(market),
            market.sessions.to_numpy().astype("datetime64[D]").astype(np.int64),
            adv,
            volatility,
            price,
            spread,
            impact,
            fees(market, costs),
            costs.borrow_bps / 1e4,
        )


def terminal_values(market: Market) -> Numbers:
    """What a share of each symbol gets when it ceases, shape (N,); the last close where that is unknown."""
    lives = market.lives
    last = market.bars["close"].to_numpy()[lives["last"].to_numpy(), np.arange(len(lives))]
    known = lives["terminal_value"].to_numpy(dtype=float)
    return np.where(np.isnan(known), last, known)


def fees(market: Market, costs: Costs) -> Numbers:
    """Fee of each symbol as a fraction, shape (N,); more where money must be changed into the listing's currency."""
    universe, lives = market.universe, market.lives
    own = [
        next((row.currency for row in universe.listings.get(company, ()) if row.symbol == symbol), currency)
        for symbol, company, currency in zip(lives.index, lives["company"], lives["currency"], strict=True)
    ]
    foreign = np.array(own, dtype=object) != lives["currency"].to_numpy(dtype=object)
    return (costs.fee_bps + costs.fx_bps * foreign) / 1e4


def liquidity(market: Market) -> tuple[Numbers, Numbers, Numbers]:
    """ADV, daily volatility and last printed close known before each row's open, each of shape (N, T)."""
    tables = [market.bars[name].to_numpy(dtype=float) for name in ("close", "traded_close", "volume")]
    adv, volatility, price = (np.empty(tables[0].shape[::-1]) for _ in range(3))
    # A few symbols at a time stay in the processor's cache: half the time for 150 symbols.
    for first in range(0, len(adv), SYMBOLS):
        some = slice(first, first + SYMBOLS)
        adv[some], volatility[some], price[some] = _liquidity(*(table[:, some] for table in tables))
    return adv, volatility, price


def _liquidity(close: Numbers, printed: Numbers, volume: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    present = ~np.isnan(close)
    # Row t sees the own bars before it: `seen` of them; 0 is none.
    seen = np.cumsum(present, axis=0) - present
    order = np.argsort(~present, axis=0, kind="stable")
    value = _packed(np.nan_to_num(volume) * printed, present, order)
    adv = _unpacked(_mean_of_last(value), seen, 0.0)
    volatility = _unpacked(_deviation_of_last(_packed(close, present, order)), seen, UNKNOWN_VOLATILITY)
    return adv, volatility, _unpacked(_packed(printed, present, order), seen, np.nan)


def _packed(values: Numbers, present: Booleans, order: Integers) -> Numbers:
    """Own bars of each column moved to the top, in their order and without holes, shape (T, N); NaN below."""
    packed = np.take_along_axis(values, order, axis=0)
    packed[np.arange(len(packed))[:, None] >= present.sum(axis=0)] = np.nan
    return packed


def _unpacked(packed: Numbers, seen: Integers, none: float) -> Numbers:
    """The value after the last own bar before each row, shape (N, T); `none` where there is no such bar."""
    shifted = np.vstack([np.full((1, packed.shape[1]), none), packed])
    taken: Numbers = np.take_along_axis(shifted, seen, axis=0).T
    return taken


def _mean_of_last(values: Numbers) -> Numbers:
    """Mean of the last 20 values up to each, fewer at the start."""
    import pandas as pd

    return pd.DataFrame(values).rolling(ADV_BARS, min_periods=1).mean().to_numpy()


def _deviation_of_last(close: Numbers) -> Numbers:
    """Standard deviation of the last 20 returns up to each bar; the assumption until there are 5."""
    import pandas as pd

    returns = pd.DataFrame(close[1:] / close[:-1] - 1)
    known = returns.rolling(ADV_BARS, min_periods=LEAST_RETURNS).std().fillna(UNKNOWN_VOLATILITY)
    return np.vstack([np.full((1, close.shape[1]), UNKNOWN_VOLATILITY), known.to_numpy()])
