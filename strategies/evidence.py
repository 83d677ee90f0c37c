"""The result of an event study: how large, how sure, on how many independent dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class WindowTest:
    """Date-level test of one event window: one number an episode.

    Parameters
    ----------
    first, last : int
        Own sessions from the reaction session, both included.
    episodes : int
        K, how many episodes the window has a number for.
    mean, median : float or None
        Of the K episode averages of the cumulative abnormal return, as fractions.
    low, high : float or None
        95 % confidence interval of the mean, t with K − 1 degrees of freedom.
    t, p : float or None
        t statistic and two-sided p value.
    positive : float or None
        Share of the K episodes above zero.
    detectable : float or None
        Smallest true mean that this design finds in 80 of 100 cases (two-sided, 5 %).
    reason : str
        Why numbers are None; empty otherwise.
    """

    first: int
    last: int
    episodes: int
    mean: float | None
    median: float | None
    low: float | None
    high: float | None
    t: float | None
    p: float | None
    positive: float | None
    detectable: float | None
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Study:
    """What events did to the companies they touch.

    Parameters
    ----------
    settings : mapping
        Window, estimation window, gap, model, benchmark rule, events hash.
    data : mapping
        ``source kind hash``.
    episodes : DataFrame
        One row an episode (events whose windows overlap are one): ``episode first_session events firm_events
        car_0_0 car_0_1 …``.
    firm_events : DataFrame
        One row a firm-event used: ``event symbol episode reaction_session sign`` and its cumulative returns.
    dropped : DataFrame
        Firm-events not used: ``event symbol reason``.
    path : DataFrame
        Average over episodes by day from the reaction session: ``day abnormal cumulative low high episodes``.
    windows : tuple of WindowTest
        The primary window first.
    groups : mapping of str to tuple
        By value of the tag that was asked for: ``(firm_events, WindowTest of the primary window)``.
    grade : str
        ``no conclusion possible``, ``not distinguishable from chance``, ``suggestive``: mechanical.
    verdict : str
        The grade in sentences a layman understands, with its numbers.
    """

    settings: Mapping[str, Any]
    data: Mapping[str, Any]
    episodes: pd.DataFrame
    firm_events: pd.DataFrame
    dropped: pd.DataFrame
    path: pd.DataFrame
    windows: tuple[WindowTest, ...]
    groups: Mapping[str, tuple[int, WindowTest]]
    grade: str
    verdict: str

    def __str__(self) -> str:
        banner = "SIMULATED DATA: no price here was ever traded\n" if self.data["kind"] == "simulated" else ""
        return f"{banner}{self.verdict}"
