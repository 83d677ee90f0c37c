"""Falls of wealth, worked out by hand and against the definition."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from reports.drawdowns import Drawdown, below_peak, drawdowns
from strategies.metrics import max_drawdown


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


@given(st.lists(st.integers(1, 9), min_size=1, max_size=40))
def test_falls_are_those_of_a_walk_from_peak_to_recovery(values):
    found, row = [], 0
    while row < len(values) - 1:
        if values[row + 1] >= values[row]:
            row += 1
            continue
        after = range(row + 1, len(values))
        recovery = next((at for at in after if values[at] >= values[row]), None)
        under = values[row + 1 : recovery]
        valley = row + 1 + under.index(min(under))
        found.append(Drawdown(row, valley, recovery, values[valley] / values[row] - 1))
        row = len(values) if recovery is None else recovery

    assert drawdowns(pd.Series(values, dtype=float)) == tuple(
        sorted(found, key=lambda item: (item.depth, item.peak))
    )


@given(st.lists(st.floats(0.5, 2), min_size=2, max_size=200))
def test_the_deepest_fall_is_that_of_the_metrics(growth):
    wealth = pd.Series(growth, index=pd.bdate_range("2024-01-02", periods=len(growth))).cumprod()

    assert min((item.depth for item in drawdowns(wealth)), default=0) == max_drawdown(wealth).value


@pytest.mark.parametrize("zone", ["UTC", "Australia/Sydney"])
def test_a_time_zone_changes_no_fall(zone):
    wealth = pd.Series([100.0, 90, 110, 55, 110], index=pd.bdate_range("2024-01-02", periods=5))

    assert drawdowns(wealth.tz_localize(zone)) == drawdowns(wealth)


def test_months_of_cash_under_water_belong_to_the_fall():
    assert drawdowns(pd.Series([100.0, *[80.0] * 60, 100])) == (Drawdown(0, 1, 61, approx(-0.2)),)


def test_a_session_without_value_neither_begins_a_fall_nor_ends_one():
    # Peak 100 in row 1, not in the hole behind it; 80 and 90 are one fall with a hole in it.
    hole = math.nan

    assert drawdowns(pd.Series([hole, 100, hole, 80, hole, 90, 100])) == (Drawdown(1, 3, 6, approx(-0.2)),)
    assert drawdowns(pd.Series([100.0, hole, 100])) == ()


def test_a_wiped_out_book_fell_by_all_of_it_and_stays_there():
    assert drawdowns(pd.Series([50.0, 100, 0, 0])) == (Drawdown(1, 2, None, -1.0),)


@pytest.mark.parametrize("values", [[], [100.0], [100.0, 100.0]])
def test_without_a_move_there_is_no_fall(values):
    assert drawdowns(pd.Series(values, dtype=float)) == ()


def test_after_a_session_of_plus_150_per_cent_the_peak_is_the_new_one():
    # 250 → 125: half, though still above the start.
    assert drawdowns(pd.Series([100.0, 250, 125])) == (Drawdown(1, 2, None, -0.5),)
