"""The page on sweeps names every measure and its unit, and what it writes of axes and options holds."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from strategies import metrics
from strategies.kernel import MEASURES
from strategies.own_capital import OWN_MEASURES
from strategies.parameter_grid import axis
from strategies.parameter_sweep_command import sweep

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "sweep.md").read_text("utf-8")


def table(heading):
    """Cells of the first table under a heading, without its head."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in row] for row in rows[2:]]


def test_the_page_has_every_measure_in_order_each_with_a_definition():
    rows = table("Measures")

    assert tuple(row[0] for row in rows) == MEASURES
    assert tuple(row[0] for row in rows if row[3] == "yes") == OWN_MEASURES
    assert {row[3] for row in rows} == {"yes", "no"}
    assert all(len(row[1]) > 10 for row in rows)


def test_units_are_those_of_the_numbers_of_a_backtest():
    equity = pd.DataFrame(
        1.0, index=pd.bdate_range("2024-01-01", periods=5), columns=["net", "gross", "benchmark"]
    )
    equity["invested"] = 0.0
    trades = pd.DataFrame({"status": ["closed"], "pnl": [1.0], "return": [0.1], "event": ["e"]})
    orders = pd.DataFrame({name: np.zeros(1) for name in ("value", "fee", "slippage", "borrow")})
    units = {name: metric.unit for name, metric in metrics.summarise(equity, trades, orders).items()}

    written = {row[0]: row[2] for row in table("Measures")}

    assert {name: written[name] for name in MEASURES if name in units} == {
        name: units[name] for name in MEASURES if name in units
    }
    assert set(written.values()) == {"count", "fraction", "ratio", "currency"}


def test_the_axes_of_the_page_have_as_many_values_as_it_says():
    rows = table("Values")

    assert len(rows) == 5
    assert [len(axis(row[0].partition("=")[2])) for row in rows] == [int(row[2]) for row in rows]


def test_every_option_and_page_that_it_names_is_there():
    known = {option for parameter in sweep.params for option in parameter.opts}

    assert set(re.findall(r"--[a-z][a-z-]+", PAGE)) <= known
    assert all((ROOT / "docs" / name).exists() for name in re.findall(r"\]\(([a-z-]+\.md)\)", PAGE))
