"""How many facts there are: rows by table and confidence, and when a table was last gone through.

``python -m universes.census`` prints docs/facts-count.md.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from universes import cells
from universes.facts import DATA, TABLES, Event, EventCompany, EventDate, Fact, Membership
from universes.table import Row, column, read_rows

MADE = (
    "Made by `make facts-page`; [facts.md](facts.md) says what the tables hold. "
    "`low` means that nobody could check the row."
)
EVENT_TABLES: dict[str, type[Fact]] = {
    "events": Event,
    "event_companies": EventCompany,
    "event_dates": EventDate,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Row):
    """The last day on which somebody went through a table, and what was looked at."""

    table: str = column(str)
    on: date = column(cells.day)
    what: str = column(cells.prose)


@dataclass(frozen=True, slots=True)
class Count:
    """Rows of one table.

    Parameters
    ----------
    table : str
        Its name, without ``.csv``.
    rows, high, medium, low : int
        How many rows, and how many of each confidence.
    latest : date
        Latest `known_from`.
    review : Review or None
        Last review on record.
    """

    table: str
    rows: int
    high: int
    medium: int
    low: int
    latest: date
    review: Review | None


def census(folder: Path = DATA) -> tuple[Count, ...]:
    """Rows of every table of a data folder, in the order of docs/facts.md.

    Parameters
    ----------
    folder : Path
        Holds the tables, and ``reviews.csv``.

    Raises
    ------
    BadData
        If a table has a fault.
    """
    reviews = {row.table: row for row in read_rows(folder / "reviews.csv", Review)}
    tables = TABLES | EVENT_TABLES
    found = [_count(name, read_rows(folder / f"{name}.csv", kind), reviews) for name, kind in tables.items()]
    members = sorted((folder / "universes").glob("*.csv"))
    return (
        *found,
        *(_count(f"universes/{path.stem}", read_rows(path, Membership), reviews) for path in members),
    )


def _count(name: str, rows: tuple[Fact, ...], reviews: dict[str, Review]) -> Count:
    sure = Counter(row.confidence for row in rows)
    latest = max(row.known_from for row in rows)
    return Count(name, len(rows), sure["high"], sure["medium"], sure["low"], latest, reviews.get(name))


def page(folder: Path = DATA) -> str:
    """docs/facts-count.md."""
    counts = census(folder)
    lines = [
        "# How many facts",
        "",
        MADE,
        "",
        "| table | rows | high | medium | low | latest fact | last review | what was looked at |",
        "|---|---:|---:|---:|---:|---|---|---|",
        *(_line(item) for item in counts),
        f"| **all** | {sum(item.rows for item in counts):,} | | | | | | |",
        "",
        *_companies(folder),
    ]
    return "\n".join(lines) + "\n"


def _line(item: Count) -> str:
    review = (str(item.review.on), item.review.what) if item.review else ("", "")
    cells_ = (
        item.table,
        *(f"{number:,}" for number in (item.rows, item.high, item.medium, item.low)),
        str(item.latest),
        *review,
    )
    return f"| {' | '.join(cells_)} |"


def _companies(folder: Path) -> list[str]:
    from universes.facts import Company, Listing

    roles = Counter(row.role for row in read_rows(folder / "companies.csv", Company))
    ended = Counter(row.ended_by for row in read_rows(folder / "listings.csv", Listing) if row.ended_by)
    return [
        f"Companies by role: {', '.join(f'{name} {count}' for name, count in sorted(roles.items()))}.",
        "",
        f"Listings that ended: {', '.join(f'{name} {count}' for name, count in sorted(ended.items()))}.",
    ]


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201
