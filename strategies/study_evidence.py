"""What a study rests on beyond the date test: chance, the tests that papers report, and what the mean hangs on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from strategies import event_tests as parametric
from strategies import fragility, rank_tests
from strategies.abnormal_returns import Abnormal, cumulative
from strategies.arrays import Integers, Numbers
from strategies.calendar_time import calendar_time
from strategies.date_test import date_test
from strategies.episodes import means
from strategies.event_discovery import Discoveries, discoveries
from strategies.event_tests import EventTest
from strategies.multiplicity import romano_wolf
from strategies.normal_returns import PARAMETERS
from strategies.placebo import Placebo, placebo
from strategies.placebo_days import FEWEST_DAYS, OrdinaryDays, ordinary_days
from strategies.residuals import Residuals, effective_number, episode_correlation, prediction_factors
from strategies.sign_flip import SignFlip, sign_flip
from strategies.study_design import PRIMARY, Design
from strategies.window_test import WindowTest

if TYPE_CHECKING:
    from strategies.firm_event_arrays import FirmEventArrays
    from strategies.firm_events import Landing
    from universes.panel import Market

# Those that allow for firms that share a date; the others count each as one observation.
ALLOW_FOR_DATES = (
    "adj-BMP",
    "adj-Patell",
    "crude dependence",
    "Corrado",
    "Corrado-Zivney",
    "GRANK-T",
    "calendar time",
)

NOT_DRAWN = "no random calendars were asked for"


@dataclass(frozen=True, eq=False)
class Chance:
    """How often chance alone gives as much, by several tests of the primary window.

    Parameters
    ----------
    sign_flip : SignFlip
        Of the K episodes.
    placebo, matched : Placebo
        Random calendars of ordinary days; of days as volatile as the event's.
    adjusted : mapping of (int, int) to float
        By window: p of the sign-flip test, allowing for all windows looked at; NaN where there is none.
    variance : VarianceRatio
        Whether episodes differ more than ordinary days do.
    comparison : tuple of EventTest
        The tests that papers report, for comparison.
    correlation, effective : float or None
        Average correlation of the firm-events of one episode, over all pairs, and how many independent ones say as
        much.
    events : Discoveries
        Each episode by itself.
    """

    sign_flip: SignFlip
    placebo: Placebo
    matched: Placebo
    adjusted: Mapping[tuple[int, int], float]
    variance: fragility.VarianceRatio
    comparison: tuple[EventTest, ...]
    correlation: float | None
    effective: float | None
    events: Discoveries


@dataclass(frozen=True, eq=False)
class Fragility:
    """What the mean of the primary window hangs on.

    Parameters
    ----------
    leave_one_out : LeaveOneOut
        Its range whichever episode is left out.
    top_date, top_firm : Share
        Part of what moved the mean's way that came from one episode, and from one company.
    tradable : Share
        Part that came after the first open.
    run_up : Share
        Part of run-up and reaction together that came before.
    winsorised : float or None
        Mean with the lowest and highest tenth of the episodes pulled in.
    models : mapping of str to WindowTest
        The same window under other models of normal returns.
    """

    leave_one_out: fragility.LeaveOneOut
    top_date: fragility.Share
    top_firm: fragility.Share
    tradable: fragility.Share
    run_up: fragility.Share
    winsorised: float | None
    models: Mapping[str, WindowTest]


@dataclass(frozen=True, eq=False)
class Sample:
    """The n firm-events of a study.

    Parameters
    ----------
    market, landing, abnormal, design
        Of the study.
    arrays : FirmEventArrays
        The firm-events as arrays.
    episode : ndarray of int, shape (n,)
        Episode of each, by the primary window.
    cars : mapping of (int, int) to ndarray of shape (n,)
        Cumulative abnormal returns by window.
    """

    market: Market
    landing: Landing
    abnormal: Abnormal
    design: Design
    arrays: FirmEventArrays
    episode: Integers
    cars: Mapping[tuple[int, int], Numbers]

    @property
    def values(self) -> Numbers:
        """One number an episode, of the primary window, shape (K,)."""
        return means(self.cars[PRIMARY], self.episode)


def chance(sample: Sample, *, draws: int, seed: int) -> Chance:
    """Tests of the primary window.

    Parameters
    ----------
    sample : Sample
        The study's.
    draws, seed : int
        Random calendars, none where that is 0, and their seed.
    """
    values, residuals = sample.values, residuals_of(sample.abnormal, sample.design, PRIMARY, sample.episode)
    correlation = episode_correlation(residuals) if len(values) else None
    days = _days(sample) if draws and len(values) else None
    return Chance(
        sign_flip=sign_flip(values, seed=seed),
        placebo=_calendars(days, draws, seed, match=False),
        matched=_calendars(days, draws, seed, match=True),
        adjusted=_adjusted(sample, seed),
        variance=_variance(values, days),
        comparison=comparison(residuals, sample),
        correlation=correlation,
        effective=None if correlation is None else effective_number(len(sample.episode), correlation),
        events=_single(values, days),
    )


def _days(sample: Sample) -> OrdinaryDays:
    return ordinary_days(
        sample.market, sample.landing, sample.abnormal.firm_events, sample.episode, sample.design
    )


def _calendars(days: OrdinaryDays | None, draws: int, seed: int, *, match: bool) -> Placebo:
    if days is None:
        return Placebo(reason=NOT_DRAWN if not draws else "no episode")
    return placebo(days, draws=draws, seed=seed, match_volatility=match)


def _adjusted(sample: Sample, seed: int) -> dict[tuple[int, int], float]:
    if not len(sample.episode):
        return dict.fromkeys(sample.cars, np.nan)
    by_window = np.column_stack([means(item, sample.episode) for item in sample.cars.values()])
    return dict(zip(sample.cars, romano_wolf(by_window, seed=seed).tolist(), strict=True))


def _variance(values: Numbers, days: OrdinaryDays | None) -> fragility.VarianceRatio:
    if days is None:
        return fragility.VarianceRatio(reason=NOT_DRAWN)
    count = days.ordinary.sum(axis=1)
    known = np.where(days.ordinary, days.values, 0.0)
    mean = known.sum(axis=1) / np.maximum(count, 1)
    squares = (known**2).sum(axis=1) - count * mean**2
    usual = np.where(count > FEWEST_DAYS, squares / np.maximum(count - 1, 1), np.nan)
    return fragility.variance_ratio(values, usual)


def _single(values: Numbers, days: OrdinaryDays | None) -> Discoveries:
    if days is None:
        none = np.full(len(values), np.nan)
        return Discoveries(none, none, np.zeros(len(values), dtype=np.int64), reason=NOT_DRAWN)
    return discoveries(values, days.values, days.ordinary)


def residuals_of(abnormal: Abnormal, design: Design, window: tuple[int, int], episode: Integers) -> Residuals:
    """What the comparison tests start from, for one window.

    Parameters
    ----------
    abnormal : Abnormal
        Of n firm-events.
    design : Design
        Windows.
    window : tuple of (int, int)
        First and last day.
    episode : ndarray of int, shape (n,)
        Episode of each firm-event.
    """
    days = slice(window[0] - design.first, window[1] - design.first + 1)
    returns = abnormal.returns[:, days]
    before, during = abnormal.benchmark[:, : design.estimation], abnormal.benchmark[:, design.estimation :]
    estimation = np.stack([np.ones_like(before), before], axis=2)
    estimation[~np.isfinite(abnormal.residuals)] = np.nan
    event = np.stack([np.ones_like(during), during], axis=2)[:, days]
    event[~np.isfinite(returns)] = np.nan
    factors, whole = prediction_factors(estimation, event)
    return Residuals(
        estimation=abnormal.residuals,
        event=returns,
        estimation_rows=np.where(np.isfinite(abnormal.residuals), abnormal.rows, -1),
        prediction=factors,
        car_prediction=whole,
        parameters=PARAMETERS[design.model] + len(design.factors),
        episode=episode,
    )


def comparison(residuals: Residuals, sample: Sample) -> tuple[EventTest, ...]:
    """The tests that papers report, of the primary window, those that allow for shared dates first.

    Parameters
    ----------
    residuals : Residuals
        Of the primary window.
    sample : Sample
        For the calendar-time portfolio.
    """
    aware = (
        parametric.adjusted_bmp, parametric.adjusted_patell, parametric.crude_dependence, rank_tests.corrado,
        rank_tests.corrado_zivney, rank_tests.grank_t,
    )  # fmt: skip
    naive = (
        parametric.bmp, parametric.patell, parametric.cross_sectional_t, parametric.skewness_adjusted_t,
        rank_tests.grank_z, rank_tests.generalised_sign,
    )  # fmt: skip
    first, last = (tuple(test(residuals) for test in tests) for tests in (aware, naive))
    return (*first, _calendar_time(sample), *last)


def _calendar_time(sample: Sample) -> EventTest:
    days = slice(PRIMARY[0] - sample.design.first, PRIMARY[1] - sample.design.first + 1)
    rows = np.column_stack([sample.arrays.rows(day) for day in range(PRIMARY[0], PRIMARY[1] + 1)])
    found = calendar_time(sample.abnormal.returns[:, days], rows)
    return EventTest(
        name="calendar time",
        statistic=found.statistic,
        p=found.p,
        firm_events=found.firm_events,
        episodes=len(np.unique(sample.episode)),
        freedom=found.freedom,
        reason=found.reason,
    )


def fragile(sample: Sample) -> Fragility:
    """What the mean of the primary window hangs on.

    Parameters
    ----------
    sample : Sample
        The study's.
    """
    values, car = sample.values, sample.cars[PRIMARY]
    parts, firms = fragility.firm_parts(
        car, sample.episode, [item.company for item in sample.abnormal.firm_events]
    )
    run_up = sample.cars.get((sample.design.first, -2))
    return Fragility(
        leave_one_out=fragility.leave_one_out(values),
        top_date=fragility.largest_share(values, [str(at + 1) for at in range(len(values))]),
        top_firm=fragility.largest_share(parts, firms),
        tradable=fragility.tradable_share(*_split(sample), sample.episode),
        run_up=fragility.Share(reason="the event window has no run-up")
        if run_up is None
        else fragility.run_up_share(means(run_up, sample.episode), values),
        winsorised=fragility.winsorised_mean(values),
        models={
            name: date_test(means(cumulative(returns, sample.design, *PRIMARY), sample.episode), *PRIMARY)
            for name, returns in sample.abnormal.others.items()
        },
    )


def _split(sample: Sample) -> tuple[Numbers, Numbers]:
    """Return from the last close before the news to the first open after it, and from there to the close of day 1.

    Times the sign of the firm-event; not beyond a benchmark, whose opens nobody trades at.
    """
    opens, close = (sample.market.bars[name].to_numpy(dtype=float) for name in ("open", "close"))
    column, sign = sample.arrays.column, sample.arrays.sign
    before, day, end = (sample.arrays.rows(at) for at in (-1, PRIMARY[0], PRIMARY[1]))
    first = opens[day, column]
    return sign * (first / close[before, column] - 1), sign * (close[end, column] / first - 1)
