"""Falls below an earlier peak: the curve and the five deepest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reports import charts
from reports.blocks import Block, Cell, Chart, Column, Table, Text
from reports.conventions import numeric
from reports.drawdowns import Drawdown, below_peak, drawdowns
from reports.numbers import day, percent, percent_cell, plain_cell, plural
from reports.section import Results, Section
from reports.sections.equity import dates, month_ends, values

SHOWN = 5
DEPTH = "value over its highest so far, minus one; the start is a peak, so a loss on the first session counts"


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
    yield _deepest(found[:SHOWN], x, [day(stamp) for stamp in result.events["announced"]])


def _takeaway(found: Sequence[Drawdown], x: Sequence[str]) -> str:
    worst = found[0]
    until = "is still open" if worst.recovery is None else f"was made good on {x[worst.recovery]}"
    return (
        f"{plural(len(found), 'fall')} below an earlier peak; the deepest, {percent(worst.depth)}, "
        f"began after {x[worst.peak]} and {until}."
    )


def _deepest(found: Sequence[Drawdown], x: Sequence[str], announced: Sequence[str]) -> Table:
    columns = (
        Column("Peak", whole=True), Column("Valley", whole=True), Column("Recovery", whole=True),
        numeric("Depth", DEPTH), numeric("Sessions down", "from the peak to the valley"),
        numeric("Sessions up", "from the valley to the first session at the peak's value or above; open: not yet"),
        numeric("Events inside", "announced after the peak and up to the recovery, or to the last session"),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(x[item.peak]),
            Cell(x[item.valley]),
            Cell("open" if item.recovery is None else x[item.recovery]),
            percent_cell(item.depth),
            plain_cell(item.valley - item.peak),
            Cell("open") if item.recovery is None else plain_cell(item.recovery - item.valley),
            plain_cell(sum(x[item.peak] < date <= x[until(item)] for date in announced)),
        )
        for item in found
    )
    return Table(f"The {plural(len(rows), 'deepest fall')} of net equity", columns, rows)


def until(item: Drawdown) -> int:
    """Row of the recovery, −1 for the last one while it is open."""
    return -1 if item.recovery is None else item.recovery


def _twin(x: Sequence[str], depth: Sequence[float | None]) -> Table:
    known = dict(zip(x, depth, strict=True))
    rows = tuple((Cell(text), percent_cell(known[text])) for text in month_ends(x))
    columns = (Column("Session", whole=True), numeric("Below peak", DEPTH))
    return Table("Net equity below its peak, at the last session of each month", columns, rows)


SECTION = Section("Drawdowns", 30, render)
