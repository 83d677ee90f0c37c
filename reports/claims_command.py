"""The `claims` command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from universes.commandline import emit, examples, output_options

if TYPE_CHECKING:
    from datetime import date

    from reports.claim_file import ClaimFile
    from reports.claim_ground import Ground

COLUMNS = ("id", "says", "data", "verdict")
# Columns of the table with their widths in characters, which fit a terminal of 120.
WIDTHS = {"says": 36, "data": 58, "verdict": 18}
HEADS = ("the article says", "what the data say", "verdict")


@click.command(
    epilog=examples(
        "lodestone claims",
        "lodestone claims article.toml --source csv:prices --format json",
    )
)
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[FILE]")
@click.option(
    "--source", metavar="simulated|csv:FOLDER|yahoo", help="Prices; without, claims of prices stay open."
)
@click.option(
    "--as-of", metavar="DATE", help="Only what was known on this date counts; default the date in FILE."
)
@output_options
def claims(file: Path | None, source: str | None, as_of: str | None, **output: Any) -> None:
    """Check an article's sentences against facts and prices.

    FILE holds the sentences and what would test each; docs/claims.md has its format. Without FILE, those of the
    article that Lodestone answers.
    """
    from reports.claim_checks import judge
    from universes.dates import as_date

    on = as_date(as_of, "as-of") if as_of else None
    ground = _ground()
    article = _read(file, ground, on)
    if source is not None:
        ground = _with_prices(ground, source, article)
    rows = []
    for claim in article.claims:
        found = judge(claim, ground)
        rows.append({"id": claim.id, "says": claim.says, "data": found.data, "verdict": found.verdict})
    emit(
        rows,
        COLUMNS,
        settings=_settings(article, file, source),
        data=_data(article, ground),
        extra={"verdicts": _tally(rows)},
        table=lambda: _text(article, rows),
        **output,
    )


def _ground() -> Ground:
    from reports.claim_ground import Ground
    from universes.catalog import load, shipped_events

    return Ground(load(), shipped_events())


def _read(file: Path | None, ground: Ground, on: date | None) -> ClaimFile:
    from reports.claim_file import FOUNDING, Known, read_claims
    from universes.errors import BadData

    facts = ground.universe.facts
    known = Known(
        symbols=frozenset(row.symbol for row in facts.listings),
        events=frozenset(row.event for row in ground.events),
        minerals=frozenset(row.mineral for row in facts.minerals),
    )
    try:
        return read_claims(file or FOUNDING, known, on)
    except BadData as error:
        # The root prints the first and the count of the others.
        for fault in error.faults[1:]:
            click.echo(str(fault), err=True)
        raise


def _with_prices(ground: Ground, source: str, article: ClaimFile) -> Ground:
    from dataclasses import replace

    from universes.assemble import market, summarise_missing

    moved = {
        check.values["move"] for claim in article.claims for check in claim.checks if check.kind == "move"
    }
    opened = market(ground.universe, source, also=sorted(moved))
    missing = summarise_missing(opened.missing)
    if missing:
        click.echo(missing, err=True)
    return replace(ground, market=opened)


def _settings(article: ClaimFile, file: Path | None, source: str | None) -> dict[str, Any]:
    from reports.claim_file import FOUNDING

    return {
        "file": str(file or FOUNDING.name),
        "title": article.title,
        "about": article.about,
        "as_of": article.as_of,
        "source": source,
    }


def _data(article: ClaimFile, ground: Ground) -> dict[str, str]:
    """Source, kind and SHA-256 of all that the verdicts rest on, the file of claims among it."""
    import hashlib

    market = ground.market
    parts = [article.hash, ground.universe.facts.hash, ground.events.hash, market.hash if market else ""]
    return {
        "source": market.source if market else "facts and events",
        "kind": market.kind if market else "real",
        "hash": hashlib.sha256("\n".join(parts).encode()).hexdigest(),
    }


def _tally(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    from reports.claim_ground import VERDICTS

    counts = {name: sum(row["verdict"] == name for row in rows) for name in VERDICTS}
    return {name: count for name, count in counts.items() if count}


def _text(article: ClaimFile, rows: Sequence[Mapping[str, Any]]) -> str:
    from universes.rendering import as_table

    lines = [line for row in rows for line in ("", *_wrapped(row))]
    table = as_table(HEADS, [line or ("", "", "") for line in lines])
    tally = ", ".join(f"{count} {name}" for name, count in _tally(rows).items())
    return f"{article.title}\n\n{table}\n\n{len(rows)} claims: {tally}"


def _wrapped(row: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """One row as lines of the table."""
    from itertools import zip_longest
    from textwrap import wrap

    cells = [wrap(row[name], width) for name, width in WIDTHS.items()]
    return list(zip_longest(*cells, fillvalue=""))
