"""Claims of an article, and what the data say of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from reports.blocks import Block, Cell, Column, Table, Text
from reports.numbers import plural
from reports.section import Results, Section
from reports.subjects import ClaimsRecord


def render(results: Results) -> Iterator[Block]:
    """How many hold, then each."""
    (result,) = results
    count = Counter(str(row["verdict"]) for row in result.rows)
    tally = "; ".join(f"{verdict}: {times}" for verdict, times in count.most_common())
    about = str(result.settings.get("about") or "")
    yield Text(f"{plural(len(result.rows), 'claim')} ({tally}). {about}".strip(), "lead")
    columns = (
        Column("Claim", whole=True),
        Column("The article says"),
        Column("What the data say", breaks=True),
        Column("Verdict"),
    )
    rows = tuple(
        tuple(Cell(str(row[name])) for name in ("id", "says", "data", "verdict")) for row in result.rows
    )
    yield Table("Claims one by one", columns, rows, sortable=True, filterable=True)


SECTION = Section("Claims", 13, render, subjects=(ClaimsRecord,))
