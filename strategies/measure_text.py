"""Measures of a sweep as one says and prints them."""

from __future__ import annotations

from strategies.result import Metric

WORDS = {
    "closed": "number of closed trades",
    "trades": "number of trades",
    "episodes": "number of episodes",
    "sd_trade": "standard deviation of trades",
    "sd_episode": "standard deviation of episodes",
    "cagr": "CAGR",
    "sharpe": "Sharpe ratio",
    "max_drawdown": "deepest drawdown",
}
UNITS = {
    "trades": "count",
    "closed": "count",
    "episodes": "count",
    "costs_paid": "currency",
    "sharpe": "ratio",
    "turnover": "ratio",
}


def measure_words(name: str) -> str:
    """Words for a measure inside a sentence: ``"mean_trade"`` is ``"mean trade"``.

    Parameters
    ----------
    name : str
        One of `strategies.kernel.MEASURES`.
    """
    return WORDS.get(name, name.replace("_", " "))


def measure_text(name: str, value: float) -> str:
    """A measure in its unit: ``1.2 %``, ``0.35``, ``1,200``.

    Parameters
    ----------
    name : str
        As for `measure_words`.
    value : float
        Finite.
    """
    said = str(Metric(float(value), UNITS.get(name, "fraction"), ""))
    # A rounded zero has no sign.
    return said if said.strip("-0. %") else said.lstrip("-")
