"""Factor ``jurisdiction``: how close to United States supply policy the countries of a company's assets stand."""

from __future__ import annotations

from screener.factor import Factor, Judgement, percent, weighted_mean
from universes.facts import TIERS
from universes.profile import Profile

VALUES = {tier: rung / (len(TIERS) - 1) for rung, tier in enumerate(TIERS)}


def judge(profile: Profile) -> Judgement:
    """Mean tier of the assets by their share of value; assets in countries without a tier are left out."""
    known = [(item.asset, item.tier) for item in profile.assets if item.tier]
    value = weighted_mean((asset.weight, VALUES[tier.tier]) for asset, tier in known)
    if value is None:
        return Judgement(None, "No asset in a country whose standing is on record.")
    shares: dict[tuple[str, str], float] = {}
    for asset, tier in known:
        key = asset.jurisdiction, tier.tier
        shares[key] = shares.get(key, 0.0) + asset.weight
    parts = ", ".join(f"{percent(share)} in {where} ({tier})" for (where, tier), share in shares.items())
    facts = dict.fromkeys(row for pair in known for row in pair)
    return Judgement(value, f"Of its value, {parts}.", tuple(facts))


FACTOR = Factor(
    name="jurisdiction",
    weight=0.18,
    doc="Standing of the countries of its assets in United States supply policy, by share of value: feoc 0, "
    "neutral 0.2, partner 0.4, fta 0.6, allied 0.8, domestic 1.",
    judge=judge,
)
