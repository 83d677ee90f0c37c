"""Sign flips: every pattern counted, against a walk through all of them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from strategies.sign_flip import MOST_EXACT, sign_flip, sign_flip_many

NUMBERS = some.floats(-0.5, 0.5, allow_subnormal=False)


def walked(values) -> float:
    """Share of all patterns with a sum as far from zero, one after the other."""
    bar = abs(sum(values)) - 1e-12 * sum(map(abs, values))
    patterns = list(product((1, -1), repeat=len(values)))
    far = sum(abs(sum(s * v for s, v in zip(signs, values, strict=True))) >= bar for signs in patterns)
    return far / len(patterns)


@given(some.lists(NUMBERS, min_size=6, max_size=10))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_all_patterns_are_counted(values):
    found = sign_flip(values)

    if any(values):
        assert found.p == walked(values)
        assert found.exact
        assert found.flips == 2 ** len(values)
    else:
        assert found.reason == "all episodes are zero"


def test_six_dates_that_all_moved_one_way_give_the_least_p():
    # Of 64 patterns only all plus and all minus are as far: 2 / 64.
    found = sign_flip([0.01, 0.02, 0.03, 0.01, 0.02, 0.05])

    assert found.p == found.least == 2 / 64


def test_halves_of_equal_numbers_are_equal():
    # Sums of 1, 1, 1, 1, -1, -1 are 2; of 64 patterns 20 sum to 0, and 44 are as far as 2.
    assert sign_flip([1, 1, 1, 1, -1, -1]).p == 44 / 64


@pytest.mark.parametrize("count", range(6))
def test_below_six_dates_there_is_no_p_and_it_says_what_could_be(count):
    found = sign_flip([0.01] * count)

    assert found.p is None
    if count:
        assert found.reason == (
            f"not to be had below 6 dates: {count} can give no p below {2.0 ** (1 - count):.3g}"
        )
        assert found.least == 2.0 ** (1 - count)
    else:
        assert found.reason == "no episode has a value"


def test_missing_values_are_left_out():
    values = [0.01, 0.02, -0.03, 0.01, 0.02, 0.05]

    assert sign_flip([*values, float("nan")]) == sign_flip(values)


@given(some.lists(NUMBERS.filter(lambda item: abs(item) > 1e-6), min_size=6, max_size=12), some.randoms())
@settings(max_examples=40, deadline=None, derandomize=True)
def test_order_scale_and_direction_do_not_matter(values, random):
    p = sign_flip(values).p
    shuffled = list(values)
    random.shuffle(shuffled)

    assert sign_flip(shuffled).p == p
    assert sign_flip([-item for item in values]).p == p
    assert sign_flip([8 * item for item in values]).p == p
    assert 0 < p <= 1


def test_forty_dates_are_counted_exactly_and_more_are_drawn():
    random = np.random.default_rng(0)
    values = random.normal(0.3, 1, MOST_EXACT)
    exact, drawn = sign_flip(values), sign_flip(np.append(values, 1e-13))

    assert exact.exact
    assert exact.flips == 2**40
    assert not drawn.exact
    # 9,999 draws of a share p have a standard error of √(p(1 − p)/9,999); four of them.
    assert abs(drawn.p - exact.p) < 4 * np.sqrt(exact.p * (1 - exact.p) / 9_999)
    assert drawn == sign_flip(np.append(values, 1e-13))
    assert drawn != sign_flip(np.append(values, 1e-13), seed=1)


def test_many_sets_at_once_are_the_same_as_one_by_one_where_all_patterns_are_few():
    values = np.random.default_rng(1).normal(0.2, 1, (30, 9))

    assert sign_flip_many(values).tolist() == [sign_flip(row).p for row in values]


def test_many_sets_of_many_dates_are_close_to_the_exact_share():
    values = np.random.default_rng(2).normal(0.2, 1, (20, 16))

    drawn, exact = sign_flip_many(values, draws=4_999), np.array([sign_flip(row).p for row in values])

    assert (np.abs(drawn - exact) < 4 * np.sqrt(exact * (1 - exact) / 4_999) + 2 / 5_000).all()


def test_one_study_in_twenty_without_an_effect_is_called_unusual_even_with_wild_dates():
    random = np.random.default_rng(3)
    values = random.standard_t(3, (4_000, 12)) * np.array([5.0, *[1.0] * 11])

    share = (sign_flip_many(values, draws=1_999) <= 0.05).mean()

    # Standard error of 4,000 studies: √(0.05 × 0.95 / 4,000) = 0.0034.
    assert abs(share - 0.05) < 4 * 0.0034
