"""What the trades of a backtest are worth as evidence: one number an episode, and how many sets had been tried."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from strategies.arrays import Integers, Numbers
from strategies.date_test import date_test
from strategies.episodes import means, merge
from strategies.haircut import haircut
from strategies.metrics import SESSIONS_PER_YEAR, session_returns
from strategies.result import Metric
from strategies.sharpe_statistics import (
    Moments,
    deflated_sharpe,
    minimum_track_record,
    moments,
    probabilistic_sharpe,
)

if TYPE_CHECKING:
    import pandas as pd

    from strategies.result import Backtest

BEST = 3
# Of the bootstrap of the Sharpe ratio.
DRAWS = 1_000
UNKNOWN_TRIALS = "not deflatable: the number of sets tried is unknown; commands and sweeps count theirs"
_EPISODE = "one number an episode: the mean return of its closed trades, net of costs"


def episode_returns_of(trades: pd.DataFrame) -> Numbers:
    """Mean net return of the closed trades of each episode, in order of time, shape (K,).

    An episode is the events whose first to last entries overlap; trades without an event belong to the session of their
    entry.

    Parameters
    ----------
    trades : DataFrame
        Columns `strategies.result.TRADE_COLUMNS`.
    """
    closed = trades[trades["status"] == "closed"]
    return means(closed["return"].to_numpy(dtype=float), episodes_of(closed)) if len(closed) else np.zeros(0)


def episodes_of(trades: pd.DataFrame) -> Integers:
    """Number of the episode of each trade, from 0 in order of time, shape (n,).

    Parameters
    ----------
    trades : DataFrame of n ≥ 1 rows
        Columns ``event entry_session``.
    """
    entered = trades["entry_session"].to_numpy().astype("datetime64[D]").astype(np.int64)
    name = np.where(trades["event"] == "", entered.astype(str), trades["event"].to_numpy(dtype=str))
    events, place = np.unique(name, return_inverse=True)
    first, last = np.full(len(events), np.iinfo(np.int64).max), np.full(len(events), -1)
    np.minimum.at(first, place, entered)
    np.maximum.at(last, place, entered)
    return merge(first, last)[place]


def evidence_metrics(
    equity: pd.DataFrame, trades: pd.DataFrame, trials: int | None = None
) -> dict[str, Metric]:
    """Per-episode numbers of a result and what many tries leave of it, in the order they are printed.

    Parameters
    ----------
    equity : DataFrame of shape (S, 4)
        As `strategies.result.Backtest.equity`.
    trades : DataFrame
        As there.
    trials : int, optional
        Sets that were tried on the same data, this one among them; unknown without.
    """
    values = episode_returns_of(trades)
    known = moments(values)
    return {
        **_episodes(values),
        "min_track_record": _track_record(known),
        "probabilistic_sharpe": _probabilistic(known),
        **_after_trials(known, trials),
        "sharpe_lo": _lo(equity),
        **_interval(equity, trades),
    }


def with_trials(result: Backtest, trials: int | None) -> Backtest:
    """The result with what is left of it after so many tries.

    Parameters
    ----------
    result : Backtest
        As `strategies.backtest` gives.
    trials : int or None
        Sets that were tried; None leaves it undeflated.
    """
    known = moments(episode_returns_of(result.trades))
    return replace(result, metrics={**result.metrics, **_after_trials(known, trials)})


def _episodes(values: Numbers) -> dict[str, Metric]:
    test = date_test(values, 0, 0)
    reason = "" if test.episodes else "no episode has a closed trade"
    interval = "95 % interval of the mean episode, t with K − 1 degrees of freedom"
    chance = (
        "share of books without skill whose mean episode is as far from zero: t with K − 1 degrees of freedom"
    )
    best = f"mean over episodes without the {BEST} best"
    counted = (
        "K: events whose entries overlap in time are one episode; of trades without an event, those entered on one "
        "session are one"
    )
    left = np.sort(values)[:-BEST]
    return {
        "episodes": Metric(float(test.episodes), "count", counted),
        "mean_episode": Metric(test.mean, "fraction", f"mean over episodes; {_EPISODE}", reason),
        "mean_episode_low": Metric(test.low, "fraction", interval, test.reason),
        "mean_episode_high": Metric(test.high, "fraction", interval, test.reason),
        "chance_alone": Metric(test.p, "ratio", chance, test.reason),
        "mean_without_best": Metric(
            float(left.mean()) if len(left) else None,
            "fraction",
            best,
            "" if len(left) else f"{len(values)} episodes; it needs {BEST + 1}",
        ),
    }


def _track_record(known: Moments | None) -> Metric:
    convention = (
        "episodes until the Sharpe ratio of one episode is above zero with a confidence of 95 %, minTRL"
    )
    if known is None:
        return Metric(None, "count", convention, "it needs three episodes that differ")
    needed = minimum_track_record(known)
    if needed is None:
        return Metric(
            None, "count", convention, "the mean episode is not above zero: no record is long enough"
        )
    return Metric(math.ceil(needed), "count", convention)


def _probabilistic(known: Moments | None) -> Metric:
    convention = (
        "confidence (one minus the p value) that the true Sharpe ratio of one episode is above zero, PSR; before any "
        "other set is counted"
    )
    if known is None:
        return Metric(None, "ratio", convention, "it needs three episodes that differ")
    return Metric(probabilistic_sharpe(known), "ratio", convention)


def _after_trials(known: Moments | None, trials: int | None) -> dict[str, Metric]:
    counted = "sets tried on the same data, events and period, by the ledger of trials"
    deflated = (
        "confidence (one minus the p value) that the true Sharpe ratio of one episode is above that of the best of so "
        "many sets without skill, DSR of 2014; their ratios spread by 1 / √(K − 1)"
    )
    cut = "part of the Sharpe ratio of one episode that Bonferroni's correction for so many sets takes (Harvey and Liu)"
    few = "it needs three episodes that differ"
    if trials is None or known is None:
        reason = UNKNOWN_TRIALS if trials is None else few
        return {
            "trials": Metric(
                None if trials is None else float(trials),
                "count",
                counted,
                UNKNOWN_TRIALS if trials is None else "",
            ),
            "deflated_sharpe": Metric(None, "ratio", deflated, reason),
            "haircut": Metric(None, "fraction", cut, reason),
        }
    spread = 1 / math.sqrt(known.count - 1)
    return {
        "trials": Metric(float(trials), "count", counted),
        "deflated_sharpe": Metric(deflated_sharpe(known, trials, spread), "ratio", deflated),
        "haircut": Metric(haircut(known.sharpe, known.count, trials).share, "fraction", cut),
    }


def _lo(equity: pd.DataFrame) -> Metric:
    from strategies.sharpe_intervals import lo_factor

    convention = (
        f"Sharpe ratio of one session × Lo's factor for {SESSIONS_PER_YEAR}, autocorrelation allowed for"
    )
    returns = session_returns(equity["net"]).to_numpy()
    factor = lo_factor(returns, SESSIONS_PER_YEAR)
    if factor is None:
        reason = f"{len(returns)} returns; it needs {2 * SESSIONS_PER_YEAR} that differ"
        return Metric(None, "ratio", convention, reason)
    return Metric(float(returns.mean() / returns.std(ddof=1) * factor), "ratio", convention)


def _interval(equity: pd.DataFrame, trades: pd.DataFrame) -> Mapping[str, Metric]:
    from strategies.sharpe_intervals import Interval, sharpe_interval

    convention = (
        f"95 % interval of the Sharpe ratio: studentised bootstrap (Ledoit and Wolf), {DRAWS:,} draws of blocks as "
        f"long as the cube root of the number of returns, × √{SESSIONS_PER_YEAR}"
    )
    found = (
        Interval(reason="no trade was made")
        if trades.empty
        else sharpe_interval(session_returns(equity["net"]).to_numpy(), draws=DRAWS)
    )
    year = math.sqrt(SESSIONS_PER_YEAR)
    return {
        name: Metric(None if value is None else value * year, "ratio", convention, found.reason)
        for name, value in (("sharpe_low", found.low), ("sharpe_high", found.high))
    }
