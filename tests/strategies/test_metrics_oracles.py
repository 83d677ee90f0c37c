"""Numbers of a result against quantstats, scipy and plain loops, and what must hold for any book."""

from __future__ import annotations

import math
import statistics
import warnings
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx
from scipy.optimize import brentq

from strategies import metrics

OF_EQUITY = ("total_return", "cagr", "volatility", "sharpe", "max_drawdown")
GROWTH = st.lists(st.floats(0.5, 2.5), min_size=3, max_size=60)


def wealth(growth, start="2022-01-03"):
    """Equity from 100 on, one factor a session."""
    values = 100 * np.cumprod([1.0, *growth])
    return pd.Series(values, index=pd.bdate_range(start, periods=len(values)))


def measured(series):
    return {name: getattr(metrics, name)(series).value for name in OF_EQUITY}


def drawn(seed, count=600):
    return wealth(1 + np.random.default_rng(seed).standard_t(4, size=count) * 0.02)


@pytest.mark.parametrize("seed", range(4))
def test_return_ratio_and_drawdown_agree_with_quantstats(seed):
    series = drawn(seed)
    # A leading zero return gives both one start: the peer counts a fall from the first return on.
    returns = series.pct_change().fillna(0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import quantstats.stats as peer

        expected = {
            "total_return": float(peer.comp(returns)),
            "sharpe": float(peer.sharpe(returns.iloc[1:], periods=252)),
            "volatility": float(peer.volatility(returns.iloc[1:], periods=252)),
            "max_drawdown": float(peer.max_drawdown(series)),
        }

    found = measured(series)
    assert {name: found[name] for name in expected} == approx(expected, rel=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_cagr_is_the_rate_at_which_the_start_grows_to_the_end(seed):
    series = drawn(seed)
    days = (date.fromisoformat(f"{series.index[-1]:%Y-%m-%d}") - date(2022, 1, 3)).days
    rate = brentq(
        lambda yearly: 100 * (1 + yearly) ** (days / 365.25) - series.iloc[-1], -0.99, 99, xtol=1e-14
    )

    assert metrics.cagr(series).value == approx(rate, abs=1e-10)


@given(GROWTH)
def test_volatility_ratio_and_drawdown_are_those_of_plain_loops(growth):
    values = wealth(growth).tolist()
    returns = [after / before - 1 for before, after in pairwise(values)]
    deepest = min(low / high - 1 for at, low in enumerate(values) for high in values[: at + 1])
    deviation = statistics.stdev(returns)
    found = measured(wealth(growth))

    assert found["volatility"] == approx(deviation * math.sqrt(252), abs=1e-9)
    assert found["max_drawdown"] == approx(deepest)
    if deviation > 1e-6:
        assert found["sharpe"] == approx(statistics.mean(returns) / deviation * math.sqrt(252), abs=1e-9)


@st.composite
def books(draw):
    """Equity, trades and orders of a made-up book."""
    count = draw(st.integers(1, 30))
    amounts = st.floats(0, 1e6)
    net = draw(st.lists(st.floats(1, 1e6), min_size=count, max_size=count))
    invested = draw(st.lists(st.sampled_from([0.0, 0.25, 1.0, 1.5]), min_size=count, max_size=count))
    index = pd.bdate_range("2024-01-02", periods=count)
    equity = pd.DataFrame({"net": net, "gross": net, "benchmark": net, "invested": invested}, index=index)
    trade = st.tuples(
        st.sampled_from(["closed", "open"]), st.floats(-1e3, 1e3), st.floats(-1, 3), st.just("e")
    )
    trades = draw(st.lists(trade, max_size=12))
    orders = draw(st.lists(st.tuples(amounts, amounts, amounts, amounts), max_size=12))
    return equity, trades, orders


@settings(max_examples=60)
@given(books())
def test_numbers_of_trades_orders_and_exposure_are_those_of_plain_loops(book):
    equity, trades, orders = book
    found = metrics.summarise(
        equity,
        pd.DataFrame(trades, columns=["status", "pnl", "return", "event"]),
        pd.DataFrame(orders, columns=["value", "fee", "slippage", "borrow"], dtype=float),
    )
    closed = [(pnl, gain) for status, pnl, gain, _ in trades if status == "closed"]
    held = [share for share in equity["invested"] if share > 0]
    years = len(equity) / 252

    assert found["costs_paid"].value == approx(sum(sum(order[1:]) for order in orders))
    assert found["turnover"].value == approx(
        sum(order[0] for order in orders) / 2 / statistics.mean(equity["net"]) / years
    )
    assert found["time_in_market"].value == approx(len(held) / len(equity))
    assert found["mean_exposure"].value == approx(sum(held) / len(equity))
    if closed:
        assert found["win_rate"].value == approx(sum(pnl > 0 for pnl, _ in closed) / len(closed))
        assert found["mean_trade"].value == approx(sum(gain for _, gain in closed) / len(closed), abs=1e-12)


@given(GROWTH, st.integers(-40, 40))
def test_a_book_of_another_size_has_the_same_numbers(growth, power):
    # Powers of two change the exponent of a float alone: not a bit of any ratio.
    assert measured(wealth(growth) * 2.0**power) == measured(wealth(growth))


@given(GROWTH, st.sampled_from(["America/New_York", "Australia/Sydney", "Asia/Tokyo"]))
def test_a_book_in_another_time_zone_has_the_same_numbers(growth, zone):
    assert measured(wealth(growth).tz_localize(zone)) == measured(wealth(growth))


@given(GROWTH)
def test_the_deepest_fall_lies_between_all_and_nothing_and_holds_any_loss(growth):
    found = measured(wealth(growth))

    assert -1 <= found["max_drawdown"] <= min(0.0, found["total_return"])


@given(GROWTH)
def test_a_session_in_cash_at_the_end_changes_neither_growth_nor_the_deepest_fall(growth):
    before, after = measured(wealth(growth)), measured(wealth([*growth, 1.0]))

    assert {name: before[name] for name in ("total_return", "max_drawdown")} == {
        name: after[name] for name in ("total_return", "max_drawdown")
    }
