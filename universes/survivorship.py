"""Who is in a market and who is not: the statement every result carries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from universes.facts import Listing

if TYPE_CHECKING:
    from universes.panel import Market, Missing


@dataclass(frozen=True, slots=True)
class Survivorship:
    """Whether the dead are in: what decides if a result flatters.

    Parameters
    ----------
    members : int
        Companies that were ever members of the universe.
    with_prices : int
        Those of them with a bar.
    dead : int
        Members of which no share trades on the last session, as the facts say.
    dead_with_prices : int
        Those of them with a bar: they stay in up to their end, with what was paid for a share.
    missing : tuple of Missing
        Symbols without a bar, controls among them, each with the reason.
    shells_cut : tuple of str
        Symbols whose years as a blank-cheque company were left out, sorted.
    """

    members: int
    with_prices: int
    dead: int
    dead_with_prices: int
    missing: tuple[Missing, ...]
    shells_cut: tuple[str, ...]

    def __str__(self) -> str:
        parts = [f"{self.with_prices} of {self.members} members have prices", self._of_the_dead()]
        parts += self._of_the_missing()
        if self.shells_cut:
            parts.append(f"the shell years of {_count(len(self.shells_cut), 'symbol')} were left out")
        if self.with_prices < self.members:
            parts.append("results may flatter what could be bought")
        return f"Survivorship: {'; '.join(parts)}."

    def _of_the_dead(self) -> str:
        if not self.dead:
            return "all of them still trade on the last session"
        if self.dead_with_prices == self.dead:
            return f"the {self.dead} that trade no more are among them, up to their end"
        if not self.dead_with_prices:
            return f"of the {self.dead} that trade no more, none has"
        verb = "has" if self.dead_with_prices == 1 else "have"
        return f"of the {self.dead} that trade no more, {self.dead_with_prices} {verb} them, up to their end"

    def _of_the_missing(self) -> list[str]:
        without, listed = self.members - self.with_prices, len(self.missing)
        if listed < without:
            return [f"{_count(listed, 'symbol')} without prices {_are(listed)} listed"] if listed else []
        parts = [f"{_count(without, 'member')} without prices {_are(without)} listed"] if without else []
        # Each member without prices has a symbol in the list: what is beyond is no company that is lacking.
        further = listed - without
        if further == 1:
            parts.append(
                "1 further series (a control, another listing, or an earlier company of a symbol) has none"
            )
        elif further:
            kinds = "controls, other listings, or earlier companies of a symbol"
            parts.append(f"{further} further series ({kinds}) have none")
        return parts

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values, and the sentence as ``statement``."""
        return {
            "members": self.members,
            "with_prices": self.with_prices,
            "dead": self.dead,
            "dead_with_prices": self.dead_with_prices,
            "missing": [{"symbol": item.symbol, "reason": item.reason} for item in self.missing],
            "shells_cut": list(self.shells_cut),
            "statement": str(self),
        }


def survivorship(market: Market) -> Survivorship:
    """Which members of a market's universe have prices, and how many of the dead.

    Parameters
    ----------
    market : Market
        Prices with the universe they were asked for.
    """
    members = set(market.universe.companies)
    priced = members & set(market.lives["company"])
    last = market.sessions[-1].date()
    dead = {company for company in members if _dead(market.universe.listings.get(company, ()), last)}
    shells = {item.symbol for item in market.findings if item.gate == "shell"}
    return Survivorship(
        members=len(members),
        with_prices=len(priced),
        dead=len(dead),
        dead_with_prices=len(dead & priced),
        missing=market.missing,
        shells_cut=tuple(sorted(shells & set(market.symbols))),
    )


def _dead(listings: tuple[Listing, ...], last: date) -> bool:
    begun = [row for row in listings if row.listed_from is None or row.listed_from <= last]
    if not begun or any(row.alive(last) for row in begun):
        return False
    # A new name under which the tables have no listing is no end.
    return max(begun, key=lambda row: row.listed_to or date.max).ended_by != "renamed"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
