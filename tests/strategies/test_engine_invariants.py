"""What must hold of every backtest, on random worlds; each test names its invariant.

Not here: I2b on users' strategies is the look-ahead audit's; I11 (currency) stands in test_engine.py, where rates are;
I19 (a row of a sweep is a single run) in the sweep's tests; I20 (resuming) does not apply, as there are no checkpoints;
I22 (`from_signals`) neither, as vectorbt decides nothing here: that its books are the fills as written is I1;
I25 (warm-up) is test_tape.py's: nothing of the engine looks further back than 21 own bars.
I21 (the ledger) stands in test_ledger_oracle.py; that these checks can fail, in test_engine_power.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import engine_changes as changes
import engine_worlds
import numpy as np
import pandas as pd
import pytest
from engine_checks import (
    ample,
    check_accounts,
    check_caps,
    check_conservation,
    check_information,
    check_known_before,
    check_limits,
    check_sides,
    check_truncation,
    last_equity,
)
from engine_runs import digest, fill, fill_targets, run, same_orders, told_of_many, upto
from engine_worlds import World
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx

from strategies.book import Fill
from strategies.costs import Costs
from strategies.plan import Entry, Exits
from strategies.sizing import Limits, Sizing

SEEDS = st.integers(0, 2**32 - 1)
KINDS = st.sampled_from(["entries", "entries", "weights"])
ROOT = Path(__file__).parents[2]


# I1, I14: money.


@given(seed=SEEDS, kind=KINDS)
@settings(max_examples=12, derandomize=True)
def test_i1_i14_equity_is_what_the_orders_leave_and_trades_explain_it(seed, kind):
    """I1 conservation and I14 profit of trades: both from the order list alone."""
    check_conservation(engine_worlds.world(seed), kind)


# I2, I2b, I2c, I3: time.


@given(seed=SEEDS, row=st.integers(1, 58))
@settings(max_examples=50, derandomize=True)
def test_i2_what_is_cut_off_changes_no_bit_before_it(seed, row):
    """I2 truncation, of tape and decisions, bit for bit."""
    check_truncation(seed, row)


@given(seed=SEEDS)
@settings(max_examples=6, derandomize=True)
def test_i2_cutting_at_every_decision_changes_no_bit_before_it(seed):
    """I2 with the cut at each event."""
    for row in sorted(set(engine_worlds.quick(seed).tickets.row.tolist())):
        check_truncation(seed, max(row, 1))


@given(seed=SEEDS, row=st.integers(5, 40), kind=KINDS)
@settings(max_examples=8, derandomize=True)
def test_i2_a_market_that_ends_earlier_gives_the_same_books_up_to_there(seed, row, kind):
    """I2 through the market: orders and unfilled orders before the cut and equity up to it, bit for bit."""
    drawn = changes.without_actions(engine_worlds.world(seed))
    rows = max(at for at, bar in enumerate(drawn.raw["S0"][: row + 1]) if bar) + 1
    if rows < 2:
        return
    cut = changes.cut_world(drawn, rows)
    # Both know of the same names.
    drawn = replace(
        drawn,
        entries=tuple(entry for entry in drawn.entries if entry.symbol in cut.names),
        allowed={
            name: drawn.allowed[name] if name in cut.names else (False,) * len(drawn.dates)
            for name in drawn.names
        },
        targets={
            at: {name: share if name in cut.names else 0.0 for name, share in one.items()}
            for at, one in drawn.targets.items()
        },
    )
    whole, short = run(drawn, kind), run(cut, kind)

    last = short.equity.index[-1]
    kept = whole.orders[whole.orders["session"] <= last]
    pd.testing.assert_frame_equal(kept, short.orders, check_exact=True, check_dtype=False)
    assert whole.equity["net"].loc[:last].tolist() == short.equity["net"].tolist()
    lists = [table[table["session"] < last] for table in (whole.unfilled, short.unfilled)]
    assert lists[0].to_dict("records") == lists[1].to_dict("records")


@pytest.mark.parametrize("kind", changes.KINDS)
def test_i2b_what_comes_later_changes_no_bit_before_it(kind):
    """I2b perturbation: 200 of each kind, of all bars, liquidity and decisions after a row."""
    random = np.random.default_rng(7)
    filled = 0
    for seed in range(50):
        quick = engine_worlds.quick(seed)
        told, targets = fill(quick), fill_targets(quick)
        for row in random.integers(1, len(quick.world.dates) - 1, 4).tolist():
            tape, tickets = changes.disturbed(quick.tape, quick.tickets, row, kind, random)
            other, others = fill(quick, tape, tickets), fill_targets(quick, tape)
            assert upto(told[0], row) == upto(other[0], row)
            assert upto(told[1], row) == upto(other[1], row)
            assert upto(targets[0], row) == upto(others[0], row)
            filled += len(upto(told[0], row))
    assert filled > 500


@given(seed=SEEDS, row=st.integers(1, 58))
@settings(max_examples=40, derandomize=True)
def test_i2b_liquidity_and_sizes_are_of_what_was_known(seed, row):
    """I2b of what stands before the fills: ADV, volatility, spread, scale and refusals."""
    check_known_before(seed, row)


@given(seed=SEEDS, delay=st.integers(1, 10))
@settings(max_examples=25, derandomize=True)
def test_i2c_a_decision_made_later_is_not_filled_earlier(seed, delay):
    """I2c delay: each entry alone, so that no other one makes room."""
    quick = engine_worlds.quick(seed)
    rows = len(quick.world.dates)
    for at in range(min(5, len(quick.tickets.row))):
        alone = changes.some_tickets(quick.tickets, np.arange(len(quick.tickets.row)) == at)
        alone = replace(alone, stage=np.ones_like(alone.stage))
        late = replace(alone, row=np.minimum(alone.row + delay, rows - 1))
        soon, later = (fill(quick, tickets=one)[0] for one in (alone, late))
        assert not later or later[0].row > late.row[0]
        # Later patience may find an open where the earlier one had run out.
        if soon and later:
            assert later[0].row >= soon[0].row


@given(seed=SEEDS)
@settings(max_examples=50, derandomize=True)
def test_i3_no_fill_is_before_its_decision_or_without_a_bar(seed):
    """I3 no trade before information: entries, opposite events and targets fill on later rows, on bars that exist."""
    check_information(seed)


# I4, I5: units.


@given(seed=SEEDS, power=st.sampled_from([-7, -1, 3, 12]))
@settings(max_examples=50, derandomize=True)
def test_i4_prices_in_other_units_change_the_count_of_shares_alone(seed, power):
    """I4 unit scale, bit for bit for powers of two; spreads by price are given with the tape."""
    quick, unit = engine_worlds.quick(seed), 2.0**power
    for work in (fill, fill_targets):
        told, other = work(quick), work(quick, changes.in_other_units(quick.tape, price=unit))
        assert [
            replace(one, shares=one.shares * unit, reference=one.reference / unit) for one in other[0]
        ] == list(told[0])
        assert other[1] == told[1]


@given(seed=SEEDS)
@settings(max_examples=30, derandomize=True)
def test_i4_cents_for_dollars_change_the_count_of_shares_alone(seed):
    """I4 unit scale by a hundred, to 1e-9."""
    quick = engine_worlds.quick(seed)
    told, other = fill(quick)[0], fill(quick, changes.in_other_units(quick.tape, price=0.01))[0]
    assert [(one.row, one.phase, one.symbol, one.reason) for one in told] == [
        (one.row, one.phase, one.symbol, one.reason) for one in other
    ]
    assert [one.shares * one.reference for one in told] == approx(
        [one.shares * one.reference for one in other], rel=1e-9
    )


@given(seed=SEEDS, power=st.sampled_from([-5, 2, 20]))
@settings(max_examples=50, derandomize=True)
def test_i5_twice_the_money_in_markets_of_twice_the_volume_buys_twice_the_shares(seed, power):
    """I5 money scale, bit for bit for powers of two; the volume grows too, as limits and impact are parts of it."""
    quick, unit = engine_worlds.quick(seed), 2.0**power
    tape = changes.in_other_units(quick.tape, money=unit)
    for work in (fill, fill_targets):
        told, other = work(quick), work(quick, tape, cash=quick.cash * unit)
        assert [replace(one, shares=one.shares / unit, borrow=one.borrow / unit) for one in other[0]] == list(
            told[0]
        )
        assert other[1] == told[1]


# I6, I7, I8: names and order.


@given(seed=SEEDS, kind=KINDS)
@settings(max_examples=6, derandomize=True)
def test_i6_the_order_of_symbols_and_decisions_changes_no_bit(seed, kind):
    """I6 column order, of prices, tables and decisions, bit for bit, also where cash binds."""
    drawn, random = engine_worlds.world(seed), np.random.default_rng(seed)
    order = [drawn.names[at] for at in random.permutation(len(drawn.names))]
    turned = replace(drawn, entries=tuple(drawn.entries[at] for at in random.permutation(len(drawn.entries))))

    assert digest(run(drawn, kind)) == digest(run(turned, kind, order))


def test_i6_worlds_are_among_them_in_which_cash_and_caps_bind():
    """I6 says something of ties only where money is short."""
    said = " ".join(one.reason for seed in range(60) for one in fill(engine_worlds.quick(seed))[1])
    for reason in ("cash for only", "no cash", "over the cap on", "no free position"):
        assert reason in said


@given(seed=SEEDS)
@settings(max_examples=40, derandomize=True)
def test_i7_other_names_give_the_same_results_under_other_names(seed):
    """I7 relabelling, where nothing goes by name: no caps and no limit on the number of positions."""
    drawn = engine_worlds.world(seed)
    drawn = replace(drawn, limits=Limits(drawn.limits.participation, drawn.limits.good_for))
    names = {name: f"{chr(90 - at)}{name}" for at, name in enumerate(drawn.names)}
    other = changes.renamed(drawn, names)
    told, moved = ([*fill(engine_worlds.quick_of(one))[0]] for one in (drawn, other))

    def by_name(fills: list[Fill], of: World, new: Any) -> dict[Any, Any]:
        return {
            (one.row, one.phase, new[of.names[one.symbol]], one.buy, one.reason): (
                one.shares,
                one.reference,
                one.borrow,
            )
            for one in fills
        }

    first, second = by_name(told, drawn, names), by_name(moved, other, {name: name for name in other.names})
    assert first.keys() == second.keys()
    for key, numbers in first.items():
        assert numbers == approx(second[key], rel=1e-9)


@given(seed=SEEDS)
@settings(max_examples=50, derandomize=True)
def test_i8_a_symbol_that_is_never_traded_changes_no_bit(seed):
    """I8 dead symbol, first by name, so that every column moves; not in a benchmark, not in the mean score."""
    quick = engine_worlds.quick(seed)
    tape, tickets = changes.with_symbol_before(quick.tape, quick.tickets)

    told, other = fill(quick), fill(quick, tape, tickets)

    assert [replace(one, symbol=one.symbol - 1) for one in other[0]] == list(told[0])
    assert other[1] == told[1]


# I9, I10: splits.


@given(seed=SEEDS, kind=KINDS, factor=st.sampled_from([0.1, 0.5, 3.0, 10.0]))
@settings(max_examples=8, derandomize=True)
def test_i9_a_split_changes_no_value_whether_held_or_not(seed, kind, factor):
    """I9 split: same equity and orders in value; slippage is flat, as spreads and borrowing go by printed price."""
    drawn = engine_worlds.world(seed)
    drawn = replace(drawn, costs=replace(drawn.costs, slippage_bps=25.0, borrow_least_price=0.0))
    split = drawn
    for name in drawn.names:
        split = changes.split_shares(split, name, len(drawn.dates) // 2, factor)

    first, second = run(drawn, kind), run(split, kind)

    same_orders(first, second, scale=drawn.cash)
    assert first.equity["net"].tolist() == approx(
        second.equity["net"].tolist(), rel=1e-9, abs=1e-9 * drawn.cash
    )


@given(seed=SEEDS, kind=KINDS, row=st.integers(8, 40))
@settings(max_examples=8, derandomize=True)
def test_i10_dividends_and_splits_to_come_change_no_value_before_them(seed, kind, row):
    """I10 vintage: history as it was adjusted on a row, and as it is adjusted once more was paid and split."""
    drawn = engine_worlds.world(seed)
    rows = max(at for at, bar in enumerate(drawn.raw["S0"][: row + 1]) if bar) + 1
    rebased = drawn
    for name in drawn.names:
        rebased = changes.split_shares(rebased, name, rows, 4.0)
    paid = {
        name: tuple(
            bar and (replace(bar, dividend=0.01 * bar.close) if at >= rows and at % 5 == 0 else bar)
            for at, bar in enumerate(bars)
        )
        for name, bars in rebased.raw.items()
    }

    first, second = run(drawn, kind), run(replace(rebased, raw=paid), kind)

    last = first.equity.index[rows - 1]
    same_orders(first, second, scale=drawn.cash, last=last)
    assert first.equity["net"].loc[:last].tolist() == approx(
        second.equity["net"].loc[:last].tolist(), rel=1e-9, abs=1e-9 * drawn.cash
    )


# I12, I13: costs.


@given(seed=SEEDS)
@settings(max_examples=20, derandomize=True)
def test_i12_i13_costs_only_take_where_cash_never_binds(seed):
    """I12 no costs is the upper bound, I13 higher ones never help: with fixed sizes, ample cash, exits by time."""
    drawn = ample(engine_worlds.world(seed))
    free, count = last_equity(drawn)
    least = 1e-12 * drawn.cash

    for name, levels in (
        ("fee_bps", (5, 100, 900)),
        ("slippage_bps", (5, 100, 900)),
        ("borrow_bps", (300, 20_000)),
    ):
        before = free
        for level in levels:
            now, orders = last_equity(drawn, **{name: level})
            assert orders == count
            assert now <= before + least
            before = now


def test_i13_needs_its_condition():
    """I13 is false where cash binds: a fee may keep a book out of a loser."""

    def helped(seed: int) -> bool:
        drawn = replace(engine_worlds.world(seed, plain=True), sizing=Sizing("equal", 1))
        return last_equity(drawn, fee_bps=100)[0] > last_equity(drawn, fee_bps=5)[0] * (1 + 1e-9)

    assert any(map(helped, range(300)))


# I15, I16, I17: fills and limits.


@given(seed=SEEDS)
@settings(max_examples=50, derandomize=True)
def test_i15_no_fill_is_better_than_its_reference_nor_outside_its_bar(seed):
    """I15 fill side: purchases at or above the reference, sales at or below, the reference within the bar."""
    check_sides(seed)


def test_i16_without_a_signal_equity_is_the_cash():
    """I16, bit for bit."""
    drawn = replace(engine_worlds.world(3), entries=(), targets={})

    assert set(run(drawn).equity["net"]) == {drawn.cash}


@given(seed=SEEDS)
@settings(max_examples=5, derandomize=True)
def test_i16_always_long_in_one_name_without_costs_is_its_price(seed):
    """I16: from its first own open on, to 1e-12."""
    drawn = engine_worlds.world(seed)
    own = [at for at, bar in enumerate(drawn.raw["S0"]) if bar]
    drawn = replace(
        drawn,
        entries=(Entry(0, "S0", "", Exits()),),
        costs=Costs(fee_bps=0, slippage_bps=0, fx_bps=0),
        sizing=Sizing("equal", 1),
        limits=Limits(participation=None, good_for=60),
        allowed={name: (True,) * len(drawn.dates) for name in drawn.names},
    )
    result, bars = run(drawn), engine_worlds.setting_of(drawn).bars["S0"]

    # vectorbt's cash may be a rounding short of the last order.
    for row in own[1:]:
        expected = drawn.cash * bars[row].close / bars[own[1]].open
        assert result.equity["net"].iloc[row] == approx(expected, rel=1e-11)


@given(seed=SEEDS, kind=KINDS)
@settings(max_examples=50, derandomize=True)
def test_i17_cash_positions_and_participation_stay_within_their_limits(seed, kind):
    """I17: cash never below zero without short sales, no position beyond flat, no fill beyond the volume."""
    check_limits(seed, kind)


@given(seed=SEEDS)
@settings(max_examples=40, derandomize=True)
def test_i17_no_entry_goes_over_a_cap(seed):
    """I17, caps by name and group, right after the entries of every open; without builds, which caps leave alone."""
    check_caps(seed)


# I18, I24: determinism.

PROGRAM = """
import os, sys, time
import engine_worlds
from engine_runs import digest, run, told_of_many
if sys.argv[1] == "books":
    print(*(digest(run(engine_worlds.world(at), kind)) for at in (1, 2) for kind in ("entries", "weights")))
for zone in sys.argv[2:]:
    os.environ["TZ"] = zone
    time.tzset()
    print(told_of_many())
"""
ZONES = ("UTC", "Australia/Sydney", "America/New_York")


def processes(what: str, zones: tuple[str, ...], hash_seeds: tuple[str, ...]) -> list[str]:
    """What fresh processes say, all at once; each starts in another time zone."""
    path = os.pathsep.join(str(ROOT / part) for part in ("", "tests"))
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, what, *zones],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": path, "TZ": zones[at % len(zones)]},
            stdout=subprocess.PIPE,
            text=True,
        )
        for at, seed in enumerate(hash_seeds)
    ]
    said = [process.communicate()[0] for process in started]
    assert all(process.returncode == 0 for process in started)
    return said


@given(seed=SEEDS, kind=KINDS)
@settings(max_examples=3, derandomize=True)
def test_i18_the_same_call_twice_gives_the_same_bytes(seed, kind):
    """I18 in one process."""
    drawn = engine_worlds.world(seed)

    assert digest(run(drawn, kind)) == digest(run(drawn, kind))


def test_i18_i24_hash_seeds_and_time_zones_change_no_byte():
    """I18 and I24 in fresh processes: three hash seeds, each in three time zones."""
    said = processes("fills", ZONES, ("0", "1", "12345"))

    assert {line for text in said for line in text.split()} == {told_of_many()}


@pytest.mark.slow
def test_i18_i24_books_too():
    """I18 and I24 with market, books and tables; each hash seed starts in another time zone."""
    said = processes("books", ZONES, ("0", "1", "12345"))
    here = [
        digest(run(engine_worlds.world(seed), kind)) for seed in (1, 2) for kind in ("entries", "weights")
    ]

    assert {text.splitlines()[0] for text in said} == {" ".join(here)}


# I23: every decision is accounted for.


@given(seed=SEEDS)
@settings(max_examples=40, derandomize=True)
def test_i23_every_decision_is_filled_or_listed(seed):
    """I23 reconciliation: entries = those filled + those listed, by event; each with a reason."""
    check_accounts(seed)


# Power: planted bugs are caught.
