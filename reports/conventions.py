"""What every number on a page means: its formula on how many observations, on hover and in the glossary."""

from __future__ import annotations

import re
from collections.abc import Iterable

from reports.blocks import Block, Cards, Chart, Column, Table
from reports.numbers import value_of
from strategies.result import Backtest, Metric

COUNT = re.compile("; [nK] = ")
OF_SESSIONS = (
    "volatility", "sharpe", "benchmark_volatility", "benchmark_sharpe", "sharpe_low", "sharpe_high", "sharpe_lo",
)  # fmt: skip
OF_VALUES = (
    "total_return", "total_return_gross", "benchmark_total_return", "cagr", "benchmark_cagr", "max_drawdown",
    "benchmark_max_drawdown", "time_in_market", "mean_exposure",
)  # fmt: skip
OF_TRADES = ("win_rate", "mean_trade")
OF_EPISODES = (
    "mean_episode", "mean_episode_low", "mean_episode_high", "chance_alone", "mean_without_best",
    "probabilistic_sharpe", "deflated_sharpe", "haircut",
)  # fmt: skip
MEAN = "mean over episodes; one number an episode: the mean of its closed trades or companies"
INTERVAL = "95 % interval of the mean over episodes: t with K − 1 degrees of freedom"
FIRM_EVENTS = "n: pairs of an event and a company it touches that have abnormal returns"
DATES = "K: dates whose windows do not overlap, the unit of evidence"
P_VALUE = "two-sided: how often a sample of this size is as far from zero when there is no effect"
PROFIT = "net of fees, spread, impact and borrowing; open positions at their value on the last session"
RETURN = "net profit and loss over the value entered"
TRADES = "round trips and open positions"


def counted(name: str, metric: Metric, result: Backtest | None) -> str:
    """Convention of a metric with the number of observations it rests on.

    Parameters
    ----------
    name : str
        Key of the metric.
    metric : Metric
        The number.
    result : Backtest or None
        What it is of; without it, the convention alone.
    """
    many = None if result is None else _observations(name, result)
    return metric.convention if many is None else f"{metric.convention}; {many}"


def _observations(name: str, result: Backtest) -> str | None:
    if name in OF_SESSIONS:
        return f"n = {max(len(result.equity) - 1, 0):,} session returns"
    if name in OF_VALUES:
        return f"n = {len(result.equity):,} sessions"
    if name in ("costs_paid", "turnover", "break_even_cost"):
        return f"n = {len(result.orders):,} fills"
    if name in OF_TRADES:
        return f"n = {int((result.trades['status'] == 'closed').sum()):,} closed trades"
    episodes = value_of(result.metrics, "episodes")
    return f"K = {episodes:.0f} episodes" if name in OF_EPISODES and episodes is not None else None


def terms(blocks: Iterable[Block]) -> tuple[tuple[str, str], ...]:
    """Headings and numbers of blocks with what they say on hover, those of one meaning together, without their n.

    Parameters
    ----------
    blocks : iterable of Block
        Of a page, in its order.
    """
    found: dict[str, dict[str, None]] = {}
    for title, hint in (pair for block in blocks for pair in _told(block)):
        said = COUNT.split(hint)[0]
        if said:
            found.setdefault(said, {})[title] = None
    return tuple((" · ".join(titles), hint) for hint, titles in found.items())


def _told(block: Block) -> Iterable[tuple[str, str]]:
    if isinstance(block, Chart):
        return _told(block.twin)
    if isinstance(block, Table):
        headings = [(column.title, column.hint) for column in block.columns]
        return headings + [(row[0].text, row[0].hint) for row in block.rows if row]
    if isinstance(block, Cards):
        return [(card.label, card.convention) for card in block.cards]
    return ()


def numeric(title: str, hint: str) -> Column:
    """Heading of a column of numbers with their convention."""
    return Column(title, numeric=True, hint=hint)
