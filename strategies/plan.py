"""What a strategy decides: entries with their exits, or target weights; never a fill.

Row t of a decision was made after the last close of row t; the engine fills it at the next open that exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import pandas as pd

    from universes.panel import Market
    from universes.policy import Events


@dataclass(frozen=True, slots=True)
class Exits:
    """When a position is left; the first rule that is met decides, None switches a rule off.

    Parameters
    ----------
    hold : int or None
        Sessions held: the position is sold at the open of the `hold`-th own session after its entry session.
    stop : float or None
        Fall below the entry price, as a fraction, at which it is sold within the session.
    take_profit : float or None
        Rise above the entry price, as a fraction, at which it is sold within the session.
    trailing_stop : float or None
        Fall below the highest high since the entry session (up to the session before), as a fraction.
    """

    hold: int | None = None
    stop: float | None = None
    take_profit: float | None = None
    trailing_stop: float | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision to buy.

    Parameters
    ----------
    row : int
        Row after whose last close it was decided; -1 is never used.
    symbol : str
        What to buy.
    event : str
        Event that led to it, or an empty string.
    exits : Exits
        When to leave.
    """

    row: int
    symbol: str
    event: str
    exits: Exits


@dataclass(frozen=True, slots=True)
class Skipped:
    """A firm-event that led to no decision, and why."""

    symbol: str
    event: str
    reason: str


@dataclass(frozen=True, slots=True)
class Entries:
    """Decisions to buy, each position on its own share of the book.

    Parameters
    ----------
    entries : tuple of Entry
        Ordered by row, then symbol, then event.
    skipped : tuple of Skipped
        Firm-events that led to none.
    """

    entries: tuple[Entry, ...]
    skipped: tuple[Skipped, ...] = ()


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
    """Anything with a plan; a frozen dataclass whose fields are the parameters."""

    def plan(self, market: Market, events: Events, eligible: pd.DataFrame) -> Plan:
        """Decisions over the whole history, each from what was known at the time.

        Parameters
        ----------
        market : Market
            Prices; row t of a decision may use rows up to t only.
        events : Events
            Policy events; one that became known after the last close of row t may not be used on row t.
        eligible : DataFrame of bool, shape (T, N)
            Which symbols may be bought after each row.
        """
