"""The compiled rules against the engine, order for order, and the measures against strategies/metrics.py."""

import math
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from types import SimpleNamespace

import engine_worlds
import numpy as np
import pandas as pd
import pytest
from pytest import approx

from strategies import kernel, kernel_statistics, metrics
from strategies.execution import fill_tickets
from strategies.kernel import MEASURES, REASONS, ExitGrid, measure, walk
from strategies.sizing import SIZINGS, Limits, Sizing
from strategies.tape import Tape
from strategies.tickets import NEVER, Tickets

FIELDS = ("shares", "reference", "slip", "fee", "borrow")
WORLDS = 25


def account(quick):
    return {"cash": quick.cash, "sizing": quick.sizing, "limits": quick.limits}


def engine_fills(tickets, tape, given):
    """Fills of the engine in order of row, phase and symbol, as tuples."""
    fills, _ = fill_tickets(tickets, tape, **given)
    fills = sorted(fills, key=lambda fill: (fill.row, fill.phase, fill.symbol))
    return [
        (
            (fill.row, fill.phase, fill.symbol, fill.buy, fill.reason, fill.event),
            [getattr(fill, name) for name in FIELDS],
        )
        for fill in fills
    ]


def kernel_fills(tickets, fills):
    """The same of the kernel."""
    return [
        (
            (*(int(fill[name]) for name in ("row", "phase", "symbol")), bool(fill["buy"]), REASONS[fill["reason"]],
             tickets.events[tickets.event[fill["ticket"]]]),
            [float(fill[name]) for name in FIELDS],
        )
        for fill in fills
    ]  # fmt: skip


def booked(fills, tape, cash):
    """Equity after each session and value of positions, from fills and closes alone."""
    shares, marks = np.zeros(len(tape.symbols)), np.zeros(len(tape.symbols))
    equity, exposure = [], []
    for row in range(len(tape.days)):
        for fill in fills[fills["row"] == row]:
            sign = 1 if fill["buy"] else -1
            value = fill["shares"] * fill["reference"] * (1 + sign * fill["slip"])
            cash -= sign * value + value * fill["fee"] + fill["borrow"]
            shares[fill["symbol"]] += sign * fill["shares"]
        # What rounding leaves of a position is none.
        shares[np.abs(shares) < 1e-9 * np.max(fills["shares"], initial=0.0)] = 0.0
        close = tape.bars[:, row, 3]
        marks = np.where(np.isnan(close), marks, close)
        equity.append(cash + (shares * marks).sum())
        exposure.append(np.abs(shares * marks).sum())
    return np.array(equity), np.array(exposure)


def assert_same_orders(seed):
    quick = engine_worlds.quick(seed)
    wanted = engine_fills(quick.tickets, quick.tape, account(quick))

    walked = walk(quick.tickets, quick.tape, **account(quick))

    found = kernel_fills(quick.tickets, walked.fills)
    assert [which for which, _ in found] == [which for which, _ in wanted], f"seed {seed}"
    np.testing.assert_allclose(
        [numbers for _, numbers in found],
        [numbers for _, numbers in wanted],
        rtol=1e-9,
        atol=1e-9,
        err_msg=f"seed {seed}",
    )
    return quick, walked


@pytest.mark.parametrize("part", range(8))
def test_the_kernel_fills_what_the_engine_fills_on_random_worlds(part):
    for seed in range(WORLDS * part, WORLDS * (part + 1)):
        quick, walked = assert_same_orders(seed)

        equity, _ = booked(walked.fills, quick.tape, quick.cash)
        np.testing.assert_allclose(walked.equity, equity, rtol=1e-9, atol=1e-9 * quick.cash)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(20))
def test_the_kernel_fills_what_the_engine_fills_on_two_thousand_more(part):
    for seed in range(10_000 + 100 * part, 10_000 + 100 * (part + 1)):
        assert_same_orders(seed)


def trips(tickets, tape, fills):
    """(event, pnl / paid, or None while open) from flat to flat."""
    live, done = {}, []
    for fill in fills:
        trip = live.setdefault(
            fill["symbol"], {"buy": fill["buy"], "paid": 0.0, "pnl": 0.0, "in": 0.0, "out": 0.0}
        )
        trip.setdefault("event", tickets.events[tickets.event[fill["ticket"]]])
        value = fill["shares"] * fill["reference"] * (1 + fill["slip"] if fill["buy"] else 1 - fill["slip"])
        entering = fill["buy"] == trip["buy"]
        trip["paid"] += value if entering else 0.0
        trip["in" if entering else "out"] += fill["shares"]
        trip["pnl"] += (-value if fill["buy"] else value) - value * fill["fee"] - fill["borrow"]
        if trip["in"] - trip["out"] <= 1e-9 * trip["in"]:
            done.append((trip["event"], trip["pnl"] / trip["paid"]))
            del live[fill["symbol"]]
    return [*done, *((trip["event"], None) for trip in live.values())]


def expected(tickets, tape, walked, cash, reference):
    """What `strategies.metrics` says of what was walked, by name of the measure."""
    trades = trips(tickets, tape, walked.fills)
    closed = [gain for _, gain in trades if gain is not None]
    by_event = (
        pd.Series(closed, dtype=float).groupby([event for event, gain in trades if gain is not None]).mean()
    )
    dates = pd.to_datetime(tape.days, unit="D")
    equity, exposure = booked(walked.fills, tape, cash)
    equity, exposure = pd.Series(equity, index=dates)[reference], exposure[reference]
    fills = walked.fills
    price = fills["reference"] * np.where(fills["buy"], 1 + fills["slip"], 1 - fills["slip"])
    value = fills["shares"] * price
    paid = value * fills["fee"] + fills["shares"] * np.abs(price - fills["reference"]) + fills["borrow"]
    numbers = {
        "trades": len(trades), "closed": len(closed), "episodes": len(by_event),
        "win_rate": np.mean(np.array(closed) > 0) if closed else None,
        "mean_trade": np.mean(closed) if closed else None,
        "sd_trade": np.std(closed, ddof=1) if len(closed) > 1 else None,
        "mean_episode": by_event.mean() if len(by_event) else None,
        "sd_episode": by_event.std() if len(by_event) > 1 else None,
        "mean_exposure": np.where(equity > 0, exposure / equity, 0.0).mean(),
        "turnover": value.sum() / equity.mean() / (len(equity) / 252) / 2,
        "costs_paid": paid.sum(),
    }  # fmt: skip
    for name in ("total_return", "cagr", "volatility", "sharpe", "max_drawdown"):
        numbers[name] = getattr(metrics, name)(equity).value
    if not trades:
        numbers["sharpe"] = None
    return [math.nan if numbers[name] is None else numbers[name] for name in MEASURES]


def grid(random, count):
    def some(values):
        return np.where(random.random(count) < 0.4, math.nan, random.choice(values, count))

    hold = random.choice([1, 3, 9, NEVER], count)
    return ExitGrid(hold, some([0.02, 0.1, 0.3]), some([0.05, 0.2]), some([0.05, 0.15]))


def rule_of(exits, at):
    return {name: getattr(exits, name)[at] for name in ("hold", "stop", "take_profit", "trailing_stop")}


def with_exits(tickets, rule):
    """The same tickets, each with one exit rule."""
    count = len(tickets.row)
    return replace(tickets, **{name: np.full(count, value) for name, value in rule.items()})


def part_of(exits, part):
    return ExitGrid(
        *(getattr(exits, name)[part] for name in ("hold", "stop", "take_profit", "trailing_stop"))
    )


@pytest.mark.parametrize("part", range(5))
def test_measures_are_those_of_the_metrics_of_what_was_walked(part):
    for seed in range(10 * part, 10 * (part + 1)):
        random, quick = np.random.default_rng(seed), engine_worlds.quick(seed)
        sizing = Sizing(SIZINGS[seed % 3], quick.sizing.slots)
        given = {"cash": quick.cash, "sizing": sizing, "limits": quick.limits}
        exits, reference = grid(random, 3), random.random(len(quick.tape.days)) < 0.8
        # A year without a session in the middle, so that there is a year to speak of.
        at = np.arange(len(quick.tape.days))
        tape = replace(quick.tape, days=quick.tape.days[0] + at + 365 * (at > len(at) // 2))

        found = measure(quick.tickets, tape, exits, **given, reference=reference)

        for at in range(3):
            tickets = with_exits(quick.tickets, rule_of(exits, at))
            walked = walk(tickets, tape, **given)
            wanted = expected(tickets, tape, walked, quick.cash, reference)
            np.testing.assert_allclose(
                found[at], wanted, rtol=1e-9, atol=1e-9 * quick.cash * 1e-3, err_msg=f"seed {seed}"
            )


def test_measures_of_a_case_worked_out_by_hand():
    # Bought at the open of 10 for all 1,000: 100 shares. The next session reaches the stop at 9: 900 are left.
    tape = tape_of([(10, 10, 10, 10), (10, 11, 9.5, 10), (10, 10, 8, 9), (9, 9, 9, 9)])
    exits = ExitGrid(np.array([NEVER]), np.array([0.1]), np.array([math.nan]), np.array([math.nan]))

    row = measure(one_ticket(0), tape, exits, **plain(1000.0), reference=np.ones(4, dtype=bool))[0]

    found = dict(zip(MEASURES, row, strict=True))
    assert found["trades"] == found["closed"] == found["episodes"] == 1
    assert found["win_rate"] == 0
    assert found["mean_trade"] == found["mean_episode"] == approx(-0.1)
    assert found["total_return"] == found["max_drawdown"] == approx(-0.1)
    # Returns of 0, −10 % and 0: mean −1/30, deviation 0.1/√3.
    assert found["volatility"] == approx(0.1 / math.sqrt(3) * math.sqrt(252))
    assert found["sharpe"] == approx(-1 / 30 / (0.1 / math.sqrt(3)) * math.sqrt(252))
    # All of it in one session of four; 1,900 traded, of a mean of 950, in 4 of 252 sessions.
    assert found["mean_exposure"] == approx(0.25)
    assert found["turnover"] == approx(1900 / 950 / (4 / 252) / 2)
    assert found["costs_paid"] == 0
    assert math.isnan(found["cagr"])
    assert math.isnan(found["sd_trade"])


def tape_of(bars):
    """One symbol that trades without costs, with an average day of a million."""
    shape = (1, len(bars))
    return Tape(
        ("S0",), np.array([bars], dtype=float), np.array([-1]), np.array([math.nan]), np.arange(len(bars)),
        np.full(shape, 1e6), np.full(shape, 0.05), np.full(shape, 10.0), np.zeros(shape), np.zeros(shape),
        np.zeros(1), 0.0,
    )  # fmt: skip


def one_ticket(row):
    whole, off = np.array([1]), np.array([math.nan])
    return Tickets(
        np.array([row]), np.array([0]), whole, whole, np.array([0]), np.ones(1), np.zeros(1), np.full((1, 3), -1),
        np.array([NEVER]), off, off, off, np.array([NEVER]), ("e",),
    )  # fmt: skip


def plain(cash):
    return {"cash": cash, "sizing": Sizing("equal", 1), "limits": Limits()}


def test_a_rule_that_never_enters_has_no_ratios():
    tape = tape_of([(10, 10, 10, 10)] * 3)
    exits = ExitGrid(np.array([5]), *(np.array([math.nan]) for _ in range(3)))

    row = measure(one_ticket(2), tape, exits, **plain(1000.0), reference=np.ones(3, dtype=bool))[0]

    found = dict(zip(MEASURES, row, strict=True))
    assert found["trades"] == found["total_return"] == found["volatility"] == found["mean_exposure"] == 0
    assert all(
        math.isnan(found[name]) for name in ("win_rate", "mean_trade", "mean_episode", "sharpe", "cagr")
    )


def test_sizing_by_risk_gives_each_rule_its_own_scale_and_no_trade_without_a_stop():
    # A tenth of 1,000 is at risk: with a stop of 20 % that is half a slot, with 5 % two slots, cut to what cash covers.
    tape = tape_of([(10, 10, 10, 10)] * 4)
    stops, trails = np.array([0.2, 0.05, math.nan, math.nan]), np.array([math.nan, 0.5, 0.4, math.nan])
    exits = ExitGrid(np.full(4, NEVER), stops, np.full(4, math.nan), trails)
    given = plain(1000.0) | {"sizing": Sizing("risk", 1, risk=0.1)}

    found = measure(one_ticket(0), tape, exits, **given, reference=np.ones(4, dtype=bool))

    exposure = found[:, MEASURES.index("mean_exposure")]
    # Held after three sessions of four: ½, all, and by the trailing stop of 40 % a quarter.
    assert exposure == approx([0.5 * 3 / 4, 1.0 * 3 / 4, 0.25 * 3 / 4, 0.0])
    assert found[:, MEASURES.index("trades")].tolist() == [1, 1, 1, 0]


def test_a_rule_is_measured_alike_alone_among_others_and_in_a_thread():
    quick, exits = engine_worlds.quick(11), grid(np.random.default_rng(5), 70)
    reference = np.ones(len(quick.tape.days), dtype=bool)

    def some(part):
        return measure(quick.tickets, quick.tape, part_of(exits, part), **account(quick), reference=reference)

    together = some(slice(None))

    alone = np.concatenate([some(slice(at, at + 1)) for at in range(70)])
    with ThreadPoolExecutor(4) as pool:
        threads = np.concatenate(list(pool.map(some, [slice(at, at + 10) for at in range(0, 70, 10)])))
    assert together.tobytes() == alone.tobytes() == threads.tobytes()


def test_memory_grows_by_the_numbers_of_a_rule_only():
    quick = engine_worlds.quick(11)
    reference = np.ones(len(quick.tape.days), dtype=bool)

    def peak(count):
        exits = grid(np.random.default_rng(5), count)
        tracemalloc.start()
        found = measure(quick.tickets, quick.tape, exits, **account(quick), reference=reference)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most - found.nbytes

    # Four numbers of a rule and its scale, and what it takes to put them together.
    peak(100)
    assert (peak(5000) - peak(100)) / 4900 <= 100


def test_there_is_one_compiled_form_whatever_the_arrays_look_like():
    quick = engine_worlds.quick(7)
    fixed = np.asfortranarray(quick.tape.bars)
    fixed.flags.writeable = False
    tape = replace(quick.tape, bars=fixed, end=quick.tape.end.astype(np.int32))

    found = walk(quick.tickets, tape, **account(quick))

    assert found.fills.tobytes() == walk(quick.tickets, quick.tape, **account(quick)).fills.tobytes()
    assert len(kernel._measure.signatures) == 1


def test_nothing_to_enter_and_nothing_to_measure_are_no_faults():
    quick = engine_worlds.quick(7)
    none = replace(
        quick.tickets,
        **{
            field.name: getattr(quick.tickets, field.name)[:0]
            for field in fields(Tickets)
            if field.name != "events"
        },
    )
    reference = np.ones(len(quick.tape.days), dtype=bool)
    exits = grid(np.random.default_rng(1), 2)

    empty = measure(none, quick.tape, exits, **account(quick), reference=reference)
    no_rule = measure(
        quick.tickets, quick.tape, part_of(exits, slice(0)), **account(quick), reference=reference
    )
    nowhere = measure(quick.tickets, quick.tape, exits, **account(quick), reference=~reference)

    assert empty[:, MEASURES.index("trades")].tolist() == [0, 0]
    assert walk(none, quick.tape, **account(quick)).equity.tolist() == [quick.cash] * len(reference)
    assert no_rule.shape == (0, len(MEASURES))
    assert np.isnan(nowhere[:, MEASURES.index("sharpe")]).all()


def test_an_order_of_no_size_is_no_position():
    tape = tape_of([(10, 10, 10, 10)] * 4)
    nothing = replace(one_ticket(0), scale=np.zeros(1))

    assert len(walk(nothing, tape, **plain(1000.0)).fills) == 0


def test_a_book_that_nothing_was_left_of_has_no_deviation_in_a_sweep_as_in_a_backtest():
    wealth = np.array([100.0, 0.0, 5.0, 6.0])
    book = SimpleNamespace(equity=wealth, exposure=np.zeros(4))
    kernel_statistics.put_returns_over_exposure.py_func(book, np.arange(4))

    # −100 %, then none from nothing, then 20 %.
    np.testing.assert_array_equal(book.exposure[:3], [-1.0, np.nan, 6 / 5 - 1])
    assert metrics.volatility(pd.Series(wealth, pd.bdate_range("2024-01-01", periods=4))).value is None
