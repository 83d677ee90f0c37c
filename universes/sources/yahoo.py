"""Source ``yahoo`` or ``yahoo:FOLDER``: snapshots that `lodestone prices fetch` has put into the store.

Nothing is fetched here: what a run uses is on disk before it begins. `docs/sources.md` says how it comes there.
"""

from __future__ import annotations

from dataclasses import replace
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
    """A snapshot as a series for the gates; dividends in another currency than the prices are refused."""
    name = f"{snapshot.vendor} {snapshot.symbol} of {snapshot.fetched_at:%Y-%m-%d}"
    currency = str(snapshot.metadata.get("currency") or "")
    opened = from_table(
        snapshot.symbol, name, snapshot.bars, currency=currency, fetched_at=snapshot.fetched_at
    )
    paid = snapshot.metadata.get("dividendCurrency")
    if paid is None or paid == currency:
        return opened
    message = f"{name}: dividends are in {paid}, prices in {currency}; total returns would be wrong: use another source"
    refusal = Finding("refused", snapshot.symbol, "", "currency", message)
    return replace(opened, findings=(*opened.findings, refusal))


SOURCE = read_store
