"""Which session an event belongs to, checked against times typed by hand."""

from __future__ import annotations

import pandas as pd
import pytest
import worlds

from universes.errors import UnknownName
from universes.policy import known_at
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


@pytest.mark.parametrize(
    ("exchange", "day", "opened", "closed"),
    [
        # The deal of 2025-07-10 11:00 UTC: New York opens two and a half hours later, Sydney the next UTC midnight.
        ("XNYS", "2025-07-10", "2025-07-10T13:30", "2025-07-10T20:00"),
        ("XASX", "2025-07-11", "2025-07-11T00:00", "2025-07-11T06:00"),
        # Clocks change in New York on 10 March 2024, in Sydney on 7 April: the same local hours, another UTC hour.
        ("XNYS", "2024-03-08", "2024-03-08T14:30", "2024-03-08T21:00"),
        ("XNYS", "2024-03-11", "2024-03-11T13:30", "2024-03-11T20:00"),
        ("XASX", "2024-04-05", "2024-04-04T23:00", "2024-04-05T05:00"),
        ("XASX", "2024-04-08", "2024-04-08T00:00", "2024-04-08T06:00"),
        # Half days: New York after Thanksgiving until 13:00, Sydney on Christmas Eve until 14:10.
        ("XNYS", "2024-11-29", "2024-11-29T14:30", "2024-11-29T18:00"),
        ("XASX", "2018-12-24", "2018-12-23T23:00", "2018-12-24T03:10"),
    ],
)
def test_every_bar_has_its_open_and_close_in_utc(hours, exchange, day, opened, closed):
    row = hours.sessions.get_loc(pd.Timestamp(day))
    at = hours.hours[exchange].rows.searchsorted(row)

    assert hours.hours[exchange].rows[at] == row
    assert pd.Timestamp(hours.hours[exchange].open_at[at]) == pd.Timestamp(opened)
    assert pd.Timestamp(hours.hours[exchange].close_at[at]) == pd.Timestamp(closed)


@pytest.mark.parametrize(
    ("announced", "new_york", "sydney"),
    [
        # To the minute: after New York's close, before Sydney's open.
        ("2025-07-10T20:01:00+00:00", "2025-07-11", "2025-07-11"),
        # To the hour: 05:00 UTC is within Sydney's session and before New York's.
        ("2025-07-10T05:00:00+00:00", "2025-07-10", "2025-07-10"),
        # A Saturday, whatever the hour: Monday in both.
        ("2025-07-12T03:00:00+00:00", "2025-07-14", "2025-07-14"),
        # Sydney's Monday morning is a Sunday in UTC.
        ("2025-07-13T23:30:00+00:00", "2025-07-14", "2025-07-14"),
        # A date alone counts as known when that UTC day has ended: the next session, in New York and in Sydney.
        ("2025-07-10", "2025-07-11", "2025-07-11"),
        ("2025-07-12", "2025-07-14", "2025-07-14"),
    ],
)
def test_an_event_reacts_on_the_first_session_to_close_after_it_was_known(hours, announced, new_york, sydney):
    (row, *_) = worlds.event("e", announced)

    assert reaction(hours, "XNYS", known_at(row)) == new_york
    assert reaction(hours, "XASX", known_at(row)) == sydney


def test_an_event_of_the_close_that_moved_with_the_clocks_is_on_the_right_side_of_it(hours):
    # 20:30 UTC is before New York's close on the Friday before the change, after it on the Monday.
    assert reaction(hours, "XNYS", "2024-03-08T20:30Z") == "2024-03-08"
    assert reaction(hours, "XNYS", "2024-03-11T20:30Z") == "2024-03-12"


def test_a_sydney_session_is_compared_with_the_new_york_session_before_it(hours):
    label = hours.sessions.strftime("%Y-%m-%d")
    against = dict(
        zip(label[hours.hours["XASX"].rows], label[hours.latest_rows("XASX", "XNYS")], strict=True)
    )

    assert against["2025-07-11"] == "2025-07-10"
    # Monday with Friday; the session after New York's holiday of 4 July 2025 with 3 July, twice.
    assert against["2025-07-14"] == "2025-07-11"
    assert (against["2025-07-04"], against["2025-07-07"]) == ("2025-07-03", "2025-07-03")


def test_exchanges_that_close_together_are_compared_on_one_date_and_none_before_the_first(hours):
    label = hours.sessions.strftime("%Y-%m-%d")
    toronto = dict(
        zip(label[hours.hours["XTSE"].rows], label[hours.latest_rows("XTSE", "XNYS")], strict=True)
    )

    assert toronto["2025-07-10"] == "2025-07-10"
    # The clock begins with 2 January 2018: Sydney closes first.
    assert hours.latest_rows("XASX", "XNYS")[0] == -1


def test_no_session_is_compared_with_one_that_closes_later(hours):
    for exchange in hours.hours:
        for other in hours.hours:
            rows = hours.latest_rows(exchange, other)
            closes = dict(zip(hours.hours[other].rows, hours.hours[other].close_at, strict=True))
            own = hours.hours[exchange].close_at
            assert all(closes[row] <= own[at] for at, row in enumerate(rows) if row >= 0)


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
