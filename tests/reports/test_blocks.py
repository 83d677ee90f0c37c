"""What may become a link, and how columns are set."""

from __future__ import annotations

import pytest

from reports.blocks import Cell, Column, Table, web_address
from reports.table_columns import column_rules, table_class


@pytest.mark.parametrize(
    ("text", "told", "address"),
    [
        ("Gazette no. 4, https://example.org/notice/4", "Gazette no. 4", "https://example.org/notice/4"),
        ("http://example.org/a?b=c&d=%20e", "", "http://example.org/a?b=c&d=%20e"),
        ("Gazette no. 4", "Gazette no. 4", ""),
        ("", "", ""),
        ("see javascript:alert(1)", "see javascript:alert(1)", ""),
        ("data:text/html,x", "data:text/html,x", ""),
        ("https://example.org/'onload=alert(1)", "https://example.org/'onload=alert(1)", ""),
        ("https://user:secret@example.org/", "https://user:secret@example.org/", ""),
        ("https://example.org/ then words", "https://example.org/ then words", ""),
    ],
)
def test_only_a_plain_address_at_the_end_becomes_a_link(text, told, address):
    assert web_address(text) == (told, address)


def test_a_table_names_its_columns_of_numbers_dates_and_long_words():
    columns = Column("Day", whole=True), Column("Return", numeric=True), Column("Title", breaks=True)

    assert table_class(Table("t", columns, ((Cell("a"), Cell("b"), Cell("c")),))) == "fixed few w1 n2 b3"
    assert table_class(Table("t", columns[:2], (), sortable=True)) == "sortable pairs few w1 n2"
    assert "dense" in table_class(Table("t", columns * 4, ()))


def test_there_are_rules_for_as_many_columns_as_the_widest_table_has():
    rules = column_rules(3)

    assert ".n3 tr > :nth-child(3)" in rules
    assert ":nth-child(4)" not in rules
