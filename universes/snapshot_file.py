"""The file of one snapshot: its bytes, and the fault of a file that is none.

Three parts, the first two lines of ASCII text::

    lodestone snapshot 1 <SHA-256 of all that follows this line>
    {"client": …, "columns": …, "fetched_at": …, "hash": …, "holds": "bars", "metadata": …, "rows": T, …}
    <the bars: 72 T bytes, see `universes.snapshot.bars_to_bytes`>

A file that ``holds`` ``"no news"`` ends after its second line: the vendor sent again what an earlier file of the
same hash has.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from stat import S_ISREG
from typing import Any

from universes.errors import BadData, BadParameter, Fault
from universes.snapshot import COLUMNS, Scalar, Snapshot, bars_from_bytes, bars_to_bytes

FORMAT = 1
BARS, NO_NEWS = "bars", "no news"
# A century of daily bars is under 2 MB.
MOST_BYTES = 64 * 1024 * 1024
_FIRST_LINE = re.compile(rb"lodestone snapshot ([1-9][0-9]{0,8}) ([0-9a-f]{64})")
_ANEW = "remove it and fetch again"


@dataclass(frozen=True, slots=True)
class Header:
    """What the second line of a snapshot file says.

    Parameters
    ----------
    vendor, symbol, fetched_at, client, metadata
        As in `Snapshot`.
    hash : str
        `Snapshot.hash`.
    holds : {"bars", "no news"}
        Whether the bars follow, or are in an earlier file of the same hash.
    rows : int
        Number of bars, T.
    """

    vendor: str
    symbol: str
    fetched_at: datetime
    client: str
    metadata: dict[str, Scalar]
    hash: str
    holds: str
    rows: int


def to_bytes(snapshot: Snapshot, content_hash: str) -> bytes:
    """File of a snapshot with its bars; the same snapshot gives the same bytes.

    Parameters
    ----------
    snapshot : Snapshot
        What to write.
    content_hash : str
        `Snapshot.hash`, which the caller has at hand.
    """
    return _with_checksum(_header_line(snapshot, content_hash, BARS) + bars_to_bytes(snapshot.bars))


def no_news_to_bytes(snapshot: Snapshot, content_hash: str) -> bytes:
    """File that says that the vendor sent the same again; the parameters are those of `to_bytes`."""
    return _with_checksum(_header_line(snapshot, content_hash, NO_NEWS))


def read_file(path: Path) -> tuple[Header, memoryview]:
    """Header and bytes of the bars of a snapshot file, its checksum verified.

    Raises
    ------
    BadData
        If it cannot be read, is damaged, cut short, no snapshot, or of a newer format: one fault with the mend.
    """
    raw = _bytes(path)
    checksum, begin = _first_line(path, raw)
    if hashlib.sha256(memoryview(raw)[begin:]).hexdigest() != checksum:
        raise bad_file(path, f"is damaged or cut short: its checksum is of other bytes; {_ANEW}")
    header, begin = _second_line(path, raw, begin)
    bars = memoryview(raw)[begin:]
    if len(bars) != (72 * header.rows if header.holds == BARS else 0):
        raise bad_file(path, f"has {len(bars)} bytes of bars for {header.rows} rows; {_ANEW}")
    return header, bars


def read_symbol(path: Path) -> str:
    """Symbol in the header of a snapshot file, whose checksum is not verified.

    Raises
    ------
    BadData
        If there is no header to read.
    """
    raw = _bytes(path)
    return _second_line(path, raw, _first_line(path, raw)[1])[0].symbol


def to_snapshot(path: Path, header: Header, bars: memoryview) -> Snapshot:
    """Snapshot of a header and the bytes of its bars.

    Raises
    ------
    BadData
        If they are no snapshot, although the checksum was right: a program wrote the file that was not Lodestone.
    """
    try:
        return Snapshot(
            header.vendor,
            header.symbol,
            bars_from_bytes(bars),
            header.metadata,
            header.fetched_at,
            header.client,
        )
    except (BadParameter, ValueError) as error:
        raise bad_file(path, f"holds no snapshot ({error}); {_ANEW}") from None


def bad_file(path: Path, message: str) -> BadData:
    """The one fault of a file of the store, to be raised."""
    return BadData([Fault(str(path), 0, "", message)])


def _header_line(snapshot: Snapshot, content_hash: str, holds: str) -> bytes:
    header = {
        "client": snapshot.client,
        "columns": ["session", *COLUMNS],
        "fetched_at": snapshot.fetched_at.isoformat(),
        "hash": content_hash,
        "holds": holds,
        "metadata": snapshot.metadata,
        "rows": len(snapshot.bars),
        "symbol": snapshot.symbol,
        "types": ["<i8 days since 1970-01-01", *["<f8"] * len(COLUMNS)],
        "vendor": snapshot.vendor,
    }
    return json.dumps(header, sort_keys=True, allow_nan=False).encode("ascii") + b"\n"


def _with_checksum(rest: bytes) -> bytes:
    if len(rest) > MOST_BYTES - 128:
        raise BadParameter(
            f"a snapshot of {len(rest)} bytes; it may have {MOST_BYTES}: that is no daily series"
        )
    checksum = hashlib.sha256(rest).hexdigest()
    return f"lodestone snapshot {FORMAT} {checksum}\n".encode("ascii") + rest


def _bytes(path: Path) -> bytes:
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):
            raise bad_file(path, f"is not a file; {_ANEW}")
        if status.st_size > MOST_BYTES:
            raise bad_file(path, f"has {status.st_size} bytes, more than any snapshot; {_ANEW}")
        return path.read_bytes()
    except OSError as error:
        raise bad_file(path, f"cannot be read: {error.strerror}; check who may read it") from None


def _first_line(path: Path, raw: bytes) -> tuple[str, int]:
    """Checksum of what follows, and where that begins."""
    end = raw.find(b"\n", 0, 128)
    match = _FIRST_LINE.fullmatch(raw[: max(end, 0)])
    if not match:
        raise bad_file(path, f"is no snapshot of Lodestone, or damaged in its first line; {_ANEW}")
    if (number := int(match[1])) != FORMAT:
        message = f"is of format {number}, this Lodestone reads {FORMAT}: update Lodestone, or {_ANEW}"
        raise bad_file(path, message)
    return match[2].decode(), end + 1


def _second_line(path: Path, raw: bytes, begin: int) -> tuple[Header, int]:
    """Header, and where the bars begin."""
    end = raw.find(b"\n", begin)
    try:
        return _header(json.loads(raw[begin : max(end, begin)].decode("ascii"))), end + 1
    except (KeyError, TypeError, ValueError, RecursionError):
        raise bad_file(path, f"has no header of a snapshot in its second line; {_ANEW}") from None


def _header(said: Any) -> Header:
    if said["columns"] != ["session", *COLUMNS] or said["holds"] not in {BARS, NO_NEWS}:
        raise ValueError(said["columns"])
    texts = [said[name] for name in ("vendor", "symbol", "client", "hash")]
    if not all(isinstance(text, str) for text in texts) or type(said["rows"]) is not int:
        raise TypeError(texts)
    vendor, symbol, client, content_hash = texts
    return Header(
        vendor, symbol, datetime.fromisoformat(said["fetched_at"]), client,
        dict(said["metadata"]), content_hash, said["holds"], said["rows"],
    )  # fmt: skip
