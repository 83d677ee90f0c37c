"""Every row of a sweep is the backtest of that set, number for number."""

from __future__ import annotations

import math
from functools import cache

import pytest
from pytest import approx

import strategies
from screener.score_table import score_table
from strategies.catalog import build
from strategies.parameter_sweep import sweep
from strategies.sizing import Limits, Sizing
from universes import events, load, market

SHARED = (
    "total_return",
    "cagr",
    "volatility",
    "sharpe",
    "max_drawdown",
    "mean_exposure",
    "turnover",
    "costs_paid",
)
OF_TRADES = ("trades", "win_rate", "mean_trade")


@pytest.fixture(scope="module")
def world():
    return market(load("critical-minerals"), start="2022-01-01", end="2024-06-30")


@pytest.fixture(scope="module")
def calendar():
    return events(start="2022-06-01", end="2024-05-31")


@cache
def known(world, calendar):
    """The event study, which every backtest of these events would make again."""
    return strategies.study(world, calendar)


def check(name, grid, world, calendar, **options):
    found = sweep(name, grid, world, events=calendar, record=False, **options)
    assert len(found.table) == math.prod(map(len, grid.values()))
    for number in range(len(found.grid)):
        values = found.grid.set(number)
        if number in found.refused:
            continue
        made = strategies.backtest(
            build(name, values), world, events=calendar, study=known(world, calendar), **options
        )
        single = made.metrics
        for measure in (*SHARED, *OF_TRADES):
            given = found.measure(measure)[number]
            wanted = single[measure].value
            assert given == approx(math.nan if wanted is None else wanted, rel=1e-9, abs=1e-9, nan_ok=True), (
                values,
                measure,
            )


@pytest.mark.parametrize(
    ("name", "grid"),
    [
        ("pullback", {"depth": [0.05, 0.15], "stages": [1, 2], "hold": [5, None], "stop": [None, 0.1]}),
        ("chase", {"delay": [0, 2], "take_profit": [None, 0.2], "trailing_stop": [None, 0.1]}),
        ("fade", {"how": ["short", "trim"], "hold": [5, 20]}),
        ("momentum", {"lookback": [63, 126], "skip": [21, 70]}),
        ("random_dates", {"seed": [0, 1], "hold": [5, 20]}),
    ],
)
def test_each_row_is_the_backtest_of_its_set(name, grid, world, calendar):
    check(name, grid, world, calendar)


@pytest.mark.parametrize("rule", ["risk", "inverse-volatility", "score", "fixed"])
def test_each_row_is_the_backtest_of_its_set_whatever_the_sizing(rule, world, calendar):
    grid = {"depth": [0.05, 0.15], "stop": [0.05, 0.2], "hold": [10]}

    check("pullback", grid, world, calendar, sizing=Sizing(rule, 8), scores=score_table(world))


def test_each_row_is_the_backtest_of_its_set_under_limits(world, calendar):
    limits = Limits(participation=0.01, good_for=4, max_positions=6, name=0.1, mineral=0.3, stage=0.5)

    check("pullback", {"depth": [0.05, 0.1], "hold": [5, 20]}, world, calendar, limits=limits, cash=2e7)


OWN = """
from dataclasses import dataclass
from typing import ClassVar

from strategies import Entries, Entry, Exits


@dataclass(frozen=True)
class Monthly:
    every: int = 21
    hold: int = 10
    stop: float | None = None

    def plan(self, market, events, eligible):
        exits = Exits(hold=self.hold, stop=self.stop)
        rows = range(0, len(market.sessions), self.every)
        names = market.members
        return Entries(tuple(Entry(row, names[row % len(names)], "", exits) for row in rows))


@dataclass(frozen=True)
class Shared(Monthly):
    EXIT_FIELDS: ClassVar[tuple[str, ...]] = ("hold", "stop")
"""


@pytest.mark.parametrize("name", ["Monthly", "Shared"])
def test_a_strategy_of_ones_own_is_swept_too(name, world, calendar, tmp_path):
    file = tmp_path / "own.py"
    file.write_text(OWN)

    check(f"{file}:{name}", {"every": [21, 30], "hold": [5, 20], "stop": [None, 0.1]}, world, calendar)


def test_workers_change_no_bit(world, calendar, monkeypatch):
    monkeypatch.setattr("strategies.parameter_sweep.PIECE", {"shared": 3, "own": 3})
    grid = {"depth": [0.05, 0.1, 0.15], "hold": [5, 10, 20]}

    tables = [
        sweep("pullback", grid, world, events=calendar, workers=workers, record=False).measures.tobytes()
        for workers in (1, 2, 4)
    ]

    assert len(set(tables)) == 1


def test_what_cannot_be_is_refused_with_its_reason_and_never_ranked(world, calendar):
    found = sweep(
        "momentum", {"lookback": [63, 126], "skip": [21, 100]}, world, events=calendar, record=False
    )

    assert found.refused == {1: "skip is 100 and lookback 63: skip must be the smaller"}
    assert not found.rankable("sharpe", 0)[1]
    assert len(found.best("sharpe", 0)) == 3
