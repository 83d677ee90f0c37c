"""The grade of a study and its verdict: rules, not judgement, in words that a layman understands."""

from __future__ import annotations

from collections.abc import Sequence

from strategies.arrays import Numbers
from strategies.date_test import LEVEL, without_each
from strategies.evidence import WindowTest

NO_CONCLUSION = "no conclusion possible"
CHANCE = "not distinguishable from chance"
FEW_DATES = "unusual, but on too few dates"
SUGGESTIVE = "suggestive"
GRADES = (NO_CONCLUSION, CHANCE, FEW_DATES, SUGGESTIVE)

FEWEST_EPISODES, ENOUGH_EPISODES = 3, 6
# A policy event that moves miners by more than this in two days is rare; a study that could only see effects
# three times as large sees nothing.
PLAUSIBLE_EFFECT = 0.05
LEVEL_WITHOUT_ONE = 0.10


def grade(test: WindowTest, values: Sequence[float] | Numbers) -> str:
    """Grade of the primary window.

    Parameters
    ----------
    test : WindowTest
        Its date-level test.
    values : sequence of float, shape (K,)
        The numbers it rests on, one an episode.

    Returns
    -------
    str
        ``no conclusion possible``: fewer than 3 episodes, or only a mean above 15 % could be found.
        ``not distinguishable from chance``: p is 0.05 or more. ``suggestive``: p below 0.05 on 6 episodes or
        more, and with any one of them left out the sign stays and p is below 0.10.
        ``unusual, but on too few dates``: p below 0.05 otherwise.
    """
    if test.episodes < FEWEST_EPISODES or test.p is None or test.detectable is None:
        return NO_CONCLUSION
    if test.detectable > 3 * PLAUSIBLE_EFFECT:
        return NO_CONCLUSION
    if test.p >= LEVEL:
        return CHANCE
    return SUGGESTIVE if test.episodes >= ENOUGH_EPISODES and is_stable(test, values) else FEW_DATES


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


def verdict(given: str, test: WindowTest, firm_events: int, dropped: int) -> str:
    """Two to four sentences: what was measured, how sure it is, and what it does not show.

    Parameters
    ----------
    given : str
        The grade.
    test : WindowTest
        Test of the primary window.
    firm_events, dropped : int
        How many firm-events were used and how many not.
    """
    if test.mean is None or not test.episodes:
        return _nothing_left(dropped)
    size = _size(test, firm_events)
    if given == NO_CONCLUSION:
        return f"No conclusion is possible: {_why_not(test)}. {size}"
    chance = (
        f"A mean this far from zero appears in {frequency(test.p)} of this size when the events do nothing."
    )
    return f"{size} {chance} {_closing(given, test)}"


def frequency(p: float | None) -> str:
    """A p value as a frequency: ``about 1 of 40 studies``."""
    if p is None:
        return "an unknown share of studies"
    if p < 0.0005:
        return "fewer than 1 of 2,000 studies"
    if p < 0.3:
        return f"about 1 of {_round(1 / p):,} studies"
    if p < 0.95:
        return f"about {min(round(p * 10), 9)} of 10 studies"
    return "nearly every study"


def _round(count: float) -> int:
    """Two figures are all that a frequency can bear."""
    return int(round(count) if count < 100 else round(count, -1 if count < 1000 else -2))


def _nothing_left(dropped: int) -> str:
    if not dropped:
        return "No conclusion is possible: there is no event. K = 0 episodes, n = 0 firm-events."
    return (
        f"No conclusion is possible: K = 0 episodes and n = 0 firm-events are left, as each of the {dropped} "
        "was dropped. The list of dropped firm-events has the reasons."
    )


def _size(test: WindowTest, firm_events: int) -> str:
    dates = "independent date" if test.episodes == 1 else "independent dates"
    way = "as" if (test.mean or 0.0) >= 0 else "against what"
    where = f"K = {test.episodes} {dates}, n = {firm_events} firm-events"
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


def _closing(given: str, test: WindowTest) -> str:
    if given == CHANCE:
        return (
            "This does not show that the events do nothing: a mean below "
            f"{percent(test.detectable, signed=False)} would usually be missed."
        )
    if given == SUGGESTIVE:
        return (
            "The sign holds whichever date is left out. Other news of the same dates may still be the cause, and the "
            "past need not repeat."
        )
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
