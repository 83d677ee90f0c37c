"""Factor ``float``: how thin the supply of a company's shares is.

The premise is that names with few shares to be had react most to policy. It is a premise, not a finding: the event
study can be grouped by ``float_band`` to see whether it holds.
"""

from __future__ import annotations

from math import log10

from screener.factor import Factor, Judgement, percent
from universes.profile import Profile, float_share

FEW_SHARES = 20e6
MANY_SHARES = 2e9


def judge(profile: Profile) -> Judgement:
    """Mean of a small free-float share and a small number of shares; one alone where only that is known."""
    row = profile.float_
    share = float_share(row)
    count = row.shares_outstanding if row else None
    if row is None or (share is None and count is None):
        return Judgement(None, "No share count or free float on record.")
    parts = [] if share is None else [1 - share]
    parts += [] if count is None else [thinness(count)]
    said = [] if share is None else [f"a free float of about {percent(share)}"]
    said += [] if count is None else [f"{count / 1e6:,.0f} million shares"]
    return Judgement(sum(parts) / len(parts), f"It has {' and '.join(said)}, as of {row.on}.", (row,))


def thinness(shares: float) -> float:
    """1 at 20 million shares or fewer, 0 at 2,000 million or more, even steps between for each doubling."""
    return min(1.0, max(0.0, log10(MANY_SHARES / shares) / log10(MANY_SHARES / FEW_SHARES)))


FACTOR = Factor(
    name="float",
    weight=0.08,
    doc="Thin supply of shares, on the premise that low-float names react most: the mean of 1 less the free-float "
    "share, and of the share count on a log scale (20 million shares or fewer 1, 200 million 0.5, 2,000 million or "
    "more 0); one alone where only that is known.",
    judge=judge,
)
