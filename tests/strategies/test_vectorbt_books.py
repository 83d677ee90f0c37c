"""vectorbt must book what was written, to a billionth of the money at the start."""

from __future__ import annotations

import numpy as np
import pytest
import worlds

from strategies.book import ENTRY_OPEN, Fill
from strategies.vectorbt_books import check_booked, keep_books

FILL = Fill(1332, ENTRY_OPEN, 115, True, 5.914200973038963, 19.8062, 0.0025, 0.0005, 0.0, "rebalance", "")
PLACE = (3 * 1332 + ENTRY_OPEN, 81)


def booked(size, place=PLACE):
    row = (*place, size, 19.8557155)
    return np.array([row], dtype=[("idx", "i8"), ("col", "i8"), ("size", "f8"), ("price", "f8")])


def test_the_last_of_the_cash_may_be_cut_by_rounding():
    # 1.1e-8 shares at 19.86 are 2e-7 of a currency unit, of a million.
    check_booked(booked(5.914200962207651), {PLACE: FILL}, 1e6)


def test_a_cut_beyond_rounding_is_refused():
    # 0.0002 shares at 19.86 are 0.004, four billionths of a million.
    with pytest.raises(RuntimeError, match="5.914"):
        check_booked(booked(5.9140), {PLACE: FILL}, 1e6)


def test_an_order_in_another_place_is_refused():
    with pytest.raises(RuntimeError, match="None was written"):
        check_booked(booked(5.9142, place=(0, 81)), {PLACE: FILL}, 1e6)


def test_a_missing_order_is_refused():
    with pytest.raises(RuntimeError, match="booked 0 orders where 1 were written"):
        check_booked(booked(1.0)[:0], {PLACE: FILL}, 1e6)


def test_the_adapter_to_quantstats_is_there_when_it_is_asked_for():
    market = worlds.market({"AAA": worlds.bars([10, 11, 12, 11, 13, 12])})

    portfolio = keep_books((), market, 1000.0).portfolio

    assert portfolio.qs.comp() == pytest.approx(0.0)
