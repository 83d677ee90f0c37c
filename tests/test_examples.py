"""The examples that read price files run on a folder of them."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pandas as pd

from universes import load, market

EXAMPLE = Path(__file__).parents[1] / "examples" / "pullback_or_chase.py"


def write_prices(folder, symbols):
    """Daily bars of the simulated market as one file a symbol, in the columns of Yahoo's downloads."""
    simulated = market(load("critical-minerals"), start="2022-01-01", end="2024-12-31")
    for symbol in symbols:
        columns = {
            name.title(): simulated.bars[name][symbol] for name in ("open", "high", "low", "close", "volume")
        }
        frame = pd.DataFrame(columns).dropna().rename_axis("Date")
        frame.assign(**{"Adj Close": frame["Close"]}).to_csv(folder / f"{symbol}.csv")


def test_pullback_or_chase_runs_end_to_end_with_costs_capacity_and_what_was_not_filled(
    tmp_path, monkeypatch, capsys
):
    write_prices(tmp_path, ["MP", "ALB", "CCJ", "FCX", "SQM", "UUUU", "LYC.AX"])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [EXAMPLE.name, str(tmp_path)])

    runpy.run_path(str(EXAMPLE))

    told = capsys.readouterr().out
    for said in ("pullback(", "chase(", "costs paid", "break even cost", "capacity", "no prices"):
        assert said in told
    assert (tmp_path / "pullback_run" / "orders.csv").exists()
    assert len(EXAMPLE.read_text("utf-8").splitlines()) <= 20
