"""What the first screen holds a strategy against."""

from __future__ import annotations

from dataclasses import replace

import handmade

from reports.contenders import NOT_RUN, contenders


def test_every_rival_that_was_run_has_its_numbers():
    strategy, benchmark, chase, middle, spread = contenders(handmade.result())

    assert strategy.name == "pullback, after costs"
    assert benchmark.name == "equal-weight, no costs"
    assert chase.told["cagr"] == "+3.1\N{NARROW NO-BREAK SPACE}%"
    # Draws are 1/3 to 5/3 of the chase: their middle is the chase.
    assert middle.told["cagr"] == chase.told["cagr"]
    assert middle.name == "random dates, middle of 5 draws"
    # A twentieth of the way from 1/3 to 5/3 of -30 % is 0.4 of it, the other end 1.6.
    minus, space = "\N{MINUS SIGN}", "\N{NARROW NO-BREAK SPACE}"
    assert spread.told["max_drawdown"] == f"{minus}48.0{space}% to {minus}12.0{space}%"


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
