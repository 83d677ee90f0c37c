"""Corrections for several tests: published numbers, the definitions in plain loops, and how often they are wrong."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from answers.multiplicity import REJECTED_BY_BONFERRONI, REJECTED_BY_RATE, THROMBOLYSIS
from hypothesis import given, settings
from hypothesis import strategies as some

from strategies.multiplicity import benjamini_hochberg, benjamini_yekutieli, bonferroni, holm, romano_wolf
from strategies.sign_flip import sign_flip

P = some.lists(some.floats(0, 1), min_size=1, max_size=12)


def test_the_published_example_rejects_four_by_the_rate_and_three_by_bonferroni():
    assert (benjamini_hochberg(THROMBOLYSIS) <= 0.05).sum() == REJECTED_BY_RATE
    assert (bonferroni(THROMBOLYSIS) <= 0.05).sum() == REJECTED_BY_BONFERRONI
    assert (holm(THROMBOLYSIS) <= 0.05).sum() == REJECTED_BY_BONFERRONI


def rejected_by_steps_up(p, level, factor=1.0):
    """The procedure as stated: the largest i with p(i) ≤ i level / (M factor), and all before it."""
    order = sorted(range(len(p)), key=lambda at: p[at])
    most = max((i for i, at in enumerate(order, 1) if p[at] <= i * level / (len(p) * factor)), default=0)
    return {order[i] for i in range(most)}


def rejected_by_steps_down(p, level):
    """Holm as stated: stop at the first p(i) > level / (M − i + 1)."""
    order, passed = sorted(range(len(p)), key=lambda at: p[at]), set()
    for i, at in enumerate(order):
        if p[at] > level / (len(p) - i):
            break
        passed.add(at)
    return passed


@given(P, some.floats(0.001, 0.5))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_adjusted_values_reject_what_the_procedures_reject(p, level):
    harmonic = sum(1 / i for i in range(1, len(p) + 1))
    # At the very level rounding decides.
    for found, stated in (
        (benjamini_hochberg(p), rejected_by_steps_up(p, level)),
        (benjamini_yekutieli(p), rejected_by_steps_up(p, level, harmonic)),
        (holm(p), rejected_by_steps_down(p, level)),
    ):
        if np.abs(found - level).min() > 1e-12:
            assert set(np.flatnonzero(found <= level).tolist()) == stated


@given(P)
@settings(max_examples=80, deadline=None, derandomize=True)
def test_none_is_below_its_p_and_missing_tests_count_for_nothing(p):
    for adjust in (bonferroni, holm, benjamini_hochberg, benjamini_yekutieli):
        found = adjust(p)
        assert (found >= np.array(p) * (1 - 1e-12)).all()
        assert (found <= 1).all()
        assert np.isnan(adjust([*p, float("nan")])[-1])
        assert adjust([*p, float("nan")])[:-1].tolist() == found.tolist()
    assert (holm(p) <= bonferroni(p) + 1e-15).all()


def walked(values):
    """Step-down max-T over all patterns of signs, one after the other."""

    def t(table):
        return [
            abs(c.mean()) / c.std(ddof=1) * len(c) ** 0.5 for c in (col[~np.isnan(col)] for col in table.T)
        ]

    real = t(values)
    patterns = [t(values * np.array(signs)[:, None]) for signs in product((1, -1), repeat=len(values))]
    order, found, least = sorted(range(len(real)), key=lambda at: -real[at]), {}, 0.0
    for step, at in enumerate(order):
        left = order[step:]
        share = np.mean([max(item[w] for w in left) >= real[at] * (1 - 1e-12) for item in patterns])
        least = max(least, share)
        found[at] = least
    return [found[at] for at in range(len(real))]


@pytest.mark.parametrize("seed", range(6))
def test_step_down_over_windows_is_that_of_all_patterns_walked(seed):
    random = np.random.default_rng(seed)
    values = random.normal(0.3, 1, (7, 1)) + random.normal(0, 0.7, (7, 4))
    values[0, 2] = np.nan

    assert romano_wolf(values) == pytest.approx(walked(values), abs=1e-12)


def test_one_window_alone_has_the_p_of_the_sign_flip():
    values = np.random.default_rng(5).normal(0.4, 1, 11)

    assert romano_wolf(values[:, None])[0] == pytest.approx(sign_flip(values).p, abs=1e-12)


def test_windows_without_numbers_or_spread_have_none_and_disturb_nothing():
    values = np.random.default_rng(6).normal(0.4, 1, (8, 2))
    more = np.column_stack([values, np.full(8, np.nan), np.zeros(8), np.full(8, 0.02)])

    found = romano_wolf(more)

    assert found[:2].tolist() == romano_wolf(values).tolist()
    assert np.isnan(found[2:]).all()
    assert np.isnan(romano_wolf(np.zeros((0, 3)))).all()


def test_drawn_patterns_are_close_to_all_of_them(monkeypatch):
    values = np.random.default_rng(7).normal(0.3, 1, (12, 3))
    exact = romano_wolf(values)
    monkeypatch.setattr("strategies.multiplicity.MOST_EXACT", 5)

    drawn = romano_wolf(values, draws=20_000)

    assert (np.abs(drawn - exact) < 4 * np.sqrt(exact * (1 - exact) / 20_000) + 1e-3).all()
    assert drawn.tolist() == romano_wolf(values, draws=20_000).tolist()


@pytest.mark.slow
def test_any_false_find_among_five_linked_windows_comes_once_in_twenty_studies():
    random = np.random.default_rng(8)
    false = 0
    for _ in range(2_000):
        values = random.standard_t(4, (10, 1)) + random.standard_t(4, (10, 5))
        false += (romano_wolf(values) <= 0.05).any()

    # Standard error √(0.05 × 0.95 / 2,000) = 0.0049.
    assert abs(false / 2_000 - 0.05) < 3 * 0.0049
