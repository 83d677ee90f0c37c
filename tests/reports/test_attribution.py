"""Who earned it, on trades whose sums are seen at once."""

from __future__ import annotations

import handmade
import pandas as pd
from pytest import approx

from reports.attribution import attribution
from reports.episode_results import by_episode


def trades():
    rows = [
        ("a", "2024-01-02", 10.0, 0.10, "closed"),
        ("a", "2024-01-02", 30.0, 0.30, "closed"),
        ("b", "2024-03-04", -20.0, -0.20, "closed"),
        ("b", "2024-03-05", 5.0, 0.05, "open"),
    ]
    table = pd.DataFrame(rows, columns=["event", "entry_session", "pnl", "return", "status"])
    return table.assign(entry_session=pd.to_datetime(table["entry_session"]))


def test_profit_counts_open_trades_and_the_mean_is_over_episodes_of_closed_ones():
    (part,) = attribution(trades(), pd.Series(["AU"] * 4))

    # Episode a: mean of 10 % and 30 %; episode b: -20 %. Their mean is 0.
    assert (part.trades, part.episodes, part.pnl) == (3, 2, 25.0)
    assert part.mean == approx(0.0)
    assert part.share == approx(1.0)
    assert part.few


def test_two_episodes_have_a_mean_and_no_interval_and_three_have_one():
    rows = [("a", "2024-01-02", 1.0, 0.1), ("b", "2024-03-04", 2.0, 0.2), ("c", "2024-06-03", 3.0, 0.3)]
    table = pd.DataFrame(rows, columns=["event", "entry_session", "pnl", "return"])
    table = table.assign(entry_session=pd.to_datetime(table["entry_session"]), status="closed")
    (three,) = attribution(table, pd.Series(["AU"] * 3))
    (two,) = attribution(table[:2], pd.Series(["AU"] * 2))

    # Mean 0.2, deviation 0.1 over √3; t of two degrees at 97.5 % is 4.3027: 0.2 ± 0.2484.
    assert (three.low, three.high) == (approx(-0.0484, abs=1e-4), approx(0.4484, abs=1e-4))
    assert (two.mean, two.low, two.high) == (approx(0.15), None, None)


def test_two_events_of_one_episode_of_the_book_are_one_episode_of_a_group_too():
    # a is entered on 2, b on 4 and a again on 5 January: their spans overlap, so the book has one episode.
    rows = [
        ("a", "2024-01-02", "AU"),
        ("b", "2024-01-04", "US"),
        ("a", "2024-01-05", "CA"),
        ("b", "2024-01-04", "AU"),
    ]
    table = pd.DataFrame(rows, columns=["event", "entry_session", "where"])
    table = table.assign(
        entry_session=pd.to_datetime(table["entry_session"]), status="closed", pnl=1.0, **{"return": 0.1}
    )
    found = {part.value: part for part in attribution(table, table["where"])}

    assert (found["AU"].trades, found["AU"].episodes) == (2, 1)


def test_groups_are_ranked_by_profit_and_an_empty_fact_is_unknown():
    found = attribution(trades(), pd.Series(["AU", "", "US", "US"]))

    assert [(part.value, part.pnl) for part in found] == [("unknown", 30.0), ("AU", 10.0), ("US", -15.0)]


def test_a_share_of_a_losing_book_keeps_the_sign_of_the_profit():
    # Losses of 20 and 5 less 10: the book lost 15.
    lost = trades().assign(pnl=[10.0, 0.0, -20.0, -5.0])
    found = {part.value: part.share for part in attribution(lost, pd.Series(["AU", "AU", "US", "US"]))}

    assert found == {"AU": approx(10 / 15), "US": approx(-25 / 15)}


def test_parts_sum_to_the_whole_for_every_fact():
    result = handmade.result()
    for name in ("jurisdiction", "stage", "kind"):
        parts = attribution(result.trades, result.trade_facts[name])

        assert sum(part.pnl for part in parts) == approx(result.trades["pnl"].sum())
        assert sum(part.trades for part in parts) == (result.trades["status"] == "closed").sum()


def test_episodes_of_a_result_have_the_mean_of_its_metric():
    result = handmade.result()
    found = by_episode(result)

    assert sum(item.mean for item in found) / len(found) == approx(result.metrics["mean_episode"].value)
    assert [item.mean for item in found] == sorted((item.mean for item in found), reverse=True)
    assert sum(item.trades for item in found) == 29
    assert all(item.worst is not None and item.worst < 0 < item.best for item in found)
