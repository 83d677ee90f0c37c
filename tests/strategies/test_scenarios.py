"""Kinds of stress: what each filter finds in the shipped calendar, and what is said where nothing is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import worlds

from strategies.scenarios import SCENARIOS, Analogues, analogues
from universes.catalog import shipped_events
from universes.errors import BadExpression, BadParameter, UnknownName

NAMED = [name for name in SCENARIOS if name != "any"]


def names(found: Analogues) -> set[str]:
    return {event.event for event in found.events}


@pytest.mark.parametrize("kind", NAMED)
def test_every_scenario_finds_events_and_says_what_it_is_in_a_sentence(kind):
    found = analogues(shipped_events(), kind)

    assert len(found.events)
    assert SCENARIOS[kind].says.endswith(".")
    assert found.of == len(shipped_events())
    assert names(found) == {event.event for event in shipped_events().where(SCENARIOS[kind].filter)}


@pytest.mark.parametrize(
    ("kind", "there", "not_there"),
    [
        ("export-ban", "cn-2023-12-21-ree-technology", "id-2014-01-12-ore-ban"),
        ("export-ban", "cn-2025-04-13-magnet-halt", "cn-2019-05-29-ree-warning"),
        ("export-threat", "cn-2019-05-29-ree-warning", "cn-2023-12-21-ree-technology"),
        ("producer-ban", "zw-2022-12-20-lithium-ban", "cn-2023-12-21-ree-technology"),
        ("producer-ban", "cd-2025-02-22-cobalt-suspension", "id-2014-01-12-ore-ban"),
        ("truce", "int-2025-05-12-geneva", "int-2014-08-07-wto-appeal-ree"),
        ("truce", "cn-2025-11-09-us-ban-suspended", "cn-2014-12-31-ree-quota-end"),
        ("relaxation", "cn-2014-12-31-ree-quota-end", "cn-2024-12-03-us-ban"),
        ("price-floor-reversal", "us-2026-01-28-price-floor-doubt", "us-2025-07-31-price-floor-report"),
        ("support-reversal", "us-2025-07-30-copper-exempt", "int-2014-03-26-wto-panel-ree"),
        ("tariff", "us-2025-07-08-copper-50", "us-2025-07-30-copper-exempt"),
        ("nationalisation", "cl-2023-04-20-lithium-strategy", "rs-2022-01-20-jadar-revoked"),
    ],
)
def test_known_events_are_where_they_belong(kind, there, not_there):
    found = names(analogues(shipped_events(), kind))

    assert there in found
    assert not_there not in found


def test_minerals_are_met_through_their_groups_in_both_directions():
    calendar = shipped_events()
    dysprosium, group = (
        names(analogues(calendar, "export-ban", minerals=[word])) for word in ("dysprosium", "rare-earths")
    )

    # The first names rare earths, the second dysprosium among six others, the third two other minerals.
    assert {"cn-2023-12-21-ree-technology", "cn-2025-04-04-medium-heavy-ree"} <= dysprosium <= group
    assert "cn-2023-07-03-gallium-germanium" not in group
    assert names(analogues(calendar, "export-ban", minerals=["Gallium, dysprosium"])) == dysprosium | names(
        analogues(calendar, "export-ban", minerals=["gallium"])
    )


def test_a_filter_of_the_user_narrows_the_scenario():
    found = analogues(shipped_events(), "truce", where="status == 'suspension'")

    assert names(found) == {"cn-2025-11-07-october-suspended", "cn-2025-11-09-us-ban-suspended"}
    assert names(analogues(shipped_events(), "any", where="event == 'ne-2023-07-26-coup'")) == {
        "ne-2023-07-26-coup"
    }


def test_only_what_was_known_by_a_date_counts():
    found = analogues(shipped_events(), "truce", as_of=date(2025, 6, 30))

    assert names(found) == {"int-2025-05-12-geneva", "int-2025-06-11-london"}


def test_an_event_that_entered_the_table_late_is_not_known_before():
    (row,) = worlds.event("late", "2024-01-10T12:00Z")
    late = replace(row, known_from=date(2024, 6, 1))
    calendar = worlds.calendar((late,), worlds.event("plain", "2024-01-10T12:00Z"))

    assert names(analogues(calendar, "export-ban", as_of=date(2024, 5, 31))) == {"plain"}
    assert names(analogues(calendar, "export-ban", as_of=date(2024, 6, 1))) == {"late", "plain"}


def test_the_sentence_counts_what_is_left():
    calendar = worlds.calendar(worlds.event("one", "2024-01-10"), worlds.event("two", "2024-01-11"))

    assert analogues(calendar, "export-ban").sentence == (
        "export-ban: China bans, licenses or caps exports of minerals, or of what it takes to make them. "
        "2 events of 2 on record."
    )
    assert "1 event of 2 on record." in analogues(calendar, "export-ban", where="event == 'one'").sentence


def test_when_nothing_is_left_it_is_said_which_filters_leave_something():
    calendar = worlds.calendar(worlds.event("one", "2024-01-10"), worlds.event("two", "2024-03-11"))
    found = analogues(
        calendar, "export-ban", minerals=["lithium"], where="event == 'two'", as_of=date(2024, 2, 1)
    )

    assert found.sentence == (
        "No event of 2 on record passes every filter. Events that each leaves alone: export-ban 2, "
        "--minerals lithium 2, --events 1, --as-of 2024-02-01 1. "
        "Without --events: 1; without --as-of 2024-02-01: 1."
    )


@pytest.mark.parametrize(
    ("words", "error", "says"),
    [
        ({"kind": "truse"}, UnknownName, "no scenario named 'truse'; did you mean 'truce'?"),
        ({"kind": "any"}, BadParameter, "say which with --events EXPR"),
        (
            {"kind": "truce", "minerals": ["dysprosum"]},
            UnknownName,
            "no mineral named 'dysprosum'; did you mean",
        ),
        ({"kind": "truce", "minerals": [""]}, UnknownName, "no mineral named ''"),
        ({"kind": "truce", "where": "knd == 'x'"}, BadExpression, "no field named 'knd'"),
    ],
)
def test_what_cannot_be_is_refused_with_the_mend(words, error, says):
    with pytest.raises(error) as caught:
        analogues(shipped_events(), **words)

    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
