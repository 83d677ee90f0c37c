"""The event study: average path around the event, windows, groups, what was dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reports import charts
from reports.blocks import Block, Cell, Chart, Column, Table, Text
from reports.conventions import DATES, FIRM_EVENTS, INTERVAL, P_VALUE, numeric
from reports.numbers import (
    NOTHING,
    days,
    number,
    percent,
    percent_cell,
    plain,
    plain_cell,
    plural,
    probability,
    words,
)
from reports.section import Results, Section
from reports.subjects import StudyRecord
from strategies.result import Backtest

LEVEL = 0.05
BEFORE = {
    1: "they had moved already (a leak, a trend, or dates that were chosen for it)",
    0: "no move that stands out",
    -1: "they had moved against the direction of the news, so that the reaction may be a return from it",
}
KNOWN = {
    "episode": ("Episode", "numbered in order of time"),
    "first_session": ("First session", "reaction session of its first event"),
    "events": ("Events", "whose windows overlap"),
    "firm_events": ("n", FIRM_EVENTS),
    "event": ("Event", ""),
    "symbol": ("Symbol", ""),
    "reason": ("Reason", ""),
}
HEADING = "Mean cumulative abnormal return, by session from the reaction session (day 0)"
TESTS = (
    numeric("K", DATES),
    numeric("Mean", "mean over episodes of the mean cumulative abnormal return of their companies"),
    numeric("95 % interval", INTERVAL), numeric("Median", "of the K episodes"),
    numeric("t", "mean over its standard error, K − 1 degrees of freedom"), numeric("p", P_VALUE),
    numeric("Above zero", "share of the K episodes"),
    numeric("Could detect", "smallest true mean that 80 of 100 such studies find (two-sided, 5 %)"),
)  # fmt: skip


def render(results: Results) -> Iterator[Block]:
    """Size of the evidence, path, tests; everything that was left out, with its reason."""
    (result,) = results
    study = result.study
    if study is None:
        yield Text("No event study was made of these events.")
        return
    yield Text(_evidence(study))
    path = [
        {name: number(row.get(name)) for name in ("day", "cumulative", "low", "high")}
        for row in study["path"]
    ]
    if any(row["cumulative"] is not None for row in path):
        yield Chart("path", HEADING, charts.average_path(path), _takeaway(path), _twin(study["path"]))
    else:
        yield Text("There is no path to draw: no episode has abnormal returns.")
    yield from _before(study["windows"])
    yield _windows(study["windows"])
    if study["groups"]:
        yield _groups(study["groups"])
    yield from _details(study)


def _evidence(study: Mapping[str, Any]) -> str:
    return (
        f"Firm-events n = {plain(study['firm_events'])} on K = {plain(study['episodes'])} "
        "independent dates (episodes). Companies that move on the same day are one observation, not many: the tests by "
        "window count episodes. Every return is multiplied by the sign of its event: above zero is as the event's "
        "direction says."
    )


def _takeaway(path: Sequence[Mapping[str, float | None]]) -> str:
    told = [row for row in path if row["cumulative"] is not None]
    last = told[-1]
    end = f"{percent(last['cumulative'], 2, signed=True)} from day {plain(told[0]['day'])} to day {plain(last['day'])}"
    if last["low"] is None or last["high"] is None:
        return f"The mean over episodes is {end}; there are too few for a band."
    inside = "holds zero" if last["low"] <= 0 <= last["high"] else "leaves out zero"
    zero = "Day 0 is the first session that could react."
    return f"The mean over episodes is {end}; its 95 % band there {inside}. {zero}"


def _twin(path: Sequence[Mapping[str, Any]]) -> Table:
    columns = (
        numeric("Day", "sessions from the reaction session"),
        numeric("Abnormal", "mean over episodes of the abnormal return of that day"),
        numeric("Cumulative", "mean over episodes of the sum since the first day shown"),
        numeric("95 % low", INTERVAL), numeric("95 % high", INTERVAL), numeric("K", DATES),
    )  # fmt: skip
    rows = tuple(
        (
            plain_cell(row["day"]),
            *(percent_cell(row[name], 2) for name in ("abnormal", "cumulative", "low", "high")),
            plain_cell(row["episodes"]),
        )
        for row in path
    )
    return Table("Average path by day from the reaction session", columns, rows)


def _before(windows: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    """What the companies did before the news: a move there is a leak, a trend, or a choice of dates."""
    early = [window for window in windows if window["last"] < 0 and number(window["p"]) is not None]
    for window in early:
        said = BEFORE[(window["p"] < LEVEL) * (1 if window["mean"] > 0 else -1)]
        yield Text(
            f"Before the news, days {days(window)}: {percent(window['mean'], 2, signed=True)} (K = "
            f"{window['episodes']}, p {_equal(probability(window['p']))}): {said}."
        )


def _equal(p: str) -> str:
    return p if p.startswith("<") else f"= {p}"


def _windows(windows: Sequence[Mapping[str, Any]]) -> Table:
    rows = tuple((Cell(days(window)), *_tests(window)) for window in windows)
    return Table("Tests by window, the primary window first", (Column("Days", whole=True), *TESTS), rows)


def _groups(groups: Mapping[str, Any]) -> Table:
    rows = []
    for name, group in groups.items():
        firm_events, window = _parts(group)
        rows.append((Cell(str(name)), plain_cell(firm_events), *_tests(window)))
    columns = (Column("Group"), numeric("n", FIRM_EVENTS), *TESTS)
    return Table("Primary window by group", columns, tuple(rows))


def _parts(group: Any) -> tuple[Any, Mapping[str, Any]]:
    """Count of firm-events and test of a group, which plain data holds as a pair or as one record."""
    if isinstance(group, Mapping):
        return group.get("firm_events"), group.get("window", group)
    firm_events, window = group
    return firm_events, window


def _tests(window: Mapping[str, Any]) -> tuple[Cell, ...]:
    if number(window["mean"]) is None:
        why = f"{NOTHING}: {window['reason']}" if window["reason"] else NOTHING
        return (plain_cell(window["episodes"]), Cell(why, span=len(TESTS) - 1))
    low, high = (percent(window[name], 2, signed=True) for name in ("low", "high"))
    between = NOTHING if number(window["low"]) is None else f"{low} to {high}"
    return (
        plain_cell(window["episodes"]),
        percent_cell(window["mean"], 2),
        Cell(between),
        percent_cell(window["median"], 2),
        plain_cell(window["t"], 2),
        Cell(probability(window["p"]), number(window["p"])),
        percent_cell(window["positive"], 0, signed=False),
        percent_cell(window["detectable"], 2, signed=False),
    )


def _details(study: Mapping[str, Any]) -> Iterator[Block]:
    if study.get("rows"):
        yield _records(
            "Episodes of the primary window; a longer one joins more of them",
            study["rows"],
            f"{plural(len(study['rows']), 'episode')} of the primary window, one by one",
        )
    if study["dropped"]:
        count = Counter(str(row["reason"]).partition(":")[0] for row in study["dropped"])
        most = "; ".join(
            f"{reason} ({number})"
            for reason, number in sorted(count.items(), key=lambda item: (-item[1], item[0]))
        )
        folded = f"{plural(len(study['dropped']), 'firm-event')} not used: {most}"
        yield _records("Firm-events not used, with the reason", study["dropped"], folded)
    if study.get("settings"):
        rows = tuple((Cell(str(name)), Cell(words(value))) for name, value in study["settings"].items())
        yield Table(
            "How the study was made",
            (Column("Setting"), Column("Value")),
            rows,
            folded="How the study was made",
        )


def _records(caption: str, records: Sequence[Mapping[str, Any]], folded: str) -> Table:
    names = list(dict.fromkeys(name for record in records for name in record))
    columns = tuple(_heading(name, [record.get(name) for record in records]) for name in names)
    rows = tuple(tuple(_value(name, record.get(name)) for name in names) for record in records)
    return Table(caption, columns, rows, sortable=True, folded=folded)


def _heading(name: str, values: Sequence[Any]) -> Column:
    """Heading of a field of the study's records: ``car_m1_1`` is days −1 to 1."""
    title, hint = KNOWN.get(name, (name.replace("_", " ").capitalize(), "as the study gives it"))
    if name.startswith("car_"):
        first, last = (part.replace("m", "\N{MINUS SIGN}") for part in name.split("_")[1:])
        title, hint = f"Days {first} to {last}", "mean cumulative abnormal return of the episode's companies"
    flush = any(isinstance(value, int | float) for value in values)
    return numeric(title, hint) if flush else Column(title, hint=hint)


def _value(name: str, value: Any) -> Cell:
    if name.startswith("car"):
        return percent_cell(value, 2)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return plain_cell(value, 0 if isinstance(value, int) else 4)
    return Cell("" if value is None else words(value))


SECTION = Section("Event study", 50, render, subjects=(Backtest, StudyRecord))
