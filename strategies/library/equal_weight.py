"""Hold every eligible name in equal parts: what the universe itself did, after costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from strategies.plan import Weights
from strategies.schedule import month_starts

if TYPE_CHECKING:
    import pandas as pd

    from universes.panel import Market
    from universes.policy import Events


@dataclass(frozen=True, slots=True)
class EqualWeight:
    """All eligible names that trade, in equal parts, set anew on the first session of each month."""

    def plan(self, market: Market, events: Events, eligible: pd.DataFrame) -> Weights:  # noqa: ARG002
        """Equal weights on the first session of each month; events play no part."""
        chosen = (market.close.ffill(limit=10).notna() & eligible).astype(float)
        weights = chosen.div(chosen.sum(axis=1).clip(lower=1), axis=0)
        return Weights(weights.iloc[month_starts(market.sessions)].reindex(weights.index))


STRATEGY = EqualWeight
