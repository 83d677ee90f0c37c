"""Rows go out as tables, as CSV that cannot run, and as JSON that every reader takes."""

from __future__ import annotations

import csv
import io
import json
import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from universes.rendering import FORMULA_STARTS, as_csv, as_json, as_table


def test_a_table_sets_numbers_to_the_right_and_words_to_the_left():
    text = as_table(("symbol", "score"), [("MP", 9.5), ("LYC.AX", 100.25)])

    assert text.splitlines() == ["symbol   score", "MP         9.5", "LYC.AX  100.25"]


def test_a_table_without_rows_is_its_heads():
    assert as_table(("symbol", "score"), []) == "symbol  score"


def test_what_is_missing_is_an_empty_cell_in_every_form():
    row = {"a": None, "b": math.nan, "c": 0.0}

    assert as_csv(("a", "b", "c", "d"), [row]) == "a,b,c,d\n,,0.0,\n"
    assert json.loads(as_json({"rows": [row]})) == {"rows": [{"a": None, "b": None, "c": 0.0}]}
    assert as_table(("a", "b", "c"), [(None, math.nan, 0.0)]).splitlines()[1].split() == ["0"]


def test_sets_dates_and_truth_have_one_form():
    row = {"minerals": frozenset({"yttrium", "cobalt"}), "on": date(2025, 7, 9), "linked": True}

    assert as_csv(tuple(row), [row]).splitlines()[1] == "cobalt|yttrium,2025-07-09,true"
    assert json.loads(as_json(row)) == {"minerals": ["cobalt", "yttrium"], "on": "2025-07-09", "linked": True}


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_a_text_that_a_spreadsheet_would_run_is_disarmed(start):
    (_, (cell,)) = csv.reader(io.StringIO(as_csv(("name",), [{"name": f"{start}cmd|' /C calc'!A0"}])))

    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_a_negative_number_stays_a_number():
    assert as_csv(("a", "b"), [{"a": -1, "b": -0.25}]) == "a,b\n-1,-0.25\n"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_survives_csv_and_json_to_the_last_bit(value):
    assert float(as_csv(("x",), [{"x": value}]).split()[1]) == value
    assert json.loads(as_json({"x": value}))["x"] == value


@given(st.lists(st.text(), min_size=1, max_size=3))
def test_any_text_stays_on_one_line_of_a_table(cells):
    assert len(as_table([str(at) for at in range(len(cells))], [cells]).split("\n")) == 2
