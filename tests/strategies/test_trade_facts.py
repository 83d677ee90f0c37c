"""What a run says of each trade beside its money, worked out by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import worlds
from pytest import approx

from strategies.costs import Costs
from strategies.engine import backtest
from strategies.library.chase import Chase
from strategies.result import TRADE_FACT_COLUMNS
from universes.facts import Asset

FREE = Costs(fee_bps=0, slippage_bps=0, borrow_bps=0, fx_bps=0)
# Reaction on the third session, bought at the open of the fourth, sold two sessions later at the open.
CLOSE = [10, 10, 12, 12, 11, 13, 9]
HIGH = [10, 10, 12, 15, 12, 40, 9]
LOW = [10, 10, 12, 9, 10, 1, 9]


def held(**changes):
    frame = worlds.bars(CLOSE, open=[10, 10, 12, 12, 12, 13, 9], high=HIGH, low=LOW)
    event = worlds.event("ban", "2024-01-03T22:00Z", ["AAA"])
    market = worlds.market({"AAA": frame, "BBB": worlds.bars([5.0] * 7)}, **changes)
    return backtest(Chase(hold=2), market, events=worlds.calendar(event), costs=FREE)


def test_one_row_a_trade_in_their_order():
    result = held()

    assert tuple(result.trade_facts.columns) == TRADE_FACT_COLUMNS
    assert len(result.trade_facts) == len(result.trades) == 1


def test_the_worst_and_best_are_of_the_sessions_held_and_the_exit_but_not_of_its_session():
    result = held()
    (fact,) = result.trade_facts.to_dict("records")
    (trade,) = result.trades.to_dict("records")

    # Bought at 12 on 5 January; low 9 and high 15 that day. The range of the session of the exit, 1 to 40, is not ours.
    assert (trade["entry_price"], trade["exit_price"]) == (12.0, 13.0)
    assert fact["worst"] == approx(9 / 12 - 1)
    assert fact["best"] == approx(15 / 12 - 1)


def test_adv_is_the_mean_money_traded_on_the_days_before_the_entry():
    (fact,) = held().trade_facts.to_dict("records")

    # A million shares at 10, 10 and 12.
    assert fact["adv"] == approx(1e6 * np.mean([10, 10, 12]))


def test_the_event_stands_with_the_trade():
    (fact,) = held().trade_facts.to_dict("records")

    assert (fact["kind"], fact["direction"], fact["role"]) == ("export-control", "tailwind", "miner")


def asset(known_from):
    return worlds.fact(
        Asset, asset="pit", company="aaa", name="Pit", jurisdiction="AU", weight=1.0, known_from=known_from
    )


def test_a_fact_of_the_day_of_the_entry_is_too_late():
    late = held(facts={"assets": (asset(date(2024, 1, 5)),)}).trade_facts
    early = held(facts={"assets": (asset(date(2024, 1, 4)),)}).trade_facts

    assert list(late["jurisdiction"]) == [""]
    assert list(early["jurisdiction"]) == ["AU"]


def test_a_book_without_trades_has_no_rows():
    market = worlds.market({"AAA": worlds.bars([10.0] * 7)})

    assert backtest(Chase(), market).trade_facts.empty
