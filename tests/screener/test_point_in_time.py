"""No screen sees a fact that became known later, and every fact is seen from the day it became known."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest

import universes
from screener.explanation import explain
from screener.ranking import screen
from universes.facts import Company, Facts, Mineral
from universes.universe import Universe

SHIPPED = universes.load("critical-minerals")
DATES = [
    date(2011, 6, 1),
    date(2018, 5, 18),
    date(2020, 11, 18),
    date(2023, 12, 22),
    date(2025, 7, 9),
    date(2026, 2, 4),
]
DELAY = timedelta(days=200)


def with_rows(change):
    """The shipped universe with every row of every table changed, or left out where that gives None."""

    def rows(table):
        return tuple(new for row in table if (new := change(row)) is not None)

    tables = {item.name: rows(getattr(SHIPPED.facts, item.name)) for item in fields(Facts)}
    return Universe(SHIPPED.name, Facts(**tables), rows(SHIPPED.memberships))


def told(found):
    return [(row.symbol, row.score, row.tags()) for row in found.rows], found.dropped


@pytest.mark.parametrize("on", DATES, ids=str)
def test_what_became_known_later_changes_nothing(on):
    known = with_rows(lambda row: None if row.known_from > on and not isinstance(row, Company) else row)

    # Companies that nobody had heard of are no members then.
    ranked, dropped = told(screen(SHIPPED, on))
    symbols = {symbol for symbol, _ in dropped}
    assert told(screen(known, on))[0] == ranked
    assert {symbol for symbol, _ in told(screen(known, on))[1]} <= symbols


def test_a_company_or_mineral_that_nobody_knew_is_in_no_profile():
    unheard = with_rows(
        lambda row: replace(row, known_from=date(2026, 1, 1)) if isinstance(row, Company) else row
    )
    unnamed = with_rows(
        lambda row: replace(row, known_from=date(2026, 1, 1)) if isinstance(row, Mineral) else row
    )

    assert screen(unheard, "2025-12-31").rows == ()
    assert {reason for _, reason in screen(unheard, "2025-12-31").dropped} >= {"not yet a member"}
    assert screen(unheard, "2026-01-01").rows
    assert all(row.profile.mineral_weights() == {} for row in screen(unnamed, "2025-12-31").rows)


@pytest.mark.parametrize("on", DATES, ids=str)
def test_the_screen_moves_with_known_from(on):
    later = with_rows(lambda row: replace(row, known_from=row.known_from + DELAY))
    known = with_rows(
        lambda row: None if row.known_from > on - DELAY and not isinstance(row, Company) else row
    )

    assert told(screen(later, on))[0] == told(screen(known, on))[0]


def test_each_row_is_seen_from_its_day_on_by_somebody():
    # MP Materials' commitments of July 2025 were not known on the eve, and are the day after they became known.
    def cited(on):
        ranked = screen(SHIPPED, on, "symbol == 'MP'")
        return {
            fact.fact
            for item in explain(ranked, "MP").contributions
            for fact in item.facts
            if "2025-07-10" in fact.known_from
        }

    assert cited("2025-07-09") == set()
    assert cited("2025-07-10")


@pytest.mark.parametrize("on", DATES, ids=str)
def test_no_explanation_cites_a_fact_known_only_later(on):
    ranked = screen(SHIPPED, on)
    for row in ranked.rows:
        for item in explain(ranked, row.symbol).contributions:
            assert all(fact.known_from <= str(on) for fact in item.facts), (row.symbol, item.factor)
