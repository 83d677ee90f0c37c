"""Equity net and gross of costs, the benchmark, and the events on the curve."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from reports import charts
from reports.blocks import Block, Cell, Chart, Column, Table, Text
from reports.conventions import numeric
from reports.labels import currency, period
from reports.numbers import day, number, percent_cell, plain, plain_cell, plural, words
from reports.section import Results, Section
from strategies.result import Backtest

if TYPE_CHECKING:
    import pandas as pd

FILLS = {"tailwind": "ink", "headwind": "benchmark"}


def render(results: Results) -> Iterator[Block]:
    """The chart with its table of month ends."""
    (result,) = results
    if result.equity.empty:
        yield Text("There is no equity: the result has no session.")
        return
    x, net = dates(result.equity["net"]), values(result.equity["net"], positive=True)
    marks, outside = event_marks(result, x, net)
    benchmark = f"benchmark {words(result.settings.get('benchmark'))}"
    lines = (
        charts.Line("gross of costs", x, values(result.equity["gross"], positive=True), "net", "dot", 1.3, 2),
        charts.Line(
            benchmark, x, values(result.equity["benchmark"], positive=True), "benchmark", "dash", 1.6, 3
        ),
        charts.Line("net of costs", x, net, "net", "solid", 2.2, 1),
    )
    figure = charts.wealth(lines, marks, invested=values(result.equity["invested"]))
    yield Chart(
        "curve",
        f"Equity, {currency(result)}, logarithmic axis",
        figure,
        takeaway(result),
        month_end_table(result, benchmark),
    )
    if outside:
        said = plural(outside, "event lies", "events lie")
        yield Text(f"{said} outside the sessions shown, or where the book has no value above zero.", "note")


def takeaway(result: Backtest) -> str:
    """First and last equity in words."""
    net, unit = result.equity["net"], currency(result)
    ended = f"{plain(net.iloc[0])} {unit} became {plain(net.iloc[-1])} after costs"
    gross = f"{plain(result.equity['gross'].iloc[-1])} before them"
    rival = f"{plain(result.equity['benchmark'].iloc[-1])} in the benchmark, {period(result)}"
    return (
        f"{ended}, {gross} and {rival}. Equal distances are equal returns. "
        "Marks are policy events on the day they were announced: dark for a tailwind, orange for a headwind, empty for "
        "any other; the shade at the foot is the share invested, 100 % a quarter of the height."
    )


def dates(series: pd.Series) -> list[str]:
    """Index of a series as ``YYYY-MM-DD``."""
    return [day(stamp) for stamp in series.index]


def values(series: pd.Series, *, positive: bool = False) -> list[float | None]:
    """Finite values of a series, None for the others, and for those not above zero where a logarithm is taken."""
    found = [number(value) for value in series]
    return [None if value is None or (positive and value <= 0) else value for value in found]


def month_ends(days: Sequence[str]) -> list[str]:
    """First day, then the last of each month, of days in order."""
    last = {text[:7]: text for text in days}
    return sorted({*days[:1], *last.values()})


def event_marks(
    result: Backtest, x: Sequence[str], net: Sequence[float | None]
) -> tuple[tuple[charts.Mark, ...], int]:
    """A mark for every event within the sessions, and how many lie outside or where there is no equity."""
    marks: list[charts.Mark] = []
    rows = result.events.to_dict("records")
    for row in rows:
        announced = day(row["announced"])
        at = bisect_left(x, announced)
        height = net[at] if at < len(x) and announced >= x[0] else None
        if height is not None:
            said = f"{announced} {row['kind']}, {row['direction']}: {row['title']}"
            fill = FILLS.get(str(row["direction"]), "paper")
            marks.append(charts.Mark(x[at], height, str(row["kind"]), said, fill))
    return tuple(marks), len(rows) - len(marks)


def month_end_table(result: Backtest, benchmark: str) -> Table:
    """Equity at the end of each month."""
    known = dict(zip(dates(result.equity["net"]), result.equity.to_dict("records"), strict=True))
    rows = tuple(
        (
            Cell(text),
            plain_cell(known[text]["net"]),
            plain_cell(known[text]["gross"]),
            plain_cell(known[text]["benchmark"]),
            percent_cell(known[text]["invested"], 0, signed=False),
        )
        for text in month_ends(list(known))
    )
    columns = (
        Column("Session", whole=True), numeric("Net", "value of the book after all costs"),
        numeric("Gross", "net with the costs paid so far added back"),
        numeric(benchmark.capitalize(), "from the same start, without costs"),
        numeric("Invested", "share of equity in positions at the close, long and short added"),
    )  # fmt: skip
    return Table(f"Equity at the last session of each month, {currency(result)}", columns, rows)


SECTION = Section("Equity", 20, render)
