"""The same trades at other costs."""

from __future__ import annotations

import math

import handmade
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx

from reports.cost_curve import AtCosts, cost_curve, ruin
from strategies.metrics import cagr, sharpe, total_return


def test_no_costs_is_gross_and_one_is_net():
    equity = handmade.result().equity
    free, paid = cost_curve(equity, (0.0, 1.0))

    assert free.total_return == approx(total_return(equity["gross"]).value)
    assert (paid.total_return, paid.cagr, paid.sharpe) == (
        approx(total_return(equity["net"]).value),
        approx(cagr(equity["net"]).value),
        approx(sharpe(equity["net"]).value),
    )


def test_twice_the_costs_take_twice_as_much():
    # Gross 100 → 150, net 130: costs of 20. Twice: 110, a return of 10 %.
    equity = pd.DataFrame(
        {"gross": [100.0, 150.0], "net": [100.0, 130.0]}, index=pd.to_datetime(["2024-01-02", "2024-06-03"])
    )
    (found,) = cost_curve(equity, (2.0,))

    assert found.total_return == approx(0.10)
    assert found.cagr is None


def test_costs_that_leave_nothing_have_no_return():
    equity = pd.DataFrame(
        {"gross": [100.0, 150.0], "net": [100.0, 80.0]}, index=pd.to_datetime(["2024-01-02", "2024-06-03"])
    )

    assert cost_curve(equity, (3.0,))[0].total_return is None


def books(gross, net, start="2024-01-02"):
    index = pd.bdate_range(start, periods=len(gross))
    return pd.DataFrame({"gross": gross, "net": net}, index=index, dtype=float)


def test_half_the_costs_are_worked_out_session_by_session():
    # Costs 0, 2 and 6; half of them leave 100, 109 and 107.91 of a gross 100, 110 and 110.91.
    # Returns 9 % and −1 %: mean 4 %, deviation 10 % / √2.
    (found,) = cost_curve(books([100, 110, 110.91], [100, 108, 104.91]), (0.5,))

    assert found.total_return == approx(0.0791)
    assert found.sharpe == approx(0.04 / (0.1 / math.sqrt(2)) * math.sqrt(252))


@given(
    st.lists(st.tuples(st.floats(50, 200), st.floats(0, 5)), min_size=2, max_size=40),
    st.sampled_from([0.0, 0.5, 1.0, 3.0]),
)
def test_what_is_left_is_that_of_a_plain_loop(sessions, multiple):
    gross, paid, costs = [], [], 0.0
    for value, cost in sessions:
        costs += cost
        gross.append(value)
        paid.append(costs)
    left = [value - multiple * cost for value, cost in zip(gross, paid, strict=True)]
    equity = books(gross, [value - cost for value, cost in zip(gross, paid, strict=True)])
    (found,) = cost_curve(equity, (multiple,))

    # Rounding decides where almost nothing is left.
    if min(left) < -1e-9:
        assert found == AtCosts(multiple, None, None, None, "nothing would be left")
    elif min(left) > 1e-3:
        assert found.total_return == approx(left[-1] / left[0] - 1)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.floats(50, 200), st.floats(0, 0.5)), min_size=2, max_size=40))
def test_higher_costs_never_leave_more(sessions):
    gross = pd.Series([value for value, _ in sessions])
    # Nothing is paid before the first session ends.
    costs = pd.Series([0.0, *(cost for _, cost in sessions[1:])]).cumsum()
    returns = [item.total_return for item in cost_curve(books(gross.tolist(), (gross - costs).tolist()))]
    known = [value for value in returns if value is not None]

    assert known == sorted(known, reverse=True)


@pytest.mark.parametrize("rows", [[1, 0, 2], [0, 1, 1]])
def test_unsorted_or_repeated_sessions_have_no_number(rows):
    equity = books([100, 110, 120], [100, 108, 115]).iloc[rows]

    assert cost_curve(equity, (1.0,)) == (AtCosts(1.0, None, None, None),)


def test_a_session_without_value_has_no_number():
    assert cost_curve(books([100, math.nan, 120], [100, 108, 115]), (1.0,))[0].total_return is None


def test_monthly_data_have_a_return_at_other_costs_but_no_ratio():
    months = pd.date_range("2023-01-31", periods=25, freq="ME")
    equity = pd.DataFrame({"gross": [100.0] * 24 + [150.0], "net": [100.0] * 24 + [130.0]}, index=months)
    (found,) = cost_curve(equity, (2.0,))

    # 110 is left of 100, over 731 days.
    assert (found.total_return, found.sharpe) == (approx(0.10), None)
    assert found.cagr == approx(1.1 ** (365.25 / 731) - 1)


def test_a_time_zone_changes_no_curve():
    equity = books([100, 110, 120], [100, 108, 115])

    assert cost_curve(equity.tz_localize("Australia/Sydney")) == cost_curve(equity)


def test_one_day_has_a_return_and_no_ratio():
    assert cost_curve(books([100, 110], [100, 105]), (2.0,)) == (AtCosts(2.0, approx(0.0), None, None),)


def test_a_book_that_never_moved_has_no_ratio_at_any_costs():
    assert {item.sharpe for item in cost_curve(books([100] * 5, [100] * 5))} == {None}


def test_without_a_session_there_is_no_curve():
    assert {item.total_return for item in cost_curve(books([], []))} == {None}


def test_the_multiple_that_ruins_is_where_gross_is_used_up():
    # 100 earned 20 and paid 30 by the second session: 120 / 30 = 4; the third has 110 / 40 = 2.75.
    table = pd.DataFrame({"gross": [100.0, 120.0, 110.0], "net": [100.0, 90.0, 70.0]})

    assert ruin(table) == approx(2.75)
    assert ruin(pd.DataFrame({"gross": [100.0, 120.0], "net": [100.0, 120.0]})) is None


def test_a_missing_value_is_no_ruin():
    table = pd.DataFrame({"gross": [100.0, float("nan"), 110.0], "net": [100.0, 99.0, 100.0]})

    assert {item.reason for item in cost_curve(table)} == {"it has no value on some session"}
