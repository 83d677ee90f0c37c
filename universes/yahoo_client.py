"""Daily prices of one symbol from Yahoo, asked for with yfinance; the only importer of `yfinance`.

Yahoo's terms allow personal use: what comes stays on the user's disk.
"""

from __future__ import annotations

import logging
import re
import threading
import warnings
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from universes.errors import BadParameter, CannotWrite
from universes.fetching import Fetched, Outcome
from universes.snapshot import COLUMNS, Snapshot
from universes.yahoo_payload import Answer, answer, metadata, payouts, session_dates
from universes.yahoo_wire import CHART, Exchange, YahooSession

if TYPE_CHECKING:
    import pandas as pd

VENDOR = "yahoo"
START = "1990-01-01"
_SYMBOL = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9^.=&_-]{1,40}")
# yfinance looks such a symbol up elsewhere.
_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
_NAMES = {
    "Open": "open", "High": "high", "Low": "low", "Close": "close", "Adj Close": "adjusted_close",
    "Volume": "volume",
}  # fmt: skip


def open_session(folder: Path, **settings: Any) -> YahooSession:
    """Session to ask Yahoo with.

    Parameters
    ----------
    folder : Path
        Where yfinance keeps time zones and cookies; made if it is not there. The first folder of a process stays.
    **settings
        See `YahooSession`.

    Returns
    -------
    YahooSession
        yfinance has one session a process: threads that fetch at the same time must share one.

    Raises
    ------
    BadParameter
        If a setting is wrong.
    CannotWrite
        If the folder cannot be made, or what yfinance left in it cannot be read.
    """
    session = YahooSession(**settings)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = f"the folder {folder} cannot be made: {error.strerror}; choose another place"
        raise CannotWrite(message) from None
    try:
        with _QUIET, _CACHES:
            _open_caches(str(folder))
    except Exception as error:  # noqa: BLE001 - of sqlite, of peewee, of pickle
        message = f"the files of yfinance in {folder} cannot be used ({_one_line(error)}); remove that folder"
        raise CannotWrite(message) from None
    return session


def fetch(symbol: str, *, session: YahooSession, clock: Callable[[], datetime]) -> Fetched:
    """What Yahoo answers for one symbol: all daily bars since 1990, with dividends and splits.

    What came is judged by the answer on the wire, and kept as it was sent: nothing is repaired, and the bar of a
    session that is still open is in it.

    Parameters
    ----------
    symbol : str
        As Yahoo writes it: ``LYC.AX``, ``AUDUSD=X``.
    session : YahooSession
        From `open_session`; several threads may share it.
    clock : callable
        Current instant, aware.

    Raises
    ------
    BadParameter
        If the text cannot be a symbol of Yahoo's.
    """
    check_symbol(symbol)
    with _QUIET, session.recording() as exchanges:
        frame, error = _ask(symbol, session)
        if frame is None and _before_the_chart(exchanges):
            _forget_cookies(session)
            exchanges.clear()
            frame, error = _ask(symbol, session)
        _close_caches()
        now = clock()
        if frame is None and _before_the_chart(exchanges):
            return _unread(symbol, f"yfinance failed before it asked ({_one_line(error)})")
        said = answer(symbol, exchanges, now)
        if said.outcome is not Outcome.OK:
            return Fetched(symbol, said.outcome, said.message)
        if frame is None:
            return _unread(symbol, f"yfinance failed on it ({_one_line(error)})")
        return _kept(symbol, frame, said, now)


def check_symbol(symbol: str) -> None:
    """Refuse what cannot be a symbol of Yahoo's.

    Raises
    ------
    BadParameter
        If it has other signs than letters, digits and ``^.=&_-``, or is an ISIN.
    """
    if not _SYMBOL.fullmatch(symbol):
        raise BadParameter(f"{symbol!r} is no symbol of Yahoo's: write letters, digits and ^.=&_-, as LYC.AX")
    if _ISIN.fullmatch(symbol.upper()):
        raise BadParameter(f"{symbol!r} is an ISIN: give the symbol, as LYC.AX")


def _ask(symbol: str, session: YahooSession) -> tuple[pd.DataFrame | None, Exception | None]:
    """Table of yfinance, or what it raised."""
    import yfinance

    try:
        ticker = yfinance.Ticker(symbol, session=session)
        # A bad answer would be given again from memory, without asking.
        yfinance.data.YfData(session=session).cache_get.cache_clear()
        return ticker.history(
            start=START, interval="1d", auto_adjust=False, actions=True, repair=False, keepna=True
        ), None
    except Exception as error:  # noqa: BLE001 - the wire says what happened; yfinance raises anything at all
        return None, error


def _kept(symbol: str, frame: pd.DataFrame, said: Answer, now: datetime) -> Fetched:
    dates = session_dates(said.chart)
    days = dates[~dates.duplicated(keep="last")]
    bars = _bars(frame, said.chart)
    # yfinance leaves out a last bar that is ahead of this computer's clock.
    left_out = ~days[:-1].isin(bars.index)
    if left_out.any():
        return _unread(symbol, f"yfinance left out {int(left_out.sum())} bars")
    try:
        snapshot = Snapshot(VENDOR, said.chart["meta"]["symbol"], bars, metadata(said.chart), now, client())
    except BadParameter as error:
        return _unread(symbol, str(error))
    return Fetched(symbol, Outcome.OK, _told(snapshot), snapshot)


def _bars(frame: pd.DataFrame, chart: dict[str, Any]) -> pd.DataFrame:
    """Bars as Yahoo sent them, from yfinance's table of them.

    yfinance writes 0 for a volume that is null, and moves a dividend or split of a day without a bar to the bar
    before it; here the one is missing and the other stands on its own day, in a row without prices.
    """
    import pandas as pd

    index = pd.DatetimeIndex(frame.index).tz_localize(None).normalize().as_unit("ns")
    bars = frame.set_axis(index).rename(columns=_NAMES)[list(_NAMES.values())].astype(float)
    dates = session_dates(chart)
    volumes = pd.Series(chart["indicators"]["quote"][0]["volume"], dates, dtype=float)
    sent = volumes[~dates.duplicated(keep="last")]
    dividends, splits = (paid[paid.index >= dates[0]] for paid in payouts(chart))
    bars = bars.reindex(sent.index.intersection(index).union(dividends.index).union(splits.index))
    bars["volume"] = sent.reindex(bars.index)
    bars["dividend"] = dividends.reindex(bars.index, fill_value=0.0)
    bars["split"] = splits.reindex(bars.index, fill_value=1.0)
    return bars[list(COLUMNS)]


def _told(snapshot: Snapshot) -> str:
    index, other = snapshot.bars.index, snapshot.metadata.get("dividendCurrency")
    note = f"; dividends in {other}, prices in {snapshot.metadata['currency']}" if other else ""
    return f"{len(index)} bars from {index[0].date()} to {index[-1].date()}{note}"


def _unread(symbol: str, fault: str) -> Fetched:
    message = f"no prices that can be kept: {fault}; run again, or update yfinance"
    return Fetched(symbol, Outcome.BAD_PAYLOAD, message)


def _one_line(error: Exception | None) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]


def client() -> str:
    """Program that asks, with its version: ``yfinance 1.7.0``."""
    from importlib.metadata import version

    return f"yfinance {version('yfinance')}"


def _before_the_chart(exchanges: list[Exchange]) -> bool:
    return not any(exchange.trouble or exchange.path.startswith(CHART) for exchange in exchanges)


# yfinance's own files: time zones by symbol, and Yahoo's cookie.

_CACHES = threading.Lock()


def _open_caches(folder: str) -> None:
    import yfinance.cache

    if yfinance.cache.get_tz_cache().initialised == -1:
        yfinance.cache.set_tz_cache_location(folder)
    # Made here, under the lock: two threads that make the files at once would find them locked.
    yfinance.cache.get_tz_cache().lookup("")
    yfinance.cache.get_cookie_cache().lookup("")
    _close_caches()


def _close_caches() -> None:
    """Close this thread's connections, which a thread that ends would leave open."""
    import yfinance.cache

    for cache in (yfinance.cache.get_tz_cache(), yfinance.cache.get_cookie_cache()):
        if cache.db is not None and not cache.db.is_closed():
            cache.db.close()


def _forget_cookies(session: YahooSession) -> None:
    """Drop Yahoo's cookie from memory and disk: yfinance fails on one without an end, and keeps it."""
    import yfinance.cache

    session.cookies.clear()
    yfinance.cache.get_cookie_cache().store("curlCffi", None)


class _Quiet:
    """While a thread is within, yfinance raises what it would hide, and neither warns nor logs.

    Warnings and loggers belong to the whole process: what was set is restored when the last thread leaves.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._within = 0

    def __enter__(self) -> None:
        with self._lock:
            self._within += 1
            if self._within > 1:
                return
            self._warnings = warnings.catch_warnings()
            self._warnings.__enter__()
            warnings.simplefilter("ignore")
            import yfinance

            self._logger = logging.getLogger("yfinance")
            self._before = (self._logger.disabled, yfinance.config.debug.hide_exceptions)
            self._logger.disabled, yfinance.config.debug.hide_exceptions = True, False

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._within -= 1
            if self._within:
                return
            import yfinance

            self._logger.disabled, yfinance.config.debug.hide_exceptions = self._before
            self._warnings.__exit__(None, None, None)


_QUIET = _Quiet()
