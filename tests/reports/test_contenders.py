"""What the first screen holds a strategy against."""

from __future__ import annotations

from dataclasses import replace

import handmade
import pytest

from reports.contenders import NAMES, NOT_RUN, contenders
from strategies.result import Metric


def test_every_rival_that_was_run_has_its_numbers():
    base = handmade.result()
    drawn = dict(base.rivals["random_dates"])
    # The five draws four times over: twenty are enough for a range.
    many = drawn | {name: drawn[name] * 4 for name in NAMES} | {"draws": 20}
    run = replace(base, rivals=base.rivals | {"random_dates": many})
    strategy, benchmark, chase, middle, spread = contenders(run)

    assert strategy.name == "pullback, after costs"
    assert benchmark.name == "equal-weight, no costs"
    assert chase.told["cagr"] == "+3.1\N{NARROW NO-BREAK SPACE}%"
    # Draws are 1/3 to 5/3 of the chase: their middle is the chase.
    assert middle.told["cagr"] == chase.told["cagr"]
    assert middle.name == "random dates, middle of 20 draws"
    # Of twenty, four each of 1/3 to 5/3 of -30 %: the twentieths lie within the outer four.
    minus, space = "\N{MINUS SIGN}", "\N{NARROW NO-BREAK SPACE}"
    assert spread.told["max_drawdown"] == f"{minus}50.0{space}% to {minus}10.0{space}%"


def test_the_sharpe_ratio_of_the_strategy_stands_with_its_interval():
    result = handmade.result()
    low, high = (result.metrics[name].value for name in ("sharpe_low", "sharpe_high"))

    assert (
        contenders(result)[0]
        .told["sharpe"]
        .endswith(f"({low:.2f} to {high:.2f})".replace("-", "\N{MINUS SIGN}"))
    )


def test_a_rival_that_was_not_run_says_how_to_run_it():
    *_, chase, random = contenders(replace(handmade.result(), rivals=None))

    assert (chase.reason, random.reason) == (NOT_RUN, NOT_RUN)


def test_a_benchmark_with_holes_has_no_numbers():
    base = handmade.result()
    holed = base.equity.assign(benchmark=base.equity["benchmark"].where(base.equity["benchmark"] > 1e6))

    assert contenders(replace(base, equity=holed))[1].reason == "it has no value on some sessions"


def test_a_few_draws_have_a_middle_and_no_range():
    names = [row.name for row in contenders(handmade.result())]

    assert names[-1] == "random dates, middle of 5 draws"


@pytest.mark.parametrize(
    ("found", "name"),
    [
        ({"same_exits": True, "parameters": {"hold": 20}}, "chase, same exits"),
        ({"same_exits": False, "parameters": {"hold": 20}}, "chase, held 20 sessions"),
        ({"same_exits": False, "parameters": {"hold": None, "stop": 0.1}}, "chase, exits of its own"),
    ],
)
def test_a_chase_is_named_by_how_it_is_left(found, name):
    base = handmade.result()
    chase = dict(base.rivals["chase"]) | found

    assert contenders(replace(base, rivals=base.rivals | {"chase": chase}))[2].name == name


def test_a_number_that_is_undefined_says_why():
    base = handmade.result()
    short = Metric(None, "fraction", "growth", "200 days; a yearly rate needs 365")
    strategy = contenders(replace(base, metrics=dict(base.metrics) | {"cagr": short}))[0]

    assert strategy.told["cagr"] == "n/a: 200 days; a yearly rate needs 365"
