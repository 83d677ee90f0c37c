"""What the bad days were like: historical shortfall, and the days of policy events."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reports.numbers import day

if TYPE_CHECKING:
    import pandas as pd

SHARE = 0.05
# Sessions after the day of an announcement that are taken with it: the reaction may come on the next, and spread.
AFTER = 2


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Mean of the worst twentieth of returns, and its edge.

    Parameters
    ----------
    count : int
        Returns.
    worst : int
        How many of them are in the tail.
    edge, mean : float or None
        Value at risk and expected shortfall as returns: a loss is negative. None below twenty returns.
    """

    count: int
    worst: int
    edge: float | None
    mean: float | None


@dataclass(frozen=True, slots=True)
class EventDays:
    """What the whole book did on the sessions after one event.

    Parameters
    ----------
    event, kind, direction, announced : str
        The event.
    change : float
        Return of the book over these sessions, as a fraction.
    invested : float
        Share of equity in positions at the close before.
    """

    event: str
    kind: str
    direction: str
    announced: str
    change: float
    invested: float


def shortfall(returns: np.ndarray, share: float = SHARE) -> Shortfall:
    """Mean of the ⌈share × n⌉ lowest returns: historical, no distribution assumed.

    Parameters
    ----------
    returns : ndarray of shape (n,)
        Fractions; a missing one is not counted.
    share : float
        Of the returns in the tail.

    Returns
    -------
    Shortfall
        Without numbers where the tail would be less than one return.
    """
    returns = returns[np.isfinite(returns)]
    count = len(returns)
    if count * share < 1:
        return Shortfall(count, 0, None, None)
    tail = np.sort(returns)[: math.ceil(round(count * share, 9))]
    return Shortfall(count, len(tail), float(tail[-1]), float(tail.mean()))


def event_days(equity: pd.DataFrame, events: pd.DataFrame) -> tuple[EventDays, ...]:
    """Return of the book from before the day of each announcement to two sessions after it, the worst first.

    Parameters
    ----------
    equity : DataFrame of shape (S, 4)
        As `strategies.result.Backtest.equity`; rows in any order.
    events : DataFrame
        As there. An event before the first session, without two sessions after it, after nothing was left of
        the book, or where the book has no value at either end, is left out.

    Returns
    -------
    tuple of EventDays
        Ordered by `change`, then by event.
    """
    equity = equity[~equity.index.duplicated(keep="last")].sort_index()
    days = [day(stamp) for stamp in equity.index]
    net, invested = equity["net"].to_numpy(dtype=float), equity["invested"].to_numpy(dtype=float)
    found = []
    for row in events.to_dict("records"):
        announced = day(row["announced"])
        # From the last close before the day of the announcement: none of the reaction is left out.
        start = bisect_left(days, announced) - 1
        last = bisect_right(days, announced) - 1 + AFTER
        if start < 0 or last >= len(days) or not (net[start] > 0 and math.isfinite(net[last])):
            continue
        event, kind, direction = (str(row.get(name, "")) for name in ("event", "kind", "direction"))
        change = float(net[last] / net[start] - 1)
        found.append(EventDays(event, kind, direction, announced, change, float(invested[start])))
    return tuple(sorted(found, key=lambda item: (item.change, item.event)))
