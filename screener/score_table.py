"""Alignment scores, session by session: what a strategy may rank and size by."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from screener.weights import Weights
    from universes.panel import Market
    from universes.universe import Universe


def score_table(market: Market, *, weights: Weights | None = None) -> pd.DataFrame:
    """Score of each name as known after each session.

    Row t is what `screener.screen` says on the date of session t: only facts with `known_from` on or before
    that date count. Evaluated where something about a company changes, and carried forward in between.

    Parameters
    ----------
    market : Market
        T sessions, N symbols, controls among them.
    weights : Weights, optional
        What each factor of the score counts for; default the weights that stand with the factors.

    Returns
    -------
    DataFrame of float, shape (T, N)
        From 0 to 100. NaN while the company is no member, has fewer than three known factors or trades under
        another symbol, and for controls.
    """
    import numpy as np
    import pandas as pd

    # Imported here, as the façade imports this module and `lodestone --help` must not wait for facts.
    from universes.changes import change_dates, spells

    scores = np.full((len(market.sessions), len(market.symbols)), np.nan)
    days = [stamp.date() for stamp in market.sessions]
    changes = change_dates(market.universe)
    for number, symbol in enumerate(market.symbols):
        if not market.lives.at[symbol, "control"]:
            company = str(market.lives.at[symbol, "company"])
            for begin, end in spells(changes[company], days):
                scores[begin:end, number] = _score(market.universe, company, symbol, days[begin], weights)
    return pd.DataFrame(scores, index=market.sessions, columns=pd.Index(market.symbols, name="symbol"))


def _score(universe: Universe, company: str, symbol: str, on: date, weights: Weights | None) -> float:
    """Score on a date; NaN where there is none."""
    from screener.score import scored
    from universes.standing import standing

    if standing(universe, company, on).status != "alive":
        return float("nan")
    profile = universe.profile(company, on)
    if profile is None or profile.listing.symbol != symbol:
        return float("nan")
    found = scored(profile, weights=weights)
    return float("nan") if found is None else found.score
