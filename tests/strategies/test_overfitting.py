"""The choice among many sets: published numbers, plain loops, and what it says of noise and of skill."""

from __future__ import annotations

from itertools import combinations
from math import log

import numpy as np
import pytest
import r_random
from answers import overfitting as published
from pytest import approx

from strategies.overfitting import probability_of_overfitting
from universes.errors import BadParameter


def test_r_draws_what_r_draws():
    # The numbers of set.seed(1); rnorm(3), printed in countless R pages.
    assert r_random.normals(1, 3) == approx([-0.6264538, 0.1836433, -0.8356286], abs=5e-8)


def test_the_r_package_finds_half_on_its_own_example():
    drawn = r_random.normals(published.R_SEED, published.R_PERIODS * published.R_SETS)
    returns = drawn.reshape(published.R_PERIODS, published.R_SETS) - published.R_RISKLESS

    found = probability_of_overfitting(returns, blocks=published.R_BLOCKS, null=False)

    assert found.splits == published.R_SPLITS
    assert found.probability == published.R_PROBABILITY


def walked(returns, blocks, measure):
    """The procedure, split by split."""
    parts = np.array_split(np.arange(len(returns)), blocks)
    logits = []
    for chosen in combinations(range(blocks), blocks // 2):
        inside = np.concatenate([parts[at] for at in chosen])
        outside = np.concatenate([parts[at] for at in range(blocks) if at not in chosen])
        best = max(range(returns.shape[1]), key=lambda at: measure(returns[inside, at]))
        results = [measure(returns[outside, at]) for at in range(returns.shape[1])]
        rank = (
            sum(item < results[best] for item in results)
            + (sum(item == results[best] for item in results) + 1) / 2
        )
        share = rank / (len(results) + 1)
        logits.append(log(share / (1 - share)))
    return logits


def sharpe(values):
    known = values[np.isfinite(values)]
    return known.mean() / known.std(ddof=1)


@pytest.mark.parametrize(
    ("name", "measure"), [("sharpe", sharpe), ("mean", lambda values: values[np.isfinite(values)].mean())]
)
@pytest.mark.parametrize("seed", range(3))
def test_every_split_is_judged_as_the_procedure_says(name, measure, seed):
    random = np.random.default_rng(seed)
    returns = random.normal(0, 0.01, (48, 7))
    returns[random.random(returns.shape) < 0.1] = np.nan

    found = probability_of_overfitting(returns, blocks=6, measure=name, null=False)

    wanted = walked(returns, 6, measure)
    assert found.logits == approx(wanted, abs=1e-9)
    assert found.probability == np.mean(np.array(wanted) <= 0)


def test_noise_lies_within_its_range_and_skill_far_below():
    random = np.random.default_rng(1)
    noise = random.normal(0, 0.01, (400, 20))
    skilled = noise.copy()
    skilled[:, 3] += 0.003

    plain, able = (probability_of_overfitting(table, blocks=8) for table in (noise, skilled))

    assert plain.low < 0.45 < 0.55 < plain.high
    assert plain.low <= plain.probability <= plain.high
    assert able.probability < able.low
    assert able.probability < 0.02


def test_sets_that_never_moved_or_have_no_return_are_not_judged():
    random = np.random.default_rng(2)
    returns = random.normal(0, 0.01, (64, 5))
    more = np.column_stack([returns, np.zeros(64), np.full(64, 0.01), np.full(64, np.nan)])

    one, other = (probability_of_overfitting(table, blocks=8, null=False) for table in (returns, more))

    assert one.probability == other.probability
    assert other.sets == 5


@pytest.mark.parametrize("shape", [(40, 0), (40, 1), (3, 5), (0, 5)])
def test_too_little_is_a_sentence(shape):
    found = probability_of_overfitting(np.random.default_rng(0).normal(size=shape))

    assert found.probability is None
    assert "it takes 2 and 4" in found.reason


@pytest.mark.parametrize("given", [{"blocks": 7}, {"blocks": 0}, {"measure": "luck"}])
def test_wrong_settings_are_refused(given):
    with pytest.raises(BadParameter):
        probability_of_overfitting(np.ones((9, 3)), **given)
