"""Scores over time are those of a screen on each date."""

from __future__ import annotations

from datetime import date, timedelta

import universes
from screener.history import score_history
from screener.ranking import screen

UNIVERSE = universes.load("critical-minerals")
DAYS = [date(2012, 1, 3) + timedelta(days=397 * step) for step in range(13)]


def test_each_score_is_that_of_the_screen_of_its_date():
    found = score_history(UNIVERSE, DAYS)

    assert set(found) == set(UNIVERSE.companies)
    for at, on in enumerate(DAYS):
        ranked = {row.profile.company.company: row.score for row in screen(UNIVERSE, on).rows}
        assert {name: scores[at] for name, scores in found.items() if scores[at] is not None} == ranked


def test_a_date_more_changes_no_other_score():
    found, fewer = score_history(UNIVERSE, DAYS), score_history(UNIVERSE, DAYS[::3])

    assert {name: scores[::3] for name, scores in found.items()} == fewer


def test_no_date_is_no_score():
    assert set(score_history(UNIVERSE, []).values()) == {()}
