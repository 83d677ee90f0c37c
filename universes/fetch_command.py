"""The `prices fetch` command: the whole history of every listing into the store, and what came of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from universes.commandline import emit, output_options
from universes.errors import BadParameter, LodestoneError
from universes.price_options import VENDOR, now, open_store, store_option, wanted

if TYPE_CHECKING:
    from universes.facts import Listing
    from universes.fetching import Fetched
    from universes.store import Store

MOST_HOURS = 24 * 366
MOST_PAUSE = 600
NOTICE = (
    "Prices come from Yahoo through yfinance. Yahoo's terms allow personal use, and no redistribution: "
    "they stay in your store."
)
FETCH = ("symbol", "outcome", "bars", "first", "last", "message")
# What a second run of the command may mend.
AGAIN = ("rate-limited", "network", "bad-payload")


@click.command()
@click.argument("universe", default="critical-minerals")
@click.option("--symbol", "symbols", multiple=True, metavar="SYMBOL", help="Only these symbols.")
@click.option("--ended", is_flag=True, help="Ask for listings that have ended, too; Yahoo keeps few of them.")
@click.option(
    "--max-age",
    default=12.0,
    show_default=True,
    metavar="HOURS",
    help="Leave alone what was fetched since; 0 asks for all.",
)
@click.option(
    "--currency", default="USD", show_default=True, metavar="CODE", help="Fetch the rates into it, too."
)
@click.option(
    "--pause", default=1.0, show_default=True, metavar="SECONDS", help="Between two rounds of questions."
)
@store_option
@output_options
def fetch(
    universe: str,
    symbols: tuple[str, ...],
    *,
    ended: bool,
    max_age: float,
    currency: str,
    pause: float,
    store: Path | None,
    **output: Any,
) -> None:
    """Fetch the whole history of every listing of UNIVERSE from Yahoo into the store.

    What was stopped goes on where it stopped. Exit 1 when a symbol is left that another run may get.
    """
    opened, asked_at = open_store(store), now()
    asked = asked_for(wanted(universe, symbols), asked_at.date(), currency, ended=ended)
    click.echo(NOTICE, err=True)
    rows = [_fetched(item) for item in _fetch(asked, opened, _since(asked_at, max_age), _seconds(pause))]
    emit(
        rows,
        FETCH,
        settings={
            "universe": universe,
            "symbols": list(symbols),
            "store": str(opened.folder),
            "max_age": max_age,
        },
        data={"source": VENDOR, "kind": "real", "hash": ""},
        table=lambda: _fetch_text(rows, opened),
        **output,
    )
    left = [row["symbol"] for row in rows if row["outcome"] in AGAIN]
    if left:
        raise LodestoneError(
            f"{len(left)} of {len(rows)} symbols not fetched: {_few(left)}; run the command again"
        )


def asked_for(found: Sequence[Listing], today: date, currency: str, *, ended: bool) -> tuple[str, ...]:
    """Symbols to ask for, sorted: those that still trade, and the exchange rates that they need.

    Parameters
    ----------
    found : sequence of Listing
        What is wanted.
    today : date
        Listings that ended on or before it are left out, unless `ended`.
    currency : str
        The rates are into this; empty for none.
    ended : bool
        Whether ended listings are asked for, too.
    """
    from universes.currency import check_code, fx_symbols

    asked = [row for row in found if ended or row.listed_to is None or row.listed_to > today]
    rates = fx_symbols(asked, check_code(currency) if currency else "")
    return (*sorted({row.symbol for row in asked}), *rates.values())


def _fetch(symbols: Sequence[str], store: Store, since: datetime | None, pause: float) -> Iterator[Fetched]:
    from functools import partial

    from universes.fetching import fetch_all
    from universes.progress import progress
    from universes.yahoo_client import check_symbol, open_session
    from universes.yahoo_client import fetch as ask

    for symbol in symbols:
        check_symbol(symbol)
    session = open_session(store.folder / "yfinance")
    with progress(len(symbols)) as step:
        asked = partial(ask, session=session, clock=now)
        for item in fetch_all(symbols, asked, store, since=since, pause_seconds=pause):
            step(item.symbol)
            yield item


def _since(asked_at: datetime, max_age: float) -> datetime | None:
    """Instant from which on a snapshot is new enough; None when none is."""
    if not 0 <= max_age <= MOST_HOURS:
        raise BadParameter(f"max-age {max_age:g}: give hours from 0 to {MOST_HOURS}")
    return asked_at - timedelta(hours=max_age) if max_age else None


def _seconds(count: float) -> float:
    if not 0 <= count <= MOST_PAUSE:
        raise BadParameter(f"pause {count:g}: give seconds from 0 to {MOST_PAUSE}")
    return count


def _fetched(item: Fetched) -> dict[str, Any]:
    days = item.snapshot.bars.index if item.snapshot else None
    return {
        "symbol": item.symbol,
        "outcome": item.outcome.value,
        "bars": 0 if days is None else len(days),
        "first": None if days is None else days[0].date(),
        "last": None if days is None else days[-1].date(),
        "message": item.message,
    }


def _fetch_text(rows: Sequence[dict[str, Any]], store: Store) -> str:
    """What was not fetched, one line a reason, and the count of every outcome."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        reasons.setdefault((row["outcome"], row["message"]), []).append(row["symbol"])
    lines = [
        f"{outcome}: {_few(symbols)}: {message}"
        for (outcome, message), symbols in reasons.items()
        if outcome != "ok"
    ]
    counts = Counter(row["outcome"] for row in rows)
    said = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    return "\n".join([*lines, f"{said or 'nothing to fetch'}; store {store.folder}"])


def _few(symbols: Sequence[str]) -> str:
    more = f" and {len(symbols) - 8} more" if len(symbols) > 8 else ""
    return f"{', '.join(symbols[:8])}{more}"
