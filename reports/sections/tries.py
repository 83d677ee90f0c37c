"""What is left of the result after so many tries."""

from __future__ import annotations

from collections.abc import Iterator

from reports.blocks import Block, Cell, Column, Table, Text
from reports.conventions import counted
from reports.numbers import label, metric_cell, number, plural
from reports.section import Results, Section

NAMES = (
    "trials", "episodes", "mean_episode", "mean_episode_low", "mean_episode_high", "chance_alone",
    "probabilistic_sharpe",
    "deflated_sharpe", "haircut", "min_track_record", "sharpe", "sharpe_low", "sharpe_high", "sharpe_lo",
)  # fmt: skip


def render(results: Results) -> Iterator[Block]:
    """How many sets were tried, and the numbers that allow for it."""
    (result,) = results
    known = [name for name in NAMES if name in result.metrics]
    trials = result.metrics.get("trials")
    if trials is None or number(trials.value) is None:
        yield Text("Not deflatable: nobody knows how many sets were tried before this one was shown.")
    else:
        count = plural(int(trials.value or 0), "set", "sets")
        yield Text(
            f"When the run was made, the ledger held {count} tried on the same data, events and period. The best of "
            "many sets looks good without any skill: the deflated ratio below allows for them. Later tries, and those "
            "outside Lodestone, are not in it."
        )
    rows = tuple(
        (
            Cell(label(name)),
            metric_cell(name, result.metrics[name]),
            Cell(counted(name, result.metrics[name], result)),
        )
        for name in known
    )
    columns = (Column("Number"), Column("Value", numeric=True), Column("How it is counted"))
    yield Table("Evidence of the trades, one number an episode", columns, rows)
    yield Text(
        "Whether choosing among a grid of sets was worth anything (probability of overfitting, PBO; superior ability) "
        "is answered by lodestone sweep --walk-forward; its folder can be reported beside this run.",
        "note",
    )


SECTION = Section("After how many tries", 54, render)
