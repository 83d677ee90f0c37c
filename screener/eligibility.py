"""Where a filter holds, session by session: what a strategy may buy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import pandas as pd

    from screener.weights import Weights
    from universes.expression import Expression
    from universes.panel import Market
    from universes.universe import Universe


def eligibility(
    market: Market, expression: str | Sequence[str], *, weights: Weights | None = None
) -> pd.DataFrame:
    """Whether each name would pass a screen with a filter after each session.

    Row t is what `screener.screen` says on the date of session t: only facts with `known_from` on or before that
    date count, the name must be a member with at least three known factors, and the symbol must be the one that its
    company trades under. A symbol that two companies had at different times is eligible only while the company whose
    prices these are has it. Evaluated where something about a company changes, and carried forward in between.

    Parameters
    ----------
    market : Market
        T sessions, N symbols, controls among them.
    expression : str or sequence of str
        A filter on companies, as ``"score >= 60"``, or several that must all hold.
    weights : Weights, optional
        What each factor of the score counts for; default the weights that stand with the factors.

    Returns
    -------
    DataFrame of bool, shape (T, N)
        False where unknown; controls are never eligible.

    Raises
    ------
    BadExpression
        If a filter does not parse or type-check.
    """
    import numpy as np
    import pandas as pd

    # Imported here, as the façade imports this module and `lodestone --help` must not wait for facts.
    from screener.ranking import parse_where
    from universes.changes import change_dates, spells

    tests = parse_where(expression)
    held = np.zeros((len(market.sessions), len(market.symbols)), dtype=bool)
    days = [stamp.date() for stamp in market.sessions]
    changes = change_dates(market.universe)
    for number, symbol in enumerate(market.symbols):
        if not market.lives.at[symbol, "control"]:
            company = str(market.lives.at[symbol, "company"])
            for begin, end in spells(changes[company], days):
                held[begin:end, number] = _passes(
                    market.universe, company, symbol, tests, days[begin], weights
                )
    return pd.DataFrame(held, index=market.sessions, columns=pd.Index(market.symbols, name="symbol"))


def _passes(
    universe: Universe,
    company: str,
    symbol: str,
    tests: Sequence[Expression],
    on: date,
    weights: Weights | None,
) -> bool:
    from screener.score import scored
    from universes.standing import standing

    if standing(universe, company, on).status != "alive":
        return False
    profile = universe.profile(company, on)
    if profile is None or profile.listing.symbol != symbol:
        return False
    score = scored(profile, weights=weights)
    if score is None:
        return False
    tags = score.tags()
    return all(test.holds(tags) for test in tests)
