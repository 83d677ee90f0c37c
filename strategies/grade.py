"""The grade of a study and its verdict: rules, not judgement, in words that a layman understands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from strategies.arrays import Numbers
from strategies.date_test import LEVEL, without_each
from strategies.window_test import WindowTest

NO_CONCLUSION = "no conclusion possible"
CHANCE = "not distinguishable from chance"
VOLATILE = "more volatile, no direction"
FEW_DATES = "unusual, but on too few dates"
SUGGESTIVE = "suggestive"
CONSISTENT = "consistent"
GRADES = (NO_CONCLUSION, CHANCE, VOLATILE, FEW_DATES, SUGGESTIVE, CONSISTENT)

FEWEST_EPISODES, ENOUGH_EPISODES, MANY_EPISODES = 3, 6, 10
# A policy event that moves miners by more than this in two days is rare; a study that could only see effects
# three times as large sees nothing.
PLAUSIBLE_EFFECT = 0.05
LEVEL_WITHOUT_ONE = 0.10
STRICT_LEVEL = 0.01
# Normal-return models that must agree, the study's own among them, and the share that could be earned.
AGREEING_MODELS, TRADABLE = 3, 0.5


@dataclass(frozen=True, eq=False)
class Grounds:
    """What a grade rests on, all of the primary window.

    Parameters
    ----------
    test : WindowTest
        Date-level test.
    values : sequence of float, shape (K,)
        The numbers it rests on, one an episode.
    sign_flip, placebo, adjusted : float or None
        p of the sign-flip test, of random calendars, and of the sign-flip test allowing for all windows; None where
        they cannot be had.
    models : tuple of WindowTest
        The same window under other models of normal returns.
    tradable : float or None
        Share of the reaction that came after the first open.
    """

    test: WindowTest
    values: Sequence[float] | Numbers
    sign_flip: float | None = None
    placebo: float | None = None
    adjusted: float | None = None
    models: tuple[WindowTest, ...] = ()
    tradable: float | None = None


def grade(grounds: Grounds) -> str:
    """Grade of a study, by rules alone; docs/study.md has them as a table.

    Parameters
    ----------
    grounds : Grounds
        Its tests.
    """
    test, few = grounds.test, grounds.test.episodes < ENOUGH_EPISODES
    if few and _below(grounds.placebo, LEVEL):
        return FEW_DATES
    if test.episodes < FEWEST_EPISODES or not _sees(test):
        return NO_CONCLUSION
    if not (_below(test.p, LEVEL) and (few or _below(grounds.sign_flip, LEVEL))):
        return VOLATILE if _below(grounds.placebo, LEVEL) else CHANCE
    if not (_may(grounds.placebo, LEVEL) and _may(grounds.adjusted, LEVEL)):
        return CHANCE
    if few or not is_stable(test, grounds.values):
        return FEW_DATES
    return CONSISTENT if _is_consistent(grounds) else SUGGESTIVE


def _sees(test: WindowTest) -> bool:
    """Whether an effect that is plausible could be found, or one three times as large."""
    return test.detectable is not None and test.detectable <= 3 * PLAUSIBLE_EFFECT


def _is_consistent(grounds: Grounds) -> bool:
    strict = all(_below(p, STRICT_LEVEL) for p in (grounds.sign_flip, grounds.placebo, grounds.adjusted))
    earned = grounds.tradable is not None and grounds.tradable >= TRADABLE
    return grounds.test.episodes >= MANY_EPISODES and strict and earned and _agree(grounds)


def _agree(grounds: Grounds) -> bool:
    """Whether enough models of normal returns find the same sign, each with p below 0.05."""
    sign = grounds.test.mean or 0.0
    agreeing = [item for item in grounds.models if _below(item.p, LEVEL) and (item.mean or 0.0) * sign > 0]
    return len(agreeing) == len(grounds.models) >= AGREEING_MODELS - 1


def _below(p: float | None, level: float) -> bool:
    return p is not None and p < level


def _may(p: float | None, level: float) -> bool:
    """Whether a test that may not be there stands in the way."""
    return p is None or p < level


def is_stable(test: WindowTest, values: Sequence[float] | Numbers) -> bool:
    """Whether the sign stays and p is below 0.10 whichever episode is left out."""
    others = without_each(values)
    return all(
        item.mean is not None
        and test.mean is not None
        and item.mean * test.mean > 0
        and (item.p is None or item.p < LEVEL_WITHOUT_ONE)
        for item in others
    )


def verdict(given: str, grounds: Grounds, firm_events: int, dropped: int) -> str:
    """Two to four sentences: what was measured, how sure it is, and what it does not show.

    Parameters
    ----------
    given : str
        The grade.
    grounds : Grounds
        What it rests on.
    firm_events, dropped : int
        How many firm-events were used and how many not.
    """
    test = grounds.test
    if test.mean is None or not test.episodes:
        return _nothing_left(dropped)
    size = _size(test, firm_events)
    if given == NO_CONCLUSION:
        return f"No conclusion is possible: {_why_not(test)}. {size}"
    return f"{size} {_chance(given, grounds)} {_closing(given, grounds)}"


def _chance(given: str, grounds: Grounds) -> str:
    """How often chance alone does as much: of random calendars where they tell, else of studies without an effect."""
    if given == VOLATILE or (given == FEW_DATES and _below(grounds.placebo, LEVEL)):
        count = grounds.test.episodes
        sets = "ordinary days" if count == 1 else f"random sets of {count} dates"
        return f"Moves this large appear in {frequency(grounds.placebo, sets)}."
    p = max(item for item in (grounds.test.p, grounds.sign_flip, 0.0) if item is not None)
    told = f"A mean this far from zero appears in {frequency(p)} of this size when the events do nothing"
    if grounds.placebo is None:
        return f"{told}."
    return f"{told}, and in {frequency(grounds.placebo, 'random calendars')}."


def frequency(p: float | None, what: str = "studies") -> str:
    """A p value as a frequency: ``about 1 of 40 studies``.

    Parameters
    ----------
    p : float or None
        Chance.
    what : str
        Of what, in the plural.
    """
    if p is None:
        return f"an unknown share of {what}"
    if p < 0.0005:
        return f"fewer than 1 of 2,000 {what}"
    if p < 0.3:
        return f"about 1 of {_round(1 / p):,} {what}"
    if p < 0.95:
        return f"about {min(round(p * 10), 9)} of 10 {what}"
    return f"nearly all {what}"


def _round(count: float) -> int:
    """Two figures are all that a frequency can bear."""
    return int(round(count) if count < 100 else round(count, -1 if count < 1000 else -2))


def _nothing_left(dropped: int) -> str:
    if not dropped:
        return "No conclusion is possible: there is no event. K = 0 episodes, n = 0 firm-events."
    return (
        f"No conclusion is possible: K = 0 episodes and n = 0 firm-events are left, as each of the {dropped:,} "
        "was dropped. The list of dropped firm-events has the reasons."
    )


def _size(test: WindowTest, firm_events: int) -> str:
    dates = "independent date" if test.episodes == 1 else "independent dates"
    way = "as" if (test.mean or 0.0) >= 0 else "against what"
    where = f"K = {test.episodes:,} {dates}, n = {firm_events:,} firm-events"
    moved = (
        f"On the reaction session and the one after it the companies moved {percent(test.mean)} on average, "
        f"beyond their benchmark, {way} the events' direction says ({where}"
    )
    between = "" if test.low is None else f"; 95 % interval {percent(test.low)} to {percent(test.high)}"
    return f"{moved}{between})."


def _why_not(test: WindowTest) -> str:
    if test.episodes < FEWEST_EPISODES:
        dates = "one independent date" if test.episodes == 1 else "two independent dates"
        return f"{dates} cannot show what was the cause or that it will repeat, and {FEWEST_EPISODES} is the least"
    if test.detectable is None:
        return test.reason
    least = percent(test.detectable, signed=False)
    return f"on so few and so different dates only a mean beyond {least} would usually be found"


def _closing(given: str, grounds: Grounds) -> str:
    test = grounds.test
    if given == CHANCE:
        return (
            "This does not show that the events do nothing: a mean below "
            f"{percent(test.detectable, signed=False)} would usually be missed."
        )
    if given == VOLATILE:
        return "The dates are more volatile than others; nothing shows that they move in one direction."
    if given == FEW_DATES:
        return _too_few(test)
    others = "Other news of the same dates may still be the cause, and the past need not repeat."
    if given == CONSISTENT:
        return f"Other models of normal returns agree, and half of it or more came after the first open. {others}"
    return f"The sign holds whichever date is left out. {others}"


def _too_few(test: WindowTest) -> str:
    if test.episodes == 1:
        return "One date cannot show that the policy caused it or that it will repeat."
    if test.episodes < ENOUGH_EPISODES:
        return f"That is unusual, but {test.episodes} dates are too few to lean on: {ENOUGH_EPISODES} is the least."
    return "That is unusual, but it rests on single dates: without one of them it could well be chance."


def percent(value: float | None, *, signed: bool = True) -> str:
    """A fraction as per cent with one decimal: ``+1.1 %``."""
    if value is None:
        return "n/a"
    # Adding zero turns a rounded -0.0 into 0.0.
    shown = round(value * 100, 1) + 0.0
    return f"{shown:+.1f} %" if signed else f"{shown:.1f} %"
