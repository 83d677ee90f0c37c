"""A result as a folder of plain files, and back: written whole or not at all, the same bytes for the same run."""

from __future__ import annotations

import hashlib
import io
import json
import math
import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strategies.result import TRADE_FACT_COLUMNS, Backtest, Metric
from universes.atomic import write_folder
from universes.errors import BadData, Fault

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
TABLES = ("orders", "unfilled", "trades", "trade_facts", "equity", "events")
RECORDS = ("metrics", "study", "rivals")
# A result of one's own may be without facts of its trades; every other file is always there.
OPTIONAL = "trade_facts.csv"
FILES = (*(f"{name}.csv" for name in TABLES), *(f"{name}.json" for name in RECORDS))
AGAIN = "run the backtest again"
DATES = {
    "trade_facts": (),
    "orders": ("session",),
    "unfilled": ("session",),
    "trades": ("entry_session", "exit_session"),
    "equity": (),
    "events": (),
}
PACKAGES = ("lodestone", "vectorbt", "numba", "numpy", "pandas", "scipy", "exchange_calendars")


def save_run(result: Backtest, folder: Path | str, *, command: str = "", now: datetime | None = None) -> Path:
    """Write a result as a run folder.

    Parameters
    ----------
    result : Backtest
        What to write.
    folder : Path or str
        Final name; its parent must exist. An earlier run there is replaced.
    command : str
        Command that made the run, for `manifest.json`.
    now : datetime, optional
        Time stamp, the only thing that differs between two runs of one command; default the clock.

    Returns
    -------
    Path
        The folder: ``manifest.json metrics.json orders.csv unfilled.csv trades.csv trade_facts.csv equity.csv
        events.csv study.json rivals.json``; without ``trade_facts.csv`` where the result has none.

    Raises
    ------
    CannotWrite
        If it cannot be written; nothing is left behind under the name.
    """
    given = {f"{name}.csv": getattr(result, name) for name in TABLES}
    tables = {name: table for name, table in given.items() if table is not None}
    rows = {name: len(table) for name, table in tables.items()}
    files = {name: _csv(table) for name, table in tables.items()}
    files["metrics.json"] = to_json({name: asdict(metric) for name, metric in result.metrics.items()})
    files["study.json"] = to_json(result.study)
    files["rivals.json"] = to_json(result.rivals)
    manifest = _manifest(result, command, now or datetime.now(UTC))
    files["manifest.json"] = to_json(manifest | {"files": _sums(files, rows)})
    return write_folder(Path(folder), files)


def load_run(folder: Path | str) -> Backtest:
    """A result from its run folder; everything but the live portfolio.

    Raises
    ------
    BadData
        If a file of the folder is missing, is not what `save_run` writes, or is not as it was written.
    """
    path = Path(folder)
    try:
        manifest = json.loads((path / "manifest.json").read_text("utf-8"))
        return _result(manifest, _texts(path, manifest.get("files")))
    except OSError as error:
        message = f"{error.strerror}: a run folder is what `lodestone backtest --out` writes"
        raise BadData([Fault(str(error.filename), 0, "", message)]) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"not a run folder that `lodestone backtest --out` wrote ({error}): {AGAIN}"
        raise BadData([Fault(str(path), 0, "", message)]) from None


def _result(manifest: Mapping[str, Any], texts: Mapping[str, str]) -> Backtest:
    told = {name: json.loads(texts[f"{name}.json"]) for name in RECORDS}
    tables: dict[str, Any] = {
        name: _read_csv(texts[f"{name}.csv"], name) for name in TABLES if f"{name}.csv" in texts
    }
    return Backtest(
        strategy=manifest["strategy"],
        parameters=manifest["parameters"],
        settings=manifest["settings"] | {"command": manifest["command"], "versions": manifest["versions"]},
        data=manifest["data"],
        metrics={name: Metric(**values) for name, values in told["metrics"].items()},
        study=told["study"],
        rivals=told["rivals"],
        **tables,
    )


def _texts(path: Path, listed: Mapping[str, Any] | None) -> dict[str, str]:
    """Text of each file of a run, as it was written or not at all."""
    if listed is None:
        raise _fault(path / "manifest.json", "it has no check sums of the other files (`files`)")
    names = [name for name in FILES if name in listed or name != OPTIONAL or (path / name).exists()]
    return {name: _text(path / name, listed.get(name)) for name in names}


def _text(path: Path, listed: Mapping[str, Any] | None) -> str:
    if listed is None:
        raise _fault(path, "not a file of this run (manifest.json does not list it)")
    if not path.exists():
        raise _fault(path, "missing, though manifest.json lists it")
    raw = path.read_bytes()
    if _sum(raw) != listed["sha256"]:
        raise _fault(path, "not as it was written (its check sum differs)")
    return raw.decode("utf-8")


def _fault(path: Path, message: str) -> BadData:
    return BadData([Fault(str(path), 0, "", f"{message}: {AGAIN}")])


def _sums(files: Mapping[str, str], rows: Mapping[str, int]) -> dict[str, Any]:
    """SHA-256 of each file, and of a table how many rows it has."""
    return {
        name: {"sha256": _sum(text.encode())} | ({"rows": rows[name]} if name in rows else {})
        for name, text in files.items()
    }


def _sum(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def to_json(content: Any) -> str:
    """JSON in the order of the content, two spaces, no NaN, a final newline."""
    return json.dumps(_plain(content), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that shape numbers."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _manifest(result: Backtest, command: str, now: datetime) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "written_at": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "command": command,
        "strategy": result.strategy,
        "parameters": result.parameters,
        "settings": result.settings,
        "data": result.data,
        "versions": versions(),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(_plain(item) for item in value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _csv(table: pd.DataFrame) -> str:
    # repr of a float reads back to the same float.
    named = table.index.name is not None
    return table.to_csv(index=named, lineterminator="\n", date_format="%Y-%m-%d")


def _read_csv(text: str, name: str) -> pd.DataFrame:
    import pandas as pd

    content = io.StringIO(text)
    if name == "equity":
        frame = pd.read_csv(content)
        return frame.assign(session=pd.to_datetime(frame["session"])).set_index("session")
    frame = pd.read_csv(content, keep_default_na=False, na_values=_missing(name), dtype=_types(name))
    return frame.assign(**{column: pd.to_datetime(frame[column]) for column in DATES[name]})


def _missing(name: str) -> dict[str, list[str]]:
    """Empty cells mean missing only in numbers and dates: `NA` is a symbol."""
    numbers = {"trades": ("exit_price",), "trade_facts": ("adv", "worst", "best")}.get(name, ())
    return {column: [""] for column in numbers}


def _types(name: str) -> Any:
    if name in ("events", "unfilled"):
        return str
    text = ("symbol", "side", "reason", "event", "exit_reason", "status", *TRADE_FACT_COLUMNS[:-3])
    return dict.fromkeys(text, str)
