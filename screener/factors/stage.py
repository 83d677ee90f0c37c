"""Factor ``stage``: how near to production a company's assets are."""

from __future__ import annotations

from screener.factor import Factor, Judgement, percent, weighted_mean
from universes.facts import STAGES
from universes.profile import Profile

# A mothballed plant can be restarted, a suspended one perhaps; a blocked or closed one delivers nothing.
SIDE_VALUES = {"care-and-maintenance": 0.2, "suspended": 0.1, "blocked": 0.0, "closed": 0.0}
VALUES = {stage: (rung + 1) / len(STAGES) for rung, stage in enumerate(STAGES)} | SIDE_VALUES


def judge(profile: Profile) -> Judgement:
    """Mean rung of the assets by their share of value; assets without a stage are left out."""
    known = [(item.asset, item.stage) for item in profile.assets if item.stage]
    value = weighted_mean((asset.weight, VALUES[stage.stage]) for asset, stage in known)
    if value is None:
        return Judgement(None, "No asset whose stage is on record.")
    parts = ", ".join(f"{asset.name} {stage.stage} ({percent(asset.weight)})" for asset, stage in known)
    facts = tuple(row for pair in known for row in pair)
    return Judgement(value, f"By share of value: {parts}.", facts)


FACTOR = Factor(
    name="stage",
    weight=0.18,
    doc="Rung of its assets on the ladder to production, by share of value: a ninth for each rung, from exploration "
    "1/9 to production 1; care-and-maintenance 0.2, suspended 0.1, blocked 0, closed 0.",
    judge=judge,
)
