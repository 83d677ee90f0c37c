"""A TOML file of the user's as a table, or one fault that says why it is none."""

from __future__ import annotations

from pathlib import Path
from stat import S_ISREG
from typing import Any

from universes.errors import BadData, Fault

MOST_BYTES = 1024 * 1024


def read_toml(path: Path, example: str) -> tuple[dict[str, Any], bytes]:
    """Table of a TOML file, and the bytes it was read from.

    Parameters
    ----------
    path : Path
        The file, UTF-8; a byte order mark is accepted.
    example : str
        Where the reader finds one, for the message: ``docs/claims.md``.

    Raises
    ------
    BadData
        If it cannot be read or is not TOML: one fault, with file and line where there is one, and the mend.
    """
    raw = _bytes(path)
    try:
        return _parsed(raw), raw
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _bad(path, f"byte {raw[error.start]:#04x} is not UTF-8: save as UTF-8", line) from None
    # Not TOMLDecodeError alone: a number of thousands of digits ends in a plain ValueError.
    except ValueError as error:
        raise _bad(path, f"not TOML: {error}; {example} has an example") from None
    except RecursionError:
        raise _bad(path, "not TOML: brackets within brackets without end; remove them") from None


def printed(name: str) -> str:
    """A key as it can stand in a message: a quoted TOML key may hold anything."""
    return name if name.isprintable() else ascii(name)


def _parsed(raw: bytes) -> dict[str, Any]:
    import tomllib

    return tomllib.loads(raw.decode("utf-8-sig"))


def _bytes(path: Path) -> bytes:
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):
            raise _bad(path, "not a file: name a TOML file")
        if status.st_size > MOST_BYTES:
            raise _bad(
                path, f"{status.st_size} bytes; it may have {MOST_BYTES}: split it, or name the right file"
            )
        return path.read_bytes()
    except OSError as error:
        raise _bad(path, f"cannot be read: {error.strerror}") from None
    except ValueError:
        raise _bad(path, "no file can have this name: name another") from None


def _bad(path: Path, message: str, line: int = 0) -> BadData:
    return BadData([Fault(printed(str(path)), line, "", message)])
