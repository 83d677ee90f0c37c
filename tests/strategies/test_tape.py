"""Prices, liquidity and costs as arrays: numbers worked out by hand."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import worlds
from pytest import approx

from strategies.costs import Costs
from strategies.tape import Tape, liquidity

ROWS = 30


def moving(count: int = ROWS) -> list[float]:
    """Closes that go up by a tenth and down by an eleventh in turn."""
    return [10.0 if row % 2 == 0 else 11.0 for row in range(count)]


def test_average_volume_is_of_the_bars_before_the_open():
    frame = worlds.bars([10.0, 20.0, 40.0])
    frame["volume"] = [100.0, 10.0, 1000.0]

    adv, _, price = liquidity(worlds.market({"AAA": frame}))

    # Before the third open: 1000 on the first session, 200 on the second.
    assert adv[0].tolist() == approx([0, 1000, 600])
    assert price[0].tolist() == approx([math.nan, 10, 20], nan_ok=True)


def test_average_volume_is_of_the_last_twenty_own_bars_and_a_missing_volume_counts_as_none():
    frame = worlds.bars([1.0] * ROWS)
    frame["volume"] = [1e9] * 3 + [100.0] * (ROWS - 3)
    frame.iloc[10, frame.columns.get_loc("volume")] = math.nan

    adv, _, _ = liquidity(worlds.market({"AAA": frame}))

    # Before row 23 the last twenty bars are rows 3 to 22, one of them without a volume.
    assert adv[0, 23] == approx(19 * 100 / 20)
    assert adv[0, 22] == approx((1e9 + 18 * 100) / 20)


def test_a_halted_name_keeps_what_was_known_of_it():
    frames = {"AAA": worlds.bars([10.0, 11.0, None, None, 12.0]), "BBB": worlds.bars([1.0] * 5)}

    adv, _, price = liquidity(worlds.market(frames))

    assert adv[0].tolist() == approx([0, 10e6, 10.5e6, 10.5e6, 10.5e6])
    assert price[0].tolist() == approx([math.nan, 10, 11, 11, 11], nan_ok=True)


def test_volatility_is_assumed_until_there_are_five_returns():
    _, volatility, _ = liquidity(worlds.market({"AAA": worlds.bars(moving())}))

    # Before row 6 six closes are known, and so five returns: 10 %, -1/11 …
    returns = [0.1, -1 / 11, 0.1, -1 / 11, 0.1]
    assert volatility[0, :6].tolist() == [0.05] * 6
    assert volatility[0, 6] == approx(np.std(returns, ddof=1))
    # Later on twenty, ten of each.
    assert volatility[0, -1] == approx(np.std([0.1, -1 / 11] * 10, ddof=1))


def test_nothing_older_than_twenty_one_own_bars_is_looked_at():
    first, other = worlds.bars(moving()), worlds.bars([50.0] * 5 + moving()[5:])

    for one, two in zip(*(liquidity(worlds.market({"AAA": frame})) for frame in (first, other))):
        assert one[0, 26:].tolist() == approx(two[0, 26:].tolist(), rel=1e-12)
    # Before row 25 the last of twenty returns is that of row 5, from the close of row 4.
    volatility = [liquidity(worlds.market({"AAA": frame}))[1][0, 25] for frame in (first, other)]
    assert volatility[0] < volatility[1]


def test_flat_slippage_has_no_impact():
    tape = Tape.of(worlds.market({"AAA": worlds.bars(moving())}), Costs(slippage_bps=30))

    assert set(tape.half_spread.ravel()) == {0.003}
    assert set(tape.impact.ravel()) == {0.0}


def test_slippage_by_liquidity_is_half_the_spread_and_impact_times_volatility():
    tape = Tape.of(worlds.market({"AAA": worlds.bars(moving())}), Costs(impact=2))

    # ADV about 10 million: 8 bp; before the first bar nothing is known: 250 bp.
    assert tape.half_spread[0, [0, 29]].tolist() == approx([0.025, 0.0008])
    assert tape.impact[0].tolist() == approx((2 * tape.volatility[0]).tolist())


def test_who_ceased_is_paid_its_value_on_the_row_after_its_last_bar():
    frames = {"AAA": worlds.bars([10.0, 11.0]), "BBB": worlds.bars([1.0] * 4), "CCC": worlds.bars([7.0, 8.0])}
    ended = {"AAA": date(2024, 1, 4), "CCC": date(2024, 1, 4)}

    tape = Tape.of(worlds.market(frames, listed_to=ended, terminal={"AAA": 2.5}), Costs())

    assert tape.end.tolist() == [2, -1, 2]
    # Unknown: the last close.
    assert tape.terminal.tolist() == [2.5, 1.0, 8.0]


def test_a_listing_in_other_money_pays_for_the_change():
    market = worlds.market({"AAA": worlds.bars([1.0, 1.0]), "BBB": worlds.bars([1.0, 1.0])})
    market.lives.loc["BBB", "currency"] = "AUD"

    tape = Tape.of(market, Costs(fee_bps=5, fx_bps=2))

    assert tape.fee.tolist() == approx([0.0005, 0.0007])


def test_days_are_counted_on_the_calendar():
    tape = Tape.of(worlds.market({"AAA": worlds.bars([1.0] * 5)}), Costs())

    # 2 January 2024 is a Tuesday: Friday the 5th, Monday the 8th.
    assert np.diff(tape.days).tolist() == [1, 1, 1, 3]


def test_bars_are_kept_by_symbol_and_what_is_missing_stays_missing():
    frames = {"AAA": worlds.bars([10.0, None, 12.0]), "BBB": worlds.bars([1.0] * 3)}

    bars = Tape.of(worlds.market(frames), Costs()).bars

    assert bars.shape == (2, 3, 4)
    assert np.isnan(bars[0, 1]).all()
    assert bars[0, 2].tolist() == [12.0] * 4
