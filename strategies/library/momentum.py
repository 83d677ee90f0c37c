"""Momentum: at each month's start hold the names that rose most, or all that rose, optionally only near events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from strategies import ranges
from strategies.plan import Weights
from strategies.schedule import month_starts
from universes.errors import BadParameter

if TYPE_CHECKING:
    import pandas as pd

    from strategies.arrays import Booleans, Integers, Numbers
    from universes.panel import Market
    from universes.policy import Events

KINDS = ("cross-section", "time-series")
# A name without a bar for longer than this is not ranked: its last price says nothing of today.
STALE_SESSIONS = 10
VOLATILITY_RETURNS = 60
SESSIONS_PER_YEAR = 252
# As in sizing: no rule makes a weight more than twice an equal one.
MOST_SCALE = 2.0


@dataclass(frozen=True, slots=True)
class Momentum:
    """Hold names by their return over `lookback` sessions, the last `skip` left out, set at each month's start.

    Parameters
    ----------
    lookback : int
        Sessions back to where the return begins.
    skip : int
        Latest sessions left out, since short-term moves tend to reverse.
    top : int
        How many names a cross-section holds, each with 1 / `top`; with fewer to choose from, the rest is cash.
    event_window : int
        When above 0, only names that a favourable event touched within so many sessions are held.
    kind : {"cross-section", "time-series"}
        ``cross-section``: the names that rose most. ``time-series``: every name that rose, each with the same
        part of all eligible names whose return is known; the part of those that did not rise is cash.
    target_volatility : float or None
        Yearly volatility, as a fraction, at which a name keeps its weight; the weight is multiplied by it over
        the volatility of the last 60 returns of the name, at most by 2, and a name with fewer is not held. All
        weights are then cut in proportion to sum to at most 1. None leaves weights as they are.

    Raises
    ------
    BadParameter
        If a value is out of range.

    References
    ----------
    Jegadeesh, N. and Titman, S. (1993). Returns to Buying Winners and Selling Losers. Journal of Finance 48(1),
    65–91.
    """

    lookback: int = 126
    skip: int = 21
    top: int = 10
    event_window: int = 0
    kind: str = "cross-section"
    target_volatility: float | None = None

    def __post_init__(self) -> None:
        ranges.whole("lookback", self.lookback, least=2)
        ranges.whole("skip", self.skip, least=0)
        ranges.whole("top", self.top, most=1000)
        ranges.whole("event_window", self.event_window, least=0)
        ranges.choice("kind", self.kind, KINDS)
        ranges.fraction("target_volatility", self.target_volatility, most=10.0, optional=True)
        if self.skip >= self.lookback:
            raise BadParameter(f"skip is {self.skip} and lookback {self.lookback}: skip must be the smaller")

    def plan(self, market: Market, events: Events, eligible: pd.DataFrame) -> Weights:
        """Weights on the first session of each month."""
        import numpy as np
        import pandas as pd

        rows = month_starts(market.sessions)
        close = market.close.ffill(limit=STALE_SESSIONS)
        score = (close.shift(self.skip) / close.shift(self.lookback) - 1).where(close.notna() & eligible)
        values = score.to_numpy()[rows]
        gate = touched(market, events, self.event_window)[rows] if self.event_window else np.True_
        chosen = self._chosen(values, np.broadcast_to(gate, values.shape))
        weights = np.full(score.shape, np.nan)
        weights[rows] = chosen if self.target_volatility is None else self._scaled(chosen, market, rows)
        return Weights(pd.DataFrame(weights, index=market.sessions, columns=list(market.symbols)))

    def _chosen(self, returns: Numbers, gate: Booleans) -> Numbers:
        """Weights before scaling, of the shape of `returns`."""
        import numpy as np

        if self.kind == "time-series":
            known = (~np.isnan(returns)).sum(axis=1, keepdims=True).clip(min=1)
            return np.where(gate & (returns > 0), 1 / known, 0.0)
        weights = np.zeros(returns.shape)
        for row, scores in zip(weights, np.where(gate, returns, np.nan), strict=True):
            row[self._best(scores)] = 1 / self.top
        return weights

    def _best(self, scores: Numbers) -> Integers:
        """Columns of the highest scores; a stable sort breaks ties by symbol."""
        import numpy as np

        ranked = np.argsort(-scores, kind="stable")
        return ranked[~np.isnan(scores[ranked])][: self.top]

    def _scaled(self, weights: Numbers, market: Market, rows: Integers) -> Numbers:
        """Weights by volatility, each row summing to at most 1."""
        import numpy as np

        volatility = _volatility(market)[rows]
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.minimum((self.target_volatility or 0.0) / volatility, MOST_SCALE)
        scaled = weights * np.where(volatility > 0, scale, 0.0)
        return scaled / scaled.sum(axis=1, keepdims=True).clip(min=1)


def _volatility(market: Market) -> Numbers:
    """Yearly volatility of the last 60 own returns known after each row, shape (T, N); NaN where there are fewer."""
    import numpy as np
    import pandas as pd

    close = market.bars["close"].to_numpy()
    found = np.full(close.shape, np.nan)
    for column in range(close.shape[1]):
        own = np.flatnonzero(~np.isnan(close[:, column]))
        returns = pd.Series(close[own, column]).pct_change(fill_method=None)
        deviation = returns.rolling(VOLATILITY_RETURNS).std().to_numpy()
        seen = np.searchsorted(own, np.arange(len(close)), side="right")
        found[:, column] = np.r_[np.nan, deviation][seen]
    return found * np.sqrt(SESSIONS_PER_YEAR)


def touched(market: Market, events: Events, window: int) -> Booleans:
    """Whether a favourable event reacted in a name on a row or up to `window` − 1 rows before, shape (T, N)."""
    import numpy as np
    import pandas as pd

    from universes.exposure import exposures
    from universes.policy import known_at

    table = np.zeros((len(market.sessions), len(market.symbols)), dtype=bool)
    column = {symbol: at for at, symbol in enumerate(market.symbols)}
    instants = {event.event: pd.Timestamp(known_at(event)) for event in events}
    for item in exposures(events, market.universe):
        if item.symbol not in column or item.sign <= 0:
            continue
        exchange = str(market.lives["exchange"].iat[column[item.symbol]])
        row = market.clock.reaction_row(exchange, instants[item.event])
        if row is not None and row > market.clock.hours[exchange].rows[0]:
            table[row : row + window, column[item.symbol]] = True
    return table


STRATEGY = Momentum
