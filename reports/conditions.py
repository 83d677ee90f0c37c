"""What would have to be true for a result to be worth money from here on, by what its numbers can and cannot show."""

from __future__ import annotations

from collections.abc import Iterator

from reports.episode_results import by_episode
from reports.numbers import basis_points, percent, plain, plural, value_of
from strategies.date_test import date_test
from strategies.result import Backtest


def conditions(result: Backtest) -> tuple[str, ...]:
    """One clause a condition, none where no trade was made; each ends in what this result says of it."""
    if result.trades.empty:
        return ()
    return (
        *_mean(result),
        *_costs(result),
        *_tries(result),
        "it works on dates it was not shown; none were kept back",
    )


def _mean(result: Backtest) -> Iterator[str]:
    """Of the true mean of an episode."""
    test = date_test([item.mean for item in by_episode(result)], 0, 0)
    if test.low is None or test.high is None:
        return
    said = "the true mean of an episode is above zero"
    if test.low > 0:
        yield f"{said}, as these {test.episodes} say (95 % interval from {percent(test.low, signed=True)})"
    elif test.high < 0:
        yield f"{said}; these {test.episodes} say it is below"
    else:
        yield (
            f"{said}; these {test.episodes} cannot tell it from zero (a true mean of {percent(test.detectable)} "
            "would be found in 80 of 100 samples of this size)"
        )


def _costs(result: Backtest) -> Iterator[str]:
    """Of what a fill may cost."""
    traded = float(result.orders["value"].sum()) if len(result.orders) else 0.0
    most, paid = value_of(result.metrics, "break_even_cost"), value_of(result.metrics, "costs_paid")
    if most is not None and paid is not None and traded > 0:
        yield f"a fill costs less than {basis_points(most)} (charged here: {basis_points(paid / traded)})"
        return
    gross = value_of(result.metrics, "total_return_gross")
    if gross is not None and gross <= 0:
        yield f"the trades make money before costs; these made {percent(gross, signed=True)}"


def _tries(result: Backtest) -> Iterator[str]:
    """Of how many sets were looked at before this one."""
    trials, deflated = value_of(result.metrics, "trials"), value_of(result.metrics, "deflated_sharpe")
    if trials is None:
        yield "no other sets were tried first; no ledger says how many were"
    elif deflated is not None:
        left = (
            f"that many allowed for, its Sharpe ratio is above luck with a confidence of {plain(deflated, 2)}"
        )
        yield f"no more than {plural(int(trials), 'set was', 'sets were')} tried ({left})"
