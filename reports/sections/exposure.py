"""How much of the book was at work, in how many names, and how often it was turned over."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reports import charts
from reports.blocks import Block, Cell, Chart, Column, Table, Text
from reports.conventions import numeric
from reports.exposure import positions, turnover_by_year
from reports.numbers import NOTHING, percent, percent_cell, plain, plain_cell
from reports.section import Results, Section
from reports.sections.equity import dates, month_ends
from strategies.metrics import SESSIONS_PER_YEAR
from strategies.result import Backtest

SHARE = "share of equity in positions at the close, long and short added"


def render(results: Results) -> Iterator[Block]:
    """Positions over time, then exposure and turnover by year."""
    (result,) = results
    if result.trades.empty:
        yield Text("No position was ever held.")
        return
    yield _positions(result)
    yield _years(result)
    yield Text(
        "Cash earns nothing in these numbers. The Sharpe ratio is that of the whole book, cash days included; "
        f"{_while_invested(result)}.",
        "note",
    )


def _positions(result: Backtest) -> Chart:
    import pandas as pd

    sides = result.trades["side"].to_numpy() if "side" in result.trades else np.array([])
    sessions = pd.DatetimeIndex(result.equity.index)
    long_, short = (positions(result.trades[sides == side], sessions) for side in ("long", "short"))
    held = long_ + short
    x = dates(result.equity["net"])
    lines = [charts.Line("long", x, long_.tolist(), "net", "solid", 1.4)]
    if short.any():
        lines.append(charts.Line("short", x, (-short).tolist(), "benchmark", "dash", 1.4))
    figure = charts.steps(lines)
    most, middle = int(held.max()), float(held.mean())
    idle = percent(float((held == 0).mean()), 0)
    takeaway = (
        f"At most {most} positions at once, {plain(middle, 1)} on average; none on {idle} of the sessions."
    )
    known = dict(zip(x, zip(long_, short, result.equity["invested"], strict=True), strict=True))
    rows = tuple(
        (
            Cell(text),
            plain_cell(known[text][0]),
            plain_cell(known[text][1]),
            percent_cell(known[text][2], 0, signed=False),
        )
        for text in month_ends(x)
    )
    columns = (
        Column("Session", whole=True),
        *(numeric(side, "positions held at the close") for side in ("Long", "Short")),
        numeric("Invested", SHARE),
    )
    twin = Table("Positions at the last session of each month", columns, rows)
    return Chart("positions", "Positions held at the close", figure, takeaway, twin)


def _years(result: Backtest) -> Table:
    import pandas as pd

    turned = turnover_by_year(result.orders, result.equity["net"])
    years = pd.DatetimeIndex(result.equity.index).year
    rows = []
    for year, times in turned.items():
        invested = result.equity["invested"].to_numpy(dtype=float)[years == year]
        rows.append(
            (
                Cell(str(year)),
                percent_cell(float(invested.mean()), 0, signed=False),
                percent_cell(float(invested.max()), 0, signed=False),
                percent_cell(float((invested > 0).mean()), 0, signed=False),
                Cell(NOTHING if times is None else f"{plain(times, 2)} ×", times),
            )
        )
    columns = (
        Column("Year"), numeric("Mean exposure", f"{SHARE}; mean over the sessions of the year"),
        numeric("Highest", f"{SHARE}; highest of the year"),
        numeric("Sessions with a position", "sessions that end with one over the sessions of the year"),
        numeric("Turnover", "value of the fills of the year / its mean equity / 2: 1 is bought and sold once"),
    )  # fmt: skip
    return Table("Exposure and turnover by year", columns, tuple(rows))


def _while_invested(result: Backtest) -> str:
    net = result.equity["net"].to_numpy(dtype=float)
    before = result.equity["invested"].to_numpy(dtype=float)
    at_work = (before[:-1] > 0) | (before[1:] > 0)
    moves = (net[1:] / np.where(net[:-1] > 0, net[:-1], np.nan) - 1)[at_work]
    moves = moves[np.isfinite(moves)]
    if len(moves) < 2 or moves.std() < 1e-12:
        return "on sessions with a position alone there is none: the book moved on fewer than two of them"
    ratio = float(moves.mean() / moves.std(ddof=1) * np.sqrt(SESSIONS_PER_YEAR))
    return f"on the {len(moves):,} sessions that begin or end with a position alone it is {plain(ratio, 2)}"


SECTION = Section("Exposure", 62, render)
