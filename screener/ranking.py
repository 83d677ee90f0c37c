"""The screen: every company of a universe on a date, ranked or dropped with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from screener.factor import LEAST_DATE, factors
from screener.score import Scored, least_known, scored, version
from screener.weights import Weights, default_weights
from universes.dates import as_date
from universes.errors import BadDate, BadParameter
from universes.expression import Expression, Field
from universes.fields import parse_companies
from universes.profile import Profile
from universes.standing import standing
from universes.universe import Universe

Prices = Mapping[str, Mapping[str, float | None]]

PRICE_FIELDS = (
    Field("close", "number", "last closing price as printed, in the currency of the quote"),
    Field("adv_usd", "number", "mean daily value traded over the last 20 bars, in US dollars"),
    Field("adv_3m_usd", "number", "the same over the last 63 bars"),
    Field("drawdown_52w", "number", "last close over the highest high of the last 252 bars, less 1"),
    Field("momentum_6m", "number", "last close over the one 126 bars before, less 1"),
    Field(
        "market_cap_usd", "number", "last closing price times the shares outstanding on record, in US dollars"
    ),
    Field("float_usd", "number", "the same for the free float"),
)
_UNPRICED: Mapping[str, float | None] = {item.name: None for item in PRICE_FIELDS}


@dataclass(frozen=True, slots=True)
class Ranked:
    """A company that passed, with its place.

    Parameters
    ----------
    rank : int
        From 1, by score; equal scores in the order of their symbols.
    scored : Scored
        Its score and what it rests on.
    prices : mapping of str to float or None
        Price tags by name; empty where no prices were given.
    """

    rank: int
    scored: Scored
    prices: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def symbol(self) -> str:
        """Symbol that trades on the date."""
        return self.scored.profile.listing.symbol

    @property
    def profile(self) -> Profile:
        """What was known of the company."""
        return self.scored.profile

    @property
    def score(self) -> float:
        """Alignment score, 0 to 100."""
        return self.scored.score

    def tags(self) -> dict[str, Any]:
        """Everything a filter may name."""
        return self.scored.tags() | dict(self.prices)


@dataclass(frozen=True, slots=True)
class _Dropped:
    symbol: str
    company: str
    reason: str


@dataclass(frozen=True)
class Screen:
    """A universe on one date: names in are rows and dropped together, always.

    Parameters
    ----------
    as_of : date
        Only what was known on this date counts.
    name : str
        Name of the universe.
    rows : tuple of Ranked
        Those that passed, best first.
    dropped : tuple of (symbol, reason)
        The others, by symbol: not trading on the date, without a score, filtered out, or beyond the top. Where two
        companies had the symbol at different times, the reason begins with the id of the one that is meant.
    ranked : tuple of Ranked
        Everybody with a rank, best first: the rows, and those beyond the top.
    where : tuple of str
        The filters, in canonical form.
    facts_hash : str
        SHA-256 over the fact tables.
    version : str
        Changes with any factor's name, weight or rule.
    weights : Weights
        What each factor counts for.
    reasons : mapping of str to str
        Why a company is dropped, by its id.
    """

    as_of: date
    name: str
    rows: tuple[Ranked, ...]
    dropped: tuple[tuple[str, str], ...]
    ranked: tuple[Ranked, ...]
    where: tuple[str, ...]
    facts_hash: str
    version: str
    weights: Weights
    reasons: Mapping[str, str] = field(repr=False, compare=False)
    universe: Universe = field(repr=False, compare=False)

    @property
    def passed(self) -> int:
        """How many have a rank."""
        return len(self.ranked)

    @property
    def symbols(self) -> tuple[str, ...]:
        """Symbols that passed, best first."""
        return tuple(row.symbol for row in self.rows)

    @cached_property
    def by_company(self) -> Mapping[str, Ranked]:
        """The rows by id of their company."""
        return {row.profile.company.company: row for row in self.rows}

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"<Screen {self.name} on {self.as_of}: {len(self.rows)} ranked, {len(self.dropped)} dropped>"


def screen(
    universe: Universe,
    as_of: str | date,
    where: Sequence[str] = (),
    top: int | None = None,
    *,
    prices: Prices | None = None,
    weights: Weights | None = None,
    barred: Mapping[str, str] | None = None,
) -> Screen:
    """Rank the companies of a universe by alignment score, as known on a date.

    Parameters
    ----------
    universe : Universe
        Whose companies, alive and dead.
    as_of : str or date
        ``YYYY-MM-DD``, not before 2010-01-01.
    where : sequence of str, or str
        Filters; a row stays when all certainly hold. Fields: those of companies, ``score`` and ``<factor>_points``.
    top : int, optional
        How many to keep; default all.
    prices : mapping of str to mapping, optional
        Price tags by symbol, as `screener.prices.price_tags` gives; makes their names known to filters.
    weights : Weights, optional
        What each factor counts for; default the weights that stand with the factors.
    barred : mapping of str to str, optional
        Companies that are out whatever their score, with the reason, as `screener.review.barred` gives of a preset.

    Returns
    -------
    Screen

    Raises
    ------
    BadDate
        If the date cannot be read or is before the facts begin.
    BadExpression
        If a filter does not parse or type-check.
    BadParameter
        If `top` is below 1.
    """
    on = check_as_of(as_of)
    if top is not None and top < 1:
        raise BadParameter(f"top is {top}: it must be 1 or more")
    tests = parse_where(where, PRICE_FIELDS if prices is not None else ())
    rules = _Rules(tests, prices, weights or default_weights(), barred or {})
    found = [_judged(universe, company, on, rules) for company in sorted(universe.companies)]
    passed = sorted(
        (item for item in found if isinstance(item, Ranked)), key=lambda row: (-row.score, row.symbol)
    )
    ranked = tuple(replace(row, rank=place) for place, row in enumerate(passed, start=1))
    kept = ranked if top is None else ranked[:top]
    dropped = [item for item in found if isinstance(item, _Dropped)]
    dropped += [
        _Dropped(row.symbol, row.profile.company.company, f"rank {row.rank} is beyond the top {top}")
        for row in ranked[len(kept) :]
    ]
    return Screen(
        as_of=on,
        name=universe.name,
        rows=kept,
        dropped=_told_apart(kept, dropped),
        ranked=ranked,
        where=tuple(test.text for test in tests),
        facts_hash=universe.facts.hash,
        version=version(rules.weights),
        weights=rules.weights,
        reasons={item.company: item.reason for item in dropped},
        universe=universe,
    )


def check_as_of(given: str | date) -> date:
    """Date of a screen.

    Raises
    ------
    BadDate
        If it cannot be read or is before 2010-01-01.
    """
    on = as_date(given, "as-of")
    if on < LEAST_DATE:
        raise BadDate(f"as-of: {on} is before {LEAST_DATE}, where the facts begin: choose a later date")
    return on


def parse_where(where: Sequence[str], extra: Sequence[Field] = ()) -> tuple[Expression, ...]:
    """Filters on companies and scores, type-checked.

    Raises
    ------
    BadExpression
        If one does not parse or type-check.
    """
    texts = (where,) if isinstance(where, str) else tuple(where)
    fields = (*score_fields(), *extra)
    return tuple(parse_companies(text, fields) for text in texts)


def score_fields() -> tuple[Field, ...]:
    """Fields that a filter may name beside those of companies: ``score`` and the points of each factor."""
    points = (
        Field(
            f"{item.name}_points",
            "number",
            f"points from {item.name}, at most {100 * item.weight:g} when all are known",
        )
        for item in factors()
    )
    return (Field("score", "number", "alignment score, 0 to 100"), *points)


@dataclass(frozen=True, slots=True)
class _Rules:
    """What a company must meet, and what its score counts."""

    tests: Sequence[Expression]
    prices: Prices | None
    weights: Weights
    barred: Mapping[str, str]


def _judged(universe: Universe, company: str, on: date, rules: _Rules) -> Ranked | _Dropped:
    """The company with its score, or why it is out."""
    place = standing(universe, company, on)
    profile = universe.profile(company, on) if place.status == "alive" else None
    if profile is None:
        return _Dropped(place.symbol, company, place.reason)
    score = scored(profile, weights=rules.weights)
    if score is None:
        return _Dropped(place.symbol, company, f"no score: {_too_few(rules.weights)}")
    row = Ranked(0, score, _price_tags(place.symbol, rules.prices))
    reason = rules.barred.get(company, "") or (_fails(rules.tests, row.tags()) if rules.tests else "")
    return _Dropped(place.symbol, company, reason) if reason else row


def _too_few(weights: Weights) -> str:
    of = len(weights.used)
    weighted = "" if of == len(weights.by_factor) else " that have a weight"
    return f"fewer than {least_known(weights)} of {of} factors{weighted} are known"


def _price_tags(symbol: str, prices: Prices | None) -> dict[str, float | None]:
    """Price tags of a row; none at all where no prices were given."""
    if prices is None:
        return {}
    return dict(_UNPRICED) | dict(prices.get(symbol, {}))


def _fails(tests: Sequence[Expression], tags: Mapping[str, Any]) -> str:
    """Reason of the first filter that does not certainly hold; empty when all do."""
    for test in tests:
        answer = test.test(tags)
        if answer is not True:
            return why_not(test, tags, answer=answer)
    return ""


def _told_apart(kept: Sequence[Ranked], dropped: Sequence[_Dropped]) -> tuple[tuple[str, str], ...]:
    """Symbols with reasons; a symbol that occurs twice with the company that is meant."""
    times = Counter([row.symbol for row in kept] + [item.symbol for item in dropped])
    return tuple(
        sorted(
            (item.symbol, f"{item.company}: {item.reason}" if times[item.symbol] > 1 else item.reason)
            for item in dropped
        )
    )


def why_not(test: Expression, tags: Mapping[str, Any], *, answer: bool | None) -> str:
    """Reason that names the filter and the values it met."""
    names = sorted(test.fields)
    missing = [f"no {name} on record" for name in names if tags[name] is None]
    if answer is None:
        return f"{test.text} is unknown: {', '.join(missing or [_said(name, tags[name]) for name in names])}"
    met = [_said(name, tags[name]) for name in names if tags[name] is not None]
    return f"{test.text} is not true: {', '.join((*met, *missing))}"


def _said(name: str, value: Any) -> str:
    if isinstance(value, frozenset):
        return f"{name} are {' | '.join(sorted(value)) or 'none'}"
    if isinstance(value, bool):
        return f"{name} is {'true' if value else 'false'}"
    return f"{name} is {value:.6g}" if isinstance(value, float) else f"{name} is {value}"
