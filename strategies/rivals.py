"""What a result should be held against: chasing the same events, and the same rules on dates drawn at random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from strategies import ranges
from universes.errors import BadParameter

if TYPE_CHECKING:
    import pandas as pd

    from strategies.costs import Costs
    from strategies.sizing import Limits, Sizing
    from universes.panel import Market
    from universes.policy import Events

MEASURES = ("total_return", "cagr", "volatility", "sharpe", "max_drawdown", "trades")
# Fields of the exits that the chase takes over, so that it is left as the strategy is.
EXITS = ("hold", "stop", "take_profit", "trailing_stop", "leave_on_opposite")
OFF = {"leave_on_opposite": False}
MOST_DRAWS = 10_000
FIRST = 2


def rivals(
    strategy: str,
    market: Market,
    *,
    draws: int,
    parameters: Mapping[str, Any] | None = None,
    events: Events | None = None,
    eligible: pd.DataFrame | None = None,
    scores: pd.DataFrame | None = None,
    costs: Costs | None = None,
    cash: float = 1_000_000.0,
    slots: int = 10,
    sizing: Sizing | str = "equal",
    limits: Limits | None = None,
) -> dict[str, Any]:
    """Numbers of what else could have been done on the same terms, as plain data.

    Parameters
    ----------
    strategy : str
        Name of a strategy of the library, or ``path/to/file.py:Name``.
    market, events, eligible, scores, costs, cash, slots, sizing, limits
        As for `strategies.backtest`.
    draws : int
        Sets of random dates.
    parameters : mapping, optional
        Fields of the strategy; what is not given has its default.

    Returns
    -------
    dict
        ``chase``: the measures of `strategies.library.chase`, by name; its ``parameters``, each exit among them, taken
        from the strategy where it has one of that name; ``same_exits``, whether it is left in every way as the
        strategy is. ``random_dates``: for each measure a list of its values, one a draw, None where undefined. Each has
        a ``reason``, empty where it was run.

    Raises
    ------
    BadParameter
        If `draws` is not a whole number from 1 to 10,000.
    """
    ranges.whole("draws", draws, most=MOST_DRAWS)
    terms = {
        "events": events, "eligible": eligible, "scores": scores, "costs": costs, "cash": cash, "slots": slots,
        "sizing": sizing, "limits": limits,
    }  # fmt: skip
    given = dict(parameters or {})
    return {
        "chase": _chase(strategy, given, market, terms),
        "random_dates": _random(strategy, given, draws, market, terms),
    }


def _chase(
    strategy: str, given: Mapping[str, Any], market: Market, terms: Mapping[str, Any]
) -> dict[str, Any]:
    if not terms["events"]:
        return {"reason": "there are no events to chase"}
    own = _exits(strategy, given)
    try:
        ran = {**_exits("chase", {}), **own}
        (row,) = _measured("chase", {"delay": [0]}, ran, market, terms)
    # Of exits that only a short position can have.
    except BadParameter as error:
        return {"reason": str(error)}
    # An exit that the strategy does not know is as good as one that is off.
    same = all(value == own.get(name, OFF.get(name)) for name, value in ran.items())
    return {"reason": "", "parameters": {"delay": 0, **ran}, "same_exits": same, **row}


def _exits(strategy: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Exits of a strategy by field, those by default among them; of a placebo, its twin's."""
    from strategies.catalog import build
    from strategies.statement import parameters_of

    made = build(strategy, given)
    known = parameters_of(getattr(made, "twin", made))
    return {name: known[name] for name in EXITS if name in known}


def _random(
    strategy: str, given: Mapping[str, Any], draws: int, market: Market, terms: Mapping[str, Any]
) -> dict[str, Any]:
    if not terms["events"]:
        return {"reason": "there are no events to move to other dates", "draws": 0}
    base = {"of": strategy, **given}
    try:
        # A strategy that looks at no event is the same on all dates: two draws show it before all are walked.
        rows = _measured("random_dates", {"seed": list(range(min(draws, FIRST)))}, base, market, terms)
        if len(rows) == FIRST and all(row == rows[0] for row in rows):
            return {"reason": "its decisions do not depend on the dates of the events", "draws": 0}
        if draws > FIRST:
            rows += _measured("random_dates", {"seed": list(range(FIRST, draws))}, base, market, terms)
    # Of a strategy that is itself a placebo.
    except BadParameter as error:
        return {"reason": str(error), "draws": 0}
    return {"reason": "", "draws": draws} | {name: [row[name] for row in rows] for name in MEASURES}


def _measured(
    strategy: str,
    grid: Mapping[str, Sequence[Any]],
    base: Mapping[str, Any],
    market: Market,
    terms: Mapping[str, Any],
) -> list[dict[str, float | None]]:
    import math

    from strategies.parameter_sweep import sweep

    found = sweep(strategy, grid, market, base=base, record=False, **terms)
    columns = [found.measure(name).tolist() for name in MEASURES]
    return [
        {name: value if math.isfinite(value) else None for name, value in zip(MEASURES, values, strict=True)}
        for values in zip(*columns, strict=True)
    ]
