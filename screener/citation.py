"""A fact in words, with its source, the date it became known and how sure we are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from universes.facts import (
    Asset,
    AssetMineral,
    ChinaLink,
    Company,
    Fact,
    Float,
    Mineral,
    Stage,
    Support,
    Tier,
)
from universes.minerals import US_LISTS


@dataclass(frozen=True, slots=True)
class Citation:
    """One fact as printed.

    Parameters
    ----------
    fact : str
        What it says.
    known_from : str
        First day the public could know it.
    confidence : {"high", "medium", "low"}
        How sure we are.
    source : str
        Where it can be found.
    where : str
        File and line.
    """

    fact: str
    known_from: str
    confidence: str
    source: str
    where: str

    def __str__(self) -> str:
        return f"{self.fact} [known {self.known_from}, confidence {self.confidence}: {self.source}]"

    def as_dict(self) -> dict[str, str]:
        """The same as plain values, for JSON."""
        names = ("fact", "known_from", "confidence", "source", "where")
        return {name: getattr(self, name) for name in names}


def cite(row: Fact, on: date) -> Citation:
    """A row of a fact table in words, as they could be said on a date."""
    return Citation(_said(row, on), str(row.known_from), row.confidence, row.source, row.where)


def _said(row: Fact, on: date) -> str:
    if isinstance(row, Mineral):
        return _listed(row, on)
    words = _WORDS.get(type(row))
    return words(row) if words else type(row).__name__.lower()


def _float(row: Float) -> str:
    parts = [f"on {row.on}"]
    if row.shares_outstanding is not None:
        parts.append(f"{row.shares_outstanding:,.0f} shares")
    if row.float_low is not None and row.float_high is not None:
        parts.append(f"free float {row.float_low:g} to {row.float_high:g}")
    return f"{', '.join(parts)} ({row.method})"


def _support(row: Support) -> str:
    money = f", {row.currency or ''} {row.amount:,.0f}".replace("  ", " ") if row.amount is not None else ""
    return f"{row.instrument} of {row.counterparty}: {row.status} on {row.on}{money}"


def _link(row: ChinaLink) -> str:
    share = "" if row.share is None else f", share {row.share:g}"
    since = f", since {row.start}" if row.start else ""
    return f"{row.kind}: {row.party}{share}{since}"


def _listed(row: Mineral, on: date) -> str:
    out = [(published, column) for published, column in US_LISTS if published <= on]
    years = [str(published.year) for published, column in out if getattr(row, column) == "yes"]
    return f"{row.mineral}: group {row.group}; United States lists: {', '.join(years) or 'none'}"


def _asset(row: Asset) -> str:
    return f"{row.name} ({row.subdivision or row.jurisdiction}): {row.weight:g} of the company's value"


def _company(row: Company) -> str:
    if row.purity is None:
        return f"{row.name}: {row.role}"
    return f"{row.name}: {row.purity:g} of its revenue or project potential is from critical minerals"


def _tier(row: Tier) -> str:
    return f"{row.jurisdiction}: {row.tier} since {row.start}"


_WORDS: dict[type[Fact], Callable[[Any], str]] = {
    Asset: _asset,
    AssetMineral: lambda row: f"{row.asset}: {row.weight:g} of its value is {row.mineral}",
    ChinaLink: _link,
    Company: _company,
    Float: _float,
    Stage: lambda row: f"{row.asset}: {row.stage} since {row.start}",
    Support: _support,
    Tier: _tier,
}
