"""What changed between two screens: who entered, left, rose or fell, and by which fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from screener.citation import Citation, cite
from screener.factor import Judgement
from screener.ranking import Ranked, Screen
from screener.score import Scored, scored
from universes.errors import BadParameter
from universes.facts import Fact, Mineral
from universes.minerals import is_critical
from universes.standing import standing
from universes.universe import Universe

CHANGES = ("entered", "left", "rose", "fell", "held")


@dataclass(frozen=True, slots=True)
class FactorChange:
    """What one factor did to a score between two dates.

    Parameters
    ----------
    factor : str
        Its name.
    points_before, points : float or None
        What it added to the score on the two dates; None where it was unknown.
    moved : bool
        Whether its own value changed; if not, its points did because other factors became known or unknown.
    sentence : str
        Its reason on the later date.
    gained, lost : tuple of Citation
        Facts that it rests on now and did not before, and the other way round. A mineral that a new list of critical
        minerals took in or left out is gained: it reads otherwise than before.
    """

    factor: str
    points_before: float | None
    points: float | None
    moved: bool
    sentence: str
    gained: tuple[Citation, ...]
    lost: tuple[Citation, ...]

    @property
    def change(self) -> float:
        """Points more than before; an unknown factor counts as none."""
        return (self.points or 0.0) - (self.points_before or 0.0)

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values, for JSON."""
        names = ("factor", "points_before", "points", "change", "moved", "sentence")
        facts = {name: [fact.as_dict() for fact in getattr(self, name)] for name in ("gained", "lost")}
        return {name: getattr(self, name) for name in names} | facts


@dataclass(frozen=True, slots=True)
class Move:
    """One company between two screens.

    Parameters
    ----------
    symbol, name : str
        As it trades, or last traded.
    change : {"entered", "left", "rose", "fell", "held"}
        ``held``: the same score, on other facts.
    reason : str
        Why it was or is not in the other screen; empty where it is in both.
    score_before, score : float or None
        None where it had none: it did not trade, was no member, or too little was known.
    rank_before, rank : int or None
        None where it is not in that screen.
    factors : tuple of FactorChange
        The factors whose points or facts changed, the largest change first; none where one date has no score.
    """

    symbol: str
    name: str
    change: str
    reason: str
    score_before: float | None
    score: float | None
    rank_before: int | None
    rank: int | None
    factors: tuple[FactorChange, ...]

    @property
    def points(self) -> float | None:
        """How much the score rose."""
        return None if self.score is None or self.score_before is None else self.score - self.score_before

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values, for JSON."""
        names = (
            "symbol",
            "name",
            "change",
            "reason",
            "score_before",
            "score",
            "points",
            "rank_before",
            "rank",
        )
        return {name: getattr(self, name) for name in names} | {
            "factors": [item.as_dict() for item in self.factors]
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """Two screens of one universe, the earlier first.

    Parameters
    ----------
    before, after : date
        Their dates.
    moves : tuple of Move
        Companies that changed: entered, left, rose, fell, held; within each the largest change first.
    same : int
        Companies in both screens of which nothing changed.
    """

    before: date
    after: date
    moves: tuple[Move, ...]
    same: int

    def of(self, change: str) -> tuple[Move, ...]:
        """The moves of one kind."""
        return tuple(move for move in self.moves if move.change == change)


def difference(one: Screen, other: Screen) -> Difference:
    """What changed between two screens of the same universe by the same rules.

    Parameters
    ----------
    one, other : Screen
        On two dates, in any order.

    Returns
    -------
    Difference

    Raises
    ------
    BadParameter
        If the dates are the same, or universe, filters or weights are not.
    """
    before, after = sorted((one, other), key=lambda found: found.as_of)
    _check_alike(before, after)
    pairs = [(_row(before, company), _row(after, company), company) for company in after.universe.companies]
    moves = [_move(before, after, *pair) for pair in pairs if pair[0] or pair[1]]
    told = [move for move in moves if move.change != "held" or move.factors]
    return Difference(before.as_of, after.as_of, tuple(sorted(told, key=_place)), len(moves) - len(told))


def _check_alike(before: Screen, after: Screen) -> None:
    if before.as_of == after.as_of:
        raise BadParameter(f"diff: both dates are {after.as_of}: give another date to compare with")
    alike = (before.name, before.facts_hash, before.where, before.weights.by_factor)
    if alike != (after.name, after.facts_hash, after.where, after.weights.by_factor):
        raise BadParameter(
            "diff: the screens differ in universe, filters or weights: screen both dates alike"
        )


def _row(found: Screen, company: str) -> Ranked | None:
    return found.by_company.get(company)


def _move(before: Screen, after: Screen, old: Ranked | None, new: Ranked | None, company: str) -> Move:
    was, now = (
        row.scored if row else _scored(found, company) for row, found in ((old, before), (new, after))
    )
    factors = tuple(_factors(was, now)) if was and now else ()
    listing = standing(after.universe, company, after.as_of)
    return Move(
        symbol=listing.symbol,
        name=after.universe.companies[company].name,
        change=_named(old, new),
        reason="" if old and new else (before if new else after).reasons[company],
        score_before=was.score if was else None,
        score=now.score if now else None,
        rank_before=old.rank if old else None,
        rank=new.rank if new else None,
        factors=factors,
    )


def _named(old: Ranked | None, new: Ranked | None) -> str:
    if old is None:
        return "entered"
    if new is None:
        return "left"
    return "held" if old.score == new.score else "rose" if new.score > old.score else "fell"


def _scored(found: Screen, company: str) -> Scored | None:
    """Score of a company that is not in a screen, where it trades and enough is known."""
    universe: Universe = found.universe
    if standing(universe, company, found.as_of).status != "alive":
        return None
    profile = universe.profile(company, found.as_of)
    return scored(profile, weights=found.weights) if profile else None


def _factors(was: Scored, now: Scored) -> Iterable[FactorChange]:
    counted = {*was.contributions, *was.unknown}
    changes = (_factor(was, now, name) for name in sorted(counted))
    told = (item for item in changes if item.gained or item.lost or _differs(item))
    return sorted(told, key=lambda item: (-abs(item.change), item.factor))


def _differs(item: FactorChange) -> bool:
    return item.points != item.points_before


def _factor(was: Scored, now: Scored, name: str) -> FactorChange:
    old, new = was.judgements[name], now.judgements[name]
    dates = was.profile.on, now.profile.on
    return FactorChange(
        factor=name,
        points_before=was.contributions.get(name),
        points=now.contributions.get(name),
        moved=old.value != new.value,
        sentence=new.sentence,
        gained=tuple(cite(row, dates[1]) for row in _news(new, old, dates)),
        lost=tuple(cite(row, dates[0]) for row in old.facts if row not in new.facts),
    )


def _news(new: Judgement, old: Judgement, dates: tuple[date, date]) -> Iterable[Fact]:
    """Facts of the later judgement that the earlier one has not, and minerals that a new list took in or left out."""
    return (
        row
        for row in new.facts
        if row not in old.facts
        or (isinstance(row, Mineral) and is_critical(row, dates[0]) != is_critical(row, dates[1]))
    )


def _place(move: Move) -> tuple[int, float, str]:
    size = {"entered": move.score, "left": move.score_before}.get(move.change, move.points) or 0.0
    return CHANGES.index(move.change), -abs(size), move.symbol


def shared(found: Difference, least: int = 4) -> Mapping[Citation, tuple[str, ...]]:
    """Facts that several companies gained, with their symbols: a country's standing, a new list of minerals.

    Parameters
    ----------
    found : Difference
        Where to look.
    least : int
        How many companies make a fact shared.

    Returns
    -------
    mapping of Citation to tuple of str
        In the order in which they became known.
    """
    holders: dict[Citation, list[str]] = {}
    for move in found.moves:
        for fact in {fact for item in move.factors for fact in item.gained}:
            holders.setdefault(fact, []).append(move.symbol)
    many = {fact: tuple(sorted(symbols)) for fact, symbols in holders.items() if len(symbols) >= least}
    return dict(sorted(many.items(), key=lambda item: (item[0].known_from, item[0].fact)))
