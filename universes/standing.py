"""Whether a company of a universe trades on a date, and if not, why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from universes.facts import Listing
from universes.universe import Universe


@dataclass(frozen=True, slots=True)
class Standing:
    """One company of a universe on one date.

    Parameters
    ----------
    company : str
        Its id.
    listing : Listing or None
        The listing that trades on the date; else the last that did; else the first to come; None without any.
    status : {"alive", "dead", "not yet listed", "not a member"}
        ``alive``: trades and is a member.
    reason : str
        Why it is not alive, in words; empty when it is.
    """

    company: str
    listing: Listing | None
    status: str
    reason: str

    @property
    def symbol(self) -> str:
        """Symbol of the listing, or the company's id where there is no listing."""
        return self.listing.symbol if self.listing else self.company


def standing(universe: Universe, company: str, on: date) -> Standing:
    """How a company of a universe stands on a date, by what was known then.

    Parameters
    ----------
    universe : Universe
        Who may be asked for: any of its companies.
    company : str
        Company id.
    on : date
        The date.
    """
    trading = universe.listing(company, on)
    if trading is None:
        return _not_trading(universe, company, on)
    rows = universe.spells.get(company, ())
    known = universe.companies[company].known_from <= on
    if known and any(row.holds(on) and row.known_from <= on for row in rows):
        return Standing(company, trading, "alive", "")
    left = [row.end for row in rows if row.end and row.end <= on and row.known_from <= on]
    reason = f"not a member since {max(left)}" if left else "not yet a member"
    return Standing(company, trading, "not a member", reason)


def _not_trading(universe: Universe, company: str, on: date) -> Standing:
    rows = universe.listings.get(company, ())
    ended = [row for row in rows if row.listed_to and row.listed_to <= on and row.known_from <= on]
    if ended:
        last = max(ended, key=lambda row: (row.listed_to or date.min, row.symbol))
        how = f" ({last.ended_by})" if last.ended_by else ""
        return Standing(company, last, "dead", f"delisted {last.listed_to}{how}")
    if rows:
        return Standing(company, rows[0], "not yet listed", "not yet listed")
    return Standing(company, None, "not yet listed", "no listing on record")
