"""Rank and sign tests of an event window, on n firm-events with windows of their own and days missing.

T_i is how many returns a firm-event is ranked among, those that are missing not counted; equal returns share their
mean rank. Days are columns: the t-th session of each firm-event's windows. `docs/event-tests.md` has formulas and
sizes.
"""

from __future__ import annotations

import math

import numpy as np

from strategies.arrays import Integers, Numbers
from strategies.event_tests import EventTest, shortage, told, untold
from strategies.residuals import LEAST_DEVIATION, Residuals, midranks


def corrado(residuals: Residuals) -> EventTest:
    """Mean rank of the days of the window, against how the mean rank varies from day to day, on the normal law.

    With k_t the mean over the firm-events of day t of rank − (T_i + 1)/2, and S² the mean of k_t² over all T days of
    both windows, Σ k_t over the L2 days of the window / (√L2 S).

    Parameters
    ----------
    residuals : Residuals
        Those that cannot be used are left out.

    References
    ----------
    Corrado, C. J. (1989). A nonparametric test for abnormal security-price performance in event
    studies. Journal of Financial Economics. Cowan, A. R. (1992). Nonparametric event study tests. Review of
    Quantitative Finance and Accounting 2(4), 343–358: the form for several days.
    """
    name = "Corrado"
    sample = residuals.sample
    reason = shortage(residuals, least=1)
    if reason:
        return untold(name, sample, reason)
    before, after, number = _joint_ranks(sample, sample.event)
    # Each firm-event has a middle of its own: with days missing, one middle for all would shift the statistic.
    middle = (number[:, None] + 1) / 2
    return _by_days(name, sample, (before - middle, after - middle), power=1.0)


def corrado_zivney(residuals: Residuals) -> EventTest:
    """Standardised ranks, where returns of the event days are first scaled to the spread of ordinary ones; normal law.

    Each day of the window is divided by the standard deviation across firm-events of its standardised abnormal
    returns, so that days on which all returns vary more do not rank at both ends. U = rank / (1 + T_i); with u_t =
    Σ(U − ½) over the n_t firm-events of day t / √n_t and S² the mean of u_t² over all days, Σ u_t over the L2 days of
    the window / (√L2 S).

    Parameters
    ----------
    residuals : Residuals
        Those that cannot be used are left out.

    References
    ----------
    Corrado, C. J. and Zivney, T. L. (1992). The specification and power of the sign test in
    event study hypothesis tests using daily stock returns. Journal of Financial and Quantitative Analysis 27(3),
    465–478.
    """
    name = "Corrado-Zivney"
    sample = residuals.sample
    reason = shortage(residuals, least=2)
    if reason:
        return untold(name, sample, reason)
    scaled = sample.event / (sample.deviation[:, None] * np.sqrt(sample.prediction))
    spread = _spread_by_day(scaled)
    if not (spread >= LEAST_DEVIATION).any():
        return untold(name, sample, "no day of the window has abnormal returns that differ")
    # Ranks do not change when a firm-event's returns are divided by its own deviation.
    calm = scaled / np.where(spread >= LEAST_DEVIATION, spread, np.nan) * sample.deviation[:, None]
    before, after, number = _joint_ranks(sample, calm)
    scale = 1 / (1 + number[:, None])
    return _by_days(name, sample, (before * scale - 0.5, after * scale - 0.5), power=0.5)


def grank_t(residuals: Residuals) -> EventTest:
    """Generalised rank test: the whole window is one more day, ranked among the residuals; T − 2 degrees of freedom.

    That day is SCAR / s(SCAR), the others residual / s. With U = rank/(T_i + 1) − ½, Ū_t its mean over the n_t
    firm-events of day t, and S² = Σ (n_t/n) Ū_t² / T over the T = L1 + 1 days, Z = Ū_0 / S and t = Z √((T − 2)/(T − 1
    − Z²)).

    Parameters
    ----------
    residuals : Residuals
        Those that cannot be used are left out.

    References
    ----------
    Kolari, J. W. and Pynnönen, S. (2011). Nonparametric rank tests for event studies. Journal
    of Empirical Finance.
    """
    name = "GRANK-T"
    sample = residuals.sample
    reason = shortage(residuals, least=2) or _equal(sample)
    if reason:
        return untold(name, sample, reason)
    (before, counts), event = _generalised_days(sample)
    total, firms = len(before) + 1, len(sample.episode)
    variance = (float((counts / firms) @ before**2) + event**2) / total
    if variance < LEAST_DEVIATION**2:
        return untold(name, sample, "the mean rank does not vary by day")
    z = event / math.sqrt(variance)
    room = total - 1 - z**2
    if total < 3 or room < LEAST_DEVIATION:
        return untold(name, sample, "ordinary days leave no spread of mean ranks to test against")
    return told(name, z * math.sqrt((total - 2) / room), sample, total - 2)


def grank_z(residuals: Residuals) -> EventTest:
    """Generalised rank test for independent firm-events: Ū_0 over its deviation if all ranks are equally likely.

    The variance is Σ (T_i − 1)/(12 (T_i + 1)) / n², which is (T − 1)/(12 n (T + 1)) where no residual is missing;
    normal law.

    Parameters
    ----------
    residuals : Residuals
        Those that cannot be used are left out.

    References
    ----------
    Kolari, J. W. and Pynnönen, S. (2011). Nonparametric rank tests for event studies. Journal
    of Empirical Finance.
    """
    name = "GRANK-Z"
    sample = residuals.sample
    reason = shortage(residuals, least=2) or _equal(sample)
    if reason:
        return untold(name, sample, reason)
    _, event = _generalised_days(sample)
    number = sample.counts + 1
    variance = float(((number - 1) / (12 * (number + 1))).sum()) / len(number) ** 2
    return told(name, event / math.sqrt(variance), sample)


def generalised_sign(residuals: Residuals) -> EventTest:
    """Firm-events above zero against the share of residuals above zero: (w − n p̂)/√(n p̂ (1 − p̂)), on the normal law.

    p̂ is the mean over firm-events of the share in their own estimation window.

    Parameters
    ----------
    residuals : Residuals
        Those that cannot be used are left out.

    References
    ----------
    Cowan, A. R. (1992). Nonparametric event study tests. Review of Quantitative Finance and Accounting 2(4), 343–358.
    """
    name = "generalised sign"
    sample = residuals.sample
    reason = shortage(residuals, least=1)
    if reason:
        return untold(name, sample, reason)
    share = float(((sample.estimation > 0).sum(axis=1) / sample.counts).mean())
    if not 0 < share < 1:
        return untold(name, sample, "all residuals of the estimation windows have one sign")
    count = len(sample.episode)
    above = int((sample.car > 0).sum())
    return told(name, (above - count * share) / math.sqrt(count * share * (1 - share)), sample)


def _joint_ranks(sample: Residuals, event: Numbers) -> tuple[Numbers, Numbers, Integers]:
    """Ranks by firm-event of residuals and event days among one another, NaN where missing, and how many there are."""
    before, after = sample.estimation_ranks.copy(), midranks(event)
    for at in range(event.shape[1]):
        day = event[:, at : at + 1]
        above, level = sample.estimation > day, sample.estimation == day
        before += above + 0.5 * level
        after[:, at] += (sample.estimation < day).sum(axis=1) + 0.5 * level.sum(axis=1)
    return before, after, sample.counts + np.isfinite(event).sum(axis=1)


def _by_days(name: str, sample: Residuals, ranks: tuple[Numbers, Numbers], power: float) -> EventTest:
    """Sum of the window's days over their deviation; a day is its sum over firm-events by their number to a power."""
    (before, few), (after, some) = (_day_sums(table) for table in ranks)
    event = after / some**power
    every = np.concatenate([before / few**power, event])
    spread = math.sqrt(float((every**2).mean())) if len(every) else 0.0
    if not len(event) or spread < LEAST_DEVIATION:
        return untold(name, sample, "the mean rank does not vary by day")
    return told(name, event.sum() / (math.sqrt(len(event)) * spread), sample)


def _generalised_days(sample: Residuals) -> tuple[tuple[Numbers, Integers], float]:
    """Mean of U by day of the estimation window with the number of firm-events, and that of the event day."""
    scaled = sample.standardised / sample.standardised.std(ddof=1) * sample.deviation
    before, after, number = _joint_ranks(sample, scaled[:, None])
    scale = 1 / (number[:, None] + 1)
    sums, counts = _day_sums(before * scale - 0.5)
    return (sums / counts, counts), float((after * scale - 0.5).mean())


def _day_sums(table: Numbers) -> tuple[Numbers, Integers]:
    """Sum over firm-events by day and how many have one; days without any are left out."""
    here = np.isfinite(table)
    counts = here.sum(axis=0)
    sums = np.where(here, table, 0.0).sum(axis=0)
    return sums[counts > 0], counts[counts > 0]


def _spread_by_day(table: Numbers) -> Numbers:
    """Standard deviation across firm-events by day, NaN with fewer than two."""
    sums, counts = np.nansum(table, axis=0), np.isfinite(table).sum(axis=0)
    off = np.nan_to_num(table - sums / np.maximum(counts, 1))
    return np.where(counts > 1, np.sqrt((off**2).sum(axis=0) / np.maximum(counts - 1, 1)), np.nan)


def _equal(sample: Residuals) -> str:
    if sample.standardised.std(ddof=1) < LEAST_DEVIATION:
        return f"all {len(sample.episode)} firm-events have the same value"
    return ""
