"""The `sweep` and `trials` commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from strategies.account_options import Terms, account_options, read_parameters
from strategies.commands import eligibility_of, open_market, scores_of
from strategies.measure_text import measure_text
from universes.commandline import emit, examples, output_options, source_options
from universes.errors import BadData, BadParameter, CannotWrite, UnknownName

if TYPE_CHECKING:
    from strategies.parameter_sweep import Sweep

STOPPED = 130
TRIAL_COLUMNS = ("strategy", "data_hash", "events_hash", "first", "last", "runs", "sets")


@click.command(
    epilog=examples(
        "lodestone sweep pullback -p depth=0.05:0.25:0.01 -p wait=5,10,20 -p hold=5,10,20 --workers 4 --out sweep",
        "lodestone sweep pullback -p depth=0.05:0.25:0.05 -p stop=none,0.1 --walk-forward train=12,test=4,embargo=5",
        "lodestone sweep momentum -p lookback=63,126,252 -p top=5,10 --sort total_return",
    )
)
@click.argument("strategy")
@click.argument("universe", default="critical-minerals")
@click.option(
    "-p",
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUES",
    help="Values of a parameter: FIRST:LAST:STEP, or A,B,C, or one.",
)
@click.option("--events", "events_where", metavar="EXPR", help="Only events that this filter holds for.")
@click.option(
    "--where", multiple=True, metavar="EXPR", help="Trade only names that this filter holds for on the day."
)
@click.option(
    "--capital",
    type=click.Choice(("shared", "own")),
    default="shared",
    show_default=True,
    help="One book for all trades, or each trade on its own capital.",
)
@click.option("--workers", default=1, show_default=True, help="Threads.")
@click.option("--dask", default="", metavar="ADDRESS", help="local:N, or tcp://HOST:PORT of a scheduler.")
@click.option(
    "--walk-forward", metavar="SPEC", help="Also choose on some episodes, judge on others: train=12,test=4."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="SWEEP",
    help="Folder: results, and what is needed to go on.",
)
@click.option(
    "--sort", metavar="MEASURE", help="What the printed sets are ranked by; default sharpe, or mean_trade."
)
@click.option(
    "--least-trades",
    type=click.IntRange(min=0),
    default=30,
    show_default=True,
    help="Closed trades a set must have to be ranked.",
)
@click.option(
    "--top", type=click.IntRange(min=1), default=10, show_default=True, help="How many sets are printed."
)
@click.option("--fresh", is_flag=True, help="Replace what stands in the folder.")
@click.option("--yes", is_flag=True, help="Go on with more than ten million sets.")
@account_options
@source_options
@output_options
@click.pass_context
def sweep(
    context: click.Context, /, strategy: str, universe: str, parameters: tuple[str, ...], **options: Any
) -> None:
    """Run every set of parameters of STRATEGY on UNIVERSE.

    Each set follows the rules of `lodestone backtest`, order for order. With --out the results are kept; a sweep that
    was stopped goes on where it was when the same command is run again.
    """
    from strategies.walk_forward_spec import parse_spec

    name, grid, base = _grid(strategy, parameters, yes=options["yes"])
    take, terms = options.pop, Terms.read(options)
    spec = parse_spec(take("walk_forward")) if options["walk_forward"] else take("walk_forward")
    where, shown = take("where"), {key: take(key) for key in ("sort", "least_trades", "top")}
    context.obj["check_where"](where)
    _check_measure(shown["sort"], options["capital"])
    given = _market_of(context, universe, where, options, (name, base, grid), terms)
    run = {key: take(key) for key in ("capital", "workers", "dask", "fresh", "yes")}
    folder = take("out")
    with _going_on(folder, strategy):
        result = _swept(name, grid, base, {**given, **run, "folder": folder, "walk_forward": spec}, terms)
    _count(result)
    _show(result, folder, shown, options)


def _count(result: Sweep) -> None:
    """Count the sets in the ledger of trials; a ledger that cannot be kept is said and stops nothing."""
    from strategies.trial_log import record_trials

    try:
        record_trials("sweep", result.settings, len(result.grid) - len(result.refused))
    except (CannotWrite, BadData) as error:
        click.echo(f"These trials were not counted: {' '.join(str(error).split())}", err=True)


def _check_measure(name: str | None, capital: str) -> None:
    """Refuse, before any work is done, a measure that the sweep will not have."""
    from strategies.kernel import MEASURES
    from strategies.own_capital import OWN_MEASURES

    known = OWN_MEASURES if capital == "own" else MEASURES
    if name and name not in known:
        raise UnknownName("measure", name, known)


def _grid(
    strategy: str, parameters: tuple[str, ...], *, yes: bool
) -> tuple[str, dict[str, list[Any]], dict[str, Any]]:
    """Axes with typed values; a parameter with one value is no axis."""
    from strategies.catalog import typed
    from strategies.parameter_grid import Grid, axis, check_size

    texts = {name: axis(text) for name, text in read_parameters(parameters).items()}
    if not texts:
        raise BadParameter("no parameter varies: give -p NAME=A,B,C or -p NAME=FIRST:LAST:STEP")
    check_size(Grid.of(texts), yes=yes)
    first = {name: values[0] for name, values in texts.items()}
    read = {
        name: [typed(strategy, {**first, name: text})[name] for text in values]
        for name, values in texts.items()
    }
    return strategy, read, {}


def _market_of(
    context: click.Context,
    universe: str,
    where: tuple[str, ...],
    options: dict[str, Any],
    made: tuple[str, Mapping[str, Any], Mapping[str, list[Any]]],
    terms: Terms,
) -> dict[str, Any]:
    """Market, events, eligibility and scores."""
    from strategies.catalog import build
    from universes.catalog import events, load

    name, base, grid = made
    start, end = options.pop("start"), options.pop("end")
    calendar = events(options.pop("events_where"), start=start, end=end)
    source, seed = options.pop("source"), options.pop("seed")
    market = open_market(
        load(universe), source, start, end, seed, "", options.pop("accept"), options.pop("currency")
    )
    example = _first_that_can_be(name, base, grid, build)
    return {
        "market": market,
        "events": calendar,
        "eligible": eligibility_of(context, market, where),
        "scores": scores_of(context, market, example, terms),
    }


def _first_that_can_be(name: str, base: Mapping[str, Any], grid: Mapping[str, list[Any]], build: Any) -> Any:
    """The first set that is valid; where none is, the first one says why."""
    from strategies.parameter_grid import Grid

    axes, refusal = Grid.of(grid), None
    for number in range(min(len(axes), 1000)):
        try:
            return build(name, {**base, **axes.set(number)})
        except BadParameter as error:
            refusal = refusal or error
    raise refusal or BadParameter("no set of parameters can be")


def _swept(
    name: str, grid: Mapping[str, list[Any]], base: Mapping[str, Any], options: dict[str, Any], terms: Terms
) -> Sweep:
    from math import prod

    from strategies.parameter_sweep import sweep as run

    with _bar(prod(len(values) for values in grid.values())) as progress:
        return run(name, grid, base=base, progress=progress, record=False, **options, **terms.as_arguments())


@contextmanager
def _bar(total: int) -> Iterator[Callable[[int], None]]:
    """Sets done so far on stderr, while it is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("sets"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def _going_on(folder: Path | None, strategy: str) -> Iterator[None]:
    """Say after Ctrl-C how to go on, and leave at once."""
    try:
        yield
    except KeyboardInterrupt:
        kept = (
            f"; run the same command again to go on from {folder}"
            if folder
            else "; with --out it could go on"
        )
        click.echo(f"Stopped the sweep of {strategy}{kept}.", err=True)
        _leave()


def _leave() -> NoReturn:
    # Threads within a set cannot be stopped, and Python would wait for them.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(STOPPED)


def _show(result: Sweep, folder: Path | None, shown: dict[str, Any], output: dict[str, Any]) -> None:
    from strategies.parameter_sweep import default_measure

    name = shown["sort"] or default_measure(result.names)
    best = result.best(name, shown["least_trades"], shown["top"])
    verdict = result.verdict(name, shown["least_trades"])
    if folder:
        click.echo(f"Sweep written to {folder}", err=True)
    columns = list(best.columns)
    rows = [dict(zip(columns, map(_plain, values), strict=True)) for values in best.itertuples(index=False)]
    extra: dict[str, Any] = {
        "verdict": verdict,
        "refused": {str(at): why for at, why in result.refused.items()},
    }
    if result.walk_forward:
        extra["walk_forward"] = result.walk_forward.as_dict()
    data = {key: result.data[key] for key in ("source", "kind", "hash", "survivorship")}
    emit(
        rows,
        columns,
        settings=result.settings,
        data=data,
        extra=extra,
        table=lambda: _text(result, rows, columns, verdict),
        **output,
    )


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124


SHOWN = (
    "closed",
    "episodes",
    "win_rate",
    "mean_trade",
    "mean_episode",
    "total_return",
    "sharpe",
    "max_drawdown",
    "costs_paid",
)


def _text(result: Sweep, rows: list[dict[str, Any]], columns: list[str], verdict: str) -> str:
    from universes.rendering import BANNER, as_table

    names = [name for name in columns if name in result.grid.names or name in SHOWN]
    cells = [["none" if row[name] is None else _cell(name, row[name]) for name in names] for row in rows]
    parts = [as_table([name.replace("_", " ") for name in names], cells)] if rows else []
    parts.append(verdict.removeprefix(f"{BANNER}\n"))
    if result.refused:
        parts.append(
            f"{len(result.refused):,} sets cannot be; the first: {next(iter(result.refused.values()))}"
        )
    if result.walk_forward:
        parts.append(_walk_forward_text(result))
    return "\n\n".join(parts)


def _cell(name: str, value: Any) -> str:
    return measure_text(name, value) if name in SHOWN else str(value)


def _walk_forward_text(result: Sweep) -> str:
    from universes.rendering import as_table

    walked = result.walk_forward
    assert walked is not None
    labels = result.grid.labels()
    return f"{as_table(walked.columns, walked.rows(labels))}\n\n{walked.sentence} {walked.evidence}"


@click.command(epilog=examples("lodestone trials", "lodestone trials --strategy pullback --format json"))
@click.option("--strategy", metavar="NAME", help="Only those of one strategy.")
@output_options
def trials(strategy: str | None, **output: Any) -> None:
    """Count the sets of parameters that have been tried, by strategy, data, events and period.

    Every sweep and every backtest of the command line counts itself, in a chained file of your data folder
    (LODESTONE_DATA); the more sets were tried, the less the best of them says.
    """
    from strategies.trial_log import KEYS, folder
    from strategies.trial_log import trials as read

    found: dict[tuple[str, ...], dict[str, int]] = {}
    runs: dict[tuple[str, ...], int] = {}
    for item in read():
        key = tuple(item.of[name] for name in KEYS)
        if strategy in (None, item.of["strategy"]):
            runs[key] = runs.get(key, 0) + 1
            # The same settings again are no new trials.
            found.setdefault(key, {})[item.settings_hash] = item.sets
    rows = [
        {**dict(zip(KEYS, key, strict=True)), "runs": runs[key], "sets": sum(sets.values())}
        for key, sets in sorted(found.items())
    ]
    emit(
        rows,
        TRIAL_COLUMNS,
        settings={"strategy": strategy},
        data={"source": str(folder()), "kind": "real", "hash": ""},
        table=lambda: _trials_text(rows),
        **output,
    )


def _trials_text(rows: list[dict[str, Any]]) -> str:
    from universes.rendering import as_table

    if not rows:
        return "No trial is on record."
    cells = [
        [
            row["strategy"],
            row["data_hash"][:12],
            row["events_hash"][:12],
            row["first"],
            row["last"],
            str(row["runs"]),
            f"{row['sets']:,}",
        ]
        for row in rows
    ]
    return as_table(TRIAL_COLUMNS, cells)
