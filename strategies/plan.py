"""What a strategy decides: entries with their exits, or target weights; never a fill.

Row t of a decision was made after the last close of row t; the engine fills it at the next open that exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import pandas as pd

    from strategies.arrays import Integers, Numbers
    from universes.panel import Market
    from universes.policy import Events

LONG, SHORT = 1, -1


@dataclass(frozen=True, slots=True)
class Exits:
    """When a position is left; the first rule that is met decides, None switches a rule off.

    Against and in favour are seen from the position: a fall is against a purchase and in favour of a short sale.

    Parameters
    ----------
    hold : int or None
        Sessions held: the position is left at the open of the `hold`-th own session after its entry session.
    stop : float or None
        Move against the entry price, as a fraction, at which it is left within the session.
    take_profit : float or None
        Move in favour of the entry price, as a fraction, at which it is left within the session.
    trailing_stop : float or None
        Move against the best price since the entry session (up to the session before), as a fraction.
    """

    hold: int | None = None
    stop: float | None = None
    take_profit: float | None = None
    trailing_stop: float | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision to buy, or to sell short.

    Parameters
    ----------
    row : int
        Row after whose last close it was decided; -1 is never used.
    symbol : str
        What to trade.
    event : str
        Event that led to it, or an empty string.
    exits : Exits
        When to leave.
    side : {1, -1}
        `LONG` or `SHORT`.
    share : float
        Part of a whole position that is wanted, above 0 and at most 1: a third of three staged entries.
    stage : int
        1 opens a position; a higher one adds to the position that an earlier stage of the same event opened.
    priority : float
        Of the orders of one open the highest comes first where positions or limits are short; ties go by symbol.
    leave_after : int or None
        Row after whose last close the reason to hold is gone, as an event of the opposite sign: the position is left at
        the next open, and an order still waiting is dropped. It must have been known by that row.
    """

    row: int
    symbol: str
    event: str
    exits: Exits
    side: int = LONG
    share: float = 1.0
    stage: int = 1
    priority: float = 0.0
    leave_after: int | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A firm-event that led to no decision, and why."""

    symbol: str
    event: str
    reason: str


@dataclass(frozen=True, slots=True)
class Entries:
    """Decisions to trade, each position on its own share of the book.

    Parameters
    ----------
    entries : tuple of Entry
        In any order: the engine sorts them by row, priority, symbol, stage and event.
    skipped : tuple of Skipped
        Firm-events that led to none.
    """

    entries: tuple[Entry, ...]
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, eq=False)
class EntryTable:
    """Entries as M-long arrays, all with the same exits: what a sweep asks a strategy for.

    Parameters
    ----------
    row, symbol, event : ndarray of int, shape (M,)
        Decision row; column of the symbol in the market; place of the event in `events`.
    side, stage : ndarray of int, shape (M,)
        As in `Entry`.
    share, priority : ndarray of float, shape (M,)
        As in `Entry`.
    leave_after : ndarray of int, shape (M,)
        As in `Entry`; -1 is never.
    events : tuple of str
        Identifiers of the events.
    exits : Exits
        Of every entry.
    """

    row: Integers
    symbol: Integers
    event: Integers
    side: Integers
    stage: Integers
    share: Numbers
    priority: Numbers
    leave_after: Integers
    events: tuple[str, ...]
    exits: Exits

    def entries(self, symbols: tuple[str, ...]) -> tuple[Entry, ...]:
        """The same as objects; `symbols` are the market's."""
        return tuple(
            Entry(
                int(self.row[at]),
                symbols[self.symbol[at]],
                self.events[self.event[at]],
                self.exits,
                int(self.side[at]),
                float(self.share[at]),
                int(self.stage[at]),
                float(self.priority[at]),
                int(self.leave_after[at]) if self.leave_after[at] >= 0 else None,
            )
            for at in range(len(self.row))
        )


@dataclass(frozen=True, eq=False)
class Weights:
    """Target weights of the whole book.

    Parameters
    ----------
    table : DataFrame of shape (T, N)
        Fraction of equity in each symbol, decided after the last close of the row; a row that is all NaN
        decides nothing; within any other row NaN is 0. Rows sum to at most 1, no weight is negative.
    """

    table: pd.DataFrame


Plan = Entries | Weights


@runtime_checkable
class Strategy(Protocol):
    """Anything with a plan; a frozen dataclass whose fields are the parameters.

    A plan that needs the alignment score as known on the day takes a fourth argument named ``scores``: a DataFrame of
    shape (T, N), NaN where there is none.
    """

    def plan(self, market: Market, events: Events, eligible: pd.DataFrame) -> Plan:
        """Decisions over the whole history, each from what was known at the time.

        Parameters
        ----------
        market : Market
            Prices; row t of a decision may use rows up to t only.
        events : Events
            Policy events; one that became known after the last close of row t may not be used on row t.
        eligible : DataFrame of bool, shape (T, N)
            Which symbols may be traded after each row.
        """
