"""Minerals and their groups: which words cover which minerals on a date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from universes.facts import MINERAL_GROUPS, Mineral

RARE_EARTHS = ("light-rare-earths", "heavy-rare-earths")
# Publication dates of the final lists: 83 FR 23295, 87 FR 10381 and the list of November 2025.
US_LISTS = (
    (date(2018, 5, 18), "us_list_2018"),
    (date(2022, 2, 24), "us_list_2022"),
    (date(2025, 11, 7), "us_list_2025"),
)
WORDS = ("all", "critical", "rare-earths", *MINERAL_GROUPS)


def us_list(on: date) -> str | None:
    """Column of the United States list in force on a date; None before the first list."""
    in_force = [name for published, name in US_LISTS if published <= on]
    return in_force[-1] if in_force else None


def is_critical(mineral: Mineral, on: date) -> bool:
    """Whether a mineral is on the United States list in force on a date.

    Before May 2018 there was no list: the first one stands in for it.
    """
    return getattr(mineral, us_list(on) or "us_list_2018") == "yes"


def groups(mineral: Mineral, on: date) -> frozenset[str]:
    """Words that cover a mineral on a date: its group, ``rare-earths``, ``critical``, ``all``."""
    found = {mineral.group, "all"}
    if mineral.group in RARE_EARTHS:
        found.add("rare-earths")
    if is_critical(mineral, on):
        found.add("critical")
    return frozenset(found)


def expand(words: Iterable[str], minerals: Mapping[str, Mineral], on: date) -> frozenset[str]:
    """Minerals that a list of minerals and group words stands for on a date.

    A mixed product, such as ``rare-earths-mixed``, is part of its group and of no single element.
    """
    wanted = set(words)
    return frozenset(
        name for name, mineral in minerals.items() if name in wanted or wanted & groups(mineral, on)
    )
