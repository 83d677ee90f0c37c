"""Numbers of a result against cases worked by hand, and the cases where there is no number."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from pytest import approx

from strategies import metrics


def equity(values, start="2023-01-02"):
    return pd.Series(values, index=pd.bdate_range(start, periods=len(values)), dtype=float)


OF_EQUITY = ("total_return", "cagr", "volatility", "sharpe", "max_drawdown")
OF_SESSIONS = ("volatility", "sharpe")


def told(series):
    """Each number of a series of equity, or the reason why there is none."""
    numbers = {name: getattr(metrics, name)(series) for name in OF_EQUITY}
    return {name: number.reason or number.value for name, number in numbers.items()}


def table(net, invested=1.0):
    """Equity as of a backtest, gross and benchmark like net."""
    return pd.DataFrame({"net": net, "gross": net, "benchmark": net, "invested": invested}, dtype=float)


def orders(*rows):
    """Fills, each written (value, fee, slippage, borrow)."""
    return pd.DataFrame(list(rows), columns=["value", "fee", "slippage", "borrow"], dtype=float)


def trades(*rows):
    """Trades, each written (status, pnl, return)."""
    made = pd.DataFrame(list(rows), columns=["status", "pnl", "return"])
    return made.assign(event="e")


def test_total_return_counts_the_first_session():
    # 75 / 100 − 1; from the close of the first session it would be + 50 %.
    assert metrics.total_return(equity([100, 50, 75])).value == -0.25


def test_cagr_is_by_calendar_days():
    series = pd.Series([100.0, 121.0], index=pd.to_datetime(["2021-01-01", "2023-01-01"]))

    # 730 days: 1.21 ^ (365.25 / 730) - 1.
    assert metrics.cagr(series).value == approx(1.21 ** (365.25 / 730) - 1)


def test_cagr_of_less_than_a_year_is_not_stated():
    number = metrics.cagr(equity([100, 110, 120]))

    assert number.value is None
    assert number.reason == "2 days; a yearly rate needs 365"


def test_sharpe_is_a_year_of_252_sessions():
    # Returns 1 %, 3 %: mean 2 %, standard deviation √2 %, so √2 a session and √2 · √252 a year.
    assert metrics.sharpe(equity([100, 101, 101 * 1.03])).value == approx(math.sqrt(2) * math.sqrt(252))


def test_volatility_is_a_year_of_252_sessions():
    assert metrics.volatility(equity([100, 101, 101 * 1.03])).value == approx(
        0.01 * math.sqrt(2) * math.sqrt(252)
    )


def test_an_idle_book_has_no_sharpe_and_says_why():
    number = metrics.sharpe(equity([100, 100, 100]))

    assert number.value is None
    assert str(number) == "n/a (the book never moved)"


def test_constant_growth_has_no_sharpe_though_rounding_gives_it_a_deviation():
    assert metrics.sharpe(equity([100 * 1.001**day for day in range(50)])).value is None


def test_drawdown_of_a_loss_on_the_first_session_counts():
    assert metrics.max_drawdown(equity([100, 70, 90])).value == approx(-0.3)


def test_drawdown_of_a_book_that_only_rose_is_zero():
    assert metrics.max_drawdown(equity([100, 110, 120])).value == 0.0


def test_win_rate_and_mean_trade_count_closed_trades_only():
    # One of two closed trades gained; (5 % − 1 %) / 2 = 2 %. The open one counts in neither.
    made = trades(("closed", 5.0, 0.05), ("closed", -1.0, -0.01), ("open", 9.0, 0.09))

    assert metrics.win_rate(made).value == 0.5
    assert metrics.mean_trade(made).value == approx(0.02)


def test_without_a_closed_trade_there_is_no_win_rate_and_no_mean():
    made = trades(("open", 9.0, 0.09))

    assert metrics.win_rate(made).reason == "no closed trade"
    assert metrics.mean_trade(made).reason == "no closed trade"


def test_a_trade_that_only_earned_its_costs_is_no_win():
    assert metrics.win_rate(trades(("closed", 0.0, 0.0))).value == 0.0


def test_turnover_is_half_of_all_fills_over_mean_equity_a_year():
    # 300 bought and 150 sold of a mean of (100 + 200) / 2 = 150: 3; half of it in 2 of 252 sessions:
    # 1.5 · 126 = 189.
    found = metrics.summarise(table(equity([100, 200])), trades(), orders((300, 0, 0, 0), (150, 0, 0, 0)))

    assert found["turnover"].value == approx(189)


def test_costs_paid_are_fees_slippage_and_borrowing_of_all_fills():
    # 1 + 2 + 0 and 0.5 + 0.25 + 4.
    found = metrics.summarise(table(equity([100, 90])), trades(), orders((9, 1, 2, 0), (9, 0.5, 0.25, 4)))

    assert found["costs_paid"].value == approx(7.75)
    assert metrics.summarise(table(equity([100, 90])), trades(), orders())["costs_paid"].value == 0


def test_time_in_market_counts_sessions_and_mean_exposure_their_shares():
    # Two sessions of four end with a position; (0 + 0.5 + 1.1 + 0) / 4 = 0.4.
    found = metrics.summarise(table(equity([100] * 4), [0, 0.5, 1.1, 0]), trades(), orders())

    assert found["time_in_market"].value == 0.5
    assert found["mean_exposure"].value == approx(0.4)


def test_a_loss_on_the_first_day_that_is_never_made_good_is_in_every_number():
    # 100 → 65 → 65 → 65: returns −35 %, 0, 0: mean −0.35/3, squares 0.35²·(4 + 1 + 1)/9, over n − 1 = 2:
    # 0.35²/3.
    found = told(equity([100, 65, 65, 65]))

    assert found["total_return"] == found["max_drawdown"] == approx(-0.35)
    assert found["volatility"] == approx(0.35 / math.sqrt(3) * math.sqrt(252))
    assert found["sharpe"] == approx(-1 / math.sqrt(3) * math.sqrt(252))


def test_months_of_cash_before_the_first_trade_count_as_sessions():
    # 60 returns of zero, then +10 % and −10 %: mean 0; squares 2 · 0.01, over n − 1 = 61. Without the cash it
    # would be over 1.
    found = told(equity([100] * 61 + [110, 99]))

    assert found["total_return"] == approx(-0.01)
    assert found["volatility"] == approx(math.sqrt(0.02 / 61) * math.sqrt(252))
    assert found["sharpe"] == approx(0, abs=1e-12)


def test_a_session_of_plus_150_per_cent_is_a_return_and_no_price():
    # 100 → 250 → 250: returns 1.5 and 0: mean 0.75, deviation 1.5/√2.
    found = told(equity([100, 250, 250]))

    assert (found["total_return"], found["max_drawdown"]) == (1.5, 0)
    assert found["volatility"] == approx(1.5 / math.sqrt(2) * math.sqrt(252))
    assert found["sharpe"] == approx(1 / math.sqrt(2) * math.sqrt(252))


def test_a_trade_of_plus_150_per_cent_is_one_win_of_that_size():
    made = trades(("closed", 150.0, 1.5), ("closed", -50.0, -0.5))

    assert metrics.win_rate(made).value == 0.5
    assert metrics.mean_trade(made).value == approx(0.5)


def test_equity_below_one_is_not_taken_for_returns():
    found = told(equity([0.30, 0.15, 0.33]))

    assert found["total_return"] == approx(0.1)
    assert found["max_drawdown"] == approx(-0.5)


def test_monthly_data_have_growth_and_drawdown_but_no_number_of_sessions():
    # Of 731 days from 31 January 2023 to 31 January 2025.
    months = pd.date_range("2023-01-31", periods=25, freq="ME")
    found = told(pd.Series([100.0] * 12 + [80.0] + [121.0] * 12, index=months))

    assert found["total_return"] == approx(0.21)
    assert found["cagr"] == approx(1.21 ** (365.25 / 731) - 1)
    assert found["max_drawdown"] == approx(-0.2)
    assert {found[name] for name in OF_SESSIONS} == {"one value every 31 days; it needs one a session"}


def test_turnover_of_monthly_data_is_not_stated():
    months = pd.date_range("2023-01-31", periods=25, freq="ME")
    found = metrics.summarise(table(pd.Series(100.0, index=months)), trades(), orders((300, 0, 0, 0)))

    assert found["turnover"].reason == "one value every 31 days; it needs one a session"


def test_hourly_data_are_not_taken_for_sessions():
    hours = pd.date_range("2024-01-02 10:00", periods=5, freq="h")
    found = told(pd.Series([100.0, 101, 99, 100, 102], index=hours))

    assert found["total_return"] == approx(0.02)
    assert {found[name] for name in OF_SESSIONS} == {"several values a day; it needs one a session"}


def test_holidays_do_not_make_sessions_irregular():
    # Ten days without a session, as at a lunar new year, between two weeks of them.
    days = pd.bdate_range("2024-01-29", periods=5).append(pd.bdate_range("2024-02-12", periods=5))

    assert metrics.volatility(pd.Series(range(100, 110), index=days, dtype=float)).reason == ""


@pytest.mark.parametrize("rows", [[0, 2, 1, 3], [3, 2, 1, 0], [0, 1, 1, 2]])
def test_unsorted_or_repeated_dates_have_no_number(rows):
    shuffled = equity([100, 80, 120, 110]).iloc[rows]
    found = metrics.summarise(table(shuffled), trades(), orders((300, 0, 0, 0)))

    assert set(told(shuffled).values()) == {"sessions are not in order"}
    for name in ("turnover", "time_in_market", "mean_exposure", "benchmark_total_return"):
        assert found[name].reason == "sessions are not in order"


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Sydney", "UTC"])
def test_a_time_zone_changes_no_number(zone):
    # From January to July of the next year, an hour less than whole days in New York, and one more in Sydney.
    naive = equity([100 + day % 7 for day in range(390)], "2024-01-15")

    assert isinstance(told(naive)["cagr"], float)
    assert told(naive.tz_localize(zone)) == told(naive)


def test_an_hour_lost_to_summer_time_takes_no_day_off_a_year():
    # 15 January 2023 to 15 July 2024 are 547 days, of which one has 23 hours.
    days = pd.DatetimeIndex(["2023-01-15", "2024-07-15"], tz="America/New_York")

    assert metrics.cagr(pd.Series([100.0, 121.0], index=days)).value == approx(1.21 ** (365.25 / 547) - 1)


def test_without_variance_volatility_is_zero_and_the_ratio_is_not_there():
    assert told(equity([100, 100, 100])) == {
        "total_return": 0, "cagr": "2 days; a yearly rate needs 365", "volatility": 0,
        "sharpe": "the book never moved", "max_drawdown": 0,
    }  # fmt: skip


def test_constant_growth_is_not_said_to_have_never_moved():
    assert metrics.sharpe(equity([100, 110, 121, 133.1])).reason == "every return is the same"


def test_one_day_of_return_has_no_yearly_number():
    assert told(equity([100, 102])) == {
        "total_return": approx(0.02), "cagr": "1 days; a yearly rate needs 365",
        "volatility": "1 returns; it needs 2", "sharpe": "1 returns; it needs 2", "max_drawdown": 0,
    }  # fmt: skip


def test_a_single_value_has_not_moved_yet():
    assert told(equity([100])) == {
        "total_return": 0, "cagr": "0 days; a yearly rate needs 365", "volatility": "0 returns; it needs 2",
        "sharpe": "0 returns; it needs 2", "max_drawdown": 0,
    }  # fmt: skip


def test_without_a_session_there_is_no_number_of_equity_and_nothing_was_paid():
    found = metrics.summarise(table(equity([])), trades(), orders())

    assert set(told(equity([])).values()) == {"no session"}
    assert {name: number.value for name, number in found.items() if not number.reason} == {
        "costs_paid": 0, "trades": 0, "events_traded": 0,
    }  # fmt: skip


def test_a_session_without_value_leaves_growth_and_takes_what_needs_it():
    found = told(equity([100, math.nan, 90, 120]))

    assert found["total_return"] == approx(0.2)
    assert {found[name] for name in (*OF_SESSIONS, "max_drawdown")} == {"it has no value on some session"}


def test_a_benchmark_that_begins_later_has_no_number():
    assert set(told(equity([math.nan, 100, 90])).values()) == {"it does not start above zero"}


@pytest.mark.parametrize("start", [0.0, -5.0])
def test_nothing_grows_from_nothing(start):
    assert set(told(equity([start, 100, 90])).values()) == {"it does not start above zero"}


def test_a_book_without_its_last_value_has_no_number():
    assert set(told(equity([100, 90, math.inf])).values()) == {"it has no value on its last session"}


def test_a_wiped_out_book_lost_everything_and_has_no_returns_after_it():
    # 262 sessions reach over a year.
    found = told(equity([100.0] * 200 + [0.0] * 62))

    assert (found["total_return"], found["max_drawdown"]) == (-1, -1)
    assert found["cagr"] == "nothing is left"
    assert {found[name] for name in OF_SESSIONS} == {"nothing was left of it before the last session"}


def test_a_book_wiped_out_on_its_last_session_has_all_its_returns():
    # Returns 0 and −1: mean −1/2, deviation 1/√2.
    found = told(equity([100, 100, 0]))

    assert found["volatility"] == approx(math.sqrt(252 / 2))
    assert found["sharpe"] == approx(-math.sqrt(252 / 2))


def test_a_book_in_debt_lost_more_than_everything():
    found = told(equity([100, 50, -20]))

    assert found["total_return"] == found["max_drawdown"] == approx(-1.2)


def test_turnover_of_a_book_with_nothing_on_average_is_not_stated():
    found = metrics.summarise(table(equity([100, -150])), trades(), orders((300, 0, 0, 0)))

    assert found["turnover"].reason == "mean equity is not above zero"


def test_a_book_without_a_trade_has_no_ratio_of_its_own_but_its_benchmark_has():
    found = metrics.summarise(table(equity([100, 101, 99])), trades(), orders())

    assert found["sharpe"].reason == "no trade was made"
    assert found["benchmark_sharpe"].value is not None


def test_the_volatility_of_the_benchmark_stands_beside_that_of_the_book():
    found = metrics.summarise(table(equity([100, 101, 99])), trades(), orders())
    names = list(found)

    assert names[names.index("volatility") + 1] == "benchmark_volatility"
    assert found["benchmark_volatility"] == metrics.volatility(table(equity([100, 101, 99]))["benchmark"])


def test_conventions_tell_gross_from_net_and_a_drawdown_from_the_lowest_over_the_highest():
    found = metrics.summarise(table(equity([100, 101, 99])), trades(), orders())

    assert found["total_return"].convention == "last equity / first equity − 1"
    assert found["total_return_gross"].convention.endswith("of equity with all costs added back")
    assert found["max_drawdown"].convention == "lowest of (equity / highest equity so far) − 1"


@pytest.mark.parametrize(
    ("value", "unit", "printed"),
    [
        (0.1234, "fraction", "12.3 %"),
        (1.5, "ratio", "1.50"),
        (12345.6, "currency", "12,346"),
        (7.0, "count", "7"),
    ],
)
def test_a_number_prints_in_its_unit(value, unit, printed):
    assert str(metrics.Metric(value, unit, "convention")) == printed


def test_weekly_and_monthly_values_have_growth_and_nothing_that_252_sessions_make_a_year_of():
    for freq, gap in (("7D", "7"), ("30D", "30")):
        series = pd.Series([100.0, 101, 100, 103], index=pd.date_range("2023-01-02", periods=4, freq=freq))
        found = told(series)

        assert found["total_return"] == approx(0.03)
        assert found["max_drawdown"] == approx(100 / 101 - 1)
        assert found["volatility"] == found["sharpe"] == f"one value every {gap} days; it needs one a session"
