"""First screen of an event study: the grade, the sentence, the sample, the key numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports.blocks import Block, Card, Cards, Grade, Text
from reports.numbers import NOTHING, number, percent, plural, typeset, words
from reports.section import Results, Section
from reports.subjects import StudyRecord

FOUND = "true mean found in 80 of 100 such studies"
MEAN = "mean over episodes of the mean abnormal return of their companies in the primary window, with the event's sign"


def render(results: Results) -> Iterator[Block]:
    """What the study can say, in its own words, and its size."""
    (result,) = results
    study = result.study
    grade = str(study["grade"])
    yield Grade(grade[:1].upper() + grade[1:], typeset(str(study["verdict"])))
    sample = (
        f"{plural(study['firm_events'], 'firm-event')} on {plural(study['episodes'], 'independent date')}"
    )
    yield Text(
        f"Sample: {sample}; {plural(len(study['dropped']), 'firm-event')} not used, each with its reason below."
    )
    if study["windows"]:
        yield Cards(_cards(study["windows"][0], study["fragility"]))
    warnings = study["settings"].get("warnings") or ()
    for warning in warnings:
        yield Text(str(warning), "note")


def _cards(window: Mapping[str, Any], fragility: Mapping[str, Any]) -> tuple[Card, ...]:
    left = fragility["leave_one_out"]
    span = f"days {words(window['first'])} to {words(window['last'])}"
    return (
        _card("Mean, primary window", window["mean"], MEAN, span, window["reason"]),
        _card("95 % low", window["low"], "t with K − 1 degrees of freedom", "", window["reason"]),
        _card("95 % high", window["high"], "t with K − 1 degrees of freedom", "", window["reason"]),
        _card("Could detect", window["detectable"], FOUND, "", window["reason"], signed=False),
        _card("Without its best date", left["low"], "lowest mean when any one date is left out", "", left["reason"]),
        _share("Left to trade", fragility["tradable"], "from the first open on, over the whole move"),
        Card("Episodes above zero", percent(window["positive"], 0), "share of episodes with a positive mean"),
        Card("Episodes, K", words(window["episodes"]), "dates whose windows do not overlap"),
    )  # fmt: skip


def _share(label: str, found: Mapping[str, Any], convention: str) -> Card:
    known = number(found["value"]) is not None
    return Card(label, percent(found["value"], 0), convention, "" if known else str(found["reason"]))


def _card(label: str, value: Any, convention: str, note: str, reason: str, *, signed: bool = True) -> Card:
    if number(value) is None:
        return Card(label, NOTHING, convention, reason)
    return Card(label, percent(value, 2, signed=signed), convention, note)


SECTION = Section("Verdict", 11, render, subjects=(StudyRecord,))
