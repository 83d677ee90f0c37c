"""A bar of a session that was still open when it was fetched is no close."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pytest
import worlds
from hypothesis import given, settings
from hypothesis import strategies as st

from universes.errors import BadParameter, UnknownName
from universes.sessions import schedule
from universes.unclosed import drop_unclosed, drop_unclosed_rates


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def last(exchange, fetched_at, first="2025-06-02", count=40, **given):
    bars = worlds.bars([1.0] * count, start=first, calendar=exchange)
    return f"{drop_unclosed(bars, exchange, at(fetched_at), **given).index[-1]:%Y-%m-%d}"


@pytest.mark.parametrize(
    ("exchange", "fetched_at", "kept"),
    [
        # New York closes at 20:00 UTC in summer; twenty minutes later its bar has settled.
        ("XNYS", "2025-07-14T14:03", "2025-07-11"),
        ("XNYS", "2025-07-14T20:19:59", "2025-07-11"),
        ("XNYS", "2025-07-14T20:20", "2025-07-14"),
        # Sydney closes at 06:00 UTC on its own date.
        ("XASX", "2025-07-11T06:19", "2025-07-10"),
        ("XASX", "2025-07-11T06:20", "2025-07-11"),
        # Sunday: Friday is the last.
        ("XNYS", "2025-07-13T12:00", "2025-07-11"),
        # The half day before Independence Day closes at 17:00 UTC.
        ("XNYS", "2025-07-03T17:19", "2025-07-02"),
        ("XNYS", "2025-07-03T17:20", "2025-07-03"),
    ],
)
def test_the_last_bar_stays_only_when_its_session_has_closed_and_settled(exchange, fetched_at, kept):
    assert last(exchange, fetched_at) == kept


def test_the_time_to_settle_may_be_chosen():
    assert last("XNYS", "2025-07-14T20:00", settle=timedelta(0)) == "2025-07-14"
    assert last("XNYS", "2025-07-14T20:30", settle=timedelta(hours=1)) == "2025-07-11"


def test_the_zone_of_the_instant_means_nothing():
    bars = worlds.bars([1.0] * 40, start="2025-06-02")
    sydney = datetime(2025, 7, 15, 6, 20, tzinfo=timezone(timedelta(hours=10)))

    assert f"{drop_unclosed(bars, 'XNYS', sydney).index[-1]:%Y-%m-%d}" == "2025-07-14"


def test_a_bar_dated_after_the_last_settled_session_goes_and_an_old_one_of_a_closed_day_stays():
    bars = worlds.bars([1.0, 2.0, 3.0], start="2025-07-09")
    odd = pd.concat([bars, bars.iloc[:1].rename({bars.index[0]: pd.Timestamp("2025-07-12")})])
    old = pd.concat([bars.iloc[:1].rename({bars.index[0]: pd.Timestamp("2025-07-06")}), bars])

    assert drop_unclosed(odd, "XNYS", at("2025-07-12T18:00")).equals(bars)
    assert drop_unclosed(old, "XNYS", at("2025-07-12T18:00")).equals(old)


def test_nothing_and_old_bars_are_returned_as_they_are():
    bars = worlds.bars([1.0, 2.0])

    assert drop_unclosed(bars, "XNYS", at("2026-01-05T12:00")) is bars
    assert drop_unclosed(bars.iloc[:0], "XNYS", at("2026-01-05T12:00")).empty


def test_bars_that_are_all_of_today_leave_nothing():
    assert drop_unclosed(worlds.bars([1.0]), "XNYS", at("2024-01-02T15:00")).empty


@given(st.integers(0, 60 * 24 * 20), st.sampled_from(["XNYS", "XASX", "XLON", "XTSE"]))
@settings(max_examples=80, deadline=None, derandomize=True)
def test_what_is_kept_had_settled_and_what_is_dropped_had_not(minutes, exchange):
    fetched_at = at("2025-03-03T00:00") + timedelta(minutes=minutes)
    bars = worlds.bars([1.0] * 30, start="2025-02-17", calendar=exchange)

    kept = drop_unclosed(bars, exchange, fetched_at)

    closes = schedule(exchange, "2025-02-17", "2025-06-30")["close"].reindex(bars.index)
    settled = (closes + pd.Timedelta(minutes=20)).dt.tz_localize("UTC") <= pd.Timestamp(fetched_at)
    assert kept.equals(bars[settled.to_numpy()])


def test_an_instant_without_a_zone_and_an_unknown_exchange_are_refused():
    bars = worlds.bars([1.0])
    with pytest.raises(BadParameter, match="2024-01-02 15:00:00 has no time zone: give UTC"):
        drop_unclosed(bars, "XNYS", datetime(2024, 1, 2, 15))  # noqa: DTZ001
    with pytest.raises(UnknownName, match="no exchange named 'XNYZ'"):
        drop_unclosed(bars, "XNYZ", at("2024-01-02T15:00"))


def test_rates_of_the_day_that_has_not_ended_are_left_out():
    rates = pd.DataFrame({"close": [0.65, 0.66]}, index=pd.DatetimeIndex(["2025-07-10", "2025-07-11"]))

    assert len(drop_unclosed_rates(rates, at("2025-07-11T23:59"))) == 1
    assert len(drop_unclosed_rates(rates, at("2025-07-12T00:00"))) == 2
