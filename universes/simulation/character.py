"""How one listing behaves: its standing, volatility, factor loadings and liquidity, read from the facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

from universes.facts import Company, Listing
from universes.minerals import RARE_EARTHS
from universes.profile import Profile, float_band
from universes.simulation import parameters as p
from universes.universe import Universe


@dataclass(frozen=True, slots=True)
class Character:
    """Constants of one simulated series.

    Parameters
    ----------
    standing : str
        Key of `parameters.STANDINGS`.
    tightness : str
        Key of `parameters.TIGHTNESS`.
    loadings : dict of str to float
        Log return for each unit of a factor, by factor name; in a fixed order.
    volatility, own_volatility : float
        Standard deviation of a session's log return: all of it, and the part no factor makes.
    shares : float
        Shares outstanding on the first session.
    """

    standing: str
    tightness: str
    loadings: dict[str, float]
    volatility: float
    own_volatility: float
    shares: float


def character(universe: Universe, listing: Listing) -> Character:
    """Character of a listing, from what is known of its company on its last day in the horizon.

    Parameters
    ----------
    universe : Universe
        Holds the facts.
    listing : Listing
        A listing of a company of those facts.
    """
    profile = universe.profile(listing.company, _last_day(listing))
    company = next(row for row in universe.facts.companies if row.company == listing.company)
    band = float_band(profile.float_) if profile else None
    shares = profile.float_.shares_outstanding if profile and profile.float_ else None
    name = _standing(company, profile.stage() if profile else None)
    tightness = band or "unknown"
    standing = p.STANDINGS[name]
    volatility = standing.volatility * p.TIGHTNESS[tightness].volatility
    loadings = _loadings(standing, volatility, _groups(profile))
    explained = sum((loading * factor_volatility(factor)) ** 2 for factor, loading in loadings.items())
    return Character(
        standing=name,
        tightness=tightness,
        loadings=loadings,
        volatility=volatility,
        own_volatility=sqrt(volatility**2 - explained),
        shares=shares or standing.shares,
    )


def factor_volatility(factor: str) -> float:
    """Standard deviation of a factor over one weekday, both parts together."""
    return {"market": p.MARKET_VOLATILITY, "sector": p.SECTOR_VOLATILITY}.get(factor, p.GROUP_VOLATILITY)


def _last_day(listing: Listing) -> date:
    return min(listing.listed_to - timedelta(days=1), p.LAST) if listing.listed_to else p.LAST


def _standing(company: Company, stage: str | None) -> str:
    if company.role == "control":
        return "control"
    if company.role in {"fund", "index", "physical"}:
        return "index" if company.company in p.INDEX_FUNDS else "fund"
    if company.company in p.MAJORS or company.role in p.MAJOR_ROLES:
        return "major"
    return "mid" if stage == "production" or company.role == "royalty" else "junior"


def _groups(profile: Profile | None) -> dict[str, float]:
    """Share of value by mineral group, by name, rare earths as one."""
    shares: dict[str, float] = {}
    for mineral, weight in sorted(profile.mineral_weights().items()) if profile else ():
        group = profile.minerals[mineral].group if profile else ""
        name = "rare-earths" if group in RARE_EARTHS else group
        shares[name] = shares.get(name, 0.0) + weight
    return dict(sorted(shares.items()))


def _loadings(standing: p.Standing, volatility: float, groups: dict[str, float]) -> dict[str, float]:
    """Loadings that give each kind of factor its share of the variance, however many groups there are."""
    loadings = {"market": sqrt(standing.market) * volatility / p.MARKET_VOLATILITY}
    if standing.sector:
        loadings["sector"] = sqrt(standing.sector) * volatility / p.SECTOR_VOLATILITY
    length = sqrt(sum(weight**2 for weight in groups.values()))
    if standing.group and length:
        scale = sqrt(standing.group) * volatility / p.GROUP_VOLATILITY / length
        loadings |= {group: scale * weight for group, weight in groups.items() if weight}
    return loadings
