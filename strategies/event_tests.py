"""Parametric comparison tests of an event window, each as the literature states it, on n firm-events.

They stand beside the date-level test, so that a study can be compared with papers. All but the adjusted ones take
firm-events for independent, which those that share a date are not. `docs/event-tests.md` has the formulas and sizes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from strategies.arrays import Numbers
from strategies.residuals import LEAST_DEVIATION, SPARE, Residuals, episode_correlation


@dataclass(frozen=True, slots=True)
class EventTest:
    """One comparison test of an event window.

    Parameters
    ----------
    name : str
        The name the literature knows it by.
    statistic, p : float or None
        Test statistic and two-sided p value.
    firm_events, episodes : int
        n and K that it rests on.
    freedom : int or None
        Degrees of freedom of Student's t; None where the normal law is used.
    correlation : float or None
        r̄, where the test uses it.
    reason : str
        Why the numbers are None; empty otherwise.
    caution : str
        What a reader must know beside numbers that are there; empty if nothing.
    """

    name: str
    statistic: float | None = None
    p: float | None = None
    firm_events: int = 0
    episodes: int = 0
    freedom: int | None = None
    correlation: float | None = None
    reason: str = ""
    caution: str = ""


def told(name: str, statistic: float, sample: Residuals, freedom: int | None = None) -> EventTest:
    """A test with its two-sided p value.

    Parameters
    ----------
    name : str
        Of the test.
    statistic : float
        Finite, or the test has no numbers.
    sample : Residuals
        The firm-events it rests on.
    freedom : int, optional
        Degrees of freedom of Student's t; the normal law without.
    """
    if not math.isfinite(statistic):
        return untold(name, sample, "the numbers leave no finite statistic")
    return EventTest(
        name=name,
        statistic=float(statistic),
        p=two_sided(statistic, freedom),
        firm_events=len(sample.episode),
        episodes=sample.episodes,
        freedom=freedom,
        caution=_caution(sample.episodes),
    )


def untold(name: str, sample: Residuals, reason: str) -> EventTest:
    """A test without numbers.

    Parameters
    ----------
    name : str
        Of the test.
    sample : Residuals
        The firm-events that could be used.
    reason : str
        Why there are none.
    """
    return EventTest(name, firm_events=len(sample.episode), episodes=sample.episodes, reason=reason)


def two_sided(statistic: float, freedom: int | None) -> float:
    """Chance of a statistic at least as far from zero: Student's t, or the normal law without degrees of freedom."""
    from scipy.special import ndtr, stdtr

    return float(2 * (ndtr(-abs(statistic)) if freedom is None else stdtr(freedom, -abs(statistic))))


def shortage(residuals: Residuals, least: int) -> str:
    """Why a standardised test cannot be made of these firm-events; empty when it can.

    Parameters
    ----------
    residuals : Residuals
        All of them.
    least : int
        Firm-events that the test needs.
    """
    if not np.isfinite(residuals.car).any():
        return "no firm-event has a number for this window"
    count = len(residuals.sample.episode)
    if not count:
        fewest = residuals.parameters + SPARE
        return f"no firm-event has {fewest} or more residuals that vary in its estimation window"
    if count < least:
        return f"{count} firm-event: the test needs {least}"
    return ""


def _caution(episodes: int) -> str:
    if episodes > 1:
        return ""
    return "one date: it can tell that the day was unusual, not that the event moved it"


def cross_sectional_t(residuals: Residuals) -> EventTest:
    """Mean cumulative abnormal return over its standard error across firm-events; t with n − 1 degrees of freedom.

    Parameters
    ----------
    residuals : Residuals
        Every firm-event with a number for the window counts; residuals are not looked at.

    References
    ----------
    Brown, S. J. and Warner, J. B. (1980). Measuring security price performance. Journal of Financial Economics 8,
    205–258.
    """
    name = "cross-sectional t"
    known = _with_returns(residuals)
    reason = _without_spread(known.car)
    return untold(name, known, reason) if reason else told(name, _t(known.car), known, len(known.car) - 1)


def skewness_adjusted_t(residuals: Residuals) -> EventTest:
    """The cross-sectional t with the skewness of the cumulative abnormal returns taken into account, on the normal law.

    With S = mean / s and γ = Σ(x − mean)³ / (n s³), √n (S + γS²/3 + γ²S³/27 + γ/(6n)). The cubic is
    ((1 + γS/3)³ − 1)/γ, so that the statistic rises with the mean.

    Parameters
    ----------
    residuals : Residuals
        Every firm-event with a number for the window counts.

    References
    ----------
    Johnson, N. J. (1978). Modified t tests and confidence intervals for asymmetrical
    populations. Journal of the American Statistical Association. Hall, P. (1992). On the removal of
    skewness by transformation. Journal of the Royal Statistical Society B. Lyon, J. D., Barber, B. M.
    and Tsai, C.-L. (1999). Improved methods for tests of long-run abnormal stock returns. Journal of Finance.
    """
    name = "skewness-adjusted t"
    known = _with_returns(residuals)
    reason = _without_spread(known.car)
    if reason:
        return untold(name, known, reason)
    count, mean, spread = len(known.car), known.car.mean(), known.car.std(ddof=1)
    ratio, skew = mean / spread, float((((known.car - mean) / spread) ** 3).mean())
    cubic = ratio + skew * ratio**2 / 3 + skew**2 * ratio**3 / 27
    return told(name, math.sqrt(count) * (cubic + skew / (6 * count)), known)


def patell(residuals: Residuals) -> EventTest:
    """Sum of standardised cumulative abnormal returns over its deviation if they were independent, on the normal law.

    Each is a t variable with L1 − k degrees of freedom, k the parameters of the model, and varies by
    (L1 − k)/(L1 − k − 2): ΣSCAR / √Σ[(L1 − k)/(L1 − k − 2)].

    Parameters
    ----------
    residuals : Residuals
        Those that cannot be used are left out.

    References
    ----------
    Patell, J. M. (1976). Corporate forecasts of earnings per share and stock price behavior:
    empirical tests. Journal of Accounting Research 14(2), 246–276.
    """
    reason = shortage(residuals, least=1)
    sample = residuals.sample
    return untold("Patell", sample, reason) if reason else told("Patell", _patell(sample), sample)


def bmp(residuals: Residuals) -> EventTest:
    """Standardised cross-sectional test: mean SCAR over its standard error; t with n − 1 degrees of freedom.

    It allows that the event makes all returns vary more; it takes firm-events for independent.

    Parameters
    ----------
    residuals : Residuals
        Those that cannot be used are left out.

    References
    ----------
    Boehmer, E., Musumeci, J. and Poulsen, A. B. (1991). Event-study methodology under conditions of event-induced
    variance. Journal of Financial Economics 30(2), 253–272.
    """
    reason = _no_bmp(residuals)
    sample = residuals.sample
    return (
        untold("BMP", sample, reason)
        if reason
        else told("BMP", _bmp(sample), sample, len(sample.episode) - 1)
    )


def adjusted_bmp(residuals: Residuals, correlation: float | None = None) -> EventTest:
    """BMP times √((1 − r̄)/(1 + (n − 1) r̄)), r̄ the average correlation of the residuals; n − 1 degrees of freedom.

    Parameters
    ----------
    residuals : Residuals
        Those that cannot be used are left out.
    correlation : float, optional
        r̄ over all pairs; by default `residuals.episode_correlation`, in which pairs of different episodes count 0.

    References
    ----------
    Kolari, J. W. and Pynnönen, S. (2010). Event study testing with cross-sectional correlation
    of abnormal returns. Review of Financial Studies 23(11), 3996–4025.
    """
    name = "adj-BMP"
    sample = residuals.sample
    reason = _no_bmp(residuals)
    if reason:
        return untold(name, sample, reason)
    mean, inflation = _inflation(sample, correlation)
    if inflation < LEAST_DEVIATION or 1 - mean < LEAST_DEVIATION:
        return untold(name, sample, _no_adjustment(mean))
    statistic = _bmp(sample) * math.sqrt((1 - mean) / inflation)
    return replace(told(name, statistic, sample, len(sample.episode) - 1), correlation=mean)


def adjusted_patell(residuals: Residuals, correlation: float | None = None) -> EventTest:
    """Patell's statistic over √(1 + (n − 1) r̄), r̄ the average correlation of the residuals, on the normal law.

    Parameters
    ----------
    residuals : Residuals
        Those that cannot be used are left out.
    correlation : float, optional
        r̄ over all pairs; by default `residuals.episode_correlation`, in which pairs of different episodes count 0.

    References
    ----------
    Kolari, J. W. and Pynnönen, S. (2010). Event study testing with cross-sectional correlation
    of abnormal returns. Review of Financial Studies 23(11), 3996–4025.
    """
    name = "adj-Patell"
    sample = residuals.sample
    reason = shortage(residuals, least=2)
    if reason:
        return untold(name, sample, reason)
    mean, inflation = _inflation(sample, correlation)
    if inflation < LEAST_DEVIATION:
        return untold(name, sample, _no_adjustment(mean))
    return replace(told(name, _patell(sample) / math.sqrt(inflation), sample), correlation=mean)


def crude_dependence(residuals: Residuals) -> EventTest:
    """Mean abnormal return of the window over the deviation of the mean residual by day: the portfolio test.

    The mean over firm-events is taken day by day, by days before the event; its deviation over the L1 days of the
    estimation window holds whatever makes firm-events of one date move together. Over L2 days it grows by √L2.
    Student's t with L1 − 1 degrees of freedom.

    Parameters
    ----------
    residuals : Residuals
        Those that cannot be used are left out.

    References
    ----------
    Brown, S. J. and Warner, J. B. (1980). Measuring security price performance. Journal of Financial Economics 8,
    205–258; (1985). Using daily stock returns: the case of event studies. Journal of Financial Economics 14, 3–31.
    """
    name = "crude dependence"
    sample = residuals.sample
    reason = shortage(residuals, least=1)
    if reason:
        return untold(name, sample, reason)
    before, after = _day_means(sample.estimation), _day_means(sample.event)
    if len(before) < 2 or before.std(ddof=1) < LEAST_DEVIATION:
        return untold(name, sample, "the mean residual does not vary by day")
    statistic = after.sum() / (before.std(ddof=1) * math.sqrt(len(after)))
    return told(name, statistic, sample, len(before) - 1)


def _with_returns(residuals: Residuals) -> Residuals:
    known = np.isfinite(residuals.car)
    return residuals if known.all() else residuals.only(known)


def _without_spread(values: Numbers) -> str:
    if not len(values):
        return "no firm-event has a number for this window"
    if len(values) == 1:
        return "1 firm-event: the test needs 2"
    if values.std(ddof=1) < LEAST_DEVIATION:
        return f"all {len(values)} firm-events have the same value"
    return ""


def _no_bmp(residuals: Residuals) -> str:
    return shortage(residuals, least=2) or _without_spread(residuals.sample.standardised)


def _no_adjustment(mean: float) -> str:
    return f"the average correlation of the residuals is {mean:.3f}: it leaves no adjusted test"


def _t(values: Numbers) -> float:
    return float(values.mean() * math.sqrt(len(values)) / values.std(ddof=1))


def _bmp(sample: Residuals) -> float:
    return _t(sample.standardised)


def _patell(sample: Residuals) -> float:
    freedom = sample.counts - sample.parameters
    return float(sample.standardised.sum() / math.sqrt((freedom / (freedom - 2)).sum()))


def _inflation(sample: Residuals, given: float | None) -> tuple[float, float]:
    """The average correlation, and the factor by which it makes the variance of a mean grow."""
    mean = episode_correlation(sample) if given is None else given
    assert mean is not None, "two firm-events have a correlation"
    return mean, 1 + (len(sample.episode) - 1) * mean


def _day_means(table: Numbers) -> Numbers:
    """Mean over firm-events by day, days without any left out."""
    here = np.isfinite(table)
    count = here.sum(axis=0)
    some = count > 0
    means: Numbers = np.where(here, table, 0.0).sum(axis=0)[some] / count[some]
    return means
