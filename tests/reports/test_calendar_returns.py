"""Months and years worked out by hand: blanks, parts of years, months of cash, the first day."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from reports.calendar_returns import calendar_returns


def wealth(**values):
    """Wealth by day, written ``d2024_01_31=110``."""
    return pd.Series(
        list(values.values()), index=pd.to_datetime([day[1:].replace("_", "-") for day in values])
    )


def test_a_month_counts_from_the_last_value_before_it():
    (year,) = calendar_returns(wealth(d2024_01_02=100, d2024_01_31=110, d2024_02_29=99, d2024_03_28=99))

    # January from its first value, as there is none before: 110/100; February 99/110; March is cash.
    assert year.months == {1: approx(0.10), 2: approx(-0.10), 3: 0.0}
    assert year.total == approx(-0.01)


def test_months_without_data_are_not_there_at_all():
    first, second = calendar_returns(wealth(d2023_11_30=100, d2023_12_29=120, d2024_06_03=60))

    # November holds the start alone: a single value has no return.
    assert first.months == {12: approx(0.2)}
    assert second.months == {6: approx(-0.5)}


def test_a_loss_on_the_first_session_after_the_start_counts():
    (year,) = calendar_returns(wealth(d2024_01_02=100, d2024_01_03=65))

    assert year.months == {1: approx(-0.35)}


def test_a_year_is_whole_when_its_sessions_reach_both_ends():
    days = pd.bdate_range("2022-12-30", "2024-07-03")
    years = calendar_returns(pd.Series(range(100, 100 + len(days)), index=days))

    assert [(year.year, year.whole) for year in years] == [(2022, False), (2023, True), (2024, False)]
    # One session alone, the start: the year has no return.
    assert years[0].total is None


def test_monthly_data_give_the_return_of_each_month():
    days = pd.date_range("2024-01-31", periods=4, freq="ME")
    (year,) = calendar_returns(pd.Series([100.0, 101.0, 99.0, 100.0], index=days))

    assert year.months == {2: approx(0.01), 3: approx(-2 / 101), 4: approx(1 / 99)}


@given(st.lists(st.floats(0.5, 2.0), min_size=2, max_size=800), st.integers(0, 400))
def test_years_and_months_compound_to_the_whole(growth, shift):
    days = pd.bdate_range(pd.Timestamp("2019-11-20") + pd.Timedelta(days=shift), periods=len(growth))
    series = pd.Series(growth, index=days)
    years = calendar_returns(series)
    months, whole = 1.0, 1.0
    for year in years:
        whole *= 1 + (year.total or 0.0)
        for value in year.months.values():
            months *= 1 + value

    assert months == approx(series.iloc[-1] / series.iloc[0])
    assert whole == approx(series.iloc[-1] / series.iloc[0])


@given(st.lists(st.floats(0.5, 2.0), min_size=2, max_size=300), st.integers(0, 400))
def test_months_and_years_are_their_session_returns_compounded(growth, shift):
    days = pd.bdate_range(pd.Timestamp("2019-11-20") + pd.Timedelta(days=shift), periods=len(growth))
    months, totals = defaultdict(lambda: 1.0), defaultdict(lambda: 1.0)
    for (_, before), (day, after) in pairwise(zip(days, growth, strict=True)):
        months[day.year, day.month] *= after / before
        totals[day.year] *= after / before
    found = calendar_returns(pd.Series(growth, index=days))

    assert {
        (year.year, month): 1 + value for year in found for month, value in year.months.items()
    } == approx(dict(months))
    assert {year.year: 1 + year.total for year in found if year.total is not None} == approx(dict(totals))


def test_months_of_cash_are_zero_and_not_blank():
    days = pd.bdate_range("2024-01-01", "2024-04-30")
    (year,) = calendar_returns(pd.Series([100.0] * (len(days) - 1) + [90.0], index=days))

    assert year.months == {1: 0, 2: 0, 3: 0, 4: approx(-0.1)}


def test_a_session_of_plus_150_per_cent_is_the_return_of_its_month():
    (year,) = calendar_returns(wealth(d2024_01_02=100, d2024_01_03=250))

    assert (year.months, year.total) == ({1: 1.5}, 1.5)


def test_rows_in_any_order_give_the_same_months():
    series = wealth(d2023_12_29=100, d2024_01_31=110, d2024_02_29=99, d2024_03_28=99)

    assert calendar_returns(series.iloc[[2, 0, 3, 1]]) == calendar_returns(series)


def test_of_a_date_given_twice_the_last_value_counts():
    twice = wealth(d2024_01_02=100, d2024_01_31=105, d2024_02_29=99)
    twice = pd.concat([twice.iloc[:2], pd.Series([110.0], index=twice.index[[1]]), twice.iloc[2:]])

    # 110 / 100 and 99 / 110.
    assert calendar_returns(twice)[0].months == {1: approx(0.1), 2: approx(-0.1)}


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_a_time_zone_moves_no_session_to_another_month(zone):
    series = wealth(d2023_12_29=100, d2024_01_01=120, d2024_01_31=110, d2024_02_01=99)

    assert calendar_returns(series.tz_localize(zone)) == calendar_returns(series)


def test_a_missing_value_is_passed_over():
    (year,) = calendar_returns(
        wealth(d2024_01_02=100, d2024_01_30=110, d2024_01_31=math.nan, d2024_02_29=math.nan, d2024_03_28=99)
    )

    # January to its last known value; February has none; March from January's 110.
    assert year.months == {1: approx(0.1), 3: approx(-0.1)}


def test_after_a_wipe_out_months_have_no_return():
    first, second = calendar_returns(
        wealth(d2023_11_30=100, d2023_12_29=50, d2024_01_31=0, d2024_02_29=0, d2025_01_31=0)
    )[:2]

    assert (first.months, second.months) == ({12: -0.5}, {1: -1})
    assert second.total == -1


def test_a_year_that_begins_with_nothing_has_no_return():
    assert calendar_returns(wealth(d2023_11_30=100, d2023_12_29=0, d2024_01_31=0))[1].total is None


@pytest.mark.parametrize("count", [0, 1])
def test_without_two_values_no_month_has_a_return(count):
    found = calendar_returns(wealth(d2024_01_02=100).iloc[:count])

    assert [(year.months, year.total) for year in found] == [({}, None)] * count
