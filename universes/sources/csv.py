"""Source ``csv:FOLDER``: daily prices from a folder with one file a symbol, ``MP.csv``, ``LYC.AX.csv``.

A header tells whose way of writing it is; ``prices.toml`` beside the files says what a header cannot. `docs/prices.md`
has the formats and the gates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from universes.errors import BadData, BadParameter, Fault, did_you_mean
from universes.panel import Missing
from universes.price_dialects import BASES
from universes.price_file import Opened, read_prices
from universes.quotes import Quotes, Request
from universes.toml_file import printed, read_toml
from universes.vetting import symbols_of, vetted

SETTINGS = "prices.toml"


def read_folder(request: Request) -> Quotes:
    """Daily bars of a folder's files, after the data gates.

    Parameters
    ----------
    request : Request
        `location` is the folder; `accept` names gates whose refusal is accepted.

    Returns
    -------
    Quotes
        Symbols whose file is absent or refused are in `missing` with the reason; every gate that saw
        something is in `findings`.

    Raises
    ------
    BadData
        If the folder is not there, holds two files of one symbol, has no usable file, or its ``prices.toml`` has
        a fault.
    BadParameter
        If no folder was named.
    UnknownName
        If `accept` names no gate.
    """
    files = _files(request)
    said = _said(Path(request.location))
    quotes = vetted(lambda symbol: _opened(symbol, files, request.location, said), request)
    if not quotes.bars:
        raise BadData([Fault(request.location, 0, "", _nothing_usable(quotes.missing))])
    return quotes


def _nothing_usable(missing: Sequence[Missing]) -> str:
    if not missing:
        return "no symbol was asked for: choose a universe with listings"
    return f"no usable file for any of {len(missing)} symbols, as {missing[0].symbol}: {missing[0].reason}"


def _files(request: Request) -> dict[str, list[Path]]:
    """Price files by symbol, in capitals."""
    location = request.location
    if not location:
        raise BadParameter("source csv has no folder: write csv:FOLDER, a folder with one file a symbol")
    folder = Path(location)
    if not folder.is_dir():
        raise BadData([Fault(location, 0, "", _no_folder(folder))])
    try:
        found = sorted(item for item in folder.iterdir() if item.suffix.casefold() == ".csv")
    except OSError as error:
        message = f"the folder cannot be read: {error.strerror}; check who may read it"
        raise BadData([Fault(location, 0, "", message)]) from None
    files: dict[str, list[Path]] = defaultdict(list)
    for item in found:
        files[item.stem.upper()].append(item)
    faults = [
        Fault(
            location, 0, "", f"{' and '.join(item.name for item in files[symbol])} are one symbol: remove one"
        )
        for symbol in symbols_of(request)
        if len(files.get(symbol, ())) > 1
    ]
    if faults:
        raise BadData(faults)
    return files


def _no_folder(folder: Path) -> str:
    if folder.exists():
        return "is a file: name the folder that holds one file a symbol"
    try:
        beside = sorted(item.name for item in folder.parent.iterdir() if item.is_dir())
    except (OSError, ValueError):
        return "there is no such folder: name the one that holds one file a symbol"
    return (
        f"there is no such folder{did_you_mean(folder.name, beside) or ': make it, with one file a symbol'}"
    )


def _opened(symbol: str, files: Mapping[str, list[Path]], location: str, said: Mapping[str, str]) -> Opened:
    paths = files.get(symbol, ())
    if not paths:
        return Opened(None, reason=f"no file {symbol}.csv in {location}")
    if len(paths) > 1:
        return Opened(None, reason=f"{len(paths)} files of {symbol} in {location}")
    return read_prices(symbol, paths[0], **said)


def _said(folder: Path) -> dict[str, str]:
    """What the user says of all files of a folder in its ``prices.toml``: basis, currency."""
    path = folder / SETTINGS
    if not path.exists():
        return {}
    table, _ = read_toml(path, "docs/prices.md")
    faults = [
        Fault(str(path), 0, printed(name), wrong)
        for name, value in table.items()
        if (wrong := _wrong(name, value))
    ]
    if faults:
        raise BadData(faults)
    return table


def _wrong(name: str, value: object) -> str:
    """What is wrong with one setting; empty where nothing is."""
    if name == "basis":
        return "" if value in BASES else f"{value!r:.40} is no basis{did_you_mean(str(value)[:40], BASES)}"
    if name == "currency":
        good = isinstance(value, str) and len(value) == 3 and value.isascii() and value.isalpha()
        return "" if good else f"{value!r:.40} is no currency: write a code, as 'USD', or 'GBp' for pence"
    return f"no such setting{did_you_mean(name[:40], ('basis', 'currency'))}"


SOURCE = read_folder
