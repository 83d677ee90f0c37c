"""Which session an event belongs to, checked against times typed by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from universes.errors import UnknownName
from universes.sessions import calendar_code, clock, schedule


@pytest.fixture(scope="module")
def hours():
    return clock(["XNYS", "XASX", "XTSE"], "2018-01-02", "2026-06-30")


def reaction(hours, exchange, instant):
    row = hours.reaction_row(exchange, pd.Timestamp(instant))
    return None if row is None else f"{hours.sessions[row]:%Y-%m-%d}"


def first_open(hours, exchange, instant):
    row = hours.open_row(exchange, pd.Timestamp(instant))
    return None if row is None else f"{hours.sessions[row]:%Y-%m-%d}"


@pytest.mark.parametrize(
    ("exchange", "instant", "reacts", "opens"),
    [
        # MP Materials' agreement, 07:00 in New York: that session could react, and could be traded from its open.
        ("XNYS", "2025-07-10T11:00Z", "2025-07-10", "2025-07-10"),
        # Sydney had closed at 16:00 local (06:00 UTC): the next session.
        ("XASX", "2025-07-10T11:00Z", "2025-07-11", "2025-07-11"),
        # 10:57 in New York, within the session: it can react, its open is past.
        ("XNYS", "2025-10-10T14:57Z", "2025-10-10", "2025-10-13"),
        # Good Friday 2025-04-18: New York is closed, Sydney also on Easter Monday 21 April.
        ("XNYS", "2025-04-18T15:00Z", "2025-04-21", "2025-04-21"),
        ("XASX", "2025-04-18T15:00Z", "2025-04-22", "2025-04-22"),
        # New York closed early, at 13:00 (17:00 UTC), on 3 July 2023.
        ("XNYS", "2023-07-03T17:30Z", "2023-07-05", "2023-07-05"),
        ("XNYS", "2023-07-03T16:30Z", "2023-07-03", "2023-07-05"),
        # An instant at the close itself is not after it.
        ("XNYS", "2025-07-10T20:00Z", "2025-07-11", "2025-07-11"),
        # Sunday evening in New York is Monday morning in Sydney, before its open at 10:00 (00:00 UTC).
        ("XASX", "2025-08-10T23:30Z", "2025-08-11", "2025-08-11"),
    ],
)
def test_an_event_meets_the_first_session_that_could_react_and_the_first_open(
    hours, exchange, instant, reacts, opens
):
    assert reaction(hours, exchange, instant) == reacts
    assert first_open(hours, exchange, instant) == opens


def test_after_the_last_session_there_is_no_reaction(hours):
    assert reaction(hours, "XNYS", "2026-06-30T20:00Z") is None


def test_rows_are_the_union_of_sessions_and_each_exchange_has_its_own(hours):
    labels = hours.sessions.strftime("%Y-%m-%d")
    new_york = set(labels[hours.hours["XNYS"].rows])
    sydney = set(labels[hours.hours["XASX"].rows])

    # Independence Day trades in Sydney only, Australia Day in New York only.
    assert "2024-07-04" in sydney - new_york
    assert "2024-01-26" in new_york - sydney


def test_a_decision_is_made_when_the_last_exchange_has_closed(hours):
    row = hours.sessions.get_loc(pd.Timestamp("2025-07-10"))

    assert hours.last_close(row) == pd.Timestamp("2025-07-10T20:00Z")


def test_every_next_row_opens_after_the_decision_of_this_one(hours):
    for exchange in hours.hours.values():
        later = {int(row): opened for row, opened in zip(exchange.rows, exchange.open_at, strict=True)}
        for row in range(0, len(hours.sessions) - 1, 37):
            if row + 1 in later:
                assert pd.Timestamp(later[row + 1], tz="UTC") > hours.last_close(row)


def test_nasdaq_keeps_the_hours_of_new_york_and_an_unknown_exchange_is_refused():
    assert calendar_code("XNAS") == "XNYS"
    with pytest.raises(UnknownName, match="no exchange named 'XNYZ'; did you mean 'XNYS'"):
        calendar_code("XNYZ")


def test_a_range_of_one_day_or_of_a_holiday_has_its_sessions_and_no_error():
    assert len(schedule("XNYS", "2024-01-02", "2024-01-02")) == 1
    assert len(schedule("XNYS", "2024-01-01", "2024-01-01")) == 0


def test_dates_that_a_calendar_does_not_know_have_no_sessions():
    hours = clock(["XNYS", "XSHG"], "1985-01-02", "1992-12-31")

    assert f"{hours.sessions[hours.hours['XNYS'].rows[0]]:%Y-%m-%d}" == "1985-01-02"
    assert f"{hours.sessions[hours.hours['XSHG'].rows[0]]:%Y}" == "1990"
