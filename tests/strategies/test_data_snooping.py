"""Superior ability over many sets: noise is called skill once in twenty, skill is found, and too little is said."""

from __future__ import annotations

import numpy as np
import pytest

from strategies.data_snooping import superior_ability


def test_a_set_with_skill_is_found_and_named():
    returns = np.random.default_rng(0).normal(0, 0.01, (300, 12))
    returns[:, 4] += 0.004

    found = superior_ability(returns, seed=1)

    assert found.consistent < 0.01
    assert found.better == (4,)
    assert found.lower <= found.consistent <= found.upper


def test_noise_is_not():
    found = superior_ability(np.random.default_rng(3).normal(0, 0.01, (300, 12)))

    assert found.consistent > 0.05
    assert found.better == ()


def test_a_benchmark_that_does_as_well_takes_the_skill_away():
    common = np.random.default_rng(2).normal(0.004, 0.01, 300)
    returns = common[:, None] + np.random.default_rng(4).normal(0, 0.003, (300, 5))

    assert superior_ability(returns).consistent < 0.01
    assert superior_ability(returns, common).consistent > 0.05


def test_sets_that_never_move_or_lack_a_period_are_left_out_and_counted():
    returns = np.random.default_rng(5).normal(0, 0.01, (60, 4))
    returns[:, 0] = 0.001
    returns[7, 2] = np.nan

    found = superior_ability(returns)

    assert (found.sets, found.left_out) == (2, 2)


@pytest.mark.parametrize("shape", [(9, 3), (40, 0)])
def test_too_little_is_a_sentence(shape):
    found = superior_ability(np.random.default_rng(6).normal(size=shape))

    assert found.consistent is None
    assert "it takes one and 10" in found.reason


@pytest.mark.slow
def test_noise_is_called_skill_once_in_twenty():
    random = np.random.default_rng(7)
    studies = 300
    called = sum(
        superior_ability(random.normal(0, 0.01, (200, 20)), draws=299, block=1).consistent <= 0.05
        for _ in range(studies)
    )

    # Standard error √(0.05 × 0.95 / 300) = 0.0126.
    assert abs(called / studies - 0.05) < 3 * 0.0126
