"""What a strategy is held against on the first screen: the benchmark, a chase, the same rules on random dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reports.conventions import counted
from reports.numbers import NOTHING, number, percent, plain, plural, words
from strategies.metrics import cagr, max_drawdown, sharpe, volatility
from strategies.result import Backtest, Metric

NAMES = ("cagr", "volatility", "sharpe", "max_drawdown")
NOT_RUN = "not run; lodestone backtest --placebo 200 adds it"
LOW, HIGH = 0.05, 0.95
QUANTILES = "the median, or the 5 % and 95 % quantiles,"
# With fewer draws the outer twentieths are single draws.
FEWEST = 20


@dataclass(frozen=True, slots=True)
class Contender:
    """One row: a name, and its numbers as printed.

    Parameters
    ----------
    name : str
        Who.
    told, hints : mapping of str to str
        By the names of `NAMES`: the number as printed, and its convention.
    reason : str
        Why there are no numbers; empty otherwise.
    """

    name: str
    told: Mapping[str, str]
    hints: Mapping[str, str]
    reason: str = ""


def contenders(result: Backtest) -> tuple[Contender, ...]:
    """The strategy first, then its rivals; one that was not run says so."""
    hints = {name: counted(name, result.metrics[name], result) for name in NAMES if name in result.metrics}
    hints = dict.fromkeys(NAMES, "") | hints
    own = {name: _metric(name, result.metrics.get(name)) for name in NAMES}
    own["sharpe"] += _between(result)
    return (
        Contender(f"{result.strategy}, after costs", own, hints),
        _benchmark(result, hints),
        _chase(result, hints),
        *_random(result, hints),
    )


def _benchmark(result: Backtest, hints: Mapping[str, str]) -> Contender:
    name = f"{words(result.settings.get('benchmark'))}, no costs"
    wealth = result.equity["benchmark"]
    if result.equity.empty or wealth.isna().any():
        return Contender(name, {}, hints, "it has no value on some sessions")
    measured = (cagr(wealth), volatility(wealth), sharpe(wealth), max_drawdown(wealth))
    told = {key: _metric(key, metric) for key, metric in zip(NAMES, measured, strict=True)}
    return Contender(name, told, hints)


def _chase(result: Backtest, hints: Mapping[str, str]) -> Contender:
    found = _rival(result, "chase")
    name = _chase_name(found)
    if found["reason"]:
        return Contender(name, {}, hints, found["reason"])
    return Contender(name, {key: _shown(key, found[key]) for key in NAMES}, hints)


def _chase_name(found: Mapping[str, Any]) -> str:
    """How the chase is left: as the strategy is, or by an exit of its own where the strategy has none."""
    if found.get("same_exits", bool(found["reason"])):
        return "chase, same exits"
    held = dict(found.get("parameters") or {}).get("hold")
    return "chase, exits of its own" if held is None else f"chase, held {plural(int(held), 'session')}"


def _random(result: Backtest, hints: Mapping[str, str]) -> tuple[Contender, ...]:
    found = _rival(result, "random_dates")
    if found["reason"]:
        return (Contender("random dates, same rules", {}, hints, found["reason"]),)
    spreads = {key: _spread(key, found[key]) for key in NAMES}
    names = [f"random dates, middle of {plural(found['draws'], 'draw')}"]
    if found["draws"] >= FEWEST:
        names.append("random dates, nine tenths of the draws")
    over = {key: f"{hint}; of each draw, then {QUANTILES} of the column" for key, hint in hints.items()}
    return tuple(
        Contender(name, {key: spread[at] for key, spread in spreads.items()}, over)
        for at, name in enumerate(names)
    )


def _rival(result: Backtest, name: str) -> Mapping[str, Any]:
    return dict((result.rivals or {}).get(name, {"reason": NOT_RUN}))


def _spread(name: str, values: Sequence[float | None]) -> tuple[str, str]:
    """Middle, and the range of nine tenths."""
    known = [value for value in values if value is not None]
    if not known:
        return NOTHING, NOTHING
    low, middle, high = (float(value) for value in np.quantile(known, (LOW, 0.5, HIGH)))
    return _shown(name, middle), f"{_shown(name, low)} to {_shown(name, high)}"


def _between(result: Backtest) -> str:
    low, high = (result.metrics.get(name) for name in ("sharpe_low", "sharpe_high"))
    if low is None or high is None or number(low.value) is None or number(high.value) is None:
        return ""
    return f" ({plain(low.value, 2)} to {plain(high.value, 2)})"


def _metric(name: str, metric: Metric | None) -> str:
    if metric is None:
        return f"{NOTHING}: not in the result"
    return f"{NOTHING}: {metric.reason}" if number(metric.value) is None else _shown(name, metric.value)


def _shown(name: str, value: Any) -> str:
    return plain(value, 2) if name == "sharpe" else percent(value, signed=name == "cagr")
