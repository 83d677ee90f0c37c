"""Series as a vendor sends them, without files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import worlds
from price_files import days

from universes.facts import Listing
from universes.price_file import Opened, PriceFile
from universes.quotes import Quotes, Request
from universes.vetting import vetted


def table(closes: Sequence[float], dates: Sequence[str] = (), **columns: Any) -> pd.DataFrame:
    """Bars with a range of one per cent around the close, 1000 shares a day, no actions."""
    on = list(dates) or days(len(closes))
    close = pd.Series(closes, dtype=float)
    bars = {
        "open": close, "high": close * 1.005, "low": close * 0.995, "close": close,
        "volume": 1000.0, "dividend": 0.0, "split": 1.0,
    }  # fmt: skip
    frame = pd.DataFrame({**bars, **columns})
    frame.index = pd.DatetimeIndex(pd.to_datetime(on).astype("datetime64[ns]"), name="session")
    return frame


def raw_file(dates: Sequence[str], closes: Sequence[float], splits: Sequence[float]) -> PriceFile:
    """A series of raw prices."""
    return PriceFile("MP", "MP", table(closes, dates, split=splits), True, "plain", "raw")


def vet(opened: Mapping[str, Opened], *listings: Listing, **request: Any) -> Quotes:
    """What the gates let pass of these series."""
    asked = Request(worlds.world_universe(list(listings)), tuple(listings), None, None, **request)
    return vetted(lambda symbol: opened.get(symbol, Opened(None, reason="no snapshot")), asked)
