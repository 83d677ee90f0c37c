"""Firm-events on whose days something else happened, by rules that were fixed before any return was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    from universes.panel import Market
    from universes.policy import Events

NEAR = 2
LARGE = 2.5
RULES = (
    f"an event outside its episode touches the company within {NEAR} of its sessions",
    f"its benchmark moved by more than {LARGE} of its daily standard deviations on day 0 or 1",
    "a dividend or a split of the company falls on day 0 or 1",
)
NOT_CHECKED = (
    "earnings and other releases of the company",
    "macroeconomic releases",
    "moves of the commodity itself and of currencies",
    "mergers and changes of the symbol",
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


def confounds(sample: Sample, calendar: Events | None = None) -> Confounds:
    """Firm-events with something else on their days, and the primary window without them.

    Parameters
    ----------
    sample : Sample
        The n firm-events of a study.
    calendar : Events, optional
        Every event there is: those that the study leaves out count. Default the studied ones alone.
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


def _other_events(sample: Sample, calendar: Events | None) -> list[tuple[int, Confounded]]:
    """Events near a firm-event that are no part of its own episode, in the order of the calendar."""
    items = sample.abnormal.firm_events
    measured = {
        (item.event, item.company): episode
        for item, episode in zip(items, sample.episode.tolist(), strict=True)
    }
    names, positions, touched = _all_events(sample, calendar)
    found = []
    near: dict[tuple[str, int], list[int]] = {}
    for at, (item, episode) in enumerate(zip(items, sample.episode.tolist(), strict=True)):
        place = item.exchange, item.position
        if place not in near:
            near[place] = _near(positions[item.exchange], sample.market, *place)
        others = [
            names[other]
            for other in near[place]
            if touched[other, item.column] and measured.get((names[other], item.company)) != episode
        ]
        if others:
            found.append((at, Confounded(item.event, item.symbol, 0, ", ".join(others))))
    return found


def _all_events(
    sample: Sample, calendar: Events | None
) -> tuple[Sequence[str], Mapping[str, Integers], Booleans]:
    """Names, own sessions by exchange and touched symbols of the calendar, then of studied events it does not hold."""
    studied = sample.landing
    if calendar is None:
        return studied.events, studied.positions, studied.touched
    landing = land(sample.market, calendar)
    known = set(landing.events)
    extra = {item.number: item.event for item in studied.firm_events if item.event not in known}
    numbers = np.array(list(extra), dtype=np.int64)
    positions = {
        name: np.concatenate([places, studied.positions[name][numbers]])
        for name, places in landing.positions.items()
    }
    touched = np.concatenate([landing.touched, studied.touched[numbers]])
    return (*landing.events, *extra.values()), positions, touched


def _near(positions: Integers, market: Market, exchange: str, position: int) -> list[int]:
    """Which events are near, which one that lands after the last session of the data is not."""
    last = len(market.clock.hours[exchange].rows)
    found: list[int] = np.flatnonzero((np.abs(positions - position) <= NEAR) & (positions < last)).tolist()
    return found


def _benchmark_moves(sample: Sample) -> list[tuple[int, Confounded]]:
    items = sample.abnormal.firm_events
    if not items:
        return []
    first = sample.design.estimation - sample.design.first
    usual = sample.abnormal.benchmark[:, : sample.design.estimation]
    moved = np.abs(sample.abnormal.benchmark[:, first : first + PRIMARY[1] + 1]).max(axis=1)
    size = moved / np.nanstd(usual, axis=1, ddof=1)
    return [
        (at, Confounded(items[at].event, items[at].symbol, 1, f"{size[at]:.1f} standard deviations"))
        for at in np.flatnonzero(size > LARGE).tolist()
    ]


def _payouts(sample: Sample) -> list[tuple[int, Confounded]]:
    bars, items = sample.market.bars, sample.abnormal.firm_events
    if "dividend" not in bars or "split" not in bars:
        return []
    paid = np.nan_to_num(bars["dividend"].to_numpy(dtype=float)) > 0
    divided = np.nan_to_num(bars["split"].to_numpy(dtype=float), nan=1.0) != 1
    arrays = sample.arrays
    days = [arrays.rows(day) for day in range(PRIMARY[0], PRIMARY[1] + 1)]
    received, split = (
        np.any([table[rows, arrays.column] for rows in days], axis=0) for table in (paid, divided)
    )
    found = []
    for at in np.flatnonzero(received | split).tolist():
        told = " and ".join(name for name, table in (("dividend", received), ("split", split)) if table[at])
        found.append((at, Confounded(items[at].event, items[at].symbol, 2, told)))
    return found
