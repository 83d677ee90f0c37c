"""Why a firm-event cannot be measured: what its name, its benchmark or its estimation window is short of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from strategies.arrays import Booleans, Integers, Numbers
from strategies.clean_benchmark import FEWEST_NAMES
from strategies.study_design import PRIMARY, Design

# A benchmark whose squared deviations sum to less never moved; rounding alone makes some 1e-29.
LEAST_VARIATION = 1e-18


@dataclass(frozen=True, eq=False)
class Given:
    """What the F firm-events of one event on one exchange with S own sessions have to be measured with.

    Parameters
    ----------
    exchange : str
        MIC.
    position : int
        Place of the reaction session among the own sessions.
    close : ndarray of shape (F, 3)
        Closes of the sessions −1, 0 and 1; NaN where there is no bar or no session.
    after : int
        Own sessions that the data hold after the reaction.
    begins : ndarray of int, shape (F,)
        Place of the own session of each name's first bar.
    names : int or None
        Names in the benchmark; None where the design names it.
    returns : ndarray of int, shape (F,)
        Returns that the model rests on.
    variation : ndarray of shape (F,)
        Sum of squared deviations of the benchmark on those sessions.
    abnormal : ndarray of shape (F, L)
        Abnormal returns of the event window.
    """

    exchange: str
    position: int
    close: Numbers
    after: int
    begins: Integers
    names: int | None
    returns: Integers
    variation: Numbers
    abnormal: Numbers


def reasons(given: Given, design: Design) -> list[str]:
    """Why each firm-event cannot be used, shape (F,), the first that applies; empty where it can.

    Nothing after the primary window is asked: what a name did there must not choose the sample.

    Parameters
    ----------
    given : Given
        What there is.
    design : Design
        What is wanted.
    """
    found = [""] * len(given.close)
    open_yet = np.ones(len(found), dtype=bool)
    for short, sentence in (*_of_prices(given, design), *_of_returns(given, design)):
        for at in np.flatnonzero(short & open_yet).tolist():
            found[at] = sentence(at)
        open_yet &= ~short
    return found


_Checks = Iterator[tuple[Booleans, Callable[[int], str]]]


def _of_prices(given: Given, design: Design) -> _Checks:
    none, every = np.zeros(len(given.close), dtype=bool), np.ones(len(given.close), dtype=bool)
    few = given.names is not None and given.names < FEWEST_NAMES
    yield (
        every if few else none,
        lambda _: (
            f"no clean benchmark on {given.exchange}: {given.names} names that no event touches, "
            f"{FEWEST_NAMES} wanted"
        ),
    )
    before, day, after = np.isnan(given.close).T
    yield day, lambda _: "no bar on the reaction session"
    yield before, lambda _: "no bar on the session before the reaction"
    yield every if given.after < PRIMARY[1] else none, lambda _: "the data end on the reaction session"
    yield after, lambda _: "no bar on the session after the reaction"
    sessions = np.maximum(given.position + design.first - design.gap - given.begins, 0)
    # A series that begins with the data may be older than they are.
    yield (
        (given.begins > 0) & (sessions < design.least_estimation),
        lambda at: (
            f"listing too young: {sessions[at]} sessions up to the gap, {design.least_estimation} wanted"
        ),
    )


def _of_returns(given: Given, design: Design) -> _Checks:
    yield (
        given.returns < design.least_estimation,
        lambda at: (
            f"too few returns in the estimation window: {given.returns[at]} of {design.estimation}, "
            f"{design.least_estimation} wanted"
        ),
    )
    yield given.variation < LEAST_VARIATION, lambda _: "the benchmark never moved in the estimation window"
    day, after = (~np.isfinite(given.abnormal[:, at - design.first]) for at in PRIMARY)
    yield day, lambda _: _no_benchmark("the reaction session")
    yield after, lambda _: _no_benchmark("the session after the reaction")


def _no_benchmark(session: str) -> str:
    return f"no benchmark on {session}: fewer than {FEWEST_NAMES} clean names have a return"
