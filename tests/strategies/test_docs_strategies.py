"""docs/strategies.md: its tables are the strategies' own, its example runs."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import worlds

from strategies.catalog import describe, make, names
from strategies.engine import backtest
from universes.errors import BadParameter

PAGE = (Path(__file__).parents[2] / "docs" / "strategies.md").read_text("utf-8")


def section(name):
    return PAGE.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def choices(kind):
    """A type as the page has it: alternatives without braces and quotes, `none` as it is typed."""
    return re.sub(r'[{}"]', "", kind).replace("None", "none")


def test_every_strategy_has_a_section():
    assert set(re.findall(r"^## ([a-z_]+)$", PAGE, flags=re.MULTILINE)) == set(names())


@pytest.mark.parametrize("name", names())
def test_the_parameters_types_and_defaults_are_those_of_the_code(name):
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|", section(name), flags=re.MULTILINE)

    assert rows == [(item.name, choices(item.kind), item.default) for item in describe(name)]


@pytest.mark.parametrize("parameters", re.findall(r"lodestone backtest (\w+ .*?) --out", PAGE))
def test_the_commands_of_the_page_name_what_is_there(parameters):
    name, *given = parameters.split(" -p ")

    assert make(name, dict(text.split("=") for text in given))


@pytest.fixture
def mine(tmp_path):
    (script,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    path = tmp_path / "mine.py"
    path.write_text(script, encoding="utf-8")
    return f"{path}:Dip"


def test_the_strategy_of_ones_own_buys_after_the_fall_where_the_score_is_high(mine):
    closes = {"AAA": [10, 10, 9, 9, 9, 9, 9, 9, 9, 9], "BBB": [10, 10, 9, 9, 9, 9, 9, 9, 9, 9]}
    market = worlds.market({symbol: worlds.bars(close) for symbol, close in closes.items()})
    scores = pd.DataFrame({"AAA": 70.0, "BBB": np.nan}, index=market.sessions)

    result = backtest(make(mine, {"depth": "0.08"}), market, scores=scores)

    # The fall is on row 2: bought at the open of row 3, sold at that of row 8.
    assert result.trades["symbol"].tolist() == ["AAA"]
    assert result.parameters == {"depth": 0.08, "least_score": 60.0, "hold": 5}
    sessions = [f"{stamp:%Y-%m-%d}" for stamp in result.orders["session"]]
    assert sessions == [f"{market.sessions[row]:%Y-%m-%d}" for row in (3, 8)]


def test_its_parameters_are_described_and_refused_like_those_of_the_library(mine):
    assert [item.doc for item in describe(mine)] == [
        "Fall in one session, as a fraction",
        "Alignment score that a name must have on the day",
        "Sessions held",
    ]
    with pytest.raises(BadParameter, match="depth is 2.0: it must be above 0 and below 1"):
        make(mine, {"depth": "2"})
