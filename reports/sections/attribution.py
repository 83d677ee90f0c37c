"""Who earned it: by country, stage, float, mineral, role and kind of event, as known when it was bought."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reports.attribution import FEW, LEAST, Part, attribution
from reports.blocks import Block, Cell, Chart, Column, Table, Text
from reports.conventions import INTERVAL, MEAN, PROFIT, numeric
from reports.distribution_charts import intervals
from reports.labels import currency
from reports.numbers import NOTHING, percent, percent_cell, plain_cell, plural
from reports.section import Results, Section
from strategies.result import Backtest

TAGS = (
    ("jurisdiction", "Jurisdiction of the main asset"),
    ("stage", "Stage"),
    ("float_band", "Free float"),
    ("mineral", "Main mineral"),
    ("role", "Role"),
    ("kind", "Kind of event"),
    ("direction", "Direction of the event"),
)
OF_EVENTS, NO_EVENT = ("kind", "direction"), "no event"
MOST_BARS = 12
WHOLE = (
    "profit and loss over the size of that of the whole book, gain or loss: its sign is that of the profit"
)


def render(results: Results) -> Iterator[Block]:
    """One table a fact; a figure of the kinds of event."""
    (result,) = results
    if result.trade_facts is None:
        yield Text("The result does not say what was known of its companies: run the backtest again.")
        return
    if result.trades.empty:
        yield Text("No trade was made.")
        return
    yield Text(
        "Trades by what was known on the day before they were entered. n are closed trades, K episodes, the mean is "
        f"over episodes, with its 95 % interval; groups of fewer than {FEW} episodes are set back, they say little. "
        "Looking at many groups, one in twenty intervals misses zero by chance alone."
    )
    for name, caption in TAGS:
        values = result.trade_facts[name]
        # A trade that no event led to has no kind of event: nothing is unknown there.
        known = (
            values.where(result.trades["event"].to_numpy() != "", NO_EVENT) if name in OF_EVENTS else values
        )
        parts = attribution(result.trades, known)
        if name == "kind":
            yield from _figure(parts)
        yield _table(caption, parts, result)


def _figure(parts: Sequence[Part]) -> Iterator[Block]:
    known = [part for part in parts if part.low is not None][:MOST_BARS]
    if len(known) < 2:
        return
    told = [f"{part.value}: {_mean(part)}, n = {part.trades}, K = {part.episodes}" for part in known]
    figure = intervals(
        [part.value for part in known],
        [part.mean or 0.0 for part in known],
        [part.low or 0.0 for part in known],
        [part.high or 0.0 for part in known],
        told,
    )
    clear = sum(1 for part in known if (part.low or 0.0) > 0 or (part.high or 0.0) < 0)
    takeaway = f"{clear} of {len(known)} kinds have an interval that leaves out zero."
    columns = (Column("Kind"), numeric("Mean", MEAN), numeric("95 % interval", INTERVAL))
    twin = tuple((Cell(part.value), percent_cell(part.mean, 2), Cell(_span(part))) for part in known)
    heading = "Mean net return of an episode by kind of event, with 95 % interval"
    yield Chart("kinds", heading, figure, takeaway, Table("Means by kind of event", columns, twin))


def _mean(part: Part) -> str:
    return f"{percent(part.mean, 2, signed=True)} ({_span(part)})"


def _span(part: Part) -> str:
    if part.low is None or part.high is None:
        return f"{NOTHING}: {plural(part.episodes, 'episode')}, it needs {LEAST}"
    return f"{percent(part.low, 1, signed=True)} to {percent(part.high, 1, signed=True)}"


def _table(caption: str, parts: Sequence[Part], result: Backtest) -> Table:
    columns = (
        Column(caption), numeric("n", "closed trades"),
        numeric("K", "episodes of the book with a closed trade of the group"),
        numeric(f"P&L, {currency(result)}", PROFIT), numeric("Of the whole", WHOLE),
        numeric("Mean", MEAN), numeric("95 % interval", INTERVAL),
    )  # fmt: skip
    rows = tuple(_row(part) for part in parts)
    return Table(f"{caption}: who earned it, after costs", columns, rows, sortable=True)


def _row(part: Part) -> tuple[Cell, ...]:
    faint = part.few
    cells = (
        Cell(part.value, faint=faint),
        plain_cell(part.trades),
        plain_cell(part.episodes),
        plain_cell(part.pnl, signed=True),
        percent_cell(part.share, 0),
        Cell(f"{NOTHING}: no closed trade") if part.mean is None else percent_cell(part.mean, 2),
        Cell(_span(part), part.low),
    )
    return tuple(Cell(cell.text, cell.key, faint=faint) for cell in cells)


SECTION = Section("Who earned it", 60, render)
