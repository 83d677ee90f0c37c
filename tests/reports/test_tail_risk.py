"""Shortfall and policy days, worked out by hand."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from reports.tail_risk import event_days, shortfall


def test_the_tail_is_the_worst_twentieth_rounded_up():
    # 41 returns: ⌈2.05⌉ = 3 of them, -0.20, -0.10 and -0.06.
    returns = np.array([-0.10, -0.20, -0.06, *np.linspace(0, 0.01, 38)])
    found = shortfall(returns)

    assert (found.count, found.worst) == (41, 3)
    assert found.edge == -0.06
    assert found.mean == approx(-0.12)


def test_forty_returns_have_two_in_the_tail_and_not_three():
    assert shortfall(np.linspace(-1, 1, 40)).worst == 2


def test_fewer_than_twenty_returns_have_no_tail():
    assert shortfall(np.full(19, -0.5)).mean is None


@given(st.lists(st.floats(-0.9, 2), min_size=20, max_size=300))
def test_the_mean_of_the_tail_is_never_better_than_its_edge_nor_the_edge_than_the_mean_of_all(values):
    found = shortfall(np.array(values))

    assert found.mean <= found.edge + 1e-12
    assert found.mean <= np.mean(values) + 1e-12


def equity(*net, invested=1.0, start="2024-01-01"):
    return pd.DataFrame(
        {"net": net, "invested": invested}, index=pd.bdate_range(start, periods=len(net)), dtype=float
    )


def events(*announced):
    return pd.DataFrame(
        {
            "event": [f"e{at}" for at in range(len(announced))],
            "announced": announced,
            "kind": "tariff",
            "direction": "headwind",
        }
    )


def test_the_book_is_followed_from_the_close_before_the_day_to_two_sessions_after_it():
    # Announced on Wednesday 3 January: from Tuesday's 100 to Friday's 80.
    (found,) = event_days(equity(90, 100, 95, 70, 80, 200), events("2024-01-03T14:00Z"))

    assert found.change == approx(-0.20)
    assert found.announced == "2024-01-03"


def test_an_announcement_on_a_day_without_session_begins_at_the_last_close():
    # Saturday 6 January: from Friday's 80 to Tuesday's 60.
    (found,) = event_days(equity(90, 100, 95, 70, 80, 200, 60), events("2024-01-06"))

    assert found.change == approx(-0.25)


def test_events_outside_the_sessions_or_too_near_their_end_are_left_out():
    assert (
        event_days(equity(1, 1, 1, 1), events("2023-12-29", "2024-01-01", "2024-01-03", "2024-02-01")) == ()
    )


def test_days_are_ranked_worst_first_and_a_wiped_out_book_is_left_out():
    found = event_days(
        equity(100, 100, 50, 50, 60, 0, 0, 0), events("2024-01-02", "2024-01-03", "2024-01-09")
    )

    assert [(item.event, item.change) for item in found] == [("e0", approx(-0.5)), ("e1", approx(-0.4))]


@given(st.lists(st.floats(-0.9, 2), min_size=1, max_size=300))
def test_the_tail_is_that_of_a_plain_loop(values):
    # The fewest of the lowest that are a twentieth of all, or more.
    left, tail = sorted(values), []
    while 20 * len(tail) < len(values):
        tail.append(left.pop(0))
    found = shortfall(np.array(values))

    if len(values) < 20:
        assert (found.worst, found.edge, found.mean) == (0, None, None)
    else:
        assert (found.worst, found.edge) == (len(tail), tail[-1])
        assert found.mean == approx(math.fsum(tail) / len(tail), abs=1e-12)


def test_missing_returns_are_not_counted():
    # Twenty returns and three holes: one in the tail, not ⌈1.15⌉ = 2.
    found = shortfall(np.array([-0.5, *[0.01] * 19, math.nan, math.nan, math.inf]))

    assert (found.count, found.worst, found.mean) == (20, 1, -0.5)


def test_a_return_of_plus_150_per_cent_is_no_loss():
    assert shortfall(np.array([1.5, *[-0.01] * 19])).mean == -0.01


def test_without_a_return_there_is_no_tail():
    assert shortfall(np.array([])).mean is None


@given(st.lists(st.floats(1, 100), min_size=1, max_size=12), st.integers(-3, 20))
def test_the_book_is_followed_as_by_a_walk_over_the_calendar(net, shift):
    sessions = dict(zip((stamp.date() for stamp in equity(*net).index), net, strict=True))
    announced = date(2024, 1, 1) + timedelta(days=shift)
    before = [value for session, value in sessions.items() if session < announced]
    after = [value for session, value in sessions.items() if session > announced]
    found = event_days(equity(*net), events(announced.isoformat()))

    if not before or len(after) < 2:
        assert found == ()
    else:
        assert [item.change for item in found] == [approx(after[1] / before[-1] - 1)]


def test_rows_in_any_order_and_a_time_zone_change_no_event_day():
    book = equity(90, 100, 95, 70, 80, 200)
    wanted = event_days(book, events("2024-01-03"))

    assert event_days(book.iloc[[3, 0, 5, 1, 4, 2]], events("2024-01-03")) == wanted
    assert event_days(book.tz_localize("Australia/Sydney"), events("2024-01-03")) == wanted


def test_a_session_given_twice_is_one_session():
    book = equity(90, 100, 95, 70, 80, 200)
    twice = book.iloc[[0, 1, 2, 3, 3, 4, 5]]

    assert event_days(twice, events("2024-01-03")) == event_days(book, events("2024-01-03"))


def test_a_session_without_value_at_either_end_leaves_the_event_out():
    book = equity(90, math.nan, 95, 70, math.nan, 200)

    # Wednesday 3 January begins at Tuesday's hole; Tuesday goes from Monday's 90 to Thursday's 70.
    found = event_days(book, events("2024-01-03", "2024-01-02"))
    assert [(item.event, item.change) for item in found] == [("e1", approx(70 / 90 - 1))]
    assert event_days(equity(90, 100, 95, 70, math.nan), events("2024-01-03")) == ()


def test_a_book_without_a_session_has_no_event_day():
    assert event_days(equity(), events("2024-01-03")) == ()
