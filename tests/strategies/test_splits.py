"""Splits of episodes: no training window near a test, everything tested as often as stated, nothing purged in vain."""

from __future__ import annotations

from itertools import product
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies.splits import Episode, combinatorial_purged, walk_forward
from universes.errors import BadParameter

QUICK = settings(derandomize=True, deadline=None, max_examples=150)


@st.composite
def windows(draw, least=2, most=14):
    """Windows in order of their first rows; some overlap, some contain others, some begin together."""
    count = draw(st.integers(least, most))
    gaps = draw(st.lists(st.integers(0, 12), min_size=count, max_size=count))
    lengths = draw(st.lists(st.integers(0, 25), min_size=count, max_size=count))
    firsts = [sum(gaps[: at + 1]) for at in range(count)]
    return [Episode(first, first + length) for first, length in zip(firsts, lengths)]


def rows(episode: Episode) -> set[int]:
    return set(range(episode.first, episode.last + 1))


def after(episode: Episode, sessions: int) -> set[int]:
    return set(range(episode.last + 1, episode.last + sessions + 1))


def before(episode: Episode, sessions: int) -> set[int]:
    return set(range(episode.first - sessions, episode.first))


@QUICK
@given(windows(), st.data())
def test_combinations_purge_exactly_what_shares_a_session_with_a_test_or_begins_within_the_embargo(
    episodes, data
):
    groups = data.draw(st.integers(2, min(len(episodes), 6)))
    tested = data.draw(st.integers(1, groups - 1))
    embargo = data.draw(st.integers(0, 8))

    for split in combinatorial_purged(episodes, groups, tested, embargo=embargo).splits:
        assert sorted(split.train + split.test + split.purged) == list(range(len(episodes)))
        seen = set().union(*(rows(episodes[at]) for at in split.test))
        near = set().union(*(after(episodes[at], embargo) for at in split.test))
        for at in split.train:
            assert not rows(episodes[at]) & seen
            assert episodes[at].first not in near
        for at in split.purged:
            assert rows(episodes[at]) & seen or episodes[at].first in near


@QUICK
@given(windows(), st.data())
def test_a_walk_forward_purges_exactly_what_reaches_into_the_test_or_the_gap_before_it(episodes, data):
    train = data.draw(st.integers(1, len(episodes) - 1))
    test = data.draw(st.integers(1, 4))
    embargo = data.draw(st.integers(0, 8))
    anchored = data.draw(st.booleans())

    for split in walk_forward(episodes, train=train, test=test, embargo=embargo, anchored=anchored).splits:
        first = split.test[0]
        assert sorted(split.train + split.purged) == list(range(0 if anchored else first - train, first))
        barred = set().union(*(rows(episodes[at]) | before(episodes[at], embargo) for at in split.test))
        assert all(not rows(episodes[at]) & barred for at in split.train)
        assert all(rows(episodes[at]) & barred for at in split.purged)


@QUICK
@given(windows(), st.integers(1, 4), st.booleans())
def test_a_walk_forward_tests_every_episode_but_the_first_ones_once_and_in_order(episodes, test, anchored):
    train = len(episodes) // 2

    found = walk_forward(episodes, train=train, test=test, embargo=3, anchored=anchored)

    assert [at for split in found.splits for at in split.test] == list(range(train, len(episodes)))
    assert [len(split.test) for split in found.splits[:-1]] == [test] * (len(found.splits) - 1)
    (path,) = found.paths
    assert [at for at, _ in path] == list(range(train, len(episodes)))
    assert all(at in found.splits[split].test for at, split in path)


@QUICK
@given(windows(), st.data())
def test_every_choice_of_groups_is_tested_and_every_episode_stands_once_in_every_path(episodes, data):
    groups = data.draw(st.integers(2, min(len(episodes), 7)))
    tested = data.draw(st.integers(1, groups - 1))

    found = combinatorial_purged(episodes, groups, tested, embargo=0)

    assert len(found.splits) == comb(groups, tested)
    assert len(found.paths) == comb(groups, tested) * tested // groups
    assert len({split.test for split in found.splits}) == len(found.splits)
    for at in range(len(episodes)):
        assert sum(at in split.test for split in found.splits) == len(found.paths)
    for path in found.paths:
        assert [at for at, _ in path] == list(range(len(episodes)))
        assert all(at in found.splits[split].test for at, split in path)
    # No judgement is used twice: each of an episode's splits stands in one path.
    for at in range(len(episodes)):
        assert len({path[at] for path in found.paths}) == len(found.paths)


def apart(count: int) -> list[Episode]:
    """Windows far from one another."""
    return [Episode(100 * at, 100 * at + 10) for at in range(count)]


def test_six_groups_by_two_are_the_fifteen_splits_of_an_independent_enumeration():
    expected = set()
    for marks in product((False, True), repeat=6):
        if sum(marks) == 2:
            test = tuple(at for at in range(12) if marks[at // 2])
            expected.add((tuple(at for at in range(12) if at not in test), test, ()))

    found = combinatorial_purged(apart(12), 6, 2, embargo=5)

    assert {(split.train, split.test, split.purged) for split in found.splits} == expected
    assert len(found.splits) == 15


def test_the_second_of_five_paths_of_six_groups_is_the_one_of_the_book():
    # López de Prado (2018), chapter 12: path 2 joins (G1,S2), (G2,S6), (G3,S6), (G4,S7), (G5,S8), (G6,S9), from 1.
    found = combinatorial_purged(apart(6), 6, 2, embargo=0)

    assert len(found.paths) == 5
    assert [split + 1 for _, split in found.paths[1]] == [2, 6, 6, 7, 8, 9]


def test_groups_are_runs_of_equal_length_but_for_one():
    found = combinatorial_purged(apart(8), 3, 1, embargo=0)

    assert [split.test for split in found.splits] == [(0, 1, 2), (3, 4, 5), (6, 7)]


def test_an_episode_that_is_still_held_when_the_test_begins_is_not_trained_on():
    episodes = [Episode(0, 10), Episode(20, 41), Episode(40, 50), Episode(60, 70)]

    (split,) = walk_forward(episodes, train=2, test=2, embargo=0).splits

    assert (split.train, split.purged, split.test) == ((0,), (1,), (2, 3))


@pytest.mark.parametrize(("embargo", "purged"), [(8, ()), (9, (0,))])
def test_a_gap_of_the_embargo_lies_before_the_test_of_a_walk_forward(embargo, purged):
    # Rows 12 to 19 lie between: eight sessions. The ninth before the test is the last of the training window.
    episodes = [Episode(0, 11), Episode(20, 30)]

    (split,) = walk_forward(episodes, train=1, test=1, embargo=embargo).splits

    assert split.purged == purged


@pytest.mark.parametrize(("embargo", "purged"), [(4, ()), (5, (1,))])
def test_a_training_window_may_not_begin_within_the_embargo_after_a_test(embargo, purged):
    episodes = [Episode(0, 10), Episode(15, 20)]

    split = combinatorial_purged(episodes, 2, 1, embargo=embargo).splits[0]

    assert split.purged == purged


def test_the_embargo_of_combinations_does_not_reach_back():
    episodes = [Episode(0, 10), Episode(11, 20)]

    split = combinatorial_purged(episodes, 2, 1, embargo=50).splits[1]

    assert (split.train, split.test) == ((0,), (1,))


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (
            lambda: walk_forward(apart(4), train=4, test=1, embargo=0),
            "train=4 leaves none of 4 episodes to test",
        ),
        (
            lambda: walk_forward(apart(4), train=0, test=1, embargo=0),
            "train is 0: it must be a whole number from 1",
        ),
        (
            lambda: walk_forward(apart(4), train=2, test=0, embargo=0),
            "test is 0: it must be a whole number from 1",
        ),
        (
            lambda: walk_forward(apart(4), train=2, test=1, embargo=-1),
            "embargo is -1: it must be a whole number from 0",
        ),
        (
            lambda: walk_forward(apart(4)[::-1], train=2, test=1, embargo=0),
            "not in order of their first rows",
        ),
        (lambda: combinatorial_purged(apart(4), 5, 2, embargo=0), "groups=5 of 4 episodes"),
        (lambda: combinatorial_purged(apart(4), 3, 3, embargo=0), "leaves nothing to train on"),
        (
            lambda: combinatorial_purged(apart(4), 1, 1, embargo=0),
            "groups is 1: it must be a whole number from 2",
        ),
        (
            lambda: combinatorial_purged(apart(40), 30, 15, embargo=0),
            "155117520 splits: at most 5000 are made",
        ),
        (lambda: Episode(5, 4), "window 5 to 4"),
        (lambda: walk_forward([], train=1, test=1, embargo=0), "train=1 leaves none of 0 episodes to test"),
    ],
)
def test_what_cannot_be_divided_is_refused_in_one_line(made, said):
    with pytest.raises(BadParameter, match=r"^[^\n]+$") as refused:
        made()

    assert said in str(refused.value)
