"""Positions by session and turnover by year, counted by hand."""

from __future__ import annotations

import pandas as pd
from pytest import approx

from reports.exposure import positions, turnover_by_year


def trades(*rows):
    table = pd.DataFrame(rows, columns=["entry_session", "exit_session", "status"])
    return table.assign(**{name: pd.to_datetime(table[name]) for name in ("entry_session", "exit_session")})


def test_a_trade_is_held_from_its_entry_to_before_its_exit_and_an_open_one_to_the_end():
    sessions = pd.bdate_range("2024-01-01", periods=5)
    held = positions(
        trades(
            ("2024-01-01", "2024-01-03", "closed"),
            ("2024-01-02", None, "open"),
            ("2024-01-04", "2024-01-04", "closed"),
        ),
        sessions,
    )

    # Monday the first; Tuesday both; from Wednesday the open one. In and out on Thursday is no close.
    assert held.tolist() == [1, 2, 1, 1, 1]


def test_turnover_is_the_value_of_the_fills_over_twice_the_mean_equity_of_the_year():
    equity = pd.Series(
        [100.0, 100.0, 300.0], index=pd.to_datetime(["2023-06-01", "2024-06-03", "2024-06-04"])
    )
    orders = pd.DataFrame({"session": pd.to_datetime(["2024-06-03", "2024-06-04"]), "value": [100.0, 300.0]})

    # 2024: 400 / mean of 100 and 300 / 2 = 1.
    assert turnover_by_year(orders, equity) == {2023: 0.0, 2024: approx(1.0)}


def test_a_year_with_nothing_left_has_no_turnover():
    equity = pd.Series([0.0], index=pd.to_datetime(["2024-06-03"]))

    assert turnover_by_year(pd.DataFrame({"session": pd.to_datetime([]), "value": []}), equity) == {
        2024: None
    }
