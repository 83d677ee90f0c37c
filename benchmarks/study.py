"""The event study's speed: with random calendars, as they grow, and against a loop of the package eventstudy.

``python -m benchmarks.study`` prints one table of ratios measured in one run. What is compared is asserted to be the
same before it is timed. A peer that is not there is said, and its row is not met.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.panel import KNOWN, Panel, make
from universes.facts import EventCompany
from universes.policy import Events
from universes.universe import Universe

if TYPE_CHECKING:
    from universes.panel import Market

NAMES, CONTROLS, SESSIONS, EVENTS = 150, 10, 3_780, 100


def scene(names: int = NAMES, sessions: int = SESSIONS, events: int = EVENTS) -> tuple[Market, Events]:
    """A market in which every event touches every name but the controls, and its calendar.

    Parameters
    ----------
    names, sessions, events : int
        N, T and E; the controls come on top.
    """
    panel = make(names + CONTROLS, sessions, events)
    return _with_controls(panel), _touching_all(panel, names)


def _with_controls(panel: Panel) -> Market:
    """The market with its last names as controls."""
    market = panel.market
    companies = market.universe.facts.companies
    first = len(companies) - CONTROLS
    roles = tuple(replace(row, role="control") if at >= first else row for at, row in enumerate(companies))
    facts = replace(market.universe.facts, companies=roles)
    universe = Universe(market.universe.name, facts, market.universe.memberships[:first])
    lives = market.lives.assign(control=[at >= first for at in range(len(companies))])
    return replace(market, universe=universe, lives=lives)


def _touching_all(panel: Panel, names: int) -> Events:
    companies = [row.company for row in panel.market.universe.facts.companies[:names]]
    named = tuple(
        EventCompany(event=event.event, company=company, direction="tailwind", reason="benchmark", **KNOWN)
        for event in panel.events
        for company in companies
    )
    return Events(panel.events.rows, named)
