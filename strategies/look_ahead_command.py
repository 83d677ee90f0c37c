"""The `audit` command."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from strategies.account_options import Terms, read_parameters
from strategies.commands import eligibility_of, open_market, scores_of
from strategies.look_ahead_names import ALLOWED, DRAWS, PROBES
from universes.commandline import emit, examples, output_options, source_options

if TYPE_CHECKING:
    from strategies.look_ahead_findings import Audit

COLUMNS = ("probe", "decided", "symbol", "field", "before", "after", "change", "others")
LEAK = 1


@click.command(
    epilog=examples(
        "lodestone audit pullback",
        "lodestone audit my_strategy.py:Mine -p wait=5 --draws 10",
        "lodestone audit my_strategy.py:Mine --probe prices --probe events",
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
    "--draws",
    type=click.IntRange(1, 1000),
    default=DRAWS,
    show_default=True,
    help="How many events, days of decisions and other days are drawn to change what follows them.",
)
@click.option(
    "--probe",
    "probes",
    multiple=True,
    type=click.Choice(tuple(PROBES)),
    help="Only this probe; may be given several times. Default all.",
)
@click.option(
    "--allow",
    multiple=True,
    type=click.Choice(tuple(ALLOWED)),
    help="price-level: decisions may depend on the level of prices, as a least price does.",
)
@source_options
@output_options
@click.pass_context
def audit(
    context: click.Context,
    /,
    strategy: str,
    universe: str,
    events_where: str | None,
    where: tuple[str, ...],
    parameters: tuple[str, ...],
    draws: int,
    probes: tuple[str, ...],
    allow: tuple[str, ...],
    source: str,
    start: str | None,
    end: str | None,
    seed: int,
    accept: tuple[str, ...],
    currency: str,
    **output: Any,
) -> None:
    """Whether STRATEGY uses what it could not have known: its decisions before and after the future is changed.

    STRATEGY is a name of the library or FILE.py:NAME. Exit code 0: no leak found; 1: a leak, or an error; 2: wrong
    usage. docs/audit.md says what each probe changes.
    """
    from strategies.catalog import make
    from strategies.costs import Costs
    from strategies.look_ahead import audit as run
    from strategies.sizing import Limits, Sizing
    from universes.catalog import events, load
    from universes.progress import progress

    chosen = make(strategy, read_parameters(parameters))
    context.obj["check_where"](where)
    calendar = events(events_where, start=start, end=end)
    with progress(3) as step:
        step("prices")
        market = open_market(load(universe), source, start, end, seed, "", accept, currency)
        step("eligibility")
        eligible = eligibility_of(context, market, where)
        terms = Terms(1.0, Sizing("equal"), Limits(), Costs())
        scores = scores_of(context, market, chosen, terms)
        step("audit")
        found = run(
            chosen,
            market,
            events=calendar,
            eligible=eligible,
            scores=scores,
            draws=draws,
            seed=seed,
            probes=probes,
            allow=allow,
        )
    data = {"source": market.source, "kind": market.kind, "hash": market.hash}
    asked = {"where": list(where), "events_where": events_where or "", "accept": list(accept)}
    emit_audit(found, asked, data, output)
    if not found.clean:
        context.exit(LEAK)


def emit_audit(found: Audit, asked: dict[str, Any], data: dict[str, Any], output: dict[str, Any]) -> None:
    """Print an audit: rows are its findings; the table is its text."""
    extra = {
        "clean": found.clean,
        "decisions": found.decisions,
        "probes": [asdict(probe) for probe in found.probes],
    }
    emit(
        [asdict(leak) for leak in found.findings],
        COLUMNS,
        settings={"strategy": found.strategy, **found.settings, **asked},
        data=data,
        extra=extra,
        table=lambda: str(found),
        **output,
    )
