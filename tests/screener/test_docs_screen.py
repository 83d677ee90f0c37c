"""The page on the screen says what the code does: factors, weights, fields, reasons and JSON names."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from screener.cli import main
from screener.explanation import Contribution, Explanation
from screener.factor import factors
from screener.ranking import PRICE_FIELDS, parse_where, score_fields
from universes.fields import company_fields

PAGE = (Path(__file__).parents[2] / "docs" / "screen.md").read_text(encoding="utf-8")
WORDS = set(re.findall(r"`([a-z0-9_]+)`", PAGE))
ROWS = {cells[0]: cells for cells in re.findall(r"^\| `(\w+)` \| ([\d.]+) \| (.+) \|$", PAGE, re.MULTILINE)}


@pytest.mark.parametrize("factor", factors(), ids=lambda factor: factor.name)
def test_the_page_states_every_factor_with_its_weight_and_numbers(factor):
    _, weight, rule = ROWS[factor.name]

    assert float(weight) == factor.weight
    # Every number of the rule that the code states stands on the page too.
    assert set(re.findall(r"\d[\d,.]*\d|\d", factor.doc)) <= set(re.findall(r"\d[\d,.]*\d|\d", rule))


def test_the_page_has_no_factor_that_the_code_lacks():
    assert set(ROWS) == {factor.name for factor in factors()}


def test_the_page_lists_every_field_that_a_filter_may_name():
    table = PAGE.partition("## Filters")[2].partition("## Price tags")[0].partition("| kind |")[2]
    listed = set(re.findall(r"`(\w+)`", table))

    assert listed == {item.name for item in (*company_fields(), *score_fields(), *PRICE_FIELDS)}


@pytest.mark.parametrize("row_type", [Explanation, Contribution])
def test_the_page_names_every_field_of_an_explanation(row_type):
    assert set(row_type.__dataclass_fields__) <= WORDS


@pytest.mark.parametrize(
    "more", [[], ["--robust", "20"], ["--preset", "enablers"], ["--diff", "2025-01-02"], ["--explain", "MP"]]
)
def test_the_page_names_every_field_that_is_printed(more):
    words = ["screen", "rare-earths", "--as-of", "2025-07-09", "--format", "json", *more]
    found = json.loads(CliRunner().invoke(main, words).stdout)
    factors_ = [factor for row in found["rows"] for factor in row.get("factors", ())]

    named = {*found, *found["settings"], *(name for row in (*found["rows"], *factors_) for name in row)}
    assert named <= WORDS, named - WORDS


def test_every_filter_on_the_page_can_be_used():
    block = PAGE.partition("## Filters")[2].partition("| kind |")[0]
    examples = re.findall(r"^    (.+)$", block, re.MULTILINE)

    assert len(examples) == 4
    assert all(parse_where(text)[0].fields for text in examples)


def test_the_page_says_that_the_float_factor_is_a_premise():
    assert "premise, not a finding" in PAGE
