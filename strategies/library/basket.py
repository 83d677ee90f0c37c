"""Hold the best names by alignment score, with a margin before one is given up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from strategies import ranges
from strategies.plan import Weights
from strategies.schedule import PERIODS, starts
from universes.errors import BadParameter

if TYPE_CHECKING:
    import pandas as pd

    from strategies.arrays import Integers, Numbers
    from universes.panel import Market
    from universes.policy import Events

WEIGHTINGS = ("equal", "score")
# A name without a bar for longer than this is not ranked: its last price says nothing of today.
STALE_SESSIONS = 10


@dataclass(frozen=True, slots=True)
class Basket:
    """A name enters when it is among the best `top` by score, and stays while it is among the best `keep`.

    So between `top` and `keep` names are held, fewer only where fewer can be; what a basket of fewer than `top`
    lacks is cash. Equal scores rank in the order of their symbols.

    Parameters
    ----------
    top : int
        Rank down to which a name enters.
    keep : int
        Rank down to which a name stays; more than `top`.
    every : {"month", "quarter"}
        The basket is set on the first session of each.
    weighting : {"equal", "score"}
        Equal parts, or parts in proportion to the score.

    Raises
    ------
    BadParameter
        If a value is out of range.
    """

    top: int = 10
    keep: int = 15
    every: str = "quarter"
    weighting: str = "equal"

    def __post_init__(self) -> None:
        ranges.whole("top", self.top, most=1000)
        ranges.whole("keep", self.keep, most=10_000)
        ranges.choice("every", self.every, PERIODS)
        ranges.choice("weighting", self.weighting, WEIGHTINGS)
        if self.keep <= self.top:
            raise BadParameter(f"keep is {self.keep} and top {self.top}: keep must be the larger")

    def plan(
        self,
        market: Market,
        events: Events,  # noqa: ARG002
        eligible: pd.DataFrame,
        scores: pd.DataFrame | None = None,
    ) -> Weights:
        """Weights on the first session of each period; events play no part.

        Parameters
        ----------
        market, events, eligible
            As for every strategy.
        scores : DataFrame of shape (T, N)
            Alignment score as known after each session, NaN where there is none, as `screener.score_table`
            gives.

        Raises
        ------
        BadParameter
            If there are no scores, or not the market's.
        """
        import numpy as np
        import pandas as pd

        fresh = market.close.ffill(limit=STALE_SESSIONS).notna()
        ranked = _of_market(scores, market).where(fresh & eligible).to_numpy()
        weights = np.full(ranked.shape, np.nan)
        held = np.array([], dtype=np.int64)
        for row in starts(market.sessions, self.every):
            held = self._held(ranked[row], held)
            weights[row] = 0.0
            weights[row, held] = self._weights(ranked[row, held])
        return Weights(pd.DataFrame(weights, index=market.sessions, columns=list(market.symbols)))

    def _held(self, scores: Numbers, before: Integers) -> Integers:
        """Columns held after a row, best first; a stable sort breaks ties by symbol."""
        import numpy as np

        ranked = np.argsort(-scores, kind="stable")
        ranked = ranked[~np.isnan(scores[ranked])][: self.keep]
        stays = np.isin(ranked, before) | (np.arange(len(ranked)) < self.top)
        return ranked[stays]

    def _weights(self, scores: Numbers) -> Numbers:
        import numpy as np

        part = min(1.0, len(scores) / self.top)
        if self.weighting == "equal" or not scores.sum() > 0:
            return np.full(len(scores), part / max(len(scores), 1))
        return part * scores / scores.sum()


def _of_market(scores: pd.DataFrame | None, market: Market) -> pd.DataFrame:
    if scores is None:
        raise BadParameter("basket needs scores: give scores=screener.score_table(market)")
    if not scores.index.equals(market.sessions) or not set(market.symbols) <= set(scores.columns):
        raise BadParameter(
            f"scores has shape {scores.shape}; it must have the market's {len(market.sessions)} sessions and "
            f"{len(market.symbols)} symbols: make it with screener.score_table(market)"
        )
    return scores.reindex(columns=list(market.symbols))


STRATEGY = Basket
