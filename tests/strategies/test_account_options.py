"""The options of every command that trades, from text to rules."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from strategies.account_options import Terms, account_options, read_parameters
from universes.errors import BadParameter


def read(*words):
    told = {}

    @click.command()
    @account_options
    def command(**options):
        told["terms"] = Terms.read(options)
        told["left"] = options

    done = CliRunner().invoke(command, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert told["left"] == {}
    return told["terms"]


def test_the_defaults_cost_something_and_limit_participation():
    terms = read()

    assert (terms.cash, terms.sizing.rule, terms.sizing.slots) == (1_000_000.0, "equal", 10)
    assert (terms.limits.participation, terms.limits.good_for) == (0.05, 10)
    assert (terms.costs.fee_bps, terms.costs.slippage_bps, terms.costs.impact) == (5.0, None, 1.0)


def test_every_option_arrives():
    terms = read(
        *[
            "--aum",
            "5e6",
            "--slots",
            "4",
            "--sizing",
            "risk",
            "--risk",
            "0.02",
            "--max-positions",
            "3",
            "--cap",
            "mineral=0.3",
            "--cap",
            "stage=0.5",
        ],
        *[
            "--participation",
            "none",
            "--good-for",
            "2",
            "--fee-bps",
            "1",
            "--slippage-bps",
            "7",
            "--impact",
            "0.5",
            "--borrow-bps",
            "900",
        ],
    )

    assert (terms.cash, terms.sizing.rule, terms.sizing.slots, terms.sizing.risk) == (5e6, "risk", 4, 0.02)
    assert (terms.limits.max_positions, terms.limits.mineral, terms.limits.stage) == (3, 0.3, 0.5)
    assert (terms.limits.participation, terms.limits.good_for) == (None, 2)
    assert (terms.costs.fee_bps, terms.costs.slippage_bps) == (1.0, 7.0)
    assert (terms.costs.impact, terms.costs.borrow_bps) == (0.5, 900.0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--cap minerals=0.3", "did you mean 'mineral'"),
        ("--cap mineral", "not GROUP=FRACTION"),
        ("--cap mineral=0.3 --cap mineral=0.4", "given twice"),
        ("--cap mineral=much", "must be a number"),
        ("--cap mineral=3", r"mineral is 3.0: it must be above 0 and at most 1 \(0.1 is 10 %\)"),
        ("--participation half", "'half': it must be a number or none"),
        ("--participation 0", "participation is 0.0"),
        ("--good-for 0", "good_for is 0: it must be a whole number from 1"),
        ("--max-positions 0", "max_positions is 0"),
        ("--slots 0", "slots is 0"),
        ("--risk 1", "risk is 1.0"),
        ("--target-volatility 0", "target_volatility is 0.0"),
        ("--impact -1", "impact is -1.0"),
        ("--borrow-bps -1", "borrow_bps is -1.0"),
        ("--slippage-bps 1000", "slippage_bps is 1000.0"),
        ("--fee-bps nan", "fee_bps is nan"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(words, said):
    with pytest.raises(BadParameter, match=said):
        read(*words.split())


def test_parameters_are_read_by_name():
    assert read_parameters(("depth=0.1", "hold=none")) == {"depth": "0.1", "hold": "none"}
    with pytest.raises(BadParameter, match="has no value: write -p depth=VALUE"):
        read_parameters(("depth",))
    with pytest.raises(BadParameter, match="given twice"):
        read_parameters(("depth=1", "depth=2"))
