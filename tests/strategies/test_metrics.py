"""Numbers of a result against cases worked by hand, and the cases where there is no number."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from pytest import approx

from strategies import metrics


def equity(values, start="2023-01-02"):
    return pd.Series(values, index=pd.bdate_range(start, periods=len(values)), dtype=float)


def test_total_return_counts_the_first_session():
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
    trades = pd.DataFrame(
        {"status": ["closed", "closed", "open"], "pnl": [5.0, -1.0, 9.0], "return": [0.05, -0.01, 0.09]}
    )

    assert metrics.win_rate(trades).value == 0.5
    assert metrics.mean_trade(trades).value == approx(0.02)
    assert metrics.win_rate(trades[:0]).reason == "no closed trade"


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


@pytest.fixture(scope="module")
def returns():
    draws = np.random.default_rng(7).standard_t(4, size=600) * 0.02
    return pd.Series(draws, index=pd.bdate_range("2022-01-03", periods=600))


def test_ratio_and_drawdown_agree_with_quantstats(returns):
    # The peer takes returns and counts a fall from the first close; a leading zero return gives both one start.
    returns.iloc[0] = 0.0
    series = 100 * (1 + returns).cumprod()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import quantstats.stats as peer

        expected = {
            "sharpe": float(peer.sharpe(returns.iloc[1:], periods=252)),
            "volatility": float(peer.volatility(returns.iloc[1:], periods=252)),
            "max_drawdown": float(peer.max_drawdown(series)),
        }

    assert {name: getattr(metrics, name)(series).value for name in expected} == approx(expected, rel=1e-9)
