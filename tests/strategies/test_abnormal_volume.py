"""Abnormal volume by hand: twice as much traded, beyond what everyone traded more."""

from __future__ import annotations

import worlds
from pytest import approx
from study_worlds import in_view

from strategies.event_study import study

SHORT = {"window": (-6, 4), "estimation": 20, "gap": 2, "least_estimation": 15, "draws": 0}
SESSIONS = worlds.sessions(90)


def measured(volumes):
    """Volume of a study of one event on AAA at session 40; `volumes` by symbol and session, else 1,000."""
    market = in_view({"AAA": {40: 0.02}}, count=90)
    volume = market.bars["close"] * 0 + 1_000.0
    for symbol, at in volumes.items():
        for session, value in at.items():
            volume.loc[SESSIONS[session], symbol] = value
    market.bars["volume"] = volume
    # One price, so that the value traded is the volume.
    market.bars["traded_close"] = market.bars["close"] * 0 + 100.0
    event = worlds.event("one", f"{SESSIONS[40]:%Y-%m-%d}T12:00:00+00:00", ["AAA"])
    return study(market, worlds.calendar(event), **SHORT)


def test_twice_the_usual_on_both_days_is_two_times():
    found = measured({"AAA": {40: 2_000.0, 41: 2_000.0}})

    # One unit is added to the value of 100,000 and 200,000.
    assert found.volume.times == approx(2.0, rel=1e-4)
    assert found.volume_before.times == approx(1.0, rel=1e-12)


def test_the_mean_is_that_of_logarithms():
    # Four times and once: the root of four.
    assert measured({"AAA": {40: 4_000.0}}).volume.times == approx(2.0, rel=1e-4)


def test_what_everyone_trades_more_is_no_news():
    everyone = {name: {40: 3_000.0, 41: 3_000.0} for name in ("AAA", "CA", "CB", "CC")}

    assert measured(everyone).volume.times == approx(1.0, rel=1e-9)


def test_a_leak_shows_on_the_days_before():
    found = measured({"AAA": dict.fromkeys(range(35, 40), 3000.0)})

    assert found.volume_before.times == approx(3.0, rel=1e-4)
    assert found.volume.times == approx(1.0, rel=1e-12)


def test_missing_volume_is_missing_and_zero_is_zero():
    missing = measured({"AAA": {40: float("nan")}})

    assert missing.volume.times is None
    assert missing.volume.test.reason == "no episode has a value"
    # Of two days one traded nothing: a value of 1 unit against 100,001.
    assert measured({"AAA": {40: 0.0}}).volume.times == approx(100_001**-0.5, rel=1e-6)


def test_what_is_usual_takes_twenty_days_of_the_name():
    # The estimation window is sessions 13 to 32.
    known = measured({"AAA": {12: float("nan"), 33: float("nan")} | {40: 4_000.0}})
    unknown = measured({"AAA": {13: float("nan")} | {40: 4_000.0}})

    assert known.volume.times == approx(2.0, rel=1e-4)
    assert unknown.volume.times is None


def test_what_everyone_trades_takes_three_names():
    found = measured({"CA": {40: float("nan")}})

    assert found.volume.times is None
    assert found.volume_before.times == approx(1.0, rel=1e-12)
