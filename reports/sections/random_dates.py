"""The same rules, costs and companies on dates drawn at random: what luck of the dates alone earns."""

from __future__ import annotations

from collections.abc import Iterator

from reports.blocks import Block, Chart, Table, Text
from reports.conventions import numeric
from reports.distribution_charts import histogram
from reports.numbers import bin_rows, percent, plain, plural, probability
from reports.random_draws import Standing, standing
from reports.section import Results, Section
from strategies.result import Backtest


def render(results: Results) -> Iterator[Block]:
    """Total return of every draw as a histogram with the run marked."""
    (result,) = results
    found = standing(result, "total_return")
    if isinstance(found, str):
        more = "" if result.rivals else " Run the backtest with --placebo 200 to hold it against them."
        yield Text(f"The same rules on random dates: {found}.{more}", "note")
        return
    yield _chart(found)
    yield Text(_traded(result))


def _chart(found: Standing) -> Chart:
    drawn = plural(found.draws, "set")
    takeaway = (
        f"{found.as_good:,} of {drawn} of random dates earned at least as much as this run, "
        f"{percent(found.value, signed=True)} (one-sided p = {probability(found.p)}, the run itself counted); "
        f"the middle one {percent(found.middle, signed=True)}. Each keeps the rules, costs and companies and moves "
        "every event to a random date."
    )
    return Chart(
        "draws",
        "Total return, net, of the same rules on random dates",
        histogram(found.edges, found.counts, found.value, "this run"),
        takeaway,
        _bins(found),
    )


def _traded(result: Backtest) -> str:
    """How often the draws traded: one that trades less also pays and loses less."""
    made = standing(result, "trades")
    if isinstance(made, str):
        return "How often the random dates traded is not known."
    return (
        f"The run made {plural(len(result.trades), 'trade')}, the middle set of random dates {plain(made.middle)}: "
        "dates are drawn over the whole period, and one that trades less also pays and risks less."
    )


def _bins(found: Standing) -> Table:
    bound = "total return, net of costs"
    columns = (
        numeric("From", bound),
        numeric("To", bound),
        numeric("Sets of dates", "with a return in between"),
    )
    return Table(
        "Sets of random dates by their return", columns, bin_rows(found.edges, found.counts, digits=1)
    )


SECTION = Section("The same rules on random dates", 53, render)
