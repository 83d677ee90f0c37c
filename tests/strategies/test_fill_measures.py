"""Measures of a list of fills: those of the compiled kernel on random worlds, and small ones by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import engine_worlds
import numpy as np
import pytest
from pytest import approx

from strategies.book import Fill
from strategies.execution import fill_tickets
from strategies.fill_measures import equity_of, measures_of
from strategies.kernel import MEASURES, ExitGrid, measure
from strategies.plan import Entries
from strategies.tickets import NEVER, columns, prepare

RULES = (
    (5, math.nan, math.nan, math.nan),
    (NEVER, 0.05, 0.1, math.nan),
    (2, 0.2, math.nan, 0.08),
    (NEVER, math.nan, math.nan, 0.2),
)


def by_both(drawn, rule):
    """Measures of one rule over all entries of a world: of the engine's fills, and of the kernel."""
    quick = engine_worlds.quick_of(drawn)
    table, exits = columns(Entries(drawn.entries), SimpleNamespace(symbols=drawn.names))
    hold, *levels = rule
    count = len(table.row)
    names = ("stop", "take_profit", "trailing_stop")
    same = replace(
        exits,
        hold=np.full(count, hold),
        **{name: np.full(count, level) for name, level in zip(names, levels, strict=True)},
    )
    ground = engine_worlds.ground_of(drawn)
    account = {"cash": drawn.cash, "sizing": drawn.sizing, "limits": drawn.limits}
    reference = np.arange(len(quick.tape.days)) % 7 != 3
    tickets = prepare(table, same, quick.tape, ground, drawn.sizing, drawn.costs).tickets
    fills, _ = fill_tickets(tickets, quick.tape, **account)
    # The kernel takes the scale of risk itself.
    equal = replace(drawn.sizing, rule="equal") if drawn.sizing.rule == "risk" else drawn.sizing
    unscaled = prepare(table, same, quick.tape, ground, equal, drawn.costs).tickets
    grid = ExitGrid(np.array([hold]), *(np.array([level]) for level in levels))
    found = measures_of(fills, quick.tape, cash=drawn.cash, reference=reference)
    return found, measure(unscaled, quick.tape, grid, **account, reference=reference)[0], fills


def assert_equal_to_kernel(seeds):
    filled = 0
    for seed in seeds:
        drawn = engine_worlds.world(seed)
        for rule in RULES:
            found, wanted, fills = by_both(drawn, rule)
            filled += len(fills)
            np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9, err_msg=f"seed {seed}: {rule}")
    assert filled > 0


@pytest.mark.parametrize("part", range(4))
def test_measures_of_fills_are_those_of_the_kernel_on_random_worlds(part):
    assert_equal_to_kernel(range(10 * part, 10 * (part + 1)))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_measures_of_fills_are_those_of_the_kernel_on_a_thousand_more(part):
    assert_equal_to_kernel(range(5000 + 100 * part, 5000 + 100 * (part + 1)))


def tape(closes, days=1):
    """One symbol, a row a close; rows are so many days apart."""
    bars = np.array([[(close,) * 4 for close in closes]], dtype=float)
    return SimpleNamespace(
        bars=bars, symbols=("AAA",), days=np.arange(len(closes), dtype=np.int64) * days + 20_000
    )


def fill(row, *, buy, shares=10.0, reference=10.0, slip=0.0, fee=0.0, borrow=0.0, event=""):
    return Fill(row, 1, 0, buy, shares, reference, slip, fee, borrow, "test", event)


def measured(fills, given, cash=1000.0):
    every = np.ones(len(given.days), dtype=bool)
    return dict(zip(MEASURES, measures_of(fills, given, cash=cash, reference=every), strict=True))


def test_a_purchase_and_a_sale_by_hand():
    # 10 shares for 100 and for 150: 50 won of 1,000, less a fee of 1 % of each value.
    fills = [fill(0, buy=True, fee=0.01, event="e"), fill(2, buy=False, reference=15.0, fee=0.01, event="e")]

    found = measured(fills, tape([10.0, 20.0, 15.0]))

    assert (found["trades"], found["closed"], found["episodes"], found["win_rate"]) == (1, 1, 1, 1)
    assert found["mean_trade"] == approx((50 - 1 - 1.5) / 100)
    assert found["costs_paid"] == approx(2.5)
    # Equity after each session: 999, 1,099 and 1,047.5.
    assert found["total_return"] == approx(1047.5 / 999 - 1)
    assert found["max_drawdown"] == approx(1047.5 / 1099 - 1)
    assert found["mean_exposure"] == approx((100 / 999 + 200 / 1099 + 0) / 3)
    assert found["turnover"] == approx(250 / ((999 + 1099 + 1047.5) / 3) / (3 / 252) / 2)


def test_slippage_and_borrowing_are_costs_too():
    # Sold short at 10 less 1 %, bought back at 8 more 1 %; 3 for the borrowing.
    fills = [fill(0, buy=False, slip=0.01), fill(1, buy=True, reference=8.0, slip=0.01, borrow=3.0)]

    found = measured(fills, tape([10.0, 8.0]))

    assert found["costs_paid"] == approx(10 * 0.1 + 10 * 0.08 + 3)
    assert found["mean_trade"] == approx((99 - 80.8 - 3) / 99)


@pytest.mark.parametrize(
    ("fills", "undefined"),
    [
        ([], {"win_rate", "mean_trade", "sd_trade", "mean_episode", "sd_episode", "sharpe", "cagr"}),
        (
            [fill(0, buy=True)],
            {"win_rate", "mean_trade", "sd_trade", "mean_episode", "sd_episode", "cagr"},
        ),
        ([fill(0, buy=True), fill(1, buy=False)], {"sd_trade", "mean_episode", "sd_episode", "cagr"}),
    ],
    ids=["no fill", "one that is still open", "one closed trade without an event"],
)
def test_what_is_undefined_is_nan_and_nothing_else_is(fills, undefined):
    found = measured(fills, tape([10.0, 11.0, 12.0, 11.5]))

    assert {name for name, value in found.items() if math.isnan(value)} >= undefined
    assert {name for name, value in found.items() if not math.isfinite(value)} <= undefined | {"sharpe"}


def test_a_yearly_rate_needs_a_year():
    fills = [fill(0, buy=True)]

    assert math.isnan(measured(fills, tape([10.0, 20.0], days=364))["cagr"])
    # 100 of 1,000 doubled over 365 days.
    assert measured(fills, tape([10.0, 20.0], days=365))["cagr"] == approx(1.1 ** (365.25 / 365) - 1)


def test_trades_of_one_event_are_one_episode():
    given = tape([10.0] * 8)
    fills = [
        fill(0, buy=True, event="a"), fill(1, buy=False, reference=11.0, event="a"),
        fill(2, buy=True, event="a"), fill(3, buy=False, reference=13.0, event="a"),
        fill(4, buy=True, event="b"), fill(5, buy=False, reference=9.0, event="b"),
        fill(6, buy=True), fill(7, buy=False, reference=20.0),
    ]  # fmt: skip

    found = measured(fills, given)

    # +10 % and +30 % of a, −10 % of b; the trade without an event is in no episode.
    assert (found["closed"], found["episodes"]) == (4, 2)
    assert found["mean_episode"] == approx((0.2 - 0.1) / 2)
    assert found["sd_episode"] == approx(np.std([0.2, -0.1], ddof=1))


def test_a_halt_is_valued_at_the_last_close_and_rounding_leaves_no_position():
    given = tape([10.0, math.nan, 12.0, 50.0])
    fills = [fill(0, buy=True, shares=0.3), fill(2, buy=False, shares=0.1), fill(2, buy=False, shares=0.2)]

    equity, share = equity_of(fills, given, 1000.0)

    assert equity[:2] == approx([1000.0, 1000.0])
    assert share[0] == share[1] == approx(3 / 1000)
    assert share[2] == share[3] == 0.0
