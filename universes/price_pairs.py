"""Two series of each symbol, an older and a newer one, from folders or a store."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from universes.errors import BadData, BadParameter, Fault
from universes.panel import Finding
from universes.price_file import Opened, read_prices

if TYPE_CHECKING:
    import pandas as pd

    from universes.snapshot import Snapshot
    from universes.store import Store

VENDOR = "yahoo"

Pair = tuple[str, "pd.DataFrame", "pd.DataFrame"]


def pairs(
    symbols: Iterable[str], newer: str, older: str | None, store: Store, basis: str = ""
) -> tuple[Pair, ...]:
    """Old and new bars of every symbol that has both.

    Parameters
    ----------
    symbols : iterable of str
        Whose series.
    newer, older : str or None
        ``yahoo`` for the store's latest snapshot, ``csv:FOLDER``, or None for the snapshot before the latest.
    store : Store
        Where snapshots are.
    basis : str
        How prices of the older files are stated; ``total-return`` closes are compared with adjusted closes.

    Returns
    -------
    tuple of (symbol, DataFrame, DataFrame)
        In the order of the symbols; bars as they stand at their source.

    Raises
    ------
    BadData
        If no symbol has both.
    BadParameter
        If a source is not of this form.
    """
    for source in filter(None, (newer, older)):
        _check(source)
    wanted = list(symbols)
    found = [
        (symbol, old, new)
        for symbol in wanted
        if (old := _older(symbol, older, store, basis)) is not None
        and (new := _bars(symbol, newer, store)) is not None
    ]
    if not found:
        where = f"{newer} and {older or 'the snapshots before the latest'}"
        message = f"none of {len(wanted)} symbols has two series to compare: fetch again, or name two sources"
        raise BadData([Fault(where, 0, "", message)])
    return tuple(found)


def relabelled(symbols: Iterable[str], store: Store) -> tuple[Finding, ...]:
    """Symbols whose currency label is another one in the latest snapshot than in the one before; gate ``currency``."""
    found = []
    for symbol in symbols:
        old, new = _before(symbol, store), store.latest(VENDOR, symbol)
        labels = [item.metadata.get("currency") for item in (old, new) if item]
        if len(set(labels)) > 1:
            message = (
                f"the currency label went from {labels[0]} to {labels[1]}; one of the two series is wrong"
            )
            found.append(
                Finding("flagged", symbol, "", "currency", f"{message}: compare with another source")
            )
    return tuple(found)


def _before(symbol: str, store: Store) -> Snapshot | None:
    """The snapshot before the latest; one that brought nothing new is the latest again."""
    entries = store.entries(VENDOR, symbol)
    before = [entry for entry in entries if entry.hash != entries[-1].hash]
    return store.read(before[-1]) if before else None


def _older(symbol: str, source: str | None, store: Store, basis: str) -> pd.DataFrame | None:
    if source is not None:
        return _bars(symbol, source, store, basis)
    before = _before(symbol, store)
    return before.bars if before else None


def _bars(symbol: str, source: str, store: Store, basis: str = "") -> pd.DataFrame | None:
    if source == VENDOR:
        snapshot = store.latest(VENDOR, symbol)
        return snapshot.bars if snapshot else None
    path = _file(Path(source.partition(":")[2]), symbol)
    return _opened(read_prices(symbol, path, basis=basis)) if path else None


def _check(source: str) -> None:
    kind, _, folder = source.partition(":")
    if source != VENDOR and (kind != "csv" or not folder):
        raise BadParameter(f"source {source!r} cannot be compared: write yahoo, or csv:FOLDER")
    if folder and not Path(folder).is_dir():
        raise BadData([Fault(folder, 0, "", "there is no such folder: name one with one file a symbol")])


def _file(folder: Path, symbol: str) -> Path | None:
    names = {item.name.casefold(): item for item in sorted(folder.iterdir())}
    return names.get(f"{symbol}.csv".casefold())


def _opened(opened: Opened) -> pd.DataFrame:
    if opened.file is None:
        raise BadData([Fault("", 0, "", opened.reason)])
    bars = opened.file.bars.sort_index(kind="stable")
    bars = bars[~bars.index.duplicated()]
    if opened.file.basis == "total-return":
        return bars.assign(adjusted_close=bars["close"]).drop(columns=["close", "dividend"])
    if not opened.file.has_dividends:
        # What a file does not tell has not changed.
        return bars.drop(columns="dividend")
    return bars if "adjusted_close" in bars else _with_total_return(bars)


def _with_total_return(bars: pd.DataFrame) -> pd.DataFrame:
    """Bars with an adjusted close from their dividends."""
    factor = (1 - bars["dividend"] / bars["close"].shift()).fillna(1.0)
    later = factor[::-1].cumprod()[::-1].shift(-1, fill_value=1.0)
    return bars.assign(adjusted_close=bars["close"] * later)
