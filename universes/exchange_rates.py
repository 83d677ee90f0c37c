"""Exchange rates from the same source as the prices: series of symbols such as ``AUDUSD=X``."""

from __future__ import annotations

from collections.abc import Callable, Container
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from universes import gates
from universes.currency import fx_symbols, quoted_in
from universes.errors import LodestoneError
from universes.panel import Missing
from universes.price_file import Opened, PriceFile
from universes.quotes import Request

if TYPE_CHECKING:
    import pandas as pd


def rates_for(
    opener: Callable[[str], Opened], request: Request, symbols: Container[str]
) -> tuple[dict[str, pd.DataFrame], tuple[Missing, ...]]:
    """Rates by currency for what a request converts, and the pairs that the source does not have.

    Parameters
    ----------
    opener : callable
        Gives the series of a symbol as its source has it, or the reason why there is none.
    request : Request
        `currency` is what is converted into; empty asks for nothing.
    symbols : container of str
        Symbols that have bars: only what they need is asked for.

    Returns
    -------
    dict of str to DataFrame
        By ISO code; column ``close``, the wanted currency for one unit. Days that had not ended when a vendor was
        asked are left out.
    tuple of Missing
        Pairs without a usable series, each with the reason.
    """
    rates: dict[str, pd.DataFrame] = {}
    missing: list[Missing] = []
    listings = [row for row in request.listings if row.symbol in symbols]
    for code, symbol in fx_symbols(listings, request.currency).items():
        found = _rates(opener(symbol), request)
        if isinstance(found, str):
            need = (
                f"{code} cannot be read in {request.currency} without it: add it, or leave the currency out"
            )
            missing.append(Missing(symbol, f"{found}; {need}"))
        else:
            rates[code] = found
    return rates, tuple(missing)


def _rates(opened: Opened, request: Request) -> pd.DataFrame | str:
    if opened.file is None:
        return opened.reason
    file, found = gates.form(opened.file)
    refused = [item for item in gates.settle(found, request.accept) if item.severity == "refused"]
    if refused:
        return f"{refused[0].gate}: {refused[0].message}"
    wrong = _label_fault(file, request.currency)
    if wrong:
        return wrong
    closes = gates.ordered(file).bars[["close"]]
    return closes if file.fetched_at is None else of_ended_days(closes, file.fetched_at)


def of_ended_days(rates: pd.DataFrame, fetched_at: datetime) -> pd.DataFrame:
    """Rates of the days that had ended, by UTC, when they were fetched: currencies trade round the clock.

    Parameters
    ----------
    rates : DataFrame of shape (F, …)
        Index: naive dates, increasing.
    fetched_at : datetime
        Instant of the answer, with a zone.
    """
    midnight = fetched_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return rates[rates.index < midnight]


def _label_fault(file: PriceFile, into: str) -> str:
    """What is wrong with a vendor's label; a folder's own setting is about its shares, not about its rates."""
    if file.fetched_at is None or not file.currency:
        return ""
    try:
        factor = quoted_in([file.currency], into)
    except LodestoneError as error:
        return str(error)
    return "" if factor == 1 else f"rates are labelled {file.currency}, in hundredths of {into}: fetch again"
