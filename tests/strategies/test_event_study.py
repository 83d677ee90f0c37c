"""The study as a whole: episodes, groups, what is left of nothing, order, speed, plain data."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
import worlds
from pytest import approx
from study_worlds import CONTROLS, in_view, prices, random_events, random_market, zigzag

from strategies.clean_benchmark import REGIONS
from strategies.event_study import study
from strategies.study_design import Design, column
from strategies.study_record import as_dict, plain
from universes.errors import BadParameter, UnknownName
from universes.facts import Asset, Stage
from universes.policy import Events
from universes.sessions import clock
from universes.survivorship import survivorship
from universes.universe import Universe

SHORT = {"window": (-2, 4), "estimation": 20, "gap": 2, "least_estimation": 15}
SESSIONS = worlds.sessions(160)


def day(session: int) -> str:
    return f"{SESSIONS[session]:%Y-%m-%d}T12:00:00+00:00"


def aside(session, symbols):
    """Takes names out of the benchmark of a date without making them firm-events: their earlier jumps would show."""
    return worlds.event("aside", day(session), symbols, "ambiguous")


def test_events_on_meeting_days_are_one_episode_and_count_once():
    # Jumps on day 0: 2 % and 4 % on one date, 3 % on the next, 6 % far away.
    market = in_view({"AAA": {40: 0.02}, "BBB": {40: 0.04}, "CCC": {41: 0.03}, "DDD": {60: 0.06}}, count=80)
    events = worlds.calendar(
        worlds.event("one", day(40), ["AAA", "BBB"]),
        worlds.event("two", day(41), ["CCC"]),
        worlds.event("far", day(60), ["DDD"]),
        aside(60, ["AAA", "BBB", "CCC"]),
    )

    found = study(market, events, **SHORT)

    assert found.episodes[["episode", "events", "firm_events"]].to_numpy().tolist() == [
        [1, "one|two", 3],
        [2, "far", 1],
    ]
    assert found.episodes["first_session"].tolist() == [SESSIONS[40], SESSIONS[60]]
    # (2 + 4 + 3) / 3 = 3 % and 6 %: the mean of two episodes is 4.5 %, not the 3.75 % of four firm-events.
    assert found.episodes["car_0_0"].tolist() == approx([0.03, 0.06], abs=1e-12)
    primary = found.windows[0]
    assert (primary.first, primary.last, primary.episodes) == (0, 1, 2)
    assert primary.mean == approx(0.045, abs=1e-12)
    assert found.firm_events["episode"].tolist() == [1, 1, 1, 2]


def test_a_longer_window_merges_events_whose_longer_windows_meet():
    market = in_view({"AAA": {40: 0.02}, "BBB": {43: 0.04}, "CCC": {60: 0.06}}, count=80)
    events = worlds.calendar(
        worlds.event("one", day(40), ["AAA"]),
        worlds.event("two", day(43), ["BBB"]),
        worlds.event("far", day(60), ["CCC"]),
        aside(60, ["AAA", "BBB"]),
    )

    found = study(market, events, **SHORT)

    # Days 0 to 4 of the first are sessions 40 to 44, of the second 43 to 47.
    assert {(test.first, test.last): test.episodes for test in found.windows} == {
        (0, 1): 3, (0, 0): 3, (0, 4): 2, (-1, 1): 3, (-2, -2): 2,
    }  # fmt: skip
    long = next(test for test in found.windows if (test.first, test.last) == (0, 4))
    assert long.mean == approx((0.03 + 0.06) / 2, abs=1e-12)
    assert set(found.path["episodes"]) == {2}


def staged(stages):
    """A market whose companies reached a stage on a date, known a month later."""
    names = list(stages)
    market = in_view({name: {} for name in names}, count=160)
    company = {name: worlds.company_id(name) for name in names}
    known = dict(worlds.KNOWN)
    assets = tuple(
        Asset(
            asset=f"{company[name]}-mine", company=company[name], name=name, jurisdiction="US", subdivision=None,
            weight=1.0, held_from=date(2010, 1, 1), held_to=None, **known,
        )
        for name in names
    )  # fmt: skip
    reached = tuple(
        Stage(
            asset=f"{company[name]}-mine", stage=stage, start=start, reason=None,
            **known | {"known_from": start + pd.Timedelta(days=30)},
        )
        for name, rows in stages.items() for stage, start in rows
    )  # fmt: skip
    facts = replace(market.universe.facts, assets=assets, stages=reached)
    return replace(market, universe=Universe("test", facts, market.universe.memberships))


def test_groups_are_the_tags_known_on_the_day_of_the_event():
    market = staged(
        {
            "AAA": [("pfs", date(2020, 1, 1)), ("production", SESSIONS[90].date())],
            "BBB": [("dfs", date(2020, 1, 1))],
            "CCC": [],
        }
    )
    # AAA is a producer from session 90 on, but that became known thirty days later.
    events = worlds.calendar(
        *(worlds.event(f"e{at}", day(at), ["AAA", "BBB", "CCC"]) for at in (50, 95, 150))
    )

    found = study(market, events, group_by="stage", **SHORT)

    counts = {name: (count, test.episodes) for name, (count, test) in found.groups.items()}
    assert counts == {"pfs": (2, 2), "dfs": (3, 3), "production": (1, 1), "unknown": (3, 3)}
    assert list(found.groups) == ["pfs", "dfs", "production", "unknown"]
    assert found.settings["group_by"] == "stage"


def test_groups_by_kind_of_event_and_by_a_flag():
    market = in_view({"AAA": {40: 0.02}, "BBB": {60: 0.04}}, count=80)
    one, two = worlds.event("one", day(40), ["AAA"]), worlds.event("two", day(60), ["BBB"])
    tariff = (replace(two[0], kind="tariff"), *two[1:])
    events = worlds.calendar(one, tariff, aside(60, ["AAA"]))

    by_kind = study(market, events, group_by="kind", **SHORT).groups
    by_flag = study(market, events, group_by="china_linked", **SHORT).groups

    assert list(by_kind) == ["export-control", "tariff"]
    assert by_kind["tariff"][1].mean == approx(0.04, abs=1e-12)
    assert {name: count for name, (count, _) in by_flag.items()} == {"no": 2}


@pytest.mark.parametrize(
    ("tag", "meant"), [("stag", "stage"), ("kin", "kind"), ("minerals", "mineral"), ("Tier", "tier")]
)
def test_an_unknown_tag_is_refused_with_the_nearest(tag, meant):
    with pytest.raises(UnknownName, match=f"no tag named '{tag}'; did you mean '{meant}'?"):
        study(in_view({"AAA": {}}), Events(()), group_by=tag)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"window": (20, -10)}, "window is 20:-10: it ends before it starts; swap them"),
        ({"window": (2, 10)}, "must hold the primary window 0:1"),
        ({"window": (-5, 0)}, "must hold the primary window 0:1"),
        ({"window": (-1000, 20)}, "at most 60 sessions"),
        ({"window": (-10, 61)}, "at most 60 sessions"),
        ({"window": (-10, 20.0)}, "two whole numbers"),
        ({"window": (-10,)}, "two whole numbers"),
        ({"window": "-10:20"}, "two whole numbers"),
        ({"window": (False, True)}, "two whole numbers"),
        ({"estimation": 5}, "estimation is 5: it must be a whole number from 10"),
        ({"estimation": 10**6}, "estimation is 1000000"),
        ({"gap": 0}, "gap is 0: it must be a whole number from 1"),
        ({"gap": 2.5}, "gap is 2.5"),
        ({"least_estimation": 251}, "least_estimation is 251: it must be a whole number from 10 to 250"),
        ({"least_estimation": True}, "least_estimation is True"),
    ],
    ids=str,
)
def test_absurd_windows_are_refused(change, said):
    with pytest.raises(BadParameter) as refused:
        study(in_view({"AAA": {}}), Events(()), **change)

    assert said in str(refused.value)


def test_the_windows_are_those_that_lie_in_the_event_window_without_repeats():
    assert Design((-10, 20)).windows == ((0, 1), (0, 0), (0, 4), (-1, 1), (0, 20), (-10, -2))
    assert Design((0, 1)).windows == ((0, 1), (0, 0))
    assert Design((-1, 4)).windows == ((0, 1), (0, 0), (0, 4), (-1, 1))
    assert (column(-10, -2), column(0, 1)) == ("car_m10_m2", "car_0_1")


def flat(count: int):
    frames = {name: worlds.bars([20.0] * count) for name in ("AAA", "BBB")}
    return worlds.market(
        frames | {name: worlds.bars(prices(zigzag(count - 1))) for name in CONTROLS}, controls=CONTROLS
    )


POOR = {
    "no event": (in_view({"AAA": {}}), worlds.calendar()),
    "no firm": (in_view({"AAA": {}}), worlds.calendar(worlds.event("e", day(40)))),
    "one firm, one date": (
        in_view({"AAA": {40: 0.05}}),
        worlds.calendar(worlds.event("e", day(40), ["AAA"])),
    ),
    "two dates": (
        in_view({"AAA": {}, "BBB": {}}),
        worlds.calendar(worlds.event("e", day(38), ["AAA"]), worlds.event("f", day(45), ["BBB"])),
    ),
    "constant prices": (
        flat(100),
        worlds.calendar(*(worlds.event(f"e{at}", day(at), ["AAA", "BBB"]) for at in (40, 60, 80))),
    ),
    "everything dropped": (in_view({"AAA": {}}), worlds.calendar(worlds.event("e", day(5), ["AAA"]))),
}


@pytest.mark.parametrize("poor", POOR)
def test_a_study_of_little_or_nothing_says_why_and_holds_no_nan(poor):
    market, events = POOR[poor]

    found = study(market, events, group_by="role", **SHORT)

    assert found.grade == "no conclusion possible"
    assert found.verdict.startswith("No conclusion is possible: ")
    assert f"K = {len(found.episodes)} " in found.verdict
    assert all(
        test.p is None and test.t is None and test.reason for test in found.windows if test.episodes < 2
    )
    assert str(found).startswith("SIMULATED DATA")
    text = json.dumps(as_dict(found), allow_nan=False)
    assert "NaN" not in text
    assert len(found.firm_events) + len(found.dropped) >= len(events)


def test_constant_prices_have_abnormal_returns_of_zero_and_no_test():
    market, events = POOR["constant prices"]

    found = study(market, events, **SHORT | {"least_estimation": 10})

    assert (found.windows[0].episodes, found.windows[0].mean) == (3, approx(0, abs=1e-15))
    assert found.windows[0].reason == "all 3 episodes have the same value"


def one_factor(effect: float):
    """Names of New York and Sydney moved by one New York factor, Sydney on its next session, and an event of day 150.

    The treated names take twice the factor; those of Sydney gain `effect` beyond it on their reaction session.
    """
    factor = np.random.default_rng(3).normal(0, 0.01, 200)
    hours = clock(["XNYS", "XASX"], "2024-01-02", "2024-09-30")
    own = {exchange: hours.hours[exchange].rows for exchange in ("XNYS", "XASX")}
    of_row = dict(zip(own["XNYS"], factor, strict=False))
    moves = {
        "XNYS": np.array([of_row.get(row, 0.0) for row in own["XNYS"]])[:180],
        "XASX": np.array([of_row.get(row, 0.0) for row in hours.latest_rows("XASX", "XNYS")])[:180],
    }
    instant = pd.Timestamp("2024-08-14T12:00Z")
    frames, exchange = {}, {}
    for place, prefix in (("XNYS", "N"), ("XASX", "S")):
        reaction = int(own[place].searchsorted(hours.reaction_row(place, instant)))
        for name, beta in (("A", 1.0), ("B", 1.0), ("C", 1.0), ("T", 2.0)):
            returns = beta * moves[place]
            if (prefix, name) == ("S", "T"):
                returns[reaction] += effect
            frames[prefix + name], exchange[prefix + name] = (
                worlds.bars(prices(returns[1:]), calendar=place),
                place,
            )
    controls = [name for name in frames if not name.endswith("T")]
    market = worlds.market(frames, exchange=exchange, controls=controls)
    return market, worlds.calendar(worlds.event("e", instant.isoformat(), ["NT", "ST"]))


def test_a_sydney_name_is_measured_on_names_that_saw_the_same_new_york_session():
    market, events = one_factor(effect=0.05)
    moves = market.close.pct_change(fill_method=None)
    same_date = moves["ST"].corr(moves["NA"])

    found = study(market, events, window=(-2, 4), estimation=90, gap=5, least_estimation=60)

    # What moved New York moves Sydney a session later: on one date they have nothing in common.
    assert abs(same_date) < 0.3
    table = found.firm_events.set_index("symbol")
    assert table["beta"].to_dict() == approx({"NT": 2.0, "ST": 2.0}, abs=1e-9)
    assert table["car_0_0"].to_dict() == approx({"NT": 0.0, "ST": 0.05}, abs=1e-9)
    assert table["car_0_4"].to_dict() == approx({"NT": 0.0, "ST": 0.05}, abs=1e-9)
    assert f"{table.loc['ST', 'reaction_session']:%Y-%m-%d}" == "2024-08-15"


def test_a_benchmark_of_the_same_date_in_new_york_would_be_seen(monkeypatch):
    market, events = one_factor(effect=0.05)
    monkeypatch.setitem(REGIONS, "XASX", "Americas")

    found = study(market, events, window=(-2, 4), estimation=90, gap=5, least_estimation=60)

    # The factor of the wrong day goes into the benchmark and comes out as an effect that was not planted.
    assert abs(found.firm_events.set_index("symbol").loc["ST", "car_0_4"] - 0.05) > 0.005


def test_the_record_is_plain_data_under_documented_names():
    market = random_market(0)
    found = study(
        market, random_events(0, market.members), group_by="kind", estimation=90, gap=5, least_estimation=60
    )

    record = as_dict(found)

    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert list(record) == [
        "settings", "data", "episodes", "firm_events", "grade", "verdict", "windows", "path", "groups",
        "differences", "volume", "confounds", "chance", "fragility", "dropped",
        "rows",
    ]  # fmt: skip
    assert (record["episodes"], record["firm_events"]) == (len(found.episodes), len(found.firm_events))
    assert set(record["windows"][0]) == {
        "first", "last", "episodes", "mean", "median", "low", "high", "t", "p", "positive", "detectable", "reason",
    }  # fmt: skip
    assert set(record["path"][0]) == {"day", "abnormal", "cumulative", "low", "high", "episodes"}
    assert set(record["dropped"][0]) == {"event", "symbol", "reason"}
    assert set(record["groups"]["export-control"]) == {"firm_events", "window"}
    assert record["rows"][0]["first_session"] == f"{found.episodes['first_session'].iloc[0]:%Y-%m-%d}"
    assert record["data"] == {
        "source": "test",
        "kind": "simulated",
        "hash": market.hash,
        "survivorship": survivorship(market).as_dict(),
    }
    assert record["settings"]["window"] == [-10, 20]
    assert record["settings"]["events_hash"] == random_events(0, market.members).hash


def test_plain_data_has_no_nan_no_numpy_and_no_time_stamp():
    given = {
        "a": (
            np.int64(1),
            np.float64("nan"),
            pd.Timestamp("2025-04-04"),
            [float("inf"), np.bool_(True)],
            None,
        )
    }

    assert plain(given) == {"a": [1, None, "2025-04-04", [None, True], None]}


def test_the_order_of_symbols_and_events_is_irrelevant():
    market = random_market(3)
    events = random_events(3, market.members)
    mixed = [market.symbols[at] for at in np.random.default_rng(0).permutation(len(market.symbols))]
    shuffled = replace(
        market,
        bars={name: table[mixed] for name, table in market.bars.items()},
        lives=market.lives.loc[mixed],
    )
    turned = Events(events.rows[::-1], events.companies[::-1])
    design = {"estimation": 90, "gap": 5, "least_estimation": 60}

    one, other = study(market, events, **design), study(shuffled, turned, **design)

    assert one.verdict == other.verdict
    pd.testing.assert_frame_equal(
        one.firm_events, other.firm_events, check_exact=False, rtol=1e-12, atol=1e-14
    )
    pd.testing.assert_frame_equal(one.dropped, other.dropped)


def test_the_same_study_twice_is_the_same_to_the_bit():
    market = random_market(4)
    events = random_events(4, market.members)

    assert as_dict(study(market, events)) == as_dict(study(market, events))
