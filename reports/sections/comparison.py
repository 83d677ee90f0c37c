"""Several strategies side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from reports import charts
from reports.blocks import Block, Cell, Chart, Column, Table, Text
from reports.conventions import counted, numeric
from reports.labels import labels, period
from reports.numbers import label, metric_cell, number, percent_cell, words
from reports.section import Results, Section, several
from reports.sections.equity import dates, month_ends, values
from reports.sections.verdict import acted, outcome
from strategies.metrics import cagr, max_drawdown, sharpe, total_return, volatility
from strategies.result import Backtest, Metric

if TYPE_CHECKING:
    import pandas as pd

LEAST = 2
PERIOD = "first and last session of the run"
GRADED = "grade of the study of the same events: docs/study.md"
Curve = tuple[str, list[str], list[float | None]]


MEASURED = (
    ("total_return", total_return), ("cagr", cagr), ("volatility", volatility), ("sharpe", sharpe),
    ("max_drawdown", max_drawdown),
)  # fmt: skip
SHOWN = (
    "costs_paid", "turnover", "trades", "win_rate", "mean_trade", "episodes", "mean_episode", "mean_without_best",
    "trials", "deflated_sharpe", "time_in_market", "mean_exposure", "break_even_cost", "days_to_exit", "capacity",
)  # fmt: skip


def render(results: Results) -> Iterator[Block]:
    """One sentence a strategy, their numbers on common sessions, the others, their equity overlaid."""
    names = labels(results)
    for name, result in zip(names, results, strict=True):
        said = outcome(result)
        yield Text(f"{name}: {said[:1].lower()}{said[1:]}")
    common = common_sessions(results)
    if len(common) < LEAST:
        yield Text(
            f"They have {len(common)} sessions in common: nothing can be put side by side. Run them on one period.",
            "note",
        )
        yield _others(results, names)
        return
    if any(len(result.equity) > len(common) for result in results):
        yield Text(
            "Periods differ: the first table and the curves stand on the sessions that all have, the second on each "
            "strategy's own.",
            "note",
        )
    yield _side_by_side(results, names, common)
    yield _others(results, names)
    yield _overlay(results, names, common)


def common_sessions(results: Results) -> pd.DatetimeIndex:
    """Sessions on which all results have equity, in order."""
    import pandas as pd

    found = pd.DatetimeIndex(results[0].equity.index)
    for result in results[1:]:
        found = found.intersection(pd.DatetimeIndex(result.equity.index))
    return found.sort_values()


def _side_by_side(results: Results, names: tuple[str, ...], common: pd.DatetimeIndex) -> Table:
    first, last = f"{common[0]:%Y-%m-%d}", f"{common[-1]:%Y-%m-%d}"
    curves = [(name, result.equity.loc[common, "net"]) for name, result in zip(names, results, strict=True)]
    curves += [
        (name, result.equity.loc[common, "benchmark"]) for name, result in _rivals(results, names, common)
    ]
    columns = (Column("Number"), *(Column(name, numeric=True) for name, _ in curves))
    rows = tuple(
        _compared(key, [_measured(function, wealth) for _, wealth in curves], len(common))
        for key, function in MEASURED
    )
    caption = f"Net of costs (benchmarks pay none), on the {len(common):,} sessions that all have, {first} to {last}"
    return Table(caption, columns, rows)


def _compared(key: str, metrics: list[Metric], sessions: int) -> tuple[Cell, ...]:
    told = next((metric.convention for metric in metrics if metric.convention), "")
    hint = f"{told}; n = {sessions:,} sessions"
    return Cell(label(key), hint=hint), *(metric_cell(key, metric, hint) for metric in metrics)


def _measured(function: Callable[[pd.Series], Metric], wealth: pd.Series) -> Metric:
    if wealth.isna().any() or not (wealth > 0).all():
        return Metric(None, "fraction", "", "it has no value above zero on some session")
    return function(wealth)


def _rivals(results: Results, names: tuple[str, ...], common: pd.DatetimeIndex) -> list[tuple[str, Backtest]]:
    """Name and result of each benchmark that differs; whose it is, where there are several."""
    found: list[Backtest] = []
    for result in results:
        if not any(_start(result, common).equals(_start(other, common)) for other in found):
            found.append(result)
    own = dict(zip(map(id, results), names, strict=True))
    several_ = len(found) > 1
    return [
        (
            f"benchmark {words(result.settings.get('benchmark'))}"
            + (f" of {own[id(result)]}" if several_ else ""),
            result,
        )
        for result in found
    ]


def _start(result: Backtest, common: pd.DatetimeIndex) -> pd.Series:
    curve = result.equity.loc[common, "benchmark"]
    return (curve / curve.iloc[0]).round(9)


def _others(results: Results, names: tuple[str, ...]) -> Table:
    known = [key for key in SHOWN if any(key in result.metrics for result in results)]
    rows = (
        (Cell("Period", hint=PERIOD), *(Cell(period(result)) for result in results)),
        (Cell("Event study", hint=GRADED), *(Cell(_grade(result)) for result in results)),
        *(
            (Cell(label(key), hint=_convention(key, results)), *(_own(key, result) for result in results))
            for key in known
        ),
    )
    columns = (Column("Number"), *(Column(name, numeric=True) for name in names))
    return Table("Trades, evidence and size, each on its own period", columns, rows)


def _convention(key: str, results: Results) -> str:
    return next(result.metrics[key].convention for result in results if key in result.metrics)


def _own(key: str, result: Backtest) -> Cell:
    metric = result.metrics.get(key)
    return Cell("") if metric is None else metric_cell(key, metric, counted(key, metric, result))


def _grade(result: Backtest) -> str:
    if result.study is None:
        return "none made"
    return str(result.study["grade"]) if acted(result) else "of events it did not trade"


def _overlay(results: Results, names: tuple[str, ...], common: pd.DatetimeIndex) -> Chart:
    curves = [
        _relative(name, result.equity.loc[common, "net"]) for name, result in zip(names, results, strict=True)
    ]
    curves += [
        _relative(name, result.equity.loc[common, "benchmark"])
        for name, result in _rivals(results, names, common)
        if result.equity.loc[common, "benchmark"].notna().any()
    ]
    lines = [
        charts.Line(name, x, y, "muted", "longdashdot", 1.4)
        if at >= len(names)
        else charts.Line(name, x, y, charts.COLOURS[at % 3], charts.DASHES[(at + at // 3) % 5], 1.8)
        for at, (name, x, y) in enumerate(curves)
    ]
    figure = charts.wealth(lines, (), "~g")
    takeaway = (
        "Equity of each strategy after costs, and of the benchmark, which pays none, each from a start of 1. "
        "Equal distances are equal returns."
    )
    return Chart("overlay", "Equity, start = 1, logarithmic axis", figure, takeaway, _twin(curves))


def _relative(name: str, series: pd.Series) -> Curve:
    return name, dates(series), values(series / series.iloc[0], positive=True)


def _twin(curves: list[Curve]) -> Table:
    days = month_ends(sorted({day for _, x, _ in curves for day in x}))
    known = [dict(zip(x, y, strict=True)) for _, x, y in curves]
    rows = tuple((Cell(day), *(_growth(curve.get(day)) for curve in known)) for day in days)
    since = "value over that of the first common session, minus one"
    columns = (Column("Session", whole=True), *(numeric(name, since) for name, _, _ in curves))
    return Table("Return since the start, at the last session of each month", columns, rows)


def _growth(value: float | None) -> Cell:
    given = number(value)
    return Cell("") if given is None else percent_cell(given - 1)


SECTION = Section("Comparison", 5, render, several)
