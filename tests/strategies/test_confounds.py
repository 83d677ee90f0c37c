"""What else happened: each rule alone, on markets in view."""

from __future__ import annotations

import numpy as np
import pytest
import worlds
from pytest import approx
from study_worlds import CONTROLS, in_view, prices, zigzag

from strategies.confounds import RULES
from strategies.event_study import study

SHORT = {"window": (-2, 4), "estimation": 20, "gap": 2, "least_estimation": 15, "draws": 0}
SESSIONS = worlds.sessions(90)


def day(session):
    return f"{SESSIONS[session]:%Y-%m-%d}T12:00:00+00:00"


def test_another_event_near_the_same_company_flags_it_and_no_other():
    market = in_view({"AAA": {40: 0.02}, "BBB": {40: 0.04}, "CCC": {70: 0.03}}, count=90)
    one = worlds.event("one", day(40), ["AAA", "BBB"])
    far = worlds.event("far", day(70), ["CCC"])
    whole = worlds.calendar(
        one,
        far,
        # Two sessions after the first, and three after the other.
        worlds.event("beside", day(42), ["AAA"]),
        worlds.event("later", day(73), ["CCC"]),
    )

    found = study(market, worlds.calendar(one, far), calendar=whole, **SHORT).confounds

    assert [(flag.event, flag.symbol, RULES[flag.rule], flag.evidence) for flag in found.flags] == [
        ("one", "AAA", RULES[0], "beside")
    ]
    assert found.firm_events == 1
    # Left are BBB with 4 % and CCC with 3 %.
    assert found.without.mean == approx(0.035, abs=1e-12)


@pytest.mark.parametrize("day_of_event", [0, 1])
def test_a_wild_benchmark_flags_all_that_it_measures(day_of_event):
    benchmark = zigzag(89).copy()
    benchmark[39 + day_of_event] = 0.06
    frames = {name: worlds.bars(prices(benchmark)) for name in CONTROLS}
    frames["AAA"] = worlds.bars(prices(0.001 + 2 * benchmark))
    market = worlds.market(frames, controls=CONTROLS)

    found = study(market, worlds.calendar(worlds.event("one", day(40), ["AAA"])), **SHORT).confounds

    # Returns of ±1 % over 20 sessions have a deviation of 1.026 %: 6 % is 5.8 of them.
    assert [(RULES[flag.rule], flag.evidence) for flag in found.flags] == [
        (RULES[1], "5.8 standard deviations")
    ]
    assert found.without.episodes == 0


def test_without_anything_else_nothing_is_flagged_and_what_is_not_checked_is_said():
    market = in_view({"AAA": {40: 0.02}}, count=90)

    found = study(market, worlds.calendar(worlds.event("one", day(40), ["AAA"])), **SHORT).confounds

    assert found.flags == ()
    assert found.without.mean == approx(0.02, abs=1e-12)
    assert "earnings and other releases of the company" in found.not_checked


def test_a_payout_on_the_day_is_flagged():
    market = in_view({"AAA": {40: 0.02}, "BBB": {40: 0.02}}, count=90)
    dividend, split = (market.bars["close"] * 0 + value for value in (0.0, 1.0))
    dividend.loc[SESSIONS[41], "AAA"] = 0.5
    split.loc[SESSIONS[40], "BBB"] = 2.0
    market.bars["dividend"], market.bars["split"] = dividend, split

    found = study(market, worlds.calendar(worlds.event("one", day(40), ["AAA", "BBB"])), **SHORT).confounds

    assert [(flag.symbol, flag.rule, flag.evidence) for flag in found.flags] == [
        ("AAA", 2, "dividend"),
        ("BBB", 2, "split"),
    ]
    assert np.isfinite(found.firm_events)


def flagged_by_events(studied, whole=None, named=("AAA", "BBB"), **more):
    market = in_view({name: {40: 0.02} for name in named}, count=90)
    calendar = None if whole is None else worlds.calendar(*whole)
    found = study(market, worlds.calendar(*studied), calendar=calendar, **(SHORT | more)).confounds
    return [(flag.event, flag.symbol, flag.evidence) for flag in found.flags if flag.rule == 0]


def test_two_studied_events_of_different_dates_flag_one_another_and_those_of_one_date_do_not():
    one = worlds.event("one", day(40), ["AAA"])

    # Days 40 to 41 and 42 to 43 share no date: two episodes.
    apart = [one, worlds.event("two", day(42), ["AAA"])]
    assert flagged_by_events(apart) == [("one", "AAA", "two"), ("two", "AAA", "one")]
    # Days 40 to 41 and 41 to 42 do: one episode, which measures both.
    assert flagged_by_events([one, worlds.event("two", day(41), ["AAA"])]) == []
    assert flagged_by_events([one, worlds.event("two", day(43), ["AAA"])]) == []


def test_studied_events_count_also_where_the_calendar_does_not_hold_them():
    studied = [worlds.event("one", day(40), ["AAA"]), worlds.event("two", day(42), ["AAA"])]

    assert flagged_by_events(studied, [worlds.event("else", day(70), ["AAA"])]) == [
        ("one", "AAA", "two"),
        ("two", "AAA", "one"),
    ]


def test_an_event_without_a_direction_flags_though_it_is_studied():
    studied = [worlds.event("one", day(40), ["AAA"]), worlds.event("vague", day(40), ["AAA"], "ambiguous")]

    assert flagged_by_events(studied) == [("one", "AAA", "vague")]


def test_an_event_after_the_data_is_not_near_their_last_session():
    one, late = (
        worlds.event("one", day(88), ["AAA"]),
        worlds.event("late", "2029-01-05T12:00:00+00:00", ["AAA"]),
    )
    beside = worlds.event("beside", day(89), ["AAA"])

    # The sessions are 0 to 89.
    assert flagged_by_events([one], [one, late, beside], window=(-2, 1)) == [("one", "AAA", "beside")]
