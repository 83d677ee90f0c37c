"""The audit catches strategies that look ahead, each by the probe that is made for it, and lets their twins pass."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import busy_worlds
import look_ahead_leaks as leaks
import numpy as np
import pandas as pd
import pytest
import worlds

import universes
from screener import score_table
from strategies.catalog import make, names
from strategies.changed_markets import World, cut
from strategies.equivalent_markets import reversed_names
from strategies.look_ahead import audit
from strategies.look_ahead_names import PROBES
from strategies.look_ahead_probes import FACTS, PRICES, differences
from strategies.plan import Entries, Entry, Exits, Weights
from universes.errors import BadParameter, UserCodeError
from universes.facts import Stage

FILE = Path(__file__).parent.parent / "look_ahead_leaks.py"
SYMBOLS = busy_worlds.SYMBOLS
DEAD, LATE = ("S01", "S02", "S03"), ("S04", "S06")
IN_PROCESS = tuple(name for name in PROBES if name != "machine")


@pytest.fixture(scope="module")
def world():
    """Ten names over a good year: three cease, two are listed late, and production is told late."""
    random = np.random.default_rng(7)
    calendar = {symbol: "XASX" if number % 3 == 0 else "XNYS" for number, symbol in enumerate(SYMBOLS)}
    frames = {symbol: busy_worlds.random_bars(random, calendar[symbol]) for symbol in SYMBOLS}
    frames |= {symbol: frames[symbol].iloc[:250] for symbol in DEAD}
    frames |= {symbol: frames[symbol].iloc[200:] for symbol in LATE}
    ends = {symbol: frames[symbol].index[-1].date() for symbol in DEAD}
    market = worlds.market(
        frames, exchange=calendar, listed_to=ends, terminal=dict.fromkeys(DEAD, 5.0), facts=told()
    )
    given = busy_worlds.world(0)
    scores = random.uniform(0, 100, market.close.shape)
    return World(market, given.events, market.close.notna(), busy_worlds.table(scores, market))


def told():
    mines = [worlds.mine(symbol, stage=None) for symbol in SYMBOLS]
    stages = tuple(
        worlds.fact(
            Stage,
            asset=f"{symbol.lower()}-us",
            stage="production",
            start=date(2024, month, 1),
            known_from=date(2024, month + 6, 1),
        )
        for month, symbol in enumerate(SYMBOLS[:6], 1)
    )
    return worlds.joined(worlds.ontology(), *mines, {"stages": stages})


def checked(name, given, probes=IN_PROCESS, **more):
    return audit(
        make(f"{FILE}:{name}", {}) if isinstance(name, str) else name,
        given.market,
        events=given.events,
        scores=given.scores,
        probes=probes,
        draws=6,
        **more,
    )


def found_by(audited):
    return {probe.name for probe in audited.probes if probe.leaks}


PLANTED = [
    ("NextBar", "prices", "LastBar"),
    ("WholeSampleScale", "prices", "ScaleSoFar"),
    ("FilledBack", "prices", "FilledForward"),
    ("KnowsTheOutcome", "prices", "WaitsForTheOutcome"),
    ("MonthEnd", "truncation", "MonthStart"),
    ("CentredWindow", "prices", "TrailingWindow"),
    ("RevisedFact", "facts", "FactAsKnown"),
    ("EventOnItsDate", "events", "EventOnItsClock"),
    ("NewYorkAhead", "prices", "NewYorkBehind"),
    ("AdjustedPrice", "rebasing", "OwnMean"),
    ("Survivors", "facts", "TradesToday"),
    ("TomorrowsScores", "facts", "TodaysScores"),
    ("PartOfAllNames", "truncation", "PartOfTrading"),
    ("FirstOfTheAlphabet", "order", "BestThree"),
    ("KeepsCount", "repeat", "KeepsNothing"),
    ("DrawsUnseeded", "repeat", "DrawsByName"),
    ("FirstMarketOnly", "truncation", "LastBar"),
]


@pytest.mark.parametrize(("leak", "probe", "twin"), PLANTED, ids=lambda item: item)
def test_a_planted_leak_is_caught_and_its_twin_is_not(leak, probe, twin, world):
    caught, clean = checked(leak, world), checked(twin, world)

    assert probe in found_by(caught)
    assert str(clean.findings) == "()"
    assert clean.decisions > 10


@pytest.mark.slow
@pytest.mark.parametrize(
    ("leak", "twin"), [("OrderOfASet", "OrderOfAList"), ("LocalDate", "DateInGreenwich")]
)
def test_what_hangs_on_hash_seed_or_time_zone_is_caught_in_other_processes(leak, twin, world):
    assert found_by(checked(leak, world, ("machine",))) == {"machine"}
    assert checked(twin, world, ("machine",)).clean


@pytest.fixture(scope="module")
def simulated():
    market = universes.market(universes.load("critical-minerals"), start="2022-01-01", end="2024-12-31")
    return World(market, universes.events(), None, score_table(market))


@pytest.mark.parametrize("name", names())
def test_every_strategy_of_the_library_is_clean(name, simulated):
    audited = audit(
        make(name, {}),
        simulated.market,
        events=simulated.events,
        scores=simulated.scores,
        probes=IN_PROCESS,
        draws=1,
    )

    assert str(audited.findings) == "()"
    assert audited.decisions > 5


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_every_strategy_of_the_library_is_clean_over_all_years(name):
    market = universes.market(universes.load("critical-minerals"))
    audited = audit(make(name, {}), market, events=universes.events(), scores=score_table(market))

    assert str(audited.findings) == "()"
    assert not any(probe.reason for probe in audited.probes if probe.name == "machine" and not probe.runs)


def test_a_finding_is_a_sentence_that_a_layman_understands(world):
    told = checked("NextBar", world, ("prices",)).findings[0]

    assert str(told).startswith(f"A decision of {told.decided} in {told.symbol} changed when ")
    assert "it used data that did not exist yet" in str(told)
    assert (told.field, {told.before, told.after}) == ("weight", {"0.0", "0.0025"})


def test_a_least_printed_price_passes_where_price_levels_are_allowed(world):
    caught = checked("PrintedPrice", world)
    allowed = checked("PrintedPrice", world, allow=("price-level",))

    assert found_by(caught) == {"units"}
    assert "--allow price-level" in str(caught.findings[0])
    assert allowed.clean
    assert {probe.name: probe.reason for probe in allowed.probes if not probe.runs} == {
        "units": "--allow price-level",
        "rebasing": "--allow price-level",
    }


def test_a_placebo_is_not_asked_what_it_cannot_answer(world):
    probes = {probe.name: probe for probe in checked(make("random_dates", {}), world).probes}

    assert [name for name, probe in probes.items() if not probe.runs] == ["events", "truncation"]
    assert "whole calendar" in probes["events"].reason


def test_an_object_that_no_other_process_can_make_is_not_run_there_and_says_so(world):
    (probe,) = checked(leaks.LastBar(), world, ("machine",)).probes

    assert (probe.runs, probe.reason[:24]) == (0, "an object made in Python")


def test_a_strategy_that_never_decides_the_same_is_not_probed_further(world):
    audited = checked("DrawsUnseeded", world)

    assert found_by(audited) == {"repeat"}
    assert [probe.name for probe in audited.probes if probe.runs] == ["repeat"]


def test_what_the_users_code_raises_passes_through(world):
    with pytest.raises(UserCodeError, match="ZeroDivisionError"):
        checked("Raises", world)


def test_what_it_raises_on_a_changed_market_alone_says_what_was_changed(world):
    with pytest.raises(UserCodeError, match="it did when all bars after 20.* were removed"):
        checked("NeedsEveryBar", world)


@pytest.mark.parametrize("wrong", [{"probes": ("price",)}, {"allow": ("all",)}, {"draws": 0}])
def test_wrong_arguments_are_refused(wrong, world):
    with pytest.raises(BadParameter):
        audit(leaks.LastBar(), world.market, **wrong)


def test_the_same_seed_finds_the_same(world):
    assert checked("NextBar", world, seed=3) == checked("NextBar", world, seed=3)


def known(given, on):
    """What a filter may ask of each company on a date."""
    return [(profile.listing.symbol, profile.tags()) for profile in given.market.universe.profiles(on)]


CHANGES = [change for change, _ in (*PRICES, *FACTS)]


@pytest.mark.parametrize("change", CHANGES, ids=lambda item: item.__name__)
def test_another_future_leaves_what_was_known_as_it_was_and_changes_something(change, world):
    row = 120
    other = change(world, row, np.random.default_rng(0))

    for name, table in world.market.bars.items():
        assert table.iloc[: row + 1].equals(other.market.bars[name].iloc[: row + 1])
    for day in world.market.sessions[: row + 1 : 10]:
        assert known(world, day.date()) == known(other, day.date())
    assert world.eligible.iloc[: row + 1].equals(other.eligible.iloc[: row + 1])
    assert any(
        (
            not world.market.close.equals(other.market.close),
            world.market.universe.facts != other.market.universe.facts,
            not world.market.lives.equals(other.market.lives),
        )
    )


def test_the_market_that_is_audited_is_left_as_it_is(world):
    bars = {name: table.copy() for name, table in world.market.bars.items()}
    lives, facts = world.market.lives.copy(), world.market.universe.facts.hash

    checked("LastBar", world)

    assert all(table.equals(bars[name]) for name, table in world.market.bars.items())
    assert (world.market.lives.equals(lives), world.market.universe.facts.hash) == (True, facts)


def test_names_are_reversed_and_carry_their_prices_along(world):
    other, names = reversed_names(world)

    assert [names[symbol] for symbol in world.market.symbols] == list(other.market.symbols)[::-1]
    for symbol, name in names.items():
        assert world.market.close[symbol].equals(other.market.close[name].rename(symbol))
        assert world.market.lives.at[symbol, "company"] == other.market.lives.at[name, "company"]


def test_a_cut_market_ends_on_the_row_and_knows_no_later_name_or_end(world):
    other = cut(world, 120, np.random.default_rng(0))

    assert list(other.market.sessions) == list(world.market.sessions[:121])
    assert set(world.market.symbols) - set(other.market.symbols) == set(LATE)
    assert (other.market.lives["end"] == -1).all()
    assert max(hours.rows.max() for hours in other.market.clock.hours.values()) == 120


def entry(**changes):
    return Entry(**{"row": 3, "symbol": "A", "event": "e", "exits": Exits(hold=5)} | changes)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"exits": Exits(hold=6)}, "exits"),
        ({"side": -1}, "side"),
        ({"share": 0.5}, "share"),
        ({"priority": 1e-300}, "priority"),
        ({"leave_after": 4}, "leave_after"),
        ({"stage": 2}, "entry"),
        ({"row": 4}, "entry"),
        ({"event": ""}, "entry"),
    ],
)
def test_every_field_of_an_entry_counts_to_the_last_bit(changes, field):
    found = differences(Entries((entry(),)), Entries((entry(**changes),)), 5, symbols=("A",))

    assert {item.field for item in found} == {field}


def test_what_is_decided_later_does_not_count():
    later = Entries((entry(), entry(row=6)))

    assert differences(Entries((entry(),)), later, 5, symbols=("A",)) == []
    assert (
        differences(Entries((entry(leave_after=7),)), Entries((entry(leave_after=9),)), 5, symbols=("A",))
        == []
    )


def test_a_weight_of_nothing_is_not_the_same_as_no_decision():
    def weights(*rows):
        return Weights(pd.DataFrame(rows, columns=["A", "B"], dtype=float))

    nan = float("nan")
    found = differences(weights((nan, nan), (0.5, nan)), weights((0, 0), (0.5, 0)), 1, symbols=("A", "B"))

    assert [(item.row, item.symbol, item.before, item.after) for item in found] == [
        (0, "A", "no decision", "0.0"),
        (0, "B", "no decision", "0.0"),
    ]
