"""Firm-events on whose days something else happened, by rules that were fixed before any return was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from strategies.arrays import Booleans, Integers
from strategies.date_test import date_test
from strategies.episodes import means
from strategies.firm_events import land
from strategies.study_design import PRIMARY
from strategies.window_test import WindowTest

if TYPE_CHECKING:
    from strategies.study_evidence import Sample
    from universes.policy import Events

NEAR = 2
LARGE = 2.5
RULES = (
    f"another event of the calendar touches the company within {NEAR} of its sessions",
    f"its benchmark moved by more than {LARGE} of its daily standard deviations on day 0 or 1",
    "a dividend or a split of the company falls on day 0 or 1",
)
NOT_CHECKED = (
    "earnings and other releases of the company",
    "macroeconomic releases",
    "moves of the commodity itself",
)


@dataclass(frozen=True, slots=True)
class Confounded:
    """A firm-event and the rule that flags it: a place in `RULES`, and with what."""

    event: str
    symbol: str
    rule: int
    evidence: str


@dataclass(frozen=True, eq=False)
class Confounds:
    """What else happened.

    Parameters
    ----------
    flags : tuple of Confounded
        In the order of the firm-events, then of the rules.
    firm_events : int
        How many have a flag.
    without : WindowTest
        The primary window without them.
    not_checked : tuple of str
        What would confound a study too, and is in no table here.
    """

    flags: tuple[Confounded, ...]
    firm_events: int
    without: WindowTest
    not_checked: tuple[str, ...] = NOT_CHECKED


def confounds(sample: Sample, calendar: Events) -> Confounds:
    """Firm-events with something else on their days, and the primary window without them.

    Parameters
    ----------
    sample : Sample
        The n firm-events of a study.
    calendar : Events
        Every event there is: those that the study leaves out count.
    """
    flags = [*_other_events(sample, calendar), *_benchmark_moves(sample), *_payouts(sample)]
    flags.sort(key=lambda flag: (flag[0], flag[1].rule))
    flagged = np.zeros(len(sample.episode), dtype=bool)
    flagged[[at for at, _ in flags]] = True
    values = sample.cars[PRIMARY][~flagged]
    _, episode = np.unique(sample.episode[~flagged], return_inverse=True)
    return Confounds(
        tuple(flag for _, flag in flags), int(flagged.sum()), date_test(means(values, episode), *PRIMARY)
    )


def _other_events(sample: Sample, calendar: Events) -> list[tuple[int, Confounded]]:
    ours = {item.event for item in sample.abnormal.firm_events}
    landing = land(sample.market, calendar)
    names = np.array([event.event for event in calendar], dtype=object)
    other = np.array([name not in ours for name in names], dtype=bool)
    found = []
    for at, item in enumerate(sample.abnormal.firm_events):
        near = (
            other & _near(landing.positions[item.exchange], item.position) & landing.touched[:, item.column]
        )
        if near.any():
            found.append((at, Confounded(item.event, item.symbol, 0, ", ".join(names[near].tolist()))))
    return found


def _near(positions: Integers, position: int) -> Booleans:
    close: Booleans = np.abs(positions - position) <= NEAR
    return close


def _benchmark_moves(sample: Sample) -> list[tuple[int, Confounded]]:
    first = sample.design.estimation - sample.design.first
    usual = sample.abnormal.benchmark[:, : sample.design.estimation]
    moved = sample.abnormal.benchmark[:, first : first + PRIMARY[1] + 1]
    found = []
    for at, item in enumerate(sample.abnormal.firm_events):
        known = usual[at][np.isfinite(usual[at])]
        size = float(np.nanmax(np.abs(moved[at]))) / float(known.std(ddof=1))
        if size > LARGE:
            found.append((at, Confounded(item.event, item.symbol, 1, f"{size:.1f} standard deviations")))
    return found


def _payouts(sample: Sample) -> list[tuple[int, Confounded]]:
    bars = sample.market.bars
    if "dividend" not in bars or "split" not in bars:
        return []
    dividend, split = bars["dividend"].to_numpy(dtype=float), bars["split"].to_numpy(dtype=float)
    found = []
    for at, item in enumerate(sample.abnormal.firm_events):
        rows = sample.market.clock.hours[item.exchange].rows[item.position : item.position + PRIMARY[1] + 1]
        told = []
        if (np.nan_to_num(dividend[rows, item.column]) > 0).any():
            told.append("dividend")
        if (np.nan_to_num(split[rows, item.column], nan=1.0) != 1).any():
            told.append("split")
        if told:
            found.append((at, Confounded(item.event, item.symbol, 2, " and ".join(told))))
    return found
