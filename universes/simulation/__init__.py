"""A market that never was: seeded, calibrated prices of the real companies, with planted policy effects.

>>> from universes.simulation import simulate
"""

from universes.simulation.market import simulate

__all__ = ["simulate"]
