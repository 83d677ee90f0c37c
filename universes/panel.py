"""Prices of many names on shared sessions, each bar with its instants, nothing filled in silence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from universes.clock import Clock
    from universes.universe import Universe

BAR_FIELDS = ("open", "high", "low", "close", "volume", "traded_close", "dividend", "split")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a data gate saw in one series.

    Parameters
    ----------
    severity : {"refused", "flagged"}
        ``refused``: the series is left out. ``flagged``: it is used as it is, and the finding is listed.
    symbol : str
        Whose series.
    on : str
        Date of the first bar concerned, ``YYYY-MM-DD``, or an empty string.
    gate : str
        Which rule: ``duplicate-date``, ``high-below-low`` …
    message : str
        What was seen, with file and line where there is one, and the mend.
    """

    severity: str
    symbol: str
    on: str
    gate: str
    message: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.symbol} {self.on} {self.gate}: {self.message}"


@dataclass(frozen=True, slots=True)
class Missing:
    """A name without usable prices, and why."""

    symbol: str
    reason: str


@dataclass(frozen=True, eq=False)
class Market:
    """Daily bars of N symbols on T shared sessions.

    Prices are adjusted for splits and dividends (total return, on the basis of the last bar);
    `traded_close` is what was printed on the day, for levels and sizes. A missing bar (exchange
    closed, halt, not listed) is NaN in every field and is never filled.

    Parameters
    ----------
    universe : Universe
        Whose members these are.
    bars : dict of str to DataFrame, each of shape (T, N)
        ``open high low close volume traded_close dividend split``; sessions by symbols, symbols sorted.
        Volume in shares as traded, dividend in currency a share as traded, split as new shares for one old (1 = none).
    clock : Clock
        The T session labels and the UTC instants of each exchange.
    lives : DataFrame of shape (N, …)
        One row a symbol: ``company exchange currency`` (str); ``control`` (bool: used for benchmarks
        only, never traded); ``first last`` (row of its first and last bar); ``end`` (row on which it is paid out
        because it ceased within the data, or -1); ``ended_by`` (str); ``terminal_value`` (adjusted price paid at
        `end`; NaN when unknown: the last close is used and said so).
    source : str
        ``simulated`` or ``csv:FOLDER``.
    kind : {"simulated", "real"}
        Whether anything here was ever traded.
    hash : str
        SHA-256 of the content.
    missing : tuple of Missing
        Names asked for and not here.
    findings : tuple of Finding
        What the data gates saw.
    truth : DataFrame or None
        Planted effects of a simulated market (see `universes.sources.simulated`), else None.
    """

    universe: Universe
    bars: dict[str, pd.DataFrame]
    clock: Clock
    lives: pd.DataFrame
    source: str
    kind: str
    hash: str
    missing: tuple[Missing, ...] = ()
    findings: tuple[Finding, ...] = ()
    truth: pd.DataFrame | None = None

    @property
    def open(self) -> pd.DataFrame:
        """Adjusted opening prices, shape (T, N)."""
        return self.bars["open"].copy(deep=False)

    @property
    def high(self) -> pd.DataFrame:
        """Adjusted session highs, shape (T, N)."""
        return self.bars["high"].copy(deep=False)

    @property
    def low(self) -> pd.DataFrame:
        """Adjusted session lows, shape (T, N)."""
        return self.bars["low"].copy(deep=False)

    @property
    def close(self) -> pd.DataFrame:
        """Adjusted closing prices, shape (T, N)."""
        return self.bars["close"].copy(deep=False)

    @property
    def volume(self) -> pd.DataFrame:
        """Shares traded, as printed, shape (T, N)."""
        return self.bars["volume"].copy(deep=False)

    @property
    def traded_close(self) -> pd.DataFrame:
        """Closing prices as printed on the day, shape (T, N)."""
        return self.bars["traded_close"].copy(deep=False)

    @property
    def sessions(self) -> pd.DatetimeIndex:
        """Session labels, naive dates, shape (T,)."""
        return self.clock.sessions

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """All N symbols, sorted, controls among them."""
        return tuple(self.lives.index)

    @property
    def members(self) -> tuple[str, ...]:
        """Symbols that may be traded: all but the controls."""
        return tuple(self.lives.index[~self.lives["control"]])

    @property
    def reference_exchange(self) -> str:
        """MIC on whose sessions results are stated: New York where it is present, else the fullest exchange."""
        counts = self.lives["exchange"].value_counts()
        return "XNYS" if "XNYS" in counts.index else str(counts.sort_index(kind="stable").idxmax())

    def __repr__(self) -> str:
        first, last = self.sessions[0].date(), self.sessions[-1].date()
        banner = "SIMULATED " if self.kind == "simulated" else ""
        return (
            f"<Market {banner}{self.source}: {len(self.members)} members, {len(self.sessions)} sessions "
            f"{first} to {last}, {len(self.missing)} without prices, {len(self.findings)} findings>"
        )
