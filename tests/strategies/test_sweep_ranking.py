"""Which sets are ranked, and what is said of the best: on measures in view."""

from __future__ import annotations

import math

import numpy as np
import pytest

from strategies.parameter_grid import Grid
from strategies.parameter_sweep import Sweep
from universes.errors import UnknownName


def handmade(measures, names=("closed", "sharpe", "mean_trade")):
    return Sweep(
        "pullback", Grid.of({"depth": range(len(measures))}), names, np.array(measures, dtype=float), {}, {},
        {"kind": "real"},
    )  # fmt: skip


MADE = [
    (30, 1.0, 0.01), (30, math.inf, 0.5), (29, 9.0, 0.5), (100, math.nan, 0.5), (31, 1.0, 0.02), (40, -2.0, 0.03),
    (30, -math.inf, 0.5), (math.nan, 5.0, 0.5),
]  # fmt: skip


def test_nothing_is_ranked_on_nan_infinity_or_too_few_trades():
    found = handmade(MADE)

    assert found.rankable("sharpe").tolist() == [True, False, False, False, True, True, False, False]
    # Best first; of equals the first.
    assert list(found.best("sharpe").index) == [0, 4, 5]
    assert list(found.best("sharpe", 29).index) == [2, 0, 4, 5]
    assert list(found.best("sharpe", top=1).index) == [0]
    assert list(found.best("sharpe", 1000).index) == []


def test_the_verdict_is_of_those_that_can_be_ranked():
    said = handmade(MADE).verdict("sharpe")

    assert (
        "The best Sharpe ratio of 3 sets is 1.00; half of them lie between -0.50 and 1.00, the middle at 1.00."
        in said
    )
    assert said.endswith("5 sets are not ranked: undefined, or fewer than 30 closed trades.")
    assert "None of 8 sets can be ranked by Sharpe ratio" in handmade(MADE).verdict("sharpe", 1000)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("sharpe", 0.0155, "The best Sharpe ratio of 2 sets is 0.02; half of them lie between 0.02 and 0.02"),
        ("mean_trade", 0.0157, "The best mean trade of 2 sets is 1.6 %;"),
        ("cagr", -0.0001, "The best CAGR of 2 sets is 0.0 %;"),
        ("closed", 1234.0, "The best number of closed trades of 2 sets is 1,234;"),
        ("costs_paid", 20_000.4, "The best costs paid of 2 sets is 20,000;"),
    ],
)
def test_the_verdict_says_a_measure_in_words_and_in_its_unit(name, value, said):
    names = ("closed",) if name == "closed" else ("closed", name)
    rows = [(value,)] * 2 if name == "closed" else [(30, value)] * 2

    assert handmade(rows, names).verdict(name).split("\n")[-1].startswith(said)


def test_sets_are_ranked_by_the_mean_trade_where_there_is_no_sharpe_ratio():
    found = handmade([(30, 0.01), (30, 0.02)], ("closed", "mean_trade"))

    assert list(found.best().index) == [1, 0]
    with pytest.raises(UnknownName, match="no measure named 'mean_trad'; did you mean 'mean_trade'"):
        found.best("mean_trad")
