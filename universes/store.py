"""Snapshots of vendors' prices in a folder: written once, never changed, whole or not there.

::

    <folder>/<vendor>/<32 digits of the symbol's SHA-256>/<fetched_at>-<hash>.snapshot
                                                          <fetched_at>-<hash>.same      sent again, no news
                                                          .lock

Which snapshot is the latest is in the names alone. Any number of processes may read and write at once: one writer
a symbol at a time, readers without a lock.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from universes.atomic import flush_folder, write_file
from universes.errors import BadData, BadParameter, CannotWrite
from universes.snapshot import Snapshot, check_key, check_vendor
from universes.snapshot_file import (
    BARS,
    Header,
    bad_file,
    no_news_to_bytes,
    read_file,
    read_symbol,
    to_bytes,
    to_snapshot,
)

VARIABLE = "LODESTONE_STORE"
_WHOLE, _AGAIN = ".snapshot", ".same"
_NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{64}\.(snapshot|same)", re.ASCII)
_KEY = re.compile(r"[0-9a-f]{32}")
# How `write_file` names a temporary file.
_LEFTOVER = re.compile(r"\.\d{8}T\d{6}Z-", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """One fetch that a store knows of.

    Parameters
    ----------
    vendor, symbol : str
        Whose prices.
    fetched_at : datetime
        When the vendor sent them, UTC.
    hash : str
        `Snapshot.hash` of what it sent.
    path : Path
        File of the fetch.
    """

    vendor: str
    symbol: str
    fetched_at: datetime
    hash: str
    path: Path


class Store:
    """A folder of snapshots.

    Parameters
    ----------
    folder : Path
        Need not be there: the first snapshot makes it.
    lock_seconds : float
        How long `put` waits for another writer of the same symbol.

    Notes
    -----
    Where reading fails, `BadData` names the file and the mend; a damaged file is never passed over for an older one,
    but for `latest_whole`. The lock is one of the operating system and ends with its process; it does not hold between
    machines that share a network disk.
    """

    def __init__(self, folder: Path, *, lock_seconds: float = 30.0) -> None:
        if "\0" in str(folder):
            raise BadParameter(f"no folder can have the name {str(folder)!r}: name another")
        self.folder = Path(folder)
        self._lock_seconds = lock_seconds

    @classmethod
    def default(cls) -> Store:
        """The user's store: the folder in ``LODESTONE_STORE``, else ``lodestone/prices`` in the user's caches."""
        given = os.environ.get(VARIABLE, "")
        if given:
            return cls(Path(given))
        from platformdirs import user_cache_path

        return cls(user_cache_path("lodestone") / "prices")

    def __repr__(self) -> str:
        return f"Store({str(self.folder)!r})"

    def put(self, snapshot: Snapshot) -> Entry:
        """Entry of a snapshot that is now in the store, whole and on disk.

        Bars that the latest entry has too are not written again: a file of a line notes the fetch. Two fetches of one
        second that differ are both kept, in the order of their hashes; the same fetch put twice is one entry.

        Parameters
        ----------
        snapshot : Snapshot
            With one bar at least.

        Raises
        ------
        BadParameter
            If the snapshot has no bars.
        CannotWrite
            If the folder cannot be written, the disk is full, or another writer holds the symbol for too long.
        """
        if not len(snapshot.bars):
            raise BadParameter(
                f"{snapshot.vendor} sent no bars of {snapshot.symbol!r}: an empty answer is not kept"
            )
        folder = self.folder_of(snapshot.vendor, snapshot.symbol)
        content_hash = snapshot.hash
        stem = f"{_stamp(snapshot.fetched_at)}-{content_hash}"
        whole, again = (
            Entry(
                snapshot.vendor, snapshot.symbol, snapshot.fetched_at, content_hash, folder / (stem + suffix)
            )
            for suffix in (_WHOLE, _AGAIN)
        )
        content = to_bytes(snapshot, content_hash)
        with self._locked(folder, f"{snapshot.vendor} {snapshot.symbol!r}"):
            for entry in (whole, again):
                if self._reads(entry):
                    return entry
            if not whole.path.exists() and _latest_has(folder, content_hash):
                write_file(again.path, no_news_to_bytes(snapshot, content_hash))
                return again
            write_file(whole.path, content)
            # A note of this very fetch, whose snapshot is gone or damaged, has nothing more to say.
            again.path.unlink(missing_ok=True)
        return whole

    def latest(self, vendor: str, symbol: str) -> Snapshot | None:
        """Snapshot fetched last, or None when there is none.

        Raises
        ------
        BadData
            If it is damaged or cannot be read.
        """
        folder = self.folder_of(vendor, symbol)
        names = _names(folder)
        return self.read(_entry(vendor, symbol, folder / names[-1])) if names else None

    def latest_whole(self, vendor: str, symbol: str) -> tuple[Snapshot | None, tuple[BadData, ...]]:
        """Snapshot fetched last of those that can be read, and the faults of the later ones, the latest first."""
        faults: list[BadData] = []
        for entry in reversed(self.entries(vendor, symbol)):
            try:
                return self.read(entry), tuple(faults)
            except BadData as error:
                faults.append(error)
        return None, tuple(faults)

    def entries(self, vendor: str, symbol: str) -> tuple[Entry, ...]:
        """Every fetch of a symbol, oldest first; their files are not opened.

        Raises
        ------
        BadData
            If the folder cannot be read, or holds a snapshot whose name is none.
        """
        folder = self.folder_of(vendor, symbol)
        return tuple(_entry(vendor, symbol, folder / name) for name in _names(folder))

    def read(self, entry: Entry) -> Snapshot:
        """Snapshot of an entry, its checksum verified.

        Raises
        ------
        BadData
            If a file is damaged, cut short, of another program or of a newer format, or is not what its name says.
        """
        header, bars = read_file(entry.path)
        said = (header.vendor, header.symbol, header.fetched_at, header.hash)
        if said != (entry.vendor, entry.symbol, entry.fetched_at, entry.hash):
            raise _misnamed(entry.path, header)
        if entry.path.suffix == _WHOLE:
            return to_snapshot(_holding_bars(entry.path, header), header, bars)
        base = _base(_listed(entry.path.parent), entry.hash)
        if base is None:
            raise bad_file(entry.path, "repeats a snapshot that is gone; remove it and fetch again")
        path = entry.path.with_name(base)
        first, bars = read_file(path)
        if (first.vendor, first.symbol, first.hash) != (entry.vendor, entry.symbol, entry.hash):
            raise _misnamed(path, first)
        return to_snapshot(_holding_bars(path, first), header, bars)

    def symbols(self, vendor: str) -> tuple[str, ...]:
        """Symbols of a vendor that have an entry, sorted.

        Raises
        ------
        BadData
            If a folder of the store cannot be read, or none of a symbol's files says which symbol it is.
        """
        check_vendor(vendor)
        folders = [
            self.folder / vendor / name for name in _listed(self.folder / vendor) if _KEY.fullmatch(name)
        ]
        return tuple(sorted(filter(None, map(_symbol_of, folders))))

    def folder_of(self, vendor: str, symbol: str) -> Path:
        """Folder of a symbol's snapshots, whether it is there or not; its name holds nothing of the symbol's text."""
        check_key(vendor, symbol)
        return self.folder / vendor / _hashed(symbol)

    def _reads(self, entry: Entry) -> bool:
        if not entry.path.exists():
            return False
        try:
            self.read(entry)
        except BadData:
            return False
        return True

    @contextmanager
    def _locked(self, folder: Path, what: str) -> Iterator[None]:
        from filelock import FileLock, Timeout

        try:
            _make(folder)
            # A soft lock is a file that outlives a killed writer: better none than that.
            lock = FileLock(folder / ".lock", self._lock_seconds, poll_interval=0.005, fallback_to_soft=False)
            with lock:
                _remove_leftovers(folder)
                yield
        except Timeout:
            message = f"another process has been writing {what} for {self._lock_seconds:g} s"
            raise CannotWrite(f"{message}; wait until it ends, or end it: {folder / '.lock'}") from None
        except (OSError, NotImplementedError) as error:
            why = getattr(error, "strerror", None) or error
            message = f"the price store {self.folder} cannot be written: {why}"
            raise CannotWrite(f"{message}; set {VARIABLE} to a folder of yours on a local disk") from None


def _hashed(symbol: str) -> str:
    return hashlib.sha256(symbol.encode()).hexdigest()[:32]


def _stamp(instant: datetime) -> str:
    # Not strftime, which does not pad years before 1000 everywhere.
    return f"{instant.replace(tzinfo=None).isoformat().replace('-', '').replace(':', '')}Z"


def _entry(vendor: str, symbol: str, path: Path) -> Entry:
    stamp, content_hash = path.stem.split("-")
    try:
        return Entry(vendor, symbol, datetime.fromisoformat(stamp), content_hash, path)
    except ValueError:
        raise bad_file(path, f"is no name of a snapshot: {stamp} is no instant; remove it") from None


def _listed(folder: Path) -> list[str]:
    """Names in a folder of the store, sorted; none when it is not there."""
    try:
        with os.scandir(folder) as items:
            return sorted(item.name for item in items)
    except FileNotFoundError:
        return []
    except OSError as error:
        message = f"cannot be read: {error.strerror}; check who may read it, or set {VARIABLE}"
        raise bad_file(folder, message) from None


def _names(folder: Path) -> list[str]:
    """Names of the fetches in a symbol's folder, oldest first."""
    listed = _listed(folder)
    for name in listed:
        if name.endswith((_WHOLE, _AGAIN)) and not name.startswith(".") and not _NAME.fullmatch(name):
            raise bad_file(
                folder / name, "is no name of a snapshot: remove it, or give it back the name it had"
            )
    return [name for name in listed if _NAME.fullmatch(name)]


def _base(names: list[str], content_hash: str) -> str | None:
    """Newest file that holds the bars of a hash."""
    return next((name for name in reversed(names) if name.endswith(f"Z-{content_hash}{_WHOLE}")), None)


def _latest_has(folder: Path, content_hash: str) -> bool:
    """Whether the latest entry has the bars of a hash, and the file that holds them is whole."""
    names = [name for name in _listed(folder) if _NAME.fullmatch(name)]
    base = _base(names, content_hash)
    if base is None or f"Z-{content_hash}." not in names[-1]:
        return False
    try:
        return read_file(folder / base)[0].hash == content_hash
    except BadData:
        # What is damaged is no base to build on: the snapshot is written whole.
        return False


def _holding_bars(path: Path, header: Header) -> Path:
    if header.holds != BARS:
        raise _misnamed(path, header)
    return path


def _misnamed(path: Path, header: Header) -> BadData:
    held = f"{header.holds} of {header.vendor} {header.symbol!r}, {header.fetched_at}"
    return bad_file(path, f"holds {held}, not what its name says; remove it and fetch again")


def _symbol_of(folder: Path) -> str | None:
    """Symbol of a folder, which the folder's own name proves; None when there is no entry yet."""
    fault = None
    for name in reversed([name for name in _listed(folder) if _NAME.fullmatch(name)]):
        try:
            symbol = read_symbol(folder / name)
        except BadData as error:
            fault = fault or error
            continue
        if _hashed(symbol) == folder.name:
            return symbol
        fault = fault or bad_file(folder / name, f"holds {symbol!r}, which does not belong there; remove it")
    if fault:
        raise fault
    return None


def _make(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        flush_folder(folder.parent)
        flush_folder(folder.parent.parent)


def _remove_leftovers(folder: Path) -> None:
    """Remove what writers left that were killed; under the lock nobody else has a temporary file here."""
    for name in _listed(folder):
        if _LEFTOVER.match(name):
            (folder / name).unlink(missing_ok=True)
