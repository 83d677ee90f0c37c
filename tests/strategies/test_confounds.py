"""What else happened: each rule alone, on markets in view."""

from __future__ import annotations

import numpy as np
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


def test_a_wild_benchmark_flags_all_that_it_measures():
    benchmark = zigzag(89).copy()
    benchmark[39] = 0.06
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
