"""On which dates what is known of a company can change."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from universes.facts import Fact
from universes.minerals import US_LISTS
from universes.universe import Universe

OF_COMPANIES = ("companies", "listings", "assets", "floats", "support", "china_links")
DATES = ("known_from", "start", "end", "on", "held_from", "held_to", "listed_from", "listed_to")


def change_dates(universe: Universe) -> dict[str, frozenset[date]]:
    """Dates on which a profile, a membership or a score of a company can change, by company.

    Parameters
    ----------
    universe : Universe
        Whose facts.

    Returns
    -------
    dict of str to frozenset of date
        The dates on which a fact about it became known, begins or ends, those of the countries and minerals of its
        assets, and those of the mineral lists.
    """
    found: dict[str, set[date]] = defaultdict(set)
    for table in OF_COMPANIES:
        for row in getattr(universe.facts, table):
            found[row.company] |= _dates(row)
    for row in universe.memberships:
        found[row.company] |= _dates(row)
    for company, dates in _of_assets(universe):
        found[company] |= dates
    ontology = {published for published, _ in US_LISTS} | {row.known_from for row in universe.facts.minerals}
    return {company: frozenset(found[company] | ontology) for company in universe.companies}


def _of_assets(universe: Universe) -> list[tuple[str, set[date]]]:
    owners: dict[str, set[str]] = defaultdict(set)
    for asset in universe.facts.assets:
        owners[asset.asset].add(asset.company)
        owners[asset.jurisdiction].add(asset.company)
    rows: list[tuple[str, Fact]] = [(row.asset, row) for row in universe.facts.asset_minerals]
    rows += [(stage.asset, stage) for stage in universe.facts.stages]
    rows += [(tier.jurisdiction, tier) for tier in universe.facts.jurisdictions]
    rows += [(rank.jurisdiction, rank) for rank in universe.facts.mining_ranks]
    return [(company, _dates(row)) for key, row in rows for company in sorted(owners.get(key, ()))]


def _dates(row: Any) -> set[date]:
    return {value for name in DATES if (value := getattr(row, name, None)) is not None}


def spells(changes: Iterable[date], days: Sequence[date]) -> Iterator[tuple[int, int]]:
    """Ranges of days, end excluded, within which nothing that is known changes.

    Parameters
    ----------
    changes : iterable of date
        As `change_dates` gives for a company.
    days : sequence of date, shape (T,)
        In order of time.
    """
    rows = sorted({0, *(bisect_left(days, on) for on in changes)} - {len(days)})
    yield from zip(rows, [*rows[1:], len(days)], strict=True)
