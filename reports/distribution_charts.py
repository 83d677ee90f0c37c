"""Figures without a time axis: histogram, means with intervals, heat map, curve over a number."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from reports.charts import Figure, figure_of, literal

BAR_HEIGHT = 26


def histogram(edges: Sequence[float], counts: Sequence[int], mark: float, name: str) -> Figure:
    """Bars of counts with one value marked by a vertical line.

    Parameters
    ----------
    edges : sequence of float, length B + 1
        Fractions.
    counts : sequence of int, length B
        In each bin.
    mark : float
        Where the line stands.
    name : str
        What the line is.
    """
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    bars = {
        "type": "bar",
        "x": middles,
        "y": list(counts),
        "width": [high - low for low, high in pairwise(edges)],
        "marker": {"color": "var(--net-wash)", "line": {"color": "var(--net)", "width": 1}},
        "hovertemplate": "%{x:.2%}: %{y:,}<extra></extra>",
    }
    line = {"color": "var(--benchmark)", "width": 2.5}
    layout = {
        "height": 300,
        "bargap": 0,
        "showlegend": False,
        "xaxis": {"tickformat": ".1%", "zeroline": True},
        "shapes": [{"type": "line", "x0": mark, "x1": mark, "y0": 0, "y1": 1, "yref": "paper", "line": line}],
        "annotations": [_beside(mark, name, at_left=mark > (edges[0] + edges[-1]) / 2)],
    }
    return figure_of([bars], layout)


def _beside(mark: float, name: str, *, at_left: bool) -> Figure:
    side = {"xanchor": "right", "xshift": -5} if at_left else {"xanchor": "left", "xshift": 5}
    return {
        "x": mark,
        "y": 1,
        "yref": "paper",
        "yanchor": "top",
        "text": literal(name),
        "showarrow": False,
    } | side


def intervals(
    names: Sequence[str],
    middles: Sequence[float],
    lows: Sequence[float],
    highs: Sequence[float],
    told: Sequence[str],
) -> Figure:
    """A mean and its interval a row, the first at the top, with a line at zero.

    Parameters
    ----------
    names : sequence of str
        Labels.
    middles, lows, highs : sequence of float
        Fractions.
    told : sequence of str
        What is said on hover.
    """
    places = list(range(len(names)))
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": list(middles),
        "y": places,
        "text": [literal(text) for text in told],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"color": "var(--net)", "size": 9, "symbol": "diamond"},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [high - middle for high, middle in zip(highs, middles, strict=True)],
            "arrayminus": [middle - low for low, middle in zip(lows, middles, strict=True)],
            "color": "var(--net)",
            "thickness": 1.6,
            "width": 5,
        },
    }
    layout = {
        "height": 70 + BAR_HEIGHT * len(names),
        "showlegend": False,
        "xaxis": {"tickformat": ".1%", "zeroline": True},
        "yaxis": {
            "range": [len(names) - 0.5, -0.5],
            "showgrid": False,
            "tickvals": places,
            "ticktext": [literal(name if len(name) <= 36 else f"{name[:35]}…") for name in names],
        },
    }
    return figure_of([dots], layout)


def heat_map(
    columns: Sequence[str], rows: Sequence[str], values: Sequence[Sequence[float | None]], unit: str
) -> Figure:
    """Numbers as colours from orange through the paper's to blue, zero in the middle, each printed in its cell.

    Parameters
    ----------
    columns, rows : sequence of str
        Labels of the axes, the first row at the top.
    values : sequence of rows
        Numbers, None where there is none.
    unit : str
        Format of a number, as d3 writes it.
    """
    known = [abs(value) for row in values for value in row if value is not None]
    most = max(known, default=0.0) or 1.0
    trace = {
        "type": "heatmap",
        "x": [literal(name) for name in columns],
        "y": [literal(name) for name in rows],
        "z": [list(row) for row in values],
        "zmin": -most,
        "zmax": most,
        "colorscale": [[0, "var(--loss)"], [0.5, "var(--paper)"], [1, "var(--gain)"]],
        "textfont": {"color": "var(--ink)"},
        "xgap": 2,
        "ygap": 2,
        "showscale": False,
        "texttemplate": f"%{{z:{unit}}}",
        "hovertemplate": f"%{{y}}, %{{x}}: %{{z:{unit}}}<extra></extra>",
    }
    layout = {
        "height": 90 + 30 * len(rows),
        "xaxis": {"type": "category", "showgrid": False, "side": "top"},
        "yaxis": {"type": "category", "showgrid": False, "autorange": "reversed"},
        "margin": {"l": 52, "r": 8, "t": 34, "b": 12},
    }
    return figure_of([trace], layout)


def number_curve(
    x: Sequence[float], y: Sequence[float | None], horizontal: str, unit: str, mark: float | None = None
) -> Figure:
    """A curve over a number, with a dotted vertical line.

    Parameters
    ----------
    x : sequence of float
        Horizontal values.
    y : sequence of float or None
        Values; None is a gap.
    horizontal : str
        Title of the horizontal axis.
    unit : str
        Format of the vertical axis, as d3 writes it.
    mark : float, optional
        Where the vertical line stands.
    """
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(x),
        "y": list(y),
        "line": {"color": "var(--net)", "width": 2},
        "marker": {"size": 7},
        "hovertemplate": f"%{{x}}: %{{y:{unit}}}<extra></extra>",
    }
    line = {"color": "var(--ink)", "width": 1, "dash": "dot"}
    shape = {"type": "line", "x0": mark, "x1": mark, "y0": 0, "y1": 1, "yref": "paper", "line": line}
    layout = {
        "height": 300,
        "showlegend": False,
        "xaxis": {"title": {"text": literal(horizontal)}},
        "yaxis": {"tickformat": unit, "zeroline": True},
        "margin": {"l": 52, "r": 8, "t": 8, "b": 44},
        "shapes": [] if mark is None else [shape],
    }
    return figure_of([trace], layout)
