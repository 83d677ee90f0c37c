"""What chance alone does: random calendars, flipped signs, the usual tests, and how fragile the mean is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reports.blocks import Block, Cell, Chart, Column, Table, Text
from reports.conventions import DATES, FIRM_EVENTS, INTERVAL, P_VALUE, numeric
from reports.distribution_charts import histogram
from reports.numbers import (
    NOTHING,
    bin_rows,
    days,
    number,
    percent,
    percent_cell,
    plain,
    plain_cell,
    plural,
    probability,
    typeset,
    words,
)
from reports.section import Results, Section
from reports.subjects import StudyRecord
from strategies.result import Backtest

FRAGILE = (
    ("top_date", "Of all moves the mean's way, the part of one date", "largest over their sum, by episodes"),
    (
        "top_firm",
        "Of all moves the mean's way, the part of one company",
        "largest over their sum, by companies",
    ),
    (
        "tradable",
        "Share of the move that was left after the first open",
        "move from the first open on over the whole",
    ),
    ("run_up", "Move before the event, as a share of it and the reaction", "run-up / (run-up + reaction)"),
)


def render(results: Results) -> Iterator[Block]:
    """The two headline tests, the histogram of random calendars, tests of others, fragility."""
    (result,) = results
    study = result.study
    if study is None or "chance" not in study:
        yield Text("No event study was made of these events: nothing can be said of chance.")
        return
    chance = study["chance"]
    yield _headline(chance)
    yield from _placebo(chance["placebo"], study["windows"][0])
    yield from _windows(chance.get("adjusted") or ())
    yield _comparison(chance["comparison"])
    yield from _differences(study.get("differences") or ())
    # An episode is told by its number; a reader wants its day.
    dates = {str(row["episode"]): str(row["first_session"]) for row in study["rows"]}
    yield _fragility(study["fragility"], dates)
    yield from _volume(study.get("volume") or {})
    yield from _confounds(study.get("confounds") or {})


def _headline(chance: Mapping[str, Any]) -> Table:
    flips, alike = chance["sign_flip"], chance["placebo_same_volatility"]
    how = "every flip of signs" if flips["exact"] else f"{plain(flips['flips'])} random flips of signs"
    rows = (
        _answer(f"Signs of the dates flipped: {how}", flips, flips["episodes"]),
        _answer("Random calendars of the same shape", chance["placebo"], chance["placebo"]["episodes"]),
        _answer("Random calendars on days of the same volatility", alike, alike["episodes"]),
    )
    columns = (Column("What is done"), numeric("K", DATES), numeric("As far from zero", P_VALUE))
    return Table("How often chance alone gives a mean as far from zero", columns, rows)


def _answer(name: str, found: Mapping[str, Any], episodes: Any) -> tuple[Cell, ...]:
    if found["p"] is None:
        return Cell(name), Cell(f"{NOTHING}: {found['reason']}", span=2)
    return Cell(name), plain_cell(episodes), Cell(_often(found["p"]), found["p"])


def _often(p: float) -> str:
    """A frequency in words: 0.03 is ``3 in 100``."""
    if p < 0.001:
        return "fewer than 1 in 1,000"
    return f"{p * 100:.0f} in 100" if p >= 0.095 else f"{p * 1000:.0f} in 1,000"


def _placebo(found: Mapping[str, Any], window: Mapping[str, Any]) -> Iterator[Block]:
    if found["p"] is None or not found["counts"]:
        yield Text(
            f"No histogram of random calendars: {found['reason']}. A study draws them, and so does a backtest with "
            "--placebo 200.",
            "note",
        )
        return
    figure = histogram(found["edges"], found["counts"], found["mean"], "these events")
    drawn = plural(found["draws"], "random calendar")
    takeaway = (
        f"{found['as_far']:,} of {drawn} gave a mean as far from zero as these events, "
        f"{percent(window['mean'], 2, signed=True)}. Each moves every event to an ordinary day of the same companies."
    )
    heading = "Mean abnormal return of random calendars, primary window"
    yield Chart("placebo", heading, figure, takeaway, _bins(found))


def _bins(found: Mapping[str, Any]) -> Table:
    columns = (
        numeric("From", "mean abnormal return"), numeric("To", "mean abnormal return"),
        numeric("Calendars", "random calendars with a mean in between"),
    )  # fmt: skip
    return Table(
        "Random calendars by their mean", columns, bin_rows(found["edges"], found["counts"], digits=2)
    )


def _windows(adjusted: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    """Each window's p allowing for all that were looked at."""
    if not adjusted:
        return
    columns = (
        Column("Window"),
        numeric("p, all windows allowed for", "Romano and Wolf, signs of whole episodes flipped: over all windows"),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(f"Days {days(item)}"),
            Cell(probability(item["p"]), item["p"]),
        )
        for item in adjusted
    )
    yield Table("Looking at several windows, each by the episodes of the primary one", columns, rows)


def _differences(found: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    """Groups of companies against all others."""
    if not found:
        return
    columns = (
        Column("Group"), numeric("K, both", "dates with companies of the group and others"),
        numeric("Less the others", "mean over dates of the group's mean less that of the others"),
        numeric("95 % interval", INTERVAL), numeric("p", P_VALUE), numeric("p, all groups", "Holm's correction"),
    )  # fmt: skip
    yield Table("Groups against all other companies", columns, tuple(map(_difference, found)))


def _difference(item: Mapping[str, Any]) -> tuple[Cell, ...]:
    head = Cell(words(item["group"])), plain_cell(item["both"])
    if number(item["mean"]) is None or number(item["low"]) is None:
        return *head, Cell(f"{NOTHING}: {item['reason'] or 'undefined'}", span=4)
    low, high = (percent(item[name], 2, signed=True) for name in ("low", "high"))
    return (
        *head,
        percent_cell(item["mean"], 2),
        Cell(f"{low} to {high}", item["low"]),
        Cell(probability(item["p"]), item["p"]),
        Cell(probability(item["adjusted"]), item["adjusted"]),
    )


def _comparison(tests: list[Mapping[str, Any]]) -> Table:
    rows = tuple(_test(item) for item in tests)
    columns = (
        Column("Test of the primary window"), numeric("n", FIRM_EVENTS), numeric("K", DATES),
        numeric("Statistic", "of the test, as its paper defines it: docs/event-tests.md"), numeric("p", P_VALUE),
        Column("Allows for shared dates"),
    )  # fmt: skip
    caption = (
        "Tests that papers report; those set back reject a true null too often when companies share dates"
    )
    return Table(caption, columns, rows)


def _test(item: Mapping[str, Any]) -> tuple[Cell, ...]:
    faint = not item["allows_for_shared_dates"]
    name = Cell(str(item["name"]), faint=faint, hint=str(item["caution"]))
    counts = tuple(Cell(plain(item[key]), item[key], faint=faint) for key in ("firm_events", "episodes"))
    allows = Cell("no" if faint else "yes", faint=faint)
    if item["p"] is None:
        return name, *counts, Cell(f"{NOTHING}: {item['reason']}", span=2, faint=faint), allows
    numbers = (
        Cell(plain(item["statistic"], 2), item["statistic"], faint=faint),
        Cell(probability(item["p"]), item["p"], faint=faint),
    )
    return name, *counts, *numbers, allows


def _fragility(found: Mapping[str, Any], dates: Mapping[str, str]) -> Table:
    left = found["leave_one_out"]
    span = f"{percent(left['low'], 2, signed=True)} to {percent(left['high'], 2, signed=True)}"
    rows = [_pair("Mean when any one date is left out", left["low"], span, left["reason"])]
    for name, said, hint in FRAGILE:
        item = found[name]
        who = f" ({dates.get(str(item['of']), item['of'])})" if item["of"] else ""
        rows.append(_pair(said, item["value"], f"{percent(item['value'], 0)}{who}", item["reason"], hint))
    worn = found["winsorised"]
    rows.append(_pair("Mean with the outer tenths drawn in", worn, percent(worn, 2, signed=True), ""))
    rows += [
        _pair(
            f"Mean by the model: {name}",
            window["mean"],
            percent(window["mean"], 2, signed=True),
            window["reason"],
        )
        for name, window in found["models"].items()
    ]
    return Table("How much the mean hangs on single dates, companies and the model", PAIR, tuple(rows))


PAIR = (Column("What"), Column("Value", numeric=True))
OVER_EPISODES = "mean abnormal return over episodes in the primary window"


def _pair(name: str, value: Any, text: str, reason: str, hint: str = OVER_EPISODES) -> tuple[Cell, ...]:
    told = text if number(value) is not None else f"{NOTHING}: {typeset(reason or 'undefined')}"
    return Cell(name, hint=hint), Cell(told)


def _volume(volume: Mapping[str, Any]) -> Iterator[Block]:
    if not volume:
        return
    named = {"reaction": "reaction sessions", "before": "sessions before"}
    rows = tuple(
        (
            Cell(f"Days {days(item)}, {named.get(name, name)}"),
            plain_cell(item["episodes"]),
            Cell(f"{plain(item['times'], 2)} ×" if number(item["times"]) is not None else NOTHING),
            Cell(probability(item["p"]) if item["p"] is not None else f"{NOTHING}: {item['reason']}"),
        )
        for name, item in volume.items()
    )
    columns = (
        Column("Traded value"), numeric("K", DATES),
        numeric("Times the usual", "money traded over that of the company's ordinary sessions, mean over episodes"),
        numeric("p", P_VALUE),
    )  # fmt: skip
    yield Table("Was more traded than usual, and before the news", columns, rows)


def _confounds(found: Mapping[str, Any]) -> Iterator[Block]:
    if not found:
        return
    without = found["without"]
    mean = percent(without["mean"], 2, signed=True)
    flagged = plural(found["firm_events"], "firm-event")
    unchecked = "; ".join(str(item) for item in found["not_checked"])
    yield Text(
        f"{flagged} may have had another cause by rules fixed beforehand; without them the mean is {mean} "
        f"(K = {words(without['episodes'])}). Not checked, as no table says when they were known: {unchecked}."
    )


SECTION = Section("What chance alone does", 52, render, subjects=(Backtest, StudyRecord))
