"""First screen: what was tested, whether it paid, on how much evidence, against what."""

from __future__ import annotations

from collections.abc import Iterator

from reports.blocks import Block, Card, Cards, Cell, Column, Grade, Points, Table, Text
from reports.conditions import conditions
from reports.contenders import Contender, contenders
from reports.conventions import counted, numeric
from reports.labels import currency, period
from reports.numbers import (
    NOTHING,
    basis_points,
    label,
    metric_cell,
    metric_value,
    number,
    percent,
    plural,
    typeset,
    value_of,
    words,
)
from reports.section import Results, Section
from strategies.result import Backtest, Metric

FIRST_SCREEN = ("mean_episode", "mean_without_best", "costs_paid", "deflated_sharpe")
NOT_TRADED = "Event study of events that the strategy did not trade: no evidence for it"
# Where a result has none of the numbers of the first screen.
AT_MOST = 4
# Bounds that are printed under a number.
BETWEEN = {
    "mean_episode": ("mean_episode_low", "mean_episode_high"),
    "sharpe": ("sharpe_low", "sharpe_high"),
}


def render(results: Results) -> Iterator[Block]:
    """The answer, the study's grade, the sample, rivals, key numbers, what would have to be true, all numbers."""
    (result,) = results
    yield Text(outcome(result), "lead")
    about = "Event study of the same events" if acted(result) else NOT_TRADED
    if result.study is not None:
        grade = str(result.study["grade"])
        yield Grade(grade[:1].upper() + grade[1:], typeset(str(result.study["verdict"])), about)
    else:
        yield Grade("Not made", "Nothing can be said of chance.", about)
    yield Text(f"{context(result)} {sample(result)}", "note")
    yield _against(contenders(result))
    yield Cards(tuple(_card(name, result) for name in _chosen(result)))
    found = conditions(result)
    if found:
        yield Points("To be worth money from here on, it would have to be true that", found)
    yield _all_numbers(result)


def acted(result: Backtest) -> bool:
    """Whether an event led to a trade; a result without trades has traded none, and is not about others."""
    return result.trades.empty or bool((result.trades["event"] != "").any())


def sample(result: Backtest) -> str:
    """On how much the numbers stand: trades, episodes, firm-events, days invested."""
    parts = [plural(len(result.trades), "trade")]
    episodes = value_of(result.metrics, "episodes")
    if episodes is not None:
        parts[0] += f" on {plural(int(episodes), 'episode')}"
    held = value_of(result.metrics, "time_in_market")
    if held is not None:
        parts.append(f"a position was held on {percent(held, 0)} of the sessions")
    if result.study is not None:
        count, dates = result.study["firm_events"], result.study["episodes"]
        parts.append(f"the study has {plural(count, 'firm-event')} on {plural(dates, 'independent date')}")
    return f"Sample: {'; '.join(parts)}."


def _against(rows: tuple[Contender, ...]) -> Table:
    hints = rows[0].hints
    columns = (
        Column("Against what"), numeric("CAGR, net", hints["cagr"]), numeric("Volatility", hints["volatility"]),
        numeric("Sharpe ratio", hints["sharpe"]), numeric("Deepest drawdown", hints["max_drawdown"]),
    )  # fmt: skip
    cells = tuple(
        (Cell(row.name), Cell(f"n/a: {row.reason}", span=4))
        if row.reason
        else (Cell(row.name), *(Cell(text, hint=row.hints[name]) for name, text in row.told.items()))
        for row in rows
    )
    return Table("The strategy and what it should be held against", columns, cells)


def outcome(result: Backtest) -> str:
    """Whether the strategy paid after costs against the benchmark, in one sentence."""
    net, rival = value_of(result.metrics, "total_return"), value_of(result.metrics, "benchmark_total_return")
    if net is None:
        return "Whether it paid cannot be said: the total return is undefined."
    if result.trades.empty:
        idle = "No trade was made, so there is nothing to judge"
        return (
            f"{idle}." if rival is None else f"{idle}; the benchmark returned {percent(rival, signed=True)}."
        )
    made = f"After costs it returned {percent(net, signed=True)}"
    if rival is None:
        return f"{made}; there is no benchmark return to hold it against."
    against = (
        f"{made}, the benchmark ({words(result.settings.get('benchmark'))}) {percent(rival, signed=True)}"
    )
    if net > rival:
        return (
            f"{against}: it paid." if net > 0 else f"{against}: it lost money, but less than the benchmark."
        )
    if net > 0:
        return f"{against}: it made money, but less than the benchmark: it did not pay."
    return f"{against}: it did not pay."


def context(result: Backtest) -> str:
    """What was tested, on what, and how many events it acted on."""
    said = {
        name: value for name, value in result.parameters.items() if value is not None and value is not False
    }
    given = words(said) or "no parameters"
    on = plural(len(result.events), "policy event")
    acted = value_of(result.metrics, "events_traded")
    if acted:
        on += f", {acted:.0f} of them traded"
    prices = "simulated prices" if result.data["kind"] == "simulated" else "historical prices"
    return f"The strategy {result.strategy} ({given}) on {prices}, {period(result)}, all in sample: {on}."


def _chosen(result: Backtest) -> list[str]:
    known = [name for name in FIRST_SCREEN if name in result.metrics]
    return (known or list(result.metrics))[:AT_MOST]


def _card(name: str, result: Backtest) -> Card:
    metric, unit = result.metrics[name], currency(result)
    told = counted(name, metric, result)
    if number(metric.value) is None:
        return Card(label(name), NOTHING, told, metric.reason)
    return Card(label(name), metric_value(name, metric), told, _note(name, metric, result, unit))


def _note(name: str, metric: Metric, result: Backtest, unit: str) -> str:
    bounds = [result.metrics.get(bound) for bound in BETWEEN.get(name, ())]
    if bounds and all(bound is not None and number(bound.value) is not None for bound in bounds):
        low, high = (metric_value(name, bound) for bound in bounds if bound is not None)
        return f"95 % interval {low} to {high}"
    rival = result.metrics.get(f"benchmark_{name}")
    if rival is not None and number(rival.value) is not None:
        return f"benchmark {metric_value(name, rival)}"
    trials = value_of(result.metrics, "trials")
    if name == "deflated_sharpe" and trials is not None:
        return f"after {plural(int(trials), 'set', 'sets')} tried"
    if name == "costs_paid":
        return _break_even(result, unit)
    return unit if metric.unit == "currency" else ""


def _break_even(result: Backtest, unit: str) -> str:
    most = value_of(result.metrics, "break_even_cost")
    return unit if most is None else f"{unit}; break-even at {basis_points(most)} a fill"


def _all_numbers(result: Backtest) -> Table:
    names = [
        name
        for name in result.metrics
        if name.removeprefix("benchmark_") not in result.metrics or name == name.removeprefix("benchmark_")
    ]
    rows = tuple(_both(name, result) for name in names)
    columns = (Column("Number"), Column("Strategy", numeric=True), Column("Benchmark", numeric=True))
    caption = "All numbers, strategy beside benchmark"
    return Table(caption, columns, rows, folded=f"All {len(rows)} numbers, strategy beside benchmark")


def _both(name: str, result: Backtest) -> tuple[Cell, ...]:
    metric, rival = result.metrics[name], result.metrics.get(f"benchmark_{name}")
    hint = counted(name, metric, result)
    return Cell(label(name), hint=hint), metric_cell(name, metric, hint), metric_cell(name, rival, hint)


SECTION = Section("Verdict", 10, render)
