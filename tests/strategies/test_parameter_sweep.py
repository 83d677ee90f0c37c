"""Sweeps from Python: the same bits wherever they are made, and nothing ranked that cannot be."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest
from pytest import approx

import strategies
from screener.score_table import score_table
from strategies import parameter_sweep
from strategies.catalog import build
from strategies.kernel import MEASURES
from strategies.own_capital import OWN_MEASURES
from strategies.parameter_sweep import sweep
from strategies.sizing import Limits, Sizing
from strategies.trial_log import trials
from universes import events, load, market
from universes.errors import BadParameter, UserCodeError

ROOT = Path(__file__).parents[2]
GRID = {"depth": [0.05, 0.1, 0.15], "hold": [5, 10, None], "stop": [None, 0.1]}
SHARED = (
    "total_return", "cagr", "volatility", "sharpe", "max_drawdown", "mean_exposure", "turnover", "costs_paid",
    "trades", "win_rate", "mean_trade",
)  # fmt: skip

needs_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None,
    reason="distributed is not installed: pip install '.[dask]'",
)


@pytest.fixture(autouse=True)
def ledger(tmp_path, monkeypatch):
    monkeypatch.setenv("LODESTONE_DATA", str(tmp_path / "data"))


@pytest.fixture(scope="module")
def world():
    return market(load("critical-minerals"), start="2022-09-01", end="2024-03-31")


@pytest.fixture(scope="module")
def calendar():
    return events(start="2022-12-01", end="2024-02-28")


@pytest.fixture
def swept(world, calendar):
    def run(grid=GRID, name="pullback", **options):
        return sweep(name, grid, world, **{"events": calendar, "record": False} | options)

    return run


# Each row is the backtest of its set.


@pytest.fixture(scope="module")
def study(world, calendar):
    return strategies.study(world, calendar)


@pytest.fixture
def assert_rows_are_backtests(world, calendar, study, swept):
    def check(name, grid, *, base=None, **options):
        found = swept(grid, name, base=base, **options)
        assert not found.refused
        for number in range(len(found.grid)):
            values = {**(base or {}), **found.grid.set(number)}
            single = strategies.backtest(build(name, values), world, events=calendar, study=study, **options)
            for measure in SHARED:
                wanted = single.metrics[measure].value
                given = found.measure(measure)[number]
                assert given == approx(
                    math.nan if wanted is None else wanted, rel=1e-9, abs=1e-9, nan_ok=True
                ), (values, measure)
        return found

    return check


def test_each_row_of_a_basket_is_the_backtest_of_its_set(assert_rows_are_backtests, world):
    assert_rows_are_backtests("basket", {"top": [5, 10], "every": ["month"]}, scores=score_table(world))


def test_parameters_that_do_not_vary_are_those_of_the_base(assert_rows_are_backtests):
    found = assert_rows_are_backtests("pullback", {"hold": [5, 10]}, base={"depth": 0.05, "stop": 0.15})

    assert found.settings["base"] == {"depth": 0.05, "stop": 0.15}


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["equal", "fixed", "risk", "inverse-volatility", "score"])
@pytest.mark.parametrize(
    ("name", "grid"),
    [
        ("pullback", {"depth": [0.05, 0.1], "wait": [5, 20], "stages": [1, 3], "hold": [5, None], "stop": [0.1]}),
        ("chase", {"min_pop": [0.0, 0.05], "hold": [5, 20], "stop": [0.1, None], "leave_on_opposite": [True]}),
        ("fade", {"how": ["short"], "hold": [5, 20], "stop": [0.2, 2.0], "take_profit": [None, 0.1]}),
        ("random_dates", {"of": ["chase"], "seed": [3], "hold": [5, 10], "trailing_stop": [0.1]}),
    ],
)  # fmt: skip
def test_each_row_is_the_backtest_of_its_set_by_every_sizing_under_limits(
    assert_rows_are_backtests, world, name, grid, rule
):
    limits = Limits(participation=0.02, good_for=5, max_positions=8, name=0.15, mineral=0.4, jurisdiction=0.6)

    assert_rows_are_backtests(
        name, grid, sizing=Sizing(rule, 8), limits=limits, cash=5e6, scores=score_table(world)
    )


OWN = """
from dataclasses import dataclass
from typing import ClassVar

from strategies import Entries, Entry, Exits
from universes.errors import BadParameter


@dataclass(frozen=True)
class Plain:
    every: int = 21
    hold: int = 10

    def plan(self, market, events, eligible):
        rows, names = range(5, len(market.sessions), self.every), market.members
        return Entries(tuple(Entry(row, names[row % len(names)], f"e{row // 60}", self.exits(row)) for row in rows))

    def exits(self, row):
        return Exits(hold=self.hold)


@dataclass(frozen=True)
class Constant(Plain):
    EXIT_FIELDS: ClassVar[tuple[str, ...]] = ("hold",)

    def exits(self, row):
        return Exits(hold=self.hold, stop=0.03)


@dataclass(frozen=True)
class Changed(Plain):
    EXIT_FIELDS: ClassVar[tuple[str, ...]] = ("hold",)

    def exits(self, row):
        return Exits(hold=self.hold + row % 3)


@dataclass(frozen=True)
class Doubled(Plain):
    EXIT_FIELDS: ClassVar[tuple[str, ...]] = ("hold",)

    def exits(self, row):
        return Exits(hold=2 * self.hold)


@dataclass(frozen=True)
class Mistaken(Plain):
    EXIT_FIELDS: ClassVar[tuple[str, ...]] = ("hold", "every")


@dataclass(frozen=True)
class Needed:
    hold: int
    EXIT_FIELDS: ClassVar[tuple[str, ...]] = ("hold",)

    def __post_init__(self):
        if self.hold > 50:
            raise BadParameter(f"hold is {self.hold}: at most 50")

    def plan(self, market, events, eligible):
        return Plain(21, self.hold).plan(market, events, eligible)


@dataclass(frozen=True)
class Idle(Plain):
    EXIT_FIELDS: ClassVar[tuple[str, ...]] = ("hold",)

    def plan(self, market, events, eligible):
        return Entries(())


@dataclass(frozen=True)
class Raising(Plain):
    def plan(self, market, events, eligible):
        raise ZeroDivisionError("mine")
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(OWN)
    return path


@pytest.mark.parametrize("name", ["Constant", "Changed", "Doubled", "Mistaken", "Idle"])
def test_exits_that_a_file_says_otherwise_are_kept_whatever_exit_fields_name(
    assert_rows_are_backtests, file, name
):
    assert_rows_are_backtests(f"{file}:{name}", {"every": [15, 21], "hold": [5, 20]})


def test_a_field_of_exits_may_have_no_default_and_is_asked_of_every_set(swept, file):
    found = swept({"hold": [5, 20, 99]}, f"{file}:Needed")

    assert found.refused == {2: "hold is 99: at most 50"}
    assert np.isfinite(found.measure("trades")).tolist() == [True, True, False]


def test_what_a_file_raises_is_the_user_s_own(swept, file):
    with pytest.raises(UserCodeError, match="your code raised ZeroDivisionError: mine") as caught:
        swept({"every": [15, 21]}, f"{file}:Raising")

    assert "your code |     raise ZeroDivisionError" in caught.value.shown()


# Own capital.


def own_trades(world, calendar, study, strategy):
    """Trades of a backtest in which neither cash nor liquidity is ever short."""
    ample = strategies.backtest(
        strategy, world, events=calendar, study=study, cash=1e5 * 10**6, sizing=Sizing("fixed", 10**6),
        limits=Limits(participation=None),
    )  # fmt: skip
    return ample.trades


@pytest.mark.parametrize("name", ["pullback", "Plain", "Constant"])
def test_own_capital_is_the_trades_of_a_backtest_with_ample_cash(swept, world, calendar, study, file, name):
    named = name if name == "pullback" else f"{file}:{name}"
    grid = {"hold": [5, 20]} | ({"depth": [0.05, 0.1]} if name == "pullback" else {"every": [21]})

    found = swept(grid, named, capital="own", cash=1e6, slots=10)

    assert found.names == OWN_MEASURES
    for number in range(len(found.grid)):
        trades = own_trades(world, calendar, study, build(named, found.grid.set(number)))
        closed = trades[trades["status"] == "closed"]
        events_of = closed[closed["event"] != ""].groupby("event")["return"].mean()
        wanted = [
            len(trades), len(closed), (closed["pnl"] > 0).mean(), closed["return"].mean(), closed["return"].std(),
            len(events_of), events_of.mean(), events_of.std(),
        ]  # fmt: skip
        assert found.measures[number] == approx(wanted, rel=1e-9, abs=1e-9), found.grid.set(number)


def test_the_measures_of_own_capital_are_the_first_of_the_others():
    assert MEASURES[: len(OWN_MEASURES)] == OWN_MEASURES


def test_own_capital_sized_by_risk_is_sized_equally(swept):
    risk, equal = (swept(capital="own", sizing=rule).measures.tobytes() for rule in ("risk", "equal"))

    assert risk == equal


def test_target_weights_have_no_capital_of_their_own(swept):
    with pytest.raises(BadParameter, match="target weights share one book.*--capital shared"):
        swept({"lookback": [63, 126]}, "momentum", capital="own")

    found = swept({"how": ["short", "trim"], "hold": [5]}, "fade", capital="own")
    assert list(found.refused) == [1]
    assert np.isfinite(found.measure("trades")).tolist() == [True, False]


# The same bits.


@pytest.mark.parametrize("capital", ["shared", "own"])
def test_workers_and_pieces_change_no_bit(swept, monkeypatch, capital):
    tables = set()
    for workers, size in ((1, 512), (1, 5), (2, 1), (4, 4)):
        monkeypatch.setattr(parameter_sweep, "PIECE", dict.fromkeys(parameter_sweep.PIECE, size))
        tables.add(swept(capital=capital, workers=workers).measures.tobytes())

    assert len(tables) == 1


@needs_dask
def test_dask_changes_no_bit(swept, monkeypatch):
    monkeypatch.setattr(parameter_sweep, "PIECE", {"shared": 4, "own": 4})

    here, there = swept(), swept(dask="local:2")

    assert here.measures.tobytes() == there.measures.tobytes()


def test_the_order_of_the_axes_changes_the_numbers_of_sets_alone(swept):
    one, other = swept(), swept(dict(reversed(GRID.items())))

    columns = [*GRID, *MEASURES]
    assert (
        one.table[columns].sort_values(["depth", "hold", "stop"], key=lambda c: c.astype(str)).to_csv(index=False)
        == other.table[columns].sort_values(["depth", "hold", "stop"], key=lambda c: c.astype(str)).to_csv(index=False)
    )  # fmt: skip


def test_numbers_of_numpy_are_numbers(swept, tmp_path):
    plain = swept({"depth": [0.05, 0.1], "hold": [5, 10]})

    given = swept({"depth": np.array([0.05, 0.1]), "hold": np.arange(5, 15, 5)}, folder=tmp_path / "kept")

    assert not given.refused
    assert given.measures.tobytes() == plain.measures.tobytes()
    assert given.settings["grid"] == {"depth": [0.05, 0.1], "hold": [5, 10]}


# What cannot be.


def test_exits_that_cannot_be_are_refused_with_their_reason_and_have_no_number(swept):
    found = swept({"depth": [0.05], "stop": [None, 0.1, 2.0, math.nan, -0.1], "hold": [0, 5]})

    assert sorted(found.refused) == [0, 2, 4, 5, 6, 7, 8, 9]
    assert "stop is 2.0: it must be above 0 and below 1" in found.refused[5]
    assert "stop is nan" in found.refused[7]
    assert "hold is 0" in found.refused[0]
    assert np.isnan(found.measures[list(found.refused)]).all()
    assert set(found.best("trades", 0).index) == {1, 3}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"capital": "both"}, "capital is 'both': it must be shared or own"),
        ({"workers": 0}, "workers is 0: it must be a whole number from 1 to 256"),
        ({"workers": True}, "workers is True"),
        ({"dask": "nowhere"}, "nowhere"),
        ({"cash": 0.0}, "cash is 0.0"),
        ({"walk_forward": "nonsense"}, "nonsense"),
        ({"grid": {"depth": [2, 3]}}, "depth is 2"),
        ({"grid": {"dept": [0.1, 0.2]}}, "no parameter 'dept'.*did you mean 'depth'"),
        ({"grid": {"depth": []}}, "depth has no value"),
        ({"grid": {"hold": [None, 5, None]}}, "hold has none twice"),
        ({"grid": {"depth": range(1, 4000), "hold": range(1, 4000)}}, "15,992,001 sets .*--yes"),
        ({"sizing": "score"}, "needs scores"),
    ],
)
def test_what_cannot_be_is_refused_before_any_work(swept, options, said, monkeypatch):
    monkeypatch.setattr("strategies.sweep_batches._measured", None)

    with pytest.raises(BadParameter, match=said):
        swept(**options)


@pytest.mark.parametrize("options", [{"workers": 0}, {"dask": "nowhere"}, {"walk_forward": "nonsense"}])
def test_an_option_that_is_refused_leaves_no_folder(swept, tmp_path, options):
    with pytest.raises(BadParameter):
        swept(folder=tmp_path / "kept", **options)

    assert not (tmp_path / "kept").exists()


def test_the_table_is_one_row_a_set_with_its_parameters(swept):
    found = swept()

    assert list(found.table.columns) == ["depth", "hold", "stop", *MEASURES]
    assert [tuple(row) for row in found.table[["depth", "hold", "stop"]].to_numpy()] == [
        tuple(found.grid.set(number).values()) for number in range(18)
    ]
    assert str(found).startswith("SIMULATED DATA")


# Trials.


def test_a_sweep_counts_the_sets_that_can_be(swept):
    swept({"depth": [0.05, 0.1], "stop": [0.1, 2.0]}, record=True)
    swept({"depth": [0.05, 0.1], "stop": [0.1, 2.0]}, record=True)
    swept({"depth": [0.05]})

    assert [(item.what, item.sets, item.of["strategy"]) for item in trials()] == [
        ("sweep", 2, "pullback")
    ] * 2
    assert len({item.settings_hash for item in trials()}) == 1
