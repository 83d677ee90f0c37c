"""A user's own universe in one flat CSV file: a line a company, no code, no further tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from universes import cells
from universes.errors import BadData, Fault, UnknownName, did_you_mean
from universes.facts import (
    BINDINGNESS,
    ROLES,
    SIDE_STAGES,
    STAGES,
    Asset,
    AssetMineral,
    ChinaLink,
    Company,
    Facts,
    Float,
    Listing,
    Membership,
    Stage,
    Support,
)
from universes.partial import Part, line, read_part
from universes.sessions import CALENDARS, calendar_code
from universes.table import Row, column
from universes.universe import Universe

FIRST = date(2010, 1, 1)
SOURCE = "user file"
# Exchange by the end of a ticker in Yahoo's form; a ticker without a dot trades in New York.
SUFFIXES = {
    "": "XNYS", "AX": "XASX", "TO": "XTSE", "V": "XTSX", "CN": "XCNQ", "L": "XLON", "HK": "XHKG", "SS": "XSHG",
    "SZ": "XSHE", "T": "XTKS", "KS": "XKRX", "DE": "XETR", "PA": "XPAR", "BR": "XBRU", "AS": "XAMS", "ST": "XSTO",
    "HE": "XHEL", "OL": "XOSL", "CO": "XCSE", "SA": "BVMF", "SN": "XSGO", "JO": "XJSE",
}  # fmt: skip
CURRENCIES = {
    "XNYS": "USD", "XASX": "AUD", "XTSE": "CAD", "XLON": "GBP", "XHKG": "HKD", "XSHG": "CNY", "XTKS": "JPY",
    "XKRX": "KRW", "XETR": "EUR", "XPAR": "EUR", "XBRU": "EUR", "XAMS": "EUR", "XHEL": "EUR", "XSTO": "SEK",
    "XOSL": "NOK", "XCSE": "DKK", "BVMF": "BRL", "XSGO": "CLP", "XJSE": "ZAR",
}  # fmt: skip


def _exchange(text: str) -> str:
    try:
        calendar_code(text)
    except UnknownName as error:
        raise ValueError(str(error)) from None
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat(Row):
    """One line of a user's universe; empty cells are unknown, or what the column's default says."""

    symbol: str = column(cells.symbol)
    name: str = column(cells.prose)
    company: str | None = column(cells.slug, optional=True)
    exchange: str | None = column(_exchange, optional=True)
    currency: str | None = column(cells.currency, optional=True)
    role: str | None = column(cells.one_of(*(role for role in ROLES if role != "control")), optional=True)
    purity: float | None = column(cells.share, optional=True)
    domicile: str | None = column(cells.country, optional=True)
    jurisdiction: str | None = column(cells.country, optional=True)
    subdivision: str | None = column(cells.subdivision, optional=True)
    minerals: tuple[str, ...] | None = column(cells.words, optional=True)
    stage: str | None = column(cells.one_of(*STAGES, *SIDE_STAGES), optional=True)
    stage_from: date | None = column(cells.day, optional=True)
    shares_outstanding: float | None = column(cells.positive, optional=True)
    float_low: float | None = column(cells.share, optional=True)
    float_high: float | None = column(cells.share, optional=True)
    support: str | None = column(cells.one_of(*BINDINGNESS), optional=True)
    china_linked: str | None = column(cells.yes_no, optional=True)
    listed_from: date | None = column(cells.day, optional=True)
    listed_to: date | None = column(cells.day, optional=True)
    known_from: date | None = column(cells.day, optional=True)
    source: str | None = column(cells.prose, optional=True)
    confidence: str | None = column(cells.confidence, optional=True)


def read_flat(path: Path, shipped: Facts) -> Universe:
    """Universe of a flat CSV file: required ``symbol,name``, all other columns of `Flat` optional.

    A company without an id keeps that of the shipped company with the symbol, so that events which name it
    still touch it. Minerals share the value of the one asset equally. A company may have several lines for
    periods that do not overlap.

    Parameters
    ----------
    path : Path
        The file.
    shipped : Facts
        Facts that ship with Lodestone: their minerals, jurisdictions and controls are kept, no other rows.

    Returns
    -------
    Universe
        Its name is the path.

    Raises
    ------
    BadData
        With every fault of the file: file, line and field.
    """
    part = read_part(path, Flat)
    ids = _ids(part.rows, shipped)
    faults = [*part.faults, *_faults(part, ids, shipped)]
    if faults:
        raise BadData(sorted(faults))
    if not part.rows:
        raise BadData([Fault(str(path), 1, "", "a header and no companies: add a line with symbol and name")])
    tables: dict[str, list[Any]] = {name: [] for name in Facts.__dataclass_fields__}
    members = []
    for row in part.rows:
        for table, fact in _facts(row, ids[row.where]):
            tables[table].append(fact)
        members.append(_membership(row, ids[row.where]))
    return Universe(str(path), _with_shipped(tables, shipped), tuple(members))


def _ids(rows: tuple[Flat, ...], shipped: Facts) -> dict[str, str]:
    """Company id of each row, by `Row.where`."""
    known = {
        row.symbol: row.company
        for row in sorted(shipped.listings, key=lambda row: row.listed_from or date.min)
    }
    return {row.where: row.company or known.get(row.symbol) or _id(row.symbol) for row in rows}


def _id(symbol: str) -> str:
    return re.sub("[^a-z0-9]+", "-", symbol.lower()).strip("-")


# Faults that need more than one cell.


def _faults(part: Part[Flat], ids: Mapping[str, str], shipped: Facts) -> Iterator[Fault]:
    minerals = tuple(row.mineral for row in shipped.minerals)
    for row in part.rows:
        for header, message in _row_faults(row, minerals):
            yield part.fault(row, header, message)
    yield from _clashes(part, "symbol", lambda row: row.symbol)
    yield from _clashes(part, "company", lambda row: ids[row.where], apart_from="symbol")


def _row_faults(row: Flat, minerals: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if row.exchange is None and row.symbol.partition(".")[2] not in SUFFIXES:
        suffix = row.symbol.partition(".")[2]
        yield "exchange", f"no exchange is known for tickers in '.{suffix}': fill it in, as XASX"
    for name in row.minerals or ():
        if name not in minerals:
            yield "minerals", f"no mineral named {name!r}{did_you_mean(name, minerals)}"
    if len(set(row.minerals or ())) < len(row.minerals or ()):
        yield "minerals", "names one mineral twice: remove one"
    if row.jurisdiction is None and (row.minerals or row.stage or row.subdivision):
        yield "jurisdiction", "is empty and must say where the asset of these minerals or this stage is"
    if row.jurisdiction and row.subdivision and row.subdivision[:2] != row.jurisdiction:
        yield "subdivision", f"{row.subdivision!r} is not in {row.jurisdiction}: correct one of the two"
    if row.stage_from and not row.stage:
        yield "stage", f"is empty though stage_from is {row.stage_from}: fill it in"
    yield from _range_faults(row)


def _range_faults(row: Flat) -> Iterator[tuple[str, str]]:
    if (row.float_low is None) != (row.float_high is None):
        empty = "float_low" if row.float_low is None else "float_high"
        yield empty, "is empty: give both bounds of the free float, or neither"
    if row.float_low is not None and row.float_high is not None and row.float_low > row.float_high:
        yield "float_low", f"{row.float_low:g} is above float_high {row.float_high:g}: swap them"
    if row.listed_from and row.listed_to and row.listed_from >= row.listed_to:
        yield (
            "listed_to",
            f"{row.listed_to} is not after listed_from {row.listed_from}: correct one of the two",
        )


def _clashes(
    part: Part[Flat], header: str, key: Callable[[Flat], str], apart_from: str = ""
) -> Iterator[Fault]:
    """Faults of rows that share a key on one date."""
    seen: dict[str, list[Flat]] = {}
    for row in part.rows:
        for other in seen.setdefault(key(row), []):
            if _overlap(row, other) and not (
                apart_from and getattr(row, apart_from) == getattr(other, apart_from)
            ):
                message = (
                    f"{key(row)!r} is on line {line(other.where)} too, for the same dates: "
                    "remove one, or end the first with listed_to"
                )
                yield part.fault(row, header, message)
                break
        seen[key(row)].append(row)


def _overlap(row: Flat, other: Flat) -> bool:
    return (row.listed_from or date.min) < (other.listed_to or date.max) and (
        other.listed_from or date.min
    ) < (row.listed_to or date.max)


# Facts of one line.


def _stamp(row: Flat) -> dict[str, Any]:
    return {
        "known_from": row.known_from or FIRST,
        "source": row.source or SOURCE,
        "confidence": row.confidence or "medium",
        "where": row.where,
    }


def _membership(row: Flat, company: str) -> Membership:
    start = row.listed_from or min(row.known_from or FIRST, FIRST)
    return Membership(company=company, start=start, end=row.listed_to, **_stamp(row))


def _facts(row: Flat, company: str) -> Iterator[tuple[str, Any]]:
    """Every fact that a line states, by table."""
    stamp = _stamp(row)
    # Unknown stays None, so that a filter on domicile neither holds nor fails.
    yield (
        "companies",
        Company(
            company=company,
            name=row.name,
            role=row.role or "miner",
            purity=row.purity,
            domicile=row.domicile,
            **stamp,
        ),
    )
    yield "listings", _listing(row, company)
    if row.jurisdiction:
        yield from _asset_facts(row, company)
    if row.shares_outstanding is not None or row.float_low is not None:
        yield (
            "floats",
            Float(
                company=company,
                on=stamp["known_from"],
                shares_outstanding=row.shares_outstanding,
                float_low=row.float_low,
                float_high=row.float_high,
                method="band-estimate",
                **stamp,
            ),
        )
    yield from _ties(row, company)


def _listing(row: Flat, company: str) -> Listing:
    exchange = row.exchange or SUFFIXES[row.symbol.partition(".")[2]]
    return Listing(
        symbol=row.symbol,
        company=company,
        exchange=exchange,
        currency=row.currency or CURRENCIES[CALENDARS[exchange]],
        listed_from=row.listed_from,
        listed_to=row.listed_to,
        ended_by="delisted" if row.listed_to else None,
        successor=None,
        terminal_kind=None,
        terminal_value=None,
        spac_until=None,
        **_stamp(row),
    )


def _asset_facts(row: Flat, company: str) -> Iterator[tuple[str, Any]]:
    stamp = _stamp(row)
    asset = f"{company}-line-{line(row.where)}"
    yield (
        "assets",
        Asset(
            asset=asset,
            company=company,
            name=row.name,
            jurisdiction=str(row.jurisdiction),
            subdivision=row.subdivision,
            weight=1.0,
            held_from=row.listed_from,
            held_to=row.listed_to,
            **stamp,
        ),
    )
    minerals = row.minerals or ()
    for mineral in minerals:
        yield "asset_minerals", AssetMineral(asset=asset, mineral=mineral, weight=1 / len(minerals), **stamp)
    if row.stage:
        start = row.stage_from or stamp["known_from"]
        yield "stages", Stage(asset=asset, stage=row.stage, start=start, reason=stamp["source"], **stamp)


def _ties(row: Flat, company: str) -> Iterator[tuple[str, Any]]:
    """Support by a government and links to China, of which a flat file says only whether."""
    stamp = _stamp(row)
    if row.support:
        yield (
            "support",
            Support(
                support=f"{company}-support",
                company=company,
                instrument="other-government",
                counterparty="not given",
                country=None,
                amount=None,
                currency=None,
                status=row.support,
                on=stamp["known_from"],
                **stamp,
            ),
        )
    if row.china_linked == "yes":
        yield (
            "china_links",
            ChinaLink(
                company=company,
                kind="holder",
                party="not given",
                share=None,
                start=row.listed_from,
                end=row.listed_to,
                **stamp,
            ),
        )


def _with_shipped(tables: Mapping[str, list[Any]], shipped: Facts) -> Facts:
    """The user's rows with the shipped minerals and jurisdictions, and the controls the user does not name."""
    taken = {row.company for row in tables["companies"]}
    symbols = {row.symbol for row in tables["listings"]}
    controls = {
        row.company for row in shipped.companies if row.role == "control" and row.company not in taken
    }
    controls -= {row.company for row in shipped.listings if row.symbol in symbols}
    unique = {row.company: row for row in tables["companies"]}
    return Facts(
        **{name: tuple(rows) for name, rows in tables.items()}
        | {
            "companies": (*unique.values(), *(row for row in shipped.companies if row.company in controls)),
            "listings": (*tables["listings"], *(row for row in shipped.listings if row.company in controls)),
            "minerals": shipped.minerals,
            "jurisdictions": shipped.jurisdictions,
        }
    )
