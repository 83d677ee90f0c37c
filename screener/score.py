"""The alignment score: points of each known factor, and their sum."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import fsum
from typing import Any

from screener.factor import Factor, Judgement, factors
from screener.weights import Weights
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
        Factors without a value, by name; those of weight 0 are not asked for.
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


def scored(
    profile: Profile, among: Sequence[Factor] | None = None, weights: Weights | None = None
) -> Scored | None:
    """Score of a company: 100 times the weighted mean of the factors that are known.

    Each known factor contributes ``100 × weight × value / sum of the weights of known factors``, to within 2**-32 of
    a point: rounded so that the sum is the score to the nearest 2**-32, and 100 where all is aligned. An unknown
    factor neither helps nor harms; one of weight 0 is left out, known or not.

    Parameters
    ----------
    profile : Profile
        What was known on a date.
    among : sequence of Factor, optional
        Factors to use; default all.
    weights : Weights, optional
        What each counts for; default the weight that stands with it.

    Returns
    -------
    Scored or None
        None when fewer than three factors are known, or not all of them where fewer than three have a weight.
    """
    used = factors() if among is None else tuple(among)
    judgements = {factor.name: factor.judge(profile) for factor in used}
    counted = {name: weight for name, weight in _by_factor(used, weights).items() if weight > 0}
    known = {name: weight for name, weight in counted.items() if judgements[name].value is not None}
    if len(known) < least_known(weights):
        return None
    total = fsum(known.values())
    contributions = _whole(
        {name: 100 * weight * (judgements[name].value or 0.0) / total for name, weight in known.items()}
    )
    unknown = tuple(name for name in counted if name not in known)
    return Scored(profile, sum(contributions.values()), contributions, judgements, unknown)


def least_known(weights: Weights | None) -> int:
    """How many factors must be known for a score: three, or all that have a weight where those are fewer."""
    return LEAST_KNOWN if weights is None else min(LEAST_KNOWN, len(weights.used))


def _by_factor(among: Sequence[Factor], weights: Weights | None) -> Mapping[str, float]:
    own = {item.name: item.weight for item in among}
    return own if weights is None else {name: weights.by_factor[name] for name in own}


def _whole(points: dict[str, float]) -> dict[str, float]:
    """Whole grains that sum to the nearest grain of the sum: the largest remainders are rounded up."""
    grains = {name: value / GRAIN for name, value in points.items()}
    floors = {name: int(value) for name, value in grains.items()}
    left = round(fsum(grains.values())) - sum(floors.values())
    upward = sorted(grains, key=lambda name: (floors[name] - grains[name], name))[:left]
    return {name: (floor + (name in upward)) * GRAIN for name, floor in floors.items()}


@cache
def version(weights: Weights | None = None) -> str:
    """Twelve digits that change with any factor's name, weight or rule in words.

    Parameters
    ----------
    weights : Weights, optional
        In place of those that stand with the factors; their name does not matter.
    """
    counted = _by_factor(factors(), weights)
    rules = repr([(factor.name, counted[factor.name], factor.doc) for factor in factors()])
    return hashlib.sha256(rules.encode()).hexdigest()[:12]
