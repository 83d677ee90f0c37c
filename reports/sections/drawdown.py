"""Falls below an earlier peak: the curve and the five deepest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reports import charts
from reports.blocks import Block, Cell, Chart, Column, Table, Text
from reports.drawdowns import Drawdown, below_peak, drawdowns
from reports.numbers import percent, percent_cell, plain_cell, plural
from reports.section import Results, Section
from reports.sections.equity import dates, month_ends, values

SHOWN = 5


def render(results: Results) -> Iterator[Block]:
    """The curve under water, then the deepest falls."""
    (result,) = results
    net = result.equity["net"]
    found = drawdowns(net)
    if not found:
        yield Text("Equity was never below an earlier peak.")
        return
    x, depth = dates(net), values(below_peak(net))
    figure = charts.underwater(x, depth, found[0].depth)
    yield Chart(
        "underwater", "Net equity below its highest so far", figure, _takeaway(found, x), _twin(x, depth)
    )
    yield _deepest(found[:SHOWN], x)


def _takeaway(found: Sequence[Drawdown], x: Sequence[str]) -> str:
    worst = found[0]
    until = "is still open" if worst.recovery is None else f"was made good on {x[worst.recovery]}"
    return (
        f"{plural(len(found), 'fall')} below an earlier peak; the deepest, {percent(worst.depth)}, "
        f"began after {x[worst.peak]} and {until}."
    )


def _deepest(found: Sequence[Drawdown], x: Sequence[str]) -> Table:
    columns = (
        Column("Peak", whole=True), Column("Valley", whole=True), Column("Recovery", whole=True),
        Column("Depth", numeric=True), Column("Sessions down", numeric=True), Column("Sessions up", numeric=True),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(x[item.peak]),
            Cell(x[item.valley]),
            Cell("open" if item.recovery is None else x[item.recovery]),
            percent_cell(item.depth),
            plain_cell(item.valley - item.peak),
            Cell("open") if item.recovery is None else plain_cell(item.recovery - item.valley),
        )
        for item in found
    )
    return Table(f"The {plural(len(rows), 'deepest fall')} of net equity", columns, rows)


def _twin(x: Sequence[str], depth: Sequence[float | None]) -> Table:
    known = dict(zip(x, depth, strict=True))
    rows = tuple((Cell(text), percent_cell(known[text])) for text in month_ends(x))
    columns = (Column("Session", whole=True), Column("Below peak", numeric=True))
    return Table("Net equity below its peak, at the last session of each month", columns, rows)


SECTION = Section("Drawdowns", 30, render)
