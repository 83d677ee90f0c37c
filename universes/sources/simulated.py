"""Source ``simulated``: seeded prices of the real companies with planted policy effects; nothing here ever traded."""

from __future__ import annotations

from universes.quotes import Quotes, Request


def simulated(request: Request) -> Quotes:
    """Simulated quotes, with the planted effects in `truth`; see `universes.simulation.simulate`."""
    from universes.simulation import simulate

    return simulate(request)


SOURCE = simulated
