"""Every number says what it means, on hover and in the glossary."""

from __future__ import annotations

import html
import re

import handmade
import pytest
from page_blocks import blocks_of, tables_of, unexplained

from reports.blocks import Card, Cards, Cell, Column, Table
from reports.conventions import counted, terms
from reports.page import page
from reports.section import sections
from reports.subjects import StudyRecord


def study_record():
    study = handmade.study()
    return StudyRecord(study, study["settings"] | {"warnings": ()}, study["data"])


@pytest.mark.parametrize(
    "results",
    [
        (handmade.result(),),
        (handmade.idle(),),
        (handmade.result(), handmade.result(hold=60)),
        (study_record(),),
    ],
    ids=["run", "idle", "compared", "study"],
)
def test_every_number_of_every_section_says_what_it_means(results):
    assert unexplained(blocks_of(*results)) == []


def test_a_number_without_a_convention_is_noticed():
    bare = Table("bare", (Column("What"), Column("Value", numeric=True)), ((Cell("a"), Cell("1")),))

    assert unexplained([bare, Cards((Card("b", "2", ""),))]) == [("bare", "Value"), ("key numbers", "b")]


def test_the_glossary_holds_what_every_heading_says():
    result = handmade.result()
    text = html.unescape(page([result]).partition('id="glossary"')[2])

    for table in tables_of(blocks_of(result)):
        for column in table.columns:
            assert re.split("; [nK] = ", column.hint)[0] in text


def test_headings_of_one_meaning_stand_together_and_counts_are_left_out():
    table = Table(
        "t",
        (Column("Net", hint="after costs; n = 12 returns"), Column("Left", hint="after costs")),
        ((Cell("CAGR", hint="yearly growth"), Cell("1 %")),),
    )

    assert terms([table, Cards((Card("DSR", "0.3", "a chance; K = 7 episodes"),))]) == (
        ("Net · Left", "after costs"),
        ("CAGR", "yearly growth"),
        ("DSR", "a chance"),
    )


def test_a_metric_says_on_how_many_observations_it_rests():
    result = handmade.result()
    metrics = result.metrics

    # The hand-made run has 1,565 sessions, 30 trades of which one is open, on eleven episodes or so.
    assert counted("sharpe", metrics["sharpe"], result).endswith("; n = 1,564 session returns")
    assert len(result.equity) == 1565
    assert counted("win_rate", metrics["win_rate"], result).endswith("; n = 29 closed trades")
    assert counted("mean_episode", metrics["mean_episode"], result).endswith(
        f"; K = {metrics['episodes'].value:.0f} episodes"
    )
    assert counted("turnover", metrics["turnover"], result).endswith("; n = 30 fills")
    assert counted("cagr", metrics["cagr"], result).endswith("; n = 1,565 sessions")
    assert counted("capacity", metrics["sharpe"], result) == metrics["sharpe"].convention
    assert counted("sharpe", metrics["sharpe"], None) == metrics["sharpe"].convention


def test_a_glossary_asked_for_alone_has_its_words():
    text = page([handmade.result()], sections=["glossary"])

    assert "Reaction session, day 0" in text
    assert dict(sections())["glossary"].from_page is not None
