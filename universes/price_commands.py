"""The `prices` commands: fetch prices into the store, how old they are, what is wrong with them, what was rewritten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from universes.commandline import emit, output_options
from universes.errors import LodestoneError

if TYPE_CHECKING:
    from universes.facts import Listing
    from universes.fetching import Fetched
    from universes.quotes import Quotes
    from universes.store import Store
    from universes.universe import Universe

STATUS = (
    "symbol", "state", "sessions_behind", "fetched_at", "age_hours", "first", "last", "bars", "snapshots", "hash",
)  # fmt: skip
VENDOR = "yahoo"
MOST_HOURS = 24 * 366
MOST_PAUSE = 600
NOTICE = (
    "Prices come from Yahoo through yfinance. Yahoo's terms allow personal use, and no redistribution: "
    "they stay in your store."
)


def store_option(command: Any) -> Any:
    """Add ``--store``, as `store`."""
    return click.option(
        "--store",
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help="Where snapshots are kept; default $LODESTONE_STORE, else the user's cache folder.",
    )(command)


@click.group()
def prices() -> None:
    """Fetch prices, see how old they are, what is wrong with them, and what the vendor rewrote."""


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


def open_store(folder: Path | None) -> Store:
    """The store of a folder, or the user's own."""
    from universes.store import Store

    return Store.default() if folder is None else Store(folder)


def now() -> datetime:
    """The present instant in UTC: read here alone, at the edge."""
    from datetime import UTC

    return datetime.now(UTC)


def wanted(universe: str, symbols: Sequence[str] = ()) -> tuple[Listing, ...]:
    """Listings of a universe's members and controls, or those of some symbols among them.

    Raises
    ------
    UnknownName
        If a symbol is none of theirs.
    """
    from universes.catalog import load
    from universes.errors import UnknownName

    found = listings(load(universe))
    known = {row.symbol for row in found}
    for symbol in symbols:
        if symbol not in known:
            raise UnknownName("symbol", symbol, known)
    return tuple(row for row in found if not symbols or row.symbol in symbols)


def listings(universe: Universe) -> tuple[Listing, ...]:
    """Every listing of the members and controls of a universe."""
    members = [row for company in universe.companies for row in universe.listings.get(company, ())]
    return (*members, *universe.controls)


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
    from collections import Counter

    lines = [
        f"{row['severity']}: {row['symbol']} {row['on']} {row['gate']}: {row['message']}" for row in rows
    ]
    counts = Counter((row["gate"], row["severity"]) for row in rows)
    gates = [f"  {gate} ({severity}): {count}" for (gate, severity), count in sorted(counts.items())]
    return "\n".join(
        [*lines, f"{usable} series usable, {len(missing)} without prices, {len(rows)} findings", *gates]
    )


FETCH = ("symbol", "outcome", "bars", "first", "last", "message")
# What a second run of the command may mend.
AGAIN = ("rate-limited", "network", "bad-payload")


@prices.command()
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
    from universes.errors import BadParameter

    if not 0 <= max_age <= MOST_HOURS:
        raise BadParameter(f"max-age {max_age:g}: give hours from 0 to {MOST_HOURS}")
    return asked_at - timedelta(hours=max_age) if max_age else None


def _seconds(count: float) -> float:
    from universes.errors import BadParameter

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
    from collections import Counter

    counts = Counter(row["outcome"] for row in rows)
    lines = [f"{row['symbol']}: {row['outcome']}: {row['message']}" for row in rows if row["outcome"] != "ok"]
    said = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    return "\n".join([*lines, f"{said or 'nothing to fetch'}; store {store.folder}"])


def _few(symbols: Sequence[str]) -> str:
    more = f" and {len(symbols) - 8} more" if len(symbols) > 8 else ""
    return f"{', '.join(symbols[:8])}{more}"


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
