"""Request → Quotes: the simulated market put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from universes.errors import BadDate, BadParameter
from universes.facts import Listing
from universes.panel import Missing
from universes.quotes import Quotes, Request
from universes.sessions import calendar_code, clock
from universes.simulation import parameters as p
from universes.simulation.character import Character, character
from universes.simulation.draws import Draws, Numbers, Rows, draws, relative_variance, weekdays
from universes.simulation.factors import Factor, factors
from universes.simulation.kept_quotes import keep, kept
from universes.simulation.lives import ending, one_a_symbol, terminal_value
from universes.simulation.path import Path, collapse, path
from universes.simulation.planted import Effect, effects_on, firm_events, log_returns, truth
from universes.simulation.printed import adjusted, payout_shares, printed, splits

if TYPE_CHECKING:
    import pandas as pd

    from universes.clock import Clock


@dataclass(frozen=True, eq=False)
class Life:
    """A listing on the sessions of its exchange that lie in its life and in the horizon."""

    listing: Listing
    sessions: pd.DatetimeIndex
    rows: Rows
    before: int
    end: str


def simulate(request: Request, *, effects: bool = True) -> Quotes:
    """Simulated quotes of a request, over the whole horizon and then cut; the default market is kept for later.

    Parameters
    ----------
    request : Request
        What to simulate; `location` must be empty.
    effects : bool
        Whether the policy effects are planted. Without them the same draws give the same market bare of
        any reaction, for calibration.

    Returns
    -------
    Quotes
        Prices on the split basis of the last session of the range; `truth` has the effects whose reaction
        session lies in the range.

    Raises
    ------
    BadDate
        If the range has no weekday or leaves 2010-01-04 to 2026-06-30.
    BadParameter
        If there is a location, or the seed is not a whole number of 0 or more.
    """
    start, end = _range(request)
    known = kept(request) if effects else None
    if known is not None:
        return known
    quotes = _simulate(request, start, end, effects=effects)
    if effects and quotes.bars:
        keep(request, quotes)
    return quotes


def _simulate(request: Request, start: date, end: date, *, effects: bool) -> Quotes:
    listings, missing = one_a_symbol(request.listings)
    shared = clock({calendar_code(row.exchange) for row in listings}, str(p.FIRST), str(p.LAST))
    lives, empty = _lives(listings, shared)
    frames, planted, premiums = _simulated(request, lives, shared, plant=effects)
    bars, outside = _cut(frames, start, end)
    terminal = {
        life.listing.symbol: value
        for life in lives
        if life.listing.symbol in bars and life.listing.listed_to and life.listing.listed_to <= end
        if (value := _terminal(life, bars[life.listing.symbol], premiums)) is not None
    }
    table = truth(planted, {life.listing.symbol: life.sessions for life in lives})
    within = table["session"].between(np.datetime64(start), np.datetime64(end))
    return Quotes(
        bars=bars,
        kind="simulated",
        terminal=terminal,
        missing=tuple(sorted((*missing, *empty, *outside), key=lambda item: (item.symbol, item.reason))),
        truth=table[within].reset_index(drop=True),
        # Levels are drawn, not converted: one currency, so that exchange rates play no part.
        currency="USD",
    )


def _range(request: Request) -> tuple[date, date]:
    if request.location:
        raise BadParameter(
            f"simulated takes nothing after its colon, not {request.location!r}: write 'simulated'"
        )
    seed: object = request.seed
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise BadParameter(f"seed {request.seed!r}: a whole number of 0 or more is wanted, as 0")
    start, end = request.start or p.FIRST, request.end or p.LAST
    held = f"the simulated market runs from {p.FIRST} to {p.LAST}"
    if start < p.FIRST:
        raise BadDate(f"start {start} is too early: {held}")
    if end > p.LAST:
        raise BadDate(f"end {end} is too late: {held}")
    if start > end or not np.is_busday(np.arange(np.datetime64(start), np.datetime64(end) + 1)).any():
        raise BadDate(f"no session from {start} to {end}: {held}")
    return start, end


def _lives(listings: Iterable[Listing], shared: Clock) -> tuple[tuple[Life, ...], tuple[Missing, ...]]:
    steps = weekdays().astype("datetime64[ns]")
    found, empty = [], []
    for listing in listings:
        sessions = shared.sessions[shared.hours[calendar_code(listing.exchange)].rows]
        first = sessions.searchsorted(np.datetime64(listing.listed_from or p.FIRST))
        last = sessions.searchsorted(np.datetime64(listing.listed_to)) if listing.listed_to else len(sessions)
        if first >= last:
            reason = f"no session between its first day {listing.listed_from} and its end {listing.listed_to}"
            empty.append(Missing(listing.symbol, reason))
            continue
        rows = steps.searchsorted(sessions[first:last].to_numpy())
        before = (
            int(steps.searchsorted(sessions[int(first) - 1].to_datetime64())) if first else int(rows[0]) - 1
        )
        found.append(Life(listing, sessions[first:last], rows, before, ending(listing)))
    return tuple(found), tuple(empty)


def _simulated(
    request: Request, lives: tuple[Life, ...], shared: Clock, *, plant: bool
) -> tuple[dict[str, pd.DataFrame], list[Effect], dict[str, float]]:
    """Printed bars by symbol, the planted effects, and the draw behind each deal's premium."""
    length = len(weekdays())
    characters = [character(request.universe, life.listing) for life in lives]
    drawn = [draws(life.listing.symbol, request.seed, length) for life in lives]
    common = factors({name for item in characters for name in item.loadings}, request.seed, length)
    own_shocks = [item.overnight + item.intraday for item in drawn]
    variances = relative_variance(own_shocks, p.OWN_ARCH, p.OWN_GARCH)
    pairs = firm_events(request.universe) if plant else {}
    frames: dict[str, pd.DataFrame] = {}
    planted: list[Effect] = []
    for life, item, own, variance in zip(lives, characters, drawn, variances, strict=True):
        calm = _calm(life, item, own, variance, common)
        mine = effects_on(
            pairs.get((life.listing.symbol, life.listing.company), ()),
            life.listing,
            clock=shared,
            sessions=life.sessions,
            traded=calm.traded,
            multiplier=p.TIGHTNESS[item.tightness].effect,
        )
        planted.extend(mine)
        frames[life.listing.symbol] = _frame(life, calm, mine, item, own)
    return frames, planted, {life.listing.symbol: own.premium for life, own in zip(lives, drawn, strict=True)}


def _calm(life: Life, item: Character, own: Draws, variance: Numbers, common: Mapping[str, Factor]) -> Path:
    american = calendar_code(life.listing.exchange) in p.AMERICAN
    return path(item, own, variance, common, life.rows, before=life.before, american=american, end=life.end)


def _frame(life: Life, calm: Path, planted: tuple[Effect, ...], item: Character, own: Draws) -> pd.DataFrame:
    import pandas as pd

    overnight, intraday = log_returns(planted, calm.traded)
    whole = calm.plus(overnight, intraday + collapse(len(life.rows), own, life.end))
    ratios = splits(calm, item.standing)
    shares = payout_shares(life.sessions, own, item.standing)
    bars = printed(whole, ratios, shares, item, own, life.rows)
    kept = ~calm.halted
    return pd.DataFrame({name: values[kept] for name, values in bars.items()}, index=life.sessions[kept])


def _cut(
    frames: Mapping[str, pd.DataFrame], start: date, end: date
) -> tuple[dict[str, pd.DataFrame], tuple[Missing, ...]]:
    first, last = np.datetime64(start), np.datetime64(end)
    bars, outside = {}, []
    for symbol, frame in frames.items():
        part = frame.iloc[frame.index.searchsorted(first) : frame.index.searchsorted(last, side="right")]
        if part.empty:
            lived = f"{frame.index[0].date()} to {frame.index[-1].date()}"
            outside.append(Missing(symbol, f"traded {lived}, and on no session from {start} to {end}"))
        else:
            bars[symbol] = adjusted(part)
    return bars, tuple(outside)


def _terminal(life: Life, frame: pd.DataFrame, premiums: Mapping[str, float]) -> float | None:
    symbol = life.listing.symbol
    return terminal_value(life.end, float(frame["close"].iloc[-1]), premiums[symbol])
