"""Placebo dates: in how many random calendars of ordinary days the same firms moved as far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strategies.arrays import Booleans, Integers, Numbers
from strategies.placebo_days import FEWEST_DAYS, OrdinaryDays

DRAWS = 10_000
# Days of the primary window: calendars with two episodes nearer to one another than that are drawn anew.
WINDOW = 2
# Numbers that are drawn in one go.
CHUNK = 500_000
REDRAWS = 50
BINS = 40


@dataclass(frozen=True, slots=True)
class Placebo:
    """How the mean of K episodes compares with the means of random calendars.

    Parameters
    ----------
    episodes : int
        Episodes with ordinary days, of which a calendar takes one each.
    mean : float or None
        Of those episodes.
    p : float or None
        (1 + calendars whose mean is at least as far from zero) / (1 + calendars).
    draws, as_far : int
        Calendars drawn, and those as far.
    days : int
        Ordinary days of the middle episode.
    apart : int
        Sessions from every event of the same firms that make a day ordinary.
    edges, counts : tuple
        Histogram of the means.
    deviation : float or None
        Standard deviation of the means.
    reason : str
        Why there is no p; empty otherwise.
    """

    episodes: int = 0
    mean: float | None = None
    p: float | None = None
    draws: int = 0
    as_far: int = 0
    days: int = 0
    apart: int = 0
    edges: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    deviation: float | None = None
    reason: str = ""


def placebo(
    days: OrdinaryDays, *, draws: int = DRAWS, seed: int = 0, match_volatility: bool = False
) -> Placebo:
    """Share of random calendars in which the same portfolios have a mean as far from zero.

    A calendar puts every episode on one of its own ordinary days, no two within two sessions of one another. The test
    asks whether event days are unlike ordinary ones: where they are only more volatile, it says so too, and so it is
    read beside the date test.

    Parameters
    ----------
    days : OrdinaryDays
        Of K episodes.
    draws : int
        Calendars.
    seed : int
        Of the draws.
    match_volatility : bool
        Take only days before which the benchmark was as volatile as before the episode.

    Returns
    -------
    Placebo
        `reason` says why there is no p.
    """
    chosen = days.ordinary & days.calm if match_volatility else days.ordinary
    count = chosen.sum(axis=1)
    real = days.values[np.arange(len(days.values)), days.anchor] if len(days.values) else np.zeros(0)
    used = np.flatnonzero((count >= FEWEST_DAYS) & np.isfinite(real))
    reason = _why_not(days, count, used, draws)
    if reason:
        return Placebo(episodes=len(used), draws=0, apart=days.apart, reason=reason)
    mean = float(real[used].mean())
    means, crowded = _means(days.values[used], chosen[used], draws, seed)
    if crowded:
        return Placebo(episodes=len(used), apart=days.apart, reason=_crowded(used, count))
    far = int((np.abs(means) >= abs(mean) * (1 - 1e-12)).sum())
    counts, edges = np.histogram(means, bins=BINS)
    return Placebo(
        episodes=len(used),
        mean=mean,
        p=(1 + far) / (1 + draws),
        draws=draws,
        as_far=far,
        days=int(np.median(count[used])),
        apart=days.apart,
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
        deviation=float(means.std(ddof=1)) if draws > 1 else None,
    )


def _why_not(days: OrdinaryDays, count: Integers, used: Integers, draws: int) -> str:
    if draws < 1:
        return "no random calendars were asked for"
    if not len(days.values):
        return "no episode"
    if 2 * len(used) < len(count):
        most = int(count.max())
        return (
            f"too few ordinary days: {len(count) - len(used)} of {len(count)} episodes have fewer than {FEWEST_DAYS} "
            f"days that are {days.apart} sessions from every event of the same firms; the most is {most}"
        )
    return _crowded(used, count) if WINDOW * 4 * len(used) > int(count[used].max()) else ""


def _crowded(used: Integers, count: Integers) -> str:
    return (
        f"{len(used)} episodes do not fit apart from one another on their {int(count[used].min())} to "
        f"{int(count[used].max())} ordinary days"
    )


def _means(values: Numbers, chosen: Booleans, draws: int, seed: int) -> tuple[Numbers, int]:
    """Mean of each random calendar, shape (draws,), and how many have days that could not be held apart."""
    episodes = len(values)
    count = chosen.sum(axis=1)
    # Ordinary days of each episode, one after the other in one row.
    session = np.nonzero(chosen)[1]
    value = values[chosen]
    start = np.concatenate([[0], np.cumsum(count)[:-1]])
    means, crowded = np.empty(draws), 0
    step = max(CHUNK // episodes, 1)
    # How many are drawn in one go follows from the number of episodes alone.
    for number, first in enumerate(range(0, draws, step)):
        random = np.random.default_rng([seed, number])
        some = min(step, draws - first)
        place = start + (random.random((some, episodes)) * count).astype(np.int64)
        crowded += _apart(place, session, start, count, random)
        means[first : first + some] = value[place].mean(axis=1)
    return means, crowded


def _apart(
    place: Integers, session: Integers, start: Integers, count: Integers, random: np.random.Generator
) -> int:
    """Draw anew days that share a session of the window with another of their calendar; calendars still crowded."""
    rows = np.arange(len(place))
    for _ in range(REDRAWS):
        day = session[place[rows]]
        order = np.argsort(day, axis=1, kind="stable")
        near = np.diff(np.take_along_axis(day, order, axis=1), axis=1) < WINDOW
        row, at = np.nonzero(near)
        if not len(row):
            return 0
        column = order[row, at + 1]
        place[rows[row], column] = start[column] + (random.random(len(row)) * count[column]).astype(np.int64)
        rows = rows[np.unique(row)]
    return len(rows)
