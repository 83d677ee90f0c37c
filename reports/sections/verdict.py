"""First screen: what was tested, whether it paid, the key numbers."""

from __future__ import annotations

from collections.abc import Iterator

from reports.blocks import Block, Card, Cards, Cell, Column, Grade, Table, Text
from reports.labels import currency, period
from reports.numbers import NOTHING, label, metric_cell, metric_value, number, percent, plural, words
from reports.section import Results, Section
from strategies.result import Backtest, Metric

FIRST_SCREEN = (
    "total_return", "benchmark_total_return", "cagr", "sharpe", "max_drawdown", "win_rate", "trades",
    "costs_paid", "time_in_market", "exposure",
)  # fmt: skip
AT_MOST = 8


def render(results: Results) -> Iterator[Block]:
    """The question, the answer, the study's grade, key numbers, all numbers."""
    (result,) = results
    yield Text(f"{context(result)} {outcome(result)}", "lead")
    if result.study is not None:
        grade = str(result.study["grade"])
        yield Grade(grade[:1].upper() + grade[1:], str(result.study["verdict"]))
    else:
        yield Grade("Not made", "Nothing can be said of chance.")
    yield Cards(tuple(_card(name, result.metrics[name], currency(result)) for name in _chosen(result)))
    yield _all_numbers(result)


def outcome(result: Backtest) -> str:
    """Whether the strategy paid after costs against the benchmark, in one sentence."""
    net, rival = _value(result, "total_return"), _value(result, "benchmark_total_return")
    if net is None:
        return "Whether it paid cannot be said: the total return is undefined."
    if result.trades.empty:
        idle = "No trade was made, so there is nothing to judge"
        return (
            f"{idle}." if rival is None else f"{idle}; the benchmark returned {percent(rival, signed=True)}."
        )
    made = f"After costs it returned {percent(net, signed=True)}"
    if rival is None:
        return f"{made}; there is no benchmark return to hold it against."
    against = (
        f"{made}, the benchmark ({words(result.settings.get('benchmark'))}) {percent(rival, signed=True)}"
    )
    if net > rival:
        return (
            f"{against}: it paid." if net > 0 else f"{against}: it lost money, but less than the benchmark."
        )
    if net > 0:
        return f"{against}: it made money, but less than the benchmark: it did not pay."
    return f"{against}: it did not pay."


def context(result: Backtest) -> str:
    """What was tested, on what, how often it traded."""
    given = words(dict(result.parameters)) if result.parameters else "no parameters"
    traded = plural(len(result.trades), "trade")
    on = plural(len(result.events), "policy event")
    acted = _value(result, "events_traded")
    if acted:
        on += f", {acted:.0f} of them traded"
    prices = "simulated prices" if result.data["kind"] == "simulated" else "historical prices"
    return (
        f"The strategy {result.strategy} ({given}) was tried on {prices}, {period(result)}: {on}, {traded}."
    )


def _chosen(result: Backtest) -> list[str]:
    known = [name for name in FIRST_SCREEN if name in result.metrics]
    return (known or list(result.metrics))[:AT_MOST]


def _card(name: str, metric: Metric, unit: str) -> Card:
    if number(metric.value) is None:
        return Card(label(name), NOTHING, metric.convention, metric.reason)
    note = unit if metric.unit == "currency" else ""
    return Card(label(name), metric_value(name, metric), metric.convention, note)


def _value(result: Backtest, name: str) -> float | None:
    return number(result.metrics[name].value) if name in result.metrics else None


def _all_numbers(result: Backtest) -> Table:
    names = [
        name
        for name in result.metrics
        if name.removeprefix("benchmark_") not in result.metrics or name == name.removeprefix("benchmark_")
    ]
    rows = tuple(
        (
            Cell(label(name), hint=result.metrics[name].convention),
            metric_cell(name, result.metrics[name]),
            metric_cell(name, result.metrics.get(f"benchmark_{name}")),
        )
        for name in names
    )
    columns = (Column("Number"), Column("Strategy", numeric=True), Column("Benchmark", numeric=True))
    return Table("All numbers, strategy beside benchmark", columns, rows)


SECTION = Section("Verdict", 10, render)
