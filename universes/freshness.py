"""How old the prices in a store are, and by how many sessions they lag."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from universes.facts import Listing
from universes.sessions import calendar_code, schedule

if TYPE_CHECKING:
    from universes.store import Store

# Sydney prints its closing auction up to twelve minutes after the close; feeds follow within minutes.
SETTLE = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Freshness:
    """What a store holds of one symbol.

    Parameters
    ----------
    symbol : str
        As the vendor writes it.
    state : {"fresh", "stale", "ended", "none"}
        ``fresh``: it has the last session that has closed. ``ended``: the facts say that it trades no more, and the
        bars reach its end or the vendor sent no later ones. ``none``: no snapshot.
    snapshots : int
        How many fetches the store knows.
    fetched_at : datetime or None
        The last of them, UTC.
    age_hours : float or None
        Hours since then.
    first, last : date or None
        First and last session with a bar.
    bars : int
        How many bars.
    sessions_behind : int or None
        Sessions that have closed since the last bar; None where there is none, or the listing has ended.
    hash : str
        SHA-256 of the last snapshot; empty where there is none.
    """

    symbol: str
    state: str
    snapshots: int
    fetched_at: datetime | None
    age_hours: float | None
    first: date | None
    last: date | None
    bars: int
    sessions_behind: int | None
    hash: str

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


def freshness(store: Store, vendor: str, listings: Iterable[Listing], now: datetime) -> tuple[Freshness, ...]:
    """How fresh the store's prices of some listings are, by symbol.

    Parameters
    ----------
    store : Store
        Where the snapshots are.
    vendor : str
        Whose.
    listings : iterable of Listing
        What is wanted; of a symbol that stands for several companies the last counts.
    now : datetime
        With a zone.

    Raises
    ------
    BadData
        If a snapshot is damaged.
    """
    by_symbol = {row.symbol: row for row in sorted(listings, key=lambda row: row.listed_from or date.min)}
    return tuple(_of(store, vendor, by_symbol[symbol], now) for symbol in sorted(by_symbol))


def _of(store: Store, vendor: str, listing: Listing, now: datetime) -> Freshness:
    entries = store.entries(vendor, listing.symbol)
    if not entries:
        return Freshness(listing.symbol, "none", 0, None, None, None, None, 0, None, "")
    days = store.read(entries[-1]).bars.index
    last = days[-1].date()
    behind = (
        None
        if listing.listed_to and listing.listed_to <= now.date()
        else sessions_behind(listing.exchange, last, now)
    )
    return Freshness(
        symbol=listing.symbol,
        state="ended" if behind is None else "stale" if behind else "fresh",
        snapshots=len(entries),
        fetched_at=entries[-1].fetched_at,
        age_hours=(now - entries[-1].fetched_at) / timedelta(hours=1),
        first=days[0].date(),
        last=last,
        bars=len(days),
        sessions_behind=behind,
        hash=entries[-1].hash,
    )


def sessions_behind(exchange: str, last: date, now: datetime) -> int:
    """How many sessions of an exchange have closed, and settled, since a session.

    Parameters
    ----------
    exchange : str
        MIC.
    last : date
        The session.
    now : datetime
        With a zone.
    """
    return len(closed_sessions(exchange, last, now))


def closed_sessions(exchange: str, after: date, now: datetime) -> Sequence[date]:
    """Sessions of an exchange later than a date that have closed, and settled, by an instant."""
    import pandas as pd

    if after >= now.date():
        return ()
    table = schedule(calendar_code(exchange), str(after + timedelta(days=1)), str(now.date()))
    settled = table["close"] + SETTLE <= pd.Timestamp(now).tz_convert("UTC").tz_localize(None)
    return [stamp.date() for stamp in table.index[settled]]
