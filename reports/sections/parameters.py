"""A sweep: what the best of its sets is worth, the best beside the middle, the map, choices out of sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from reports.blocks import Block, Cell, Chart, Column, Table, Text
from reports.conventions import numeric
from reports.distribution_charts import heat_map
from reports.numbers import label, percent, percent_cell, plain, plain_cell, plural, typeset
from reports.section import Results, Section
from reports.subjects import SweepRecord

LEAST_TRADES = 30
TOP = 20
MEASURES = {
    "closed": "closed trades",
    "episodes": "events with a closed trade; unlike those of a backtest, not joined where they overlap",
    "win_rate": "closed trades with net P&L above zero / closed trades",
    "mean_trade": "mean of net P&L / entry value over closed trades",
    "mean_episode": "mean over episodes of the mean net return of their closed trades",
    "total_return": "last equity / first equity − 1, after costs",
    "sharpe": "mean / standard deviation (n − 1) of session returns × √252, riskless rate 0",
    "max_drawdown": "lowest value of equity / highest so far − 1",
    "costs_paid": "fees, spread, impact and borrowing of all fills, in currency",
}
FRACTIONS = ("win_rate", "mean_trade", "mean_episode", "total_return", "max_drawdown")
Row = Mapping[str, Any]


def render(results: Results) -> Iterator[Block]:
    """Verdict, map of the two axes with most values, best sets, refused ones, walk-forward."""
    (result,) = results
    yield Text(typeset(str(result.summary["verdict"])), "lead")
    measure = "sharpe" if any("sharpe" in row for row in result.rows) else "mean_trade"
    able = [row for row in result.rows if row[measure] is not None and (row["closed"] or 0) >= LEAST_TRADES]
    if able:
        yield from _map(result, able, measure)
        yield _best(result, able, measure)
    yield from _refused(result.summary["refused"])
    walked = result.summary["walk_forward"]
    if walked:
        yield Text(typeset(str(walked["sentence"])))
        yield _splits(walked)
    else:
        yield Text(
            "What choosing among these sets is worth on episodes not chosen on was not asked for: add --walk-forward "
            "train=12,test=4,embargo=5 to the sweep.",
            "note",
        )


def _map(result: SweepRecord, able: Sequence[Row], measure: str) -> Iterator[Block]:
    axes = sorted(result.axes, key=lambda name: -len(result.axes[name]))[:2]
    if len(axes) < 2 or len(result.axes[axes[1]]) < 2:
        return
    across, down = axes
    cells: dict[tuple[str, str], list[float]] = {}
    for row in able:
        cells.setdefault((row[down], row[across]), []).append(row[measure])
    columns, rows = result.axes[across], result.axes[down]
    middle = [[_middle(cells.get((low, high))) for high in columns] for low in rows]
    unit = ".2f" if measure == "sharpe" else ".1%"
    others = [name for name in result.axes if name not in axes]
    over = f", the middle over {', '.join(others)}" if others else ""
    heading = f"{label(measure)} by {down} (down) and {across} (across){over}"
    known = [value for row in middle for value in row if value is not None]
    takeaway = (
        f"Cells lie between {_shown(measure, min(known))} and {_shown(measure, max(known))}. A good cell among bad "
        "neighbours is luck; a plateau may not be."
    )
    twin = Table(
        heading,
        (Column(down), *(numeric(f"{across} {value}", f"{MEASURES[measure]}{over}") for value in columns)),
        tuple(
            (
                Cell(name),
                *(Cell("") if value is None else Cell(_shown(measure, value), value) for value in row),
            )
            for name, row in zip(rows, middle, strict=True)
        ),
    )
    yield Chart("map", heading, heat_map(columns, rows, middle, unit), takeaway, twin)


def _middle(values: Sequence[float] | None) -> float | None:
    return median(values) if values else None


def _shown(measure: str, value: float) -> str:
    return plain(value, 2) if measure == "sharpe" else percent(value, 2, signed=True)


def _best(result: SweepRecord, able: Sequence[Row], measure: str) -> Table:
    ranked = sorted(able, key=lambda row: -row[measure])[:TOP]
    middle = {name: _middle([row[name] for row in able if row.get(name) is not None]) for name in MEASURES}
    names = [name for name in MEASURES if name in able[0]]
    columns = (
        *(Column(name) for name in result.axes),
        *(numeric(label(name), MEASURES[name]) for name in names),
    )
    rows = [tuple(Cell(row[name]) for name in result.axes) + _measures(row, names) for row in ranked]
    blank = (Cell(""),) * (len(result.axes) - 1)
    rows.append((Cell("middle of all"), *blank, *_measures(middle, names)))
    of = plural(len(able), "set with enough trades", "sets with enough trades")
    return Table(f"The best {len(ranked)} of {of} by {label(measure)}, and the middle", columns, tuple(rows))


def _measures(row: Row, names: Sequence[str]) -> tuple[Cell, ...]:
    return tuple(
        percent_cell(row[name], signed=name != "win_rate")
        if name in FRACTIONS
        else plain_cell(row[name], 2 if name == "sharpe" else 0)
        for name in names
    )


def _refused(refused: Mapping[str, str]) -> Iterator[Block]:
    if refused:
        first = next(iter(refused.values()))
        yield Text(f"{plural(len(refused), 'set')} cannot be; the first: {first}", "note")


def _splits(walked: Mapping[str, Any]) -> Table:
    columns = tuple(Column(str(name).capitalize(), whole=True) for name in walked["columns"])
    rows = tuple(tuple(Cell(typeset(str(cell))) for cell in row) for row in walked["rows"])
    return Table(f"Choices, each judged on episodes it had not seen ({walked['spec']})", columns, rows)


SECTION = Section("Parameters", 15, render, subjects=(SweepRecord,))
