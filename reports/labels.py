"""Short names of what a page is about, told apart on one page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from reports.numbers import words
from reports.subjects import ClaimsRecord, ScreenRecord, StudyRecord, Subject, SweepRecord
from strategies.result import Backtest


def label_of(subject: Subject) -> str:
    """What a subject is called where nothing must be told apart."""
    if isinstance(subject, SweepRecord):
        return f"Sweep of {subject.strategy}"
    if isinstance(subject, StudyRecord):
        return "Event study"
    if isinstance(subject, ScreenRecord):
        return f"Screen of {words(subject.settings.get('universe'))}"
    if isinstance(subject, ClaimsRecord):
        return str(subject.settings.get("title") or "Claims")
    return subject.strategy


def labels(results: Sequence[Subject]) -> tuple[str, ...]:
    """One label a result: the strategy; with the parameters that differ, or a number, where that is not enough."""
    plain = [label_of(result) for result in results]
    names = Counter(plain)
    told = [
        f"{name} {_differing(result, results)}".rstrip()
        if names[name] > 1 and isinstance(result, Backtest)
        else name
        for name, result in zip(plain, results, strict=True)
    ]
    seen = Counter(told)
    return tuple(
        text if seen[text] == 1 else f"{text} (no. {told[: at + 1].count(text)})"
        for at, text in enumerate(told)
    )


def _differing(result: Backtest, results: Sequence[Subject]) -> str:
    rivals = [other for other in results if isinstance(other, Backtest) and other.strategy == result.strategy]
    return " ".join(
        f"{name}={words(value)}"
        for name, value in result.parameters.items()
        if any(words(other.parameters.get(name)) != words(value) for other in rivals)
    )


def period(result: Subject) -> str:
    """First and last day of a result, or the day it is of, in words."""
    given: dict[str, Any] = dict(result.settings)
    if given.get("as_of"):
        return f"as known on {given['as_of']}"
    if not given.get("first"):
        return ""
    return f"{words(given['first'])} to {words(given.get('last'))}"


def currency(result: Subject) -> str:
    """Currency of the book, ``"currency"`` where the settings do not say."""
    return str(result.settings.get("currency") or "currency")
