"""The `universe` commands: who is in a universe, alive and dead, and what is wrong with a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from universes.commandline import emit, output_options

if TYPE_CHECKING:
    from universes.errors import Fault
    from universes.facts import Listing
    from universes.universe import Universe

LIST = ("universe", "companies", "ended", "first_from")
SHOW = ("company", "name", "role", "symbol", "exchange", "listed_from", "listed_to", "ended_by")
ON = (
    "symbol",
    "name",
    "status",
    "reason",
    "jurisdiction",
    "tier",
    "stage",
    "mineral",
    "float_band",
    "support",
    "china_linked",
)
MINERALS = (
    "mineral", "element", "group", "lists", "leader", "leader_share", "step", "year",
    "import_reliance_low", "import_reliance_high", "source",
)  # fmt: skip
CHECK = ("file", "line", "field", "message")


@click.group()
def universe() -> None:
    """List, show and check universes of companies."""


@universe.command("list")
@output_options
def list_(**output: Any) -> None:
    """Print the universes that ship with Lodestone: how many companies, and how many of them have ceased to trade."""
    from universes.catalog import facts, names

    emit([_summary(name) for name in names()], LIST, settings={}, data=_data(facts().hash), **output)


def _summary(name: str) -> dict[str, Any]:
    from universes.catalog import load

    found = load(name)
    last = [rows[-1] for company in found.companies if (rows := found.listings.get(company))]
    return {
        "universe": name,
        "companies": len(found.companies),
        "ended": sum(row.listed_to is not None for row in last),
        "first_from": min((row.start for row in found.memberships), default=None),
    }


@universe.command()
@click.argument("name")
@click.option(
    "--on", metavar="DATE", help="Only what was known on this date, with each company's standing and tags."
)
@output_options
def show(name: str, on: str | None, **output: Any) -> None:
    """Print the companies of universe NAME, dead ones too: every listing, or how each stood on a date.

    NAME is one that ships with Lodestone, or a CSV file of your own.
    """
    from universes.catalog import load
    from universes.dates import as_date

    found = load(name)
    day = as_date(on, "on") if on else None
    rows = _listings(found) if day is None else _on(found, day)
    settings = {"universe": name, "on": day}
    emit(rows, SHOW if day is None else ON, settings=settings, data=_data(found.facts.hash), **output)


def _listings(found: Universe) -> list[dict[str, Any]]:
    return [
        {"company": company.company, "name": company.name, "role": company.role, **_listing(row)}
        for company in sorted(found.companies.values(), key=lambda item: item.company)
        for row in found.listings.get(company.company, ())
    ]


def _listing(row: Listing) -> dict[str, Any]:
    names = ("symbol", "exchange", "currency", "listed_from", "listed_to", "ended_by", "successor")
    return {name: getattr(row, name) for name in names}


def _on(found: Universe, day: date) -> list[dict[str, Any]]:
    from universes.standing import standing

    places = sorted(
        (standing(found, company, day) for company in found.companies), key=lambda item: item.symbol
    )
    return [
        _tags(found, item.company, day)
        | {"symbol": item.symbol, "status": item.status, "reason": item.reason}
        for item in places
    ]


def _tags(found: Universe, company: str, day: date) -> dict[str, Any]:
    profile = found.profile(company, day)
    return profile.tags() if profile else {"name": found.companies[company].name}


@universe.command()
@click.option("--on", required=True, metavar="DATE", help="Only what was known on this date.")
@output_options
def minerals(on: str, **output: Any) -> None:
    """Print every mineral: the lists of critical minerals that name it, who leads its supply, reliance on imports.

    The table leaves the source out; --format csv and json have it.
    """
    from universes.catalog import facts
    from universes.dates import as_date

    rows = _minerals(as_date(on, "on"))
    columns = MINERALS[:-1] if output["format"] == "table" else MINERALS
    emit(rows, columns, settings={"on": on}, data=_data(facts().hash), **output)


def _minerals(day: date) -> list[dict[str, Any]]:
    from universes.catalog import facts
    from universes.supply import mineral_records

    return [
        {
            "mineral": item.mineral.mineral,
            "element": item.mineral.element,
            "group": item.mineral.group,
            "lists": item.lists,
            "leader": item.supply and item.supply.country,
            "leader_share": item.supply and item.supply.share,
            "step": item.supply and item.supply.step,
            "year": item.supply and item.supply.year,
            "import_reliance_low": item.supply and item.supply.import_reliance_low,
            "import_reliance_high": item.supply and item.supply.import_reliance_high,
            "source": item.supply and item.supply.source,
        }
        for item in mineral_records(facts(), day)
    ]


@universe.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@output_options
def check(files: tuple[Path, ...], **output: Any) -> None:
    """Look for every fault of your own universe FILEs, of fact tables or of folders of them, and print all at once.

    A file with the name of a fact table is checked against the tables beside it. Exit 1 when there is a fault.
    """
    from universes.checks import check_any

    report_faults(files, [fault for path in files for fault in check_any(path)], output)


def report_faults(files: Sequence[Path], faults: Sequence[Fault], output: dict[str, Any]) -> None:
    """Print faults as rows; the last line of stderr is their count.

    Raises
    ------
    LodestoneError
        If there is one.
    """
    from dataclasses import asdict

    from universes.errors import LodestoneError

    rows = [asdict(fault) for fault in faults]
    emit(
        rows,
        CHECK,
        settings={"files": list(map(str, files))},
        data=_data(""),
        table=lambda: _lines(files, faults),
        **output,
    )
    if faults:
        named = ", ".join(sorted({fault.file for fault in faults}))
        raise LodestoneError(f"faults: {len(faults)}, in {named}; mend them and check again")


def _lines(files: Sequence[Path], faults: Iterable[Fault]) -> str:
    found = tuple(faults)
    return "\n".join(map(str, found)) if found else f"No fault in {', '.join(map(str, files))}"


def _data(digest: str) -> dict[str, str]:
    return {"source": "facts", "kind": "real", "hash": digest}
