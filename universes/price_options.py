"""What the `prices` commands share: the store, the symbols, the clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from universes.facts import Listing
    from universes.store import Store
    from universes.universe import Universe

VENDOR = "yahoo"


def store_option(command: Any) -> Any:
    """Add ``--store``, as `store`."""
    return click.option(
        "--store",
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help="Where snapshots are kept; default $LODESTONE_STORE, else the user's cache folder.",
    )(command)


def open_store(folder: Path | None) -> Store:
    """The store of a folder, or the user's own."""
    from universes.store import Store

    return Store.default() if folder is None else Store(folder)


def now() -> datetime:
    """The present instant in UTC: read here alone, at the edge."""
    return datetime.now(UTC)


def wanted(universe: str, symbols: Sequence[str] = ()) -> tuple[Listing, ...]:
    """Listings of a universe's members and controls, or those of some symbols among them.

    Raises
    ------
    UnknownName
        If a symbol is none of theirs.
    """
    from universes.catalog import load
    from universes.errors import UnknownName

    found = listings(load(universe))
    known = {row.symbol for row in found}
    for symbol in symbols:
        if symbol not in known:
            raise UnknownName("symbol", symbol, known)
    return tuple(row for row in found if not symbols or row.symbol in symbols)


def listings(universe: Universe) -> tuple[Listing, ...]:
    """Every listing of the members and controls of a universe."""
    members = [row for company in universe.companies for row in universe.listings.get(company, ())]
    return (*members, *universe.controls)
