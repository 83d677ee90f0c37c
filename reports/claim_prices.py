"""Claims that only prices can settle: a move of one symbol, and a study of events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from reports.claim_ground import (
    BOUNDS,
    CHANCE,
    FAILS,
    HOLDS,
    NEEDS_PRICES,
    SIMULATED,
    UNKNOWN,
    Found,
    Ground,
    percent,
    within,
)
from universes.policy import known_at

if TYPE_CHECKING:
    import pandas as pd

    from universes.panel import Market

# As `lodestone study` has it by default: ten sessions before, for the estimation window to keep away from.
FIRST_SESSION = -10


def move(values: Mapping[str, Any], ground: Ground) -> Found:
    """Whether a symbol moved as a claim says, from one close to another.

    Parameters
    ----------
    values : mapping
        ``move`` (symbol), ``date`` or ``event``, and ``least``, ``most`` (fractions), ``window`` (sessions) or
        ``high_of_months``.
    ground : Ground
        With prices, or the verdict is ``needs prices``.
    """
    market, symbol = ground.market, values["move"]
    when = values.get("date") or f"the reaction session of {values['event']}"
    if market is None:
        return Found(NEEDS_PRICES, f"Needs closes of {symbol} around {when}: --source csv:FOLDER.")
    if symbol not in market.symbols:
        reason = next((item.reason for item in market.missing if item.symbol == symbol), "it was not loaded")
        return Found(NEEDS_PRICES, f"There are no prices of {symbol} in {market.source}: {reason}.")
    closes = market.bars["close"][symbol].dropna()
    session = _session(values, ground, market)
    if session is None or session not in closes.index:
        return Found(UNKNOWN, f"{symbol} has no bar on {when} in {market.source}.")
    return _settled(_moved(values, closes, int(closes.index.get_loc(session)), market), market)


def _session(values: Mapping[str, Any], ground: Ground, market: Market) -> pd.Timestamp | None:
    import pandas as pd

    if "date" in values:
        return pd.Timestamp(values["date"])
    exchange = str(market.lives.at[values["move"], "exchange"])
    row = market.clock.reaction_row(exchange, pd.Timestamp(known_at(ground.events[values["event"]])))
    # An event that is older than the data falls on their first session, which has no close before it.
    return None if row is None else market.sessions[row]


def _moved(values: Mapping[str, Any], closes: pd.Series[float], at: int, market: Market) -> Found:
    symbol, sessions = values["move"], values.get("window", 1)
    last = at + sessions - 1
    first = _day(closes.index[at])
    if at == 0 or last >= len(closes):
        side = "before" if at == 0 else "far enough after"
        return Found(UNKNOWN, f"{symbol} has no bar {side} {first} in {market.source}.")
    moved = float(closes.iloc[last] / closes.iloc[at - 1] - 1)
    span = (
        f"on {first}"
        if sessions == 1
        else f"in the {sessions} sessions from {first} to {_day(closes.index[last])}"
    )
    said = f"{symbol} moved {percent(moved)} {span}, from the close of {_day(closes.index[at - 1])} ({market.source})"
    verdict = within(moved, moved, values)
    if "least" in values or "most" in values:
        said += f"; the sentence needs {_needed(values)}"
    if "high_of_months" not in values:
        return Found(verdict, f"{said}.")
    record, words = _record(values["high_of_months"], closes, at)
    return Found(record if verdict == HOLDS else verdict, f"{said}; {words}.")


def _record(months: int, closes: pd.Series[float], at: int) -> tuple[str, str]:
    """Whether a session's move is the largest, up or down, of the months before it."""
    import pandas as pd

    since = closes.index[at] - pd.DateOffset(months=months)
    if closes.index[0] > since:
        return UNKNOWN, f"its prices begin on {_day(closes.index[0])}, within the {months} months before"
    sizes = closes.pct_change(fill_method=None).abs().iloc[1 : at + 1]
    before = sizes.iloc[:-1]
    before = before[before.index > since]
    if before.empty:
        return UNKNOWN, f"it has no bar in the {months} months before"
    largest = before.idxmax()
    words = (
        f"the largest move of the {months} months before was {before.max() * 100:.1f} % on {_day(largest)}"
    )
    return (HOLDS if sizes.iloc[-1] > before.max() else FAILS), words


def study(values: Mapping[str, Any], ground: Ground) -> Found:
    """Whether events moved the companies they touch as a claim says, and whether chance would do as well.

    Parameters
    ----------
    values : mapping
        ``study`` (filter on events), ``window`` (first and last session), ``at_least`` or ``at_most`` (fraction),
        ``as_of`` (only events known by then).
    ground : Ground
        With prices, or the verdict is ``needs prices``.
    """
    market = ground.market
    where, (first, last) = values["study"].text, values["window"]
    if market is None:
        return Found(NEEDS_PRICES, f"Needs prices for a study of {where}: --source csv:FOLDER.")
    from strategies.event_study import study as run

    events = ground.events.where(where).between(end=values.get("as_of"))
    found = run(market, events, window=(FIRST_SESSION, max(last, 1)))
    test = next(item for item in found.windows if (item.first, item.last) == (first, last))
    if test.mean is None or test.low is None or test.high is None:
        why = test.reason or "no event touched a company with prices"
        said = f"{test.episodes} independent dates of {where} can be measured: {why}."
        return _settled(Found(UNKNOWN, said), market)
    interval = f"{percent(test.low)} to {percent(test.high)}"
    said = (
        f"Mean abnormal return over sessions {first} to {last}: {percent(test.mean)}, 95 % interval {interval}, on "
        f"{test.episodes} independent dates of {where} ({market.source}); the sentence needs "
        f"{_needed(values, ('at_least', 'at_most'))}."
    )
    return _settled(Found(_beyond_chance(test.mean, test.low, test.high, values), said), market)


def _beyond_chance(mean: float, low: float, high: float, values: Mapping[str, Any]) -> str:
    if low <= 0 <= high:
        return CHANCE
    if "at_least" in values:
        return HOLDS if mean >= values["at_least"] and low > 0 else FAILS
    return HOLDS if mean <= values["at_most"] and high < 0 else FAILS


def _settled(found: Found, market: Market) -> Found:
    # What a simulated price does says nothing of an article.
    return Found(SIMULATED, f"Simulated: {found.data}") if market.kind == "simulated" else found


def _needed(values: Mapping[str, Any], bounds: Sequence[str] = BOUNDS) -> str:
    """Bounds of a claim in words, as per cent."""
    words = [f"at {name.removeprefix('at_')} {percent(values[name])}" for name in bounds if name in values]
    return " and ".join(words)


def _day(session: date) -> str:
    return f"{session:%Y-%m-%d}"
