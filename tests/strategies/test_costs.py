"""What a trade costs, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pytest import approx

from strategies.costs import Costs, half_spread
from universes.errors import BadParameter


@pytest.mark.parametrize(
    ("adv", "price", "bps"),
    [
        (60e6, 20.0, 3),
        (50e6, 20.0, 3),
        (49e6, 20.0, 8),
        (1e6, 5.0, 25),
        (999_999.0, 5.0, 75),
        (99_999.0, 100.0, 200),
        (0.0, 100.0, 200),
        # A cheap share has a wide spread whatever its volume.
        (60e6, 4.99, 15),
        (60e6, 0.99, 50),
        (60e6, 0.05, 250),
        (60e6, math.nan, 250),
        (99_999.0, 0.5, 200),
    ],
)
def test_the_half_spread_is_the_wider_of_what_volume_and_price_say(adv, price, bps):
    assert half_spread(np.array([adv]), np.array([price])).tolist() == approx([bps / 1e4])


def test_the_half_spread_keeps_the_shape_it_is_given():
    assert half_spread(np.zeros((3, 4)), np.ones((3, 4))).shape == (3, 4)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"fee_bps": 1000}, "fee_bps is 1000: it must be from 0 to below 1000"),
        ({"slippage_bps": -1}, "slippage_bps is -1"),
        ({"fx_bps": math.nan}, "fx_bps is nan"),
        ({"borrow_bps": 100_001}, "borrow_bps is 100001: it must be from 0 to 100000"),
        ({"impact": 11}, "impact is 11: it must be from 0 to 10"),
        ({"borrow_least_price": -0.1}, "borrow_least_price is -0.1: it must be 0 or more"),
        ({"borrow_least_adv": math.inf}, "borrow_least_adv is inf"),
    ],
)
def test_costs_that_cannot_be_meant_are_refused(given, said):
    with pytest.raises(BadParameter, match=said):
        Costs(**given)
