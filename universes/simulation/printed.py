"""Bars as they would have been printed on the day: splits, dividends, highs and lows, volume; then split-adjusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from universes.simulation import parameters as p
from universes.simulation.character import Character
from universes.simulation.draws import Draws, Numbers, Rows
from universes.simulation.path import Path

if TYPE_CHECKING:
    import pandas as pd

PRICES = ["open", "high", "low", "close"]


def splits(calm: Path, standing: str) -> Numbers:
    """New shares for one old by session, 1 = none; shape (S,).

    Prices without planted effects and collapse decide, the session after: a junior that closes below 0.05
    consolidates ten to one; any other name that closes above 200 splits one to two.
    """
    _, close = calm.log_prices()
    shown = close[_last_trade(calm)]
    if standing == "junior":
        depth = (np.log(p.CONSOLIDATE_BELOW) - np.minimum.accumulate(shown)) / -np.log(p.CONSOLIDATE_RATIO)
        ratio = p.CONSOLIDATE_RATIO
    else:
        depth = (np.maximum.accumulate(shown) - np.log(p.SPLIT_ABOVE)) / np.log(p.SPLIT_RATIO)
        ratio = p.SPLIT_RATIO
    count = np.maximum(np.ceil(depth), 0)
    # A halted or quiet session cannot be the first at the new count: it waits for the next trade.
    steps = np.zeros(len(count))
    rows = np.flatnonzero(calm.traded)
    steps[rows[1:]] = np.diff(count[rows])
    return _shift_to_next(ratio**steps, rows)


def _shift_to_next(ratios: Numbers, rows: Rows) -> Numbers:
    shifted = np.ones(len(ratios))
    shifted[rows[1:]] = ratios[rows[:-1]]
    return shifted


def _last_trade(path: Path) -> Rows:
    """Row of the last traded session up to and including each."""
    return np.maximum.accumulate(np.where(path.traded, np.arange(len(path.traded)), 0))


def payout_shares(sessions: pd.DatetimeIndex, drawn: Draws, standing: str) -> Numbers:
    """Dividend by session as a fraction of the last close: four ex-dates a year, 1 to 4 % a year in all."""
    shares = np.zeros(len(sessions))
    if not p.STANDINGS[standing].pays:
        return shares
    first, last = sessions[0].to_datetime64(), sessions[-1].to_datetime64()
    months = np.arange(first.astype("datetime64[Y]"), last.astype("datetime64[Y]") + 1).astype(
        "datetime64[M]"
    )
    months = (months[:, None] + np.array([2, 5, 8, 11])).ravel()
    days = months.astype("datetime64[D]") + int(25 * drawn.ex_day)
    days = days[(days > first) & (days <= last)]
    shares[sessions.to_numpy().searchsorted(days)] = (0.01 + 0.03 * drawn.yield_) / 4
    return shares


def printed(
    path: Path, ratios: Numbers, shares: Numbers, character: Character, drawn: Draws, rows: Rows
) -> dict[str, Numbers]:
    """Bars as printed, by field, each of shape (S,), halted sessions included.

    Parameters
    ----------
    path : Path
        With planted effects and collapse.
    ratios : ndarray of shape (S,)
        As `splits` gives.
    shares : ndarray of shape (S,)
        As `payout_shares` gives.
    character, drawn : Character, Draws
        For the range and the volume.
    rows : ndarray of int, shape (S,)
        Weekdays of the sessions.
    """
    path = path.plus(np.log1p(-shares), np.zeros(len(shares)))
    log_open, log_close = path.log_prices()
    log_close = log_close[_last_trade(path)]
    log_open = np.where(path.quiet, log_close, log_open)
    unsplit = np.cumprod(ratios)
    reach = np.where(path.quiet, 0.0, 0.4 * path.spread)
    high = np.maximum(log_open, log_close) + np.abs(drawn.above[rows]) * reach
    low = np.minimum(log_open, log_close) - np.abs(drawn.below[rows]) * reach
    bars = {
        name: np.maximum(np.round(np.exp(level) / unsplit, 4), p.PRICE_FLOOR)
        for name, level in zip(PRICES, (log_open, high, low, log_close), strict=True)
    }
    last_close = np.concatenate([bars["close"][:1], bars["close"][:-1]])
    bars["volume"] = _volume(path, unsplit, character, drawn, rows)
    bars["dividend"] = np.round(shares * last_close / ratios, 4)
    return bars | {"split": ratios}


def _volume(
    path: Path, unsplit: npt.NDArray[np.floating[Any]], character: Character, drawn: Draws, rows: Rows
) -> Numbers:
    """Whole shares: turnover × lognormal noise × (1 + the move in units of ordinary volatility)."""
    move = np.abs(path.overnight + path.intraday) / character.volatility
    turnover = p.STANDINGS[character.standing].turnover * p.TIGHTNESS[character.tightness].turnover
    noise = np.exp(0.5 * drawn.volume[rows] - 0.125)
    shares = character.shares * unsplit * turnover * noise * (0.5 + 0.6 * move)
    return np.where(path.quiet, 0.0, np.maximum(np.round(shares), 1.0))


def adjusted(frame: pd.DataFrame) -> pd.DataFrame:
    """Printed bars on the split basis of the last of them.

    Parameters
    ----------
    frame : DataFrame of shape (S, 7)
        ``open high low close volume dividend split`` as printed.
    """
    later = frame["split"].to_numpy()[::-1].cumprod()[::-1]
    unsplit = np.append(later[1:], 1.0)
    if (unsplit == 1.0).all():
        return frame
    # Ten decimals: enough for an exact half of a half, and free of the noise of a tenth.
    prices = {name: np.round(frame[name].to_numpy() / unsplit, 10) for name in (*PRICES, "dividend")}
    return frame.assign(**prices, volume=frame["volume"].to_numpy() * unsplit)
