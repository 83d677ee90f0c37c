"""Stress: what past events of a kind would do to a book of today, episode by episode.

docs/stress.md has the rules on one page.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from strategies.episodes import merge
from strategies.firm_events import reaction_positions
from strategies.stress_result import Episode, LeftOut, Loser, NotCovered, Position, Stress, Summary, verdict
from universes.errors import BadParameter, did_you_mean

if TYPE_CHECKING:
    from strategies.arrays import Integers, Numbers
    from universes.panel import Market
    from universes.policy import Events

LASTS = (0, 4, 19)
LEAST_COVERED = 0.5
# A week: a price that is older says little of what a position was worth when the news came.
OLDEST_PRICE = 5
NOBODY = "no held name has prices then"


@dataclass(frozen=True, slots=True)
class _Span:
    """Events that are one episode, with the own sessions that they take up on each exchange, both included."""

    events: tuple[str, ...]
    contaminated: str
    first: Mapping[str, int]
    last: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Book:
    """Shares of the gross value by symbol, in order; the gross value in money; and why some have no prices."""

    shares: Mapping[str, float]
    gross: float
    absent: Mapping[str, str]


@dataclass
class _Replay:
    """What is found, window after window."""

    episodes: list[Episode] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    not_covered: list[NotCovered] = field(default_factory=list)


def stress(
    market: Market,
    events: Events,
    holdings: Mapping[str, float],
    *,
    lasts: Sequence[int] = LASTS,
    least_covered: float = LEAST_COVERED,
    settings: Mapping[str, Any] | None = None,
) -> Stress:
    """What past events would do to a book.

    Parameters
    ----------
    market : Market
        Prices.
    events : Events
        The analogues, as `strategies.scenarios.analogues` finds them.
    holdings : mapping of str to float
        Value of each position in one currency, below zero for short ones; names without prices are listed.
    lasts : sequence of int
        Last own session of each window; all begin on the reaction session, 0.
    least_covered : float
        Share of the gross value that must have prices for an episode to count, 0 to 1.
    settings : mapping, optional
        What else to record.

    Returns
    -------
    Stress
        Also when there is no episode; then the verdict says why.

    Raises
    ------
    BadParameter
        If the book is worth nothing, or a number is out of range.
    """
    from universes.survivorship import survivorship

    book = _book(market, holdings)
    _check(lasts, least_covered)
    found = _Replay()
    for last in lasts:
        _replay(found, market, events, book, last, least_covered)
    summaries = tuple(_summary(_label(last), found.episodes) for last in lasts)
    return Stress(
        settings=dict(settings or {}) | _settings(market, events, book, lasts, least_covered),
        data={
            "source": market.source,
            "kind": market.kind,
            "hash": market.hash,
            "survivorship": survivorship(market).as_dict(),
        },
        episodes=tuple(found.episodes),
        positions=tuple(found.positions),
        left_out=tuple(found.left_out),
        not_covered=tuple(found.not_covered),
        summaries=summaries,
        losers=tuple(loser for item in summaries for loser in _losers(item, found)),
        verdict=verdict(summaries, found.not_covered, len(events)),
    )


def _settings(
    market: Market, events: Events, book: _Book, lasts: Sequence[int], least_covered: float
) -> dict[str, Any]:
    held = [symbol for symbol in book.shares if symbol not in book.absent]
    return {
        "events": len(events),
        "events_hash": events.hash,
        "first": f"{market.sessions[0]:%Y-%m-%d}",
        "last": f"{market.sessions[-1]:%Y-%m-%d}",
        "currencies": sorted({str(market.lives.at[symbol, "currency"]) for symbol in held}),
        "gross": book.gross,
        "net": math.fsum(book.shares.values()),
        "names": len(book.shares),
        "without_prices": dict(book.absent),
        "windows": [_label(last) for last in lasts],
        "least_covered": least_covered,
        "unit": "the episode: events whose windows share a session date are one, from first reaction to last end",
        "move": "last close before the reaction session to the close at the end, or what was paid at the end of a life",
        "missing": "a name without prices at the time is left out and listed; nothing is scaled up to the whole book",
    }


def _book(market: Market, holdings: Mapping[str, float]) -> _Book:
    values = [holdings[symbol] for symbol in sorted(holdings)]
    gross = math.fsum(map(abs, values))
    if not all(map(math.isfinite, values)) or gross <= 0:
        raise BadParameter("the book is worth nothing, or a value is no number: give each position a value")
    reasons = {item.symbol: item.reason for item in market.missing}
    return _Book(
        shares={symbol: holdings[symbol] / gross for symbol in sorted(holdings)},
        gross=gross,
        absent={
            symbol: reasons.get(symbol) or _unknown(market, symbol)
            for symbol in sorted(set(holdings) - set(market.symbols))
        },
    )


def _unknown(market: Market, symbol: str) -> str:
    known = sorted({row.symbol for row in market.universe.facts.listings})
    if symbol in known:
        return "no prices"
    meant = did_you_mean(symbol, known)
    return f"no listing of that symbol{meant if 'did you mean' in meant else ''}"


def _check(lasts: Sequence[int], least_covered: float) -> None:
    if not 0 <= least_covered <= 1:
        raise BadParameter(f"least covered is {least_covered}: write a fraction from 0 to 1")
    if not lasts or min(lasts) < 0 or len(set(lasts)) < len(lasts):
        raise BadParameter(f"windows end on {list(lasts)}: write different sessions from 0 on")


def _label(last: int) -> str:
    return f"0:{last}"


def _replay(
    found: _Replay, market: Market, events: Events, book: _Book, last: int, least_covered: float
) -> None:
    label, number = _label(last), 0
    spans, outside = _spans(market, events, book, last)
    found.not_covered += outside
    for span in spans:
        positions, left_out = _positions(market, book, span, label, number + 1)
        if not math.fsum(abs(item.share) for item in positions):
            found.not_covered += [NotCovered(label, name, NOBODY) for name in span.events]
            continue
        number += 1
        found.positions += positions
        found.left_out += left_out
        found.episodes.append(_episode(market, span, positions, book.gross, least_covered))


def _positions(
    market: Market, book: _Book, span: _Span, label: str, number: int
) -> tuple[list[Position], list[LeftOut]]:
    positions: list[Position] = []
    left_out: list[LeftOut] = []
    for symbol, share in book.shares.items():
        absent = book.absent.get(symbol)
        move, note = (None, absent) if absent else _move(market, symbol, span)
        if move is None:
            left_out.append(LeftOut(label, number, symbol, share, note))
        else:
            part = share * move
            positions.append(Position(label, number, symbol, share, move, part, part * book.gross, note))
    return positions, left_out


def _spans(market: Market, events: Events, book: _Book, last: int) -> tuple[list[_Span], list[NotCovered]]:
    """Episodes in order of time; windows that share a session date are one."""
    held = [symbol for symbol in book.shares if symbol not in book.absent]
    exchanges = sorted({str(market.lives.at[symbol, "exchange"]) for symbol in held})
    positions = reaction_positions(market, events)
    usable: list[int] = []
    outside: list[NotCovered] = []
    for number, event in enumerate(events):
        reason = _outside(market, {name: int(positions[name][number]) for name in exchanges}, last)
        if reason:
            outside.append(NotCovered(_label(last), event.event, reason))
        else:
            usable.append(number)
    ends = [_rows(market, {name: int(positions[name][at]) for name in exchanges}, last) for at in usable]
    numbers = merge([low for low, _ in ends], [high for _, high in ends]).tolist()
    together: dict[int, list[int]] = {}
    for number, at in zip(numbers, usable, strict=True):
        together.setdefault(number, []).append(at)
    return [
        _span(events, together[number], positions, exchanges, last) for number in sorted(together)
    ], outside


def _outside(market: Market, places: Mapping[str, int], last: int) -> str:
    if not places:
        return NOBODY
    counts = {name: len(market.clock.hours[name].rows) for name in places}
    # An event that is older than the data seems to fall on their first session.
    if any(place == 0 for place in places.values()):
        return "before the prices begin"
    if any(place >= counts[name] for name, place in places.items()):
        return "after the prices end"
    if any(place + last >= counts[name] for name, place in places.items()):
        return "the prices end within its window"
    return ""


def _rows(market: Market, places: Mapping[str, int], last: int) -> tuple[int, int]:
    rows = {name: market.clock.hours[name].rows for name in places}
    return (
        min(int(rows[name][place]) for name, place in places.items()),
        max(int(rows[name][place + last]) for name, place in places.items()),
    )


def _span(
    events: Events,
    members: Sequence[int],
    positions: Mapping[str, Integers],
    exchanges: Sequence[str],
    last: int,
) -> _Span:
    rows = [events.rows[at] for at in members]
    said = [row.contaminated for row in rows if row.contaminated]
    return _Span(
        events=tuple(row.event for row in rows),
        contaminated="; ".join(dict.fromkeys(said)),
        first={name: min(int(positions[name][at]) for at in members) for name in exchanges},
        last={name: max(int(positions[name][at]) for at in members) + last for name in exchanges},
    )


def _move(market: Market, symbol: str, span: _Span) -> tuple[float | None, str]:
    """Return of a name over a span and a note, or None and the reason."""
    life: Any = market.lives.loc[symbol]
    exchange = str(life["exchange"])
    rows = market.clock.hours[exchange].rows
    first, last = span.first[exchange], span.last[exchange]
    reason = _not_alive(market, life, rows, first, last)
    if reason:
        return None, reason
    closes: Numbers = market.bars["close"][symbol].to_numpy()
    before = _latest(closes[rows[max(first - OLDEST_PRICE, 0) : first]])
    if before is None:
        return None, f"no price in the {OLDEST_PRICE} sessions before"
    if 0 <= int(life["end"]) <= rows[last]:
        return _paid_out(life, float(closes[int(life["last"])]), before)
    after = _latest(closes[rows[first : last + 1]])
    return (None, "no price within the window") if after is None else (after / before - 1, "")


def _not_alive(market: Market, life: Any, rows: Integers, first: int, last: int) -> str:
    """Why a name cannot be followed from the close before a span to its end; empty where it can."""
    begin, stop, end = (int(life[name]) for name in ("first", "last", "end"))
    if begin >= rows[first]:
        return f"its prices begin on {market.sessions[begin]:%Y-%m-%d}"
    if 0 <= end <= rows[first - 1]:
        return f"it ceased after {market.sessions[stop]:%Y-%m-%d}"
    if end < 0 and stop < rows[last]:
        return f"its prices end on {market.sessions[stop]:%Y-%m-%d}"
    return ""


def _paid_out(life: Any, last_close: float, before: float) -> tuple[float, str]:
    paid = float(life["terminal_value"])
    if math.isfinite(paid):
        return paid / before - 1, f"paid out: {life['ended_by'] or 'ceased'}"
    return last_close / before - 1, f"{life['ended_by'] or 'ceased'}: last close, as what was paid is unknown"


def _latest(closes: Numbers) -> float | None:
    there = [float(value) for value in closes if math.isfinite(value)]
    return there[-1] if there else None


def _episode(
    market: Market, span: _Span, positions: Sequence[Position], gross: float, least_covered: float
) -> Episode:
    covered = math.fsum(abs(item.share) for item in positions)
    of_gross = math.fsum(item.contribution for item in positions)
    loser = min(positions, key=lambda item: (item.pnl, item.symbol))
    rows = {name: market.clock.hours[name].rows for name in span.first}
    return Episode(
        window=positions[0].window,
        episode=positions[0].episode,
        first_session=market.sessions[min(int(rows[name][at]) for name, at in span.first.items())].date(),
        last_session=market.sessions[max(int(rows[name][at]) for name, at in span.last.items())].date(),
        events=span.events,
        covered=covered,
        names=len(positions),
        of_covered=of_gross / covered,
        of_gross=of_gross,
        pnl=of_gross * gross,
        loser=loser.symbol if loser.pnl < 0 else "",
        loser_pnl=loser.pnl if loser.pnl < 0 else None,
        # Shares are rounded: what is covered whole must count as whole.
        counted=covered >= least_covered - 1e-9,
        contaminated=span.contaminated,
    )


def _summary(window: str, episodes: Iterable[Episode]) -> Summary:
    here = [item for item in episodes if item.window == window]
    counted = [item for item in here if item.counted]
    if not counted:
        return Summary(window, 0, len(here))
    values = sorted(item.of_covered for item in counted)
    worst = min(counted, key=lambda item: item.of_covered)
    best = max(counted, key=lambda item: item.of_covered)
    return Summary(
        window=window,
        episodes=len(counted),
        not_counted=len(here) - len(counted),
        worst=values[0],
        median=median(values),
        best=values[-1],
        range=values[-1] - values[0],
        worst_episode=worst.episode,
        worst_pnl=worst.pnl,
        median_pnl=median(item.pnl for item in counted),
        best_pnl=best.pnl,
    )


def _losers(summary: Summary, found: _Replay) -> list[Loser]:
    counted = {item.episode for item in found.episodes if item.window == summary.window and item.counted}
    of_name: dict[str, list[Position]] = {}
    for item in found.positions:
        if item.window == summary.window and item.episode in counted:
            of_name.setdefault(item.symbol, []).append(item)
    losers = [_loser(summary, positions) for positions in of_name.values()]
    lost = [item for item in losers if item.mean_pnl < 0 or (item.worst_pnl or 0) < 0]
    return sorted(lost, key=lambda item: (item.mean_pnl, item.symbol))


def _loser(summary: Summary, positions: Sequence[Position]) -> Loser:
    worst = next((item for item in positions if item.episode == summary.worst_episode), None)
    count = len(positions)
    return Loser(
        window=summary.window,
        symbol=positions[0].symbol,
        episodes=count,
        mean_contribution=math.fsum(item.contribution for item in positions) / count,
        mean_pnl=math.fsum(item.pnl for item in positions) / count,
        worst_contribution=worst.contribution if worst else None,
        worst_pnl=worst.pnl if worst else None,
    )
