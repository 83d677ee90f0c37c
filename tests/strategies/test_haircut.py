"""Haircuts of Sharpe ratios against the published example."""

from __future__ import annotations

import pytest
from answers import overfitting as published
from hypothesis import given
from hypothesis import strategies as some
from pytest import approx

from strategies.haircut import haircut


def test_the_example_of_harvey_and_liu():
    found = haircut(published.YEARLY / 12**0.5, published.MONTHS, published.TESTS)

    assert found.p == approx(published.P, abs=5e-5)
    assert found.adjusted_p == approx(published.ADJUSTED_P, abs=0.011)
    assert found.adjusted * 12**0.5 == approx(published.ADJUSTED, abs=0.01)
    assert found.share == approx(published.SHARE, abs=0.025)


def test_one_test_is_not_cut():
    found = haircut(0.2, 100, 1)

    assert found.adjusted == approx(0.2)
    assert found.share == approx(0, abs=1e-12)


@pytest.mark.parametrize("ratio", [0.05, -0.05, 0.0])
def test_a_weak_ratio_of_many_tests_is_cut_to_nothing(ratio):
    found = haircut(ratio, 100, 1_000)

    assert found.adjusted == 0
    assert found.adjusted_p == 1


@given(some.floats(-3, 3), some.integers(2, 3_000), some.integers(1, 10**7))
def test_a_haircut_never_adds_nor_turns_the_sign(ratio, count, tests):
    found = haircut(ratio, count, tests)

    assert 0 <= found.share <= 1
    assert abs(found.adjusted) <= abs(ratio) * (1 + 1e-9) + 1e-9
    assert found.adjusted * ratio >= 0
