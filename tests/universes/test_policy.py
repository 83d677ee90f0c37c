"""The policy calendar: when an event is known, and filters on it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import worlds

import universes
from universes.errors import BadDate, BadExpression, UnknownName
from universes.policy import known_at


def test_an_event_with_a_clock_is_known_at_its_instant():
    row, *_ = worlds.event("deal", "2025-07-10T11:00Z")

    assert known_at(row) == datetime(2025, 7, 10, 11, tzinfo=UTC)


def test_an_event_with_only_a_date_is_known_when_the_day_has_ended():
    row, *_ = worlds.event("deal", "2025-07-10")

    assert known_at(row) == datetime(2025, 7, 10, 23, 59, 59, tzinfo=UTC)


def test_events_stand_in_order_of_the_instant_they_became_known():
    calendar = worlds.calendar(
        worlds.event("later", "2025-07-10"),
        worlds.event("sooner", "2025-07-10T11:00Z"),
        worlds.event("first", "2024-01-01"),
    )

    assert [row.event for row in calendar] == ["first", "sooner", "later"]


def test_between_keeps_both_ends():
    calendar = worlds.calendar(*(worlds.event(f"e{day}", f"2025-07-0{day}") for day in (1, 2, 3)))

    assert [row.event for row in calendar.between(date(2025, 7, 2), date(2025, 7, 3))] == ["e2", "e3"]


def test_the_hash_changes_with_the_list():
    one, two = worlds.event("a", "2025-07-01"), worlds.event("b", "2025-07-02")

    assert worlds.calendar(one, two).hash == worlds.calendar(two, one).hash
    assert worlds.calendar(one).hash != worlds.calendar(one, two).hash


def test_an_unknown_event_is_refused_with_the_nearest():
    with pytest.raises(UnknownName, match="no event named 'dael'; did you mean 'deal'"):
        worlds.calendar(worlds.event("deal", "2025-07-01"))["dael"]


def test_shipped_events_filter_by_field_and_by_expression():
    controls = universes.events(kind="export-control")
    gallium = universes.events("kind == 'export-control' and 'gallium' in minerals")

    assert {row.kind for row in controls} == {"export-control"}
    assert 0 < len(gallium) < len(controls)
    assert len(universes.events(minerals="gallium")) >= len(gallium)


def test_a_filter_that_cannot_be_read_is_refused():
    with pytest.raises(BadExpression, match="did you mean"):
        universes.events("knd == 'export-control'")
    with pytest.raises(BadDate, match="start: 'soon' is not a date"):
        universes.events(start="soon")
