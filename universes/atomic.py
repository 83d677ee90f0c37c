"""Files written whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex

from universes.errors import CannotWrite


def write_file(path: Path, content: bytes | str, *, flush: bool = True) -> Path:
    """Write a file so that its name holds the old content or the new, never a part.

    Parameters
    ----------
    path : Path
        Final name; its folder must exist.
    content : bytes or str
        What to write; text goes out as UTF-8.
    flush : bool
        Wait until it is on disk. Without, a power cut may leave the name with a part: for what its reader can check
        and make again.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    CannotWrite
        If the folder is not there, not writable, or the disk is full.
    """
    raw = content.encode() if isinstance(content, str) else content
    check_folder(path)
    temporary = path.with_name(f".{path.name[:40]}-{token_hex(8)}")
    try:
        try:
            # Not tempfile: its files are private, and asking for the user's usual mode is not safe among threads.
            with temporary.open("xb") as file:
                file.write(raw)
                file.flush()
                if flush:
                    os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        if flush:
            flush_folder(path.parent)
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written: {error.strerror}; choose another place") from None
    return path


def flush_folder(folder: Path) -> None:
    """Put the names of a folder on disk, so that a file renamed into it is there after a power cut.

    Where the system cannot open or flush a folder (Windows, some network disks), nothing is done.

    Raises
    ------
    OSError
        If the disk fails.
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(handle)


def write_folder(path: Path, files: Mapping[str, bytes | str]) -> Path:
    """Write a folder of files so that its name holds the old folder or the new one, whole.

    Parameters
    ----------
    path : Path
        Final name of the folder; its parent must exist. A folder that is there is replaced only if it
        holds nothing but files of these names.
    files : mapping of str to bytes or str
        Content by file name.

    Raises
    ------
    CannotWrite
        If it cannot be written, or something else would be lost.
    """
    check_folder(path)
    if path.exists() and (not path.is_dir() or {item.name for item in path.iterdir()} - set(files)):
        raise CannotWrite(f"{path} is there and holds something else; choose another name")
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name[:40]}-") as holder:
            new = Path(holder) / path.name
            new.mkdir()
            for name, content in files.items():
                write_file(new / name, content)
            _swap(new, path)
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written: {error.strerror}; choose another place") from None
    return path


def check_folder(path: Path) -> None:
    """Refuse, before any work is done, a place that cannot be written.

    Raises
    ------
    CannotWrite
        If the folder of `path` is not there or not writable, or `path` itself is a folder where a file is meant.
    """
    if not path.parent.is_dir():
        raise CannotWrite(f"{path} cannot be written: there is no folder {path.parent}; make it first")
    if not os.access(path.parent, os.W_OK):
        raise CannotWrite(f"{path} cannot be written: {path.parent} is read-only; choose another place")


def _swap(new: Path, path: Path) -> None:
    if path.exists():
        # Between the two renames the old folder stands in the temporary one beside its name, whole.
        path.rename(new.parent / "old")
    new.rename(path)
