"""Whether more was traded than usual, beyond what was traded more everywhere."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from strategies.arrays import Numbers
from strategies.clean_benchmark import FEWEST_NAMES, clean_names, region
from strategies.date_test import date_test
from strategies.episodes import means
from strategies.study_design import PRIMARY
from strategies.window_test import WindowTest

if TYPE_CHECKING:
    from strategies.study_evidence import Sample

# The days before the news on which a leak would show.
BEFORE = (-5, -1)
FEWEST_DAYS = 20


@dataclass(frozen=True, eq=False)
class AbnormalVolume:
    """Value traded in a window against the estimation window, in logarithms.

    Parameters
    ----------
    test : WindowTest
        Date-level test of the mean log ratio of the window.
    times : float or None
        exp of the mean: 1.8 is 80 % more than usual.
    """

    test: WindowTest
    times: float | None


def abnormal_volume(sample: Sample, window: tuple[int, int] = PRIMARY) -> AbnormalVolume:
    """Log value traded in the window less its mean in the estimation window, less the same of the benchmark's names.

    The value of a session is volume × printed close, plus one unit so that a session without a trade counts.

    Parameters
    ----------
    sample : Sample
        The n firm-events of a study.
    window : tuple of (int, int)
        First and last day.

    References
    ----------
    Ajinkya, B. B. and Jain, P. C. (1989). The behavior of daily stock market trading volume. Journal of Accounting and
    Economics 11(4), 331–359: logarithms, and the market's own volume as benchmark.
    """
    bars = sample.market.bars
    value = np.log1p(bars["volume"].to_numpy(dtype=float) * bars["traded_close"].to_numpy(dtype=float))
    clean = clean_names(sample.market, sample.landing, sample.design)
    regions = np.array([region(name) for name in sample.market.lives["exchange"]])
    found = np.full(len(sample.episode), np.nan)
    usual: dict[tuple[int, str, int], float] = {}
    for at, item in enumerate(sample.abnormal.firm_events):
        rows = sample.market.clock.hours[item.exchange].rows
        before, during = _spans(sample, item.position, window)
        own = _more(value[:, [item.column]], rows, before, during)
        key = (item.number, item.exchange, item.position)
        if key not in usual:
            names = np.flatnonzero(clean[item.number] & (regions == region(item.exchange)))
            others = _more(value[:, names], rows, before, during)
            known = others[np.isfinite(others)]
            usual[key] = float(known.mean()) if len(known) >= FEWEST_NAMES else float("nan")
        found[at] = own[0] - usual[key]
    test = date_test(means(found, sample.episode), *window)
    return AbnormalVolume(test, None if test.mean is None else math.exp(test.mean))


def _spans(sample: Sample, position: int, window: tuple[int, int]) -> tuple[slice, slice]:
    """Own sessions of the estimation window, as far as the data go, and of the window."""
    end = position + sample.design.first - sample.design.gap + 1
    before = slice(max(end - sample.design.estimation, 0), max(end, 0))
    return before, slice(max(position + window[0], 0), position + window[1] + 1)


def _more(value: Numbers, rows: np.ndarray, before: slice, during: slice) -> Numbers:
    """Mean of the later sessions less that of the earlier ones, by column; NaN with too few of either."""
    early, late = value[rows[before]], value[rows[during]]
    enough = (np.isfinite(early).sum(axis=0) >= FEWEST_DAYS) & np.isfinite(late).all(axis=0)
    sums = np.where(np.isfinite(early), early, 0.0).sum(axis=0)
    usual = sums / np.maximum(np.isfinite(early).sum(axis=0), 1)
    return np.where(enough & (len(late) > 0), np.where(enough, late, 0.0).mean(axis=0) - usual, np.nan)
