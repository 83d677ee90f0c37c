"""The study agrees with one written a second time in plain loops."""

from __future__ import annotations

import pytest
from pytest import approx
from study_oracle import slow_study
from study_worlds import random_events, random_market

from strategies.event_study import study
from universes.exposure import exposures


@pytest.mark.parametrize("seed", range(6))
def test_every_number_agrees_with_a_slow_study_in_plain_loops(seed):
    market = random_market(seed, halts=0.04 if seed % 2 else 0.01)
    events = random_events(seed, market.members)
    exposed = [(item.event, item.symbol, item.sign) for item in exposures(events, market.universe)]
    window = (-10, 20) if seed < 4 else (-3, 6)

    found = study(market, events, window=window, estimation=90, gap=12, least_estimation=60)

    used, tests, path = slow_study(market, events, exposed, window, 90, 12, 60)
    assert sorted(zip(found.firm_events["event"], found.firm_events["symbol"])) == sorted(used)
    assert len(used) >= 5
    assert len(found.dropped) + len(used) == len(exposed)
    for test in found.windows:
        count, mean, t, p, low, high = tests[test.first, test.last]
        assert test.episodes == count
        if mean is not None:
            assert (test.mean, test.low, test.high) == approx((mean, low, high), abs=1e-12)
            assert (test.t, test.p) == approx((t, p), rel=1e-9, abs=1e-12)
    assert len(tests) == len(found.windows)
    for told, row in zip(path, found.path.itertuples(), strict=True):
        assert (row.abnormal, row.cumulative) == approx(told, abs=1e-12)
