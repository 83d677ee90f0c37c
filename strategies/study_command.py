"""The `study` command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from strategies.commands import open_market
from universes.commandline import emit, examples, output_options, source_options
from universes.errors import BadParameter

if TYPE_CHECKING:
    from strategies.evidence import Study

EPISODES = ("episode", "first_session", "events", "firm_events", "car_0_1", "car_0_0")


@click.command(
    epilog=examples(
        "lodestone study --events \"kind == 'export-control'\" --group-by float_band",
    )
)
@click.argument("universe", default="critical-minerals")
@click.option("--events", "events_where", metavar="EXPR", help="Only events that this filter holds for.")
@click.option(
    "--group-by", metavar="TAG", help="Test the primary window for each value of a company's or event's tag."
)
@click.option(
    "--window",
    default="-10:20",
    show_default=True,
    metavar="FIRST:LAST",
    help="Sessions around the reaction session, both included.",
)
@click.option(
    "--model",
    default="market",
    show_default=True,
    metavar="NAME",
    help="Of normal returns, as market, mean-adjusted or trade-to-trade; docs/normal-returns.md has all.",
)
@click.option(
    "--benchmark",
    default="clean",
    show_default=True,
    metavar="clean|all|SYMBOL",
    help="What returns are compared with; clean holds no name that an event touches.",
)
@click.option(
    "--factor", "factors", multiple=True, metavar="SYMBOL", help="A further factor, for --model factors."
)
@click.option(
    "--draws",
    default=10_000,
    show_default=True,
    type=click.IntRange(0, 1_000_000),
    help="Random calendars of ordinary days to compare with; 0 draws none.",
)
@source_options
@output_options
@click.pass_context
def study(
    context: click.Context,
    /,
    universe: str,
    events_where: str | None,
    group_by: str | None,
    window: str,
    model: str,
    benchmark: str,
    factors: tuple[str, ...],
    draws: int,
    source: str,
    start: str | None,
    end: str | None,
    seed: int,
    accept: tuple[str, ...],
    currency: str,
    **output: Any,
) -> None:
    """What policy events did to the companies of UNIVERSE, and how sure one can be.

    Returns are counted beyond a benchmark that holds none of the touched names; the test counts independent dates,
    not names. docs/study.md has the method.
    """
    from strategies.event_study import study as run
    from strategies.study_design import CLEAN, EVERYONE, Design
    from strategies.study_groups import SCORE_BAND, check_tag
    from universes.catalog import events, load

    chosen = Design(read_window(window), model=model, benchmark=benchmark, factors=factors).window
    if group_by is not None:
        check_tag(group_by)
    calendar = events(events_where, start=start, end=end)
    also = [name for name in (benchmark, *factors) if name not in (CLEAN, EVERYONE)]
    market = open_market(load(universe), source, start, end, seed, also, accept, currency)
    scores = context.obj["scores"](market) if group_by == SCORE_BAND else None
    found = run(
        market,
        calendar,
        window=chosen,
        group_by=group_by,
        model=model,
        benchmark=benchmark,
        factors=factors,
        draws=draws,
        seed=seed,
        scores=scores,
        calendar=events(None, start=start, end=end),
    )
    emit_study(found, output)


def read_window(text: str) -> tuple[int, int]:
    """First and last session from ``-10:20``.

    Raises
    ------
    BadParameter
        If it is not two whole numbers with a colon between them.
    """
    first, _, last = text.partition(":")
    try:
        return int(first), int(last)
    except ValueError:
        raise BadParameter(f"window is {text!r}: write FIRST:LAST in whole sessions, as -10:20") from None


def emit_study(found: Study, output: dict[str, Any]) -> None:
    """Print a study: rows are its episodes; the table is its verdict and tests."""
    from strategies.study_record import as_dict
    from strategies.study_text import as_text

    record = as_dict(found)
    extra = {name: value for name, value in record.items() if name not in ("settings", "data", "rows")}
    columns = tuple(found.episodes.columns) or EPISODES
    emit(
        record["rows"],
        columns,
        settings=record["settings"],
        data=record["data"],
        extra=extra,
        table=lambda: as_text(found),
        **output,
    )
