"""The figure of a study: its path with the band by dates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reports import charts
from reports.numbers import number

if TYPE_CHECKING:
    from strategies.evidence import Study


def figure(study: Study) -> Any:
    """Mean cumulative abnormal return by day with its 95 % band, as a ``plotly.graph_objects.Figure``.

    Parameters
    ----------
    study : Study
        What `strategies.study` gives.

    Raises
    ------
    BadParameter
        If there is no path to draw.
    """
    from strategies.study_record import records
    from universes.errors import BadParameter

    names = ("day", "cumulative", "low", "high")
    path = [{name: number(row.get(name)) for name in names} for row in records(study.path)]
    if not any(row["cumulative"] is not None for row in path):
        raise BadParameter("the study has no path to draw: no episode has abnormal returns")
    found = charts.interactive(charts.average_path(path))
    found.update_layout(title={"text": f"{study.grade}: {study.windows[0].episodes} dates"})
    return found
