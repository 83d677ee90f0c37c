"""Factor ``purity``: how much of a company's business is critical minerals at all."""

from __future__ import annotations

from screener.factor import Factor, Judgement, percent
from universes.profile import Profile


def judge(profile: Profile) -> Judgement:
    """Share of revenue or project potential from critical minerals, as far as it was known."""
    row = profile.company
    if row.purity is None or row.known_from > profile.on:
        return Judgement(None, "No share of critical minerals in its revenue or projects on record.")
    sentence = f"About {percent(row.purity)} of its revenue or project potential is from critical minerals."
    return Judgement(row.purity, sentence, (row,))


FACTOR = Factor(
    name="purity",
    weight=0.10,
    doc="Share of its revenue, or of the potential of its projects, from critical minerals, from 0 to 1.",
    judge=judge,
)
