"""Numbers as they are printed: fractions as per cent, a real minus sign, ``n/a`` instead of a hole."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from reports.blocks import Cell
from strategies.result import Metric

MINUS = "\N{MINUS SIGN}"
THIN = "\N{NARROW NO-BREAK SPACE}"
NOTHING = "n/a"
LABELS = {
    "cagr": "CAGR",
    "sharpe": "Sharpe ratio",
    "max_drawdown": "Deepest drawdown",
    "total_return": "Total return, net",
    "total_return_gross": "Total return, gross",
    "benchmark_cagr": "Benchmark CAGR",
    "benchmark_sharpe": "Benchmark Sharpe ratio",
    "benchmark_max_drawdown": "Benchmark deepest drawdown",
    "mean_without_best": "Without the best 3 episodes",
    "mean_episode": "Mean episode, net",
    "mean_episode_low": "Mean episode, 95 % low",
    "mean_episode_high": "Mean episode, 95 % high",
    "chance_alone": "As far from zero by chance alone",
    "min_track_record": "Episodes needed (minTRL)",
    "probabilistic_sharpe": "Probabilistic Sharpe ratio (PSR)",
    "deflated_sharpe": "Deflated Sharpe ratio (DSR)",
    "haircut": "Haircut of the Sharpe ratio",
    "trials": "Sets tried",
    "sharpe_low": "Sharpe ratio, 95 % low",
    "sharpe_high": "Sharpe ratio, 95 % high",
    "sharpe_lo": "Sharpe ratio, Lo's factor",
    "break_even_cost": "Break-even cost",
}
# Before a number, and not inside a date or a name.
HYPHEN = re.compile(r"(?<![\w.\-])-(?=[\d.])")
# Set with their sign: a return without one can be misread.
SIGNED = ("return", "cagr", "mean_trade", "mean_episode", "mean_without_best")


def label(name: str) -> str:
    """Words for the key of a metric: ``"win_rate"`` is ``"Win rate"``."""
    return LABELS.get(name, name.replace("_", " ").capitalize())


def number(value: Any) -> float | None:
    """A finite float, or None for anything that is none: missing, NaN, infinite, not a number."""
    try:
        given = float(value)
    except (TypeError, ValueError):
        return None
    return given if math.isfinite(given) else None


def plain(value: Any, digits: int = 0, *, signed: bool = False) -> str:
    """A number with grouped thousands and so many decimals, or ``n/a``."""
    given = number(value)
    if given is None:
        return NOTHING
    # Rounding may leave nothing: there is no minus zero.
    given = round(given, digits) + 0.0
    sign = MINUS if given < 0 else "+" if signed and given > 0 else ""
    return f"{sign}{abs(given):,.{digits}f}"


def percent(value: Any, digits: int = 1, *, signed: bool = False) -> str:
    """A fraction as per cent: 0.014 is ``1.4 %``, or ``n/a``."""
    given = number(value)
    return NOTHING if given is None else f"{plain(given * 100, digits, signed=signed)}{THIN}%"


def basis_points(value: Any) -> str:
    """A fraction in basis points, as costs of a fill are told: 0.0094 is ``94.0 bp``, or ``n/a``."""
    given = number(value)
    return NOTHING if given is None else f"{plain(given * 1e4, 1)} bp"


def probability(value: Any) -> str:
    """A p value with three decimals, ``< 0.001`` below that, or ``n/a``."""
    given = number(value)
    return "< 0.001" if given is not None and given < 0.001 else plain(given, 3)


def metric_value(name: str, metric: Metric) -> str:
    """Value of a metric as printed, without its reason.

    Parameters
    ----------
    name : str
        Key of the metric: returns are set with their sign.
    metric : Metric
        The number.
    """
    signed = any(word in name for word in SIGNED)
    if metric.unit == "fraction":
        if name == "break_even_cost":
            return basis_points(metric.value)
        return percent(metric.value, signed=signed)
    return plain(metric.value, 2 if metric.unit == "ratio" else 0)


def metric_cell(name: str, metric: Metric | None, hint: str = "") -> Cell:
    """Cell of a metric, its reason beside an ``n/a``; an empty one where there is no such metric.

    Parameters
    ----------
    name : str
        Key of the metric.
    metric : Metric or None
        The number.
    hint : str
        Shown on hover instead of the metric's own convention.
    """
    if metric is None:
        return Cell("")
    told = hint or metric.convention
    if number(metric.value) is None:
        return Cell(f"{NOTHING}: {metric.reason}" if metric.reason else NOTHING, hint=told)
    return Cell(metric_value(name, metric), number(metric.value), hint=told)


def value_of(metrics: Mapping[str, Metric], name: str) -> float | None:
    """Value of a metric by its key, None where there is no such metric or it is undefined."""
    return number(metrics[name].value) if name in metrics else None


def percent_cell(value: Any, digits: int = 1, *, signed: bool = True) -> Cell:
    """Cell of a fraction, sorted by its value."""
    return Cell(percent(value, digits, signed=signed), number(value))


def plain_cell(value: Any, digits: int = 0, *, signed: bool = False) -> Cell:
    """Cell of a number, sorted by its value."""
    return Cell(plain(value, digits, signed=signed), number(value))


def bin_rows(
    edges: Sequence[float], counts: Sequence[int], digits: int
) -> tuple[tuple[Cell, Cell, Cell], ...]:
    """Rows of the bins of a histogram of fractions: from, to, how many."""
    return tuple(
        (percent_cell(low, digits), percent_cell(high, digits), plain_cell(count))
        for (low, high), count in zip(pairwise(edges), counts, strict=True)
    )


def day(value: Any) -> str:
    """A date or time stamp as ``YYYY-MM-DD``; empty when missing."""
    text = str(value)
    return "" if value is None or text in ("NaT", "nan", "") else text[:10]


def words(value: Any) -> str:
    """A setting as printed: lists joined, yes and no for truth, floats as short as they read back."""
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {words(item)}" for key, item in value.items())
    if isinstance(value, set | frozenset):
        return ", ".join(sorted(words(item) for item in value))
    if isinstance(value, list | tuple):
        return ", ".join(words(item) for item in value)
    return _short(value) if isinstance(value, float) else str(value)


def _short(value: float) -> str:
    if not math.isfinite(value):
        return "none"
    return f"{int(value):,}" if value.is_integer() and abs(value) < 1e15 else repr(value)


def typeset(text: str) -> str:
    """A sentence of another part as this page prints numbers: a real minus, no per cent sign parted from its number."""
    return HYPHEN.sub(MINUS, text).replace(" %", f"{THIN}%")


def days(window: Mapping[str, Any]) -> str:
    """First and last day of a window of the study: ``−10 to −2``."""
    return f"{plain(window['first'])} to {plain(window['last'])}"


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its noun: ``1 trade``, ``2 trades``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
