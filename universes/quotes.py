"""What a price source is asked and what it answers: the contract of `universes/sources/*.py`.

A source is a file with `SOURCE`, a callable from `Request` to `Quotes`; its file name is what users type
before the colon of ``--source``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from universes.panel import Finding, Missing

if TYPE_CHECKING:
    import pandas as pd

    from universes.facts import Listing
    from universes.universe import Universe


@dataclass(frozen=True, eq=False)
class Request:
    """What to fetch.

    Parameters
    ----------
    universe : Universe
        Whose prices.
    listings : tuple of Listing
        One entry a symbol period; a symbol may appear more than once (two companies, one after the other).
    start, end : date or None
        First and last session wanted, both included; None is all there is.
    seed : int
        Seed of a simulated market.
    location : str
        What followed the colon of ``--source``: a folder.
    accept : frozenset of str
        Gates whose refusal the user accepts.
    currency : str
        ISO code of the currency that the market will be in: the source answers with `rates`, and converts nothing.
        Empty: each listing's own.
    """

    universe: Universe
    listings: tuple[Listing, ...]
    start: date | None
    end: date | None
    seed: int = 0
    location: str = ""
    accept: frozenset[str] = frozenset()
    currency: str = ""


@dataclass(frozen=True, eq=False)
class Quotes:
    """What a source answered.

    Parameters
    ----------
    bars : mapping of str to DataFrame
        By symbol: index naive session dates, increasing and unique; columns ``open high low close volume``
        (split-adjusted, dividends not), ``dividend`` (cash a share on the ex-date, same basis as close, 0 = none)
        and ``split`` (new shares for one old on the ex-date, 1 = none). Optional ``adjusted_close`` (the vendor's
        total-return close): used where the source has no dividends.
    kind : {"simulated", "real"}
        Whether anything here was ever traded.
    terminal : mapping of str to float
        Cash a share paid when the symbol ceased, in the basis of `close`; only for symbols that ceased within the data.
    missing : tuple of Missing
        Symbols without usable prices, with reasons.
    findings : tuple of Finding
        What the gates saw.
    truth : DataFrame or None
        Planted effects of a simulated market.
    currency : str
        The one currency of all prices, where the source quotes so; empty where each listing's own stands.
    rates : mapping of str to DataFrame
        Exchange rates by ISO code, for the currencies that `universes.currency.fx_symbols` names: index naive dates,
        column ``close``, the requested currency for one unit, NaN where there is none; ``close_at``, the UTC instants
        of those closes (naive), where the source knows them.
    """

    bars: Mapping[str, pd.DataFrame]
    kind: str
    terminal: Mapping[str, float]
    missing: tuple[Missing, ...] = ()
    findings: tuple[Finding, ...] = ()
    truth: pd.DataFrame | None = None
    currency: str = ""
    rates: Mapping[str, pd.DataFrame] = field(default_factory=dict)


Source = Callable[[Request], Quotes]
