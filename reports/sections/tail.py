"""The bad days: worst sessions and trades, stops that gapped, what policy days did to the whole book."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from reports.blocks import Block, Cell, Column, Table, Text
from reports.conventions import RETURN, numeric
from reports.event_results import anchors
from reports.numbers import NOTHING, day, percent, percent_cell, plain_cell, plural
from reports.section import Results, Section
from reports.tail_risk import EventDays, Shortfall, event_days, shortfall
from strategies.metrics import session_returns
from strategies.result import Backtest

WORST = 5
CHANGE = "net equity two sessions after the announcement over that of the last session before it, minus one"
INVESTED = "share of equity in positions on the last session before the announcement"


def render(results: Results) -> Iterator[Block]:
    """Shortfall, worst trades, stops, and the book after every event by kind."""
    (result,) = results
    if result.trades.empty:
        yield Text("No trade was made: nothing was at risk.")
        return
    yield _shortfalls(result)
    yield _worst_trades(result)
    yield from _stops(result)
    found = event_days(result.equity, result.events)
    if found:
        yield _by_kind(found)
        yield _worst_days(found, result)


def _shortfalls(result: Backtest) -> Table:
    returns = session_returns(result.equity["net"]).to_numpy(dtype=float)
    held = result.equity["invested"].to_numpy(dtype=float)
    # A session is invested when a position was held at its start or at its end.
    active = (held[:-1] > 0) | (held[1:] > 0)
    # After a book is wiped out there are no returns.
    known = np.isfinite(returns)
    active, returns = active[known], returns[known]
    rows = (
        _tail("All sessions", shortfall(returns)),
        _tail("Sessions with a position", shortfall(returns[active])),
    )
    columns = (
        Column("Session returns"), numeric("n", "session returns, net of costs"),
        numeric("Worst 1 in 20 begins at", "the ⌈n / 20⌉-th lowest: historical value at risk, 95 %"),
        numeric("Their mean", "historical expected shortfall, 95 %: mean of the ⌈n / 20⌉ lowest"),
    )  # fmt: skip
    return Table("The worst twentieth of sessions", columns, rows)


def _tail(name: str, found: Shortfall) -> tuple[Cell, ...]:
    if found.mean is None:
        return Cell(name), plain_cell(found.count), Cell(f"{NOTHING}: it needs 20 returns", span=2)
    return Cell(name), plain_cell(found.count), percent_cell(found.edge, 2), percent_cell(found.mean, 2)


def _worst_trades(result: Backtest) -> Table:
    worst = result.trades.sort_values(["return", "symbol"], kind="stable").head(WORST)
    places = anchors(result.events)
    rows = tuple(
        (
            Cell(str(trade["symbol"])),
            Cell(str(trade["event"]) or "none", link=places.get(str(trade["event"]), "")),
            Cell(day(trade["entry_session"])),
            percent_cell(trade["return"]),
            Cell(str(trade["exit_reason"]) if trade["status"] == "closed" else "open"),
        )
        for trade in worst.to_dict("records")
    )
    columns = (
        Column("Symbol", whole=True), Column("Event", whole=True), Column("Entry", whole=True),
        numeric("Return, net", RETURN), Column("Why it ended"),
    )  # fmt: skip
    return Table(f"The {plural(len(rows), 'worst trade')}", columns, rows)


def _stops(result: Backtest) -> Iterator[Block]:
    stop = result.parameters.get("stop")
    if not isinstance(stop, float):
        return
    hit = result.trades[result.trades["exit_reason"] == "stop"]
    if hit.empty:
        yield Text(f"The stop of {percent(stop)} was never reached.")
        return
    sign = np.where(hit["side"] == "long", 1.0, -1.0)
    moved = sign * (hit["exit_price"] / hit["entry_price"] - 1).to_numpy(dtype=float)
    # Slippage of the fill lies between: what is further than a hundredth beyond the stop was a gap.
    beyond = moved < -stop - 0.01
    said = f"{plural(len(hit), 'trade')} ended at the stop of {percent(stop)}"
    worst = percent(float(moved.min()), signed=True)
    yield Text(
        f"{said}; {int(beyond.sum())} of them more than 1 % beyond it, the worst at {worst} before fees."
    )


def _by_kind(found: Sequence[EventDays]) -> Table:
    groups: dict[tuple[str, str], list[EventDays]] = defaultdict(list)
    for item in found:
        groups[item.kind, item.direction].append(item)
    rows = tuple(
        (
            Cell(kind),
            Cell(direction),
            plain_cell(len(items)),
            percent_cell(float(np.mean([item.change for item in items])), 2),
            percent_cell(min(item.change for item in items), 2),
            percent_cell(float(np.mean([item.invested for item in items])), 0, signed=False),
        )
        for (kind, direction), items in sorted(
            groups.items(), key=lambda entry: min(i.change for i in entry[1])
        )
    )
    columns = (
        Column("Kind of event"), Column("Direction"), numeric("Events", "announced within the sessions"),
        numeric("Mean of the book", f"{CHANGE}; mean over events"), numeric("Worst", f"{CHANGE}; lowest of its events"),
        numeric("Invested before", f"{INVESTED}; mean over events"),
    )  # fmt: skip
    caption = "The whole book from before each announcement to two sessions after it, by the worst event"
    return Table(caption, columns, rows, sortable=True)


def _worst_days(found: Sequence[EventDays], result: Backtest) -> Table:
    places = anchors(result.events)
    rows = tuple(
        (
            Cell(item.announced),
            Cell(item.event, link=places.get(item.event, "")),
            percent_cell(item.change, 2),
            percent_cell(item.invested, 0, signed=False),
        )
        for item in found[:WORST]
    )
    columns = (
        Column("Announced", whole=True), Column("Event"), numeric("Book", CHANGE), numeric("Invested before", INVESTED),
    )  # fmt: skip
    return Table(f"The {plural(len(rows), 'worst policy day')} of the whole book", columns, rows)


SECTION = Section("Bad days", 58, render)
