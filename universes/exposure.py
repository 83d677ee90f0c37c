"""Which companies an event touches, and with which sign."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from universes.facts import Event
from universes.minerals import expand
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
    cache: dict[date, tuple[Profile, ...]] = {}
    found: list[Exposure] = []
    for event in events:
        on = known_at(event).date()
        if on not in cache:
            cache[on] = universe.profiles(on)
        found.extend(_of_event(event, events, cache[on], least_weight))
    return tuple(found)


def exposed(
    event: Event, events: Events, profiles: Iterable[Profile], least_weight: float = 0.2
) -> tuple[Exposure, ...]:
    """Who an event touches among companies as they stand, by symbol; the rules are those of `exposures`."""
    return tuple(_of_event(event, events, profiles, least_weight))


def _of_event(
    event: Event, events: Events, profiles: Iterable[Profile], least_weight: float
) -> Iterable[Exposure]:
    own = events.named.get(event.event, {})
    for profile in profiles:
        row = own.get(profile.company.company)
        if row is None and event.scope != "sector":
            continue
        weight = 1.0 if row else _weight(event, profile)
        if row or weight >= least_weight:
            sign = SIGNS[row.direction if row else event.direction]
            yield Exposure(event.event, profile.listing.symbol, profile.company.company, sign, weight)


def _weight(event: Event, profile: Profile) -> float:
    weights = profile.mineral_weights()
    touched = expand(event.minerals, {name: profile.minerals[name] for name in weights}, profile.on)
    return sum(weights[mineral] for mineral in weights if mineral in touched)
