"""What the comparison tests of an event study start from: residuals, abnormal returns, and how they move together.

L1 is the number of sessions of the estimation window, L2 of the event window, n of firm-events.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from strategies.arrays import Booleans, Integers, Numbers
from universes.errors import BadParameter

# A window has a number where at most this share of its days is missing, as in `abnormal_returns.cumulative`.
MOST_MISSING = 0.2
# Patell's variance needs two degrees of freedom to spare; the fewest that leave it finite.
SPARE = 3
# Deviations below this are rounding: returns are known to some 1e-16.
LEAST_DEVIATION = 1e-12
# A matrix of regressors with a greater condition number does not tell its columns apart.
WORST_CONDITION = 1e12


@dataclass(frozen=True, eq=False)
class Residuals:
    """Residuals and abnormal returns of n firm-events, which may lie on different dates.

    Parameters
    ----------
    estimation : ndarray of shape (n, L1)
        Residuals of the normal-return model in the estimation window, as fractions; NaN where missing.
    event : ndarray of shape (n, L2)
        Abnormal returns of the event window; NaN where missing.
    estimation_rows : ndarray of int, shape (n, L1)
        Session of the market calendar of each residual, −1 where missing: residuals of one date are those of one row.
    prediction : ndarray of shape (n, L2)
        C of each day of the event window, 1 or more: Var(AR) = s² C.
    car_prediction : ndarray of shape (n,)
        The same of the whole window, of the days that are there: Var(CAR) = s² C. `prediction_factors` gives both.
    parameters : int
        Coefficients of the normal-return model: 2 of the market model, 0 of market-adjusted returns.
    episode : ndarray of int, shape (n,)
        Cluster of dates of each firm-event.

    Raises
    ------
    BadParameter
        If shapes do not fit or `parameters` is negative.
    """

    estimation: Numbers
    event: Numbers
    estimation_rows: Integers
    prediction: Numbers
    car_prediction: Numbers
    parameters: int
    episode: Integers

    def __post_init__(self) -> None:
        firms, sessions, days = len(self.estimation), self.estimation.shape[1:], self.event.shape[1:]
        wanted = {
            "estimation": (firms, *sessions),
            "event": (firms, *days),
            "estimation_rows": (firms, *sessions),
            "prediction": (firms, *days),
            "car_prediction": (firms,),
            "episode": (firms,),
        }
        for name, shape in wanted.items():
            given = getattr(self, name).shape
            if given != shape:
                raise BadParameter(f"residuals: {name} has shape {given}, wanted {shape}")
        if len(sessions) != 1 or len(days) != 1 or not days[0]:
            raise BadParameter("residuals: estimation and event are tables, and event has a day or more")
        if self.parameters < 0:
            raise BadParameter(f"residuals: parameters is {self.parameters}, wanted 0 or more")

    @cached_property
    def counts(self) -> Integers:
        """Residuals in each estimation window, shape (n,)."""
        counts: Integers = np.isfinite(self.estimation).sum(axis=1)
        return counts

    @cached_property
    def deviation(self) -> Numbers:
        """Standard deviation of the residuals, shape (n,): their squares over count less parameters; NaN at none."""
        known = np.where(np.isfinite(self.estimation), self.estimation, 0.0)
        freedom = self.counts - self.parameters
        squares = np.einsum("ij,ij->i", known, known)
        spread: Numbers = np.sqrt(np.where(freedom > 0, squares / np.maximum(freedom, 1), np.nan))
        return spread

    @cached_property
    def car(self) -> Numbers:
        """Cumulative abnormal return, shape (n,): the sum of the days there; NaN with more than a fifth missing."""
        here = np.isfinite(self.event)
        enough = (~here).sum(axis=1) <= MOST_MISSING * here.shape[1]
        total: Numbers = np.where(enough, np.where(here, self.event, 0.0).sum(axis=1), np.nan)
        return total

    @cached_property
    def usable(self) -> Booleans:
        """Firm-events with a cumulative return and enough residuals that vary, shape (n,)."""
        long_enough = self.counts >= self.parameters + SPARE
        varies = np.nan_to_num(self.deviation) >= LEAST_DEVIATION
        known: Booleans = np.isfinite(self.car) & np.isfinite(self.car_prediction)
        return long_enough & varies & known

    @cached_property
    def sample(self) -> Residuals:
        """The firm-events that standardised tests can use."""
        return self if self.usable.all() else self.only(self.usable)

    @cached_property
    def standardised(self) -> Numbers:
        """Cumulative abnormal return over its prediction error, shape (n,): SCAR."""
        scaled: Numbers = self.car / (self.deviation * np.sqrt(self.car_prediction))
        return scaled

    @cached_property
    def estimation_ranks(self) -> Numbers:
        """Rank of each residual within its own estimation window, shape (n, L1), as `midranks`."""
        return midranks(self.estimation)

    @cached_property
    def correlation(self) -> float | None:
        """r̄ of the firm-events that can be used, as `episode_correlation`."""
        return _mean_correlation(self.sample, self.sample.episode)

    @property
    def episodes(self) -> int:
        """K, how many clusters of dates the firm-events come from."""
        return len(np.unique(self.episode))

    def only(self, chosen: Booleans) -> Residuals:
        """Some of the firm-events.

        Parameters
        ----------
        chosen : ndarray of bool, shape (n,)
            Which.
        """
        tables = {item.name: getattr(self, item.name) for item in fields(self)}
        return Residuals(
            **{name: value if name == "parameters" else value[chosen] for name, value in tables.items()}
        )

    def day(self, at: int) -> Residuals:
        """One day of the event window as a window of its own.

        Parameters
        ----------
        at : int
            Its place in the event window, from 0.
        """
        return Residuals(
            estimation=self.estimation,
            event=self.event[:, at : at + 1],
            estimation_rows=self.estimation_rows,
            prediction=self.prediction[:, at : at + 1],
            car_prediction=self.prediction[:, at],
            parameters=self.parameters,
            episode=self.episode,
        )


def midranks(values: Numbers) -> Numbers:
    """Ranks by row from 1, equal values sharing the mean of theirs; NaN where missing.

    Parameters
    ----------
    values : ndarray of shape (n, L)
        NaN where missing; what is missing takes no rank.
    """
    # Behind every return, what is missing disturbs no rank; numpy also sorts infinities far faster than NaN.
    filled = np.where(np.isnan(values), np.inf, values)
    order = np.argsort(filled, axis=1)
    ordered = np.sort(filled, axis=1)
    order += (np.arange(len(values)) * values.shape[1])[:, None]
    flat = np.empty(values.size)
    flat[order] = np.arange(1.0, values.shape[1] + 1)
    ranks: Numbers = flat.reshape(values.shape)
    tied = ((ordered[:, 1:] == ordered[:, :-1]) & np.isfinite(ordered[:, 1:])).any(axis=1)
    if tied.any():
        from scipy.stats import rankdata

        ranks[tied] = rankdata(filled[tied], axis=1)
    ranks[np.isnan(values)] = np.nan
    return ranks


def prediction_factors(estimation: Numbers, event: Numbers) -> tuple[Numbers, Numbers]:
    """Factors C by which abnormal returns vary more than residuals: a fitted model errs outside its sample.

    With X the regressors of the estimation window and x of a day, C = 1 + x'(X'X)⁻¹x. For the d days of a window that
    are there, with z the sum of their regressors, C = d + z'(X'X)⁻¹z: the abnormal return of each day has its own
    noise, and all share the error of the coefficients. For market-adjusted returns, where nothing is fitted, they are
    1 and d.

    Parameters
    ----------
    estimation : ndarray of shape (n, L1, k)
        Regressors, the column of ones included; NaN on sessions without a residual.
    event : ndarray of shape (n, L2, k)
        Those of the event window; NaN on days without an abnormal return.

    Returns
    -------
    tuple of ndarray
        Of shape (n, L2), NaN on the days that are missing, and (n,). NaN where the regressors cannot be told apart.

    References
    ----------
    Patell, J. M. (1976). Corporate forecasts of earnings per share and stock price behavior:
    empirical tests. Journal of Accounting Research 14(2), 246–276. The formulas are the variance of a prediction of
    least squares; the tests derive the closed form of the market model from them.
    """
    here = np.isfinite(event.sum(axis=2))
    known = np.where(np.isfinite(estimation.sum(axis=2))[:, :, None], estimation, 0.0)
    days = np.where(here[:, :, None], event, 0.0)
    gram = np.swapaxes(known, 1, 2) @ known
    sound = np.linalg.cond(gram) < WORST_CONDITION
    inverse = np.linalg.inv(np.where(sound[:, None, None], gram, np.eye(gram.shape[1])))
    total = days.sum(axis=1)
    daily = 1 + np.einsum("ndk,nkl,ndl->nd", days, inverse, days)
    whole = here.sum(axis=1) + np.einsum("nk,nkl,nl->n", total, inverse, total)
    return np.where(here & sound[:, None], daily, np.nan), np.where(sound, whole, np.nan)


def average_correlation(residuals: Residuals) -> float | None:
    """Average correlation of the residuals over all pairs of firm-events, paired by date; None with fewer than two.

    The correlation of a pair is the sum of products on the dates that both have, over the root of the product of
    their sums of squares, each about its own mean and over its own window. It is Pearson's where windows and missing
    days agree. A pair that shares only some dates counts in proportion to them, one that shares none with 0.

    With u a firm-event's deviations divided by the root of their sum of squares,

        Σ over pairs i ≠ j of r_ij = Σ over dates of [(Σ_i u_it)² − Σ_i u_it²],

    so that no pair is ever formed.

    Parameters
    ----------
    residuals : Residuals
        Those that cannot be used are left out.

    References
    ----------
    Kolari, J. W. and Pynnönen, S. (2010). Event study testing with cross-sectional correlation
    of abnormal returns. Review of Financial Studies 23(11), 3996–4025.
    """
    sample = residuals.sample
    return _mean_correlation(sample, np.zeros(len(sample.episode), dtype=np.int64))


def episode_correlation(residuals: Residuals) -> float | None:
    """Average correlation over all pairs, where pairs of different episodes count 0; None with fewer than two.

    Event windows of different episodes share no session, so that their abnormal returns are correlated by nothing but
    estimation error. Their residuals are, where estimation windows overlap by months: those of one company with events
    a month apart are nearly the same numbers. Counted in, they leave an adjusted test that never rejects. Where
    estimation windows of different episodes do not overlap this is `average_correlation`.

    Parameters
    ----------
    residuals : Residuals
        Those that cannot be used are left out.
    """
    return residuals.sample.correlation


def _mean_correlation(sample: Residuals, cluster: Integers) -> float | None:
    """Mean over all ordered pairs of the correlations within clusters."""
    count = len(cluster)
    if count < 2:
        return None
    units = _units(sample)
    order = np.argsort(cluster, kind="stable")
    edges = np.flatnonzero(np.diff(cluster[order])) + 1
    parts = np.split(order, edges) if len(edges) else [slice(None)]
    together = sum(_squared_date_sums(units[part], sample.estimation_rows[part]) for part in parts)
    alone = float(np.einsum("ij,ij->", units, units))
    return (together - alone) / (count * (count - 1))


def _units(sample: Residuals) -> Numbers:
    """Residuals about their mean, each row of length 1; 0 where missing."""
    here = np.isfinite(sample.estimation) & (sample.estimation_rows >= 0)
    known = np.where(here, sample.estimation, 0.0)
    mean = known.sum(axis=1) / np.maximum(here.sum(axis=1), 1)
    off = np.where(here, known - mean[:, None], 0.0)
    length = np.sqrt(np.einsum("ij,ij->i", off, off))
    units: Numbers = off / np.where(length > 0, length, 1.0)[:, None]
    return units


def _squared_date_sums(units: Numbers, rows: Integers) -> float:
    """Sum over dates of the square of the sum over firm-events."""
    if not rows.size:
        return 0.0
    # Missing sessions have row −1 and a unit of 0.
    sums = np.bincount((rows - rows.min()).ravel(), weights=units.ravel())
    return float(sums @ sums)


def effective_number(count: int, correlation: float) -> float | None:
    """How many independent firm-events say as much as n with this average correlation: n / (1 + (n − 1) r̄).

    Parameters
    ----------
    count : int
        n.
    correlation : float
        r̄ over all pairs.

    Returns
    -------
    float or None
        None where the correlation is so negative that the mean does not vary.
    """
    inflation = 1 + (count - 1) * correlation
    return count / inflation if inflation > LEAST_DEVIATION else None
