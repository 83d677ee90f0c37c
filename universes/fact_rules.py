"""Rules between the rows of the fact tables; each yields the faults that it sees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from math import fsum
from typing import Any

from universes.errors import Fault, UnknownName, did_you_mean
from universes.facts import STAGES, Asset, Stage
from universes.partial import Part, line
from universes.sessions import calendar_code

Parts = Mapping[str, Part[Any]]

LAST_KNOWN = date(2027, 12, 31)
WEIGHT_MATCH = 1e-9
# Table and column that name something, and the table and column where it must stand.
REFERENCES = (
    ("listings", "company", "companies", "company"),
    ("listings", "successor", "listings", "symbol"),
    ("assets", "company", "companies", "company"),
    ("assets", "jurisdiction", "jurisdictions", "jurisdiction"),
    ("asset_minerals", "asset", "assets", "asset"),
    ("asset_minerals", "mineral", "minerals", "mineral"),
    ("stages", "asset", "assets", "asset"),
    ("floats", "company", "companies", "company"),
    ("support", "company", "companies", "company"),
    ("china_links", "company", "companies", "company"),
    ("mineral_lists", "mineral", "minerals", "mineral"),
    ("supply", "mineral", "minerals", "mineral"),
)
# Columns that together name a row: no two rows may have the same.
KEYS = {
    "companies": ("company",),
    "minerals": ("mineral",),
    "asset_minerals": ("asset", "mineral"),
    "supply": ("mineral", "step", "year"),
    "mining_ranks": ("survey", "measure", "jurisdiction", "subdivision"),
}
RANGES = {
    "listings": ("listed_from", "listed_to"),
    "assets": ("held_from", "held_to"),
    "china_links": ("start", "end"),
    "jurisdictions": ("start", "end"),
    "mineral_lists": ("start", "end"),
}
# Columns of which the first is never above the second.
BOUNDS = {
    "floats": ("float_low", "float_high"),
    "supply": ("import_reliance_low", "import_reliance_high"),
    "mining_ranks": ("rank", "of"),
}
HEADERS = {"start": "from", "end": "to"}


def fact_faults(parts: Parts, members: Sequence[Part[Any]]) -> Iterator[Fault]:
    """Faults between the tables of a data folder, in no order.

    Parameters
    ----------
    parts : mapping of str to Part
        Every table of `universes.facts.TABLES`, by name.
    members : sequence of Part
        Memberships, one part a universe.
    """
    for rule in (
        _references,
        _keys,
        _ranges,
        _listings,
        _one_at_a_time,
        _weights,
        _stages,
        _bounds,
        _subdivisions,
    ):
        yield from rule(parts)
    for part in members:
        yield from _memberships(part, parts)
    for part in (*parts.values(), *members):
        yield from known_too_late(part)


def unknown(part: Part[Any], header: str, name: str, known: Iterable[str], kind: str) -> str:
    """Message for a name that stands in no row of the table where it should.

    Parameters
    ----------
    part : Part
        Table in which `known` was looked for.
    header, name : str
        Column there, and what was looked for.
    known : iterable of str
        What is there.
    kind : str
        What the name stands for.
    """
    near = did_you_mean(name, sorted(known))
    hint = near if near.startswith("; did") else ""
    return f"no {kind} {name!r} in column {header} of {part.path.name}{hint or ': add it there, or correct this'}"


def _references(parts: Parts) -> Iterator[Fault]:
    for table, field, home, header in REFERENCES:
        yield from references(parts[table], field, parts[home], header)


def references(part: Part[Any], field: str, home: Part[Any], header: str) -> Iterator[Fault]:
    """Faults of rows that name something which `home` does not have; none when `home` cannot be read."""
    known = home.names(header)
    for row in part.rows if known else ():
        name = getattr(row, field)
        if name is not None and name not in known:
            yield part.fault(row, field, unknown(home, header, name, known, header))


def _keys(parts: Parts) -> Iterator[Fault]:
    for table, key in KEYS.items():
        yield from repeated(parts[table], key)


def repeated(part: Part[Any], key: Sequence[str]) -> Iterator[Fault]:
    """Faults of rows whose key, the columns named, is that of an earlier row."""
    seen: dict[tuple[Any, ...], int] = {}
    for row in part.rows:
        name = tuple(getattr(row, column) for column in key)
        if name in seen:
            shown = " with ".join(repr(item) for item in name)
            yield part.fault(row, key[-1], f"{shown} is on line {seen[name]} already: remove one")
        seen.setdefault(name, line(row.where))


# Ranges of dates.


def _ranges(parts: Parts) -> Iterator[Fault]:
    for table, columns in RANGES.items():
        yield from _order(parts[table], *columns)


def _order(part: Part[Any], start: str, end: str) -> Iterator[Fault]:
    for row in part.rows:
        first, last = getattr(row, start), getattr(row, end)
        if first and last and first >= last:
            names = HEADERS.get(start, start), HEADERS.get(end, end)
            yield part.fault(row, names[1], f"{last} is not after {names[0]} {first}: correct one of the two")


def overlaps(part: Part[Any], key: Sequence[str], start: str, end: str) -> Iterator[Fault]:
    """Faults of rows that share a key and a date with another row.

    Parameters
    ----------
    part : Part
        The table.
    key : sequence of str
        Columns whose values together may stand once on a date.
    start, end : str
        Fields of the first day, and of the first day no more; None is open.
    """
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for row in part.rows:
        groups.setdefault(tuple(getattr(row, name) for name in key), []).append(row)
    for names, rows in groups.items():
        name = " with ".join(map(repr, names))
        ordered = sorted(rows, key=lambda row: getattr(row, start) or date.min)
        for row, later in pairwise(ordered):
            if (getattr(row, end) or date.max) > (getattr(later, start) or date.min):
                message = (
                    f"{name} is on line {line(row.where)} for the same dates: "
                    f"end that range by {getattr(later, start) or 'then'}, or remove one"
                )
                yield part.fault(later, key[-1], message)


def _one_at_a_time(parts: Parts) -> Iterator[Fault]:
    yield from overlaps(parts["jurisdictions"], ("jurisdiction",), "start", "end")
    # An asset may change hands, or its weight, and then has a row for each stretch of time.
    yield from overlaps(parts["assets"], ("asset",), "held_from", "held_to")
    yield from overlaps(parts["mineral_lists"], ("mineral", "list"), "start", "end")


def known_too_late(part: Part[Any]) -> Iterator[Fault]:
    """Faults of rows that nobody can know yet, by their `known_from`: a slip of the year."""
    for row in part.rows:
        if row.known_from > LAST_KNOWN:
            yield part.fault(row, "known_from", f"{row.known_from} is after {LAST_KNOWN}: correct the year")


# Listings and memberships.


def _listings(parts: Parts) -> Iterator[Fault]:
    part = parts["listings"]
    yield from overlaps(part, ("symbol",), "listed_from", "listed_to")
    for row in part.rows:
        try:
            calendar_code(row.exchange)
        except UnknownName as error:
            yield part.fault(row, "exchange", f"{error}")
        if row.terminal_kind is None and row.terminal_value is not None:
            yield part.fault(
                row, "terminal_kind", "is empty though terminal_value is not: cash, ratio or zero"
            )
        if row.terminal_kind is not None and row.terminal_value is None:
            message = f"is empty though terminal_kind is {row.terminal_kind}: fill it in, 0 for zero"
            yield part.fault(row, "terminal_value", message)
        if row.terminal_kind == "zero" and row.terminal_value:
            message = f"{row.terminal_value:g} though terminal_kind is zero: write 0, or cash"
            yield part.fault(row, "terminal_value", message)
        if row.terminal_kind is not None and row.listed_to is None:
            yield part.fault(
                row, "listed_to", "is empty though terminal_kind says the shares ceased: fill it in"
            )


def _memberships(part: Part[Any], parts: Parts) -> Iterator[Fault]:
    yield from references(part, "company", parts["companies"], "company")
    yield from _order(part, "start", "end")
    yield from overlaps(part, ("company",), "start", "end")
    listed, known = parts["listings"].names("company"), parts["companies"].names("company")
    for row in part.rows if listed else ():
        if row.company in known and row.company not in listed:
            yield part.fault(row, "company", f"{row.company!r} has no row in listings.csv: add one")


# Assets.


def _weights(parts: Parts) -> Iterator[Fault]:
    yield from _sums(parts["asset_minerals"], "asset", "minerals")
    groups: dict[str, list[Asset]] = {}
    for row in parts["assets"].rows:
        groups.setdefault(row.company, []).append(row)
    for company, rows in groups.items():
        for on in sorted(
            {row.held_from or date.min for row in rows} | {row.held_to for row in rows if row.held_to}
        ):
            held = [row for row in rows if _held(row, on)]
            total = fsum(row.weight for row in held)
            if held and abs(total - 1) > WEIGHT_MATCH:
                when = "from the beginning" if on == date.min else f"on {on}"
                names = ", ".join(row.asset for row in held)
                message = (
                    f"the assets of {company!r} held {when} ({names}) have weights of {total:.10g}: make it 1"
                )
                yield parts["assets"].fault(held[0], "weight", message)


def _held(row: Asset, on: date) -> bool:
    return (row.held_from or date.min) <= on < (row.held_to or date.max)


def _sums(part: Part[Any], key: str, what: str) -> Iterator[Fault]:
    groups: dict[str, list[Any]] = {}
    for row in part.rows:
        groups.setdefault(getattr(row, key), []).append(row)
    for name, rows in groups.items():
        total = fsum(row.weight for row in rows)
        if abs(total - 1) > WEIGHT_MATCH:
            message = f"the {what} of {name!r} have weights of {total:.10g}: make it 1"
            yield part.fault(rows[0], "weight", message)


def _subdivisions(parts: Parts) -> Iterator[Fault]:
    for part in (parts["assets"], parts["mining_ranks"]):
        for row in part.rows:
            if row.subdivision and row.subdivision[:2] != row.jurisdiction:
                message = f"{row.subdivision!r} is not in {row.jurisdiction}: correct one of the two"
                yield part.fault(row, "subdivision", message)


def _stages(parts: Parts) -> Iterator[Fault]:
    part = parts["stages"]
    before: dict[str, Stage] = {}
    reached: dict[str, Stage] = {}
    for row in part.rows:
        last = before.get(row.asset)
        if last and row.start <= last.start:
            message = f"{row.start} is not after {last.start} on line {line(last.where)}: sort an asset's rows by date"
            yield part.fault(row, "from", message)
        if row.reason is None and (why := _needs_reason(row, reached.get(row.asset))):
            yield part.fault(row, "reason", f"is empty and must say why: {why}")
        before[row.asset] = row
        if row.stage in STAGES:
            reached[row.asset] = row


def _needs_reason(row: Stage, reached: Stage | None) -> str:
    if row.stage not in STAGES:
        return f"{row.stage} is off the ladder of stages"
    if reached and STAGES.index(row.stage) < STAGES.index(reached.stage):
        return f"{row.stage} is a step down from {reached.stage} on line {line(reached.where)}"
    return ""


def _bounds(parts: Parts) -> Iterator[Fault]:
    for table, (low, high) in BOUNDS.items():
        for row in parts[table].rows:
            least, most = getattr(row, low), getattr(row, high)
            if least is not None and most is not None and least > most:
                message = f"{least:g} is above {high} {most:g}: correct one of the two"
                yield parts[table].fault(row, low, message)
