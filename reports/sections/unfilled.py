"""Orders and firm-events that led to no fill, each with its reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from reports.blocks import Block, Cell, Column, Table, Text
from reports.conventions import numeric
from reports.event_results import anchors
from reports.numbers import day, plain_cell, plural
from reports.section import Results, Section

PART = re.compile(r"only \d+% of it")
# Every order has its count by reason; one by one, more than this only makes the page slow.
MOST = 1_000


def render(results: Results) -> Iterator[Block]:
    """Counts by reason, then each."""
    (result,) = results
    if result.unfilled.empty:
        yield Text("Every order and every firm-event led to a whole fill.")
        return
    rows = result.unfilled.to_dict("records")
    count = Counter(kind(str(row["reason"])) for row in rows)
    counted = tuple(
        (Cell(reason), plain_cell(times))
        for reason, times in sorted(count.items(), key=lambda item: (-item[1], item[0]))
    )
    yield Table(
        "Not filled, or only in part, by reason",
        (Column("Reason"), numeric("How many", "orders and firm-events")),
        counted,
    )
    places = anchors(result.events)
    columns = (
        *(Column(title, whole=True) for title in ("Session", "Symbol", "Side", "Event")),
        Column("Reason"),
    )
    shown = rows[:MOST]
    listed = tuple(
        (
            Cell(day(row["session"]) or "none"),
            Cell(str(row["symbol"])),
            Cell(str(row["side"])),
            Cell(str(row["event"]) or "none", link=places.get(str(row["event"]), "")),
            Cell(str(row["reason"])),
        )
        for row in shown
    )
    folded = f"{plural(len(rows), 'order or firm-event', 'orders and firm-events')}, one by one"
    if len(shown) < len(rows):
        folded += f": the first {MOST:,}; all stand in unfilled.csv of the run folder"
    yield Table(
        "Orders and firm-events without a fill, or with a part of one",
        columns,
        listed,
        sortable=True,
        filterable=True,
        folded=folded,
    )


def kind(reason: str) -> str:
    """A reason without the numbers of the single case: what follows a colon, and how large a part was filled."""
    return PART.sub("only a part of it", reason.partition(":")[0])


SECTION = Section("Not filled", 70, render)
