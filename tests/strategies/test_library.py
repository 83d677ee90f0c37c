"""Each strategy of the library on prices in view."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

import numpy as np
import pandas as pd
import pytest
import worlds

from strategies.catalog import LIBRARY, make, names
from strategies.library.basket import Basket
from strategies.library.chase import Chase
from strategies.library.equal_weight import EqualWeight
from strategies.library.fade import Fade
from strategies.library.momentum import Momentum
from strategies.library.pullback import Pullback
from strategies.plan import SHORT, Exits
from universes import plugins
from universes.errors import BadParameter, UnknownName

# Close of 2024-01-03 in New York is 21:00 UTC: the event is first met on row 2, 2024-01-04.
EVENT = worlds.event("ban", "2024-01-03T22:00Z", ["AAA"])


def everything(market):
    return pd.DataFrame(True, index=market.sessions, columns=list(market.symbols))


def plan(strategy, market, *events):
    return strategy.plan(market, worlds.calendar(*events), everything(market))


def reasons(decided):
    return [item.reason for item in decided.skipped]


def decided_rows(table):
    """Rows of weights on which something was decided, as lists by date."""
    return {f"{stamp:%Y-%m-%d}": row.tolist() for stamp, row in table.dropna(how="all").iterrows()}


def test_pullback_buys_after_the_first_close_deep_enough_below_the_running_high():
    #                                    event: row 2 pops to 12, high 13; 0.9 × 13 = 11.7
    market = worlds.market(
        {"AAA": worlds.bars([10, 10, 12, 11.8, 11.7, 11], high=[10, 10, 13, 12, 12, 11.7])}
    )

    decided = plan(Pullback(depth=0.10, hold=5), market, EVENT)

    assert [(entry.row, entry.event, entry.exits) for entry in decided.entries] == [(4, "ban", Exits(hold=5))]


def test_pullback_never_decides_on_the_reaction_session_itself():
    market = worlds.market({"AAA": worlds.bars([10, 10, 12, 12, 12], high=[10, 10, 15, 12, 12])})

    # The close of row 2 is already 20 % below its own high; the first decision is after row 3.
    assert [entry.row for entry in plan(Pullback(depth=0.10), market, EVENT).entries] == [3]


def test_pullback_gives_up_after_wait_sessions_and_says_so():
    market = worlds.market({"AAA": worlds.bars([10, 10, 12, 12, 12, 5])})

    decided = plan(Pullback(depth=0.10, wait=2), market, EVENT)

    assert decided.entries == ()
    assert [item.reason for item in decided.skipped] == ["no fall of 10.0% within 2 sessions"]


def test_no_pop_is_no_entry_and_says_so():
    market = worlds.market({"AAA": worlds.bars([10, 10, 9.5, 8, 8])})

    for strategy in (Pullback(), Chase()):
        decided = plan(strategy, market, EVENT)
        assert decided.entries == ()
        assert [item.reason for item in decided.skipped] == [
            "no pop above 0.0%: -5.0% on the reaction session"
        ]


def test_chase_decides_at_the_close_of_the_reaction_session():
    market = worlds.market({"AAA": worlds.bars([10, 10, 12, 12])})

    assert [entry.row for entry in plan(Chase(), market, EVENT).entries] == [2]


def test_a_headwind_is_not_bought():
    market = worlds.market({"AAA": worlds.bars([10, 10, 12, 12])})
    headwind = worlds.event("tax", "2024-01-03T22:00Z", ["AAA"], "headwind")

    assert [item.reason for item in plan(Chase(), market, headwind).skipped] == [
        "a headwind for this company"
    ]


def test_events_outside_the_data_are_listed():
    market = worlds.market({"AAA": worlds.bars([10, 10, 12])})
    events = [
        worlds.event("old", "2023-06-01T12:00Z", ["AAA"]),
        worlds.event("new", "2025-06-02T12:00Z", ["AAA"]),
    ]

    reasons = {item.event: item.reason for item in plan(Chase(), market, *events).skipped}

    assert reasons == {"old": "before the first session", "new": "after the last session"}


def test_momentum_holds_the_names_that_rose_most_before_the_skipped_sessions():
    days = 50
    frames = {
        "AAA": worlds.bars(np.linspace(10, 20, days).tolist()),
        "BBB": worlds.bars(np.linspace(10, 15, days).tolist()),
        "CCC": worlds.bars(np.linspace(10, 5, days).tolist()),
    }
    market = worlds.market(frames)

    table = plan(Momentum(lookback=10, skip=2, top=2), market).table

    decided = table.dropna(how="all")
    assert decided.index.strftime("%Y-%m-%d").tolist() == ["2024-01-02", "2024-02-01", "2024-03-01"]
    assert decided.iloc[0].tolist() == [0, 0, 0]
    assert decided.iloc[1].tolist() == [0.5, 0.5, 0]


def test_momentum_in_event_windows_holds_only_touched_names():
    market = worlds.market({name: worlds.bars(np.linspace(10, 20, 50).tolist()) for name in ("AAA", "BBB")})
    near = worlds.event("near", "2024-01-30T22:00Z", ["BBB"])

    table = plan(Momentum(lookback=10, skip=2, top=1, event_window=5), market, near).table.dropna(how="all")

    assert table.iloc[1].tolist() == [0, 1]
    assert table.iloc[2].tolist() == [0, 0]


def test_equal_weight_leaves_out_what_is_not_eligible_or_not_listed():
    market = worlds.market(
        {
            "AAA": worlds.bars([1] * 30),
            "BBB": worlds.bars([1] * 30),
            "CCC": worlds.bars([1] * 5, start="2024-02-05"),
        }
    )
    eligible = everything(market).assign(BBB=False)

    table = EqualWeight().plan(market, worlds.calendar(), eligible).table.dropna(how="all")

    assert table.iloc[1].tolist() == [1.0, 0.0, 0.0]


def test_a_pop_above_the_most_wanted_is_left_alone_and_says_so():
    market = worlds.market({"AAA": worlds.bars([10, 10, 18, 12])})

    decided = plan(Pullback(max_pop=0.5), market, EVENT)

    assert decided.entries == ()
    assert reasons(decided) == ["a pop above 50.0%: +80.0% on the reaction session"]


def test_stages_are_bought_at_once_one_and_a_half_and_twice_the_depth_in_equal_parts():
    # Highs never above 20: the levels are 18, 17 and 16.
    market = worlds.market({"AAA": worlds.bars([10, 10, 20, 18, 17.5, 16.5, 16, 10])})

    decided = plan(Pullback(depth=0.1, stages=3), market, EVENT)

    assert [(entry.row, entry.stage, entry.share) for entry in decided.entries] == [
        (3, 1, 1 / 3),
        (5, 2, 1 / 3),
        (6, 3, 1 / 3),
    ]


def test_one_close_may_reach_several_stages():
    market = worlds.market({"AAA": worlds.bars([10, 10, 20, 16.9, 16.9])})

    assert [(entry.row, entry.stage) for entry in plan(Pullback(stages=4), market, EVENT).entries] == [
        (3, 1),
        (3, 2),
    ]


def test_the_largest_pop_comes_first():
    frames = {"AAA": worlds.bars([10, 10, 11]), "BBB": worlds.bars([10, 10, 14])}
    both = worlds.event("ban", "2024-01-03T22:00Z", ["AAA", "BBB"])

    entries = plan(Chase(), worlds.market(frames), both).entries

    assert {entry.symbol: round(entry.priority, 10) for entry in entries} == {"AAA": 0.1, "BBB": 0.4}


def quiet_bars(ranges):
    """Closes of 100 whose highs and lows lie half a range above and below, then the sessions around the event."""
    high = [100 + width / 2 for width in ranges]
    low = [100 - width / 2 for width in ranges]
    return [100.0] * len(ranges), high, low


def test_a_depth_in_atr_is_a_multiple_of_the_mean_of_fourteen_true_ranges_before_the_reaction():
    # 14 bars before the reaction with ranges of 2 and 4, mean 3, on a close of 100: 3 %. An older one is forgotten.
    close, high, low = quiet_bars([50, 2] + [2, 4] * 7)
    after = [130, 123, 122.3, 122.1]
    market = worlds.market({"AAA": worlds.bars([*close, *after], high=[*high, *after], low=[*low, *after])})
    on = f"{market.sessions[15]:%Y-%m-%d}T22:00Z"

    decided = plan(Pullback(depth=2, depth_unit="atr"), market, worlds.event("ban", on, ["AAA"]))

    # 130 × (1 − 2 × 0.03) = 122.2.
    assert [entry.row for entry in decided.entries] == [19]


def test_a_true_range_reaches_to_the_close_before():
    # Bars without a range of their own, each 10 above or below the close before: true ranges of 10 on a close of 110.
    close = [100, 110] * 7 + [100, 110, 140, 129, 127]
    market = worlds.market({"AAA": worlds.bars(close)})
    on = f"{market.sessions[15]:%Y-%m-%d}T22:00Z"

    decided = plan(Pullback(depth=1, depth_unit="atr"), market, worlds.event("ban", on, ["AAA"]))

    # 140 × (1 − 10 / 110) = 127.27.
    assert [entry.row for entry in decided.entries] == [18]


def test_a_depth_in_volatility_is_a_multiple_of_the_deviation_of_twenty_returns_not_scaled_by_wait():
    # Ten returns of +1/4 and ten of −1/5: mean 0.025, deviation sqrt(20 × 0.225² / 19) = 0.23085.
    close = [100, 125] * 10 + [100]
    market = worlds.market({"AAA": worlds.bars([*close, 200, 180, 155, 153])})
    on = f"{market.sessions[20]:%Y-%m-%d}T22:00Z"
    event = worlds.event("ban", on, ["AAA"])

    for wait in (3, 20):
        decided = plan(Pullback(depth=1, depth_unit="volatility", wait=wait), market, event)
        # 200 × (1 − 0.23085) = 153.83.
        assert [entry.row for entry in decided.entries] == [24]
    missed = plan(Pullback(depth=1, depth_unit="volatility", wait=2), market, event)
    assert reasons(missed) == ["no fall of 23.1% (1 × 20-session volatility) within 2 sessions"]


@pytest.mark.parametrize(("unit", "said"), [("atr", "ATR(14)"), ("volatility", "20-session volatility")])
def test_too_short_a_past_to_scale_by_is_said(unit, said):
    market = worlds.market({"AAA": worlds.bars([10, 10, 12, 5])})

    decided = plan(Pullback(depth=1, depth_unit=unit), market, EVENT)

    assert reasons(decided) == [f"too few sessions before the event to know its {said}"]


def test_chase_waits_so_many_sessions_of_the_symbol_itself():
    market = worlds.market({"AAA": worlds.bars([10, 10, 12, None, 12, 12]), "BBB": worlds.bars([10] * 6)})

    assert [entry.row for entry in plan(Chase(delay=1), market, EVENT).entries] == [4]
    late = plan(Chase(delay=3), market, EVENT)
    assert reasons(late) == ["the data end within 3 sessions of the reaction session"]


def opposite(name, announced, symbols=("AAA",)):
    return worlds.event(name, announced, list(symbols), "headwind")


@pytest.mark.parametrize("strategy", [Chase(leave_on_opposite=True), Pullback(leave_on_opposite=True)])
def test_a_headwind_for_the_company_ends_the_position_after_the_close_at_which_it_was_known(strategy):
    market = worlds.market({"AAA": worlds.bars([10, 10, 12, 10, 10, 10, 10])})
    # Rows 0 to 6 are January 2, 3, 4, 5, 8, 9 and 10. The first came before the tailwind, the last when all is said.
    winds = [
        opposite("old", "2024-01-03T15:00Z"),
        opposite("truce", "2024-01-08T15:00Z"),
        opposite("more", "2024-01-09T15:00Z"),
    ]

    (entry,) = plan(strategy, market, EVENT, *winds).entries

    assert entry.leave_after == 4
    (held,) = plan(type(strategy)(), market, EVENT, *winds).entries
    assert held.leave_after is None


def test_a_headwind_for_another_company_ends_nothing():
    market = worlds.market({name: worlds.bars([10, 10, 12, 10, 10]) for name in ("AAA", "BBB")})

    (entry,) = plan(
        Chase(leave_on_opposite=True), market, EVENT, opposite("truce", "2024-01-05T15:00Z", ["BBB"])
    ).entries

    assert entry.leave_after is None


def test_news_both_ways_at_one_instant_is_news_against():
    market = worlds.market({"AAA": worlds.bars([10, 10, 12, 10])})

    (entry,) = plan(
        Chase(leave_on_opposite=True), market, EVENT, opposite("also", "2024-01-03T22:00Z")
    ).entries

    assert entry.leave_after == 2


def test_fade_sells_what_popped_short():
    market = worlds.market({"AAA": worlds.bars([10, 10, 12, 11])})

    (entry,) = plan(Fade(hold=3, stop=2.0, take_profit=0.2), market, EVENT).entries

    assert (entry.row, entry.side, entry.exits) == (2, SHORT, Exits(hold=3, stop=2.0, take_profit=0.2))


def test_fade_by_trimming_holds_the_rest_and_cuts_what_popped_for_so_many_of_its_sessions():
    frames = {
        "AAA": worlds.bars([10, 10, 12, 12, None, 12, 12]),
        "BBB": worlds.bars([10] * 7),
    }
    market = worlds.market(frames)

    table = plan(Fade(how="trim", hold=2, keep=0.25), market, EVENT).table

    # AAA trades on rows 3 and 5 after its reaction on row 2, which ends the cut.
    assert decided_rows(table) == {
        "2024-01-02": [0.5, 0.5],
        "2024-01-04": [0.125, 0.5],
        "2024-01-09": [0.5, 0.5],
    }


def test_a_trim_without_end_lasts_and_other_exits_are_refused():
    market = worlds.market({"AAA": worlds.bars([10, 10, 12] + [12] * 20), "BBB": worlds.bars([10] * 23)})

    table = plan(Fade(how="trim", hold=None), market, EVENT).table

    assert decided_rows(table) == {"2024-01-02": [0.5, 0.5], "2024-01-04": [0, 0.5], "2024-02-01": [0, 0.5]}
    with pytest.raises(BadParameter, match="stop is given and how is 'trim'"):
        Fade(how="trim", stop=0.1)
    with pytest.raises(BadParameter, match="how is 'trim': that gives weights, not entries"):
        Fade.plan_tables(market, worlds.calendar(EVENT), everything(market), [Fade(how="trim")])


def test_time_series_momentum_holds_all_that_rose_and_leaves_the_part_of_the_others_in_cash():
    days = 50
    ends = {"AAA": 20, "BBB": 15, "CCC": 5, "DDD": 9}
    market = worlds.market(
        {name: worlds.bars(np.linspace(10, end, days).tolist()) for name, end in ends.items()}
    )

    table = plan(Momentum(lookback=10, skip=2, kind="time-series", top=1), market).table

    assert decided_rows(table) == {
        "2024-01-02": [0, 0, 0, 0],
        "2024-02-01": [0.25, 0.25, 0, 0],
        "2024-03-01": [0.25, 0.25, 0, 0],
    }


def rising(steps, days=90):
    """Closes that rise by one step and then the other, over and over."""
    return (10 * np.cumprod([1.0, *[1 + steps[day % 2] for day in range(days - 1)]])).tolist()


def test_a_target_volatility_scales_each_weight_by_the_last_sixty_returns_of_the_name():
    steps = {"AAA": (0.04, 0.0), "BBB": (0.02, 0.0), "CCC": (0.0101, 0.01)}
    market = worlds.market({name: worlds.bars(rising(step)) for name, step in steps.items()})
    quiet = Momentum(lookback=10, skip=2, top=3, target_volatility=0.1)

    table = decided_rows(plan(quiet, market).table)

    assert table["2024-03-01"] == [0, 0, 0]  # 41 sessions: fewer than 60 returns
    # 30 returns of 0.04 and 30 of 0: deviation 0.02 × √(60 / 59), 0.320171 a year, so 0.1 / 0.320171 / 3 = 0.1041115;
    # half the steps give twice that; the third has next to no volatility, and gets twice its third.
    assert table["2024-04-01"] == pytest.approx([0.1041115, 0.208223, 2 / 3], rel=1e-6)


def test_scaled_weights_never_sum_to_more_than_one():
    market = worlds.market({name: worlds.bars(rising((0.01, 0.0))) for name in ("AAA", "BBB")})

    table = plan(Momentum(lookback=10, skip=2, top=2, target_volatility=5.0), market).table

    assert decided_rows(table)["2024-04-01"] == [0.5, 0.5]


def scores_of(market, by_month):
    """A table of scores that changes on the first session of each month."""
    months = market.sessions.month - 1
    return pd.DataFrame(
        [by_month[month] for month in months],
        index=market.sessions,
        columns=list(market.symbols),
        dtype=float,
    )


def basket(strategy, market, scores, eligible=None):
    table = everything(market) if eligible is None else eligible
    return decided_rows(strategy.plan(market, worlds.calendar(), table, scores).table)


FOUR = ("AAA", "BBB", "CCC", "DDD")


def test_a_basket_name_enters_among_the_best_and_stays_while_it_is_nearly_so():
    market = worlds.market({name: worlds.bars([10] * 80) for name in FOUR})
    scores = scores_of(market, [[90, 80, 70, 60], [60, 70, 90, 80], [80, 60, 90, 70], [90, 80, 70, 60]])

    held = basket(Basket(top=1, keep=3, every="month"), market, scores)

    assert held == {
        "2024-01-02": [1, 0, 0, 0],
        "2024-02-01": [0, 0, 1, 0],  # AAA ranks fourth and goes
        "2024-03-01": [0, 0, 1, 0],
        "2024-04-01": [0.5, 0, 0.5, 0],  # CCC ranks third and stays
    }


def test_a_basket_is_set_by_quarters_and_may_weigh_by_score():
    market = worlds.market({name: worlds.bars([10] * 80) for name in FOUR})
    scores = scores_of(market, [[90, 60, 30, 20]] * 3 + [[30, 20, 60, 90]])

    # In April AAA ranks third and stays: 30, 60 and 90 of 180.
    assert basket(Basket(top=2, keep=3, weighting="score"), market, scores) == {
        "2024-01-02": [0.6, 0.4, 0, 0],
        "2024-04-01": [30 / 180, 0, 60 / 180, 90 / 180],
    }


def test_a_basket_leaves_cash_when_too_few_can_be_held_and_never_holds_what_is_not_eligible():
    market = worlds.market({name: worlds.bars([10] * 5) for name in FOUR})
    scores = scores_of(market, [[90, 80, np.nan, 60]])
    eligible = everything(market).assign(AAA=False)

    assert basket(Basket(top=4, keep=5), market, scores, eligible) == {"2024-01-02": [0, 0.25, 0, 0.25]}


def test_a_basket_without_scores_or_with_those_of_another_market_is_refused():
    market = worlds.market({name: worlds.bars([10] * 5) for name in FOUR})

    with pytest.raises(BadParameter, match="basket needs scores: give scores=screener.score_table"):
        plan(Basket(), market)
    with pytest.raises(
        BadParameter, match=r"scores has shape \(5, 1\); it must have the market's 5 sessions"
    ):
        basket(Basket(), market, pd.DataFrame({"AAA": [1.0] * 5}, index=market.sessions))


@pytest.mark.parametrize(
    ("strategy", "parameters", "said"),
    [
        (
            "pullback",
            {"depth": 0.6, "stages": 3},
            "the last would be 120% below the high; keep depth below 0.5",
        ),
        ("pullback", {"stages": 6}, "stages is 6: it must be a whole number from 1 to 5"),
        ("pullback", {"wait": None}, "wait is None: it must be a whole number"),
        (
            "pullback",
            {"depth": 0, "depth_unit": "atr"},
            "depth in atr is 0: it must be above 0 and below 100",
        ),
        ("pullback", {"depth_unit": "art"}, "depth_unit is 'art'.*did you mean 'atr'"),
        ("pullback", {"min_pop": 0.2, "max_pop": 0.1}, "max_pop is 0.1 and min_pop 0.2"),
        ("pullback", {"leave_on_opposite": 1}, "leave_on_opposite is 1: it must be true or false"),
        ("chase", {"delay": -1}, "delay is -1: it must be a whole number from 0"),
        ("chase", {"stop": True}, "stop is True: it must be above 0 and below 1"),
        ("fade", {"how": "buy"}, "how is 'buy': it must be one of short, trim"),
        ("fade", {"take_profit": 1.5}, "take_profit is 1.5: it must be above 0 and below 1"),
        ("fade", {"keep": 1.0}, "keep is 1.0: it must be from 0 to below 1"),
        ("momentum", {"kind": "cross"}, "kind is 'cross': it must be one of cross-section, time-series"),
        ("momentum", {"target_volatility": 0.0}, "target_volatility is 0.0: it must be above 0 and below 10"),
        ("basket", {"top": 10, "keep": 10}, "keep is 10 and top 10: keep must be the larger"),
        ("basket", {"every": "week"}, "every is 'week': it must be one of month, quarter"),
        ("random_dates", {"seed": -1}, "seed is -1: it must be a whole number from 0"),
        ("random_dates", {"of": "random_dates"}, "of is 'random_dates': name the strategy"),
        ("random_dates", {"depth": 2.0}, "depth is 2.0"),
    ],
)
def test_a_parameter_out_of_range_is_refused_with_the_mend(strategy, parameters, said):
    cls = plugins.load(LIBRARY, strategy, "STRATEGY", "strategy")

    with pytest.raises(BadParameter, match=said):
        cls(**parameters)


@pytest.mark.parametrize("name", names())
def test_the_contract_name_docstring_and_frozen_parameters(name):
    cls = plugins.load(LIBRARY, name, "STRATEGY", "strategy")

    assert is_dataclass(cls)
    assert cls.__dataclass_params__.frozen
    assert cls.__doc__
    assert not cls.__doc__.startswith(f"{cls.__name__}(")
    assert cls.__name__.lower() == name.replace("_", "")
    assert make(name, {}) == cls()
    assert all(item.name in cls.__doc__ for item in fields(cls))


@pytest.mark.parametrize(
    ("name", "parameters", "error", "said"),
    [
        ("pulback", {}, UnknownName, "no strategy named 'pulback'; did you mean 'pullback'"),
        ("pullback", {"dept": "0.1"}, BadParameter, "pullback has no parameter 'dept'; did you mean 'depth'"),
        ("pullback", {"depth": "deep"}, BadParameter, "pullback: depth is 'deep': it must be a number"),
        ("pullback", {"depth": "10"}, BadParameter, "depth is 10.0: it must be above 0 and below 1"),
        ("pullback", {"depth": "nan"}, BadParameter, "depth is nan"),
        ("pullback", {"wait": "2.5"}, BadParameter, "wait is '2.5': it must be a whole number"),
        ("pullback", {"hold": "0"}, BadParameter, "hold is 0: it must be a whole number from 1"),
        ("momentum", {"skip": "200"}, BadParameter, "skip is 200 and lookback 126"),
    ],
)
def test_a_wrong_name_or_parameter_is_refused_with_the_mend(name, parameters, error, said):
    with pytest.raises(error, match=said):
        make(name, parameters)


def test_none_switches_an_exit_off_and_text_becomes_the_type_of_the_field():
    assert make("pullback", {"hold": "none", "stop": "0.2", "wait": "5"}) == Pullback(
        hold=None, stop=0.2, wait=5
    )
