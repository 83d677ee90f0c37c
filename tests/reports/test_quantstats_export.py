"""The second page: where the numbers of quantstats and ours agree, and where and why they do not."""

from __future__ import annotations

import math
from dataclasses import replace

import handmade
import numpy as np
import pandas as pd
import pytest
from pytest import approx

from reports.benchmark_regression import regression
from reports.calendar_returns import calendar_returns
from reports.drawdowns import drawdowns
from reports.quantstats_export import DEVIATIONS, aligned, export
from reports.tail_risk import shortfall
from strategies.metrics import cagr, max_drawdown, sharpe, total_return, volatility, win_rate
from universes.errors import BadParameter

quantstats = pytest.importorskip("quantstats")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    target = tmp_path_factory.mktemp("qs") / "page.html"
    base = handmade.result()
    net = base.equity["net"].copy()
    net.iloc[:500] = net.iloc[0]
    named = replace(base, strategy=handmade.HOSTILE, equity=base.equity.assign(net=net))
    export(named, target, title=f"{handmade.HOSTILE} {{{{metrics}}}}")
    return target.read_text("utf-8")


def test_total_return_volatility_sharpe_and_drawdown_agree():
    result = handmade.result()
    book, _ = aligned(result)
    net = result.equity["net"]

    assert quantstats.stats.comp(book) == approx(total_return(net).value)
    assert quantstats.stats.volatility(book, periods=252) == approx(volatility(net).value)
    assert quantstats.stats.sharpe(book, periods=252) == approx(sharpe(net).value)
    assert quantstats.stats.max_drawdown(book) == approx(max_drawdown(net).value)


def test_cagr_differs_as_quantstats_counts_sessions_and_we_count_days():
    result = handmade.result()
    book, _ = aligned(result)
    growth = 1 + total_return(result.equity["net"]).value

    theirs = quantstats.stats.cagr(book, periods=252)
    assert theirs == approx(growth ** (252 / len(book)) - 1)
    assert theirs != approx(cagr(result.equity["net"]).value, rel=1e-3)


def test_value_at_risk_differs_as_quantstats_assumes_a_normal_distribution():
    book, _ = aligned(handmade.result())

    normal = book.mean() - 1.6448536269514722 * book.std()
    assert quantstats.stats.value_at_risk(book) == approx(normal)
    assert quantstats.stats.value_at_risk(book) != approx(float(np.quantile(book, 0.05)), rel=0.02)


def test_expected_shortfall_differs_as_quantstats_assumes_a_normal_distribution():
    book, _ = aligned(handmade.result())

    # Mean less deviation × density at the fifth percentile / 0.05: φ(−1.6449) = 0.1031356.
    assert quantstats.stats.cvar(book) == approx(book.mean() - book.std() * 0.1031356404 / 0.05)
    assert quantstats.stats.cvar(book) != approx(shortfall(book.to_numpy()).mean, rel=0.02)


def test_slope_and_explained_part_agree_and_so_does_alpha_without_a_riskless_rate():
    result = handmade.result()
    book, benchmark = aligned(result)
    ours = regression(result.equity["net"], result.equity["benchmark"])
    theirs = quantstats.stats.greeks(book, benchmark, periods=252)

    assert theirs["beta"] == approx(ours.slope)
    assert theirs["alpha"] == approx(ours.intercept * 252)
    assert quantstats.stats.r_squared(book, benchmark) == approx(ours.explained)


def test_treynor_ulcer_performance_and_recovery_divide_the_return_of_the_whole_period():
    book, benchmark = aligned(handmade.result())
    whole = quantstats.stats.comp(book)
    beta = quantstats.stats.greeks(book, benchmark, periods=252)["beta"]

    assert quantstats.stats.treynor_ratio(book, benchmark, periods=252) == approx(whole / beta)
    assert quantstats.stats.ulcer_performance_index(book) == approx(
        whole / quantstats.stats.ulcer_index(book)
    )
    # The sum of the returns, its sign thrown away: a loser has a recovery factor above zero.
    fallen = abs(quantstats.stats.max_drawdown(-book))
    assert quantstats.stats.recovery_factor(-book) == approx(abs(book.sum()) / fallen)


def test_a_drawdown_from_the_first_session_on_is_missing_there_and_open_here():
    days = pd.bdate_range("2024-01-02", periods=42)
    returns = pd.Series([-0.35, *[0.001] * 20, *[-0.001] * 20], index=days[1:])
    wealth = pd.Series([1.0, *(1 + returns).cumprod()], index=days)
    theirs = quantstats.stats.drawdown_details(quantstats.stats.to_drawdown_series(returns))

    assert theirs.empty
    (ours,) = drawdowns(wealth)
    assert (ours.peak, ours.recovery) == (0, None)
    assert ours.depth == approx(-0.35, abs=0.001)


def test_recovery_is_the_last_session_under_water_there_and_the_first_above_here():
    days = pd.bdate_range("2024-01-02", periods=6)
    wealth = pd.Series([100.0, 120, 90, 100, 120, 130], index=days)
    details = quantstats.stats.drawdown_details(
        quantstats.stats.to_drawdown_series(wealth.pct_change().iloc[1:])
    )

    # Peak 120 on 3 January, 90 and 100 below it, 120 again on 8 January.
    (ours,) = drawdowns(wealth)
    assert (days[ours.peak], days[ours.recovery]) == (pd.Timestamp("2024-01-03"), pd.Timestamp("2024-01-08"))
    assert tuple(details[["start", "end"]].iloc[0]) == ("2024-01-04", "2024-01-05")


def test_win_rates_are_of_days_that_moved_there_and_of_trades_here():
    days = pd.bdate_range("2024-01-02", periods=5)

    # Two days up, one down, two in cash.
    assert quantstats.stats.win_rate(pd.Series([0.01, 0, 0, -0.01, 0.02], index=days)) == approx(2 / 3)
    # Two closed trades, one of them won; the open one does not count.
    table = pd.DataFrame({"status": ["closed", "closed", "open"], "pnl": [5.0, -1.0, 9.0]})
    assert win_rate(table).value == approx(1 / 2)


def test_months_without_data_are_zero_there_and_absent_here():
    result = handmade.result()
    book, _ = aligned(result)
    short = book[(book.index >= "2019-02-01") & (book.index < "2019-04-01")]
    theirs = quantstats.stats.monthly_returns(short)
    wealth = result.equity["net"][result.equity.index < "2019-04-01"]

    assert theirs["DEC"].iloc[0] == 0.0
    assert set(calendar_returns(wealth[wealth.index >= "2019-01-31"])[0].months) == {2, 3}


def test_days_in_cash_at_the_start_are_kept(written):
    # The first return is of the second session; two years of cash are not cut off.
    assert "3 Jan, 2019" in written


def test_the_page_has_the_note_the_banner_and_nothing_that_asks_the_network(written):
    assert all(item.split(";")[0].replace("'", "&#x27;") in written for item in DEVIATIONS)
    assert "SIMULATED. No price on this page was ever traded." in written
    assert "favicon" not in written
    assert "onload" not in written.replace("onload=alert", "")


def test_hostile_names_are_text(written):
    assert "<img src=x" not in written.lower()
    assert "alert(1)" in written
    assert written.count("Key Performance Metrics") == 1


@pytest.mark.parametrize("name", ["net", "benchmark"])
def test_a_series_that_never_moved_is_refused_before_quantstats_fails_on_it(tmp_path, name):
    base = handmade.result()
    still = replace(base, equity=base.equity.assign(**{name: 1e6}))

    with pytest.raises(BadParameter, match="never moved"):
        export(still, tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_series_are_aligned_and_without_time_zones():
    book, benchmark = aligned(handmade.result())

    assert book.index.equals(benchmark.index)
    assert book.index.tz is None
    assert math.isclose(book.index.hour.max(), 0)
