"""What a vendor sent for one symbol at one instant, exactly as it was sent."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from universes.errors import BadParameter

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

Scalar = str | int | float | bool | None

COLUMNS = ("open", "high", "low", "close", "adjusted_close", "volume", "dividend", "split")
_VENDOR = re.compile(r"[a-z][a-z0-9-]{0,31}")


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Daily bars of one symbol as one vendor sent them once.

    Parameters
    ----------
    vendor : str
        Who sent it: small letters, digits and ``-``, as ``yahoo``.
    symbol : str
        As the vendor writes it: ``LYC.AX``, ``AUDUSD=X``. Any text but an empty one.
    bars : DataFrame of shape (T, 8)
        Index: naive session dates, increasing and unique. Columns ``open high low close adjusted_close volume
        dividend split`` (split: new shares for one old, 1 = none; `close` split-adjusted, dividends not), NaN where
        the vendor sent nothing. Kept as a copy that cannot be written to, with an index of ``datetime64[ns]`` named
        ``session`` and columns of float64 in this order, whatever the order and types given.
    metadata : mapping of str to str, int, float, bool or None
        What the vendor said of the symbol: currency, exchange, time zone, kind of instrument. Finite numbers.
    fetched_at : datetime
        Instant of the answer. Needs a zone; kept in UTC and cut to whole seconds.
    client : str
        Program that fetched, with its version: ``yfinance 1.7.0``.

    Raises
    ------
    BadParameter
        If a part is not of this form.
    """

    vendor: str
    symbol: str
    bars: pd.DataFrame
    metadata: Mapping[str, Scalar]
    fetched_at: datetime
    client: str

    def __post_init__(self) -> None:
        check_key(self.vendor, self.symbol)
        name = f"snapshot of {self.symbol!r}"
        _check_text(f"{name}: client", self.client)
        object.__setattr__(self, "metadata", _scalars(name, self.metadata))
        object.__setattr__(self, "fetched_at", _whole_seconds(name, self.fetched_at))
        object.__setattr__(self, "bars", _as_stored(name, self.bars))

    @property
    def hash(self) -> str:
        """SHA-256 of vendor, symbol, bars and metadata, 64 hexadecimal digits.

        `fetched_at` and `client` have no part in it: the same answer twice has one hash.
        """
        said = {"columns": COLUMNS, "metadata": self.metadata, "symbol": self.symbol, "vendor": self.vendor}
        text = json.dumps(said, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode() + b"\n" + bars_to_bytes(self.bars)).hexdigest()


def check_key(vendor: str, symbol: str) -> None:
    """Refuse what cannot name a series of a store.

    Raises
    ------
    BadParameter
        If the vendor is not a plain word, or the symbol is empty or not text.
    """
    check_vendor(vendor)
    if not symbol:
        raise BadParameter(f"the symbol of a snapshot of {vendor} is empty: give the vendor's symbol")
    _check_text("the symbol", symbol)


def check_vendor(vendor: str) -> None:
    """Refuse a vendor that is not a plain word.

    Raises
    ------
    BadParameter
        If it has other characters than small letters, digits and ``-``, or more than 32.
    """
    if not _VENDOR.fullmatch(vendor):
        raise BadParameter(f"vendor {vendor!r} is not a plain word: write small letters, digits and '-'")


def bars_to_bytes(bars: pd.DataFrame) -> bytes:
    """Bars of a snapshot as bytes: T dates, then the eight columns one after the other.

    Parameters
    ----------
    bars : DataFrame of shape (T, 8)
        As a `Snapshot` keeps them.

    Returns
    -------
    bytes
        ``72 * T`` bytes: days since 1970-01-01 as little-endian int64, values as little-endian float64.
    """
    days = bars.index.to_numpy().astype("datetime64[D]").astype("<i8")
    return days.tobytes() + bars.to_numpy().T.astype("<f8", copy=False).tobytes()


def bars_from_bytes(raw: bytes | memoryview) -> pd.DataFrame:
    """Bars that `bars_to_bytes` made into bytes.

    Raises
    ------
    ValueError
        If the length is not a multiple of 72, or a date is outside the years 1678 to 2261.
    """
    import numpy as np

    count = len(raw) // 72
    days = np.frombuffer(raw, "<i8", count)
    first, last = np.array(["1678-01-01", "2261-12-31"], "datetime64[D]").astype(np.int64)
    if len(raw) % 72 or not ((days >= first) & (days <= last)).all():
        raise ValueError("not bars: a length or a date that cannot be")
    values = np.frombuffer(raw, "<f8", 8 * count, offset=8 * count).reshape(8, count)
    return _frame(days.astype("datetime64[D]"), values.astype(np.float64))


def _frame(days: npt.NDArray[np.datetime64], columns: npt.NDArray[np.float64]) -> pd.DataFrame:
    """Table on the very numbers given, shape (8, T), which cannot be written to afterwards."""
    import pandas as pd

    columns.setflags(write=False)
    index = pd.DatetimeIndex(days.astype("datetime64[ns]"), name="session")
    return pd.DataFrame(columns.T, index=index, columns=list(COLUMNS), copy=False)


def _as_stored(name: str, bars: pd.DataFrame) -> pd.DataFrame:
    import numpy as np

    if sorted(map(str, bars.columns)) != sorted(COLUMNS):
        raise BadParameter(f"{name}: columns {list(bars.columns)}; give {' '.join(COLUMNS)}")
    days = _session_days(name, bars.index)
    try:
        given = bars[list(COLUMNS)].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise BadParameter(f"{name}: not all bars are numbers ({error}): give numbers or NaN") from None
    columns = np.array(given.T, order="C")
    # There are many NaN in IEEE 754; one alone keeps equal bars equal in their bytes.
    columns[np.isnan(columns)] = np.nan
    return _frame(days, columns)


def _session_days(name: str, index: pd.Index) -> npt.NDArray[np.datetime64]:
    import pandas as pd

    if not isinstance(index, pd.DatetimeIndex) or index.tz is not None:
        raise BadParameter(f"{name}: the index holds no naive dates: give each bar its session date")
    if not (index.is_monotonic_increasing and index.is_unique):
        raise BadParameter(f"{name}: session dates are not increasing and unique: sort them, one bar a date")
    if len(index) and not (index[0].year > 1677 and index[-1].year < 2262):
        raise BadParameter(f"{name}: bars of {index[0]} to {index[-1]}: give dates of the years 1678 to 2261")
    stamps = index.to_numpy()
    days = stamps.astype("datetime64[D]")
    if (days != stamps).any():
        raise BadParameter(f"{name}: session dates have a time of day: give midnight")
    return days


def _whole_seconds(name: str, fetched_at: datetime) -> datetime:
    if fetched_at.tzinfo is None or fetched_at.utcoffset() is None:
        raise BadParameter(f"{name}: fetched_at {fetched_at} has no time zone: give UTC")
    try:
        return fetched_at.astimezone(UTC).replace(microsecond=0, fold=0)
    except OverflowError:
        raise BadParameter(f"{name}: fetched_at {fetched_at} is outside the calendar in UTC") from None


def _scalars(name: str, metadata: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Copy of the metadata in the order of its names, every value of a plain JSON type."""
    for key, value in metadata.items():
        _check_text(f"{name}: a name of its metadata", key)
        if isinstance(value, str):
            _check_text(f"{name}: {key!r} of its metadata", value)
        elif value is not None and not isinstance(value, int | float):
            raise BadParameter(f"{name}: {key!r} of its metadata is a {type(value).__name__}: give one value")
    try:
        # Through JSON and back: subclasses of str, int and float become what a reader of the file will see.
        copy: dict[str, Scalar] = json.loads(json.dumps(dict(metadata), sort_keys=True, allow_nan=False))
    except ValueError as error:
        raise BadParameter(f"{name}: its metadata is not JSON ({error}): give finite numbers") from None
    return copy


def _check_text(what: str, text: object) -> None:
    if not isinstance(text, str):
        raise BadParameter(f"{what} is a {type(text).__name__}: give text")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadParameter(f"{what} is not Unicode text ({text!a}): remove the lone surrogate") from None
