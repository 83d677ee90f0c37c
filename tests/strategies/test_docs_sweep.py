"""The page on sweeps names every measure, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from strategies.kernel import MEASURES
from strategies.own_capital import OWN_MEASURES

PAGE = (Path(__file__).parents[2] / "docs" / "sweep.md").read_text("utf-8")


def test_the_page_has_every_measure_in_order():
    table = PAGE.partition("## Measures")[2].partition("`--capital own`")[0]
    named = [
        name
        for row in re.findall(r"^\| (`.*?) \|", table, flags=re.MULTILINE)
        for name in re.findall("`(.*?)`", row)
    ]

    assert tuple(named) == MEASURES
    assert tuple(named[:8]) == OWN_MEASURES
