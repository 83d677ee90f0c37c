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

    assert "The best sharpe of 3 sets is 1; half of them lie between -0.5 and 1, the middle at 1." in said
    assert said.endswith("5 sets are not ranked: undefined, or fewer than 30 closed trades.")
    assert "None of 8 sets can be ranked by sharpe" in handmade(MADE).verdict("sharpe", 1000)


def test_sets_are_ranked_by_the_mean_trade_where_there_is_no_sharpe_ratio():
    found = handmade([(30, 0.01), (30, 0.02)], ("closed", "mean_trade"))

    assert list(found.best().index) == [1, 0]
    with pytest.raises(UnknownName, match="no measure named 'mean_trad'; did you mean 'mean_trade'"):
        found.best("mean_trad")
