"""Blocks of a page without the page, and the numbers among them that do not say what they are."""

from __future__ import annotations

from reports.section import sections


def blocks_of(*results):
    return [
        block
        for _, section in sections()
        if section.shown(results)
        for block in section.render(section.of(results))
    ]


def tables_of(blocks):
    """Tables, and those under charts."""
    found = [block.twin if block.kind == "chart" else block for block in blocks]
    return [block for block in found if block.kind == "table"]


def unexplained(blocks):
    """Caption and heading of every column of numbers with a cell that says nothing on hover."""
    return [
        (table.caption, column.title)
        for table in tables_of(blocks)
        if "How it is counted" not in [column.title for column in table.columns]
        for at, column in enumerate(table.columns)
        if column.numeric and not column.hint
        for row in table.rows
        if len(row) > at and row[at].text and not row[at].hint and not row[0].hint
    ] + [
        ("key numbers", card.label)
        for block in blocks
        if block.kind == "cards"
        for card in block.cards
        if not card.convention
    ]
