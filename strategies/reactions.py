"""Where each firm-event lands in the prices: the session that reacted and how it closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from strategies.plan import Skipped

if TYPE_CHECKING:
    from universes.exposure import Exposure
    from universes.panel import Market
    from universes.policy import Events


@dataclass(frozen=True, slots=True)
class Reaction:
    """A firm-event on a session.

    Parameters
    ----------
    event, symbol : str
        Which.
    column, row : int
        Place of the reaction session in the market's tables.
    pop : float
        Return of the reaction session, close on the close before, as a fraction.
    """

    event: str
    symbol: str
    column: int
    row: int
    pop: float


def tailwind_pops(
    market: Market, events: Events, min_pop: float
) -> tuple[tuple[Reaction, ...], tuple[Skipped, ...]]:
    """Firm-events that lifted a company they favour by more than `min_pop`, and the others with their reasons.

    Parameters
    ----------
    market : Market
        Prices.
    events : Events
        E events.
    min_pop : float
        Least return of the reaction session, as a fraction; it must be exceeded.

    Returns
    -------
    tuple of (tuple of Reaction, tuple of Skipped)
        Both in order of the events, then of the symbols.
    """
    from universes.exposure import exposures
    from universes.policy import known_at

    instants = {event.event: known_at(event) for event in events}
    column = {symbol: at for at, symbol in enumerate(market.symbols)}
    found: list[Reaction] = []
    skipped: list[Skipped] = []
    for item in exposures(events, market.universe):
        reaction = _reaction(item, instants[item.event], market, column)
        if isinstance(reaction, Reaction) and reaction.pop <= min_pop:
            reaction = f"no pop above {min_pop:.1%}: {reaction.pop:+.1%} on the reaction session"
        if isinstance(reaction, Reaction):
            found.append(reaction)
        else:
            skipped.append(Skipped(item.symbol, item.event, reaction))
    return tuple(found), tuple(skipped)


def _reaction(item: Exposure, instant: object, market: Market, column: dict[str, int]) -> Reaction | str:
    import pandas as pd

    if item.sign <= 0:
        return "ambiguous for this company" if item.sign == 0 else "a headwind for this company"
    if item.symbol not in column:
        return "no prices"
    at = column[item.symbol]
    exchange = str(market.lives["exchange"].iat[at])
    row = market.clock.reaction_row(exchange, pd.Timestamp(instant))  # type: ignore[arg-type]
    if row is None:
        return "after the last session"
    if row <= market.clock.hours[exchange].rows[0]:
        return "before the first session"
    closes = market.bars["close"].to_numpy()[:, at]
    before = closes[:row][~pd.isna(closes[:row])]
    if pd.isna(closes[row]) or not len(before):
        return "no bar on the reaction session" if pd.isna(closes[row]) else "no price before the event"
    return Reaction(item.event, item.symbol, at, row, float(closes[row] / before[-1] - 1))


def fall_from_high(high: Sequence[float], close: Sequence[float], depth: float) -> int | None:
    """Position of the first close, after the first bar, that is `depth` below the highest high so far.

    Parameters
    ----------
    high, close : sequence of float, shape (S,)
        Bars from the reaction session on, none missing.
    depth : float
        Fall, as a fraction of the running high.
    """
    peak = high[0]
    for position in range(1, len(close)):
        peak = max(peak, high[position])
        if close[position] <= peak * (1 - depth):
            return position
    return None
