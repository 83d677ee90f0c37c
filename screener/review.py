"""Who is a member under a preset's rules: reviews replayed in order, a bar to enter and a lower one to stay."""

from __future__ import annotations

from calendar import FRIDAY, monthcalendar, monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from screener.factor import LEAST_DATE
from screener.preset import Preset, Rule
from screener.ranking import PRICE_FIELDS, Prices, score_fields, why_not
from screener.score import scored
from screener.weights import Weights
from universes.standing import standing
from universes.universe import Universe

# As many as are replayed: what happened before has no say but through who was a member then.
REVIEWS = 12
_BLANK: Mapping[str, Any] = dict.fromkeys(item.name for item in (*score_fields(), *PRICE_FIELDS))


@dataclass(frozen=True, slots=True)
class Member:
    """A company that is in.

    Parameters
    ----------
    since : date
        Review at which it entered.
    kept_by : tuple of str
        Rules that it would not enter by at the last review: it stays by their lower bar.
    """

    since: date
    kept_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """Membership after the last review on or before a date.

    Parameters
    ----------
    preset : Preset
        Without the rules that were not judged.
    dates : tuple of date
        The reviews that were replayed, oldest first.
    members : mapping of str to Member
        By company.
    barred : mapping of str to str
        Why every other company is out, by company; what `screener.ranking.screen` takes.
    not_judged : tuple of str
        Rules that need prices, where none were given.
    """

    preset: Preset
    dates: tuple[date, ...]
    members: Mapping[str, Member]
    barred: Mapping[str, str]
    not_judged: tuple[str, ...]


@dataclass(slots=True)
class _State:
    """What the reviews so far say of one company."""

    since: date | None = None
    held: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    kept_by: tuple[str, ...] = ()
    reason: str = ""


def review_dates(preset: Preset, until: date, count: int = REVIEWS) -> tuple[date, ...]:
    """The last reviews of a preset on or before a date, oldest first; none before 2010.

    Parameters
    ----------
    preset : Preset
        Whose months and day.
    until : date
        The last day that may be one.
    count : int
        How many at most.
    """
    years = range(max(LEAST_DATE.year, until.year - count - 1), until.year + 1)
    days = [_day(preset, year, month) for year in years for month in preset.review_months]
    return tuple(sorted(day for day in days if LEAST_DATE <= day <= until))[-count:]


def _day(preset: Preset, year: int, month: int) -> date:
    if preset.review_day == "third-friday":
        return date(year, month, [week[FRIDAY] for week in monthcalendar(year, month) if week[FRIDAY]][2])
    return date(year, month, monthrange(year, month)[1])


def review(
    preset: Preset,
    universe: Universe,
    as_of: date,
    prices: Callable[[date], Prices] | None = None,
    weights: Weights | None = None,
) -> Review:
    """Who is a member under a preset after its last review on or before a date.

    The last twelve reviews are replayed, each with the facts known and the prices seen on its day. A company enters
    when every rule's `enter` certainly held at as many reviews in a row as the rule asks for, and leaves when one
    rule's `stay` certainly failed at as many; a company that trades no longer or left the universe begins anew.

    Parameters
    ----------
    preset : Preset
        The rules.
    universe : Universe
        Whose companies.
    as_of : date
        Nothing known later counts.
    prices : callable, optional
        From a date to the price tags of that date, as `screener.prices.price_tags` gives. Without it, rules that
        read prices are not judged, and are named in `not_judged`.
    weights : Weights, optional
        Of the score, where a rule names it.
    """
    judged = preset if prices else preset.without_prices()
    dates = review_dates(judged, as_of)
    states = {company: _State() for company in universe.companies}
    for on in dates:
        tags = prices(on) if prices else {}
        for company, state in states.items():
            _step(state, judged, _tags(universe, company, on, tags, weights), on)
    return Review(
        preset=judged,
        dates=dates,
        members={
            company: Member(state.since, state.kept_by) for company, state in states.items() if state.since
        },
        barred={company: _said(state, dates) for company, state in states.items() if not state.since},
        not_judged=tuple(rule.name for rule in preset.rules if rule not in judged.rules),
    )


def _tags(
    universe: Universe, company: str, on: date, prices: Prices, weights: Weights | None
) -> Mapping[str, Any] | None:
    """What the rules may name; None where the company is no trading member of the universe."""
    place = standing(universe, company, on)
    profile = universe.profile(company, on) if place.status == "alive" else None
    if profile is None:
        return None
    score = scored(profile, weights=weights)
    known = score.tags() if score else profile.tags()
    return {**_BLANK, **known, **prices.get(place.symbol, {})}


def _step(state: _State, preset: Preset, tags: Mapping[str, Any] | None, on: date) -> None:
    """One review of one company."""
    if tags is None:
        state.since, state.held, state.failed, state.kept_by = None, {}, {}, ()
        state.reason = f"it did not trade, or was no member of the universe, at the review of {on}"
        return
    for rule in preset.rules:
        holds, fails = rule.enter.test(tags) is True, rule.stay.test(tags) is False
        state.held[rule.name] = state.held.get(rule.name, 0) + 1 if holds else 0
        state.failed[rule.name] = state.failed.get(rule.name, 0) + 1 if fails else 0
    if state.since:
        _keep(state, preset.rules, tags, on)
    else:
        _admit(state, preset.rules, tags, on)


def _keep(state: _State, rules: Sequence[Rule], tags: Mapping[str, Any], on: date) -> None:
    lost = next((rule for rule in rules if state.failed[rule.name] >= rule.leave_reviews), None)
    state.kept_by = tuple(rule.name for rule in rules if not state.held[rule.name])
    if lost:
        state.since, state.kept_by = None, ()
        state.reason = f"left at the review of {on}: {lost.name}: {_why(lost, tags, stay=True)}"


def _admit(state: _State, rules: Sequence[Rule], tags: Mapping[str, Any], on: date) -> None:
    short = next((rule for rule in rules if state.held[rule.name] < rule.enter_reviews), None)
    if short is None:
        state.since = on
    elif state.held[short.name]:
        times = f"{state.held[short.name]} of the {short.enter_reviews} reviews in a row that it must"
        state.reason = f"{short.name}: at the review of {on} {short.enter.text} had held at {times}"
    else:
        state.reason = f"{short.name}: at the review of {on} {_why(short, tags, stay=False)}"


def _why(rule: Rule, tags: Mapping[str, Any], *, stay: bool) -> str:
    test = rule.stay if stay else rule.enter
    return why_not(test, tags, answer=test.test(tags))


def _said(state: _State, dates: Sequence[date]) -> str:
    return f"not in the preset: {state.reason}" if dates else "not in the preset: it had no review yet"
