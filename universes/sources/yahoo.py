"""Source ``yahoo`` or ``yahoo:FOLDER``: snapshots that `lodestone prices fetch` has put into the store.

Nothing is fetched here: what a run uses is on disk before it begins. `docs/sources.md` says how it comes there.
"""

from __future__ import annotations

from pathlib import Path

from universes.errors import BadData, Fault
from universes.panel import Finding
from universes.price_file import Opened
from universes.price_series import from_table
from universes.quotes import Quotes, Request
from universes.snapshot import Snapshot
from universes.store import Store
from universes.vetting import vetted

VENDOR = "yahoo"


def read_store(request: Request) -> Quotes:
    """Daily bars of a store's latest snapshots, after the data gates.

    Parameters
    ----------
    request : Request
        `location` is the folder of the store; empty is the user's own.

    Returns
    -------
    Quotes
        Symbols without a snapshot, or refused by a gate, are in `missing` with the reason.

    Raises
    ------
    BadData
        If no symbol has a usable snapshot.
    """
    store = Store(Path(request.location)) if request.location else Store.default()
    quotes = vetted(lambda symbol: open_snapshot(store, symbol), request)
    if not quotes.bars:
        why = quotes.missing[0].reason if quotes.missing else "no symbol was asked for"
        raise BadData([Fault(str(store.folder), 0, "", f"no usable prices of any name: {why}")])
    return quotes


def open_snapshot(store: Store, symbol: str) -> Opened:
    """The latest snapshot of a symbol as a series, or why there is none; a damaged one is refused."""
    try:
        snapshot = store.latest(VENDOR, symbol)
    except BadData as error:
        return Opened.refused(Finding("refused", symbol, "", "unreadable", str(error)))
    if snapshot is None:
        return Opened(None, (), f"no snapshot in {store.folder}: run lodestone prices fetch")
    return as_series(snapshot)


def as_series(snapshot: Snapshot) -> Opened:
    """A snapshot as a series for the gates."""
    return from_table(
        snapshot.symbol,
        f"{snapshot.vendor} {snapshot.symbol} of {snapshot.fetched_at:%Y-%m-%d}",
        snapshot.bars,
        currency=str(snapshot.metadata.get("currency") or ""),
        fetched_at=snapshot.fetched_at,
    )


SOURCE = read_store
