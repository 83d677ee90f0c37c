"""Months and years worked out by hand: blanks, parts of years, months of cash, the first day."""

from __future__ import annotations

import pandas as pd
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
