"""What each section says, worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import handmade
import pandas as pd
import pytest
from pytest import approx

from reports.event_results import by_event
from reports.labels import labels
from reports.section import Section, sections
from reports.sections import (
    attribution,
    chance,
    comparison,
    drawdown,
    episodes,
    event_path,
    events,
    provenance,
    trades,
    unfilled,
    verdict,
)
from reports.sections.verdict import context, outcome
from strategies.result import Metric


def tables(blocks):
    return [block for block in blocks if block.kind == "table"]


def returned(net, benchmark):
    base = handmade.result()
    changed = {
        "total_return": Metric(net, "fraction", ""),
        "benchmark_total_return": Metric(benchmark, "fraction", "", "no price"),
    }
    return replace(base, metrics=dict(base.metrics) | changed)


@pytest.mark.parametrize("name", [name for name, _ in sections()])
def test_every_section_has_a_title_an_order_and_a_docstring(name):
    section = dict(sections())[name]

    assert isinstance(section, Section)
    assert section.title
    assert section.order > 0
    assert section.render.__doc__


@pytest.mark.parametrize(
    ("net", "benchmark", "ends"),
    [
        (0.2, 0.1, "it paid."),
        (0.1, 0.2, "it made money, but less than the benchmark: it did not pay."),
        (-0.1, -0.2, "it lost money, but less than the benchmark."),
        (-0.2, 0.1, "it did not pay."),
        (0.2, None, "there is no benchmark return to hold it against."),
        (None, 0.1, "the total return is undefined."),
    ],
)
def test_the_verdict_holds_net_return_against_the_benchmark(net, benchmark, ends):
    assert outcome(returned(net, benchmark)).endswith(ends)


def test_the_verdict_says_how_many_of_the_events_were_traded():
    base = handmade.result()

    def acting_on(count):
        changed = {"events_traded": Metric(count, "count", "")}
        return context(replace(base, metrics=dict(base.metrics) | changed))

    given = f"{len(base.events)} policy events"
    assert f"{given}, 2 of them traded." in acting_on(2.0)
    # A strategy that does not look at events has traded none, which says nothing about it.
    assert f"{given}." in acting_on(0.0)


def test_profit_is_summed_by_event_and_open_positions_count():
    rows = [("a", 10.0, 10.0, 5.0), ("b", 2.0, 50.0, -20.0), ("a", 10.0, 10.0, 15.0)]
    table = pd.DataFrame(rows, columns=["event", "entry_price", "shares", "pnl"])

    best, worst = by_event(table)

    # a: 5 + 15 on 100 + 100 entered; b: −20 on 100.
    assert (best.event, best.trades, best.pnl, best.share) == ("a", 2, 20.0, approx(0.1))
    assert (worst.event, worst.trades, worst.pnl, worst.share) == ("b", 1, -20.0, approx(-0.2))


def test_every_event_is_listed_also_one_that_led_to_no_trade():
    result = handmade.result()
    (table,) = tables(events.render([result]))

    assert [row[0].text for row in table.rows] == list(result.events["event"])
    assert [row[5].text for row in table.rows[10:]] == ["no trade", "no trade"]
    assert all(row[3].address.startswith("https://example.org/notice/") for row in table.rows)


def test_a_trade_of_an_event_that_is_not_in_the_table_is_shown_all_the_same():
    base = handmade.result()
    (table,) = tables(events.render([replace(base, events=base.events.iloc[1:])]))

    assert "cn-2019-control-01" in [row[0].text for row in table.rows]
    assert len(table.rows) == len(table.anchors) == 12


def test_each_trade_leads_to_its_event():
    result = handmade.result()
    (table,) = tables(trades.render([result]))

    assert len(table.rows) == 30
    assert table.sortable
    assert table.rows[0][1].link == "event-1"
    assert table.rows[-1][4].text == "open"


def test_unfilled_orders_are_counted_by_the_words_before_the_colon():
    counted, listed = tables(unfilled.render([handmade.result()]))

    assert [(row[0].text, row[1].text) for row in counted.rows] == [
        ("no pop above 5.0%", "3"),
        ("not eligible", "1"),
    ]
    assert len(listed.rows) == 4


def test_how_large_a_part_was_filled_is_no_reason_of_its_own():
    assert unfilled.kind("only 27% of it within the limit on participation") == (
        "only a part of it within the limit on participation"
    )
    assert unfilled.kind("no fall of 10.0% within 20 sessions") == "no fall of 10.0% within 20 sessions"


def test_a_drawdown_counts_the_events_announced_within_it():
    base = handmade.result()
    # From the peak on 2020-01-01 under water to the end: events of 2019-03-11 and every 173 days after it.
    net = base.equity["net"].where(base.equity.index == base.equity.index[0], 1e6)
    net = net.where(base.equity.index <= "2020-01-01", 9e5)
    table = tables(drawdown.render([replace(base, equity=base.equity.assign(net=net))]))[-1]
    after = sum(text[:10] > "2020-01-01" for text in base.events["announced"])

    assert [row[-1].text for row in table.rows] == [str(after)]
    assert after == 10


def test_a_move_before_the_news_is_said():
    base = handmade.result()

    def before(mean, p):
        early = handmade.window(-10, -2, mean=mean) | {"p": p}
        told = dict(base.study or {}) | {"windows": [handmade.window(0, 1), early]}
        texts = [b.text for b in event_path.render([replace(base, study=told)]) if b.kind == "text"]
        (said,) = [text for text in texts if text.startswith("Before the news")]
        return said

    assert "days \N{MINUS SIGN}10 to \N{MINUS SIGN}2" in before(0.02, 0.02)
    assert "they had moved already (a leak" in before(0.02, 0.02)
    assert "they had moved against the direction of the news" in before(-0.02, 0.02)
    assert "no move that stands out" in before(0.02, 0.2)
    still = [b.text for b in event_path.render([base]) if b.kind == "text"]

    assert not any("Before the news" in text for text in still)


def test_windows_and_groups_are_shown_with_what_allows_for_all_of_them():
    base = handmade.result()
    study = dict(base.study or {})
    group = {
        "group": "<25%",
        "both": 7,
        "mean": -0.01,
        "low": -0.07,
        "high": 0.05,
        "p": 0.79,
        "adjusted": 1.0,
    }
    none = {"group": "rest", "both": 1, "mean": None, "low": None, "reason": "one date"}
    chance_ = dict(study["chance"]) | {"adjusted": [{"first": 0, "last": 1, "p": 0.0003}]}
    blocks = list(
        chance.render([replace(base, study=study | {"chance": chance_, "differences": [group, none]})])
    )
    by_caption = {table.caption: table for table in tables(blocks)}

    assert (
        by_caption["Looking at several windows, each by the episodes of the primary one"].rows[0][1].text
        == "< 0.001"
    )
    groups = by_caption["Groups against all other companies"].rows
    assert [cell.text for cell in groups[0]][-2:] == ["0.790", "1.000"]
    assert groups[1][-1].text == "n/a: one date"


def test_the_settings_have_a_hash_that_any_change_changes():
    base = handmade.result()
    other = replace(base, parameters=dict(base.parameters) | {"hold": 21})
    later = replace(base, settings=dict(base.settings) | {"command": "another", "versions": {}})

    assert provenance.settings_hash(base) == provenance.settings_hash(later)
    assert provenance.settings_hash(base) != provenance.settings_hash(other)
    assert provenance.record(base)["rows"] == {
        "sessions": 1565, "events": 12, "orders": 30, "trades": 30, "unfilled": 4
    }  # fmt: skip


def test_strategies_are_told_apart_by_colour_and_dashes_up_to_fifteen():
    runs = [handmade.result(hold=days) for days in range(5, 20)]
    (chart,) = [block for block in comparison.render(runs) if block.kind == "chart"]
    lines = [(trace["line"]["color"], trace["line"]["dash"]) for trace in chart.figure["data"][:15]]

    assert len(set(lines)) == 15


def test_episodes_held_at_the_same_time_are_warned_of():
    base = handmade.result()
    # Held for 20 sessions, a new event every 173 days: none meets the next until they are held for a year.
    long = base.trades.assign(exit_session=base.trades["exit_session"] + pd.Timedelta(days=365))

    assert not any("share days" in block.text for block in episodes.render([base]) if block.kind == "text")
    told = [block.text for block in episodes.render([replace(base, trades=long)]) if block.kind == "text"]
    assert any(text.startswith("9 of 10 episodes are still held when the next begins") for text in told)


def test_a_study_of_events_that_were_not_traded_is_no_evidence_for_the_strategy():
    base = handmade.result()
    other = replace(base, trades=base.trades.assign(event=""))

    def about(result):
        (grade,) = [block for block in verdict.render([result]) if block.kind == "grade"]
        return grade.about

    assert about(base) == "Event study of the same events"
    assert about(other).endswith("did not trade: no evidence for it")


def test_a_comparison_gives_no_grade_for_events_that_were_not_traded():
    base = handmade.result()
    other = replace(base, strategy="momentum", trades=base.trades.assign(event=""))
    table = tables(comparison.render([base, other]))[1]
    (grades,) = [row for row in table.rows if row[0].text == "Event study"]

    assert [cell.text for cell in grades[1:]] == [base.study["grade"], "of events it did not trade"]


def test_trades_without_an_event_have_no_kind_of_event():
    base = handmade.result()
    found = tables(attribution.render([replace(base, trades=base.trades.assign(event=""))]))
    kinds = [table for table in found if table.caption.startswith("Kind of event")]

    assert [row[0].text for row in kinds[0].rows] == ["no event"]


def test_an_undefined_window_says_why():
    windows = tables(event_path.render([handmade.result()]))[0]

    assert windows.rows[2][2].text == "n/a: 2 episodes; a test needs 3"
    assert sum(cell.span for cell in windows.rows[2]) == len(windows.columns)


def test_groups_may_be_pairs_or_records():
    base = handmade.result()
    assert base.study is not None
    pairs = {name: (item["firm_events"], item["window"]) for name, item in base.study["groups"].items()}
    as_pairs = replace(base, study=dict(base.study) | {"groups": pairs})

    assert list(event_path.render([base])) == list(event_path.render([as_pairs]))


def test_a_study_without_a_path_says_so():
    base = handmade.result()
    empty = replace(base, study=dict(base.study or {}) | {"path": []})
    said = [block.text for block in event_path.render([empty]) if block.kind == "text"]

    assert "There is no path to draw: no episode has abnormal returns." in said


def test_provenance_begins_with_the_survivorship_statement_and_lists_who_has_no_prices():
    base = handmade.result()
    blocks = list(provenance.render([base]))

    assert blocks[0].text == base.data["survivorship"]["statement"]
    assert blocks[0].text.startswith(
        "Survivorship: 88 of 91 members have prices; of the 9 that trade no more, 6"
    )
    (listed,) = [table for table in tables(blocks) if table.caption == "Symbols without prices"]
    assert [row[0].text for row in listed.rows] == ["GONE"] * 3


def test_a_result_without_the_statement_says_that_it_has_none():
    base = handmade.result()
    older = replace(base, data={name: base.data[name] for name in base.data if name != "survivorship"})

    assert next(iter(provenance.render([older]))).text.endswith("does not say who has prices.")


def test_results_of_one_name_are_told_apart():
    base, other = handmade.result(), handmade.result(hold=60)

    assert labels([base, handmade.result("momentum")]) == ("pullback", "momentum")
    assert labels([base, other]) == ("pullback hold=20", "pullback hold=60")
    assert labels([base, base]) == ("pullback (no. 1)", "pullback (no. 2)")
