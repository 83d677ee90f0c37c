"""Every trade."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports.blocks import Block, Cell, Column, Table, Text
from reports.conventions import PROFIT, RETURN, numeric
from reports.event_results import anchors
from reports.labels import currency
from reports.numbers import NOTHING, day, number, percent_cell, plain, plain_cell, plural
from reports.section import Results, Section

PRICE = "mean price of the fills, slippage in it, adjusted for splits and dividends"


def render(results: Results) -> Iterator[Block]:
    """The table, each row leading to its event."""
    (result,) = results
    if result.trades.empty:
        yield Text("No trade was made; the section below says why.")
        return
    places = anchors(result.events)
    unit = currency(result)
    rows = tuple(_row(trade, places) for trade in result.trades.to_dict("records"))
    columns = (
        Column("Symbol", whole=True), Column("Event"), Column("Entry", whole=True), numeric("Entry price", PRICE),
        Column("Exit", whole=True), numeric("Exit price", PRICE), numeric("Shares", "adjusted as the prices are"),
        numeric(f"Costs, {unit}", "fees, spread, impact and borrowing"), numeric(f"P&L, {unit}", PROFIT),
        numeric("Return", RETURN), numeric("Sessions held", "from the entry to the exit"),
        Column("Why it ended"),
    )  # fmt: skip
    still = int((result.trades["status"] == "open").sum())
    if still:
        yield Text(
            f"{plural(still, 'position')} still open on the last session, valued at the last price.", "note"
        )
    yield Table(
        "Trades in order of entry; P&L and return after costs", columns, rows, sortable=True, filterable=True
    )


def _row(trade: Mapping[Any, Any], places: Mapping[str, str]) -> tuple[Cell, ...]:
    event = str(trade["event"])
    closed = trade["status"] != "open"
    return (
        Cell(str(trade["symbol"])),
        Cell(event or "none", link=places.get(event, "")),
        Cell(day(trade["entry_session"])),
        _price(trade["entry_price"]),
        Cell(day(trade["exit_session"]) if closed else "open"),
        _price(trade["exit_price"]) if closed else Cell("open"),
        plain_cell(trade["shares"]),
        plain_cell(trade["cost"]),
        plain_cell(trade["pnl"], signed=True),
        percent_cell(trade["return"]),
        plain_cell(trade["sessions_held"]),
        Cell(str(trade["exit_reason"]) if closed else "open"),
    )


def _price(value: Any) -> Cell:
    """A price; small ones keep the digits that tell them apart."""
    given = number(value)
    if given is None:
        return Cell(NOTHING)
    return Cell(plain(given, 2 if abs(given) >= 1 else 4), given)


SECTION = Section("Trades", 66, render)
