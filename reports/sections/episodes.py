"""What each episode earned, how far its trades went against it, and what is left without the best."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from reports import charts
from reports.blocks import Block, Cell, Chart, Column, Table, Text
from reports.conventions import numeric
from reports.episode_results import EpisodeResult, by_episode
from reports.numbers import NOTHING, day, percent, percent_cell, plain, plain_cell, plural
from reports.section import Results, Section

MOST_BARS = 30
BEST = 3
UNIT = (
    "Events whose trades begin in overlapping spans are one episode; of trades without an event, those that begin on "
    "one session."
)


def render(results: Results) -> Iterator[Block]:
    """Ranked episodes with what the mean is without the best of them."""
    (result,) = results
    found = by_episode(result)
    if not found:
        yield Text("No episode has a closed trade.")
        return
    yield Text(_told(found))
    yield from _overlap(found)
    yield _bars(found)


def _told(found: Sequence[EpisodeResult]) -> str:
    count, won = len(found), sum(item.mean > 0 for item in found)
    mean = sum(item.mean for item in found) / count
    said = (
        f"{UNIT} {won} of {plural(count, 'episode')} made "
        f"money; the mean is {percent(mean, 2, signed=True)} of the value entered, net of costs."
    )
    if count <= BEST:
        return said
    left = [item.mean for item in found[BEST:]]
    without = percent(sum(left) / len(left), 2, signed=True)
    means = [item.mean for item in found]
    each = [(sum(means) - one) / (count - 1) for one in means]
    low, high = (percent(value, 2, signed=True) for value in (min(each), max(each)))
    return (
        f"{said} Without the best {BEST} it is {without}; leaving out any single one, from {low} to {high}."
    )


def _overlap(found: Sequence[EpisodeResult]) -> Iterator[Block]:
    """A warning where episodes are held at the same time: what moves one moves the other."""
    by_time = sorted(found, key=lambda item: item.first)
    meet = sum(one.last >= other.first for one, other in pairwise(by_time))
    if meet:
        yield Text(
            f"{meet} of {plural(len(found), 'episode')} are still held when the next begins: they share days, so that "
            "the interval of the mean is narrower than it should be.",
            "note",
        )


def _bars(found: Sequence[EpisodeResult]) -> Chart:
    half = MOST_BARS // 2
    shown = found if len(found) <= MOST_BARS else (*found[:half], *found[-half:])
    said = [
        f"from {item.first}: {percent(item.mean, signed=True)} on {plural(item.trades, 'trade')}, {item.events}"
        for item in shown
    ]
    figure = charts.ranked_bars([item.first for item in shown], [item.mean for item in shown], said, ".0%")
    left_out = (
        f" The {len(found) - len(shown)} in the middle stand in the table only."
        if len(shown) < len(found)
        else ""
    )
    best, worst = found[0], found[-1]
    takeaway = (
        f"From {percent(best.mean, signed=True)} (entered from {best.first}) to "
        f"{percent(worst.mean, signed=True)} (from {worst.first}).{left_out}"
    )
    heading = "Mean net return of the trades of each episode, by the day of its first entry"
    return Chart("ranked", heading, figure, takeaway, _table(found))


def _table(found: Sequence[EpisodeResult]) -> Table:
    columns = (
        Column("First entry", whole=True), Column("Events"), numeric("Closed trades", "of the episode"),
        numeric("Mean return", "mean of net P&L over entry value of its closed trades"),
        numeric("Worst on the way", "mean over trades of the lowest return while held, before fees (MAE)"),
        numeric("Best on the way", "mean over trades of the highest return while held, before fees (MFE)"),
        numeric("Sessions held", "mean over trades"),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(day(item.first)),
            Cell(item.events or "none"),
            plain_cell(item.trades),
            percent_cell(item.mean, 2),
            _way(item.worst),
            _way(item.best),
            Cell(plain(item.held, 1), item.held),
        )
        for item in found
    )
    return Table("Episodes by mean return", columns, rows, sortable=True)


def _way(value: float | None) -> Cell:
    return Cell(f"{NOTHING}: the result does not say") if value is None else percent_cell(value)


SECTION = Section("What each episode earned", 38, render)
