"""The second page: where the numbers of quantstats and ours agree, and where and why they do not."""

from __future__ import annotations

import math
from dataclasses import replace

import handmade
import numpy as np
import pytest
from pytest import approx

from reports.quantstats_export import DEVIATIONS, aligned, export
from strategies.metrics import cagr, max_drawdown, sharpe, total_return, volatility
from universes.errors import BadParameter

quantstats = pytest.importorskip("quantstats")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    target = tmp_path_factory.mktemp("qs") / "page.html"
    named = replace(handmade.result(), strategy=handmade.HOSTILE)
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


def test_days_in_cash_at_the_start_are_kept(tmp_path):
    base = handmade.result()
    net = base.equity["net"].copy()
    net.iloc[:500] = net.iloc[0]
    target = export(replace(base, equity=base.equity.assign(net=net)), tmp_path / "page.html")

    # The first return is of the second session; two years of cash are not cut off.
    assert "3 Jan, 2019" in target.read_text("utf-8")


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
