"""Factor ``minerals``: how much of a company's value lies in minerals that policy names as critical."""

from __future__ import annotations

from math import fsum

from screener.factor import Factor, Judgement, percent, weighted_mean
from universes.facts import Fact, Mineral
from universes.minerals import RARE_EARTHS, US_LISTS, is_critical, us_list
from universes.profile import Profile

# Minerals beside the rare earths of which China has made more than half of the world's supply since 2010: a judgement
# that holds for the whole range of dates, so that no later share decides an earlier score.
CHINA_LED = frozenset({"antimony", "gallium", "germanium", "graphite", "magnesium", "tungsten"})
OTHER_LISTED = 0.6


def judge(profile: Profile) -> Judgement:
    """Share of value in listed minerals, those that China leads counting in full and others for 0.6."""
    weights = profile.mineral_weights()
    if us_list(profile.on) is None:
        return Judgement(None, f"No United States list of critical minerals before {US_LISTS[0][0]}.")
    value = weighted_mean(
        (weight, worth(profile.minerals[name], profile)) for name, weight in weights.items()
    )
    if value is None:
        return Judgement(None, "No asset whose minerals are on record.")
    sentence = (
        f"{percent(_share(profile, OTHER_LISTED))} of its value is in minerals on the United States list of "
        f"{_year(profile)}, {percent(_share(profile, 1.0))} in those whose supply China leads."
    )
    return Judgement(value, sentence, _facts(profile))


def worth(mineral: Mineral, profile: Profile) -> float:
    """What a mineral counts for on the profile's date: 0, 0.6 or 1."""
    if not is_critical(mineral, profile.on):
        return 0.0
    return 1.0 if mineral.group in RARE_EARTHS or mineral.mineral in CHINA_LED else OTHER_LISTED


def _share(profile: Profile, least: float) -> float:
    """Share of the value whose minerals are known in those that count for at least so much."""
    weights = profile.mineral_weights()
    return fsum(
        weight for name, weight in weights.items() if worth(profile.minerals[name], profile) >= least
    ) / fsum(weights.values())


def _year(profile: Profile) -> int:
    return max(published for published, _ in US_LISTS if published <= profile.on).year


def _facts(profile: Profile) -> tuple[Fact, ...]:
    rows = [
        row
        for item in profile.assets
        for row in sorted(item.minerals, key=lambda row: (-row.weight, row.mineral))
    ]
    ontology = dict.fromkeys(profile.minerals[row.mineral] for row in rows)
    return (*rows, *ontology)


FACTOR = Factor(
    name="minerals",
    weight=0.18,
    doc="Share of its value in minerals on the United States list of critical minerals in force: in full where China "
    "leads supply (rare earths, antimony, gallium, germanium, graphite, magnesium, tungsten), times 0.6 for other "
    "listed minerals, 0 for the rest; unknown before the first list of 2018-05-18.",
    judge=judge,
)
