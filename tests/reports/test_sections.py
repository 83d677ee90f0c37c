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
from reports.sections import event_path, events, provenance, trades, unfilled
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
