"""Each trade on its own capital: first meetings, shared by all sets, against the fills of the engine."""

import math
from dataclasses import fields, replace

import engine_worlds
import numpy as np
import pytest
from pytest import approx

from strategies import own_capital
from strategies.execution import fill_tickets
from strategies.kernel import ExitGrid
from strategies.own_capital import OWN_MEASURES, measure_own
from strategies.sizing import Limits, Sizing
from strategies.tape import Tape
from strategies.tickets import NEVER, Tickets

SLOTS = 10**9
VALUE = 25_000.0


def trades_of(tickets, tape, hold, stop, take_profit, trailing_stop):
    """(event, return or None while open) of the trades that the engine makes of every ticket with the same exits."""
    count = len(tickets.row)
    levels = {"stop": stop, "take_profit": take_profit, "trailing_stop": trailing_stop}
    given = replace(
        tickets, hold=np.full(count, hold), **{name: np.full(count, level) for name, level in levels.items()}
    )
    fills, _ = fill_tickets(
        given, tape, cash=VALUE * SLOTS, sizing=Sizing("fixed", SLOTS), limits=Limits(participation=None)
    )
    return trips(fills)


def trips(fills):
    """Fills from flat to flat: the first of a symbol enters, the next on the other side leaves."""
    live, done = {}, []
    for fill in fills:
        trip = live.setdefault(fill.symbol, {"event": fill.event, "buy": fill.buy, "paid": 0.0, "pnl": 0.0})
        value, entering = fill.shares * fill.price, fill.buy == trip["buy"]
        trip["paid"] += value if entering else 0.0
        trip["pnl"] += (-value if fill.buy else value) - value * fill.fee - fill.borrow
        if not entering:
            done.append((trip["event"], trip["pnl"] / trip["paid"]))
            del live[fill.symbol]
    return [*done, *((trip["event"], None) for trip in live.values())]


def expected(trades):
    """The measures of trades, by numpy."""
    closed = np.array([gain for _, gain in trades if gain is not None])
    events = {event for event, gain in trades if gain is not None}
    means = np.array(
        [np.mean([gain for name, gain in trades if name == event and gain is not None]) for event in events]
    )
    return [
        len(trades),
        len(closed),
        (closed > 0).mean() if len(closed) else math.nan,
        closed.mean() if len(closed) else math.nan,
        closed.std(ddof=1) if len(closed) > 1 else math.nan,
        len(means),
        means.mean() if len(means) else math.nan,
        means.std(ddof=1) if len(means) > 1 else math.nan,
    ]


def grid(random, count):
    """Random exits, many of them shared, any of them off."""

    def some(values):
        drawn = random.choice(values, count)
        return np.where(random.random(count) < 0.4, math.nan, drawn)

    hold = random.choice([1, 2, 5, 9, NEVER], count)
    return ExitGrid(hold, some([0.01, 0.05, 0.2]), some([0.02, 0.1, 0.3]), some([0.01, 0.08, 0.25]))


def assert_equal_to_engine(seed, sets=4):
    quick = engine_worlds.quick(seed)
    exits = grid(np.random.default_rng(seed), sets)

    found = measure_own(quick.tickets, quick.tape, exits, value=VALUE)

    for at in range(sets):
        rule = exits.hold[at], exits.stop[at], exits.take_profit[at], exits.trailing_stop[at]
        wanted = expected(trades_of(quick.tickets, quick.tape, *rule))
        np.testing.assert_allclose(
            found[at], wanted, rtol=1e-9, atol=1e-9, err_msg=f"seed {seed}, set {at}: {rule}"
        )


@pytest.mark.parametrize("part", range(8))
def test_measures_are_those_of_the_engine_s_trades_on_random_worlds(part):
    for seed in range(25 * part, 25 * (part + 1)):
        assert_equal_to_engine(seed)


def only(tickets, chosen):
    """Some of the tickets."""
    return replace(
        tickets,
        **{
            field.name: getattr(tickets, field.name)[chosen]
            for field in fields(tickets)
            if field.name != "events"
        },
    )


@pytest.mark.parametrize("seed", range(300, 312))
def test_each_trade_alone_returns_what_the_engine_s_trade_returns(seed):
    quick = engine_worlds.quick(seed)
    exits = grid(np.random.default_rng(seed), 3)

    for event in np.unique(quick.tickets.event):
        tickets = only(quick.tickets, quick.tickets.event == event)
        found = measure_own(tickets, quick.tape, exits, value=VALUE)
        for at in range(3):
            rule = exits.hold[at], exits.stop[at], exits.take_profit[at], exits.trailing_stop[at]
            trades = trades_of(tickets, quick.tape, *rule)
            assert len(trades) <= 1
            assert found[at, :2].tolist() == [len(trades), sum(gain is not None for _, gain in trades)]
            for _, gain in trades:
                wanted = math.nan if gain is None else gain
                assert found[at, OWN_MEASURES.index("mean_trade")] == approx(
                    wanted, rel=1e-9, abs=1e-12, nan_ok=True
                )


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


def test_both_levels_on_one_bar_the_nearer_stop_and_before_the_target():
    # Bought at 10. The second bar opens at 12 and closes there: the best price is 12.
    tape = tape_of([(10, 10, 10, 10), (10, 12, 10, 12), (12, 15, 8, 12), (12, 12, 12, 12)])
    # On the third bar are the stop at 9, the trailing stop at 10.8 (or, of 30 %, at 8.4) and the target at 14.
    exits = ExitGrid(
        np.full(3, NEVER), np.array([0.1, 0.1, math.nan]), np.full(3, 0.4), np.array([0.1, 0.3, math.nan])
    )

    found = measure_own(one_ticket(0), tape, exits, value=VALUE)

    assert found[:, OWN_MEASURES.index("mean_trade")] == approx([0.08, -0.1, 0.4])


def test_sets_beyond_one_block_are_measured_like_those_within(monkeypatch):
    quick, exits = engine_worlds.quick(42), grid(np.random.default_rng(0), 40)
    together = measure_own(quick.tickets, quick.tape, exits, value=VALUE)

    monkeypatch.setattr(own_capital, "TOGETHER", 7)

    assert measure_own(quick.tickets, quick.tape, exits, value=VALUE).tobytes() == together.tobytes()


@pytest.mark.slow
@pytest.mark.parametrize("part", range(20))
def test_measures_are_those_of_the_engine_s_trades_on_a_thousand_more(part):
    for seed in range(1000 + 60 * part, 1000 + 60 * (part + 1)):
        assert_equal_to_engine(seed)
