"""Cross-sectional momentum: at each month's start hold the names that rose most, optionally only near events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from strategies import ranges
from strategies.plan import Weights
from strategies.schedule import month_starts
from universes.errors import BadParameter

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from universes.panel import Market
    from universes.policy import Events

# A name without a bar for longer than this is not ranked: its last price says nothing of today.
STALE_SESSIONS = 10


@dataclass(frozen=True, slots=True)
class Momentum:
    """Hold the `top` names by return over `lookback` sessions, the last `skip` left out, in equal parts.

    Parameters
    ----------
    lookback : int
        Sessions back to where the return begins.
    skip : int
        Latest sessions left out, since short-term moves tend to reverse.
    top : int
        How many names are held; with fewer to choose from, the rest is cash.
    event_window : int
        When above 0, only names that an event touched within so many sessions are held.

    Raises
    ------
    BadParameter
        If a value is out of range.

    References
    ----------
    Jegadeesh, N. and Titman, S. (1993). Returns to Buying Winners and Selling Losers. Journal of Finance 48(1), 65–91.
    """

    lookback: int = 126
    skip: int = 21
    top: int = 10
    event_window: int = 0

    def __post_init__(self) -> None:
        ranges.whole("lookback", self.lookback, least=2)
        ranges.whole("skip", self.skip, least=0)
        ranges.whole("top", self.top, most=1000)
        ranges.whole("event_window", self.event_window, least=0)
        if self.skip >= self.lookback:
            raise BadParameter(f"skip is {self.skip} and lookback {self.lookback}: skip must be the smaller")

    def plan(self, market: Market, events: Events, eligible: pd.DataFrame) -> Weights:
        """Equal weights of the best names, set on the first session of each month."""
        import numpy as np
        import pandas as pd

        close = market.close.ffill(limit=STALE_SESSIONS)
        score = (close.shift(self.skip) / close.shift(self.lookback) - 1).where(close.notna() & eligible)
        if self.event_window:
            score = score.where(touched(market, events, self.event_window))
        weights = np.full(score.shape, np.nan)
        values = score.to_numpy()
        for row in month_starts(market.sessions):
            weights[row] = 0.0
            weights[row, self._best(values[row])] = 1 / self.top
        return Weights(pd.DataFrame(weights, index=market.sessions, columns=list(market.symbols)))

    def _best(self, scores: np.ndarray) -> np.ndarray:
        """Columns of the highest scores; a stable sort breaks ties by symbol."""
        import numpy as np

        ranked = np.argsort(-scores, kind="stable")
        return ranked[~np.isnan(scores[ranked])][: self.top]


def touched(market: Market, events: Events, window: int) -> np.ndarray:
    """Whether an event reacted in a name on a row or up to `window` − 1 rows before, shape (T, N)."""
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
