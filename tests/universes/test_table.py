"""A fact table as people write it by hand, and every way to get one wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from universes.errors import BadData
from universes.facts import Company, EventCompany, Stage, Tier
from universes.table import read_rows

HEADER = "company,name,role,purity,domicile,known_from,source,confidence"
GOOD = "mp,MP Materials,miner,0.9,US,2020-11-18,Form 8-K,high"


@pytest.fixture
def table(tmp_path):
    """Writes a companies table and reads it."""

    def write(text: str | bytes):
        path = tmp_path / "companies.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read_rows(path, Company)

    return write


def faults(table, text):
    with pytest.raises(BadData) as caught:
        table(text)
    return [(fault.line, fault.field, fault.message) for fault in caught.value.faults]


def test_a_row_knows_its_file_and_line(table):
    (row,) = table(f"{HEADER}\n{GOOD}\n")

    assert (row.company, row.purity, row.where) == ("mp", 0.9, "companies.csv:2")


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + f"{HEADER}\n{GOOD}\n",
        f"{HEADER}\r\n{GOOD}\r\n",
        f"{HEADER}\n\n{GOOD}\n\n",
        f"{HEADER}\n{GOOD}",
        f" {HEADER.replace(',', ' , ')}\n {GOOD.replace(',', ' , ')}\n",
    ],
    ids=["byte order mark", "CRLF", "blank lines", "no last newline", "spaces"],
)
def test_harmless_differences_of_form_read_the_same(table, text):
    (row,) = table(text)

    assert (row.company, row.domicile, row.confidence) == ("mp", "US", "high")


@pytest.mark.parametrize("code", ["NA", "NO"])
def test_namibia_and_norway_survive(table, code):
    (row,) = table(f"{HEADER}\n{GOOD.replace(',US,', f',{code},')}\n")

    assert row.domicile == code


def test_words_that_other_readers_turn_into_something_else_survive(tmp_path):
    path = tmp_path / "companies.csv"
    names = ["NA", "NULL", "TRUE", "ON", "OFF", "NO", "0123", "1E5", "None", "nan"]
    path.write_text(
        "\n".join([HEADER, *(f"c{i},{name},miner,,US,2020-01-01,s,low" for i, name in enumerate(names))])
    )

    assert [row.name for row in read_rows(path, Company)] == names


def test_all_faults_are_reported_together_with_line_field_and_mend(table):
    text = (
        f"{HEADER}\nMP,MP,digger,90,UK,2020-13-01,,certain\nlynas,Lynas,miner,,AU,2020-01-01,s,high,extra\n"
    )

    assert faults(table, text) == [
        (2, "company", "'MP' is not an identifier: lower-case letters, digits and single hyphens"),
        (2, "confidence", "'certain' is not one of the words used here; known: high, medium, low"),
        (2, "domicile", "'UK' is not an ISO 3166-1 code; did you mean 'GB'?"),
        (2, "known_from", "'2020-13-01' is not a day of the calendar: write YYYY-MM-DD"),
        (2, "purity", "'90' is not a fraction: write 0.25 for 25 %"),
        (
            2,
            "role",
            "'digger' is not one of the words used here; known: miner, refiner, separator, magnet, equipment, "
            "engineering, royalty, physical, diversified, fund, index, control",
        ),
        (2, "source", "is empty and must be filled in"),
        (3, "", "9 cells; the header has 8"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "field", "said"),
    [
        ("", 0, "", "the file is empty; its first line must be company,name,role"),
        (f"{HEADER.replace('role,', '')}\n", 1, "role", "column is missing"),
        (f"{HEADER.replace('role', 'roles')}\n", 1, "roles", "unknown column; did you mean 'role'?"),
        (f"{HEADER},name\n", 1, "name", "column appears twice"),
        (HEADER.replace(",", ";") + "\n", 1, "", "save with commas"),
        (f"{HEADER}\n{GOOD}\n{GOOD}\n", 3, "", "repeats line 2: remove one"),
        (f'{HEADER}\n"mp,MP\n', 2, "", "close the quote that opens here"),
        (f"{HEADER}\n{GOOD}\0\n", 2, "", "a NUL character"),
    ],
)
def test_a_fault_of_form_names_its_line_and_mend(table, text, line, field, said):
    found = faults(table, text)

    assert any(at == line and name == field and said in message for at, name, message in found), found


def test_bytes_that_are_not_utf8_are_found_with_their_line(table):
    assert faults(table, HEADER.encode() + b"\nmp,Caf\xe9,miner,,US,2020-01-01,s,low\n") == [
        (2, "", "byte 0xe9 is not UTF-8: save as UTF-8")
    ]


def test_a_missing_file_is_a_fault_not_a_traceback(tmp_path):
    with pytest.raises(BadData, match="nowhere.csv: cannot be read: No such file or directory"):
        read_rows(tmp_path / "nowhere.csv", Company)


def test_the_message_is_one_line_that_counts_the_other_faults(table):
    with pytest.raises(BadData) as caught:
        table(f"{HEADER}\nMP,MP,digger,,US,2020-01-01,s,low\n")

    assert str(caught.value).endswith("(and 1 more fault)")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("row_type", [Company, EventCompany, Stage, Tier])
@given(raw=st.binary(max_size=300))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_no_file_ends_in_anything_but_rows_or_faults(tmp_path_factory, row_type, raw):
    path: Path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_bytes(raw)

    with pytest.raises(BadData):
        read_rows(path, row_type)
