"""The command that a run records."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies.commands import quoted


@pytest.mark.parametrize(
    ("word", "typed"),
    [
        ("pullback", "pullback"),
        ("score >= 60", "'score >= 60'"),
        ("kind == 'tariff'", "\"kind == 'tariff'\""),
        ("kind == 'a$b'", "'kind == '\"'\"'a$b'\"'\"''"),
    ],
)
def test_a_word_is_quoted_as_one_would_type_it(word, typed):
    assert quoted(word) == typed


@given(st.text())
def test_a_shell_reads_every_word_back(word):
    assert shlex.split(quoted(word)) == [word]
