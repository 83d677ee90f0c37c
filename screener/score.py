"""The alignment score: points of each known factor, and their sum."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import fsum
from typing import Any

from screener.factor import Factor, Judgement, factors
from universes.profile import Profile

LEAST_KNOWN = 3
# Points are whole multiples of this. Below 2**21 points such numbers add up without rounding in 53 bits, so that
# contributions sum to the score to the last bit, in any order.
GRAIN = 2.0**-32


@dataclass(frozen=True, slots=True)
class Scored:
    """One company on one date, with its score and where it comes from.

    Parameters
    ----------
    profile : Profile
        What was known.
    score : float
        From 0 to 100: the sum of `contributions`, to the last bit.
    contributions : dict of str to float
        Points of each known factor, by name.
    judgements : dict of str to Judgement
        What every factor said, known or not, by name.
    unknown : tuple of str
        Factors without a value, by name.
    """

    profile: Profile
    score: float
    contributions: dict[str, float]
    judgements: dict[str, Judgement]
    unknown: tuple[str, ...]

    def tags(self) -> dict[str, Any]:
        """Values that a filter may name: those of the profile, ``score``, and ``<factor>_points``."""
        points = {f"{name}_points": self.contributions.get(name) for name in self.judgements}
        return self.profile.tags() | points | {"score": self.score}


def scored(profile: Profile, among: Sequence[Factor] | None = None) -> Scored | None:
    """Score of a company: 100 times the weighted mean of the factors that are known.

    Each known factor contributes ``100 × weight × value / sum of the weights of known factors``, to within 2**-32 of
    a point: rounded so that the sum is the score to the nearest 2**-32, and 100 where all is aligned. An unknown
    factor neither helps nor harms.

    Parameters
    ----------
    profile : Profile
        What was known on a date.
    among : sequence of Factor, optional
        Factors to use; default all.

    Returns
    -------
    Scored or None
        None when fewer than three factors are known.
    """
    used = factors() if among is None else tuple(among)
    judgements = {factor.name: factor.judge(profile) for factor in used}
    weights = {factor.name: factor.weight for factor in used if judgements[factor.name].value is not None}
    if len(weights) < LEAST_KNOWN:
        return None
    total = fsum(weights.values())
    contributions = _whole(
        {name: 100 * weight * (judgements[name].value or 0.0) / total for name, weight in weights.items()}
    )
    unknown = tuple(name for name in judgements if name not in contributions)
    return Scored(profile, sum(contributions.values()), contributions, judgements, unknown)


def _whole(points: dict[str, float]) -> dict[str, float]:
    """Whole grains that sum to the nearest grain of the sum: the largest remainders are rounded up."""
    grains = {name: value / GRAIN for name, value in points.items()}
    floors = {name: int(value) for name, value in grains.items()}
    left = round(fsum(grains.values())) - sum(floors.values())
    upward = sorted(grains, key=lambda name: (floors[name] - grains[name], name))[:left]
    return {name: (floor + (name in upward)) * GRAIN for name, floor in floors.items()}


@cache
def version() -> str:
    """Twelve digits that change with any factor's name, weight or rule in words."""
    rules = repr([(factor.name, factor.weight, factor.doc) for factor in factors()])
    return hashlib.sha256(rules.encode()).hexdigest()[:12]
