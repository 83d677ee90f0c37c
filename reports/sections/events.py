"""What each event earned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from reports import charts
from reports.blocks import Block, Cell, Chart, Column, Table, Text, web_address
from reports.conventions import PROFIT, RETURN, TRADES, numeric
from reports.event_results import EventResult, anchors, by_event
from reports.labels import currency
from reports.numbers import day, percent, percent_cell, plain, plain_cell, plural
from reports.section import Results, Section
from strategies.result import Backtest

# More bars than this cannot be read; the table holds every event.
MOST_BARS = 30
BEST = 3


def render(results: Results) -> Iterator[Block]:
    """Ranked bars, how much rests on the best few, and every event with its source."""
    (result,) = results
    found = by_event(result.trades)
    traded = tuple(item for item in found if item.event)
    if not len(result.events) and not traded:
        yield Text("The strategy acted on no events.")
        return
    if traded:
        yield Text(_concentration(traded, currency(result)))
        yield _bars(traded, result)
    else:
        yield Text(f"None of the {plural(len(result.events), 'event')} led to a trade.")
    yield _table(traded, result)


def _concentration(found: Sequence[EventResult], unit: str) -> str:
    total = sum(item.pnl for item in found)
    winners = sum(item.pnl > 0 for item in found)
    said = (
        f"{winners} of {plural(len(found), 'traded event')} made money; "
        f"together they made {plain(total, signed=True)} {unit}."
    )
    if len(found) <= BEST:
        return said
    rest = sum(item.pnl for item in found[BEST:])
    return f"{said} Without the best {BEST} it would have been {plain(rest, signed=True)} {unit}."


def _bars(found: Sequence[EventResult], result: Backtest) -> Chart:
    half = MOST_BARS // 2
    shown = found if len(found) <= MOST_BARS else (*found[:half], *found[-half:])
    unit = currency(result)
    said = [
        f"{item.event}: {plain(item.pnl, signed=True)} {unit}, "
        f"{percent(item.share, signed=True)} on {plural(item.trades, 'trade')}"
        for item in shown
    ]
    figure = charts.ranked_bars([item.event for item in shown], [item.pnl for item in shown], said)
    best, worst = found[0], found[-1]
    left_out = (
        f" The {len(found) - len(shown)} in the middle stand in the table only."
        if len(shown) < len(found)
        else ""
    )
    takeaway = (
        f"From {plain(best.pnl, signed=True)} ({best.event}) "
        f"to {plain(worst.pnl, signed=True)} {unit} ({worst.event}).{left_out}"
    )
    return Chart(
        "ranked", f"Profit and loss after costs by event, {unit}", figure, takeaway, _ranking(found, unit)
    )


def _ranking(found: Sequence[EventResult], unit: str) -> Table:
    columns = (
        Column("Event"), numeric("Trades", TRADES), numeric(f"P&L, {unit}", PROFIT), numeric("Return", RETURN),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(item.event),
            plain_cell(item.trades),
            plain_cell(item.pnl, signed=True),
            percent_cell(item.share),
        )
        for item in found
    )
    return Table("Events by profit", columns, rows)


def _table(found: Sequence[EventResult], result: Backtest) -> Table:
    known = {item.event: item for item in found}
    events: list[dict[Any, Any]] = result.events.to_dict("records")
    # A trade may name an event that is not in the table of events: it is shown, never dropped.
    strays: list[dict[Any, Any]] = [
        {"event": name} for name in sorted(set(known) - {row["event"] for row in events})
    ]
    columns = (
        Column("Event"), Column("Announced", whole=True), Column("Kind"), Column("Title and source", breaks=True),
        numeric("Trades", TRADES), numeric(f"P&L, {currency(result)}", PROFIT), numeric("Return", RETURN),
    )  # fmt: skip
    rows = tuple(_row(row, known.get(str(row["event"]))) for row in [*events, *strays])
    places = anchors(result.events)
    return Table(
        "Every event, in order of time",
        columns,
        rows,
        sortable=True,
        filterable=True,
        anchors=tuple(places.get(str(row["event"]), "") for row in [*events, *strays]),
    )


def _row(event: dict[Any, Any], earned: EventResult | None) -> tuple[Cell, ...]:
    source, address = web_address(str(event.get("source") or ""))
    told = " — ".join(str(text) for text in (event.get("title"), source) if text)
    kind = ", ".join(str(event[name]) for name in ("kind", "direction") if event.get(name))
    if earned is None:
        numbers = (plain_cell(0), Cell("no trade"), Cell(""))
    else:
        numbers = (plain_cell(earned.trades), plain_cell(earned.pnl, signed=True), percent_cell(earned.share))
    return (
        Cell(str(event["event"])),
        Cell(day(event.get("announced"))),
        Cell(kind),
        Cell(told, address=address),
        *numbers,
    )


SECTION = Section("What each event earned", 40, render)
