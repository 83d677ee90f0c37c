"""Who, where and when: point-in-time facts, policy events, prices and the clock.

>>> import universes
>>> miners = universes.load("critical-minerals")
>>> market = universes.market(miners, source="simulated", start="2015-01-01")  # doctest: +SKIP
>>> controls = universes.events(kind="export-control")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from universes.assemble import market
    from universes.catalog import events, load, names
    from universes.errors import LodestoneError
    from universes.facts import Event
    from universes.panel import Market
    from universes.policy import Events
    from universes.universe import Universe

__all__ = ["Event", "Events", "LodestoneError", "Market", "Universe", "events", "load", "market", "names"]

_HOMES = {
    "Event": "universes.facts",
    "Events": "universes.policy",
    "LodestoneError": "universes.errors",
    "Market": "universes.panel",
    "Universe": "universes.universe",
    "events": "universes.catalog",
    "load": "universes.catalog",
    "market": "universes.assemble",
    "names": "universes.catalog",
}


def __getattr__(name: str) -> Any:
    # Loaded on first use: `lodestone --help` must not wait for pandas.
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'universes' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
