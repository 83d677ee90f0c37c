"""The `screen` command."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from universes.commandline import emit, output_options

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from screener.ranking import Prices, Screen
    from universes.universe import Universe

SHOWN = (
    "rank",
    "symbol",
    "name",
    "score",
    "jurisdiction",
    "tier",
    "stage",
    "mineral",
    "float_band",
    "support",
    "china_linked",
    "unknown",
)
PRICED = ("close", "adv_usd", "drawdown_52w")
# Calendar days that hold the 252 bars of the 52-week high, with holidays to spare.
YEAR_DAYS = 400


@click.command()
@click.argument("universe", default="critical-minerals")
@click.option("--as-of", required=True, metavar="DATE", help="Only what was known on this date counts.")
@click.option("--where", multiple=True, metavar="EXPR", help="Keep only names that this filter holds for.")
@click.option("--top", type=int, metavar="N", help="Keep the best N.")
@click.option(
    "--explain", metavar="SYMBOL", help="Print every point of one score, with its facts and their sources."
)
@click.option(
    "--source", metavar="simulated|csv:FOLDER", help="Prices: adds close, adv_usd and drawdown_52w."
)
@click.option("--seed", default=0, show_default=True, help="Seed of the simulated market.")
@output_options
def screen(
    universe: str,
    as_of: str,
    where: tuple[str, ...],
    top: int | None,
    explain: str | None,
    source: str | None,
    seed: int,
    **output: Any,
) -> None:
    r"""Rank UNIVERSE by strategic alignment as known on a date.

    A name that is not in the table was dropped; --format json lists each with its reason.

    \b
    lodestone screen --as-of 2025-07-09 --where "stage >= 'pfs' and 'rare-earths' in minerals" --top 15
    lodestone screen --as-of 2025-07-09 --explain MP
    """
    from screener.ranking import check_as_of
    from screener.ranking import screen as rank
    from universes.catalog import load

    on, members = check_as_of(as_of), load(universe)
    prices, data = (None, None) if source is None else _prices(members, on, source, seed)
    found = rank(members, on, where, top, prices=prices)
    data = data or {"source": "facts", "kind": "real", "hash": found.facts_hash}
    if explain:
        _emit_explanation(found, explain, data, output)
    else:
        _emit_screen(found, data, output)


def _prices(members: Universe, on: date, source: str, seed: int) -> tuple[Prices, dict[str, str]]:
    from screener.prices import price_tags
    from universes.assemble import market, summarise_missing

    opened = market(members, source, start=on - timedelta(days=YEAR_DAYS), end=on, seed=seed)
    missing = summarise_missing(opened.missing)
    if missing:
        click.echo(missing, err=True)
    return price_tags(opened, on), {"source": opened.source, "kind": opened.kind, "hash": opened.hash}


def _settings(found: Screen) -> dict[str, Any]:
    return {
        "universe": found.name,
        "as_of": found.as_of,
        "where": list(found.where),
        "facts_hash": found.facts_hash,
        "score_version": found.version,
    }


def _emit_screen(found: Screen, data: Mapping[str, str], output: dict[str, Any]) -> None:
    rows = [
        {"symbol": row.symbol, "name": row.profile.company.name, "rank": row.rank, "score": row.score}
        | {"contributions": row.scored.contributions, "unknown": list(row.scored.unknown)}
        | row.tags()
        for row in found.rows
    ]
    dropped = [{"symbol": symbol, "reason": reason} for symbol, reason in found.dropped]
    emit(
        rows,
        _columns(rows),
        settings=_settings(found),
        data=data,
        extra={"dropped": dropped},
        table=lambda: _text(rows, len(dropped)),
        **output,
    )


def _columns(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    """Columns of the CSV: place and score, then every tag; `contributions` are there as points."""
    first = ("rank", "symbol", "name", "score")
    rest = [name for name in (rows[0] if rows else {}) if name not in (*first, "contributions")]
    return (*first, *rest)


def _text(rows: list[dict[str, Any]], dropped: int) -> str:
    from universes.rendering import as_table

    heads = (*SHOWN, *(name for name in PRICED if rows and name in rows[0]))
    table = as_table(heads, [[_shown(name, row[name]) for name in heads] for row in rows])
    return f"{table}\n{len(rows)} ranked, {dropped} dropped (--format json has the reasons)"


def _shown(name: str, value: Any) -> Any:
    if value is None:
        return None
    form = {"score": ".1f", "close": ".2f", "adv_usd": ",.0f", "drawdown_52w": ".1%"}.get(name)
    return format(value, form) if form else value


def _emit_explanation(found: Screen, symbol: str, data: Mapping[str, str], output: dict[str, Any]) -> None:
    from screener.explanation import explain

    reasons = explain(found, symbol)
    rows = [_flat(item) for item in reasons.as_dict()["contributions"]]
    columns = ("factor", "points", "weight", "value", "sentence", "facts")
    emit(
        rows,
        columns,
        settings=_settings(found) | {"explain": reasons.symbol},
        data=data,
        extra={"explanation": reasons.as_dict()},
        table=lambda: str(reasons),
        **output,
    )


def _flat(item: dict[str, Any]) -> dict[str, Any]:
    """One factor with its facts as texts."""
    cited = [
        f"{fact['fact']} [{fact['known_from']}, {fact['confidence']}: {fact['source']}]"
        for fact in item["facts"]
    ]
    return item | {"facts": cited}
