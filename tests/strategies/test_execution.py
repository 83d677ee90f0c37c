"""Fills worked out by hand, rule by rule, in the order of docs/execution.md."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import worlds
from pytest import approx

from strategies.book import EXIT_OPEN, IN_SESSION
from strategies.costs import Costs
from strategies.engine import Account, fill
from strategies.plan import SHORT, Entries, Entry, Exits, Skipped, Weights
from strategies.sizing import Limits, Sizing
from strategies.tape import Tape
from strategies.tickets import Ground
from universes.assemble import _assemble
from universes.quotes import Quotes, Request

FREE = Costs(fee_bps=0, slippage_bps=0)
NO_LIMIT = Limits(participation=None)


def run(
    plan, market, *, costs=FREE, cash=1000.0, slots=1, eligible=None, limits=NO_LIMIT, rule="equal", **more
):
    rows, names = len(market.sessions), len(market.symbols)
    allowed = np.ones((rows, names), dtype=bool) if eligible is None else eligible.to_numpy()
    account = Account(costs, Sizing(rule, slots), limits, cash)
    return fill(plan, market, Tape.of(market, costs), Ground(allowed, **more), account)


def entry(
    row, symbol="AAA", event="e", *, side=1, share=1.0, stage=1, priority=0.0, leave_after=None, **exits
):
    return Entry(row, symbol, event, Exits(**exits), side, share, stage, priority, leave_after)


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
    assert fills[1].phase == EXIT_OPEN


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
    assert (fills[1].slip, fills[1].fee) == (0.0, 0.0)


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


# Orders that wait.


def test_an_order_is_good_for_its_sessions_and_then_listed():
    frames = {"AAA": worlds.bars([10, None, None, 10], open=[10, None, None, 9]), "BBB": worlds.bars([1] * 4)}
    market = worlds.market(frames)

    in_time, _ = run(Entries((entry(0),)), market, limits=Limits(participation=None, good_for=3))
    fills, unfilled = run(Entries((entry(0),)), market, limits=Limits(participation=None, good_for=2))

    assert told(in_time) == [(3, "buy", approx(1000 / 9), 9.0, "entry")]
    assert fills == ()
    assert [(item.row, item.reason) for item in unfilled] == [(3, "not filled within 2 sessions")]


def test_an_order_still_waiting_after_the_opposite_event_is_dropped():
    frames = {"AAA": worlds.bars([10, None, None, 10]), "BBB": worlds.bars([1] * 4)}

    fills, unfilled = run(Entries((entry(0, leave_after=2),)), worlds.market(frames))

    assert fills == ()
    assert [item.reason for item in unfilled] == ["an opposite event came first"]


def test_a_position_is_left_at_the_open_after_the_opposite_event():
    market = worlds.market({"AAA": worlds.bars([10, 10, 12, 11], open=[10, 10, 10, 11.5])})

    fills, _ = run(Entries((entry(0, leave_after=2),)), market)

    assert told(fills)[1] == (3, "sell", 100.0, 11.5, "opposite event")


# Short sales.


def test_a_short_sale_gains_what_the_price_falls():
    market = worlds.market({"AAA": worlds.bars([10, 10, 10, 8])})

    fills, _ = run(Entries((entry(0, side=SHORT, hold=2),)), market, costs=lendable())

    assert told(fills) == [(1, "sell", 100.0, 10.0, "entry"), (3, "buy", 100.0, 8.0, "hold")]


def lendable(**more):
    return Costs(fee_bps=0, slippage_bps=0, borrow_least_price=0, borrow_least_adv=0, **more)


def test_a_short_is_stopped_above_its_price_and_gaps_fill_at_the_open():
    within = worlds.market(
        {"AAA": worlds.bars([10, 10, 10.5], open=[10, 10, 10], high=[10, 10, 11.5], low=[10] * 3)}
    )
    beyond = worlds.market({"AAA": worlds.bars([10, 10, 13], open=[10, 10, 12])})
    plan = Entries((entry(0, side=SHORT, stop=0.10),))

    assert told(run(plan, within, costs=lendable())[0])[1] == (2, "buy", 100.0, approx(11.0), "stop")
    assert told(run(plan, beyond, costs=lendable())[0])[1] == (2, "buy", 100.0, 12.0, "stop")


def test_the_target_of_a_short_lies_below_and_its_trail_above_the_lowest_low():
    falls = worlds.market({"AAA": worlds.bars([10, 10, 9], open=[10, 10, 10], low=[10, 10, 7])})
    turns = worlds.market(
        {"AAA": worlds.bars([10, 10, 6, 7], open=[10, 10, 10, 6], low=[10, 10, 5, 6], high=[10, 10, 10, 7])}
    )

    target, _ = run(Entries((entry(0, side=SHORT, take_profit=0.2),)), falls, costs=lendable())
    trail, _ = run(Entries((entry(0, side=SHORT, trailing_stop=0.1),)), turns, costs=lendable())

    assert told(target)[1] == (2, "buy", 100.0, 8.0, "take-profit")
    # On row 2 the best price is still the entry's: a level of 11. On row 3 it is 5.5, below the open: filled there.
    assert told(trail)[1] == (3, "buy", 100.0, 6.0, "trailing-stop")


def test_borrowing_is_paid_for_calendar_days_on_the_entry_value():
    # 2024-01-03 to 2024-01-08 are five days; 1000 × 3.65 % × 5 / 365 = 0.50.
    market = worlds.market({"AAA": worlds.bars([10] * 5)})

    fills, _ = run(Entries((entry(0, side=SHORT, hold=3),)), market, costs=lendable(borrow_bps=365))

    assert [f"{market.sessions[item.row]:%m-%d}" for item in fills] == ["01-03", "01-08"]
    assert fills[1].borrow == approx(0.50)


def test_a_name_that_is_cheap_or_hardly_trades_cannot_be_borrowed():
    market = worlds.market({"AAA": worlds.bars([4, 4]), "BBB": worlds.bars([10, 10])})
    plan = Entries((entry(0, "AAA", side=SHORT), entry(0, "BBB", side=SHORT)))

    # A million shares at 10 are an ADV of 10 million.
    _, unfilled = run(plan, market, costs=Costs(borrow_least_adv=11e6))

    assert [(item.symbol, item.reason) for item in unfilled if "borrow" in item.reason] == [
        ("AAA", "cannot be borrowed"),
        ("BBB", "cannot be borrowed"),
    ]


def test_a_short_sale_takes_up_as_much_cash_as_a_purchase():
    market = worlds.market({"AAA": worlds.bars([10] * 4), "BBB": worlds.bars([10] * 4)})
    plan = Entries((entry(0, "AAA", side=SHORT), entry(1, "BBB")))

    fills, unfilled = run(plan, market, costs=lendable(), slots=1)

    # 1000 sold short: cash 2000, of which twice 1000 is bound.
    assert [(item.symbol, item.reason) for item in unfilled] == [("BBB", "no cash")]
    assert len(fills) == 1


def test_a_short_in_a_name_that_ceases_pays_its_terminal_value():
    market = worlds.market(
        {"AAA": worlds.bars([10, 10, 11]), "BBB": worlds.bars([1] * 5)},
        listed_to={"AAA": date(2024, 1, 5)},
        terminal={"AAA": 2.0},
    )

    fills, _ = run(Entries((entry(0, side=SHORT),)), market, costs=lendable())

    assert told(fills)[1] == (3, "buy", 100.0, 2.0, "ceased")


# Costs by liquidity.


def test_slippage_is_half_the_spread_and_the_root_of_the_order_over_what_trades():
    # ADV 10 million: 8 bp by the table; price 10: nothing more. Volatility unknown: 5 %. 1000 of 10 million: √1e-4.
    market = worlds.market({"AAA": worlds.bars([10, 10])})

    fills, _ = run(Entries((entry(0),)), market, costs=Costs(fee_bps=0))

    assert fills[0].slip == approx(0.0008 + 0.05 * 0.01)


def test_volatility_is_that_of_the_twenty_returns_before():
    # Twelve returns of +10 % and −10 % in turn: deviation 0.1 × √(12 / 11).
    closes = [10.0]
    for step in range(12):
        closes.append(closes[-1] * (1.1 if step % 2 else 0.9))
    market = worlds.market({"AAA": worlds.bars([*closes, 10.0])})

    tape = Tape.of(market, Costs())

    assert tape.volatility[0, 13] == approx(0.1 * (12 / 11) ** 0.5)
    assert tape.volatility[0, 5] == 0.05


# Participation.


def thin(closes, volume, **prices):
    return worlds.bars(closes, **prices).assign(volume=float(volume))


def test_an_order_is_filled_over_several_sessions_within_the_limit():
    # 100 shares at 10 trade a day: 5 % of 1000 is 50 a day; 120 are wanted.
    market = worlds.market({"AAA": thin([10] * 6, 100)})

    fills, unfilled = run(Entries((entry(0),)), market, cash=120.0, limits=Limits(participation=0.05))

    assert [(item.row, item.shares) for item in fills] == [(1, 5.0), (2, 5.0), (3, approx(2.0))]
    assert unfilled == ()


def test_what_is_not_built_in_time_is_listed():
    market = worlds.market({"AAA": thin([10] * 6, 100)})

    fills, unfilled = run(
        Entries((entry(0),)), market, cash=200.0, limits=Limits(participation=0.05, good_for=2)
    )

    assert [(item.row, item.shares) for item in fills] == [(1, 5.0), (2, 5.0)]
    assert [(item.row, item.reason) for item in unfilled] == [
        (3, "only 50% of it within the limit on participation")
    ]


def test_an_exit_works_its_way_out_and_keeps_its_reason():
    # Built with 10 shares on row 1 at volume 200; then the volume is 20, and the mean of bars before falls.
    frame = worlds.bars([10, 10, 8, 8, 8, 8])
    frame["volume"] = [200.0, 200.0, 200.0, 20.0, 20.0, 20.0]
    market = worlds.market({"AAA": frame})

    fills, _ = run(Entries((entry(0, stop=0.1),)), market, cash=100.0, limits=Limits(participation=0.05))

    # Row 2 opens at 8, beyond the stop: 5 % of 2000 is 100, or 12.5 shares: all of it.
    assert told(fills)[1] == (2, "sell", 10.0, 8.0, "stop")

    slow, _ = run(Entries((entry(0, hold=2),)), market, cash=100.0, limits=Limits(participation=0.02))

    # 2 % of 2000 is 40: 4 shares at 10 on row 1, 5 at 8 on row 2. Out at 8, within 2 % of (2000 + 2000 + 1600) / 3,
    # then of (2000 + 2000 + 1600 + 160) / 4 = 1440, and the rest.
    first, second = 0.02 * 5600 / 3 / 8, 0.02 * 1440 / 8
    assert [(item.row, item.buy, item.shares) for item in slow] == [
        (1, True, 4.0),
        (2, True, 5.0),
        (3, False, approx(first)),
        (4, False, approx(second)),
        (5, False, approx(9 - first - second)),
    ]
    assert [item.reason for item in slow[2:]] == ["hold"] * 3


def test_an_exit_drops_what_still_lacks_of_the_build():
    market = worlds.market({"AAA": thin([10, 10, 8, 8, 8], 100)})

    fills, unfilled = run(
        Entries((entry(0, stop=0.1),)), market, cash=100.0, limits=Limits(participation=0.05)
    )

    assert [(item.row, item.buy, item.shares) for item in fills] == [(1, True, 5.0), (2, False, 5.0)]
    assert [item.reason for item in unfilled] == ["only 50% of it within the limit on participation"]


def test_a_name_nobody_trades_cannot_be_bought():
    market = worlds.market({"AAA": thin([10] * 4, 0)})

    fills, unfilled = run(Entries((entry(0),)), market, limits=Limits(good_for=2))

    assert fills == ()
    assert [item.reason for item in unfilled] == ["not filled within 2 sessions"]


def test_weights_go_on_at_the_next_opens_until_they_are_reached():
    market = worlds.market({"AAA": thin([10] * 6, 100)})

    fills, _ = run(weights(market, {0: [1.0]}), market, cash=120.0, limits=Limits(participation=0.05))

    assert [(item.row, item.shares) for item in fills] == [(1, 5.0), (2, 5.0), (3, approx(2.0))]


# Sizes and limits.


def test_the_highest_priority_gets_the_free_position():
    market = worlds.market({name: worlds.bars([10, 10]) for name in ("AAA", "BBB", "CCC")})
    plan = Entries((entry(0, "AAA", priority=1), entry(0, "BBB", priority=3), entry(0, "CCC", priority=2)))

    fills, unfilled = run(plan, market, slots=4, limits=Limits(participation=None, max_positions=2))

    assert [market.symbols[item.symbol] for item in fills] == ["BBB", "CCC"]
    assert [(item.symbol, item.reason) for item in unfilled] == [("AAA", "no free position")]


def test_a_cap_on_a_group_cuts_the_later_order_and_refuses_a_sliver():
    market = worlds.market({name: worlds.bars([10] * 3) for name in ("AAA", "BBB", "CCC")})
    groups = np.zeros((3, 3, 3), dtype=np.int64)
    plan = Entries((entry(0, "AAA", priority=2), entry(0, "BBB", priority=1), entry(0, "CCC")))

    fills, unfilled = run(
        plan, market, slots=4, limits=Limits(participation=None, mineral=0.4), groups=groups
    )

    # 250 each of 1000; the cap is 400: 250, then 150, then nothing.
    assert [item.shares for item in fills] == [25.0, approx(15.0)]
    assert [(item.symbol, item.reason) for item in unfilled] == [
        ("BBB", "the cap on mineral left only 60% of it"),
        ("CCC", "over the cap on mineral"),
    ]


def test_a_cap_on_a_name_counts_what_is_held():
    market = worlds.market({"AAA": worlds.bars([10] * 4)})
    plan = Entries((entry(0, share=0.5), entry(1, share=0.5, stage=2)))

    fills, unfilled = run(plan, market, limits=Limits(participation=None, name=0.6))

    # Half of 1000, then what is left under 600.
    assert [item.shares for item in fills] == [50.0, approx(10.0)]
    assert [item.reason for item in unfilled] == ["the cap on name left only 20% of it"]


def test_a_later_stage_adds_to_the_position_of_its_event_and_averages_the_price():
    market = worlds.market({"AAA": worlds.bars([10, 10, 5, 5], low=[10, 10, 5, 2.7], high=[10, 10, 5, 5])})
    plan = Entries((entry(0, share=0.5, stop=0.6), entry(1, share=0.5, stage=2)))

    fills, _ = run(plan, market)

    # 50 shares at 10. At the open of row 2, at 5, equity is 750: 375 buy 75 more; 875 / 125 = 7 a share, stop at 2.8.
    assert told(fills)[1:] == [(2, "buy", 75.0, 5.0, "entry"), (3, "sell", 125.0, approx(2.8), "stop")]


def test_a_later_stage_without_a_first_or_of_another_event_is_listed():
    market = worlds.market({"AAA": worlds.bars([10] * 4), "BBB": worlds.bars([10] * 4)})
    plan = Entries((entry(0, "AAA", "one"), entry(1, "AAA", "two", stage=2), entry(1, "BBB", "one", stage=2)))

    _, unfilled = run(plan, market, slots=3)

    assert [(item.symbol, item.reason) for item in unfilled] == [
        ("AAA", "already held"),
        ("BBB", "no position to add to"),
    ]


def test_risk_sizing_loses_its_risk_when_the_stop_is_met():
    market = worlds.market({"AAA": worlds.bars([10, 10, 9], open=[10, 10, 10], high=[10] * 3)})

    fills, unfilled = run(Entries((entry(0, stop=0.05), entry(0, "AAA", "z"))), market, slots=4, rule="risk")

    # 1 % of 1000 at a stop of 5 %: 200. The entry without a stop cannot be sized.
    assert fills[0].shares == approx(20.0)
    assert approx(10.0) == 20.0 * (10 - 9.5)
    assert "no stop to size by" in [item.reason for item in unfilled]


def test_inverse_volatility_sizing_halves_what_moves_twice_as_much():
    closes = [10.0]
    for step in range(12):
        closes.append(closes[-1] * (1.1 if step % 2 else 0.9))
    market = worlds.market({"AAA": worlds.bars([*closes, 10.0])})

    fills, _ = run(Entries((entry(12),)), market, rule="inverse-volatility")

    yearly = 0.1 * (12 / 11) ** 0.5 * 252**0.5
    assert fills[0].shares * fills[0].reference == approx(1000 * 0.5 / yearly)


def test_score_sizing_is_relative_to_the_names_that_could_be_bought():
    market = worlds.market({name: worlds.bars([10, 10]) for name in ("AAA", "BBB", "CCC")})
    scores = np.array([[90.0, 60.0, np.nan]] * 2)
    plan = Entries((entry(0, "AAA"), entry(0, "CCC")))

    fills, unfilled = run(plan, market, slots=4, rule="score", scores=scores)

    # 90 of a mean of 75: 1.2 slots of 250.
    assert [item.shares for item in fills] == [approx(30.0)]
    assert [(item.symbol, item.reason) for item in unfilled] == [("CCC", "no score to size by")]


def test_fixed_sizing_does_not_grow_with_equity():
    market = worlds.market({"AAA": worlds.bars([10, 10, 20, 20]), "BBB": worlds.bars([10] * 4)})

    fills, _ = run(Entries((entry(0, "AAA"), entry(2, "BBB"))), market, slots=2, rule="fixed")

    assert [item.shares for item in fills] == [50.0, 50.0]


# What lies exactly on a level, and what is said of what was not filled.


def test_a_low_exactly_at_the_stop_meets_it_and_a_high_exactly_at_the_target_too():
    stopped = worlds.market(
        {"AAA": worlds.bars([10, 10, 9.5], open=[10, 10, 10], low=[10, 10, 9.0], high=[10] * 3)}
    )
    reached = worlds.market({"AAA": worlds.bars([10, 10, 10.5], open=[10, 10, 10], high=[10, 10, 12.5])})

    assert told(run(Entries((entry(0, stop=0.10),)), stopped)[0])[1][3:] == (9.0, "stop")
    assert told(run(Entries((entry(0, take_profit=0.25),)), reached)[0])[1][3:] == (12.5, "take-profit")


def test_a_short_is_left_at_prices_exactly_on_its_levels():
    stopped = worlds.market(
        {"AAA": worlds.bars([10, 10, 10.5], open=[10, 10, 10], high=[10, 10, 12.5], low=[10] * 3)}
    )
    reached = worlds.market(
        {"AAA": worlds.bars([10, 10, 9.5], open=[10, 10, 10], low=[10, 10, 7.5], high=[10] * 3)}
    )

    stop, _ = run(Entries((entry(0, side=SHORT, stop=0.25),)), stopped, costs=lendable())
    target, _ = run(Entries((entry(0, side=SHORT, take_profit=0.25),)), reached, costs=lendable())

    assert told(stop)[1][3:] == (12.5, "stop")
    assert told(target)[1][3:] == (7.5, "take-profit")


def test_of_two_equal_levels_the_stop_is_named():
    market = worlds.market(
        {"AAA": worlds.bars([10, 10, 8], open=[10, 10, 10], low=[10, 10, 8], high=[10] * 3)}
    )

    fills, _ = run(Entries((entry(0, stop=0.10, trailing_stop=0.10),)), market)
    short, _ = run(
        Entries((entry(0, side=SHORT, stop=0.10, trailing_stop=0.10),)),
        worlds.market({"AAA": worlds.bars([10, 10, 12], open=[10, 10, 10], high=[10, 10, 12], low=[10] * 3)}),
        costs=lendable(),
    )

    assert (fills[1].reason, short[1].reason) == ("stop", "stop")


def test_the_list_of_what_was_not_filled_says_which_side_it_was():
    frames = {"AAA": worlds.bars([10] * 4), "BBB": worlds.bars([10] * 4)}
    waits = Entries((entry(3, "AAA", side=SHORT), entry(3, "BBB")))
    held = Entries((entry(0, "AAA", side=SHORT), entry(1, "AAA", "z", side=SHORT), entry(1, "BBB")))

    _, at_end = run(waits, worlds.market(frames), costs=lendable())
    _, crowded = run(held, worlds.market(frames), costs=lendable())

    assert {(item.symbol, item.buy) for item in at_end} == {("AAA", False), ("BBB", True)}
    assert {(item.symbol, item.reason, item.buy) for item in crowded} == {
        ("AAA", "already held", False),
        ("BBB", "no cash", True),
    }


def test_a_short_that_is_cut_by_cash_or_participation_is_listed_as_a_sale():
    names = ("AAA", "BBB", "CCC", "DDD")
    market = worlds.market({name: worlds.bars([10, 10]) for name in names})
    plan = Entries(tuple(entry(0, name, side=SHORT) for name in names))
    slow = worlds.market({"AAA": thin([10] * 6, 100)})

    _, cut = run(plan, market, slots=2, costs=lendable())
    _, built = run(
        Entries((entry(0, side=SHORT),)),
        slow,
        cash=200.0,
        costs=lendable(),
        limits=Limits(participation=0.05, good_for=2),
    )

    assert {(item.reason, item.buy) for item in cut} == {("cash for only 50% of it", False)}
    assert [(item.reason, item.buy) for item in built] == [
        ("only 50% of it within the limit on participation", False)
    ]


def test_a_short_without_cash_is_listed_as_a_sale():
    market = worlds.market({"AAA": worlds.bars([10] * 4), "BBB": worlds.bars([10] * 4)})
    plan = Entries((entry(0, "AAA"), entry(1, "BBB", side=SHORT)))

    _, unfilled = run(plan, market, costs=lendable())

    assert [(item.symbol, item.reason, item.buy) for item in unfilled] == [("BBB", "no cash", False)]


def test_a_book_that_lost_all_buys_nothing_and_says_so():
    market = worlds.market(
        {"AAA": worlds.bars([10, 10, 10]), "BBB": worlds.bars([1] * 6)},
        listed_to={"AAA": date(2024, 1, 5)},
        terminal={"AAA": 0.0},
    )

    fills, unfilled = run(Entries((entry(0, "AAA"), entry(3, "BBB"))), market)
    weighted, listed = run(weights(market, {0: [1.0, 0.0], 3: [0.0, 1.0]}), market)

    assert len(fills) == 2
    assert [(item.symbol, item.reason) for item in unfilled] == [("BBB", "no cash")]
    assert len(weighted) == 2
    assert listed == ()


def test_targets_that_are_replaced_say_whether_they_would_buy():
    halted = worlds.bars([10, 10, None, None, 10], open=[10, 10, None, None, 10])
    market = worlds.market({"AAA": halted, "BBB": worlds.bars([10] * 5)})

    _, unfilled = run(weights(market, {0: [0.5, 0.0], 1: [0.0, 0.5], 2: [0.2, 0.5]}), market)

    assert [(item.row, item.symbol, item.buy) for item in unfilled] == [(2, "AAA", False)]


def test_weights_without_cash_say_so():
    market = worlds.market({"AAA": worlds.bars([10, 10, 10]), "BBB": thin([10] * 3, 0)})

    fills, _ = run(weights(market, {0: [1.0, 0.0]}), market, limits=Limits(participation=0.05))
    both, listed = run(weights(market, {0: [0.5, 0.5]}), market, limits=Limits(participation=0.05))

    assert len(fills) == 1
    assert len(both) == 1
    assert [(item.symbol, item.reason) for item in listed] == [("BBB", "no open before the data end")]


def test_a_name_listed_in_another_currency_pays_for_changing_money():
    listings = [worlds.listing("AAA"), worlds.listing("LYC.AX", "XASX", currency="AUD")]
    days = pd.bdate_range("2024-01-01", periods=6).astype("datetime64[ns]")
    frames = {"AAA": worlds.bars([10] * 4), "LYC.AX": worlds.bars([10] * 4, calendar="XASX")}
    quotes = Quotes(frames, "real", {}, rates={"AUD": pd.DataFrame({"close": [1.0] * 6}, index=days)})
    request = Request(worlds.world_universe(listings), tuple(listings), None, None, currency="USD")
    market = _assemble(request, quotes, "test")

    fills, _ = run(
        Entries((entry(0, "AAA"), entry(0, "LYC.AX"))),
        market,
        slots=4,
        costs=Costs(fee_bps=5, slippage_bps=0, fx_bps=2),
    )

    assert {market.symbols[item.symbol]: item.fee for item in fills} == {
        "AAA": approx(0.0005),
        "LYC.AX": approx(0.0007),
    }


def test_every_fill_names_the_event_behind_it():
    market = worlds.market(
        {"AAA": worlds.bars([10, 10, 11]), "BBB": worlds.bars([10] * 5)},
        listed_to={"AAA": date(2024, 1, 5)},
    )

    fills, _ = run(Entries((entry(0, "AAA", "one"), entry(0, "BBB", "two", hold=2))), market, slots=2)

    assert sorted((item.symbol, item.reason, item.event) for item in fills) == [
        (0, "ceased", "one"),
        (0, "entry", "one"),
        (1, "entry", "two"),
        (1, "hold", "two"),
    ]


def test_a_second_first_stage_of_the_same_event_does_not_add():
    market = worlds.market({"AAA": worlds.bars([10] * 4)})

    fills, unfilled = run(Entries((entry(0, share=0.5), entry(1, share=0.5))), market)

    assert len(fills) == 1
    assert [item.reason for item in unfilled] == ["already held"]
