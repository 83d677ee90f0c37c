"""Which companies an event touches, and with which sign."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from weakref import WeakKeyDictionary

from universes.facts import Asset, AssetMineral, Event, by_key
from universes.minerals import US_LISTS, expand
from universes.policy import Events, known_at
from universes.profile import Profile
from universes.universe import Universe


@dataclass(frozen=True, slots=True)
class Exposure:
    """One firm-event: a company that an event touches.

    Parameters
    ----------
    event : str
        Event identifier.
    symbol, company : str
        The listing that traded when the event became known, and its company.
    sign : {1, 0, -1}
        Tailwind, ambiguous, headwind: the company's own where it has one.
    weight : float
        Share of the company's value in the event's minerals, 0 to 1; 1 for a company the event names.
    """

    event: str
    symbol: str
    company: str
    sign: int
    weight: float


SIGNS = {"tailwind": 1, "ambiguous": 0, "headwind": -1}


def exposures(events: Events, universe: Universe, *, least_weight: float = 0.2) -> tuple[Exposure, ...]:
    """Every firm-event, as known on the day of the event.

    A sector event touches the members with at least `least_weight` of their value in its minerals;
    a company event touches the companies it names. A company's own row overrides the event's sign.

    Parameters
    ----------
    events : Events
        E events.
    universe : Universe
        Who may be touched.
    least_weight : float
        Smallest share of value that counts as exposed.

    Returns
    -------
    tuple of Exposure
        In the order of the events, then by symbol.
    """
    # By identity and weakly: what is found goes when the universe or the calendar goes.
    found = _FOUND.setdefault(universe, WeakKeyDictionary()).setdefault(events, {})
    if least_weight not in found:
        found[least_weight] = tuple(_exposures(events, universe, least_weight))
    return found[least_weight]


_FOUND: WeakKeyDictionary[Universe, WeakKeyDictionary[Events, dict[float, tuple[Exposure, ...]]]] = (
    WeakKeyDictionary()
)
_SPELLS: WeakKeyDictionary[Universe, _Spells] = WeakKeyDictionary()


def _exposures(events: Events, universe: Universe, least_weight: float) -> Iterator[Exposure]:
    spells = _SPELLS.setdefault(universe, _Spells(universe))
    alive: dict[date, list[_Spell]] = {}
    for event in events:
        on = known_at(event).date()
        if on not in alive:
            alive[on] = spells.on(universe, on)
        yield from _of_event(event, events, alive[on], least_weight)


class _Spell:
    """A company while nothing changes that decides who is touched: who it is, where it trades, what it is worth."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.weights: dict[tuple[str, ...], float] = {}

    def weight(self, event: Event) -> float:
        """Share of value in an event's minerals."""
        if event.minerals not in self.weights:
            self.weights[event.minerals] = _weight(event, self.profile)
        return self.weights[event.minerals]


class _Spells:
    """The spells of every company: between two dates on which something changes, one look serves all events."""

    def __init__(self, universe: Universe) -> None:
        shared = {day for day, _ in US_LISTS} | {row.known_from for row in universe.facts.minerals}
        assets = by_key(universe.facts.assets, "company")
        yields = by_key(universe.facts.asset_minerals, "asset")
        self.cuts = {
            company: sorted(
                {*shared, *_of_listings(universe, company), *_of_assets(assets.get(company, ()), yields)}
            )
            for company in sorted(universe.companies)
        }
        self.known: dict[tuple[str, int], _Spell | None] = {}

    def on(self, universe: Universe, on: date) -> list[_Spell]:
        """The members that trade on a date, by symbol."""
        found = []
        for company, cuts in self.cuts.items():
            key = company, bisect_right(cuts, on)
            if key not in self.known:
                self.known[key] = _spell(universe, company, on)
            if spell := self.known[key]:
                found.append(spell)
        return sorted(found, key=lambda spell: spell.profile.listing.symbol)


def _spell(universe: Universe, company: str, on: date) -> _Spell | None:
    member = any(row.holds(on) and row.known_from <= on for row in universe.spells[company])
    profile = universe.profile(company, on) if member else None
    return _Spell(profile) if profile else None


def _of_listings(universe: Universe, company: str) -> Iterator[date]:
    """Dates on which a company's membership, its listing, or whether it is known may change."""
    yield universe.companies[company].known_from
    for row in universe.spells[company]:
        yield from (day for day in (row.start, row.end, row.known_from) if day)
    for listing in universe.listings.get(company, ()):
        yield from (day for day in (listing.listed_from, listing.listed_to, listing.known_from) if day)


def _of_assets(assets: Iterable[Asset], yields: Mapping[str, Iterable[AssetMineral]]) -> Iterator[date]:
    """Dates on which what a company holds, or the minerals in it, may change."""
    for asset in assets:
        yield from (day for day in (asset.held_from, asset.held_to, asset.known_from) if day)
        yield from (row.known_from for row in yields.get(asset.asset, ()))


def exposed(
    event: Event, events: Events, profiles: Iterable[Profile], least_weight: float = 0.2
) -> tuple[Exposure, ...]:
    """Who an event touches among companies as they stand, by symbol; the rules are those of `exposures`."""
    return tuple(_of_event(event, events, map(_Spell, profiles), least_weight))


def _of_event(
    event: Event, events: Events, spells: Iterable[_Spell], least_weight: float
) -> Iterator[Exposure]:
    own = events.named.get(event.event, {})
    for spell in spells:
        company = spell.profile.company.company
        row = own.get(company)
        if row is None and event.scope != "sector":
            continue
        weight = 1.0 if row else spell.weight(event)
        if row or weight >= least_weight:
            sign = SIGNS[row.direction if row else event.direction]
            yield Exposure(event.event, spell.profile.listing.symbol, company, sign, weight)


def _weight(event: Event, profile: Profile) -> float:
    weights = profile.mineral_weights()
    touched = expand(event.minerals, {name: profile.minerals[name] for name in weights}, profile.on)
    return sum(weights[mineral] for mineral in weights if mineral in touched)
