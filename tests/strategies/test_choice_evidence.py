"""Evidence of a choice among sets: of skill, of noise, and of too many or too few."""

from __future__ import annotations

import json

import numpy as np
import pytest

from strategies.choice_evidence import MOST_SETS, choice_evidence
from strategies.data_snooping import superior_ability
from strategies.episode_returns import EpisodeReturns
from strategies.overfitting import probability_of_overfitting
from strategies.splits import Episode


def returns(values):
    """Of P sets in K episodes."""
    count = values.shape[1]
    episodes = tuple(Episode(10 * at, 10 * at + 5) for at in range(count))
    return EpisodeReturns(
        episodes, tuple((f"e{at}",) for at in range(count)), values, np.ones(values.shape, dtype=int)
    )


def test_a_set_with_skill_is_told_from_the_others():
    values = np.random.default_rng(0).normal(0, 0.02, (12, 48))
    values[5] += 0.02

    found = choice_evidence(returns(values))

    assert found.overfitting.probability < 0.05
    assert found.ability.better == (5,)
    assert "one set is better than cash" in str(found)


def test_noise_is_called_noise():
    found = choice_evidence(returns(np.random.default_rng(1).normal(0, 0.02, (12, 48))))

    assert found.ability.consistent > 0.05
    assert "no set is better than cash once all are allowed for" in str(found)
    assert found.overfitting.low <= found.overfitting.probability <= found.overfitting.high
    shares = [found.overfitting.probability, found.overfitting.low, found.overfitting.high]
    seen, low, high = (f"{100 * share:.0f} %" for share in shares)
    assert f"in {seen} of 12,870 splits (probability of backtest overfitting, PBO)" in str(found)
    assert f"without any skill it lies between {low} and {high}." in str(found)


def test_an_episode_without_a_trade_is_cash_and_no_rank():
    values = np.random.default_rng(2).normal(0, 0.02, (6, 32))
    values[0, ::3] = np.nan

    found = choice_evidence(returns(values))

    wanted = superior_ability(np.nan_to_num(values.T), block=1)
    assert found.ability == wanted
    assert found.overfitting.probability == probability_of_overfitting(values.T, measure="mean").probability


@pytest.mark.parametrize("shape", [(1, 30), (6, 3), (MOST_SETS + 1, 2)])
def test_too_few_or_too_many_are_sentences_and_plain_data(shape):
    found = choice_evidence(returns(np.random.default_rng(3).normal(0, 0.02, shape)))

    assert found.overfitting.probability is None
    assert "n/a" in str(found)
    assert json.loads(json.dumps(found.as_dict()))["overfitting"]["reason"]
