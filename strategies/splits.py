"""Episodes divided into those to choose on and those to judge by, so that no training outcome saw a test price.

What an episode earned depends on prices from its first decision to its last possible exit: its window. A training
episode whose window shares a session with a test window knows something of the test, and is purged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import comb
from typing import TYPE_CHECKING

from universes.errors import BadParameter

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_SPLITS = 5000


@dataclass(frozen=True, slots=True)
class Episode:
    """Window of one episode.

    Parameters
    ----------
    first : int
        Row of its first decision.
    last : int
        Last row on which a position that it led to can be left, at least `first`.

    Raises
    ------
    BadParameter
        If the window ends before it begins.
    """

    first: int
    last: int

    def __post_init__(self) -> None:
        if not 0 <= self.first <= self.last:
            raise BadParameter(
                f"an episode has the window {self.first} to {self.last}: rows count from 0, the first first"
            )


@dataclass(frozen=True, slots=True)
class Split:
    """Episodes by number, ascending: to choose on, to judge by, and those left out so that nothing leaks.

    Parameters
    ----------
    train, test : tuple of int
        Episodes chosen on, and judged by.
    purged : tuple of int
        Episodes that would have been trained on, but lie too near to a test window.
    """

    train: tuple[int, ...]
    test: tuple[int, ...]
    purged: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Splits:
    """All splits, and how their tests join into histories.

    Parameters
    ----------
    splits : tuple of Split
        In order of time, or of the combinations of groups.
    paths : tuple of tuples of (int, int)
        Each path names, for every episode that is tested, ascending, the episode and the split that judges it: one
        history in which every episode was judged by a choice that had not seen it.
    """

    splits: tuple[Split, ...]
    paths: tuple[tuple[tuple[int, int], ...], ...]


def walk_forward(
    episodes: Sequence[Episode], *, train: int, test: int, embargo: int, anchored: bool = False
) -> Splits:
    """Splits in order of time: the next `test` episodes are judged by a choice on the `train` before them.

    Every episode but the first `train` is tested once; there is one path. The last test may be shorter.

    Parameters
    ----------
    episodes : sequence of Episode
        K windows, by first row.
    train, test : int
        Episodes to choose on (before purging) and to judge by, from 1.
    embargo : int
        Sessions without any training window before the first test window. All training lies before the test here, so
        that is the only border there is.
    anchored : bool
        Train on all earlier episodes, not on the last `train` only.

    Raises
    ------
    BadParameter
        If a number is out of range, there are too few episodes, or they are not in order.
    """
    _check(episodes, embargo)
    _whole("train", train)
    _whole("test", test)
    if len(episodes) <= train:
        raise BadParameter(f"train={train} leaves none of {len(episodes)} episodes to test: train on fewer")
    splits = []
    for first in range(train, len(episodes), test):
        tested = range(first, min(first + test, len(episodes)))
        before = range(0 if anchored else first - train, first)
        splits.append(_split(episodes, before, tested, gap_before=embargo, gap_after=0))
    path = tuple((number, at) for at, split in enumerate(splits) for number in split.test)
    return Splits(tuple(splits), (path,))


def combinatorial_purged(
    episodes: Sequence[Episode], groups: int = 6, test_groups: int = 2, *, embargo: int
) -> Splits:
    """Splits by every choice of `test_groups` out of `groups` runs of episodes: C(N, k) splits, C(N, k) k / N paths.

    The groups are runs of episodes in order of time, as equal as can be, the larger first. Each group is tested in
    C(N − 1, k − 1) of the splits; path j joins, of every group, the j-th split that tests it. So every episode stands
    in every path once.

    Parameters
    ----------
    episodes : sequence of Episode
        K windows, by first row.
    groups, test_groups : int
        N, from 2, at most K; and k, from 1, below N.
    embargo : int
        Sessions after a test window in which no training window may begin.

    Raises
    ------
    BadParameter
        If a number is out of range, there are too few episodes, or they are not in order.

    References
    ----------
    López de Prado, M. (2018). Advances in Financial Machine Learning. Wiley: chapter 7 (purging and embargo), chapter
    12 (combinatorial splits, number of paths).
    """
    _check(episodes, embargo)
    _whole("groups", groups, least=2)
    _whole("test", test_groups)
    if test_groups >= groups:
        raise BadParameter(f"test={test_groups} of groups={groups} leaves nothing to train on: test fewer")
    if groups > len(episodes):
        raise BadParameter(
            f"groups={groups} of {len(episodes)} episodes: there must be at least one episode a group"
        )
    if comb(groups, test_groups) > MOST_SPLITS:
        raise BadParameter(
            f"{test_groups} of {groups} groups are {comb(groups, test_groups)} splits: at most {MOST_SPLITS} are made"
        )
    runs = _runs(len(episodes), groups)
    chosen = tuple(combinations(range(groups), test_groups))
    splits = []
    for tested in chosen:
        test = [number for group in tested for number in runs[group]]
        rest = [number for group in range(groups) if group not in tested for number in runs[group]]
        splits.append(_split(episodes, rest, test, gap_before=0, gap_after=embargo))
    return Splits(tuple(splits), _paths(runs, chosen))


def _paths(
    runs: Sequence[range], chosen: Sequence[tuple[int, ...]]
) -> tuple[tuple[tuple[int, int], ...], ...]:
    testing = [[at for at, tested in enumerate(chosen) if group in tested] for group in range(len(runs))]
    return tuple(
        tuple((number, testing[group][path]) for group, run in enumerate(runs) for number in run)
        for path in range(len(testing[0]))
    )


def _runs(count: int, groups: int) -> list[range]:
    """Numbers from 0 to before `count` as runs that differ in length by one at most."""
    short, longer = divmod(count, groups)
    starts = [group * short + min(group, longer) for group in range(groups + 1)]
    return [range(starts[group], starts[group + 1]) for group in range(groups)]


def _split(
    episodes: Sequence[Episode], rest: Iterable[int], test: Iterable[int], *, gap_before: int, gap_after: int
) -> Split:
    """Purge from `rest` whatever shares a row with a test window, or lies within a gap before or after one."""
    tested = tuple(test)
    # Of the test windows of one run only the hull matters, but there may be several runs: each window is looked at.
    barred = [(episodes[at].first - gap_before, episodes[at].last + gap_after) for at in tested]
    train: list[int] = []
    purged: list[int] = []
    for number in rest:
        window = episodes[number]
        near = any(window.first <= last and window.last >= first for first, last in barred)
        (purged if near else train).append(number)
    return Split(tuple(train), tested, tuple(purged))


def _check(episodes: Sequence[Episode], embargo: int) -> None:
    _whole("embargo", embargo, least=0)
    if any(later.first < earlier.first for earlier, later in pairwise(episodes)):
        raise BadParameter("the episodes are not in order of their first rows: sort them")


def _whole(name: str, value: int, least: int = 1) -> None:
    given: object = value
    if isinstance(given, bool) or not isinstance(given, int) or value < least:
        raise BadParameter(f"{name} is {value}: it must be a whole number from {least}")
