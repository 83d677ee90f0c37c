"""Why a company has the score it has: every point, the sentence behind it, and the facts behind that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from screener.citation import Citation, cite
from screener.factor import Factor, factors
from screener.ranking import Ranked, Screen
from screener.weights import DEFAULT
from universes.errors import BadParameter, UnknownName

OTHERWISE = "choose another date or symbol"


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one factor gave to a score.

    Parameters
    ----------
    factor : str
        Its name.
    weight : float
        Its share of the whole score.
    value : float or None
        From 0 to 1; None when unknown.
    points : float or None
        What it adds to the score; None when unknown.
    sentence : str
        The reason.
    rule : str
        How values come about.
    facts : tuple of Citation
        What the value rests on.
    """

    factor: str
    weight: float
    value: float | None
    points: float | None
    sentence: str
    rule: str
    facts: tuple[Citation, ...]

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values, for JSON."""
        names = ("factor", "weight", "value", "points", "sentence", "rule")
        return {name: getattr(self, name) for name in names} | {
            "facts": [fact.as_dict() for fact in self.facts]
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """A score taken apart.

    Parameters
    ----------
    as_of : str
        Date of the screen.
    symbol, name : str
        The company.
    rank, ranked : int
        Its place, and how many have one, those beyond the top too.
    score : float
        The sum of the contributions' points, to the last bit.
    weights : str
        Name of the weights: ``default``, or as they were given.
    contributions : tuple of Contribution
        One a factor, by name, unknown ones too.
    """

    as_of: str
    symbol: str
    name: str
    rank: int
    ranked: int
    score: float
    weights: str
    contributions: tuple[Contribution, ...]

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values, for JSON."""
        names = ("as_of", "symbol", "name", "rank", "ranked", "score", "weights")
        plain: dict[str, Any] = {name: getattr(self, name) for name in names}
        return plain | {"contributions": [item.as_dict() for item in self.contributions]}

    def lines(self) -> tuple[str, ...]:
        """The same as lines of text, without colours."""
        return tuple(self._lines())

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.symbol}  {self.name}, as known on {self.as_of}"
        given = "" if self.weights == DEFAULT else f", with weights {self.weights}"
        yield f"score {self.score:.2f} of 100, rank {self.rank} of {self.ranked}{given}"
        for item in self.contributions:
            yield ""
            yield _head(item)
            yield f"  {item.sentence}"
            yield from (f"  - {fact}" for fact in item.facts)


def _head(item: Contribution) -> str:
    if item.weight == 0:
        return f"{item.factor}: weight 0, left out of the score"
    if item.points is None or item.value is None:
        return f"{item.factor}: unknown, left out of the score (weight {item.weight:.2f})"
    return f"{item.factor}: {item.points:.2f} points (value {item.value:.2f}, weight {item.weight:.2f})"


def explain(found: Screen, symbol: str) -> Explanation:
    """The score of one company of a screen, with every reason.

    Parameters
    ----------
    found : Screen
        A screen that ranks the company.
    symbol : str
        As it trades on the date of the screen.

    Raises
    ------
    UnknownName
        If no company of the universe has the symbol.
    BadParameter
        If the company has no place in the screen: the message says why.
    """
    row = next((row for row in found.rows if row.symbol == symbol), None)
    if row is None:
        raise _not_there(found, symbol)
    return Explanation(
        as_of=str(found.as_of),
        symbol=row.symbol,
        name=row.profile.company.name,
        rank=row.rank,
        ranked=found.passed,
        score=row.score,
        weights=found.weights.name,
        contributions=tuple(_contribution(row, factor, found) for factor in factors()),
    )


def _contribution(row: Ranked, factor: Factor, found: Screen) -> Contribution:
    judgement = row.scored.judgements[factor.name]
    return Contribution(
        factor=factor.name,
        weight=found.weights.by_factor[factor.name],
        value=judgement.value,
        points=row.scored.contributions.get(factor.name),
        sentence=judgement.sentence,
        rule=factor.doc,
        facts=tuple(cite(fact, found.as_of) for fact in judgement.facts),
    )


def _not_there(found: Screen, symbol: str) -> UnknownName | BadParameter:
    given = symbol.strip().upper()
    now = {row.symbol for row in found.rows} | {name for name, _ in found.dropped}
    reasons = [reason for name, reason in found.dropped if name == given]
    if reasons:
        return BadParameter(_refusal(found, given, "; ".join(reasons), _mend(found, reasons)))
    if given in now:
        return UnknownName("symbol", symbol, now)
    listed = {row.symbol: row.company for row in found.universe.facts.listings}
    if given in listed:
        return BadParameter(_elsewhere(found, given, listed[given]))
    return UnknownName("symbol", symbol, now | set(listed))


def _elsewhere(found: Screen, symbol: str, company: str) -> str:
    """Why a symbol of the tables stands for no row: another symbol of its company does, or the company is no member."""
    if company not in found.universe.companies:
        return _refusal(found, symbol, f"{company} is not a member of {found.name}", "choose a member")
    listing = found.universe.listing(company, found.as_of)
    if listing:
        return _refusal(found, symbol, f"{company} traded as {listing.symbol}", "ask for that")
    return _refusal(found, symbol, f"{company} did not trade", OTHERWISE)


def _refusal(found: Screen, symbol: str, reason: str, mend: str) -> str:
    return f"{symbol} is not in the screen of {found.as_of}: {reason}; {mend}"


def _mend(found: Screen, reasons: Sequence[str]) -> str:
    if any(text in reason for text in found.where for reason in reasons):
        return "leave the filter out"
    return "ask for a longer top" if any("beyond the top" in reason for reason in reasons) else OTHERWISE
