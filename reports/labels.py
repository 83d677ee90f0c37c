"""Short names of results, told apart on one page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reports.numbers import words
from strategies.result import Backtest


def labels(results: Sequence[Backtest]) -> tuple[str, ...]:
    """One label a result: the strategy; with the parameters that differ, or a number, where that is not enough."""
    names = Counter(result.strategy for result in results)
    told = [
        result.strategy
        if names[result.strategy] == 1
        else f"{result.strategy} {_differing(result, results)}".rstrip()
        for result in results
    ]
    seen = Counter(told)
    return tuple(
        text if seen[text] == 1 else f"{text} (no. {told[: at + 1].count(text)})"
        for at, text in enumerate(told)
    )


def _differing(result: Backtest, results: Sequence[Backtest]) -> str:
    rivals = [other for other in results if other.strategy == result.strategy]
    return " ".join(
        f"{name}={words(value)}"
        for name, value in result.parameters.items()
        if any(words(other.parameters.get(name)) != words(value) for other in rivals)
    )


def period(result: Backtest) -> str:
    """First and last day of a result, in words."""
    return f"{words(result.settings.get('first'))} to {words(result.settings.get('last'))}"


def currency(result: Backtest) -> str:
    """Currency of the book, ``"currency"`` where the settings do not say."""
    return str(result.settings.get("currency", "currency"))
