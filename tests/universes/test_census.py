"""The page that counts facts is the one that would be made now."""

from __future__ import annotations

from pathlib import Path

from universes.census import census, page
from universes.facts import DATA, TABLES

ROOT = Path(__file__).parent.parent.parent


def test_the_page_of_counts_is_up_to_date():
    assert (ROOT / "docs" / "facts-count.md").read_text("utf-8") == page(), "run `make facts-page`"


def test_every_table_is_counted_and_was_reviewed():
    counts = {item.table: item for item in census()}

    files = {str(path.relative_to(DATA).with_suffix("")) for path in DATA.rglob("*.csv")} - {"reviews"}
    assert set(counts) == files
    assert set(TABLES) < set(counts)
    assert all(item.rows == item.high + item.medium + item.low > 0 for item in counts.values())
    assert all(item.review for item in counts.values())


def test_every_table_and_column_is_in_the_guide():
    guide = (ROOT / "docs" / "facts.md").read_text("utf-8")

    for name in TABLES:
        (line,) = [line for line in guide.splitlines() if line.startswith(f"| `{name}` |")]
        header = (DATA / f"{name}.csv").read_text("utf-8").split("\n", 1)[0].split(",")[:-3]
        assert all(f"`{column}`" in line for column in header), name
