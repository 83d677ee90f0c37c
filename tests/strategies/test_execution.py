"""Fills worked out by hand, rule by rule, in the order of docs/execution.md."""

from __future__ import annotations

from datetime import date

import pandas as pd
import worlds
from pytest import approx

from strategies.book import IN_SESSION, SELL_OPEN
from strategies.costs import Costs
from strategies.execution import execute
from strategies.plan import Entries, Entry, Exits, Skipped, Weights

FREE = Costs(fee_bps=0, slippage_bps=0)


def run(plan, market, *, costs=FREE, cash=1000.0, slots=1, eligible=None):
    allowed = (
        pd.DataFrame(True, index=market.sessions, columns=list(market.symbols))
        if eligible is None
        else eligible
    )
    return execute(plan, market, allowed, costs, cash, slots)


def entry(row, symbol="AAA", event="e", **exits):
    return Entry(row, symbol, event, Exits(**exits))


def told(fills):
    """Row, side, shares, price and reason of each fill."""
    return [
        (fill.row, "buy" if fill.buy else "sell", fill.shares, fill.reference, fill.reason) for fill in fills
    ]


def test_a_decision_fills_at_the_next_open_and_never_on_its_own_bar():
    market = worlds.market({"AAA": worlds.bars([10, 12, 14], open=[9, 11, 13])})

    fills, unfilled = run(Entries((entry(0),)), market)

    assert told(fills) == [(1, "buy", approx(1000 / 11), 11.0, "entry")]
    assert unfilled == ()


def test_a_halt_delays_the_fill_to_the_next_open_that_exists():
    market = worlds.market(
        {"AAA": worlds.bars([10, None, None, 8], open=[10, None, None, 8]), "BBB": worlds.bars([1] * 4)}
    )

    fills, _ = run(Entries((entry(0),)), market)

    assert told(fills) == [(3, "buy", 125.0, 8.0, "entry")]


def test_an_entry_without_a_later_open_is_listed():
    market = worlds.market({"AAA": worlds.bars([10, 10])})

    fills, unfilled = run(Entries((entry(1),)), market)

    assert fills == ()
    assert [(item.symbol, item.reason) for item in unfilled] == [("AAA", "no open before the data end")]


def test_hold_counts_own_bars_after_the_entry_bar():
    market = worlds.market(
        {"AAA": worlds.bars([10, 10, 11, None, 12, 13], open=[10, 10, 10.5, None, 11.5, 12.5])}
    )

    fills, _ = run(Entries((entry(0, hold=2),)), market)

    # Bought on row 1; its bars after that are rows 2 and 4 (row 3 is a halt): sold at the open of row 4.
    assert told(fills) == [(1, "buy", 100.0, 10.0, "entry"), (4, "sell", 100.0, 11.5, "hold")]


def test_a_stop_is_met_within_the_session_at_its_level():
    market = worlds.market(
        {"AAA": worlds.bars([10, 10, 9.5], open=[10, 10, 10], low=[10, 10, 8.8], high=[10, 10, 10])}
    )

    fills, _ = run(Entries((entry(0, stop=0.10),)), market)

    assert told(fills)[1] == (2, "sell", 100.0, 9.0, "stop")
    assert fills[1].phase == IN_SESSION


def test_a_gap_through_the_stop_fills_at_the_open_not_at_the_level():
    market = worlds.market({"AAA": worlds.bars([10, 10, 7], open=[10, 10, 8])})

    fills, _ = run(Entries((entry(0, stop=0.10),)), market)

    assert told(fills)[1] == (2, "sell", 100.0, 8.0, "stop")
    assert fills[1].phase == SELL_OPEN


def test_the_entry_bar_itself_can_meet_the_stop():
    market = worlds.market({"AAA": worlds.bars([10, 10], low=[10, 5], high=[10, 10])})

    fills, _ = run(Entries((entry(0, stop=0.10),)), market)

    assert told(fills) == [(1, "buy", 100.0, 10.0, "entry"), (1, "sell", 100.0, 9.0, "stop")]


def test_stop_and_target_on_one_bar_is_the_stop():
    market = worlds.market({"AAA": worlds.bars([10, 10, 10], low=[10, 10, 8], high=[10, 10, 12])})

    fills, _ = run(Entries((entry(0, stop=0.10, take_profit=0.10),)), market)

    assert told(fills)[1] == (2, "sell", 100.0, 9.0, "stop")


def test_a_target_fills_at_its_level_and_at_the_open_beyond_it():
    within = worlds.market({"AAA": worlds.bars([10, 10, 11], open=[10, 10, 10], high=[10, 10, 12])})
    beyond = worlds.market({"AAA": worlds.bars([10, 10, 13], open=[10, 10, 12])})
    plan = Entries((entry(0, take_profit=0.15),))

    assert told(run(plan, within)[0])[1] == (2, "sell", 100.0, approx(11.5), "take-profit")
    assert told(run(plan, beyond)[0])[1] == (2, "sell", 100.0, 12.0, "take-profit")


def test_a_trailing_stop_follows_the_highest_high_of_the_bars_before():
    market = worlds.market(
        {
            "AAA": worlds.bars(
                [10, 10, 14, 12.5], open=[10, 10, 10, 14], high=[10, 10, 15, 14], low=[10, 10, 10, 12.5]
            )
        }
    )

    fills, _ = run(Entries((entry(0, trailing_stop=0.10),)), market)

    # On row 2 the peak is still 10, the level 9; on row 3 the peak is 15, the level 13.5.
    assert told(fills)[1] == (3, "sell", 100.0, 13.5, "trailing-stop")


def test_levels_stand_on_what_was_paid_slippage_included():
    market = worlds.market(
        {"AAA": worlds.bars([10, 10, 9], open=[10, 10, 10], low=[10, 10, 9.04], high=[10, 10, 10])}
    )

    fills, _ = run(Entries((entry(0, stop=0.10),)), market, costs=Costs(fee_bps=0, slippage_bps=100))

    # Paid 10.10, so the level is 9.09, which a low of 9.04 meets.
    assert told(fills)[1][3] == approx(9.09)


def test_fee_and_slippage_come_out_of_cash():
    market = worlds.market({"AAA": worlds.bars([10, 10, 10])})

    fills, _ = run(Entries((entry(0, hold=1),)), market, costs=Costs(fee_bps=100, slippage_bps=0))

    # Wealth after buying x with a fee of 1 %: 1.01 x = 1000.
    assert fills[0].shares == approx(1000 / 1.01 / 10, rel=1e-11)


def test_each_entry_gets_its_slot_of_equity():
    market = worlds.market({name: worlds.bars([10, 10, 10]) for name in ("AAA", "BBB")})

    fills, _ = run(Entries((entry(0, "AAA"), entry(1, "BBB"))), market, slots=4)

    assert [fill.shares for fill in fills] == [25.0, 25.0]


def test_buys_beyond_cash_are_cut_by_one_factor():
    market = worlds.market({name: worlds.bars([10, 10]) for name in ("AAA", "BBB", "CCC", "DDD")})

    fills, unfilled = run(Entries(tuple(entry(0, name) for name in market.symbols)), market, slots=2)

    # Four want 500 each and there are 1000: each gets 250.
    assert [fill.shares for fill in fills] == [approx(25.0)] * 4
    assert {item.reason for item in unfilled} == {"cash for only 50% of it"}


def test_no_buy_is_made_for_a_sliver_of_cash():
    market = worlds.market({name: worlds.bars([10, 10, 10]) for name in ("AAA", "BBB")})

    fills, unfilled = run(Entries((entry(0, "AAA"), entry(1, "BBB"))), market, slots=1)

    assert len(fills) == 1
    assert [(item.symbol, item.reason) for item in unfilled] == [("BBB", "no cash")]


def test_a_second_entry_in_a_held_symbol_is_listed():
    market = worlds.market({"AAA": worlds.bars([10, 10, 10])})

    fills, unfilled = run(Entries((entry(0, event="first"), entry(1, event="second"))), market, slots=2)

    assert len(fills) == 1
    assert [(item.event, item.reason) for item in unfilled] == [("second", "already held")]


def test_money_of_a_sale_at_the_open_buys_at_the_same_open():
    market = worlds.market({"AAA": worlds.bars([10, 10, 20]), "BBB": worlds.bars([5, 5, 5])})

    fills, _ = run(Entries((entry(0, "AAA", hold=1), entry(1, "BBB"))), market, slots=1)

    assert told(fills)[1:] == [(2, "sell", 100.0, 20.0, "hold"), (2, "buy", 400.0, 5.0, "entry")]


def test_what_is_not_eligible_is_not_bought():
    market = worlds.market({"AAA": worlds.bars([10, 10])})
    eligible = pd.DataFrame(False, index=market.sessions, columns=["AAA"])

    fills, unfilled = run(Entries((entry(0),)), market, eligible=eligible)

    assert fills == ()
    assert [item.reason for item in unfilled] == ["not eligible"]


def test_a_ceased_name_pays_its_terminal_value_without_costs():
    market = worlds.market(
        {"AAA": worlds.bars([10, 10, 11]), "BBB": worlds.bars([1] * 5)},
        listed_to={"AAA": date(2024, 1, 5)},
        terminal={"AAA": 15.0},
    )

    fills, _ = run(Entries((entry(0),)), market, costs=Costs(fee_bps=10, slippage_bps=10))

    assert told(fills)[1][:1] + told(fills)[1][3:] == (3, 15.0, "ceased")
    assert fills[1].costs is False


def test_a_worthless_name_pays_nothing_and_an_unknown_end_its_last_close():
    frames = {"AAA": worlds.bars([10, 10, 11]), "BBB": worlds.bars([1] * 5)}
    gone = {"AAA": date(2024, 1, 5)}

    worthless, _ = run(Entries((entry(0),)), worlds.market(frames, listed_to=gone, terminal={"AAA": 0.0}))
    unknown, _ = run(Entries((entry(0),)), worlds.market(frames, listed_to=gone))

    assert worthless[1].reference == 0.0
    assert unknown[1].reference == 11.0


def test_a_buy_waiting_for_a_name_that_ceases_is_listed():
    market = worlds.market(
        {"AAA": worlds.bars([10, 10]), "BBB": worlds.bars([1] * 5)}, listed_to={"AAA": date(2024, 1, 4)}
    )

    fills, unfilled = run(Entries((entry(1),)), market)

    assert fills == ()
    assert [item.reason for item in unfilled] == ["ceased before it could be filled"]


def test_names_the_strategy_skipped_are_listed_with_its_reason():
    market = worlds.market({"AAA": worlds.bars([10, 10])})

    _, unfilled = run(Entries((), (Skipped("ZZZ", "e", "no prices"),)), market)

    assert [(item.symbol, item.event, item.reason) for item in unfilled] == [("ZZZ", "e", "no prices")]


def weights(market, rows):
    """A table of weights, all missing but for the rows given."""
    table = pd.DataFrame(float("nan"), index=market.sessions, columns=list(market.symbols))
    for row, values in rows.items():
        table.iloc[row] = values
    return Weights(table)


def test_weights_are_bought_at_the_next_open_and_drift_until_the_next_decision():
    market = worlds.market({"AAA": worlds.bars([10, 10, 20, 20]), "BBB": worlds.bars([10, 10, 10, 10])})

    fills, _ = run(weights(market, {0: [0.5, 0.5], 2: [0.5, 0.5]}), market)

    # 50 shares each; then AAA doubles: equity 1500, each is to be 750, so 12.5 of AAA go and 25 of BBB come.
    assert [(fill.row, fill.buy, fill.shares) for fill in fills] == [
        (1, True, approx(50.0)),
        (1, True, approx(50.0)),
        (3, False, approx(12.5)),
        (3, True, approx(25.0)),
    ]


def test_a_target_waits_for_its_exchange_and_is_listed_when_replaced():
    market = worlds.market(
        {"AAA": worlds.bars([10, None, None, 10], open=[10, None, None, 10]), "BBB": worlds.bars([10] * 4)}
    )

    fills, unfilled = run(weights(market, {0: [0.5, 0.5], 1: [0.0, 1.0]}), market)

    assert [(item.row, item.symbol, item.reason) for item in unfilled] == [
        (1, "AAA", "replaced before it could be filled")
    ]
    assert {fill.symbol for fill in fills} == {1}


def test_a_weight_in_a_name_that_is_not_eligible_counts_as_zero():
    market = worlds.market({"AAA": worlds.bars([10] * 3), "BBB": worlds.bars([10] * 3)})
    eligible = pd.DataFrame({"AAA": False, "BBB": True}, index=market.sessions)

    fills, unfilled = run(weights(market, {0: [0.5, 0.5]}), market, eligible=eligible)

    assert told(fills) == [(1, "buy", approx(50.0), 10.0, "rebalance")]
    assert [(item.symbol, item.reason) for item in unfilled] == [("AAA", "not eligible")]
