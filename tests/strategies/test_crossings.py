"""The compiled walks against slow ones: falls, later bars, true range and volatility on random bars with holes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from strategies import crossings
from strategies.crossings import OwnBars, bars_later, by_symbol, daily_volatility, first_falls, true_range


@some.composite
def tables(draw):
    """High, low and close of three symbols over up to 60 sessions, with holes, and firm-events on bars."""
    seed, days = draw(some.integers(0, 10**6)), draw(some.integers(2, 60))
    random = np.random.default_rng(seed)
    close = 10 * np.exp(np.cumsum(random.normal(0, 0.05, (days, 3)), axis=0))
    high = close * np.exp(np.abs(random.normal(0, 0.03, close.shape)))
    low = close * np.exp(-np.abs(random.normal(0, 0.03, close.shape)))
    holes = random.random(close.shape) < draw(some.sampled_from([0.0, 0.2, 0.6]))
    holes[0] = False
    frames = [pd.DataFrame(np.where(holes, np.nan, values)) for values in (high, low, close)]
    rows, columns = np.nonzero(~holes)
    chosen = random.choice(len(rows), min(12, len(rows)), replace=False)
    return (*frames, columns[chosen].astype(np.int64), rows[chosen].astype(np.int64))


def slow_fall(high, close, start, depth, wait):
    """Row and count of the first close, after the first bar, that is `depth` below the highest high so far."""
    peak, bars = high[start], 0
    for row in range(start + 1, len(close)):
        if not np.isnan(close[row]):
            bars += 1
            peak = max(peak, high[row])
            if bars <= wait and close[row] <= peak * (1 - depth):
                return row, bars
    return -1, -1


@given(tables(), some.integers(1, 30), some.floats(0.2, 2.0))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_falls_of_all_depths_in_one_pass_are_those_found_one_by_one(given_tables, wait, unit):
    high, _, close, column, row = given_tables
    depths = np.array([0.01, 0.03, 0.05, 0.1, 0.2, 0.4])
    units = np.full(len(row), unit)
    units[::4] = np.nan

    rows, bars = first_falls(OwnBars.of(by_symbol(high), by_symbol(close)), column, row, units, depths, wait)

    for number, depth in enumerate(depths):
        for at in range(len(row)):
            highs, closes = high[column[at]].to_numpy(), close[column[at]].to_numpy()
            expected = slow_fall(highs, closes, row[at], depth * units[at], wait)
            assert (rows[number, at], bars[number, at]) == expected


@given(tables(), some.integers(0, 20))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_later_bar_is_the_one_counted_by_hand(given_tables, count):
    _, _, close, column, row = given_tables

    found = bars_later(by_symbol(close), column, row, count)

    for at in range(len(row)):
        own = np.flatnonzero(close[column[at]].notna())
        own = own[own >= row[at]]
        assert found[at] == (own[count] if count < len(own) else -1)


@given(tables())
@settings(max_examples=30, deadline=None, derandomize=True)
def test_true_range_and_volatility_are_those_of_pandas_before_the_row(given_tables):
    high, low, close, column, row = given_tables

    atr = true_range(by_symbol(high), by_symbol(low), by_symbol(close), column, row)
    deviation = daily_volatility(by_symbol(close), column, row)

    for at in range(len(row)):
        own = pd.DataFrame({"high": high[column[at]], "low": low[column[at]], "close": close[column[at]]})
        own = own.iloc[: row[at]].dropna()
        before = own["close"].shift()
        top, bottom = own["high"].combine(before, max), own["low"].combine(before, min)
        wide = (top - bottom).where(before.notna()).rolling(14).mean() / own["close"]
        spread = own["close"].pct_change(fill_method=None).rolling(20).std()
        assert atr[at] == pytest.approx(wide.iloc[-1] if len(own) else np.nan, rel=1e-9, nan_ok=True)
        assert deviation[at] == pytest.approx(spread.iloc[-1] if len(own) else np.nan, rel=1e-9, nan_ok=True)


def test_values_by_symbol_are_not_copied_and_cannot_be_written_to():
    frame = pd.DataFrame(np.arange(6.0).reshape(3, 2))

    values = by_symbol(frame)

    assert values.flags.c_contiguous
    assert not values.flags.writeable
    assert values.tolist() == [[0, 2, 4], [1, 3, 5]]


@pytest.mark.parametrize("seed", range(3))
def test_falls_do_not_depend_on_how_many_are_looked_at_in_one_go(seed, monkeypatch):
    random = np.random.default_rng(seed)
    close = 10 * np.exp(np.cumsum(random.normal(0, 0.03, (4, 60)), axis=1))
    close[random.random(close.shape) < 0.2] = np.nan
    column, row = np.nonzero(~np.isnan(close))
    given = (OwnBars.of(close * 1.01, close), column, row, np.ones(len(row)), np.array([0.02, 0.05, 0.2]), 15)

    whole = first_falls(*given)
    monkeypatch.setattr(crossings, "MOST_CELLS", 40)
    parts = first_falls(*given)

    assert [part.tolist() for part in parts] == [part.tolist() for part in whole]
    assert (whole[0] >= 0).any()
    assert (whole[0] < 0).any()


def test_without_firm_events_or_bars_there_are_no_falls():
    none = np.array([], dtype=np.int64)
    for close in (np.full((2, 5), np.nan), np.ones((2, 5))):
        rows, bars = first_falls(OwnBars.of(close, close), none, none, np.array([]), np.array([0.1]), 20)
        assert rows.shape == bars.shape == (1, 0)
