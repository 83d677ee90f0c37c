"""Numbers as they are printed."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.numbers import label, metric_cell, metric_value, percent, plain, probability, typeset, words
from strategies.result import Metric

THIN = "\N{NARROW NO-BREAK SPACE}"


def test_fractions_are_printed_as_per_cent_with_a_real_minus():
    assert percent(-0.1234) == f"−12.3{THIN}%"
    assert percent(0.1234, signed=True) == f"+12.3{THIN}%"


def test_there_is_no_minus_zero():
    assert percent(-0.0001) == f"0.0{THIN}%"
    assert plain(-0.4, signed=True) == "0"


@given(st.floats())
def test_no_number_is_ever_printed_as_nan_or_infinite(value):
    said = f"{percent(value)} {plain(value)} {probability(value)} {words(value)}"

    assert "nan" not in said
    assert "inf" not in said
    assert ("n/a" in said) == (not math.isfinite(value) or not math.isfinite(value * 100))


@pytest.mark.parametrize(("p", "said"), [(0.0004, "< 0.001"), (0.0424, "0.042"), (None, "n/a")])
def test_small_p_values_are_bounded(p, said):
    assert probability(p) == said


def test_a_metric_is_printed_in_its_unit():
    assert metric_value("total_return", Metric(0.183, "fraction", "")) == f"+18.3{THIN}%"
    assert metric_value("win_rate", Metric(0.517, "fraction", "")) == f"51.7{THIN}%"
    assert metric_value("sharpe", Metric(0.914, "ratio", "")) == "0.91"
    assert metric_value("costs_paid", Metric(18000.4, "currency", "")) == "18,000"


def test_an_undefined_metric_brings_its_reason_and_a_missing_one_is_empty():
    assert metric_cell("sharpe", Metric(None, "ratio", "", "2 returns")).text == "n/a: 2 returns"
    assert metric_cell("sharpe", None).text == ""


def test_keys_become_words():
    assert label("cagr") == "CAGR"
    assert label("some_new_number") == "Some new number"


def test_settings_become_words():
    assert words(None) == "none"
    assert words(True) == "yes"
    assert words(1_000_000.0) == "1,000,000"
    assert words({"window": [-5, 10]}) == "window -5, 10"
    assert words(frozenset({"b", "a"})) == "a, b"


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("from -0.5 to -.2", "from −0.5 to −.2"),
        ("made -10.81% on 2025-01-03", "made −10.81% on 2025-01-03"),
        ("95 % of cn-2019-control-01", "95\u202f% of cn-2019-control-01"),
        ("a--1 x-2", "a--1 x-2"),
    ],
)
def test_sentences_of_others_get_a_real_minus_and_keep_dates_and_names(said, printed):
    assert typeset(said) == printed
