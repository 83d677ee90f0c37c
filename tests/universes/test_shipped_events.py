"""The policy calendar that ships: enough of it, without a fault, and on the right side of the session."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import pytest

import universes
from universes.checks import check_events
from universes.facts import DATA
from universes.policy import known_at
from universes.sessions import clock


@pytest.fixture(scope="module")
def events():
    return universes.events()


def test_the_file_has_no_fault():
    assert check_events(DATA / "events.csv") == ()


def test_there_are_events_of_every_year_from_many_hands(events):
    assert len(events) >= 40
    assert {row.country for row in events} >= {"US", "CN", "EU", "AU", "JP", "ID", "CD", "CL", "INT"}
    years = {known_at(row).year for row in events}
    assert years >= set(range(2010, 2027)) - {2013, 2016}


def test_every_event_has_a_source_and_says_how_sure_it_is(events):
    assert all(len(row.source) > 10 for row in events)
    assert {row.confidence for row in events} <= {"high", "medium"}
    # A clock is claimed only where it is known; else a date, which counts from its end.
    assert all(
        isinstance(row.announced, datetime) == (row.precision in ("minute", "hour", "session"))
        for row in events
    )


def test_a_successor_is_never_known_before_what_it_supersedes(events):
    for row in events:
        if row.supersedes:
            assert known_at(events[row.supersedes]) <= known_at(row), row.event


# From the public record: what each market could do first. New York opened at 13:30 UTC on the summer dates.
@pytest.mark.parametrize(
    ("event", "new_york", "sydney"),
    [
        # Evening in Beijing, morning in New York, after the close of Sydney.
        ("cn-2023-07-03-gallium-germanium", "2023-07-03", "2023-07-04"),
        # Late morning in Beijing: Sydney still trades, New York has closed the day before.
        ("cn-2023-10-20-graphite", "2023-10-20", "2023-10-20"),
        ("cn-2025-10-09-extraterritorial", "2025-10-09", "2025-10-09"),
        # A minute after midnight in New York, 16:01 in Sydney: its auction is over at 16:10, its session at 16:00.
        ("cn-2025-02-04-tungsten-tellurium", "2025-02-04", "2025-02-05"),
        # A Saturday.
        ("cn-2024-06-29-ree-regulations", "2024-07-01", "2024-07-01"),
        # Evening of Canberra's budget.
        ("au-2024-05-14-production-incentive", "2024-05-14", "2024-05-15"),
        # Independence Day, a Friday.
        ("us-2025-07-04-budget-law", "2025-07-07", "2025-07-07"),
    ],
)
def test_the_reaction_session_is_the_first_to_close_after_the_news(events, event, new_york, sydney):
    instant = pd.Timestamp(known_at(events[event]))
    hours = clock(["XNYS", "XASX"], "2023-01-01", "2026-06-30")

    reactions = {
        exchange: f"{hours.sessions[hours.reaction_row(exchange, instant)]:%Y-%m-%d}"
        for exchange in ("XNYS", "XASX")
    }

    assert reactions == {"XNYS": new_york, "XASX": sydney}
