"""Models of the returns that one would have expected: what a name's own past says of it, given its benchmark.

Each takes the estimation window of F names, W sessions, and gives for each an intercept, a slope on the benchmark, and
slopes on further factors where it has them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from strategies.arrays import Booleans, Integers, Numbers

MARKET = "market"
# How many coefficients each estimates.
PARAMETERS = {
    MARKET: 2,
    "market-adjusted": 0,
    "mean-adjusted": 1,
    "factors": 2,
    "dimson": 4,
    "scholes-williams": 2,
    "trade-to-trade": 2,
}
MODELS = tuple(PARAMETERS)
DESCRIBED = {
    MARKET: "market model: return = intercept + beta × benchmark, by least squares",
    "market-adjusted": "market-adjusted: the benchmark's return is expected",
    "mean-adjusted": "mean-adjusted: the name's own mean is expected",
    "factors": "least squares on the benchmark and further factors",
    "dimson": "Dimson: sum of the slopes on the benchmark of the session before, the same and the next",
    "scholes-williams": "Scholes and Williams: slopes on those three sessions, their sum over 1 + 2 ρ",
    "trade-to-trade": "trade to trade: returns between trades on the benchmark's over the same sessions",
}
# Sums of squares below this are rounding.
LEAST_VARIATION = 1e-18
WORST_CONDITION = 1e12


@dataclass(frozen=True, eq=False)
class Past:
    """Estimation window of F names.

    Parameters
    ----------
    returns : ndarray of shape (W, F)
        Simple returns; NaN where missing.
    close : ndarray of shape (W, F)
        Closes, for returns over sessions without a trade; NaN where missing.
    benchmark : ndarray of shape (W,)
        Simple returns.
    factors : ndarray of shape (W, m)
        Simple returns of further factors.
    usable : ndarray of bool, shape (W, F)
        Which returns count; those that are missing must not.
    quiet : ndarray of bool, shape (W, F)
        Sessions without a reaction to another event, whether or not there is a return.
    """

    returns: Numbers
    close: Numbers
    benchmark: Numbers
    factors: Numbers
    usable: Booleans
    quiet: Booleans


@dataclass(frozen=True, eq=False)
class Line:
    """Expected return = intercept + beta × benchmark + slopes × factors.

    Parameters
    ----------
    intercept, beta : ndarray of shape (F,)
        NaN where they cannot be estimated.
    slopes : ndarray of shape (F, m)
        On further factors, none in most models.
    returns : ndarray of int, shape (F,)
        How many returns they rest on.
    """

    intercept: Numbers
    beta: Numbers
    slopes: Numbers
    returns: Integers


def fit(model: str, past: Past) -> Line:
    """Lines of F names by one of `MODELS`.

    Parameters
    ----------
    model : str
        ``market``: least squares on the benchmark. ``market-adjusted``: the benchmark itself. ``mean-adjusted``: the
        name's own mean. ``factors``: least squares on the benchmark and further factors. ``dimson``: the sum of slopes
        on the benchmark of the session before, the same and the next. ``scholes-williams``: single slopes on those
        three, their sum over 1 + 2 ρ. ``trade-to-trade``: returns from one trade to the next against the benchmark's
        over the same sessions, weighted by one over their number.
    past : Past
        Estimation window.
    """
    makers: dict[str, Callable[[Past], Line]] = {
        MARKET: lambda item: least_squares(item, np.zeros((len(item.benchmark), 0))),
        "market-adjusted": _market_adjusted,
        "mean-adjusted": _mean_adjusted,
        "factors": lambda item: least_squares(item, item.factors),
        "dimson": _dimson,
        "scholes-williams": _scholes_williams,
        "trade-to-trade": _trade_to_trade,
    }
    return makers[model](past)


def least_squares(past: Past, more: Numbers) -> Line:
    """Least squares on the benchmark and further columns, each name on the sessions on which it has a return.

    Parameters
    ----------
    past : Past
        Estimation window.
    more : ndarray of shape (W, m)
        Further regressors.
    """
    known = np.isfinite(past.benchmark) & np.isfinite(more).all(axis=1)
    columns = np.column_stack([np.ones(len(known)), past.benchmark, more])
    coefficients, count = _solved(
        np.where(known[:, None], columns, 0.0), past.returns, past.usable & known[:, None]
    )
    return Line(coefficients[:, 0], coefficients[:, 1], coefficients[:, 2:], count)


def _solved(columns: Numbers, returns: Numbers, valid: Booleans) -> tuple[Numbers, Integers]:
    """Coefficients of each name, shape (F, k), and how many returns they rest on."""
    weight = valid.astype(float)
    gram = np.einsum("wi,wf,wj->fij", columns, weight, columns)
    aim = np.einsum("wi,wf->fi", columns, np.where(valid, returns, 0.0))
    scale = np.sqrt(np.maximum(np.einsum("fii->fi", gram), LEAST_VARIATION))
    scaled = gram / scale[:, :, None] / scale[:, None, :]
    able = np.linalg.cond(scaled) < WORST_CONDITION
    found = np.full(aim.shape, np.nan)
    if able.any():
        found[able] = np.linalg.solve(scaled[able], (aim / scale)[able][..., None])[..., 0] / scale[able]
    return found, valid.sum(axis=0)


def _market_adjusted(past: Past) -> Line:
    count = (past.usable & np.isfinite(past.benchmark)[:, None]).sum(axis=0)
    ones = np.ones(len(count))
    return Line(0.0 * ones, ones, np.zeros((len(ones), 0)), count)


def _mean_adjusted(past: Past) -> Line:
    count = past.usable.sum(axis=0)
    mean = np.where(past.usable, past.returns, 0.0).sum(axis=0) / np.maximum(count, 1)
    return Line(np.where(count > 0, mean, np.nan), np.zeros(len(count)), np.zeros((len(count), 0)), count)


def _beside(benchmark: Numbers) -> Numbers:
    """Benchmark of the session before and of the next, shape (W, 2), NaN at the ends."""
    return np.column_stack(
        [np.concatenate([[np.nan], benchmark[:-1]]), np.concatenate([benchmark[1:], [np.nan]])]
    )


def _dimson(past: Past) -> Line:
    """Sum of the slopes on the session before, the same and the next.

    References
    ----------
    Dimson, E. (1979). Risk measurement when shares are subject to infrequent trading. Journal of Financial Economics
    7(2), 197–226.
    """
    found = least_squares(past, _beside(past.benchmark))
    none = np.zeros((len(found.beta), 0))
    return Line(found.intercept, found.beta + found.slopes.sum(axis=1), none, found.returns)


def _scholes_williams(past: Past) -> Line:
    """Slopes on the session before, the same and the next, each by itself, over 1 + 2 ρ.

    References
    ----------
    Scholes, M. and Williams, J. (1977). Estimating betas from nonsynchronous data. Journal of Financial Economics 5(3),
    309–327.
    """
    beside = _beside(past.benchmark)
    known = np.isfinite(past.benchmark) & np.isfinite(beside).all(axis=1)
    inner = past.benchmark[known]
    off = inner - inner.mean() if len(inner) else inner
    rho = float(off[1:] @ off[:-1] / max(float(off @ off), LEAST_VARIATION)) if len(inner) else 0.0
    slopes, count = [], past.usable.sum(axis=0)
    for column in (past.benchmark, beside[:, 0], beside[:, 1]):
        columns = np.column_stack([np.ones(len(known)), np.where(known, column, 0.0)])
        found, count = _solved(columns * known[:, None], past.returns, past.usable & known[:, None])
        slopes.append(found[:, 1])
    beta = np.sum(slopes, axis=0) / (1 + 2 * rho)
    valid = past.usable & known[:, None]
    own = np.where(valid, past.returns, 0.0).sum(axis=0) / np.maximum(count, 1)
    theirs = np.where(valid, np.where(known, past.benchmark, 0.0)[:, None], 0.0).sum(axis=0) / np.maximum(
        count, 1
    )
    return Line(own - beta * theirs, beta, np.zeros((len(beta), 0)), count)


def _trade_to_trade(past: Past) -> Line:
    """Returns from one trade to the next against the benchmark's over the same sessions.

    A return over n sessions has n times the intercept and n times the variance of one, so that all are divided by √n.
    Those that hold a session of another event's reaction are left out.

    References
    ----------
    Maynes, E. and Rumsey, J. (1993). Conducting event studies with thinly traded stocks. Journal of Banking & Finance
    17(1), 145–157.
    """
    summed = np.concatenate([[0.0], np.cumsum(np.nan_to_num(past.benchmark))])
    firms = past.close.shape[1]
    intercept, beta = np.full(firms, np.nan), np.full(firms, np.nan)
    count = np.zeros(firms, dtype=np.int64)
    for at in range(firms):
        traded = np.flatnonzero(np.isfinite(past.close[:, at]))
        if len(traded) < 3:
            continue
        span = np.diff(traded)
        loud = np.concatenate([[0], np.cumsum(~past.quiet[:, at])])
        calm = loud[traded[1:] + 1] == loud[traded[:-1] + 1]
        own = past.close[traded[1:], at] / past.close[traded[:-1], at] - 1
        theirs = summed[traded[1:] + 1] - summed[traded[:-1] + 1]
        root = np.sqrt(span[calm])
        columns = np.column_stack([root, theirs[calm] / root])
        found, _ = _solved(columns, (own[calm] / root)[:, None], np.ones((int(calm.sum()), 1), dtype=bool))
        (intercept[at], beta[at]), count[at] = found[0], int(calm.sum())
    return Line(intercept, beta, np.zeros((firms, 0)), count)
