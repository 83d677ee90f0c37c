"""Factor ``support``: how firmly governments have committed money or demand to a company."""

from __future__ import annotations

from screener.factor import Factor, Judgement
from universes.facts import BINDINGNESS
from universes.profile import Profile

VALUES = {"letter-of-interest": 0.2, "conditional": 0.4, "binding": 0.6, "closed": 0.8}
EACH_FURTHER = 0.1
MOST_FURTHER = 2


def judge(profile: Profile) -> Judgement:
    """The firmest commitment in force, and a little for each further one."""
    rows = tuple(sorted(profile.support, key=lambda row: row.support))
    live = [row for row in rows if row.status != "cancelled"]
    if not live:
        ended = " in force; what was promised was cancelled" if rows else " on record"
        return Judgement(0.0, f"No government support{ended}.", rows)
    best = max((row.status for row in live), key=BINDINGNESS.index)
    value = min(1.0, VALUES[best] + EACH_FURTHER * min(len(live) - 1, MOST_FURTHER))
    count = "1 instrument" if len(live) == 1 else f"{len(live)} instruments"
    return Judgement(value, f"{count} of government support in force; the firmest is {best}.", tuple(live))


FACTOR = Factor(
    name="support",
    weight=0.14,
    doc="Firmest government commitment in force: none on record 0, letter-of-interest 0.2, conditional 0.4, "
    "binding 0.6, closed (paid out or signed and in effect) 0.8; 0.1 more for each further instrument, at most 0.2.",
    judge=judge,
)
