"""Several strategies side by side."""

from __future__ import annotations

from collections.abc import Iterator

from reports import charts
from reports.blocks import Block, Cell, Chart, Column, Table, Text
from reports.labels import labels, period
from reports.numbers import label, metric_cell, number, percent_cell, words
from reports.section import Results, Section, several
from reports.sections.equity import dates, month_ends, values
from reports.sections.verdict import outcome
from strategies.result import Backtest

Curve = tuple[str, list[str], list[float | None]]


def render(results: Results) -> Iterator[Block]:
    """One sentence a strategy, the table of their numbers, their equity overlaid."""
    names = labels(results)
    for name, result in zip(names, results, strict=True):
        yield Text(f"{name}: {outcome(result)}")
    if len({(period(result), words(result.settings.get("benchmark"))) for result in results}) > 1:
        yield Text("Periods or benchmarks differ: the numbers are not like for like.", "note")
    yield _numbers(results, names)
    yield _overlay(results, names)


def _numbers(results: Results, names: tuple[str, ...]) -> Table:
    keys = list(dict.fromkeys(key for result in results for key in result.metrics))
    tested = [(Cell("Period"), *(Cell(period(result)) for result in results))]
    tested += [(Cell("Benchmark"), *(Cell(words(result.settings.get("benchmark"))) for result in results))]
    tested += [(Cell("Event study"), *(Cell(_grade(result)) for result in results))]
    rows = [
        (Cell(label(key)), *(metric_cell(key, result.metrics.get(key)) for result in results)) for key in keys
    ]
    columns = (Column("Number"), *(Column(name, numeric=True) for name in names))
    return Table("Strategies side by side", columns, tuple(tested + rows))


def _grade(result: Backtest) -> str:
    return "none made" if result.study is None else str(result.study["grade"])


def _overlay(results: Results, names: tuple[str, ...]) -> Chart:
    curves = [_relative(name, result, "net") for name, result in zip(names, results, strict=True)]
    curves += _benchmarks(results)
    lines = [
        charts.Line(name, x, y, "muted", "longdashdot", 1.4)
        if at >= len(names)
        else charts.Line(
            name, x, y, charts.COLOURS[at % 3], charts.DASHES[at // 3 % 5 if at > 2 else at], 1.8
        )
        for at, (name, x, y) in enumerate(curves)
    ]
    figure = charts.wealth(lines, (), "~g")
    takeaway = (
        "Equity after costs of each strategy and the benchmark, each from a start of 1. "
        "Equal distances are equal returns."
    )
    return Chart("overlay", "Equity, start = 1, logarithmic axis", figure, takeaway, _twin(curves))


def _relative(name: str, result: Backtest, column: str) -> Curve:
    series = result.equity[column]
    return name, dates(series), values(series / series.iloc[0], positive=True)


def _benchmarks(results: Results) -> list[Curve]:
    """Each benchmark curve once."""
    found: list[Curve] = []
    for result in results:
        curve = _relative(f"benchmark {words(result.settings.get('benchmark'))}", result, "benchmark")
        if curve not in found and any(value is not None for value in curve[2]):
            found.append(curve)
    return found


def _twin(curves: list[Curve]) -> Table:
    days = month_ends(sorted({day for _, x, _ in curves for day in x}))
    known = [dict(zip(x, y, strict=True)) for _, x, y in curves]
    rows = tuple((Cell(day), *(_growth(curve.get(day)) for curve in known)) for day in days)
    columns = (Column("Session", whole=True), *(Column(name, numeric=True) for name, _, _ in curves))
    return Table("Return since the start, at the last session of each month", columns, rows)


def _growth(value: float | None) -> Cell:
    given = number(value)
    return Cell("") if given is None else percent_cell(given - 1)


SECTION = Section("Comparison", 5, render, several)
