"""The result of an event study: how large, how sure, on how many independent dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from universes.rendering import BANNER

if TYPE_CHECKING:
    import pandas as pd

    from strategies.abnormal_volume import AbnormalVolume
    from strategies.confounds import Confounds
    from strategies.group_difference import GroupDifference
    from strategies.study_evidence import Chance, Fragility
    from strategies.window_test import WindowTest


@dataclass(frozen=True, eq=False)
class Study:
    """What events did to the companies they touch.

    Parameters
    ----------
    settings : mapping
        Window, estimation window, gap, model, benchmark rule, sign rule, events hash.
    data : mapping
        ``source kind hash`` and ``survivorship``, as `universes.survivorship.Survivorship.as_dict` gives.
    episodes : DataFrame of shape (K, …)
        One row an episode (events whose primary windows share a session date are one): ``episode first_session
        events firm_events car_0_1 car_0_0 …``. ``events`` are joined by ``|``; ``car_m10_m2`` is the mean over its
        firm-events of the cumulative abnormal return of days −10 to −2, NaN where there is none.
    firm_events : DataFrame of shape (n, …)
        One row a firm-event used: ``event symbol exchange episode reaction_session sign``, its cumulative returns,
        ``beta estimation_returns benchmark_names``.
    dropped : DataFrame
        Firm-events not used: ``event symbol reason``, a short reason and, after a colon, its numbers. `symbol` is
        empty where an event touches no member.
    path : DataFrame of shape (L, 6)
        Average over episodes by day from the reaction session: ``day abnormal cumulative low high episodes``.
        Cumulated from the first day of the event window; low and high are the 95 % band of `cumulative`, day by
        day; the firm-events are those with at most a fifth of the whole event window missing, the episodes
        those of that window. Empty where there is none.
    windows : tuple of WindowTest
        The primary window first.
    groups : mapping of str to tuple
        By value of the tag that was asked for: ``(firm_events, WindowTest of the primary window)``.
    differences : tuple of GroupDifference
        Each of those values against the rest.
    volume, volume_before : AbnormalVolume
        Value traded on days 0 and 1, and on the five days before the news, against the usual.
    confounds : Confounds
        What else happened on the same days, and the primary window without it.
    chance : strategies.study_evidence.Chance
        How often chance alone gives as much, by several tests.
    fragility : strategies.study_evidence.Fragility
        What the mean hangs on: dates, firms, the run-up, the first open, the model.
    grade : str
        One of `strategies.grade.GRADES`: mechanical.
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
    differences: tuple[GroupDifference, ...]
    volume: AbnormalVolume
    volume_before: AbnormalVolume
    confounds: Confounds
    chance: Chance
    fragility: Fragility
    grade: str
    verdict: str

    def plot(self) -> Any:
        """Path with its band by dates, as a ``plotly.graph_objects.Figure``.

        Raises
        ------
        BadParameter
            If there is no path to draw.
        """
        # Pages and figures are made by reports, which imports this package and not the other way round.
        return import_module("reports.study_figure").figure(self)

    def __str__(self) -> str:
        banner = f"{BANNER}\n" if self.data["kind"] == "simulated" else ""
        return f"{banner}{self.verdict}"
