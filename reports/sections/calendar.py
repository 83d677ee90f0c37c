"""Returns by month and by year; blank where there is no data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reports.blocks import Block, Cell, Chart, Column, Table, Text
from reports.calendar_returns import Year, calendar_returns
from reports.conventions import numeric
from reports.distribution_charts import heat_map
from reports.numbers import number, percent, percent_cell, plain, plural
from reports.section import Results, Section

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

MONTHLY = "last equity of the month over the last before it, minus one, after costs; blank where there is no session"
YEARLY = "last value of the year over the last before it, minus one; of a part of a year, of that part"


def render(results: Results) -> Iterator[Block]:
    """Months as a map with its table; years beside the benchmark over the same sessions."""
    (result,) = results
    net = result.equity["net"]
    if len(net) < 2 or not (net > 0).all():
        yield Text("There are no months: it needs two sessions, and equity above zero on all of them.")
        return
    years = calendar_returns(net)
    yield _months(years)
    rival = result.equity["benchmark"]
    known = rival.notna().all() and bool((rival > 0).all())
    yield _years(years, calendar_returns(rival) if known else ())


def _months(years: Sequence[Year]) -> Chart:
    labels = [str(item.year) for item in years]
    values = [[item.months.get(month + 1) for month in range(12)] for item in years]
    known = [value for row in values for value in row if value is not None]
    won, lost = (sum(side * value > 0 for value in known) for side in (1, -1))
    takeaway = (
        f"Of {plural(len(known), 'month')} {won} gained, {lost} lost and {len(known) - won - lost} did neither. "
        "Without data a month is blank; in cash it is 0.0 %."
    )
    columns = (Column("Year", whole=True), *(numeric(name, MONTHLY) for name in MONTHS))
    rows = tuple(
        (Cell(label), *(Cell("") if value is None else percent_cell(value) for value in row))
        for label, row in zip(labels, values, strict=True)
    )
    figure = heat_map(MONTHS, labels, values, ".1%")
    return Chart(
        "months", "Net return of each month", figure, takeaway, Table("Net return by month", columns, rows)
    )


def _years(years: Sequence[Year], rivals: Sequence[Year]) -> Table:
    other = {item.year: item.total for item in rivals}
    rows = tuple(
        (
            Cell(str(item.year) if item.whole else f"{item.year}, part"),
            _cell(item.total),
            _cell(other.get(item.year)),
            _points(_less(item.total, other.get(item.year))),
        )
        for item in years
    )
    columns = (
        Column("Year", whole=True), numeric("Net", YEARLY), numeric("Benchmark", f"{YEARLY}; without costs"),
        numeric("Difference", "net less benchmark, in percentage points (pp)"),
    )  # fmt: skip
    return Table("Return by year, both on the same sessions", columns, rows)


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _points(value: float | None) -> Cell:
    """A difference of two returns: percentage points are no per cent of anything."""
    return Cell("") if value is None else Cell(f"{plain(value * 100, 1, signed=True)} pp", value)


def _cell(value: float | None) -> Cell:
    return Cell("") if number(value) is None else Cell(percent(value, signed=True), value)


SECTION = Section("Months and years", 74, render)
