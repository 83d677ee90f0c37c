"""A screen: names by rank with what their score is made of, and who was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from reports.blocks import Block, Cell, Chart, Column, Table, Text
from reports.charts import ranked_bars
from reports.conventions import numeric
from reports.numbers import plain, plain_cell, plural, words
from reports.section import Results, Section
from reports.subjects import ScreenRecord

MOST_BARS = 30
SCORE = "weighted mean of the factors that are known, 0 to 100"


def render(results: Results) -> Iterator[Block]:
    """What was asked, the scores, the table of names, the names left out by reason."""
    (result,) = results
    yield Text(_asked(result), "lead")
    if not result.rows:
        yield Text("No name is left: every one was dropped, with its reason below.")
    else:
        yield _scores(result)
        yield _names(result)
    yield from _dropped(result)


def _asked(result: ScreenRecord) -> str:
    settings = result.settings
    where = "; ".join(str(rule) for rule in settings.get("where") or ())
    rules = f" for which {where}" if where else ""
    return (
        f"{plural(len(result.rows), 'name')} of {words(settings.get('universe'))}{rules}, by what was known on "
        f"{words(settings.get('as_of'))}. The score says how well facts fit the weights; it forecasts nothing."
    )


def _scores(result: ScreenRecord) -> Chart:
    shown = result.rows[:MOST_BARS]
    said = [f"{row['symbol']} {row['name']}: {plain(row['score'], 1)}" for row in shown]
    figure = ranked_bars([str(row["symbol"]) for row in shown], [row["score"] for row in shown], said, "~g")
    takeaway = (
        f"From {plain(shown[0]['score'], 1)} ({shown[0]['symbol']}) to {plain(shown[-1]['score'], 1)} "
        f"({shown[-1]['symbol']}). A score is the weighted mean of its factors that are known, 0 to 100."
    )
    columns = (Column("Symbol", whole=True), numeric("Score", SCORE))
    twin = Table(
        "Scores", columns, tuple((Cell(str(row["symbol"])), plain_cell(row["score"], 1)) for row in shown)
    )
    return Chart("scores", f"Alignment score of the first {len(shown)}", figure, takeaway, twin)


def _names(result: ScreenRecord) -> Table:
    factors = list(
        dict.fromkeys(name for row in result.rows for name in (*row["contributions"], *row["unknown"]))
    )
    tags = ("jurisdiction", "stage", "float_band", "mineral", "support")
    columns = (
        numeric("Rank", "by score, the highest first"), Column("Symbol", whole=True), Column("Name"),
        numeric("Score", SCORE),
        *(numeric(f"{name.capitalize()}, points", "the factor's part of the score") for name in factors),
        *(Column(name.replace("_", " ").capitalize()) for name in tags),
    )  # fmt: skip
    rows = tuple(
        (
            plain_cell(row["rank"]),
            Cell(str(row["symbol"])),
            Cell(str(row["name"])),
            plain_cell(row["score"], 1),
            *(_points(row["contributions"].get(name)) for name in factors),
            *(Cell("unknown" if row.get(name) is None else words(row[name])) for name in tags),
        )
        for row in result.rows
    )
    caption = "Names by rank, the points of each factor, and what was known"
    return Table(caption, columns, rows, sortable=True, filterable=True)


def _points(value: float | None) -> Cell:
    return Cell("unknown", faint=True) if value is None else plain_cell(value, 1)


def _dropped(result: ScreenRecord) -> Iterator[Block]:
    dropped: Sequence[object] = result.dropped
    if not dropped:
        return
    rows = [dict(row) for row in result.dropped]
    count = Counter(str(row.get("reason", "")) for row in rows)
    names = list(dict.fromkeys(name for row in rows for name in row))
    most = "; ".join(f"{reason} ({times})" for reason, times in count.most_common(3))
    columns = tuple(Column(name.replace("_", " ").capitalize()) for name in names)
    cells = tuple(
        tuple(Cell(words(row.get(name)) if row.get(name) is not None else "") for name in names)
        for row in rows
    )
    folded = f"{plural(len(rows), 'name')} left out: {most}"
    yield Table("Names left out, each with its reason", columns, cells, sortable=True, folded=folded)


SECTION = Section("Screen", 12, render, subjects=(ScreenRecord,))
