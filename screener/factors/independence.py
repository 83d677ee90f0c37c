"""Factor ``independence``: how free a company is of Chinese owners, partners, plants and buyers."""

from __future__ import annotations

from datetime import date
from math import fsum

from screener.factor import Factor, Judgement, percent
from universes.facts import ChinaLink
from universes.profile import Profile

# What a link takes off for each unit of its share, and what it takes off where the share is not on record.
DEDUCTIONS = {
    "state-owned": (0.0, 1.0),
    "holder": (2.0, 0.4),
    "joint-venture": (1.0, 0.5),
    "assets": (1.0, 0.5),
    "processor": (0.5, 0.25),
    "offtaker": (0.5, 0.25),
}


def deduction(link: ChinaLink) -> float:
    """What one link takes off, from 0 to 1; a state-owned company loses all."""
    per_share, unknown = DEDUCTIONS[link.kind]
    if link.share is None or link.kind == "state-owned":
        return unknown
    return min(1.0, per_share * link.share)


def judge(profile: Profile) -> Judgement:
    """1 less what each link on record takes off, never below 0."""
    links = tuple(
        sorted(profile.china_links, key=lambda link: (link.kind, link.party, link.start or date.min))
    )
    if not links:
        return Judgement(1.0, "No Chinese owner, partner, plant or buyer on record.")
    parts = ", ".join(f"{link.kind} {link.party} ({_share(link)})" for link in links)
    return Judgement(max(0.0, 1 - fsum(map(deduction, links))), f"Links to China: {parts}.", links)


def _share(link: ChinaLink) -> str:
    return "share not on record" if link.share is None else percent(link.share)


FACTOR = Factor(
    name="independence",
    weight=0.14,
    doc="1 without links to China on record; each link takes off, by its share: holder twice the share (0.4 where the "
    "share is unknown), joint-venture and assets the share (0.5), offtaker and processor half the share (0.25); "
    "state-owned takes off all; never below 0.",
    judge=judge,
)
