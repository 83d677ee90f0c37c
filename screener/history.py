"""Scores over time: what each company's score would have been on many dates."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise

from screener.score import scored
from screener.weights import Weights
from universes.changes import change_dates
from universes.standing import standing
from universes.universe import Universe


def score_history(
    universe: Universe, dates: Sequence[date], weights: Weights | None = None
) -> Mapping[str, tuple[float | None, ...]]:
    """Alignment score of every company on each date, as known then.

    Parameters
    ----------
    universe : Universe
        N companies.
    dates : sequence of date
        T dates, increasing.
    weights : Weights, optional
        What each factor counts for; default the weights that stand with the factors.

    Returns
    -------
    mapping of str to tuple
        By company id, T scores from 0 to 100; None where the company is no trading member, or too little is known.
        The same as `screener.screen` gives on each date; evaluated only where something about a company changes.
    """
    days = list(dates)
    changes = change_dates(universe)
    return {
        company: tuple(_scores(universe, company, days, sorted(changes[company]), weights))
        for company in sorted(universe.companies)
    }


def _scores(
    universe: Universe,
    company: str,
    days: Sequence[date],
    changes: Sequence[date],
    weights: Weights | None,
) -> Iterator[float | None]:
    rows = sorted({0, *(bisect_left(days, on) for on in changes)} - {len(days)})
    for begin, end in pairwise([*rows, len(days)]):
        score = _score(universe, company, days[begin], weights)
        yield from (score,) * (end - begin)


def _score(universe: Universe, company: str, on: date, weights: Weights | None) -> float | None:
    if standing(universe, company, on).status != "alive":
        return None
    profile = universe.profile(company, on)
    found = scored(profile, weights=weights) if profile else None
    return found.score if found else None
