"""A point-in-time list of companies: who was a member on a date, and what was known of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from universes.errors import UnknownName
from universes.facts import (
    Asset,
    ChinaLink,
    Company,
    Facts,
    Float,
    Listing,
    Membership,
    Mineral,
    MiningRank,
    Support,
    by_key,
)
from universes.profile import AssetProfile, Profile


@dataclass(frozen=True, eq=False)
class Universe:
    """Companies with their facts; dead names stay in.

    Parameters
    ----------
    name : str
        Name users type, or the path of their own file.
    facts : Facts
        Every fact, known early or late; `profile` shows only what was known.
    memberships : tuple of Membership
        Who belongs, from when to when.
    """

    name: str
    facts: Facts
    memberships: tuple[Membership, ...]
    _index: dict[str, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def companies(self) -> dict[str, Company]:
        """Every company that was ever a member, by id."""
        every = {row.company: row for row in self.facts.companies}
        return {row.company: every[row.company] for row in self.memberships}

    @cached_property
    def controls(self) -> tuple[Listing, ...]:
        """Listings of large companies without critical minerals, for study benchmarks only."""
        roles = {row.company: row.role for row in self.facts.companies}
        return tuple(row for row in self.facts.listings if roles.get(row.company) == "control")

    @cached_property
    def listings(self) -> dict[str, tuple[Listing, ...]]:
        """Listings of every company in the tables, by company, oldest first."""
        return by_key(
            sorted(self.facts.listings, key=lambda row: (row.listed_from or date.min, row.symbol)), "company"
        )

    @cached_property
    def spells(self) -> dict[str, tuple[Membership, ...]]:
        """Memberships of every company that was ever a member, by id."""
        return by_key(self.memberships, "company")

    @cached_property
    def ontology(self) -> dict[str, Mineral]:
        """Minerals of the tables, by name."""
        return {row.mineral: row for row in self.facts.minerals}

    def members_on(self, on: date) -> tuple[str, ...]:
        """Ids of the companies that are members on a date and whose membership was known, sorted."""
        return tuple(
            sorted({row.company for row in self.memberships if row.holds(on) and row.known_from <= on})
        )

    def listing(self, company: str, on: date) -> Listing | None:
        """The listing of a company that trades on a date; None before the first and after the last."""
        alive = [row for row in self.listings.get(company, ()) if row.alive(on) and row.known_from <= on]
        return alive[0] if alive else None

    def company_of(self, symbol: str, on: date | None = None) -> str:
        """Company that a symbol stands for on a date, or last stood for.

        Raises
        ------
        UnknownName
            If no company of the tables ever had the symbol.
        """
        rows = [row for row in self.facts.listings if row.symbol == symbol]
        if not rows:
            raise UnknownName("symbol", symbol, {row.symbol for row in self.facts.listings})
        alive = [row for row in rows if on is not None and row.alive(on)]
        return (alive or sorted(rows, key=lambda row: row.listed_from or date.min))[-1].company

    def profile(self, company: str, on: date) -> Profile | None:
        """What was known of a company on a date; None when none of its shares traded, or nobody knew of it."""
        listing, row = self.listing(company, on), self.companies.get(company) or self._company(company)
        if listing is None or row.known_from > on:
            return None
        minerals = self._minerals(on)
        return Profile(
            on=on,
            company=row,
            listing=listing,
            assets=self._assets(company, on, minerals),
            float_=_latest(
                row for row in self._by("floats", "company").get(company, ()) if _known(row, on, row.on)
            ),
            support=self._support(company, on),
            china_links=self._china_links(company, on),
            minerals=minerals,
        )

    def profiles(self, on: date) -> tuple[Profile, ...]:
        """Profiles of all members that trade on a date, by symbol."""
        found = (self.profile(company, on) for company in self.members_on(on))
        return tuple(sorted((item for item in found if item), key=lambda item: item.listing.symbol))

    def _company(self, company: str) -> Company:
        return next(row for row in self.facts.companies if row.company == company)

    def _by(self, table: str, key: str) -> dict[str, tuple[Any, ...]]:
        if table not in self._index:
            self._index[table] = by_key(getattr(self.facts, table), key)
        return self._index[table]

    def _minerals(self, on: date) -> dict[str, Mineral]:
        # The shipped ontology is known throughout: one mapping serves every profile.
        if on >= self._ontology_known:
            return self.ontology
        return {name: row for name, row in self.ontology.items() if row.known_from <= on}

    @cached_property
    def _ontology_known(self) -> date:
        return max((row.known_from for row in self.facts.minerals), default=date.min)

    def _assets(self, company: str, on: date, minerals: dict[str, Mineral]) -> tuple[AssetProfile, ...]:
        held = [row for row in self._by("assets", "company").get(company, ()) if _held(row, on)]
        return tuple(
            self._asset(row, on, minerals) for row in sorted(held, key=lambda row: (-row.weight, row.asset))
        )

    def _asset(self, asset: Asset, on: date, minerals: dict[str, Mineral]) -> AssetProfile:
        yields = self._by("asset_minerals", "asset").get(asset.asset, ())
        stages = self._by("stages", "asset").get(asset.asset, ())
        tiers = self._by("jurisdictions", "jurisdiction").get(asset.jurisdiction, ())
        return AssetProfile(
            asset,
            tuple(row for row in yields if row.known_from <= on and row.mineral in minerals),
            _latest(row for row in stages if _known(row, on, row.start)),
            _latest(row for row in tiers if _known(row, on, row.start) and (row.end is None or on < row.end)),
            self._rank(asset, on),
        )

    def _rank(self, asset: Asset, on: date) -> MiningRank | None:
        """Place of the asset's region in the latest survey known; of its country where that has no regions."""
        rows = self._by("mining_ranks", "jurisdiction").get(asset.jurisdiction, ())
        known = [row for row in rows if row.known_from <= on and row.measure == "investment-attractiveness"]
        own = [row for row in known if row.subdivision == asset.subdivision]
        return max(own, key=lambda row: row.survey, default=None)

    def _support(self, company: str, on: date) -> tuple[Support, ...]:
        latest: dict[str, Support] = {}
        for row in self._by("support", "company").get(company, ()):
            if _known(row, on, row.on) and (row.support not in latest or latest[row.support].on <= row.on):
                latest[row.support] = row
        return tuple(latest.values())

    def _china_links(self, company: str, on: date) -> tuple[ChinaLink, ...]:
        rows = self._by("china_links", "company").get(company, ())
        return tuple(
            row
            for row in rows
            if _known(row, on, row.start or row.known_from) and (row.end is None or on < row.end)
        )


def _known(row: Any, on: date, begins: date) -> bool:
    return bool(row.known_from <= on and begins <= on)


def _held(row: Asset, on: date) -> bool:
    begins = row.held_from or row.known_from
    return _known(row, on, begins) and (row.held_to is None or on < row.held_to)


def _latest(rows: Any) -> Any:
    last = None
    for row in rows:
        begins = row.on if isinstance(row, Float) else row.start
        if last is None or begins >= (last.on if isinstance(last, Float) else last.start):
            last = row
    return last
