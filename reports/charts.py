"""Figures as plain JSON, and the library that draws them: the one door to plotly.

Colours are names of variables of `style.css` (``var(--net)``); `charts.js` puts the values of the reader's theme in.
Every text that comes from data is escaped: plotly reads a few tags in labels.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
SYMBOLS = (
    "circle", "diamond", "square", "triangle-up", "triangle-down", "cross", "x", "star", "pentagon", "hexagon",
)  # fmt: skip
# Blue and orange differ for every common kind of colour blindness; dashes tell lines of one colour apart.
COLOURS = ("net", "benchmark", "ink")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
# Over more than this ratio, labels from 6 to 9 overlap on a figure of 430 pixels.
CROWDED = 4.0
Figure = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A curve.

    Parameters
    ----------
    name : str
        In the legend.
    x : sequence of str
        Dates, ``YYYY-MM-DD``.
    y : sequence of float or None
        Values; None is a gap.
    colour : str
        Variable of `style.css`, without the dashes before it.
    dash : str
        As plotly names it.
    width : float
        Pixels.
    rank : int
        Place in the legend, low first; later curves are drawn above earlier ones.
    """

    name: str
    x: Sequence[str]
    y: Sequence[float | None]
    colour: str = "net"
    dash: str = "solid"
    width: float = 1.8
    rank: int = 1000


@dataclass(frozen=True, slots=True)
class Mark:
    """An event on a curve: where, of what kind, what is said on hover, and the colour it is filled with."""

    x: str
    y: float
    kind: str
    text: str
    fill: str = "paper"


def library() -> str:
    """Source of plotly.js, as the installed package brings it, fit to stand inside a script element.

    Raises
    ------
    RuntimeError
        If it holds a sequence that would end or change the element; no released version does.
    """
    from plotly.offline import get_plotlyjs

    source: str = get_plotlyjs()
    lower = source.lower()
    if any(text in lower for text in ("</script", "<!--", "<script", "\r")):
        raise RuntimeError(
            "this plotly.js cannot be inlined as it is; install the plotly that setup.cfg names"
        )
    return source


def library_version() -> str:
    """Version of plotly.js."""
    from plotly.offline import get_plotlyjs_version

    version: str = get_plotlyjs_version()
    return version


def interactive(figure: Figure) -> Any:
    """A figure as a live ``plotly.graph_objects.Figure``, for notebooks.

    Parameters
    ----------
    figure : Figure
        As the functions below give.
    """
    from plotly.graph_objects import Figure as Live

    return Live(figure["data"], {key: value for key, value in figure["layout"].items() if key != "template"})


def wealth(
    lines: Sequence[Line],
    marks: Sequence[Mark],
    ticks: str = "~s",
    invested: Sequence[float | None] = (),
) -> Figure:
    """Curves of wealth on a logarithmic axis with events on them.

    Parameters
    ----------
    lines : sequence of Line
        Values above zero; the logarithm of others does not exist, they are left out.
    marks : sequence of Mark
        Events; one legend entry a kind.
    ticks : str
        Format of the vertical axis, as d3 writes it: ``~s`` for money, ``~g`` for multiples of the start.
    invested : sequence of float or None
        Share of the first line's wealth in positions, by its dates: shaded along the foot of the figure, whose lowest
        quarter is 100 %.
    """
    shade = [_shade(lines[0].x, invested)] if len(invested) else []
    traces = shade + [_curve(line) for line in lines] + _marks(marks)
    axis = {"type": "log", "tickformat": ticks} | _log_ticks([v for line in lines for v in line.y if v])
    days = [day for line in lines for day in line.x]
    layout = {"yaxis": axis, "hovermode": "x unified", "height": 430, "xaxis": _dates(min(days), max(days))}
    foot = {"overlaying": "y", "range": [0, 4], "visible": False, "fixedrange": True}
    return figure_of(traces, layout | ({"yaxis2": foot} if shade else {}))


def _log_ticks(values: Sequence[float]) -> Figure:
    """Labels at 1, 2 and 5 of each power of ten where all nine would run into each other."""
    wide = bool(values) and max(values) > CROWDED * min(values)
    return {"dtick": "D2"} if wide else {"nticks": 7}


def _shade(x: Sequence[str], invested: Sequence[float | None]) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "invested",
        "x": list(x),
        "y": [None if value is None else float(f"{value:.4g}") for value in invested],
        "yaxis": "y2",
        "fill": "tozeroy",
        "fillcolor": "var(--shade)",
        "line": {"width": 0, "shape": "hv", "color": "var(--muted)"},
        "legendrank": 4,
        "hovertemplate": "%{y:.0%}",
    }


def underwater(x: Sequence[str], depth: Sequence[float | None], low: float) -> Figure:
    """How far wealth is below its peak, as a filled curve down from zero.

    Parameters
    ----------
    x : sequence of str
        Dates.
    depth : sequence of float or None
        Fractions from −1 to 0.
    low : float
        The deepest, for the range of the axis.
    """
    trace = _curve(Line("below the peak", x, depth, width=1.2)) | {
        "fill": "tozeroy",
        "fillcolor": "var(--net-wash)",
        "hovertemplate": "%{x|%Y-%m-%d}: %{y:.1%}<extra></extra>",
    }
    axis = {"tickformat": ".0%", "range": [min(low * 1.08, -0.01), 0], "zeroline": True}
    layout = {"yaxis": axis, "height": 220, "showlegend": False, "xaxis": _dates(x[0], x[-1])}
    return figure_of([trace], layout)


def steps(lines: Sequence[Line]) -> Figure:
    """Counts that stay as they are until they change, on a linear axis from zero.

    Parameters
    ----------
    lines : sequence of Line
        Counts; those below zero are drawn downwards.
    """
    traces = []
    for line in lines:
        trace = _curve(line) | {"hovertemplate": "%{y:d}"}
        trace["line"] = trace["line"] | {"shape": "hv"}
        traces.append(trace)
    days = lines[0].x
    axis = {"zeroline": True, "tickformat": "d"}
    layout = {"yaxis": axis, "height": 220, "showlegend": len(lines) > 1, "xaxis": _dates(days[0], days[-1])}
    return figure_of(traces, layout)


def ranked_bars(
    names: Sequence[str], values: Sequence[float], said: Sequence[str], ticks: str = "~s"
) -> Figure:
    """Horizontal bars, the first at the top; losses are hatched as well as orange.

    Parameters
    ----------
    names : sequence of str
        Labels; long ones are cut.
    values : sequence of float
        Lengths.
    said : sequence of str
        What is said on hover.
    ticks : str
        Format of the horizontal axis, as d3 writes it.
    """
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(names))),
        "x": list(values),
        "text": [literal(text) for text in said],
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {
            "color": ["var(--net)" if value >= 0 else "var(--benchmark)" for value in values],
            "pattern": {
                "shape": ["" if value >= 0 else "/" for value in values],
                "size": 6,
                "solidity": 0.35,
            },
        },
    }
    layout = {
        "yaxis": {
            "autorange": "reversed",
            "showgrid": False,
            "tickvals": list(range(len(names))),
            "ticktext": [_short(name) for name in names],
        },
        "xaxis": {"tickformat": ticks, "zeroline": True},
        "height": 60 + 24 * len(names),
        "bargap": 0.35,
        "showlegend": False,
    }
    return figure_of([trace], layout)


def average_path(path: Sequence[Mapping[str, float | None]]) -> Figure:
    """Mean cumulative abnormal return by day from the event with its 95 % band and day 0 marked.

    Parameters
    ----------
    path : sequence of mapping
        ``day cumulative low high``; fractions, None where undefined.
    """
    days = [row["day"] for row in path]
    banded = [row for row in path if row["low"] is not None and row["high"] is not None]
    edges = {"type": "scatter", "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    band_days = [row["day"] for row in banded]
    traces: list[Figure] = [
        edges | {"x": band_days, "y": [row["low"] for row in banded], "showlegend": False},
        edges
        | {"x": band_days, "y": [row["high"] for row in banded], "name": "95 % band, by episode"}
        | {"fill": "tonexty", "fillcolor": "var(--net-wash)"},
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": "mean over episodes",
            "x": days,
            "y": [row["cumulative"] for row in path],
            "line": {"color": "var(--net)", "width": 2},
            "marker": {"size": 5},
            "hovertemplate": "day %{x}: %{y:.2%}<extra></extra>",
        },
    ]
    layout = {
        "height": 360,
        "yaxis": {"tickformat": ".1%", "zeroline": True},
        "shapes": [_day_zero()],
        "annotations": [_label_zero()],
    }
    return figure_of(traces, layout)


def _day_zero() -> Figure:
    line = {"color": "var(--ink)", "width": 1, "dash": "dot"}
    return {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper", "line": line}


def _label_zero() -> Figure:
    place = {"x": 0, "y": 1, "yref": "paper", "xanchor": "left", "yanchor": "top", "xshift": 4}
    return place | {"text": "day 0", "showarrow": False}


def _curve(line: Line) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": literal(line.name),
        "x": list(line.x),
        "y": [None if value is None else float(f"{value:.7g}") for value in line.y],
        "legendrank": line.rank,
        "line": {"color": f"var(--{line.colour})", "dash": line.dash, "width": line.width},
        "hovertemplate": "%{y:,.4s}",
    }


def _marks(marks: Sequence[Mark]) -> list[Figure]:
    kinds = sorted({mark.kind for mark in marks})
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": literal(kind),
            "x": [mark.x for mark in marks if mark.kind == kind],
            "y": [mark.y for mark in marks if mark.kind == kind],
            "text": [literal(mark.text) for mark in marks if mark.kind == kind],
            "hovertemplate": "%{text}<extra></extra>",
            "marker": {
                "symbol": SYMBOLS[at % len(SYMBOLS)],
                "size": 7,
                "color": [f"var(--{mark.fill})" for mark in marks if mark.kind == kind],
                "line": {"color": "var(--ink)", "width": 1.1},
            },
        }
        for at, kind in enumerate(kinds)
    ]


def figure_of(traces: Sequence[Figure], layout: Figure) -> Figure:
    """Figure checked by plotly, as plain JSON data, without its default template.

    Parameters
    ----------
    traces : sequence of mapping
        As plotly takes them; texts from data must have gone through `literal`.
    layout : mapping
        Beside what all figures share; ``xaxis`` and ``yaxis`` are added to the shared axis.
    """
    from plotly import graph_objects

    axes = {name: _axis() | layout.get(name, {}) for name in ("xaxis", "yaxis")}
    made = graph_objects.Figure(data=list(traces), layout=_layout() | layout | axes | {"template": {}})
    content: Figure = json.loads(made.to_json(engine="json"))
    content["layout"].pop("template", None)
    return content


def _layout() -> Figure:
    return {
        "font": {"family": FONT, "size": 12.5, "color": "var(--ink)"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        # The same left margin puts the years of two charts below each other.
        "margin": {"l": 52, "r": 8, "t": 8, "b": 24},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "hoverlabel": {
            "bgcolor": "var(--paper)",
            "bordercolor": "var(--rule)",
            "font": {"color": "var(--ink)"},
            "align": "left",
        },
        # Zoom survives a change of theme.
        "uirevision": "kept",
    }


def _dates(first: str, last: str) -> Figure:
    return {"type": "date", "hoverformat": "%Y-%m-%d", "range": [first, last]}


def _axis() -> Figure:
    colours = {"gridcolor": "var(--rule)", "zerolinecolor": "var(--muted)", "linecolor": "var(--rule)"}
    return colours | {"automargin": True, "zeroline": False}


def _short(text: str) -> str:
    return literal(text if len(text) <= 36 else f"{text[:35]}…")


def literal(text: str) -> str:
    """Text from data as plotly shows it unchanged: it reads tags and entities, and `charts.js` names of colours."""
    return html.escape(text, quote=False).replace("var(--", "var&#40;--")
