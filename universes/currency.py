"""What the currency label of a quote means, and prices of one currency in another.

A rate is used from the first close after its own: on one date Sydney closes fifteen hours before the rate of that
date is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from universes.errors import BadParameter, UnknownName
from universes.facts import Listing
from universes.panel import Missing
from universes.quotes import Quotes
from universes.sessions import calendar_code, schedule

if TYPE_CHECKING:
    import pandas as pd

Numbers = npt.NDArray[np.float64]

# ISO 4217, the currencies of the exchanges that have a calendar here and of their neighbours.
CODES = frozenset((
    "AED", "ARS", "AUD", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EUR", "GBP", "HKD",
    "HUF", "IDR", "ILS", "INR", "JPY", "KRW", "KZT", "MXN", "MYR", "NOK", "NZD", "PEN", "PHP", "PLN",
    "RON", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD", "VND", "ZAR", "ZMW",
))  # fmt: skip
# Exchanges that quote in a hundredth of their currency, as vendors write it: pence, cents, agorot.
UNITS = {
    "GBp": "GBP",
    "GBX": "GBP",
    "GBx": "GBP",
    "ZAc": "ZAR",
    "ZAC": "ZAR",
    "ZAX": "ZAR",
    "ILA": "ILS",
    "ILa": "ILS",
}
HUNDREDTH = 0.01

MONEY = ("open", "high", "low", "close", "adjusted_close", "traded_close")
# Sessions that may use one rate after the first that does.
MOST_SESSIONS = 5
# A rate that doubles overnight is a pair written the other way round, or in other units.
MOST_JUMP = 2.0


def unit(label: str) -> tuple[str, float]:
    """Currency of a quote and what one quoted unit is of it: ``("GBP", 0.01)`` of ``GBp``, ``("USD", 1.0)`` of ``USD``.

    Parameters
    ----------
    label : str
        As a vendor or a fact table writes it; ``GBp``, ``GBX``, ``ZAc``, ``ZAC`` and ``ILA`` are hundredths.

    Raises
    ------
    UnknownName
        If the label is neither a currency nor a hundredth of one that is known here.
    """
    if label in CODES:
        return label, 1.0
    if label in UNITS:
        return UNITS[label], HUNDREDTH
    raise UnknownName("currency", label, (*CODES, *UNITS))


def check_code(currency: str) -> str:
    """The currency itself, when it can be one that prices are converted into.

    Raises
    ------
    UnknownName
        If there is no such currency here.
    BadParameter
        If it is a hundredth of one.
    """
    code, factor = unit(currency)
    if factor != 1:
        raise BadParameter(f"currency {currency!r} is a hundredth of {code}: write {code}")
    return code


def quoted_in(labels: Iterable[str], currency: str) -> float:
    """What one quoted unit of a series is in the currency of its listing.

    Parameters
    ----------
    labels : iterable of str
        Every label the series had: one for each snapshot or part.
    currency : str
        Currency of the listing.

    Returns
    -------
    float
        1.0, or 0.01 for a series in pence of a listing in pounds.

    Raises
    ------
    UnknownName
        If a label is unknown.
    BadParameter
        If there is no label, they differ, also by the unit alone, or they are of another currency.
    """
    seen = sorted(set(labels))
    if not seen:
        raise BadParameter(f"the quotes have no currency label: the listing says {currency}; give the label")
    if len(seen) > 1:
        raise BadParameter(
            f"the currency label of the quotes changes ({', '.join(seen)}): fetch the whole series again"
        )
    code, factor = unit(seen[0])
    wanted, base = unit(currency)
    if code != wanted:
        raise BadParameter(
            f"quotes are labelled {seen[0]}, the listing is in {currency}: correct listings.csv, or fetch again"
        )
    return factor / base


def fx_symbol(currency: str, into: str) -> str:
    """Symbol of the price of one unit of a currency: ``AUDUSD=X`` is US dollars for one Australian."""
    return f"{currency}{into}=X"


def fx_symbols(listings: Iterable[Listing], into: str) -> dict[str, str]:
    """Symbols of the rates that listings need, by currency, sorted; none for those already in `into`.

    Parameters
    ----------
    listings : iterable of Listing
        What is converted.
    into : str
        ISO code wanted; empty for no conversion.
    """
    if not into:
        return {}
    needed = {unit(row.currency)[0] for row in listings} - {into}
    return {code: fx_symbol(code, into) for code in sorted(needed)}


def rescaled(bars: pd.DataFrame, factor: float) -> pd.DataFrame:
    """Bars with every amount of money times a factor: pence as pounds with 0.01.

    Parameters
    ----------
    bars : DataFrame of shape (T, …)
        Volume and splits stay.
    factor : float
        Above zero.
    """
    columns = [name for name in (*MONEY, "dividend") if name in bars]
    return bars.assign(**{name: bars[name] * factor for name in columns})


def converted(bars: pd.DataFrame, rates: Numbers) -> pd.DataFrame:
    """Bars in another currency; one rate a bar, so that a bar keeps its shape.

    A dividend is taken at the rate of the bar before, because it is counted against that bar's close: so conversion
    and adjustment for dividends give the same in either order.

    Parameters
    ----------
    bars : DataFrame of shape (T, …)
        Prices, dividends, volume and splits; the last two stay.
    rates : ndarray of shape (T,)
        Wanted currency for one unit of the present one.
    """
    changes = {name: bars[name] * rates for name in MONEY if name in bars}
    if "dividend" in bars:
        changes["dividend"] = bars["dividend"] * np.concatenate((rates[:1], rates[:-1]))
    return bars.assign(**changes)


def fx_fault(fx: pd.DataFrame) -> str:
    """What is wrong with a series of rates, with the date; empty when nothing is.

    Parameters
    ----------
    fx : DataFrame of shape (F, …)
        As for `rates_at`.
    """
    if not len(fx):
        return "it has no bar"
    if not (fx.index.is_monotonic_increasing and fx.index.is_unique):
        return "its dates are not increasing and unique"
    known = fx["close"].dropna()
    wrong = ~(np.isfinite(known) & (known > 0)).to_numpy()
    if wrong.any():
        return f"the rate of {known.index[wrong][0]:%Y-%m-%d} is {known[wrong].iloc[0]:g}"
    step = (known / known.shift()).to_numpy()
    jumps = (step > MOST_JUMP) | (step < 1 / MOST_JUMP)
    if jumps.any():
        return f"the rate of {known.index[jumps][0]:%Y-%m-%d} is {step[jumps][0]:.3g} times the one before"
    return ""


def rates_at(fx: pd.DataFrame, hours: pd.DataFrame) -> Numbers:
    """The rate for each session of an exchange, shape (S,): the last whose own close came before the session's.

    Parameters
    ----------
    fx : DataFrame of shape (F, …)
        Rates by date: ``close``, wanted currency for one unit; NaN where there was none. Where the source knows them,
        ``close_at``: UTC instants of those closes, naive, increasing. Without them the close of a date counts as
        known from the next date on.
    hours : DataFrame of shape (S, …)
        Sessions of the exchange with their UTC ``close``, naive, as `universes.sessions.schedule` gives, from a
        month before the first bar on.

    Returns
    -------
    ndarray
        NaN before the first rate, and from the seventh session on that would have to use one rate: a rate is
        carried over at most 5 sessions after the first that uses it.
    """
    fx = fx[fx["close"].notna().to_numpy()]
    if "close_at" in fx:
        at = fx["close_at"].to_numpy().searchsorted(hours["close"].to_numpy(), side="left") - 1
    else:
        at = fx.index.searchsorted(hours.index, side="left") - 1
    sessions = np.arange(len(at))
    first_use = np.searchsorted(at, at, side="left")
    usable = (at >= 0) & (sessions - first_use <= MOST_SESSIONS)
    rates = np.full(len(at), np.nan)
    rates[usable] = fx["close"].to_numpy(dtype=float)[at[usable]]
    return rates


def in_one_currency(quotes: Quotes, listings: Mapping[str, Listing], into: str) -> Quotes:
    """Quotes with all prices in one currency; a series with a bar that has no rate is missing, with the mend.

    Parameters
    ----------
    quotes : Quotes
        `rates` by currency, as `rates_at` wants them; every bar on a session of its exchange.
    listings : mapping of str to Listing
        The listing of every symbol that has bars.
    into : str
        ISO code. A payout at the end of a life is taken at the rate of the last bar.

    Raises
    ------
    BadParameter
        If the source quotes all in another currency and has no rates.
    """
    if quotes.currency not in ("", into) and quotes.currency not in quotes.rates:
        raise BadParameter(
            f"currency {into}: these prices are all in {quotes.currency}, and the source has no exchange rates: "
            f"write {quotes.currency}, or leave the currency out"
        )
    span = _span(quotes.bars.values())
    bars: dict[str, pd.DataFrame] = {}
    terminal = dict(quotes.terminal)
    lacking: list[Missing] = []
    tables: dict[tuple[str, str], _Table | str] = {}
    for symbol, frame in quotes.bars.items():
        label = quotes.currency or listings[symbol].currency
        key = (label, calendar_code(listings[symbol].exchange))
        if key not in tables:
            tables[key] = _table(quotes.rates, *key, into, span)
        rates = _of_bars(frame, tables[key])
        if isinstance(rates, str):
            lacking.append(Missing(symbol, rates))
            continue
        bars[symbol] = frame if label == into else converted(frame, rates)
        if symbol in terminal:
            terminal[symbol] *= float(rates[-1])
    missing = tuple(sorted((*quotes.missing, *lacking), key=lambda item: item.symbol))
    return replace(quotes, bars=bars, terminal=terminal, missing=missing, currency=into)


@dataclass(frozen=True, eq=False)
class _Table:
    """Rates by session of one calendar, shape (S,), and what is said of those that are not there."""

    sessions: pd.DatetimeIndex
    rates: Numbers
    told: str


def _span(frames: Iterable[pd.DataFrame]) -> tuple[str, str]:
    """First and last date of the sessions that are looked at: a month more before the first bar."""
    import pandas as pd

    ends = [(frame.index[0], frame.index[-1]) for frame in frames]
    first = min(item[0] for item in ends) - pd.Timedelta(days=31)
    return f"{first:%Y-%m-%d}", f"{max(item[1] for item in ends):%Y-%m-%d}"


def _table(
    known: Mapping[str, pd.DataFrame], label: str, calendar: str, into: str, span: tuple[str, str]
) -> _Table | str:
    import pandas as pd

    code, factor = unit(label)
    hours = schedule(calendar, *span)
    sessions = pd.DatetimeIndex(hours.index)
    if code == into:
        return _Table(sessions, np.full(len(sessions), factor), "")
    pair = fx_symbol(code, into)
    fx = known.get(code)
    if fx is None:
        return (
            f"there are no exchange rates {pair} to convert it from {code}: add {pair}.csv to the folder or "
            "fetch them into the store, or leave the currency out"
        )
    fault = fx_fault(fx)
    if fault:
        return f"the exchange rates {pair} cannot be used, as {fault}: correct or fetch them again"
    told = (
        f"the exchange rates {pair} run from {fx.index[0]:%Y-%m-%d} to {fx.index[-1]:%Y-%m-%d} and serve "
        f"{MOST_SESSIONS + 1} sessions each: choose dates within, or complete them"
    )
    return _Table(sessions, rates_at(fx, hours) * factor, told)


def _of_bars(frame: pd.DataFrame, table: _Table | str) -> Numbers | str:
    """The rate of each bar, shape (T,); or why a series cannot be converted."""
    if isinstance(table, str):
        return table
    rates = table.rates[table.sessions.get_indexer(frame.index)]
    gone = np.isnan(rates)
    if not gone.any():
        return rates
    first = frame.index[int(gone.argmax())]
    bars = f"{int(gone.sum())} of {len(frame)} bars"
    return f"{bars}, the first of {first:%Y-%m-%d}, have no rate, and {table.told}"
