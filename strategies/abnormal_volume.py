"""Whether more was traded than usual, beyond what was traded more everywhere."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from strategies.arrays import Integers, Numbers
from strategies.clean_benchmark import FEWEST_NAMES, clean_names, region
from strategies.date_test import date_test
from strategies.episodes import means
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


def abnormal_volumes(sample: Sample, windows: Sequence[tuple[int, int]]) -> tuple[AbnormalVolume, ...]:
    """Log value traded in the window less its mean in the estimation window, less the same of the benchmark's names.

    The value of a session is volume × printed close, plus one unit so that a session without a trade counts.

    Parameters
    ----------
    sample : Sample
        The n firm-events of a study.
    windows : sequence of tuple of (int, int)
        First and last day of each.

    References
    ----------
    Ajinkya, B. B. and Jain, P. C. (1989). The behavior of daily stock market trading volume. Journal of Accounting and
    Economics 11(4), 331–359: logarithms, and the market's own volume as benchmark.
    """
    found = np.full((len(windows), len(sample.episode)), np.nan)
    for places, traded, (own, names), position in _blocks(sample):
        for at, window in enumerate(windows):
            spans = _spans(sample, position, window, len(traded.total) - 1)
            everyone = traded.more(names, *spans)
            known = everyone[np.isfinite(everyone)]
            if len(known) >= FEWEST_NAMES:
                found[at, places] = traded.more(own, *spans) - known.mean()
    tests = [
        date_test(means(values, sample.episode), *window)
        for values, window in zip(found, windows, strict=True)
    ]
    return tuple(AbnormalVolume(test, None if test.mean is None else math.exp(test.mean)) for test in tests)


@dataclass(frozen=True, eq=False, slots=True)
class _Traded:
    """Log value traded by name on the own sessions of an exchange, summed from the first: shape (S + 1, N)."""

    total: Numbers
    count: Integers

    @classmethod
    def of(cls, value: Numbers) -> _Traded:
        here = np.isfinite(value)
        first = np.zeros((1, value.shape[1]))
        total = np.vstack([first, np.cumsum(np.where(here, value, 0.0), axis=0)])
        return cls(total, np.vstack([first.astype(np.int64), here.cumsum(axis=0)]))

    def more(self, columns: Integers, before: slice, during: slice) -> Numbers:
        """Mean of the later sessions less that of the earlier ones, by column; NaN with too few of either."""
        early, late = (
            self.count[part.stop, columns] - self.count[part.start, columns] for part in (before, during)
        )
        enough = (early >= FEWEST_DAYS) & (late == during.stop - during.start) & (late > 0)
        usual, found = (
            (self.total[part.stop, columns] - self.total[part.start, columns]) / np.maximum(count, 1)
            for part, count in ((before, early), (during, late))
        )
        return np.where(enough, found - usual, np.nan)


def _blocks(sample: Sample) -> Iterator[tuple[Integers, _Traded, tuple[Integers, Integers], int]]:
    """Firm-events that share an event and an exchange: places, trade, their columns, the benchmark's, day 0."""
    bars = sample.market.bars
    value = np.log1p(bars["volume"].to_numpy(dtype=float) * bars["traded_close"].to_numpy(dtype=float))
    clean = clean_names(sample.market, sample.landing, sample.design)
    regions = np.array([region(name) for name in sample.market.lives["exchange"]])
    items = sample.abnormal.firm_events
    traded: dict[str, _Traded] = {}

    def shared(at: int) -> tuple[int, str]:
        return items[at].number, items[at].exchange

    for (number, exchange), group in groupby(sorted(range(len(items)), key=shared), key=shared):
        places = np.array(list(group), dtype=np.int64)
        here = regions == region(exchange)
        if exchange not in traded:
            traded[exchange] = _Traded.of(value[np.ix_(sample.market.clock.hours[exchange].rows, here)])
        # Columns of the names of this part of the day alone.
        place = np.cumsum(here) - 1
        names = place[clean[number] & here]
        columns = place[[items[at].column for at in places]]
        yield places, traded[exchange], (columns, names), items[places[0]].position


def _spans(sample: Sample, position: int, window: tuple[int, int], sessions: int) -> tuple[slice, slice]:
    """Own sessions of the estimation window and of the window, as far as the data go."""

    def inside(at: int) -> int:
        return min(max(at, 0), sessions)

    end = position + sample.design.first - sample.design.gap + 1
    before = slice(inside(end - sample.design.estimation), inside(end))
    return before, slice(inside(position + window[0]), inside(position + window[1] + 1))
