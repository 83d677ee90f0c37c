"""What claims are held against, and the outcome of a check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from universes.facts import Fact
    from universes.panel import Market
    from universes.policy import Events
    from universes.universe import Universe

HOLDS, FAILS, PARTLY = "holds", "does not hold", "partly"
CHANCE, NEEDS_PRICES = "not distinguishable from chance", "needs prices"
SIMULATED, UNTESTABLE, UNKNOWN = "simulated: not tested", "cannot be tested", "unknown"
VERDICTS = (HOLDS, FAILS, PARTLY, CHANCE, NEEDS_PRICES, SIMULATED, UNTESTABLE, UNKNOWN)
BOUNDS = ("least", "most")


@dataclass(frozen=True, slots=True)
class Ground:
    """Facts, events and prices; `market` is None where no prices were given."""

    universe: Universe
    events: Events
    market: Market | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Outcome of one check: one of `VERDICTS`, and a sentence with its number, date and source."""

    verdict: str
    data: str


def within(low: float, high: float, values: Mapping[str, Any]) -> str:
    """Verdict on a number known to lie from `low` to `high`, of which a claim gives the bounds.

    Parameters
    ----------
    low, high : float
        Equal when the number is known.
    values : mapping
        ``least``, ``most`` or both.
    """
    least, most = values.get("least", float("-inf")), values.get("most", float("inf"))
    if least <= low and high <= most:
        return HOLDS
    return FAILS if high < least or most < low else UNKNOWN


def percent(value: float, digits: int = 1) -> str:
    """A fraction as per cent, with its sign: ``+1.1 %``."""
    # Adding zero turns a rounded -0.0 into 0.0.
    return f"{round(value * 100, digits) + 0.0:+.{digits}f} %"


def cited(rows: Iterable[Fact], spelt_out: int = 2) -> str:
    """Sources of facts, each once, the first ones spelt out."""
    sources = list(dict.fromkeys(row.source for row in rows))
    more = f"; and {len(sources) - spelt_out} more" if len(sources) > spelt_out else ""
    return "; ".join(sources[:spelt_out]) + more if sources else "no row on record"


def sentence(words: str) -> str:
    """Words that end in a full stop."""
    return words if words.endswith((".", "?", "!")) else f"{words}."
