"""What would have to be true for a result to be worth money."""

from __future__ import annotations

from dataclasses import replace

import handmade
import pytest

from reports.conditions import conditions
from strategies.result import Metric

SPACE = "\N{NARROW NO-BREAK SPACE}"


def run(returns, **metrics):
    """The hand-made run with these returns of its closed trades by event, and these metrics."""
    base = handmade.result()
    trades = base.trades.copy()
    trades["return"] = [returns[at % 10 % len(returns)] for at in range(len(trades))]
    changed = {name: Metric(value, "ratio", "", "none") for name, value in metrics.items()}
    return replace(base, trades=trades, metrics=dict(base.metrics) | changed)


def test_a_mean_that_cannot_be_told_from_zero_says_what_would_have_been_found():
    said = conditions(run([0.1, -0.1]))[0]

    # Ten events of two values: mean 0, so the interval holds zero.
    assert said.startswith(
        "the true mean of an episode is above zero; these 10 cannot tell it from zero (a true mean"
    )
    assert said.endswith("would be found in 80 of 100 samples of this size)")


def test_a_mean_above_zero_is_said_to_be_so():
    (said, *_) = conditions(run([0.10, 0.12]))

    # Mean 11 %, deviation 1.0541 % (n − 1) over √10 = 1/3 %; t of 9 degrees at 97.5 % is 2.262: low 10.2 %.
    assert said.endswith(
        f"as these 10 say (95{SPACE}% interval from +10.2{SPACE}%)".replace(f"95{SPACE}%", "95 %")
    )


def test_a_mean_below_zero_is_said_to_be_so():
    assert conditions(run([-0.10, -0.12]))[0].endswith("these 10 say it is below")


def test_costs_are_held_against_the_break_even():
    result = run([0.1, -0.1], break_even_cost=0.0123, costs_paid=6_000.0)

    # 30 orders of 100,000 each.
    assert result.orders["value"].sum() == pytest.approx(3_000_000)
    assert "a fill costs less than 123.0 bp (charged here: 20.0 bp)" in conditions(result)


def test_trades_that_lose_before_costs_have_to_stop_doing_so():
    result = run([0.1, -0.1], break_even_cost=None, total_return_gross=-0.05)

    assert f"the trades make money before costs; these made \N{MINUS SIGN}5.0{SPACE}%" in conditions(result)


def test_tries_count_and_an_unknown_number_is_said():
    known = conditions(run([0.1, -0.1], trials=12.0, deflated_sharpe=0.41))
    unknown = conditions(run([0.1, -0.1], trials=None))

    allowed = "that many allowed for, its Sharpe ratio is above luck with a confidence of 0.41"
    assert f"no more than 12 sets were tried ({allowed})" in known
    assert "no other sets were tried first; no ledger says how many were" in unknown


def test_without_a_trade_there_is_nothing_to_believe():
    assert conditions(handmade.idle()) == ()
