"""Which session an instant belongs to, exchange by exchange.

A date label is not an instant: Sydney closes sixteen hours before New York on the same date.
Everything that asks "before or after?" asks this file, in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Hours:
    """Sessions of one exchange on the shared session labels.

    Parameters
    ----------
    rows : ndarray of int, shape (S,)
        Positions of its sessions among the T shared labels, increasing.
    open_at, close_at : ndarray of datetime64[ns], shape (S,)
        UTC instants of each open and close.
    """

    rows: np.ndarray
    open_at: np.ndarray
    close_at: np.ndarray


@dataclass(frozen=True, eq=False)
class Clock:
    """Sessions of several exchanges under one list of date labels.

    Parameters
    ----------
    sessions : DatetimeIndex of shape (T,)
        Union of the exchanges' session dates, naive, increasing.
    hours : mapping of str to Hours
        One entry an exchange, by MIC.
    """

    sessions: pd.DatetimeIndex
    hours: Mapping[str, Hours]

    def reaction_row(self, exchange: str, instant: pd.Timestamp) -> int | None:
        """Row of the first session that could react: the first to close after `instant`.

        Parameters
        ----------
        exchange : str
            MIC of the exchange.
        instant : Timestamp
            UTC instant, with time zone.

        Returns
        -------
        int or None
            Position among the T labels; None when no session closes after `instant`.
        """
        return self._first_after(exchange, instant, self.hours[exchange].close_at)

    def open_row(self, exchange: str, instant: pd.Timestamp) -> int | None:
        """Row of the first session that could be traded from its open: the first to open after `instant`.

        Parameters and result are those of `reaction_row`.
        """
        return self._first_after(exchange, instant, self.hours[exchange].open_at)

    def latest_rows(self, exchange: str, other: str) -> np.ndarray:
        """Row of the last session of another exchange that had closed when each own session closed, shape (S,).

        This is what a session may be compared with: Sydney's Friday with New York's Thursday, Toronto's Friday with
        New York's Friday, which closes at the same instant. −1 where the other exchange had not closed before.

        Parameters
        ----------
        exchange, other : str
            MICs.
        """
        theirs = self.hours[other]
        before = theirs.close_at.searchsorted(self.hours[exchange].close_at, side="right") - 1
        rows = theirs.rows[before.clip(min=0)].copy()
        rows[before < 0] = -1
        return rows

    def _first_after(self, exchange: str, instant: pd.Timestamp, instants: np.ndarray) -> int | None:
        position = instants.searchsorted(instant.tz_convert(None).to_datetime64(), side="right")
        rows = self.hours[exchange].rows
        return int(rows[position]) if position < len(rows) else None

    def last_close(self, row: int) -> pd.Timestamp:
        """Instant at which the last exchange of a row closes: when a decision on that row is made."""
        import pandas as pd

        closes = [
            hours.close_at[position]
            for hours in self.hours.values()
            if (position := hours.rows.searchsorted(row)) < len(hours.rows) and hours.rows[position] == row
        ]
        return pd.Timestamp(max(closes), tz="UTC")
