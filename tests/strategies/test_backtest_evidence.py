"""Evidence of a backtest: episodes of trades by hand, and what many tries leave."""

from __future__ import annotations

import json
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from pytest import approx

from screener.cli import main
from strategies.backtest_evidence import episode_returns_of, evidence_metrics
from strategies.date_test import date_test
from strategies.sharpe_statistics import deflated_sharpe, minimum_track_record, moments, probabilistic_sharpe

DAYS = pd.bdate_range("2020-01-01", periods=600)


def trade(event, entry, value, status="closed"):
    return {"event": event, "entry_session": DAYS[entry], "return": value, "status": status}


def table(*rows):
    return pd.DataFrame(rows, columns=["event", "entry_session", "return", "status"])


def equity(seed=0):
    net = 100 * np.cumprod(1 + np.random.default_rng(seed).normal(0.0005, 0.01, 600))
    return pd.DataFrame({"net": net}, index=DAYS)


def test_events_whose_entries_overlap_are_one_episode():
    trades = table(
        trade("one", 5, 0.02),
        trade("one", 9, 0.04),
        # Entered between the two entries of "one".
        trade("two", 7, 0.09),
        trade("three", 10, -0.01),
        trade("four", 30, 0.05),
        trade("four", 31, 0.50, status="open"),
    )

    # (2 + 4 + 9) / 3 = 5 %; -1 %; 5 % without the open position.
    assert episode_returns_of(trades).tolist() == approx([0.05, -0.01, 0.05])


def test_trades_without_an_event_belong_to_the_session_they_were_entered_on():
    trades = table(trade("", 5, 0.02), trade("", 5, 0.04), trade("", 6, 0.01))

    assert episode_returns_of(trades).tolist() == approx([0.03, 0.01])


def test_conventions_are_in_words_and_say_how_the_interval_was_drawn():
    trades = table(*(trade(f"e{at}", 20 * at, 0.01 * at) for at in range(5)))
    found = {name: metric.convention for name, metric in evidence_metrics(equity(), trades).items()}

    assert found["mean_episode_low"] == "95 % interval of the mean episode, t with K − 1 degrees of freedom"
    assert "of trades without an event, those entered on one session are one" in found["episodes"]
    for name in ("probabilistic_sharpe", "deflated_sharpe"):
        assert found[name].startswith("confidence (one minus the p value) that the true Sharpe ratio")
    assert found["sharpe_low"] == (
        "95 % interval of the Sharpe ratio: studentised bootstrap (Ledoit and Wolf), 1,000 draws of blocks as long as "
        "the cube root of the number of returns, × √252"
    )
    assert not [name for name, text in found.items() if "_" in text]


def test_the_numbers_are_those_of_the_statistics_over_episodes():
    values = [0.03, -0.01, 0.05, 0.02, -0.02, 0.08, 0.01]
    trades = table(*(trade(f"e{at}", 20 * at, value) for at, value in enumerate(values)))

    found = evidence_metrics(equity(), trades, trials=40)

    known, test = moments(values), date_test(values, 0, 0)
    assert found["episodes"].value == 7
    assert found["mean_episode"].value == approx(sum(values) / 7)
    assert (found["mean_episode_low"].value, found["mean_episode_high"].value) == (test.low, test.high)
    assert found["chance_alone"].value == test.p
    # Without 8, 5 and 3 %: (2 + 1 - 1 - 2) / 4.
    assert found["mean_without_best"].value == approx(0.0)
    assert found["probabilistic_sharpe"].value == probabilistic_sharpe(known)
    assert found["min_track_record"].value == np.ceil(minimum_track_record(known))
    assert found["deflated_sharpe"].value == deflated_sharpe(known, 40, 1 / sqrt(6))
    assert found["trials"].value == 40
    assert 0 < found["haircut"].value <= 1
    assert found["sharpe_low"].value < found["sharpe_high"].value


def test_unknown_trials_cannot_be_deflated():
    found = evidence_metrics(equity(), table(*(trade(f"e{at}", 20 * at, at / 100) for at in range(5))))

    assert str(found["deflated_sharpe"]).startswith(
        "n/a (not deflatable: the number of sets tried is unknown"
    )
    assert found["trials"].value is None
    assert found["haircut"].value is None
    assert found["probabilistic_sharpe"].value is not None


@pytest.mark.parametrize(
    "trades",
    [table(), table(trade("one", 5, 0.02)), table(*(trade(f"e{at}", 20 * at, 0.02) for at in range(4)))],
    ids=["none", "one", "equal"],
)
def test_little_or_nothing_has_reasons_and_no_nan(trades):
    for name, metric in evidence_metrics(equity(), trades, trials=3).items():
        assert metric.value is None or np.isfinite(metric.value), name
        assert metric.reason or metric.value is not None, name


def test_each_further_set_of_the_command_line_deflates_more(tmp_path, monkeypatch):
    monkeypatch.setenv("LODESTONE_DATA", str(tmp_path / "data"))
    found = []
    for number, depth in enumerate(("0.05", "0.10", "0.10", "0.15")):
        done = CliRunner().invoke(
            main,
            [
                *(
                    "backtest",
                    "pullback",
                    "-p",
                    f"depth={depth}",
                    "--from",
                    "2020-01-01",
                    "--to",
                    "2022-12-31",
                ),
                *("--out", str(tmp_path / f"run{number}"), "--format", "json"),
            ],
        )
        assert done.exit_code == 0, done.stderr
        found.append(json.loads((tmp_path / f"run{number}" / "metrics.json").read_text()))

    # The same set again is no new trial.
    assert [item["trials"]["value"] for item in found] == [1, 2, 2, 3]
    assert found[2]["deflated_sharpe"]["value"] == found[1]["deflated_sharpe"]["value"]
    assert found[1]["deflated_sharpe"]["value"] < found[1]["probabilistic_sharpe"]["value"]
