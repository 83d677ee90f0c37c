"""What was known about one company on one date, and the tags that filters and groups read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from universes.facts import (
    BINDINGNESS,
    ROLES,
    SIDE_STAGES,
    STAGES,
    TIERS,
    Asset,
    AssetMineral,
    ChinaLink,
    Company,
    Float,
    Listing,
    Mineral,
    MiningRank,
    Stage,
    Support,
    Tier,
)
from universes.minerals import groups

FLOAT_BANDS = ("<25%", "25-50%", "50-75%", "75-90%", ">90%")


@dataclass(frozen=True, slots=True)
class AssetProfile:
    """One asset as known on a date; `stage`, `tier` and `rank` are None where nobody said."""

    asset: Asset
    minerals: tuple[AssetMineral, ...]
    stage: Stage | None
    tier: Tier | None
    rank: MiningRank | None = None


@dataclass(frozen=True)
class Profile:
    """Facts about one company known on one date, and nothing later.

    Parameters
    ----------
    on : date
        The date.
    company : Company
    listing : Listing
        The listing that trades on the date.
    assets : tuple of AssetProfile
        Assets held on the date, heaviest first.
    float_ : Float or None
        Latest share count or float estimate.
    support : tuple of Support
        Latest status of each instrument of support.
    china_links : tuple of ChinaLink
        Links in force on the date.
    minerals : dict of str to Mineral
        Ontology rows of the minerals in the assets.
    """

    on: date
    company: Company
    listing: Listing
    assets: tuple[AssetProfile, ...]
    float_: Float | None
    support: tuple[Support, ...]
    china_links: tuple[ChinaLink, ...]
    minerals: dict[str, Mineral]

    def mineral_weights(self) -> dict[str, float]:
        """Share of the company's value in each mineral; empty when no asset's minerals are known."""
        weights: dict[str, float] = {}
        for item in self.assets:
            for row in item.minerals:
                weights[row.mineral] = weights.get(row.mineral, 0.0) + item.asset.weight * row.weight
        return weights

    def lead_asset(self) -> AssetProfile | None:
        """The heaviest asset, or None when no asset is known."""
        return self.assets[0] if self.assets else None

    def stage(self) -> str | None:
        """Most advanced stage on the ladder of any asset; a side state only when every asset is in one."""
        reached = [item.stage.stage for item in self.assets if item.stage]
        ladder = [name for name in reached if name in STAGES]
        if ladder:
            return max(ladder, key=STAGES.index)
        return reached[0] if reached else None

    def tags(self) -> dict[str, Any]:
        """Values of every field that a filter on companies may name; None where unknown."""
        lead = self.lead_asset()
        weights = self.mineral_weights()
        covered = {word for name in weights for word in groups(self.minerals[name], self.on)}
        main = max(weights, key=lambda name: (weights[name], name)) if weights else None
        return {
            "symbol": self.listing.symbol,
            "name": self.company.name,
            "role": self.company.role,
            "purity": self.company.purity,
            "exchange": self.listing.exchange,
            "currency": self.listing.currency,
            "domicile": self.company.domicile,
            "jurisdiction": lead.asset.jurisdiction if lead else None,
            "jurisdictions": frozenset(item.asset.jurisdiction for item in self.assets)
            if self.assets
            else None,
            "tier": lead.tier.tier if lead and lead.tier else None,
            "mining_rank": lead.rank.rank if lead and lead.rank else None,
            "stage": self.stage(),
            "mineral": main,
            "minerals": frozenset(weights) | covered if weights else None,
            "shares_outstanding": self.float_.shares_outstanding if self.float_ else None,
            "float_share": float_share(self.float_),
            "float_band": float_band(self.float_),
            "support": self.best_support(),
            "instruments": frozenset(row.instrument for row in self.support if row.status != "cancelled"),
            "china_linked": bool(self.china_links),
        }

    def best_support(self) -> str:
        """Highest rung of government commitment in force; ``none`` when there is none on record."""
        live = [row.status for row in self.support if row.status != "cancelled"]
        return max(live, key=BINDINGNESS.index) if live else "none"


def float_share(row: Float | None) -> float | None:
    """Middle of the known bounds of the free-float share; None when unknown."""
    if row is None or row.float_low is None or row.float_high is None:
        return None
    return (row.float_low + row.float_high) / 2


def float_band(row: Float | None) -> str | None:
    """Band of the free-float share that holds the middle of its bounds; None when unknown."""
    middle = float_share(row)
    if middle is None:
        return None
    limits = (0.25, 0.5, 0.75, 0.9)
    return FLOAT_BANDS[sum(middle >= limit for limit in limits)]


# Name, kind, meaning, rungs or known words: what `universes.expression.Field` needs, kept with `tags`.
COMPANY_FIELDS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("symbol", "text", "ticker, as Yahoo writes it", ()),
    ("name", "text", "company name", ()),
    ("role", "text", "place in the value chain", ROLES),
    ("purity", "number", "share of revenue or project potential from critical minerals, 0 to 1", ()),
    ("exchange", "text", "MIC of the listing", ()),
    ("currency", "text", "currency of the quote", ()),
    ("domicile", "text", "country of incorporation, ISO 3166-1", ()),
    ("jurisdiction", "text", "country of the heaviest asset", ()),
    ("jurisdictions", "set", "countries of all assets", ()),
    ("tier", "ordered", "standing of that country in United States supply policy", TIERS),
    (
        "mining_rank",
        "number",
        "place of its region in the latest survey of mining jurisdictions, 1 is best",
        (),
    ),
    ("stage", "ordered", "most advanced stage of any asset", STAGES),
    ("mineral", "text", "heaviest mineral", ()),
    ("minerals", "set", "all minerals, and the groups they belong to", ()),
    ("shares_outstanding", "number", "shares", ()),
    ("float_share", "number", "middle of the known bounds of the free float, 0 to 1", ()),
    ("float_band", "ordered", "band of the free float", FLOAT_BANDS),
    ("support", "ordered", "highest government commitment in force", ("none", *BINDINGNESS[1:])),
    ("instruments", "set", "instruments of government support in force", ()),
    ("china_linked", "flag", "a Chinese holder, offtaker, partner or asset is on record", ()),
)
STAGE_WORDS = (*STAGES, *SIDE_STAGES)
