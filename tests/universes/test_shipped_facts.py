"""The tables that ship: enough of everything, the dead among them, and the public chains of symbols."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

import universes

UNIVERSE = universes.load("critical-minerals")
FACTS = UNIVERSE.facts


def test_there_are_enough_companies_funds_and_indices():
    roles = Counter(row.role for row in FACTS.companies)

    assert len(UNIVERSE.companies) >= 150
    assert roles["fund"] + roles["index"] >= 20
    assert {
        "miner",
        "refiner",
        "separator",
        "magnet",
        "equipment",
        "engineering",
        "royalty",
        "diversified",
    } <= set(roles)


def test_the_dead_are_there_with_their_reason():
    ended = [row for row in FACTS.listings if row.ended_by and row.company in UNIVERSE.companies]

    assert len({row.company for row in ended}) >= 35
    assert {row.ended_by for row in ended} >= {"acquired", "merged", "renamed", "suspended", "bankrupt"}
    assert sum(row.terminal_kind is not None for row in ended) >= 35
    # A company that went on under another symbol is followed there.
    renamed = [row for row in ended if row.ended_by == "renamed"]
    assert all(row.successor for row in renamed)


def test_events_are_enough_and_typed():
    events = universes.events()

    assert len(events) >= 150
    assert {row.status for row in events} >= {"report", "announcement", "effect", "suspension"}
    assert sum(row.leaked is not None for row in events) >= 5
    assert sum(row.contaminated is not None for row in events) >= 5
    assert sum(row.supersedes is not None for row in events) >= 50
    assert len(events.dates) >= 5


@pytest.mark.parametrize(
    ("company", "on", "symbol"),
    [
        # One share of the old Lithium Americas became one of each successor on 2023-10-03.
        ("lithium-argentina", "2023-10-02", "LAC"),
        ("lithium-argentina", "2024-06-03", "LAAC"),
        ("lithium-argentina", "2025-06-03", "LAR"),
        ("lithium-americas", "2023-10-04", "LAC"),
        ("molycorp", "2015-06-24", "MCP"),
        ("arcadium-lithium", "2024-06-03", "ALTM"),
        ("mp-materials", "2020-11-18", "MP"),
    ],
)
def test_a_company_trades_under_its_symbol_of_the_day(company, on, symbol):
    assert UNIVERSE.listing(company, date.fromisoformat(on)).symbol == symbol


@pytest.mark.parametrize(
    ("company", "on"),
    [
        ("lithium-americas", "2023-10-02"),
        ("molycorp", "2015-07-01"),
        ("arcadium-lithium", "2025-03-07"),
        ("mp-materials", "2020-11-16"),
    ],
)
def test_a_company_does_not_trade_before_its_first_and_after_its_last_day(company, on):
    assert UNIVERSE.listing(company, date.fromisoformat(on)) is None


def test_partners_of_2022_go_on_under_the_new_name_of_2026():
    rows = [row for row in FACTS.jurisdictions if row.start == date(2026, 2, 4)]

    assert {row.jurisdiction for row in rows} >= {"SE", "FI", "DE"}
    assert all("2026" in row.source for row in rows)
