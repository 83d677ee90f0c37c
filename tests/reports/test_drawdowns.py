"""Falls of wealth, worked out by hand and against the definition."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from reports.drawdowns import Drawdown, below_peak, drawdowns


def test_a_fall_goes_from_its_peak_to_the_session_that_is_no_longer_below():
    # Peak 120 in row 1, valley 60 in row 3: 60 / 120 − 1 = −0.5, made good in row 5.
    assert drawdowns(pd.Series([100.0, 120, 90, 60, 100, 120, 130])) == (Drawdown(1, 3, 5, -0.5),)


def test_a_loss_on_the_first_session_that_never_recovers_is_open():
    assert drawdowns(pd.Series([100.0, 65, 65])) == (Drawdown(0, 1, None, approx(-0.35)),)


def test_the_deepest_comes_first():
    # 90 / 100 − 1 = −0.1, then 55 / 110 − 1 = −0.5.
    found = drawdowns(pd.Series([100.0, 90, 110, 55, 110]))

    assert [item.depth for item in found] == [approx(-0.5), approx(-0.1)]


def test_wealth_that_only_rises_has_none():
    assert drawdowns(pd.Series([1.0, 1, 2, 3])) == ()


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=40))
def test_every_session_below_a_peak_lies_in_exactly_one_fall(values):
    wealth = pd.Series(values)
    found = drawdowns(wealth)

    covered = [row for item in found for row in range(item.peak + 1, item.recovery or len(values))]
    assert sorted(covered) == [row for row, depth in enumerate(below_peak(wealth)) if depth < 0]
    assert min((item.depth for item in found), default=0) == below_peak(wealth).min()
