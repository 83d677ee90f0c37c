"""Quotes of the default simulated market as they were simulated before, in the user's caches.

Simulating takes a second, reading a fifth of one. A file is kept under the request, the facts, the code and the
libraries that made it. What cannot be read or written is simulated, without a word: nothing is lost but time.
"""

from __future__ import annotations

import io
import json
import os
import zlib
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from universes.atomic import write_file
from universes.catalog import shipped_events
from universes.errors import CannotWrite
from universes.panel import Missing
from universes.quotes import Quotes

if TYPE_CHECKING:
    from universes.quotes import Request

VARIABLE = "LODESTONE_SIMULATED"
# The seed that everybody gets who asks for none.
SEED = 0
# Some 40 MB each.
MOST_FILES = 2
_PACKAGE = Path(__file__).parent.parent


def kept(request: Request) -> Quotes | None:
    """What was simulated before for the same request; None where there is none that can be used."""
    file = _file(request)
    if file is None:
        return None
    try:
        with file.open("rb") as stream:
            total, *parts = (np.load(stream, allow_pickle=False) for _ in range(4))
        return _read(*parts) if _sum(parts) == int(total) else None
    # What numpy raises of a torn file depends on where it is torn.
    except Exception:  # noqa: BLE001
        return None


def keep(request: Request, quotes: Quotes) -> None:
    """Keep quotes for later processes; where that cannot be done, nothing is."""
    file = _file(request)
    if file is None:
        return
    parts = _parts(quotes)
    raw = io.BytesIO()
    for part in (np.array(_sum(parts)), *parts):
        np.save(raw, part, allow_pickle=False)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_file(file, raw.getvalue())
        files = sorted(
            file.parent.glob("quotes-*.npy"), key=lambda path: (path == file, path.stat().st_mtime)
        )
        for old in files[:-MOST_FILES]:
            old.unlink(missing_ok=True)
    except (OSError, CannotWrite):
        return


def _parts(quotes: Quotes) -> list[np.ndarray]:
    """What is no number of a bar, as JSON; sessions of all bars; their numbers, a row a column."""
    frames = list(quotes.bars.values())
    columns = [str(name) for name in frames[0].columns]
    assert quotes.truth is not None
    truth = quotes.truth.assign(session=quotes.truth["session"].astype(str))
    told = {
        "columns": columns,
        "counts": {symbol: len(frame) for symbol, frame in quotes.bars.items()},
        "terminal": dict(quotes.terminal),
        "missing": [(item.symbol, item.reason) for item in quotes.missing],
        "truth": {str(name): list(truth[name]) for name in truth},
        "currency": quotes.currency,
    }
    sessions = [frame.index.to_numpy().astype("datetime64[ns]").view(np.int64) for frame in frames]
    values = [np.concatenate([frame[name].to_numpy(dtype=float) for frame in frames]) for name in columns]
    words = np.frombuffer(json.dumps(told).encode(), dtype=np.uint8)
    return [words, np.concatenate(sessions), np.stack(values)]


def _read(words: np.ndarray, sessions: np.ndarray, values: np.ndarray) -> Quotes:
    import pandas as pd

    told: dict[str, Any] = json.loads(words.tobytes())
    index = pd.DatetimeIndex(sessions.view("datetime64[ns]"), name="session")
    bars, first = {}, 0
    for symbol, count in told["counts"].items():
        rows = slice(first, first + count)
        bars[symbol] = pd.DataFrame(
            dict(zip(told["columns"], values[:, rows], strict=True)), index=index[rows]
        )
        first += count
    return Quotes(
        bars=bars,
        kind="simulated",
        terminal=told["terminal"],
        missing=tuple(Missing(*item) for item in told["missing"]),
        truth=pd.DataFrame(told["truth"]).astype({"session": "datetime64[ns]"}),
        currency=told["currency"],
    )


def _sum(parts: Sequence[np.ndarray]) -> int:
    total = 0
    for part in parts:
        total = zlib.crc32(np.ascontiguousarray(part).view(np.uint8).data, total)
    return total


def _file(request: Request) -> Path | None:
    """A file in the folder that ``LODESTONE_SIMULATED`` names, else in the user's caches; None if that is ``off``."""
    given = os.environ.get(VARIABLE, "")
    if given == "off" or request.seed != SEED:
        return None
    from platformdirs import user_cache_path

    folder = Path(given) if given else user_cache_path("lodestone") / "simulated"
    universe = request.universe
    asked = (
        request.listings,
        str(request.start),
        str(request.end),
        universe.facts.hash,
        universe.memberships,
    )
    name = sha256(repr((*asked, shipped_events().hash, _made_by())).encode()).hexdigest()
    return folder / f"quotes-{name[:32]}.npy"


@cache
def _made_by() -> str:
    """Digest of the code of this package, and the versions of what draws and what counts the days."""
    digest = sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        digest.update(path.read_bytes())
    for package in ("numpy", "pandas", "exchange_calendars"):
        digest.update(version(package).encode())
    return digest.hexdigest()
