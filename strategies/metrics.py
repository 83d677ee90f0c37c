"""One function a number; each says its formula, and why it may be undefined."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from strategies.result import Metric

if TYPE_CHECKING:
    import pandas as pd

SESSIONS_PER_YEAR = 252
# Median of calendar days from one value to the next, above which values are not one a session: sessions have 1,
# weeks 7.
LONGEST_GAP = 4


def session_returns(equity: pd.Series) -> pd.Series:
    """Simple return of each session from a series of equity, shape (S − 1,)."""
    return equity.pct_change(fill_method=None).iloc[1:]


def session_days(index: pd.Index) -> pd.DatetimeIndex:
    """Calendar day of each value where it was taken: neither hour nor time zone counts."""
    import pandas as pd

    return pd.DatetimeIndex(index).tz_localize(None).normalize()


def out_of_order(index: pd.Index) -> str:
    """Why dates are no sequence of sessions; empty where they are one."""
    if len(index) == 0:
        return "no session"
    ordered = index.is_monotonic_increasing and index.is_unique
    return "" if ordered else "sessions are not in order"


def irregular(index: pd.Index) -> str:
    """Why dates do not have one value a session, so that a year has not 252; empty where they have."""
    import pandas as pd

    if reason := out_of_order(index):
        return reason
    days = session_days(index)
    gaps = pd.Series((days[1:] - days[:-1]).days)
    if (gaps < 1).any():
        return "several values a day; it needs one a session"
    gap = float(gaps.median())
    return f"one value every {gap:.3g} days; it needs one a session" if gap > LONGEST_GAP else ""


def _no_growth(equity: pd.Series) -> str:
    """Why growth from the first value to the last is undefined; empty where it is not."""
    if reason := out_of_order(equity.index):
        return reason
    if not 0 < equity.iloc[0] < math.inf:
        return "it does not start above zero"
    return "" if abs(equity.iloc[-1]) < math.inf else "it has no value on its last session"


def _incomplete(values: pd.Series) -> str:
    """Why not every session is known; empty where all are."""
    known = bool((values.abs() < math.inf).all())
    return out_of_order(values.index) or ("" if known else "it has no value on some session")


def _no_deviation(equity: pd.Series) -> str:
    """Why session returns, or their standard deviation a year, do not exist; empty where they do."""
    if reason := _no_growth(equity) or _incomplete(equity) or irregular(equity.index):
        return reason
    if not (equity.iloc[:-1] > 0).all():
        return "nothing was left of it before the last session"
    return "" if len(equity) > 2 else f"{len(equity) - 1} returns; it needs 2"


def total_return(equity: pd.Series) -> Metric:
    """Last equity over first, minus one.

    Returns
    -------
    Metric
        −1 for a book that was wiped out. n/a where sessions are not in order, where there is none, or without
        a first value above zero and a last one.
    """
    convention = "last equity / first equity − 1"
    if reason := _no_growth(equity):
        return Metric(None, "fraction", convention, reason)
    return Metric(float(equity.iloc[-1] / equity.iloc[0] - 1), "fraction", convention)


def cagr(equity: pd.Series) -> Metric:
    """Yearly growth that leads from the first equity to the last, by calendar days.

    Returns
    -------
    Metric
        n/a where `total_return` is, below 365 days, and where nothing is left.
    """
    convention = "(last / first) ^ (365.25 / calendar days) − 1"
    if reason := _no_growth(equity):
        return Metric(None, "fraction", convention, reason)
    first, last = session_days(equity.index[[0, -1]])
    days = (last - first).days
    growth = float(equity.iloc[-1] / equity.iloc[0])
    if days < 365:
        return Metric(None, "fraction", convention, f"{days} days; a yearly rate needs 365")
    if growth <= 0:
        return Metric(None, "fraction", convention, "nothing is left")
    return Metric(growth ** (365.25 / days) - 1, "fraction", convention)


def volatility(equity: pd.Series) -> Metric:
    """Standard deviation of session returns, a year.

    Returns
    -------
    Metric
        0 for a book that never moved. n/a below two returns, where a session has no value, after nothing was
        left, and where values are not one a session in order: √252 would not make a year of them.
    """
    convention = f"standard deviation (n − 1) of session returns × √{SESSIONS_PER_YEAR}, cash days included"
    if reason := _no_deviation(equity):
        return Metric(None, "fraction", convention, reason)
    deviation = float(session_returns(equity).std())
    return Metric(deviation * math.sqrt(SESSIONS_PER_YEAR), "fraction", convention)


def sharpe(equity: pd.Series) -> Metric:
    """Mean over standard deviation of session returns, a year, against a riskless rate of zero.

    Returns
    -------
    Metric
        n/a where `volatility` is, and where all returns are equal.

    References
    ----------
    Sharpe, W. F. (1994). The Sharpe Ratio. Journal of Portfolio Management 21(1), 49–58.
    """
    convention = (
        f"mean / standard deviation (n − 1) of session returns × √{SESSIONS_PER_YEAR}, riskless rate 0"
    )
    if reason := _no_deviation(equity):
        return Metric(None, "ratio", convention, reason)
    returns = session_returns(equity)
    mean, deviation = float(returns.mean()), float(returns.std())
    # A standard deviation of rounding noise is none: an idle book has no Sharpe ratio.
    if deviation < 1e-12:
        reason = "the book never moved" if abs(mean) < 1e-12 else "every return is the same"
        return Metric(None, "ratio", convention, reason)
    return Metric(mean / deviation * math.sqrt(SESSIONS_PER_YEAR), "ratio", convention)


def max_drawdown(equity: pd.Series) -> Metric:
    """Deepest fall below an earlier peak; the starting equity is a peak.

    Returns
    -------
    Metric
        From −1 to 0; below −1 where a book was in debt. n/a where `total_return` is, and where a session has
        no value: it may have been the lowest.
    """
    convention = "lowest of (equity / highest equity so far) − 1"
    if reason := _no_growth(equity) or _incomplete(equity):
        return Metric(None, "fraction", convention, reason)
    fall = float((equity / equity.cummax() - 1).min())
    return Metric(fall, "fraction", convention)


def win_rate(trades: pd.DataFrame) -> Metric:
    """Share of closed trades with a profit after costs."""
    closed = trades[trades["status"] == "closed"]
    convention = "closed trades with net P&L above zero / closed trades"
    if closed.empty:
        return Metric(None, "fraction", convention, "no closed trade")
    return Metric(float((closed["pnl"] > 0).mean()), "fraction", convention)


def mean_trade(trades: pd.DataFrame) -> Metric:
    """Mean net return of closed trades."""
    closed = trades[trades["status"] == "closed"]
    convention = "mean of net P&L / entry value over closed trades; trades of one event are not independent"
    if closed.empty:
        return Metric(None, "fraction", convention, "no closed trade")
    return Metric(float(closed["return"].mean()), "fraction", convention)


def summarise(equity: pd.DataFrame, trades: pd.DataFrame, orders: pd.DataFrame) -> dict[str, Metric]:
    """All numbers of a result, in the order they are printed.

    Parameters
    ----------
    equity : DataFrame of shape (S, 4)
        As `strategies.result.Backtest.equity`.
    trades, orders : DataFrame
        As there.

    Returns
    -------
    dict of str to Metric
        Each right or n/a with its reason, whatever the index and the values of `equity`.
    """
    net = equity["net"]
    return {
        "total_return": total_return(net),
        "total_return_gross": _gross(total_return(equity["gross"])),
        "turnover": _turnover(equity, orders),
        "costs_paid": _costs_paid(orders),
        "benchmark_total_return": total_return(equity["benchmark"]),
        "cagr": cagr(net),
        "benchmark_cagr": cagr(equity["benchmark"]),
        "volatility": volatility(net),
        "benchmark_volatility": volatility(equity["benchmark"]),
        "sharpe": _idle(trades, sharpe(net)),
        "benchmark_sharpe": sharpe(equity["benchmark"]),
        "max_drawdown": max_drawdown(net),
        "benchmark_max_drawdown": max_drawdown(equity["benchmark"]),
        "trades": Metric(float(len(trades)), "count", "round trips and open positions"),
        "events_traded": Metric(float(_events(trades)), "count", "events that led to at least one trade"),
        "win_rate": win_rate(trades),
        "mean_trade": mean_trade(trades),
        "time_in_market": _time_in_market(equity),
        "mean_exposure": _mean_exposure(equity),
    }


def _gross(metric: Metric) -> Metric:
    return replace(metric, convention=f"{metric.convention}, of equity with all costs added back")


def _idle(trades: pd.DataFrame, metric: Metric) -> Metric:
    return Metric(None, metric.unit, metric.convention, "no trade was made") if trades.empty else metric


def _events(trades: pd.DataFrame) -> int:
    return int(trades.loc[trades["event"] != "", "event"].nunique())


def _costs_paid(orders: pd.DataFrame) -> Metric:
    paid = float((orders["fee"] + orders["slippage"] + orders["borrow"]).sum())
    return Metric(paid, "currency", "fees, slippage and borrowing costs of all fills")


def _time_in_market(equity: pd.DataFrame) -> Metric:
    convention = "sessions that end with a position / sessions"
    if reason := _incomplete(equity["invested"]):
        return Metric(None, "fraction", convention, reason)
    return Metric(float((equity["invested"] > 0).mean()), "fraction", convention)


def _mean_exposure(equity: pd.DataFrame) -> Metric:
    convention = "mean share of equity in positions"
    if reason := _incomplete(equity["invested"]):
        return Metric(None, "fraction", convention, reason)
    return Metric(float(equity["invested"].mean()), "fraction", convention)


def _turnover(equity: pd.DataFrame, orders: pd.DataFrame) -> Metric:
    convention = f"value of all fills / mean equity / years of {SESSIONS_PER_YEAR} sessions / 2"
    mean = equity["net"].mean()
    if reason := _incomplete(equity["net"]) or irregular(equity.index):
        return Metric(None, "ratio", convention, reason)
    if not mean > 0:
        return Metric(None, "ratio", convention, "mean equity is not above zero")
    years = len(equity) / SESSIONS_PER_YEAR
    return Metric(float(orders["value"].sum() / mean / years / 2), "ratio", convention)
