"""Where every number comes from, for people and for machines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reports.blocks import Block, Cell, Column, Record, Table, Text
from reports.numbers import number, words
from reports.section import Results, Section
from reports.subjects import SUBJECTS, Subject
from strategies.result import Backtest

APART = ("command", "versions")
READ = {
    "prices": "adjusted for splits and dividends; sizes and costs by the price that was printed on the day",
    "facts": "point in time: on each day, those rows alone that were known by then",
}
COLUMNS = (Column("What"), Column("Value"))


def render(results: Results) -> Iterator[Block]:
    """Data, survivorship, settings, versions, command; the same as JSON."""
    (result,) = results
    if isinstance(result, Backtest):
        yield from _of_run(result)
    else:
        yield from _of_other(result)


def _of_other(result: Subject) -> Iterator[Block]:
    """Of what is read from the JSON of a command: data and settings as they stand."""
    said = result.data.get("survivorship") or {}
    if said:
        yield Text(str(said["statement"]))
    plain = {name: result.data[name] for name in result.data if name not in ("survivorship", "findings")}
    yield _table("Data", plain)
    yield from _listed(said.get("missing", ()), result.data.get("findings", ()))
    yield _table("Settings", result.settings)
    yield Record("record", {"data": _plain(result.data), "settings": _plain(result.settings)})


def _of_run(result: Backtest) -> Iterator[Block]:
    said = result.data.get("survivorship", {})
    yield Text(str(said.get("statement") or "Survivorship: the result does not say who has prices."))
    yield _table(
        "Data", {name: result.data[name] for name in result.data if name not in ("survivorship", "findings")}
    )
    yield _table("How the data are read", READ | {"sessions": _sessions(result)})
    yield _table("Rows", counts(result))
    yield from _listed(said.get("missing", ()), result.data.get("findings", ()))
    if result.parameters:
        yield _table(f"Parameters of {result.strategy}", result.parameters)
    settings = _settings(result)
    if settings.get("slippage_bps", "") is None:
        settings["slippage_bps"] = "modelled: half of the spread by liquidity and price, and impact by size"
    yield _table("Settings", settings | {"hash_of_settings_and_parameters": settings_hash(result)})
    yield _table("Versions", made_with(result))
    command = str(result.settings.get("command") or "")
    yield Text(
        f"Command: {command}" if command else "Command: none recorded; the result was made from Python."
    )
    yield Record("record", record(result))


def counts(result: Backtest) -> dict[str, int]:
    """Rows of the tables behind the page, by name."""
    tables = {
        "sessions": result.equity,
        "events": result.events,
        "orders": result.orders,
        "trades": result.trades,
        "unfilled": result.unfilled,
    }
    return {name: len(table) for name, table in tables.items()}


def settings_hash(result: Backtest) -> str:
    """SHA-256 of the strategy, its parameters and all settings that shape the numbers, as canonical JSON in ASCII."""
    content = [result.strategy, _plain(result.parameters), _plain(_settings(result))]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _settings(result: Backtest) -> dict[str, Any]:
    """Settings that shape the numbers."""
    return {name: value for name, value in result.settings.items() if name not in APART}


def _sessions(result: Backtest) -> str:
    exchange = words(result.settings.get("reference_exchange"))
    return (
        f"those of {exchange}; every bar has an open and a close in UTC, so that no decision sees a later one"
    )


def made_with(result: Backtest) -> dict[str, str]:
    """Versions behind the numbers, as the run recorded them, and of the chart library of this page."""
    from reports.charts import library_version
    from strategies.run_folder import versions

    recorded = result.settings.get("versions") or versions()
    return {str(name): str(value) for name, value in recorded.items()} | {"plotly.js": library_version()}


def record(result: Backtest) -> dict[str, Any]:
    """The provenance as plain data: no NaN, text where JSON has no type."""
    return {
        "strategy": result.strategy,
        "parameters": _plain(result.parameters),
        "settings": _plain(_settings(result)),
        "settings_hash": settings_hash(result),
        "data": _plain(result.data),
        "rows": counts(result),
        "metrics": {
            name: {"value": number(metric.value), "unit": metric.unit, "reason": metric.reason}
            for name, metric in result.metrics.items()
        },
        "versions": made_with(result),
        "command": str(result.settings.get("command") or ""),
    }


def _listed(missing: Sequence[Mapping[str, Any]], findings: Sequence[str]) -> Iterator[Block]:
    if missing:
        rows = tuple((Cell(str(item["symbol"])), Cell(str(item["reason"]))) for item in missing)
        columns = (Column("Symbol"), Column("Reason"))
        yield Table("Symbols without prices", columns, rows, folded=f"Symbols without prices ({len(rows)})")
    if findings:
        found = tuple((Cell(str(item)),) for item in findings)
        yield Table(
            "What the check of the prices found",
            (Column("Finding"),),
            found,
            folded=f"Findings in the prices ({len(found)})",
        )


def _table(caption: str, content: Mapping[str, Any]) -> Table:
    rows = tuple((Cell(str(name).replace("_", " ")), Cell(words(value))) for name, value in content.items())
    return Table(caption, COLUMNS, rows)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(str(item) for item in value)
    if value is None or isinstance(value, bool | int | str):
        return value
    return number(value) if isinstance(value, float) else str(value)


SECTION = Section("Provenance", 80, render, subjects=SUBJECTS)
