"""Choices of parameters and what became of them, as tables and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from strategies.arrays import Numbers
from strategies.episode_returns import EpisodeReturns
from strategies.splits import Split
from strategies.walk_forward_spec import Spec

if TYPE_CHECKING:
    from strategies.choice_evidence import ChoiceEvidence

COLUMNS = (
    "tested from",
    "to",
    "trained on",
    "purged",
    "chosen",
    "in training",
    "tested on",
    "in test",
    "median set",
    "better",
)


@dataclass(frozen=True, slots=True)
class Judged:
    """One split: what was chosen, and what became of it.

    Parameters
    ----------
    split : Split
        Episodes.
    chosen : int
        Number of the set; -1 where none could be chosen.
    in_training, in_test, median_set : float
        Measure of the chosen set on both parts, and the median in test of the sets that could have been chosen; NaN
        where undefined.
    """

    split: Split
    chosen: int
    in_training: float
    in_test: float
    median_set: float

    @property
    def better(self) -> bool | None:
        """Whether the chosen set beat the median one in test; None where one of both is undefined."""
        known = np.isfinite(self.in_test) and np.isfinite(self.median_set)
        return bool(self.in_test > self.median_set) if known else None


@dataclass(frozen=True, eq=False)
class WalkForward:
    """Choices, judged by episodes that they had not seen.

    Parameters
    ----------
    spec : Spec
        How it was done.
    returns : EpisodeReturns
        Of all sets in all episodes.
    judged : tuple of Judged
        One a split.
    paths : ndarray of float, shape (φ, K)
        Return of the chosen set in each episode, on each path; NaN where it was not tested or not traded.
    dates : ndarray of datetime64[D], shape (T,)
        Of the rows.
    """

    spec: Spec
    returns: EpisodeReturns
    judged: tuple[Judged, ...]
    paths: Numbers
    dates: np.ndarray

    @cached_property
    def evidence(self) -> ChoiceEvidence:
        """What choosing among these sets is worth: probability of overfitting, and superior ability."""
        from strategies.choice_evidence import choice_evidence

        return choice_evidence(self.returns)

    @property
    def columns(self) -> tuple[str, ...]:
        """Heads of `rows`."""
        return COLUMNS

    def rows(self, labels: Sequence[str]) -> list[tuple[str, ...]]:
        """One row of text a split.

        Parameters
        ----------
        labels : sequence of str, length P
            What each set is called.
        """
        show = _PRINTED[self.spec.measure]
        return [
            (
                *self._tested(item.split),
                str(len(item.split.train)),
                str(len(item.split.purged)),
                labels[item.chosen] if item.chosen >= 0 else "none",
                show(item.in_training),
                str(len(item.split.test)),
                show(item.in_test),
                show(item.median_set),
                {True: "yes", False: "no", None: "–"}[item.better],
            )
            for item in self.judged
        ]

    @property
    def sentence(self) -> str:
        """What came out, in plain words."""
        decided = [item.better for item in self.judged if item.better is not None]
        if not decided:
            return (
                "Nothing can be said out of sample: in no split was there a set with at least "
                f"{self.spec.least} closed trades in training that also traded in the test."
            )
        made = [item for item in self.judged if item.chosen >= 0]
        train = [self._mean(item.chosen, item.split.train) for item in made]
        seen = int(np.isfinite(self.paths).any(axis=0).sum())
        unseen, known = _per_cent(float(np.nanmean(self.paths))), _per_cent(float(np.mean(train)))
        return (
            f"On the {seen} episodes that it had not seen and traded in, the chosen set made {unseen} an episode "
            f"{self._range()}after costs, against {known} on those it was chosen on; it beat the median set in "
            f"{sum(decided)} of {len(decided)} splits, where luck gives about half{self._caution()}."
        )

    def as_dict(self) -> dict[str, Any]:
        """Everything but the returns of all sets, of plain types, None where undefined."""
        return {
            "spec": str(self.spec),
            "sentence": self.sentence,
            "episodes": [
                {
                    "first": str(self.dates[one.first]),
                    "last": str(self.dates[one.last]),
                    "events": list(events),
                }
                for one, events in zip(self.returns.episodes, self.returns.events, strict=True)
            ],
            "splits": [
                {
                    "train": list(item.split.train),
                    "purged": list(item.split.purged),
                    "test": list(item.split.test),
                    "chosen": item.chosen if item.chosen >= 0 else None,
                    "in_training": _plain(item.in_training),
                    "in_test": _plain(item.in_test),
                    "median_set": _plain(item.median_set),
                    "better": item.better,
                }
                for item in self.judged
            ],
            "paths": [[_plain(value) for value in path] for path in self.paths],
            "evidence": self.evidence.as_dict(),
        }

    def _mean(self, chosen: int, episodes: Sequence[int]) -> float:
        return float(np.nanmean(self.returns.mean[chosen, list(episodes)]))

    def _tested(self, split: Split) -> tuple[str, str]:
        first, last = (self.dates[self.returns.episodes[at].first] for at in (split.test[0], split.test[-1]))
        return str(first), str(last)

    def _range(self) -> str:
        means = [float(np.nanmean(path)) for path in self.paths if np.isfinite(path).any()]
        if len(self.paths) == 1:
            return ""
        return f"({_per_cent(min(means))} to {_per_cent(max(means))} over {len(means)} paths) "

    def _caution(self) -> str:
        return "; splits share episodes, so that they are not independent" if self.spec.groups else ""


def _per_cent(value: float) -> str:
    return f"{value:.2%}" if np.isfinite(value) else "–"


def _ratio(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else "–"


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


_PRINTED = {"mean_episode": _per_cent, "median_episode": _per_cent, "t_episode": _ratio}
