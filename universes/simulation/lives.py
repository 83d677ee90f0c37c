"""Which listing of a symbol is simulated, from when to when, and how it ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from universes.errors import UnknownName
from universes.facts import Listing, by_key
from universes.panel import Missing
from universes.sessions import calendar_code
from universes.simulation import parameters as p

DEAL, COLLAPSE, LAST_PRICE, UNKNOWN = "deal", "collapse", "last-price", "unknown"


def one_a_symbol(listings: Iterable[Listing]) -> tuple[tuple[Listing, ...], tuple[Missing, ...]]:
    """For each symbol the listing that trades last within the horizon, by symbol; the others with the reason."""
    kept: list[Listing] = []
    missing: list[Missing] = []
    for symbol, rows in sorted(by_key(listings, "symbol").items()):
        ordered = sorted(rows, key=lambda row: (row.listed_from or date.min, row.company))
        usable = [row for row in ordered if not _outside(row)]
        missing.extend(Missing(symbol, _outside(row)) for row in ordered if row not in usable)
        missing.extend(
            Missing(symbol, f"an earlier company of the symbol of {usable[-1].company}") for _ in usable[:-1]
        )
        kept.extend(usable[-1:])
    return tuple(kept), tuple(missing)


def _outside(listing: Listing) -> str:
    """Why a listing has no session in the horizon; empty when it has."""
    try:
        calendar_code(listing.exchange)
    except UnknownName as error:
        return str(error)
    if listing.listed_from and listing.listed_from > p.LAST:
        return f"listed from {listing.listed_from}, after the simulated market ends on {p.LAST}"
    if listing.listed_to and listing.listed_to <= p.FIRST:
        return f"ceased trading on {listing.listed_to}, before the simulated market starts on {p.FIRST}"
    return ""


def ending(listing: Listing) -> str:
    """How a listing ends within the horizon; empty when it does not.

    ``deal``: cash or shares of a buyer; ``collapse``: nothing is left; ``last-price``: it goes on under
    another symbol; ``unknown``: the facts do not say what was paid.
    """
    if listing.listed_to is None or listing.listed_to > p.LAST:
        return ""
    if listing.terminal_kind == "zero" or listing.ended_by == "bankrupt":
        return COLLAPSE
    if listing.ended_by == "renamed":
        return LAST_PRICE
    if listing.terminal_kind in {"cash", "ratio"} or listing.ended_by in {"acquired", "merged"}:
        return DEAL
    return UNKNOWN


def terminal_value(end: str, last_close: float, premium: float) -> float | None:
    """Cash a share paid at the end; None when nobody said.

    Parameters
    ----------
    end : str
        As `ending` gives.
    last_close : float
        Price of the last session.
    premium : float
        Uniform draw on [0, 1).
    """
    known = {
        DEAL: round(last_close * (1 + p.DEAL_PREMIUM_MOST * premium), 4),
        COLLAPSE: 0.0,
        LAST_PRICE: last_close,
    }
    return known.get(end)
