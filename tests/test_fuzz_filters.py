"""The fuzz target itself: it holds on a sample, and it can see a broken promise."""

from __future__ import annotations

import random

import fuzz_filters
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def test_a_sample_of_mutated_filters_holds():
    draw = random.Random(20)
    for _ in range(2000):
        fuzz_filters.check(fuzz_filters.text(draw).encode("utf-8", errors="replace"))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_hold(data):
    fuzz_filters.check(data)


def test_a_parser_that_breaks_the_promise_is_seen(monkeypatch):
    def broken(text):
        raise RecursionError

    monkeypatch.setattr(fuzz_filters, "parse_events", broken)

    with pytest.raises(RecursionError):
        fuzz_filters.check(b"kind == 'tariff'")
