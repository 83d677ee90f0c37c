"""Abnormal returns worked out by hand; who is in a benchmark; who is left out and why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import worlds
from pytest import approx
from study_worlds import CONTROLS, in_view, prices, random_events, random_market, zigzag

from strategies.abnormal_returns import cumulative, market_model
from strategies.clean_benchmark import REGIONS, clean_names, mean_return, own_returns
from strategies.event_study import study
from strategies.firm_events import land
from strategies.study_design import Design
from universes.policy import Events
from universes.sessions import CALENDARS

SHORT = {"window": (-2, 4), "estimation": 20, "gap": 2, "least_estimation": 15}
SESSIONS = worlds.sessions(60)


def day(session: int) -> str:
    """News at 12:00 UTC, before the open of the session of that number."""
    return f"{SESSIONS[session]:%Y-%m-%d}T12:00:00+00:00"


def test_the_abnormal_return_is_the_return_beyond_intercept_and_beta_times_benchmark():
    # AAA returns 0.1 % + 2 × benchmark, exactly; on the reaction session 5 % more, on the next 1 % less.
    market = in_view({"AAA": {40: 0.05, 41: -0.01}})
    events = worlds.calendar(worlds.event("news", day(40), ["AAA"]))

    found = study(market, events, **SHORT)

    (row,) = found.firm_events.to_dict("records")
    assert row["car_0_0"] == approx(0.05, abs=1e-12)
    assert row["car_0_1"] == approx(0.05 - 0.01, abs=1e-12)
    assert row["car_m1_1"] == approx(0 + 0.05 - 0.01, abs=1e-12)
    assert row["car_0_4"] == approx(0.04, abs=1e-12)
    assert row["beta"] == approx(2, abs=1e-12)
    assert (row["estimation_returns"], row["benchmark_names"]) == (20, 3)
    assert row["reaction_session"] == SESSIONS[40]
    assert found.path["abnormal"].tolist() == approx([0, 0, 0.05, -0.01, 0, 0, 0], abs=1e-12)
    assert found.path["cumulative"].tolist() == approx([0, 0, 0.05, 0.04, 0.04, 0.04, 0.04], abs=1e-12)
    assert found.path["day"].tolist() == [-2, -1, 0, 1, 2, 3, 4]


def test_a_fall_on_a_headwind_counts_as_positive():
    market = in_view({"AAA": {40: -0.05}})
    events = worlds.calendar(worlds.event("news", day(40), ["AAA"], "headwind"))

    found = study(market, events, **SHORT)

    assert found.firm_events["sign"].tolist() == [-1]
    assert found.firm_events["car_0_0"].tolist() == approx([0.05], abs=1e-12)


def test_least_squares_recovers_the_line_and_leaves_missing_returns_out():
    benchmark = np.array([0.01, 0.03, np.nan, -0.02, 0.00, 0.05])
    line = 0.002 + 1.5 * benchmark
    other = np.array([0.02, np.nan, 0.5, 0.01, 0.03, 0.07])
    returns = np.column_stack([line, other])

    model = market_model(returns, benchmark, np.isfinite(returns))

    # The second name has returns on sessions 0, 3, 4, 5: numpy's own least squares is the reference.
    beta, intercept = np.polyfit(benchmark[[0, 3, 4, 5]], other[[0, 3, 4, 5]], 1)
    assert model.intercept.tolist() == approx([0.002, intercept], abs=1e-12)
    assert model.beta.tolist() == approx([1.5, beta], abs=1e-12)
    assert model.returns.tolist() == [5, 4]


def test_the_reaction_windows_of_other_events_of_the_firm_stay_out_of_its_estimation():
    # A jump of 30 % on session 26 would move intercept and beta, were it not the day of another event.
    market = in_view({"AAA": {26: 0.3, 40: 0.05}})
    both = worlds.calendar(worlds.event("old", day(26), ["AAA"]), worlds.event("new", day(40), ["AAA"]))
    alone = worlds.calendar(worlds.event("new", day(40), ["AAA"]))
    design = SHORT | {"least_estimation": 10}

    kept = study(market, both, **design).firm_events.set_index("event").loc["new"]
    moved = study(market, alone, **design).firm_events.set_index("event").loc["new"]

    # Twenty sessions end on 40 - 2 - 2 = 36: 17 to 36; 26 to 31 are left out.
    assert kept["estimation_returns"] == 20 - 6
    assert kept["car_0_0"] == approx(0.05, abs=1e-12)
    assert moved["estimation_returns"] == 20
    # Session 40 and ten of the twenty have a benchmark of -1 %: the line passes through their mean, 0.3 / 10 too high.
    assert moved["car_0_0"] == approx(0.05 - 0.03, abs=1e-12)


def test_a_return_over_a_halt_is_missing_not_a_daily_return():
    frames = {name: worlds.bars(prices(zigzag(9))) for name in ("AAA", *CONTROLS)}
    frames["AAA"] = worlds.bars([100, 110, None, None, 120, 126, 126, 126, 126, 126])
    market = worlds.market(frames, controls=CONTROLS)

    returns = own_returns(market)[:, market.symbols.index("AAA")]

    assert returns[[1, 5]].tolist() == approx([0.10, 0.05])
    assert np.isnan(returns[[0, 2, 3, 4]]).all()


def test_a_day_with_fewer_than_three_benchmark_names_is_missing():
    nan = float("nan")
    table = np.array([[0.01, 0.02, 0.06], [0.01, nan, 0.02], [nan, nan, nan]])

    found = mean_return(table)

    assert found[0] == approx(0.03)
    assert np.isnan(found[1:]).all()


def test_a_window_with_more_than_a_fifth_missing_has_no_cumulative_return():
    nan = float("nan")
    design = Design((-1, 4))
    returns = np.array([[0.0, 0.01, nan, 0.02, 0.03, 0.04], [0.0, 0.01, nan, nan, 0.03, 0.04]])

    # Of days 0 to 4, one of five is missing in the first row and two in the second.
    assert cumulative(returns, design, 0, 4).tolist() == approx([0.10, nan], nan_ok=True)
    assert np.isnan(cumulative(returns, design, 0, 1)).all()
    assert cumulative(returns, design, 0, 0).tolist() == approx([0.01, 0.01])


def test_the_benchmark_holds_no_name_that_an_overlapping_event_touches():
    market = in_view({"AAA": {40: 0.05}, "BBB": {41: 0.5}, "FAR": {10: 0.2}, "FREE": {}})
    events = worlds.calendar(
        worlds.event("far", day(10), ["FAR"]),
        worlds.event("news", day(40), ["AAA"]),
        worlds.event("unclear", day(43), ["BBB"], "ambiguous"),
    )
    design = Design((-2, 4), 20, 2, 15)

    clean = clean_names(market, land(market, events), design)

    # The window of `news` is 38 to 44, that of `unclear` 41 to 47, that of `far` 8 to 14.
    names = {row.event: set(np.array(market.symbols)[clean[at]]) for at, row in enumerate(events)}
    assert names["news"] == {"FAR", "FREE", *CONTROLS}
    assert names["unclear"] == {"FAR", "FREE", *CONTROLS}
    assert names["far"] == {"AAA", "BBB", "FREE", *CONTROLS}


def test_prices_of_a_touched_name_do_not_move_the_abnormal_return_of_another():
    events = worlds.calendar(worlds.event("news", day(40), ["AAA", "BBB"]))
    calm = study(in_view({"AAA": {40: 0.05}, "BBB": {}}), events, **SHORT)
    wild = study(in_view({"AAA": {40: 0.05}, "BBB": {20: 0.7, 40: 0.9, 41: -0.5}}), events, **SHORT)
    bystander = study(in_view({"AAA": {40: 0.05}, "BBB": {}, "FREE": {40: 0.4}}), events, **SHORT)

    first = calm.firm_events.set_index("symbol").loc["AAA"]
    assert wild.firm_events.set_index("symbol").loc["AAA", "car_0_1"] == first["car_0_1"]
    # A clean name is in the benchmark: with 0.4 more on the day it adds 0.4 / 4 names × beta.
    other = bystander.firm_events.set_index("symbol").loc["AAA"]
    assert first["car_0_0"] - other["car_0_0"] > 0.05


def test_funds_that_hold_the_very_names_are_no_controls():
    market = in_view({"AAA": {40: 0.05}, "FUND": {40: 0.05}})
    market.lives.loc["FUND", "control"] = True

    clean = clean_names(
        market, land(market, worlds.calendar(worlds.event("news", day(40), ["AAA"]))), Design((-2, 4))
    )

    assert set(np.array(market.symbols)[clean[0]]) == set(CONTROLS)


def test_a_benchmark_comes_from_exchanges_of_the_same_part_of_the_day():
    market = random_market(0)
    events = worlds.calendar(worlds.event("news", "2025-03-04T12:00:00+00:00", ["T2", "T6"]))

    found = study(market, events, estimation=90, gap=5, least_estimation=60)

    # T2 trades in Sydney with T4, T8 and three controls; T6 in London with one control only.
    assert found.firm_events[["symbol", "benchmark_names"]].to_numpy().tolist() == [["T2", 5]]
    assert found.dropped["reason"].tolist() == [
        "no clean benchmark on XLON: 1 names that no event touches, 3 wanted"
    ]


def test_every_calendar_lies_in_a_part_of_the_day():
    assert set(CALENDARS.values()) <= set(REGIONS)


def test_news_at_eleven_utc_reaches_new_york_on_the_day_and_sydney_on_the_next():
    market = random_market(1, halts=0.0)
    # 2025-07-10T11:00Z: New York opens at 13:30Z; Sydney closed at 06:00Z and closes next on the 11th.
    events = worlds.calendar(worlds.event("news", "2025-07-10T11:00:00+00:00", ["T0", "T2"]))

    found = study(market, events, estimation=90, gap=5, least_estimation=60).firm_events

    assert found.set_index("symbol")["reaction_session"].astype(str).to_dict() == {
        "T0": "2025-07-10",
        "T2": "2025-07-11",
    }


def test_noise_after_the_last_window_changes_no_bit():
    market = random_market(2)
    # News on days without a clock; the last of the window's sessions is found from the table itself.
    events = random_events(2, market.members, days=250)
    design = {"estimation": 90, "gap": 5, "least_estimation": 60}
    found = study(market, events, **design)
    last = max(
        market.clock.hours[row.exchange].rows[
            market.clock.hours[row.exchange].rows.searchsorted(market.sessions.get_loc(row.reaction_session))
            + 20
        ]
        for row in found.firm_events.itertuples()
    )
    noise = np.random.default_rng(9).uniform(
        1, 100, size=(len(market.sessions) - last - 1, len(market.symbols))
    )
    bars = {name: table.copy() for name, table in market.bars.items()}
    for table in bars.values():
        table.iloc[last + 1 :] = noise

    shaken = study(replace(market, bars=bars), events, **design)

    assert len(market.sessions) - last > 20
    assert len(found.firm_events) >= 5
    pd.testing.assert_frame_equal(shaken.firm_events, found.firm_events, check_exact=True)
    pd.testing.assert_frame_equal(shaken.path, found.path, check_exact=True)
    assert shaken.windows == found.windows


def test_noise_before_the_end_of_the_window_is_seen():
    market = random_market(2)
    events = random_events(2, market.members, days=250)
    bars = {
        name: table * np.random.default_rng(9).uniform(0.9, 1.1, size=table.shape)
        for name, table in market.bars.items()
    }
    design = {"estimation": 90, "gap": 5, "least_estimation": 60}

    assert (
        study(replace(market, bars=bars), events, **design).windows != study(market, events, **design).windows
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, ""),
        ({"when": "2030-01-02"}, "reaction session outside the data: after the last session"),
        ({"when": "2020-01-02"}, "reaction session outside the data: on or before the first session"),
        ({"halt": (40,)}, "no bar on the reaction session"),
        ({"halt": (39,)}, "no bar on the session before the reaction"),
        ({"halt": (41,)}, "no bar on the session after the reaction"),
        ({"halt": (42,)}, ""),
        ({"halt": range(42, 60)}, ""),
        ({"session": 59}, "the data end on the reaction session"),
        ({"halt": range(5, 35, 2)}, "too few returns in the estimation window: 2 of 20, 15 wanted"),
        ({"halt": range(25)}, "listing too young: 11 sessions up to the gap, 15 wanted"),
        ({"direction": "ambiguous"}, "no direction: the event is ambiguous for this company"),
        ({"session": 20}, "too few returns in the estimation window: 16 of 20, 18 wanted"),
    ],
    ids=str,
)
def test_a_firm_event_is_dropped_with_its_reason(change, reason):
    closes = prices(0.001 + 2 * zigzag(59))
    for session in change.get("halt", ()):
        closes[session] = None
    frames = {name: worlds.bars(prices(zigzag(59))) for name in CONTROLS}
    market = worlds.market(frames | {"AAA": worlds.bars(closes)}, controls=CONTROLS)
    when = change.get("when", day(change.get("session", 40)))
    events = worlds.calendar(worlds.event("news", when, ["AAA"], change.get("direction", "tailwind")))
    least = 18 if change.get("session") == 20 else 15

    found = study(market, events, **SHORT | {"least_estimation": least})

    assert found.dropped["reason"].tolist() == ([reason] if reason else [])
    assert len(found.firm_events) == (0 if reason else 1)


def test_a_name_that_dies_after_the_primary_window_counts_in_it_and_in_no_window_that_it_misses():
    # Dropping it would choose the sample by what happened later.
    closes = prices(0.001 + 2 * zigzag(59))
    frames = {name: worlds.bars(prices(zigzag(59))) for name in CONTROLS}
    market = worlds.market(frames | {"AAA": worlds.bars([*closes[:42], *[None] * 18])}, controls=CONTROLS)

    found = study(market, worlds.calendar(worlds.event("news", day(40), ["AAA"])), **SHORT)

    assert found.firm_events["car_0_1"].tolist() == approx([0], abs=1e-12)
    assert found.firm_events["car_0_4"].isna().all()
    assert {(test.first, test.last): test.episodes for test in found.windows} == {
        (0, 1): 1, (0, 0): 1, (0, 4): 0, (-1, 1): 1, (-2, -2): 1,
    }  # fmt: skip
    assert found.path.empty


def test_without_a_benchmark_on_the_session_after_there_is_no_primary_window():
    frames = {name: worlds.bars(prices(zigzag(59))) for name in CONTROLS}
    closes = prices(zigzag(59))
    closes[41] = None
    frames["CC"] = worlds.bars(closes)
    market = worlds.market(frames | {"AAA": worlds.bars(prices(zigzag(59)))}, controls=CONTROLS)

    found = study(market, worlds.calendar(worlds.event("news", day(40), ["AAA"])), **SHORT)

    assert found.dropped["reason"].tolist() == [
        "no benchmark on the session after the reaction: fewer than 3 clean names have a return"
    ]


def test_events_after_the_data_take_no_name_out_of_a_benchmark():
    market = in_view({"AAA": {55: 0.05}, "BBB": {}})
    news = worlds.event("news", day(55), ["AAA"])
    years_later = worlds.event("later", "2026-03-02T12:00:00+00:00", ["BBB"])

    alone = study(market, worlds.calendar(news), **SHORT).firm_events
    both = study(market, worlds.calendar(news, years_later), **SHORT).firm_events

    assert alone["benchmark_names"].tolist() == [4]
    pd.testing.assert_frame_equal(both, alone, check_exact=True)


def test_the_later_symbol_of_a_touched_company_is_in_no_benchmark():
    # AAA is renamed BBB on session 42; its returns are those of the touched company still.
    closes = prices(zigzag(59))
    frames = {name: worlds.bars(closes) for name in CONTROLS}
    frames["AAA"] = worlds.bars([*closes[:42], *[None] * 18])
    frames["BBB"] = worlds.bars([*[None] * 42, *closes[42:]])
    market = worlds.market(frames, controls=CONTROLS)
    market.lives.loc["BBB", "company"] = "aaa"
    events = worlds.calendar(worlds.event("news", day(40), ["AAA"]))

    clean = clean_names(market, land(market, events), Design((-2, 4)))

    assert set(np.array(market.symbols)[clean[0]]) == set(CONTROLS)


def test_a_name_without_prices_an_event_without_names_and_a_reused_symbol_are_listed():
    market = in_view({"AAA": {}, "BBB": {}})
    gone = replace(
        market,
        bars={name: table.drop(columns="BBB") for name, table in market.bars.items()},
        lives=market.lives.drop(index="BBB"),
    )
    reused = replace(market, lives=market.lives.assign(company=["another", *market.lives["company"][1:]]))
    events = worlds.calendar(worlds.event("news", day(40), ["BBB"]), worlds.event("none", day(41)))
    first = worlds.calendar(worlds.event("news", day(40), ["AAA"]))

    assert study(gone, events, **SHORT).dropped.to_numpy().tolist() == [
        ["news", "BBB", "no prices"],
        ["none", "", "no member is touched"],
    ]
    assert study(reused, first, **SHORT).dropped["reason"].tolist() == [
        "no prices: in the data the symbol stands for another"
    ]


def test_a_benchmark_that_never_moves_gives_no_model():
    frames = {name: worlds.bars([50.0] * 60) for name in CONTROLS}
    market = worlds.market(frames | {"AAA": worlds.bars(prices(zigzag(59)))}, controls=CONTROLS)

    found = study(market, worlds.calendar(worlds.event("news", day(40), ["AAA"])), **SHORT)

    assert found.dropped["reason"].tolist() == ["the benchmark never moved in the estimation window"]


def test_bars_after_the_primary_window_cannot_change_it():
    market = random_market(2)
    design = {"estimation": 90, "gap": 5, "least_estimation": 60}
    events = random_events(2, market.members)
    tried = 0
    for event in events:
        alone = Events((event,), tuple(row for row in events.companies if row.event == event.event))
        found = study(market, alone, **design)
        if not len(found.firm_events):
            continue
        last = max(
            own[own.searchsorted(market.sessions.get_loc(row.reaction_session)) + 1]
            for row in found.firm_events.itertuples()
            for own in [market.clock.hours[row.exchange].rows]
        )
        bars = {name: table.copy() for name, table in market.bars.items()}
        for table in bars.values():
            table.iloc[last + 1 :] = np.nan

        dead = study(replace(market, bars=bars), alone, **design)

        assert dead.firm_events[["symbol", "car_0_1", "car_0_0", "beta"]].equals(
            found.firm_events[["symbol", "car_0_1", "car_0_0", "beta"]]
        )
        assert (dead.windows[0], dead.grade, dead.verdict) == (found.windows[0], found.grade, found.verdict)
        tried += 1

    assert tried >= 3
