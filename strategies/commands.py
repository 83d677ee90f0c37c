"""The `backtest` command."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from strategies.account_options import Terms, account_options, read_parameters
from universes.commandline import emit, examples, output_options, source_options
from universes.errors import BadData, CannotWrite

if TYPE_CHECKING:
    import pandas as pd

    from strategies.evidence import Study
    from strategies.plan import Strategy
    from strategies.result import Backtest
    from universes.panel import Market
    from universes.policy import Events

COLUMNS = ("metric", "value", "unit", "convention", "reason")


@click.command(
    epilog=examples(
        'lodestone backtest pullback --events "kind == \'export-control\'" --where "score >= 60" --out run',
        "lodestone backtest momentum -p lookback=126 -p top=5 --out run",
    )
)
@click.argument("strategy")
@click.argument("universe", default="critical-minerals")
@click.option("--events", "events_where", metavar="EXPR", help="Only events that this filter holds for.")
@click.option(
    "--where", multiple=True, metavar="EXPR", help="Buy only names that this filter holds for on the day."
)
@click.option(
    "-p",
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the strategy.",
)
@click.option(
    "--benchmark",
    default="equal-weight",
    show_default=True,
    metavar="SYMBOL|equal-weight",
    help="What to compare with.",
)
@account_options
@click.option(
    "--placebo",
    "draws",
    type=int,
    metavar="N",
    help="Also hold it against a chase of the same events, N sets of random dates, and random calendars: some seconds.",
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="RUN", help="Folder to write the run to."
)
@source_options
@output_options
@click.pass_context
def backtest(
    context: click.Context,
    /,
    strategy: str,
    universe: str,
    events_where: str | None,
    where: tuple[str, ...],
    parameters: tuple[str, ...],
    benchmark: str,
    draws: int | None,
    out: Path,
    source: str,
    start: str | None,
    end: str | None,
    seed: int,
    accept: tuple[str, ...],
    currency: str,
    **options: Any,
) -> None:
    """Run STRATEGY on UNIVERSE and write a run folder.

    The folder holds manifest.json, metrics.json, orders.csv, unfilled.csv, trades.csv, trade_facts.csv, equity.csv,
    events.csv, study.json and rivals.json. Orders fill at the next open that exists; every order without a fill is in
    unfilled.csv.
    """
    from strategies.backtest_evidence import with_trials
    from strategies.catalog import make
    from strategies.engine import backtest as run
    from strategies.ranges import whole
    from strategies.rivals import MOST_DRAWS
    from strategies.run_folder import save_run
    from universes.atomic import check_folder
    from universes.catalog import events, load
    from universes.progress import progress

    chosen, terms = make(strategy, read_parameters(parameters)), Terms.read(options)
    context.obj["check_where"](where)
    whole("--placebo", draws, most=MOST_DRAWS, optional=True)
    calendar = events(events_where, start=start, end=end)
    check_folder(out)
    with progress(3 if draws is None else 4) as step:
        step("prices")
        market = open_market(load(universe), source, start, end, seed, benchmark, accept, currency)
        step("eligibility")
        eligible = eligibility_of(context, market, where)
        scores = scores_of(context, market, chosen, terms)
        known = {"events": calendar, "eligible": eligible, "scores": scores, **terms.as_arguments()}
        step("backtest")
        result = run(
            chosen,
            market,
            benchmark=benchmark,
            study=_study(market, calendar) if draws else None,
            settings={
                "where": list(where),
                "events_where": events_where or "",
                "seed": seed,
                "accept": list(accept),
            },
            **known,
        )
        if draws:
            step("random dates")
            result = _with_rivals(result, strategy, market, draws, known)
    result = with_trials(result, _count(result))
    save_run(result, out, command=command_line(context))
    click.echo(f"Run written to {out}", err=True)
    emit_result(result, options)


def _study(market: Market, events: Events) -> Study | None:
    """A study with random calendars, where there are events."""
    if not len(events):
        return None
    from strategies.event_study import study

    return study(market, events)


def _with_rivals(
    result: Backtest, strategy: str, market: Market, draws: int, known: Mapping[str, Any]
) -> Backtest:
    from strategies.rivals import rivals

    found = rivals(strategy, market, draws=draws, parameters=result.parameters, **known)
    return replace(result, rivals=found)


def _count(result: Backtest) -> int | None:
    """Sets tried so far, this one counted; None where the ledger cannot be kept, which is said and stops nothing."""
    from strategies.trial_log import count_of, record_trials

    told = {
        "strategy": result.strategy,
        "parameters": dict(result.parameters),
        "data_hash": result.data["hash"],
    }
    settings = {**result.settings, **told}
    try:
        record_trials("backtest", settings, 1)
        return count_of(settings)
    except (CannotWrite, BadData) as error:
        click.echo(f"This trial was not counted: {' '.join(str(error).split())}", err=True)
        return None


def open_market(
    universe: Any,
    source: str,
    start: str | None,
    end: str | None,
    seed: int,
    also: str | Sequence[str] = "",
    accept: Sequence[str] = (),
    currency: str = "",
) -> Market:
    """A market for a command; who has no prices is said on stderr, and what was refused."""
    from universes.assemble import market, summarise_missing

    named = [also] if isinstance(also, str) else list(also)
    more = [name for name in named if name not in ("", "equal-weight")]
    opened = market(
        universe, source, start=start, end=end, seed=seed, also=more, accept=accept, currency=currency
    )
    missing = summarise_missing(opened.missing)
    if missing:
        click.echo(missing, err=True)
    refused = [item for item in opened.findings if item.severity == "refused"]
    for item in refused:
        click.echo(str(item), err=True)
    flagged = len(opened.findings) - len(refused)
    if flagged:
        click.echo(
            f"{flagged} findings in the prices are flagged; the run's manifest.json lists them", err=True
        )
    return opened


def emit_result(result: Backtest, output: dict[str, Any]) -> None:
    """Print a result: its numbers as rows."""
    rows = [
        {
            "metric": name,
            "value": metric.value,
            "unit": metric.unit,
            "convention": metric.convention,
            "reason": metric.reason,
        }
        for name, metric in result.metrics.items()
    ]
    settings = {"strategy": result.strategy, "parameters": dict(result.parameters)} | dict(result.settings)
    data = {name: result.data[name] for name in ("source", "kind", "hash", "survivorship")}
    emit(rows, COLUMNS, settings=settings, data=data, table=lambda: as_text(result), **output)


def as_text(result: Backtest) -> str:
    """Metrics as printed, each with how it is counted, or the reason why there is none."""
    from universes.rendering import as_table

    rows = [
        (name.replace("_", " "), "n/a", metric.reason)
        if metric.value is None
        else (name.replace("_", " "), str(metric), metric.convention)
        for name, metric in result.metrics.items()
    ]
    table = as_table(("metric", "value", "convention, or why there is none"), rows)
    return f"{table}\n\n{result.data['survivorship']['statement']}"


def command_line(context: click.Context) -> str:
    """The command as one would type it, from what was parsed; defaults are left out."""
    words = ["lodestone", context.command.name or ""]
    for parameter in context.command.params:
        value = context.params.get(parameter.name or "")
        if (
            value is None
            or value == ()
            or (isinstance(parameter, click.Option) and value == parameter.default)
        ):
            continue
        values = value if isinstance(value, tuple) else (value,)
        for item in values:
            words += [str(item)] if isinstance(parameter, click.Argument) else [parameter.opts[-1], str(item)]
    return " ".join(map(quoted, words))


def quoted(word: str) -> str:
    """A word as a shell reads it back: in double quotes where it holds single ones and nothing a shell expands."""
    import shlex

    return f'"{word}"' if "'" in word and not set(word) & set('"$`\\!\n') else shlex.quote(word)


def eligibility_of(context: click.Context, market: Market, where: Sequence[str]) -> pd.DataFrame | None:
    """What may be traded under these filters, shape (T, N); None where there are none."""
    # The root hands the screener down: this package must not import it.
    if not where:
        return None
    decide: Callable[[Market, Sequence[str]], pd.DataFrame] = context.obj["eligibility"]
    return decide(market, where)


def scores_of(
    context: click.Context, market: Market, strategy: Strategy, terms: Terms
) -> pd.DataFrame | None:
    """Alignment scores as known on each day, where the strategy or the sizing asks for them."""
    from strategies.catalog import wants_scores

    if terms.sizing.rule != "score" and not wants_scores(strategy):
        return None
    score: Callable[[Market], pd.DataFrame] = context.obj["scores"]
    return score(market)
