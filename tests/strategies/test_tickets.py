"""Decisions made ready: order, size and refusals, by hand."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
import worlds
from pytest import approx

from strategies.costs import Costs
from strategies.plan import Entries, Entry, EntryTable, Exits
from strategies.sizing import Sizing
from strategies.tape import Tape
from strategies.tickets import NEVER, ExitTable, Ground, columns, in_order, prepare
from universes.errors import BadParameter

SYMBOLS = ("AAA", "BBB", "CCC")
ROWS = 30
# Goes up by a tenth and down by an eleventh in turn.
WILD = [10.0 if row % 2 == 0 else 11.0 for row in range(ROWS)]


def made(entries, sizing=None, *, scores=None, allowed=None, costs=None):
    """Entries in a market of three names, of which CCC costs 50 cents."""
    frames = {"AAA": worlds.bars(WILD), "BBB": worlds.bars([10.0] * ROWS), "CCC": worlds.bars([0.5] * ROWS)}
    tape = Tape.of(worlds.market(frames), costs or Costs())
    table, exits = columns(Entries(tuple(entries)), SimpleNamespace(symbols=SYMBOLS))
    may = np.ones((ROWS, 3), dtype=bool) if allowed is None else allowed
    return prepare(table, exits, tape, Ground(may, scores), sizing or Sizing(), costs or Costs())


def entry(symbol="AAA", row=25, **given):
    return Entry(row, symbol, given.pop("event", "e"), given.pop("exits", Exits()), **given)


def test_orders_go_by_row_priority_symbol_stage_and_event():
    entries = [
        entry(event="late", row=9),
        entry("BBB", event="b"),
        entry(event="two", stage=2),
        entry(event="z"),
        entry(event="a"),
        entry("CCC", event="first", priority=1.0),
    ]

    found = made(entries).tickets

    told = [f"{found.row[at]} {SYMBOLS[found.symbol[at]]} {found.events[found.event[at]]}" for at in range(6)]
    assert told == ["9 AAA late", "25 CCC first", "25 AAA a", "25 AAA z", "25 AAA two", "25 BBB b"]


def test_a_table_in_any_order_is_put_in_the_same_order():
    entries = [entry("BBB", event="b"), entry(event="a"), entry("CCC", event="c", priority=2.0)]
    table, _ = columns(Entries(tuple(entries)), SimpleNamespace(symbols=SYMBOLS))
    again = in_order(table)

    assert again.entries(SYMBOLS) == table.entries(SYMBOLS)
    assert again.events == ("a", "b", "c")


def test_equal_and_fixed_sizes_are_one_times_the_share():
    for rule in ("equal", "fixed"):
        assert made([entry(share=0.25)], Sizing(rule)).tickets.scale.tolist() == [0.25]


def test_a_wild_name_gets_less_by_inverse_volatility_and_a_calm_one_at_most_twice():
    entries = [entry("AAA"), entry("BBB")]

    scale = made(entries, Sizing("inverse-volatility", target_volatility=0.5)).tickets.scale

    wild = np.std([0.1, -1 / 11] * 10, ddof=1) * math.sqrt(252)
    assert scale.tolist() == approx([0.5 / wild, 2.0])


@pytest.mark.parametrize(
    ("exits", "scale"),
    [
        # 1 % of equity, 10 slots, a stop 20 % away: half a slot.
        (Exits(stop=0.2), 0.5),
        (Exits(stop=0.2, trailing_stop=0.1), 0.5),
        (Exits(trailing_stop=0.1), 1.0),
        (Exits(stop=0.01), 2.0),
    ],
)
def test_risk_a_trade_is_over_the_distance_of_the_stop(exits, scale):
    assert made([entry(exits=exits)], Sizing("risk", slots=10, risk=0.01)).tickets.scale.tolist() == approx(
        [scale]
    )


def test_risk_without_a_stop_is_not_made():
    found = made([entry(exits=Exits(take_profit=0.1))], Sizing("risk"))

    assert found.refused.tolist() == ["no stop to size by"]
    assert len(found.tickets.row) == 0


def test_scores_are_over_the_mean_of_the_names_that_could_be_bought():
    scores = np.tile([60.0, 20.0, 1000.0], (ROWS, 1))
    allowed = np.ones((ROWS, 3), dtype=bool)
    allowed[:, 2] = False
    entries = [entry("AAA"), entry("BBB"), entry("CCC")]

    found = made(entries, Sizing("score"), scores=scores, allowed=allowed)

    # The mean of 60 and 20 is 40.
    assert found.tickets.scale.tolist() == approx([1.5, 0.5])
    assert found.refused.tolist() == ["", "", "not eligible"]


def test_a_name_without_a_score_is_not_made():
    scores = np.tile([60.0, math.nan, 20.0], (ROWS, 1))

    found = made([entry("AAA"), entry("BBB")], Sizing("score"), scores=scores)

    assert found.tickets.scale.tolist() == approx([1.5])
    assert found.refused.tolist() == ["", "no score to size by"]


def test_sizes_by_score_need_scores():
    with pytest.raises(BadParameter, match=r"give scores=screener\.score_table\(market\)"):
        made([entry()], Sizing("score"))


def test_a_cheap_name_or_one_of_little_volume_cannot_be_sold_short():
    entries = [entry("AAA", side=-1), entry("CCC", side=-1), entry("CCC", event="long")]

    assert made(entries).refused.tolist() == ["", "cannot be borrowed", ""]
    # 10 million a day are not 20.
    poor = made(entries[:1], costs=Costs(borrow_least_adv=20e6))
    assert poor.refused.tolist() == ["cannot be borrowed"]


def test_what_is_refused_is_listed_with_row_side_and_event():
    allowed = np.zeros((ROWS, 3), dtype=bool)

    (one,) = made([entry(side=-1, event="x")], allowed=allowed).unfilled(SYMBOLS)

    assert (one.row, one.symbol, one.buy, one.event, one.reason) == (25, "AAA", False, "x", "not eligible")


def test_rules_that_are_off_never_hold():
    off, on = (ExitTable.same(exits, 1) for exits in (Exits(), Exits(5, 0.1, 0.2, 0.3)))

    assert off.hold.tolist() == [NEVER]
    assert np.isnan([off.stop, off.take_profit, off.trailing_stop]).all()
    assert (on.hold[0], on.stop[0], on.take_profit[0], on.trailing_stop[0]) == (5, 0.1, 0.2, 0.3)
    assert made([entry()]).tickets.leave_after.tolist() == [NEVER]
    assert made([entry(leave_after=0)]).tickets.leave_after.tolist() == [0]


def test_events_are_numbered_by_name_whatever_order_they_came_in():
    table = EntryTable(
        row=np.array([3, 3]),
        symbol=np.array([1, 1]),
        event=np.array([0, 1]),
        side=np.array([1, 1]),
        stage=np.array([1, 1]),
        share=np.array([1.0, 0.5]),
        priority=np.zeros(2),
        leave_after=np.array([-1, -1]),
        events=("z", "a"),
        exits=Exits(),
    )

    ordered = in_order(table)

    assert ordered.events == ("a", "z")
    assert [ordered.events[at] for at in ordered.event] == ["a", "z"]
    assert ordered.share.tolist() == [0.5, 1.0]
