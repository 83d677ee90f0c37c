"""Where a run stands among random dates."""

from __future__ import annotations

from dataclasses import replace

import handmade
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.random_draws import standing
from reports.sections import random_dates
from strategies.result import Metric


def among(value, draws, trades=()):
    base = handmade.result()
    metric = Metric(value, "fraction", "")
    found = {"reason": "", "draws": len(draws), "total_return": draws, "trades": trades}
    return replace(
        base, metrics=dict(base.metrics) | {"total_return": metric}, rivals={"random_dates": found}
    )


def test_the_chance_counts_draws_at_least_as_high_and_the_run_itself():
    found = standing(among(0.2, [0.1, 0.2, 0.3, -0.4, None]), "total_return")

    # 0.2 and 0.3 of four; with the run itself 3 of 5. The middle of −0.4, 0.1, 0.2, 0.3 is 0.15.
    assert (found.draws, found.as_good, found.p) == (4, 2, 3 / 5)
    assert found.middle == pytest.approx(0.15)


@settings(max_examples=50, deadline=None)
@given(st.floats(-1, 3), st.lists(st.floats(-1, 3), min_size=1, max_size=80))
def test_bins_hold_every_draw_and_the_run_lies_within_them(value, draws):
    found = standing(among(value, draws), "total_return")

    assert sum(found.counts) == len(draws)
    assert len(found.edges) == len(found.counts) + 1
    assert found.edges[0] <= value + 1e-9
    assert value <= found.edges[-1] + 1e-9
    assert 0 < found.p <= 1
    assert found.as_good == int((np.asarray(draws) >= value).sum())


def test_random_dates_that_were_not_run_say_how_to_run_them():
    (block,) = random_dates.render([replace(handmade.result(), rivals=None)])

    assert block.text.startswith(
        "The same rules on random dates: they were not run. Run the backtest with --placebo"
    )


def test_the_run_is_marked_among_the_draws():
    chart, told = random_dates.render([among(0.2, [0.1, 0.2, 0.3, -0.4], trades=[10.0, 20.0, 30.0, 30.0])])

    assert chart.figure["layout"]["shapes"][0]["x0"] == 0.2
    assert chart.takeaway.startswith("2 of 4 sets of random dates earned at least as much as this run, +20.0")
    assert sum(int(row[2].text) for row in chart.twin.rows) == 4
    # Half way between 20 and 30.
    assert told.text.startswith("The run made 30 trades, the middle set of random dates 25: ")


def test_a_strategy_that_does_not_look_at_dates_is_not_told_to_draw_them_again():
    base = handmade.result()
    none = {"reason": "its decisions do not depend on the dates of the events", "draws": 0}
    (block,) = random_dates.render([replace(base, rivals={"chase": {"reason": "x"}, "random_dates": none})])

    assert (
        block.text
        == "The same rules on random dates: its decisions do not depend on the dates of the events."
    )
