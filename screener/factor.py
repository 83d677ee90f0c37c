"""What a factor of the alignment score is: a name, a weight, and a judgement of one company with its reasons.

A factor is a file of `screener/factors/` with a constant `FACTOR`; its file name is the name users type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import fsum

from universes import plugins
from universes.facts import Fact
from universes.profile import Profile

PACKAGE = "screener.factors"
# Where the fact tables begin.
LEAST_DATE = date(2010, 1, 1)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one factor says of one company on one date.

    Parameters
    ----------
    value : float or None
        From 0 (not aligned) to 1; None when what it rests on is unknown.
    sentence : str
        The reason, one plain sentence.
    facts : tuple of Fact
        Rows of the fact tables that the value rests on; all known on the profile's date.
    """

    value: float | None
    sentence: str
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Factor:
    """One part of the alignment score.

    Parameters
    ----------
    name : str
        Name users type; the file's.
    weight : float
        Share of the whole score, above 0; the weights of all factors sum to 1.
    doc : str
        The rule in plain words, with its numbers.
    judge : callable
        From a `Profile` to a `Judgement`; reads nothing else.
    """

    name: str
    weight: float
    doc: str
    judge: Callable[[Profile], Judgement]


@cache
def factors() -> tuple[Factor, ...]:
    """Every factor, by name."""
    return tuple(plugins.load(PACKAGE, name, "FACTOR", "factor") for name in plugins.names(PACKAGE))


def weighted_mean(pairs: Iterable[tuple[float, float]]) -> float | None:
    """Mean of values with their weights, 0 to 1; None when no weight is above zero.

    Parameters
    ----------
    pairs : iterable of (weight, value)
        Values from 0 to 1.
    """
    known = tuple(pairs)
    total = fsum(weight for weight, _ in known)
    if total <= 0:
        return None
    return min(1.0, fsum(weight * value for weight, value in known) / total)


def percent(fraction: float) -> str:
    """A fraction as printed in sentences: ``"45 %"``; below one per cent, with one digit more."""
    return f"{100 * fraction:.1f} %" if 0 < fraction < 0.01 else f"{100 * fraction:.0f} %"
