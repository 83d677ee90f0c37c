"""What a choice of parameters was worth on episodes that it had not seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strategies.arrays import Numbers
from strategies.episode_measures import MEASURES
from strategies.episode_returns import Batch, EpisodeReturns, episode_returns
from strategies.splits import Split, Splits
from strategies.tape import Tape
from strategies.walk_forward_result import Judged, WalkForward
from strategies.walk_forward_spec import Spec, parse_spec
from universes.errors import BadParameter

__all__ = ["Batch", "Spec", "WalkForward", "judge", "parse_spec", "run", "stitch"]


def run(
    spec: Spec, batches: Sequence[Batch], tape: Tape, *, sets: int, value: float, workers: int = 1
) -> WalkForward:
    """Choose on the training episodes of each split, judge by the test episodes.

    Every trade is on its own capital, and every episode is walked by itself (`strategies.episode_returns`): a choice
    cannot profit from what a shared book was doing elsewhere.

    Parameters
    ----------
    spec : Spec
        As `parse_spec` gives.
    batches : sequence of Batch
        Which together have every set once.
    tape : Tape
        Prices and costs.
    sets : int
        P.
    value : float
        Money for a whole position.
    workers : int
        Threads; the result does not depend on it.

    Raises
    ------
    BadParameter
        If there are too few episodes for it, no training episode is left anywhere, or an entry has no event.
    """
    found = episode_returns(batches, tape, sets=sets, value=value, workers=workers)
    divided = spec.divide(found.episodes)
    if not any(split.train for split in divided.splits):
        raise BadParameter(
            "every training episode reaches into a test and is purged: give all sets a hold, a shorter one, "
            "or less embargo"
        )
    judged = tuple(judge(found, split, spec) for split in divided.splits)
    return WalkForward(spec, found, judged, stitch(found, divided, judged), tape.days.astype("datetime64[D]"))


def judge(found: EpisodeReturns, split: Split, spec: Spec) -> Judged:
    """The best set of the training episodes, of equals the first, and its measure on both parts."""
    measure = MEASURES[spec.measure]
    trained, tested = (np.array(part, dtype=np.int64) for part in (split.train, split.test))
    train, test = (measure(np.take(found.mean, part, axis=1)) for part in (trained, tested))
    able = np.isfinite(train) & (np.take(found.closed, trained, axis=1).sum(axis=1) >= spec.least)
    if not able.any():
        return Judged(split, -1, np.nan, np.nan, np.nan)
    chosen = int(np.argmax(np.where(able, train, -np.inf)))
    others = test[able & np.isfinite(test)]
    return Judged(
        split,
        chosen,
        float(train[chosen]),
        float(test[chosen]),
        float(np.median(others)) if len(others) else np.nan,
    )


def stitch(found: EpisodeReturns, divided: Splits, judged: Sequence[Judged]) -> Numbers:
    """Return of the chosen set in each tested episode, on each path, shape (φ, K)."""
    stitched = np.full((len(divided.paths), len(found.episodes)), np.nan)
    for path, places in enumerate(divided.paths):
        for number, split in places:
            if judged[split].chosen >= 0:
                stitched[path, number] = found.mean[judged[split].chosen, number]
    return stitched
