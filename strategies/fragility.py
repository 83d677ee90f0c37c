"""How much of a result hangs on one date, on one firm, on the run-up, or on what nobody could trade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from strategies.arrays import Integers, Numbers
from strategies.date_test import date_test
from strategies.episodes import means

# Below this a sum is too near zero for a share of it to say anything: a basis point.
LEAST_TOTAL = 1e-4
# Parts that go opposite ways and leave less than this of their sizes have no share that says anything.
LEAST_LEFT = 0.25


@dataclass(frozen=True, slots=True)
class LeaveOneOut:
    """The mean of K episodes with each left out in turn.

    Parameters
    ----------
    low, high : float or None
        Smallest and largest mean.
    worst_p : float or None
        Largest p of the date test.
    changes_sign : bool
        Whether one date alone decides the sign.
    pivotal : int or None
        Place of the episode without which p is largest.
    reason : str
        Why there is none; empty otherwise.
    """

    low: float | None = None
    high: float | None = None
    worst_p: float | None = None
    changes_sign: bool = False
    pivotal: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, or why it cannot be told.

    Parameters
    ----------
    value : float or None
        As a fraction; it may leave 0 to 1 where parts have different signs.
    of : str
        Which date or firm, where it is about one.
    reason : str
        Why there is none; empty otherwise.
    """

    value: float | None = None
    of: str = ""
    reason: str = ""


def leave_one_out(values: Sequence[float] | Numbers) -> LeaveOneOut:
    """Range of the mean, and the worst p, whichever episode is left out.

    Parameters
    ----------
    values : sequence of float, shape (K,)
        One number an episode; NaN is left out.
    """
    given = np.asarray(values, dtype=float)
    places = np.flatnonzero(np.isfinite(given))
    if len(places) < 2:
        return LeaveOneOut(reason=f"{len(places)} episodes: leaving one out needs two")
    known = given[places]
    tests = [date_test(np.delete(known, at), 0, 1) for at in range(len(known))]
    found = [item.mean or 0.0 for item in tests]
    p = [1.0 if item.p is None else item.p for item in tests]
    worst = int(np.argmax(p))
    return LeaveOneOut(
        low=min(found),
        high=max(found),
        worst_p=None if all(item.p is None for item in tests) else p[worst],
        changes_sign=bool(min(found) * known.mean() <= 0 or max(found) * known.mean() <= 0),
        pivotal=int(places[worst]),
    )


def largest_share(values: Sequence[float] | Numbers, names: Sequence[str]) -> Share:
    """Part of all that moved the mean's way that came from one date or firm.

    Parameters
    ----------
    values : sequence of float, shape (M,)
        What each adds to the mean; NaN adds nothing.
    names : sequence of str, shape (M,)
        Whose that is.
    """
    known = np.nan_to_num(np.asarray(values, dtype=float))
    sign = 1.0 if known.sum() >= 0 else -1.0
    parts = np.maximum(sign * known, 0.0)
    if parts.sum() < LEAST_TOTAL * 1e-6:
        return Share(reason="nothing moved")
    at = int(np.argmax(parts))
    return Share(float(parts[at] / parts.sum()), names[at])


def firm_parts(car: Numbers, episode: Integers, firm: Sequence[str]) -> tuple[Numbers, tuple[str, ...]]:
    """What each firm adds to the mean over episodes, and the firms by name.

    An episode counts 1/K, and a firm-event of it 1 over how many of it have a number: the parts of all firms sum to
    the mean.

    Parameters
    ----------
    car : ndarray of shape (n,)
        Cumulative abnormal returns, NaN where missing.
    episode : ndarray of int, shape (n,)
        Of each firm-event.
    firm : sequence of str, shape (n,)
        Of each firm-event.
    """
    here = np.isfinite(car)
    names, number = np.unique(np.asarray(firm, dtype=object)[here].astype(str), return_inverse=True)
    members = np.bincount(episode[here])
    weight = 1 / members[episode[here]] / max(int((members > 0).sum()), 1)
    parts: Numbers = np.zeros(len(names))
    np.add.at(parts, number, car[here] * weight)
    return parts, tuple(names.tolist())


def tradable_share(gap: Numbers, after: Numbers, episode: Integers) -> Share:
    """Part of the reaction that came after the first open at which one could trade.

    Parameters
    ----------
    gap : ndarray of shape (n,)
        From the last close before the news to that open, NaN where missing.
    after : ndarray of shape (n,)
        From that open to the close of day 1.
    episode : ndarray of int, shape (n,)
        Of each firm-event.

    Returns
    -------
    Share
        Mean over episodes of `after`, over that of both; above 1 where the gap went the other way.
    """
    both = np.isfinite(gap) & np.isfinite(after)
    if not both.any():
        return Share(reason="no firm-event has an open and both closes")
    _, number = np.unique(episode[both], return_inverse=True)
    before, later = (float(means(part[both], number).mean()) for part in (gap, after))
    return _share(later, before + later, "the reaction")


def run_up_share(run_up: Numbers, reaction: Numbers) -> Share:
    """Part of run-up and reaction together that came before the news.

    Parameters
    ----------
    run_up, reaction : ndarray of shape (K,)
        One number an episode, NaN where missing.
    """
    both = np.isfinite(run_up) & np.isfinite(reaction)
    if not both.any():
        return Share(reason="no episode has both")
    early, late = float(run_up[both].mean()), float(reaction[both].mean())
    return _share(early, early + late, "run-up and reaction together")


def _share(part: float, whole: float, what: str) -> Share:
    if abs(whole) < LEAST_TOTAL:
        return Share(reason=f"{what} is too near zero to divide")
    if abs(whole) < LEAST_LEFT * (abs(part) + abs(whole - part)):
        return Share(reason=f"the parts of {what} go opposite ways: {part:+.1%} and {whole - part:+.1%}")
    return Share(part / whole)


def winsorised_mean(values: Sequence[float] | Numbers, share: float = 0.1) -> float | None:
    """Mean with the lowest and highest tenth pulled in to the next; None of no value.

    Parameters
    ----------
    values : sequence of float, shape (K,)
        NaN is left out.
    share : float
        Of each end.
    """
    known = np.sort(np.asarray(values, dtype=float))
    known = known[np.isfinite(known)]
    if not len(known):
        return None
    cut = int(share * len(known))
    return float(np.clip(known, known[cut], known[len(known) - 1 - cut]).mean())


@dataclass(frozen=True, slots=True)
class VarianceRatio:
    """Whether episodes differ more than ordinary days do.

    Parameters
    ----------
    ratio : float or None
        Variance of the episodes over that of ordinary days.
    p : float or None
        Chance of so large a ratio if both were the same, for normal returns: (K − 1) × ratio against chi-squared.
    reason : str
        Why there is none; empty otherwise.
    """

    ratio: float | None = None
    p: float | None = None
    reason: str = ""


def variance_ratio(values: Sequence[float] | Numbers, ordinary: Sequence[float] | Numbers) -> VarianceRatio:
    """Variance of K episodes over the mean variance of the same portfolios on ordinary days.

    Parameters
    ----------
    values : sequence of float, shape (K,)
        One number an episode; NaN is left out.
    ordinary : sequence of float, shape (K,)
        Variance of each episode's portfolio on its ordinary days.
    """
    from scipy.special import chdtrc

    known, usual = (np.asarray(item, dtype=float) for item in (values, ordinary))
    here = np.isfinite(known) & np.isfinite(usual)
    count = int(here.sum())
    if count < 2:
        return VarianceRatio(reason=f"{count} episodes: a variance needs two")
    base = float(usual[here].mean())
    if base <= 0:
        return VarianceRatio(reason="ordinary days have no variance")
    ratio = float(known[here].var(ddof=1)) / base
    return VarianceRatio(ratio, float(chdtrc(count - 1, (count - 1) * ratio)))
