"""One function a number; each says its formula, and why it may be undefined."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from strategies.result import Metric

if TYPE_CHECKING:
    import pandas as pd

SESSIONS_PER_YEAR = 252


def session_returns(equity: pd.Series) -> pd.Series:
    """Simple return of each session from a series of equity, shape (S − 1,)."""
    return equity.pct_change(fill_method=None).iloc[1:]


def total_return(equity: pd.Series) -> Metric:
    """Last equity over first, minus one."""
    return Metric(float(equity.iloc[-1] / equity.iloc[0] - 1), "fraction", "last equity / first equity − 1")


def cagr(equity: pd.Series) -> Metric:
    """Yearly growth that leads from the first equity to the last, by calendar days."""
    convention = "(last / first) ^ (365.25 / calendar days) − 1"
    days = (equity.index[-1] - equity.index[0]).days
    growth = float(equity.iloc[-1] / equity.iloc[0])
    if days < 365:
        return Metric(None, "fraction", convention, f"{days} days; a yearly rate needs 365")
    if growth <= 0:
        return Metric(None, "fraction", convention, "nothing is left")
    return Metric(growth ** (365.25 / days) - 1, "fraction", convention)


def volatility(equity: pd.Series) -> Metric:
    """Standard deviation of session returns, a year."""
    convention = f"standard deviation (n − 1) of session returns × √{SESSIONS_PER_YEAR}, cash days included"
    returns = session_returns(equity)
    if len(returns) < 2:
        return Metric(None, "fraction", convention, f"{len(returns)} returns; it needs 2")
    return Metric(float(returns.std()) * math.sqrt(SESSIONS_PER_YEAR), "fraction", convention)


def sharpe(equity: pd.Series) -> Metric:
    """Mean over standard deviation of session returns, a year, against a riskless rate of zero.

    References
    ----------
    Sharpe, W. F. (1994). The Sharpe Ratio. Journal of Portfolio Management 21(1), 49–58.
    """
    convention = (
        f"mean / standard deviation (n − 1) of session returns × √{SESSIONS_PER_YEAR}, riskless rate 0"
    )
    returns = session_returns(equity)
    if len(returns) < 2:
        return Metric(None, "ratio", convention, f"{len(returns)} returns; it needs 2")
    deviation = float(returns.std())
    # A standard deviation of rounding noise is none: an idle book has no Sharpe ratio.
    if deviation < 1e-12:
        return Metric(None, "ratio", convention, "the book never moved")
    return Metric(float(returns.mean()) / deviation * math.sqrt(SESSIONS_PER_YEAR), "ratio", convention)


def max_drawdown(equity: pd.Series) -> Metric:
    """Deepest fall below an earlier peak; the starting equity is a peak."""
    fall = float((equity / equity.cummax() - 1).min())
    return Metric(fall, "fraction", "lowest value of equity / highest equity so far − 1")


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
    """
    net = equity["net"]
    return {
        "total_return": total_return(net),
        "total_return_gross": total_return(equity["gross"]),
        "turnover": _turnover(equity, orders),
        "costs_paid": Metric(
            float((orders["fee"] + orders["slippage"] + orders["borrow"]).sum()),
            "currency",
            "fees, slippage and borrowing costs of all fills",
        ),
        "benchmark_total_return": total_return(equity["benchmark"]),
        "cagr": cagr(net),
        "benchmark_cagr": cagr(equity["benchmark"]),
        "volatility": volatility(net),
        "sharpe": _idle(trades, sharpe(net)),
        "benchmark_sharpe": sharpe(equity["benchmark"]),
        "max_drawdown": max_drawdown(net),
        "benchmark_max_drawdown": max_drawdown(equity["benchmark"]),
        "trades": Metric(float(len(trades)), "count", "round trips and open positions"),
        "events_traded": Metric(float(_events(trades)), "count", "events that led to at least one trade"),
        "win_rate": win_rate(trades),
        "mean_trade": mean_trade(trades),
        "time_in_market": _time_in_market(equity),
        "mean_exposure": Metric(
            float(equity["invested"].mean()), "fraction", "mean share of equity in positions"
        ),
    }


def _idle(trades: pd.DataFrame, metric: Metric) -> Metric:
    return Metric(None, metric.unit, metric.convention, "no trade was made") if trades.empty else metric


def _events(trades: pd.DataFrame) -> int:
    return int(trades.loc[trades["event"] != "", "event"].nunique())


def _time_in_market(equity: pd.DataFrame) -> Metric:
    share = float((equity["invested"] > 0).mean())
    return Metric(share, "fraction", "sessions that end with a position / sessions")


def _turnover(equity: pd.DataFrame, orders: pd.DataFrame) -> Metric:
    convention = f"value of all fills / mean equity / years of {SESSIONS_PER_YEAR} sessions / 2"
    years = len(equity) / SESSIONS_PER_YEAR
    return Metric(float(orders["value"].sum() / equity["net"].mean() / years / 2), "ratio", convention)
