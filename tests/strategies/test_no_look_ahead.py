"""No strategy of the library looks ahead: what comes after a row moves no decision up to it by a bit."""

from __future__ import annotations

import numpy as np
import pytest
from busy_worlds import decide, decisions_until, replaced_after, world

from strategies.catalog import make, names
from strategies.library.random_dates import moved
from strategies.plan import Entries, Entry, Exits
from strategies.reactions import reactions

CHOICES = {
    "basket": [{"top": "2", "keep": "4", "every": "month"}, {"top": "3", "keep": "5", "weighting": "score"}],
    "chase": [{}, {"delay": "3", "leave_on_opposite": "true", "min_pop": "0.01"}],
    "equal_weight": [{}],
    "fade": [{"min_pop": "0"}, {"how": "trim", "hold": "7", "min_pop": "0"}, {"how": "trim", "hold": "none"}],
    "momentum": [
        {"lookback": "20", "skip": "5", "top": "3"},
        {"lookback": "20", "skip": "5", "kind": "time-series", "target_volatility": "0.3"},
        {"lookback": "20", "skip": "5", "top": "2", "event_window": "20", "target_volatility": "0.2"},
    ],
    "pullback": [
        {"depth": "0.04"},
        {"depth": "1", "depth_unit": "atr", "stages": "3", "leave_on_opposite": "true"},
        {"depth": "1.5", "depth_unit": "volatility", "wait": "8", "max_pop": "0.1", "stages": "2"},
    ],
    "random_dates": [
        {"of": "pullback", "depth": "0.04", "seed": "1", "leave_on_opposite": "true"},
        {"of": "momentum", "lookback": "20", "skip": "5", "event_window": "20", "seed": "2"},
        {"of": "fade", "how": "trim", "min_pop": "0"},
    ],
}
EVERY = [(name, parameters) for name, choices in CHOICES.items() for parameters in choices]


def made(name, parameters):
    """A strategy, and when its events become known: for a placebo on the dates they are moved to."""
    strategy = make(name, parameters)
    if name != "random_dates":
        return strategy, lambda given: given.events
    return strategy, lambda given: moved(given.events, given.market, strategy.seed)


def leaks(strategy, calendar=lambda given: given.events, seeds=range(2), cuts=6):
    """Whether another future changes a decision, at random rows and at those of the reactions."""
    for seed in seeds:
        given = world(seed)
        random = np.random.default_rng(seed)
        rows = [*random.integers(30, len(given.market.sessions) - 2, cuts)]
        rows += [*random.choice(reactions(given.market, given.events).row, cuts)]
        for number, row in enumerate(rows):
            future = replaced_after(given, int(row), number, lambda _, given=given: calendar(given))
            if decisions_until(strategy, given, row) != decisions_until(strategy, future, row):
                return True
    return False


def test_every_strategy_of_the_library_is_tried():
    assert set(CHOICES) == set(names())


@pytest.mark.parametrize(("name", "parameters"), EVERY, ids=str)
def test_another_future_changes_no_decision(name, parameters):
    strategy, calendar = made(name, parameters)

    assert not leaks(strategy, calendar)


@pytest.mark.parametrize(("name", "parameters"), EVERY, ids=str)
def test_each_decides_something_in_the_worlds_that_try_it(name, parameters):
    decided = decide(made(name, parameters)[0], world(0))

    if isinstance(decided, Entries):
        assert len(decided.entries) >= 10
    else:
        assert (decided.table > 0).any(axis=1).sum() >= 3


def entries_where(table, symbols):
    """A purchase for each yes of a table."""
    return Entries(
        tuple(
            Entry(int(row), symbols[column], "", Exits(hold=1))
            for row, column in zip(*np.nonzero(table.to_numpy()))
        )
    )


class Peeks:
    """Buys where the next close is higher."""

    def plan(self, market, events, eligible):
        return entries_where(market.close.shift(-1) > market.close, market.symbols)


class FullSample:
    """A threshold over the whole sample, which cutting the data alone would miss."""

    def plan(self, market, events, eligible):
        changes = market.close.pct_change(fill_method=None)
        return entries_where(changes > changes.stack().dropna().quantile(0.95), market.symbols)


class KnowsTheNews:
    """Buys on the row before the reaction."""

    def plan(self, market, events, eligible):
        found = reactions(market, events)
        return Entries(
            tuple(
                Entry(int(row) - 1, market.symbols[column], found.events[event], Exits(hold=1))
                for row, column, event in zip(found.row, found.column, found.event)
            )
        )


class LeavesEarly:
    """Leaves on the row before a headwind is known."""

    def plan(self, market, events, eligible):
        found = reactions(market, events)
        return Entries(
            tuple(
                Entry(int(row), market.symbols[column], "", Exits(hold=1), leave_after=int(opposite) - 1)
                for row, column, opposite in zip(found.row, found.column, found.opposite)
                if opposite > row
            )
        )


class TomorrowsScores:
    """Holds what will score best tomorrow."""

    def plan(self, market, events, eligible, scores):
        return entries_where(scores.shift(-1) > 90, market.symbols)


@pytest.mark.parametrize("planted", [Peeks(), FullSample(), KnowsTheNews(), LeavesEarly(), TomorrowsScores()])
def test_a_planted_look_ahead_is_caught(planted):
    assert leaks(planted)
