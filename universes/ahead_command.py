"""The `events next` command: what lies ahead, and whom it touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from universes.commandline import emit, examples, output_options

if TYPE_CHECKING:
    from universes.ahead import Ahead
    from universes.policy import Events
    from universes.profile import Profile

NEXT = ("on", "in_days", "kind", "what", "gains", "loses", "open", "touched_share", "net_share")
# What the end of something does is the reverse of what it did; what a deadline brings is open.
TURNS = {"effect": 1, "sunset": -1, "deadline": 0, "review": 0}


@click.command(
    "next",
    epilog=examples(
        'lodestone events next --as-of 2026-10-01 --days 90 --where "score >= 60"',
        "lodestone events next --holdings book.csv",
    ),
)
@click.argument("universe", default="critical-minerals")
@click.option("--days", default=180, show_default=True, type=click.IntRange(1, 3660), help="How far to look.")
@click.option("--as-of", metavar="DATE", help="Date to look from, with what was known then; default today.")
@click.option(
    "--where", multiple=True, metavar="EXPR", help="Only companies that this filter holds for on the date."
)
@click.option(
    "--holdings",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="CSV symbol,value: only what you hold.",
)
@output_options
@click.pass_context
def next_(
    context: click.Context,
    /,
    universe: str,
    days: int,
    as_of: str | None,
    where: tuple[str, ...],
    holdings: Path | None,
    **output: Any,
) -> None:
    """Deadlines, effects and sunsets ahead, with the companies of UNIVERSE that each touches."""
    from universes.ahead import ahead
    from universes.catalog import load, shipped_events
    from universes.dates import as_date
    from universes.holdings import read_holdings

    on = as_date(as_of, "as-of") if as_of else datetime.now(UTC).date()
    shares = read_holdings(holdings) if holdings else None
    members, calendar = load(universe), shipped_events()
    passing = context.obj["passing"](members, on, where) if where else None
    profiles = [
        item
        for item in members.profiles(on)
        if (passing is None or item.listing.symbol in passing)
        and (shares is None or item.listing.symbol in shares)
    ]
    rows = [_next_row(item, calendar, profiles, shares, on) for item in ahead(calendar, on, days)]
    columns = NEXT if shares is not None else NEXT[:-2]
    settings = {
        "universe": universe,
        "as_of": on,
        "days": days,
        "where": where,
        "holdings": holdings and str(holdings),
    }
    emit(
        rows,
        ("event", *columns),
        settings=settings,
        data={"source": "events", "kind": "real", "hash": calendar.hash},
        table=lambda: _next_text(rows, columns),
        **output,
    )


def _next_row(
    item: Ahead, calendar: Events, profiles: Sequence[Profile], shares: Mapping[str, float] | None, on: date
) -> dict[str, Any]:
    from universes.exposure import exposed

    touched = {row.symbol: TURNS[item.kind] * row.sign for row in exposed(item.event, calendar, profiles)}
    row: dict[str, Any] = {
        "event": item.event.event,
        "on": item.on,
        "in_days": (item.on - on).days,
        "kind": item.kind,
    }
    row |= {"what": item.what, "minerals": item.event.minerals}
    for name, sign in (("gains", 1), ("loses", -1), ("open", 0)):
        row[name] = [symbol for symbol, turned in touched.items() if turned == sign]
    if shares is not None:
        row["touched_share"] = sum(abs(shares[symbol]) for symbol in touched)
        row["net_share"] = sum(sign * shares[symbol] for symbol, sign in touched.items())
    return row


def _next_text(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    from universes.rendering import as_table

    if not rows:
        return "Nothing on record lies ahead."
    return as_table(columns, [[_next_cell(row[name]) for name in columns] for row in rows])


def _next_cell(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.1%}"
    if not isinstance(value, list):
        return value
    return " ".join(value[:4]) + (f" and {len(value) - 4} more" if len(value) > 4 else "")
