"""The result of the date-level test of one event window."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WindowTest:
    """Date-level test of one event window: one number an episode.

    Parameters
    ----------
    first, last : int
        Own sessions from the reaction session, both included.
    episodes : int
        K, how many episodes the window has a number for; a longer window merges more events into one.
    mean, median : float or None
        Of the K episode averages of the cumulative abnormal return, as fractions; None when K is 0.
    low, high : float or None
        95 % confidence interval of the mean, t with K − 1 degrees of freedom.
    t, p : float or None
        t statistic and two-sided p value.
    positive : float or None
        Share of the K episodes above zero.
    detectable : float or None
        Smallest true mean that this design finds in 80 of 100 cases (two-sided, 5 %).
    reason : str
        Why numbers are None; empty otherwise. With K = 1, or K equal values, there are a mean, a median and a
        share, and nothing that needs a spread.
    """

    first: int
    last: int
    episodes: int
    mean: float | None = None
    median: float | None = None
    low: float | None = None
    high: float | None = None
    t: float | None = None
    p: float | None = None
    positive: float | None = None
    detectable: float | None = None
    reason: str = ""
