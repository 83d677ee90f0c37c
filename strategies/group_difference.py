"""Whether one group of companies reacted differently from the rest, tested by dates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from strategies.arrays import Booleans, Integers, Numbers
from strategies.date_test import LEVEL, date_test
from strategies.multiplicity import holm
from strategies.window_test import WindowTest

FEWEST = 3
SAME_DATES, OTHER_DATES = "dates with both", "different dates"


@dataclass(frozen=True, slots=True)
class GroupDifference:
    """Reaction of one group less that of all others.

    Parameters
    ----------
    group : str
        Value of the tag.
    by : str
        ``dates with both``: the mean difference over the dates on which both reacted; ``different dates``: where there
        are fewer than three of those, dates with the group alone against dates with others alone.
    both, alone, others : int
        Dates with both, with the group alone, with others alone.
    mean, low, high : float or None
        Difference, as a fraction, and its 95 % interval.
    p, adjusted : float or None
        Two-sided; adjusted for all groups of the tag (Holm).
    reason : str
        Why there is none; empty otherwise.
    """

    group: str
    by: str = ""
    both: int = 0
    alone: int = 0
    others: int = 0
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    adjusted: float | None = None
    reason: str = ""


def differences(
    values: Numbers, episode: Integers, words: Sequence[str], order: Sequence[str]
) -> tuple[GroupDifference, ...]:
    """Each group against all others, by dates: names of one date share its shocks, and their difference does not.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Cumulative abnormal returns, NaN where missing.
    episode : ndarray of int, shape (n,)
        Episode of each.
    words : sequence of str, shape (n,)
        Group of each.
    order : sequence of str
        Groups, in the order of the result.
    """
    names = np.array(words, dtype=object)
    found = [_difference(name, values, episode, names == name) for name in order] if len(order) > 1 else []
    adjusted = holm([float("nan") if item.p is None else item.p for item in found])
    return tuple(
        replace(item, adjusted=None if math.isnan(p) else p)
        for item, p in zip(found, adjusted.tolist(), strict=True)
    )


def _difference(name: str, values: Numbers, episode: Integers, member: Booleans) -> GroupDifference:
    own, rest = (_by_date(values, episode, chosen) for chosen in (member, ~member))
    both = np.isfinite(own) & np.isfinite(rest)
    alone, others = own[np.isfinite(own) & ~both], rest[np.isfinite(rest) & ~both]
    counts = GroupDifference(name, both=int(both.sum()), alone=len(alone), others=len(others))
    if counts.both >= FEWEST:
        return _told(counts, SAME_DATES, date_test(own[both] - rest[both], 0, 0))
    if min(counts.alone, counts.others) >= FEWEST:
        return _told(counts, OTHER_DATES, _welch(alone, others))
    return replace(counts, reason=f"too few dates: {counts.both} with both, {FEWEST} wanted")


def _by_date(values: Numbers, episode: Integers, chosen: Booleans) -> Numbers:
    """Mean of the chosen firm-events by episode, NaN without one."""
    here = chosen & np.isfinite(values)
    count = int(episode.max()) + 1 if len(episode) else 0
    number = np.bincount(episode[here], minlength=count)
    total = np.bincount(episode[here], weights=values[here], minlength=count)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def _told(counts: GroupDifference, by: str, test: WindowTest) -> GroupDifference:
    return replace(counts, by=by, mean=test.mean, low=test.low, high=test.high, p=test.p, reason=test.reason)


def _welch(first: Numbers, second: Numbers) -> WindowTest:
    """Difference of two means of independent dates, with one degree of freedom less than the smaller number of dates.

    Welch's own count of degrees rejects too often with three dates on one side.

    References
    ----------
    Welch, B. L. (1947). The generalization of "Student's" problem when several different population variances are
    involved. Biometrika 34, 28–35. Ibragimov, R. and Müller, U. K. (2016). Inference with few heterogeneous clusters.
    Review of Economics and Statistics 98(1), 83–96.
    """
    from scipy.special import stdtr, stdtrit

    parts = [float(item.var(ddof=1)) / len(item) for item in (first, second)]
    mean, variance, count = float(first.mean() - second.mean()), sum(parts), len(first) + len(second)
    if variance < 1e-24:
        return WindowTest(0, 0, count, mean, reason="the dates of each have the same value")
    freedom = min(len(first), len(second)) - 1
    error = math.sqrt(variance)
    reach = float(stdtrit(freedom, 1 - LEVEL / 2)) * error
    p = float(2 * stdtr(freedom, -abs(mean) / error))
    return WindowTest(0, 0, count, mean, low=mean - reach, high=mean + reach, t=mean / error, p=p)
