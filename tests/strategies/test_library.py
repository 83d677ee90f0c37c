"""Each strategy of the library on prices in view, and the contract that all of them keep."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

import numpy as np
import pandas as pd
import pytest
import worlds

from strategies.catalog import LIBRARY, make, names
from strategies.library.chase import Chase
from strategies.library.equal_weight import EqualWeight
from strategies.library.momentum import Momentum
from strategies.library.pullback import Pullback
from strategies.plan import Entries, Exits
from universes import plugins
from universes.errors import BadParameter, UnknownName

# Close of 2024-01-03 in New York is 21:00 UTC: the event is first met on row 2, 2024-01-04.
EVENT = worlds.event("ban", "2024-01-03T22:00Z", ["AAA"])


def everything(market):
    return pd.DataFrame(True, index=market.sessions, columns=list(market.symbols))


def plan(strategy, market, *events):
    return strategy.plan(market, worlds.calendar(*events), everything(market))


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


def busy_world(seed):
    """Twelve random names over a year with twelve events, and the instants of the events."""
    random = np.random.default_rng(seed)
    symbols = [f"S{number:02d}" for number in range(12)]
    frames = {}
    for symbol in symbols:
        close = 20 * np.exp(np.cumsum(random.normal(0, 0.04, 260)))
        opened = close * np.exp(random.normal(0, 0.01, 260))
        spread = np.exp(np.abs(random.normal(0, 0.02, 260)))
        high, low = np.maximum(opened, close) * spread, np.minimum(opened, close) / spread
        frames[symbol] = worlds.bars(
            close.tolist(), open=opened.tolist(), high=high.tolist(), low=low.tolist()
        )
    sessions = worlds.sessions(260)
    events = [
        worlds.event(
            f"e{row}", f"{sessions[row]:%Y-%m-%d}T15:00Z", list(random.choice(symbols, 4, replace=False))
        )
        for row in range(15, 255, 20)
    ]
    return worlds.market(frames), worlds.calendar(*events)


def noisy_after(market, row, seed):
    """The same market with all prices after a row replaced by noise."""
    random = np.random.default_rng(seed)
    bars = {}
    for name, table in market.bars.items():
        values = table.to_numpy().copy()
        values[row + 1 :] *= random.uniform(0.2, 5.0, values[row + 1 :].shape)
        bars[name] = pd.DataFrame(values, index=table.index, columns=table.columns)
    return replace(market, bars=bars)


def decisions_until(strategy, market, events, row):
    """What a strategy decides up to a row, as plain values."""
    decided = strategy.plan(market, events, everything(market))
    if isinstance(decided, Entries):
        return sorted(
            entry for entry in map(repr, decided.entries) if int(entry.split("row=")[1].split(",")[0]) <= row
        )
    return decided.table.iloc[: row + 1].to_numpy().tobytes()


class Peeks:
    """A planted look-ahead: buys where the next close is higher."""

    def plan(self, market, events, eligible):
        from strategies.plan import Entry

        rises = (market.close.shift(-1) > market.close).to_numpy()
        return Entries(
            tuple(
                Entry(row, symbol, "", Exits(hold=1))
                for row in range(len(rises))
                for column, symbol in enumerate(market.symbols)
                if rises[row, column]
            )
        )


class FullSample:
    """A planted look-ahead that truncation misses: a threshold over the whole sample."""

    def plan(self, market, events, eligible):
        from strategies.plan import Entry

        changes = market.close.pct_change(fill_method=None)
        rows, columns = np.nonzero((changes > changes.stack().quantile(0.95)).to_numpy())
        return Entries(
            tuple(
                Entry(int(row), market.symbols[column], "", Exits(hold=1))
                for row, column in zip(rows, columns)
            )
        )


def leaks(strategy, seeds=range(4)):
    """Whether noise after a row, for rows around events, changes a decision made before."""
    for seed in seeds:
        market, events = busy_world(seed)
        for row in (20, 36, 77, 140, 200):
            before = decisions_until(strategy, market, events, row)
            if decisions_until(strategy, noisy_after(market, row, seed), events, row) != before:
                return True
    return False


@pytest.mark.parametrize("name", names())
def test_noise_in_the_future_changes_no_decision(name):
    assert not leaks(make(name, {}))


@pytest.mark.parametrize("planted", [Peeks(), FullSample()])
def test_a_planted_look_ahead_is_caught(planted):
    assert leaks(planted)


def test_each_strategy_decides_something_in_the_world_that_tests_it():
    market, events = busy_world(0)
    for name in names():
        decided = make(name, {}).plan(market, events, everything(market))
        assert decided.entries if isinstance(decided, Entries) else decided.table.notna().any(axis=None)


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
