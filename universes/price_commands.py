"""The `prices` commands: fetch prices into the store, how old they are, what is wrong with them, what was rewritten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from universes.commandline import emit, output_options
from universes.errors import LodestoneError
from universes.fetch_command import fetch
from universes.price_options import VENDOR, now, open_store, store_option, wanted

if TYPE_CHECKING:
    from universes.quotes import Quotes
    from universes.store import Store

STATUS = (
    "symbol", "state", "sessions_behind", "fetched_at", "age_hours", "first", "last", "bars", "snapshots", "hash",
)  # fmt: skip


@click.group()
def prices() -> None:
    """Fetch prices, see how old they are, what is wrong with them, and what the vendor rewrote."""


prices.add_command(fetch)


@prices.command()
@click.argument("universe", default="critical-minerals")
@click.option("--symbol", "symbols", multiple=True, metavar="SYMBOL", help="Only these symbols.")
@store_option
@output_options
def status(universe: str, symbols: tuple[str, ...], store: Path | None, **output: Any) -> None:
    """Print what the store holds of UNIVERSE: how old it is, and how many sessions it lags."""
    from universes.freshness import freshness

    opened, found = open_store(store), wanted(universe, symbols)
    rows = [item.as_dict() for item in freshness(opened, VENDOR, found, now())]
    emit(
        rows,
        STATUS,
        settings={"universe": universe, "symbols": list(symbols), "store": str(opened.folder)},
        data={"source": VENDOR, "kind": "real", "hash": ""},
        table=lambda: _status_text(rows, opened),
        **output,
    )


def _status_text(rows: Sequence[dict[str, Any]], store: Store) -> str:
    from universes.rendering import as_table

    states = ("fresh", "stale", "ended", "none")
    counts = ", ".join(f"{sum(row['state'] == state for row in rows)} {state}" for state in states)
    table = as_table(STATUS[:-1], [[_shown(name, row[name]) for name in STATUS[:-1]] for row in rows])
    return f"{table}\n{counts}; store {store.folder}"


def _shown(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%MZ}"
    return f"{value:.1f}" if name == "age_hours" and value is not None else value


CHECK = ("severity", "symbol", "on", "gate", "message")


@prices.command()
@click.argument("universe", default="critical-minerals")
@click.option(
    "--source", default=VENDOR, show_default=True, metavar="yahoo|yahoo:FOLDER|csv:FOLDER", help="Prices."
)
@click.option("--symbol", "symbols", multiple=True, metavar="SYMBOL", help="Only these symbols.")
@click.option(
    "--accept", multiple=True, metavar="GATE", help="Do not refuse by this gate; see docs/prices.md."
)
@output_options
def check(
    universe: str, source: str, symbols: tuple[str, ...], accept: tuple[str, ...], **output: Any
) -> None:
    """Pass every series of UNIVERSE through the data gates and print all that they see.

    Exit 1 when a series is refused.
    """
    quotes = _quotes(universe, source, symbols, accept)
    rows = [{name: getattr(item, name) for name in CHECK} for item in quotes.findings]
    missing = [{"symbol": item.symbol, "reason": item.reason} for item in quotes.missing]
    emit(
        rows,
        CHECK,
        settings={"universe": universe, "source": source, "symbols": list(symbols), "accept": list(accept)},
        data={"source": source, "kind": quotes.kind, "hash": ""},
        extra={"missing": missing, "with_prices": len(quotes.bars)},
        table=lambda: _check_text(rows, missing, len(quotes.bars)),
        **output,
    )
    refused = sorted({row["symbol"] for row in rows if row["severity"] == "refused"})
    if refused:
        mend = "mend them, fetch them again, or accept the gate"
        raise LodestoneError(f"{len(refused)} series refused: {', '.join(refused)}; {mend}")


def _quotes(universe: str, source: str, symbols: Sequence[str], accept: Sequence[str]) -> Quotes:
    from universes.catalog import load
    from universes.gates import check_accept
    from universes.plugins import load as plugin
    from universes.quotes import Request

    check_accept(accept)
    kind, _, location = source.partition(":")
    read = plugin("universes.sources", kind, "SOURCE", "source")
    request = Request(
        load(universe), wanted(universe, symbols), None, None, location=location, accept=frozenset(accept)
    )
    answer: Quotes = read(request)
    return answer


def _check_text(rows: Sequence[dict[str, Any]], missing: Sequence[dict[str, str]], usable: int) -> str:
    lines = [
        f"{row['severity']}: {row['symbol']} {row['on']} {row['gate']}: {row['message']}" for row in rows
    ]
    counts = Counter((row["gate"], row["severity"]) for row in rows)
    gates = [f"  {gate} ({severity}): {count}" for (gate, severity), count in sorted(counts.items())]
    return "\n".join(
        [*lines, f"{usable} series usable, {len(missing)} without prices, {len(rows)} findings", *gates]
    )


DIFF = ("symbol", "on", "gate", "message")


@prices.command()
@click.argument("universe", default="critical-minerals")
@click.option("--symbol", "symbols", multiple=True, metavar="SYMBOL", help="Only these symbols.")
@click.option(
    "--source", default=VENDOR, show_default=True, metavar="yahoo|csv:FOLDER", help="The newer series."
)
@click.option(
    "--against", metavar="yahoo|csv:FOLDER", help="The older ones; default the snapshots before the latest."
)
@click.option(
    "--basis",
    type=click.Choice(("raw", "split-adjusted", "total-return")),
    help="How the older files are stated.",
)
@store_option
@output_options
def diff(
    universe: str,
    symbols: tuple[str, ...],
    source: str,
    against: str | None,
    basis: str | None,
    store: Path | None,
    **output: Any,
) -> None:
    """Print what the vendor rewrote: what two series of a symbol say differently of the same sessions."""
    from universes.price_pairs import pairs, relabelled
    from universes.rewrites import rewrites

    names = sorted({row.symbol for row in wanted(universe, symbols)})
    opened = open_store(store)
    found = pairs(names, source, against, opened, basis or "")
    labels = relabelled(names, opened) if source == VENDOR and against is None else ()
    changed = (item for symbol, old, new in found for item in rewrites(symbol, old, new))
    rows = [{name: getattr(item, name) for name in DIFF} for item in (*labels, *changed)]
    emit(
        rows,
        DIFF,
        settings={"universe": universe, "symbols": list(symbols), "source": source, "against": against},
        data={"source": source, "kind": "real", "hash": ""},
        extra={"compared": len(found)},
        table=lambda: _diff_text(rows, len(found)),
        **output,
    )


def _diff_text(rows: Sequence[dict[str, Any]], compared: int) -> str:
    changed = {row["symbol"] for row in rows}
    lines = [f"{row['symbol']} {row['on']} {row['gate']}: {row['message']}" for row in rows]
    return "\n".join([*lines, f"{compared} series compared, {len(changed)} of them changed"])
