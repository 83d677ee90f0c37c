"""What each episode earned: closed trades gathered by the episode they belong to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reports.numbers import day
from strategies.backtest_evidence import episodes_of
from strategies.result import Backtest


@dataclass(frozen=True, slots=True)
class EpisodeResult:
    """Closed trades of one episode together.

    Parameters
    ----------
    first, last : str
        Day of its first entry, and of its last exit.
    events : str
        The events that led to them.
    trades : int
        How many.
    mean : float
        Mean net return, as a fraction of the value entered.
    worst, best : float or None
        Means of the lowest and highest return while held; None where the result does not say.
    held : float
        Mean sessions.
    """

    first: str
    last: str
    events: str
    trades: int
    mean: float
    worst: float | None
    best: float | None
    held: float


def by_episode(result: Backtest) -> tuple[EpisodeResult, ...]:
    """Every episode with a closed trade, the best first.

    Parameters
    ----------
    result : Backtest
        Its mean over episodes is the metric ``mean_episode``.
    """
    closed = result.trades["status"].to_numpy() == "closed"
    trades = result.trades[closed]
    if trades.empty:
        return ()
    numbers = episodes_of(trades)
    facts = result.trade_facts
    ranges = None if facts is None else facts.loc[closed, ["worst", "best"]].to_numpy(dtype=float)
    found = []
    for number in range(int(numbers.max()) + 1):
        own = numbers == number
        some = trades[own]
        worst, best = (None, None) if ranges is None else (float(value) for value in ranges[own].mean(axis=0))
        found.append(
            EpisodeResult(
                day(some["entry_session"].min()),
                day(some["exit_session"].max()),
                ", ".join(sorted({str(name) for name in some["event"] if name})),
                len(some),
                float(np.mean(some["return"])),
                worst,
                best,
                float(some["sessions_held"].mean()),
            )
        )
    return tuple(sorted(found, key=lambda item: (-item.mean, item.first)))
