"""The `stress` command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from strategies.event_stress import LEAST_COVERED
from strategies.scenarios import SCENARIOS, Analogues, analogues
from strategies.stress_result import Episode, Loser, Stress, Summary
from universes.commandline import emit, output_options, source_options
from universes.errors import BadParameter

if TYPE_CHECKING:
    from universes.panel import Market
    from universes.universe import Universe

ROWS = tuple(item.name for item in fields(Episode))
SHOWN = 5
LISTED = 12
EXAMPLES = """
lodestone stress export-ban --minerals rare-earths --holdings book.csv
lodestone stress truce --where "score >= 60"
lodestone stress any --events "kind == 'supply-shock'"
"""
KINDS = "".join(f"\n{name:22}{item.says}" for name, item in SCENARIOS.items())


@click.command(epilog=f"\b{EXAMPLES}\n\b\nKIND is one of{KINDS}")
@click.argument("kind")
@click.argument("universe", default="critical-minerals")
@click.option(
    "--minerals",
    multiple=True,
    metavar="WORD[,WORD]",
    help="Only events that touch one of these minerals or groups.",
)
@click.option("--events", "events_where", metavar="EXPR", help="Only events that this filter holds for.")
@click.option("--as-of", metavar="DATE", help="Only events and prices that were known on this date.")
@click.option(
    "--holdings",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="CSV symbol,value, below zero for short positions; default UNIVERSE in equal parts.",
)
@click.option(
    "--where",
    multiple=True,
    metavar="EXPR",
    help="Without --holdings: only names that this filter holds for.",
)
@click.option(
    "--value",
    default=1_000_000.0,
    show_default=True,
    help="Without --holdings: what the equal parts are worth together.",
)
@click.option(
    "--least-covered",
    default=LEAST_COVERED,
    show_default=True,
    metavar="FRACTION",
    help="Share of the book that must have prices for an episode to count.",
)
@source_options
@output_options
@click.pass_context
def stress(
    context: click.Context,
    /,
    kind: str,
    universe: str,
    minerals: tuple[str, ...],
    events_where: str | None,
    as_of: str | None,
    holdings: Path | None,
    where: tuple[str, ...],
    value: float,
    least_covered: float,
    source: str,
    start: str | None,
    end: str | None,
    seed: int,
    accept: tuple[str, ...],
    currency: str,
    **output: Any,
) -> None:
    """What past events of a KIND would do to a book: worst, median, best, and who loses.

    Each episode is replayed on the names held today: own sessions 0, 0 to 4 and 0 to 19 from the first reaction.
    Names without prices at the time are listed and left out. docs/stress.md has the rules.
    """
    from strategies.event_stress import stress as replay
    from universes.catalog import load, shipped_events
    from universes.dates import as_date

    known = as_date(as_of, "as-of") if as_of else None
    found = analogues(shipped_events(), kind, minerals=minerals, where=events_where, as_of=known)
    members = load(universe)
    context.obj["check_where"](where)
    book = _read_book(holdings, where)
    last = min(filter(None, (known, as_date(end, "end") if end else None)), default=None)
    market = _open(members, book, source, start, last, seed, accept, currency)
    if book is None:
        on = known or market.sessions[-1].date()
        book = equal_parts(context.obj["passing"](members, on, where), value, on)
    settings = {
        "kind": kind,
        "filter": SCENARIOS[kind].filter,
        "minerals": list(minerals),
        "events_where": events_where or "",
        "as_of": known,
        "universe": universe,
        "holdings": str(holdings or ""),
        "where": list(where),
        "seed": seed,
        "accept": list(accept),
    }
    emit_stress(
        replay(market, found.events, book, least_covered=least_covered, settings=settings), found, output
    )


def _read_book(holdings: Path | None, where: Sequence[str]) -> dict[str, float] | None:
    """Value of each position of a file; None without one."""
    from universes.holdings import Holding, read_holdings
    from universes.table import read_rows

    if holdings is None:
        return None
    if where:
        raise BadParameter(
            "--where chooses names of the universe and --holdings gives the book: leave one of them out"
        )
    shares = read_holdings(holdings)
    return {row.symbol: row.value for row in read_rows(holdings, Holding) if row.symbol in shares}


def equal_parts(symbols: Sequence[str] | frozenset[str], value: float, on: date) -> dict[str, float]:
    """The same value in each name.

    Raises
    ------
    BadParameter
        If there is no name, or nothing to share out.
    """
    if not symbols:
        raise BadParameter(
            f"no name of the universe passes --where on {on}: widen it, or give a book with --holdings"
        )
    if not value > 0:
        raise BadParameter(f"--value is {value}: write an amount above zero")
    return {symbol: value / len(symbols) for symbol in sorted(symbols)}


def _open(
    members: Universe,
    book: Mapping[str, float] | None,
    source: str,
    start: str | None,
    end: date | None,
    seed: int,
    accept: Sequence[str],
    currency: str,
) -> Market:
    """Prices of the universe and of the book; who has none is in the result, what was refused also on stderr."""
    from universes.assemble import market

    known = {row.symbol for row in members.facts.listings}
    also = sorted(set(book or ()) & known)
    opened = market(
        members, source, start=start, end=end, seed=seed, also=also, accept=accept, currency=currency
    )
    held = opened.findings if book is None else [item for item in opened.findings if item.symbol in book]
    for item in held:
        if item.severity == "refused":
            click.echo(str(item), err=True)
    return opened


def emit_stress(found: Stress, events: Analogues, output: dict[str, Any]) -> None:
    """Print a stress: rows are its episodes; the table is its summary, episodes and losers."""
    extra = {
        "verdict": said(found, events),
        "summaries": [asdict(item) for item in found.summaries],
        "losers": [asdict(item) for item in found.losers],
        "positions": [asdict(item) for item in found.positions],
        "left_out": [asdict(item) for item in found.left_out],
        "not_covered": [asdict(item) for item in found.not_covered],
    }
    emit(
        [asdict(item) for item in found.episodes],
        ROWS,
        settings=found.settings,
        data=found.data,
        extra=extra,
        table=lambda: as_text(found, events),
        **output,
    )


def said(found: Stress, events: Analogues) -> str:
    """The analogues and the verdict, in sentences."""
    return f"{events.sentence}\n{found.verdict}"


def as_text(found: Stress, events: Analogues) -> str:
    """Verdict, one line a window and one an episode, the losers, and what is left out."""
    parts = [f"{said(found, events)}\n{_book(found)}"]
    if found.episodes:
        parts += [_summaries(found.summaries), _episodes(found.episodes)]
    parts += [_lost(found, item) for item in found.summaries if item.episodes]
    parts += [_paid_out(found), _left_out(found), _not_covered(found)]
    return "\n\n".join(part for part in [*parts, found.data["survivorship"]["statement"]] if part)


def _book(found: Stress) -> str:
    settings = found.settings
    net = f"net {_percent(settings['net'])}"
    text = f"Book: {_count(settings['names'], 'name')}, {settings['gross']:,.0f} gross, {net}."
    if len(settings["currencies"]) > 1:
        text += f" Moves are in each listing's own currency ({', '.join(settings['currencies'])}); --currency converts."
    # With episodes, each of them lists whom it leaves out.
    absent = {} if found.episodes else settings["without_prices"]
    if absent:
        first = next(iter(absent))
        text += (
            f"\n{_count(len(absent), 'name')} without prices: {_named(absent)} ({first}: {absent[first]})."
        )
    return text


def _summaries(summaries: Sequence[Summary]) -> str:
    from universes.rendering import as_table

    heads = ("window", "K", "worst", "median", "best", "range", "worst P&L", "median P&L", "not counted")
    rows = [
        (
            item.window,
            item.episodes,
            *(_percent(value) for value in (item.worst, item.median, item.best)),
            _percent(item.range, signed=False),
            _money(item.worst_pnl),
            _money(item.median_pnl),
            item.not_counted,
        )
        for item in summaries
    ]
    return as_table(heads, rows)


def _episodes(episodes: Sequence[Episode]) -> str:
    from universes.rendering import as_table

    heads = ("window", "episode", "from", "to", "covered", "of covered", "P&L", "lost most", "events")
    rows = [
        (
            item.window,
            f"{item.episode}" if item.counted else f"({item.episode})",
            item.first_session,
            item.last_session,
            _percent(item.covered, signed=False),
            _percent(item.of_covered),
            _money(item.pnl),
            f"{item.loser} {_money(item.loser_pnl)}" if item.loser else "none",
            _first(item.events),
        )
        for item in episodes
    ]
    notes = []
    if not all(item.counted for item in episodes):
        notes.append(
            "In brackets: too little of the book is covered to count; --least-covered sets how much is asked."
        )
    also = {item.first_session: item.contaminated for item in episodes if item.contaminated}
    notes += [f"Beside the events from {on} on: {what}." for on, what in also.items()]
    return "\n".join([as_table(heads, rows), *notes])


def _first(events: Sequence[str]) -> str:
    return events[0] + (f" and {len(events) - 1} more" if len(events) > 1 else "")


def _lost(found: Stress, summary: Summary) -> str:
    losers = [item for item in found.losers if item.window == summary.window]
    mean = [item for item in losers if item.mean_pnl < 0]
    worst = sorted((item for item in losers if (item.worst_pnl or 0) < 0), key=_in_the_worst)
    average = "; ".join(
        f"{item.symbol} {_money(item.mean_pnl)} ({_part(item.mean_contribution)} of the book; in {item.episodes} of "
        f"{summary.episodes})"
        for item in mean[:SHOWN]
    )
    most = "; ".join(
        f"{item.symbol} {_money(item.worst_pnl)} ({_part(item.worst_contribution)})" for item in worst[:SHOWN]
    )
    return (
        f"{summary.window} lost most on average: {average or 'none lost'}.\n"
        f"{summary.window} lost most in the worst episode ({summary.worst_episode}): {most or 'none lost'}."
    )


def _in_the_worst(item: Loser) -> tuple[float, str]:
    return item.worst_pnl or 0.0, item.symbol


def _left_out(found: Stress) -> str:
    """Names left out by reason, with their share and in how many episodes, over all windows."""
    counts = Counter((item.symbol, item.share, item.reason) for item in found.left_out)
    groups: dict[tuple[str, int], dict[str, float]] = {}
    for (symbol, share, reason), count in counts.items():
        # Of "no file AA.csv in FOLDER" the part that others share.
        why = reason.replace(f"{symbol}.csv", "SYMBOL.csv")
        groups.setdefault((why, count), {})[symbol] = abs(share)
    order = sorted(groups.items(), key=lambda pair: (-sum(pair[1].values()) * pair[0][1], pair[0]))
    lines = [
        f"  {_percent(sum(names.values()), signed=False)} in {count} of {len(found.episodes)}, {why}: {_named(names)}"
        for (why, count), names in order[:LISTED]
    ]
    if len(order) > LISTED:
        lines.append(f"  and {len(order) - LISTED} more groups; --format json has all")
    head = "Left out, with their part of the book, in how many of the episodes of all windows:"
    return "\n".join([head, *lines]) if lines else ""


def _named(names: Iterable[str]) -> str:
    listed = sorted(names)
    more = f" and {len(listed) - LISTED} more" if len(listed) > LISTED else ""
    return f"{' '.join(listed[:LISTED])}{more}"


def _paid_out(found: Stress) -> str:
    counts = Counter((item.symbol, item.note) for item in found.positions if item.note)
    return "\n".join(
        f"{symbol} ended within {_count(count, 'episode')}: {note}."
        for (symbol, note), count in sorted(counts.items())
    )


def _not_covered(found: Stress) -> str:
    counts = Counter((item.window, item.reason) for item in found.not_covered)
    lines = [
        f"  {item.window}: {count} {reason}"
        for item in found.summaries
        for (window, reason), count in sorted(counts.items())
        if window == item.window
    ]
    return "\n".join(["Events not covered:", *lines]) if lines else ""


def _percent(value: float | None, *, signed: bool = True) -> str:
    from strategies.grade import percent

    return percent(value, signed=signed)


def _part(value: float | None) -> str:
    """One name's part of the book is small: two decimals."""
    return "n/a" if value is None else f"{round(value * 100, 2) + 0.0:+.2f} %"


def _money(value: float | None) -> str:
    # Adding zero turns a rounded -0.0 into 0.0.
    return "" if value is None else f"{round(value) + 0:+,d}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
