"""Price tags from bars up to a date: close as printed, traded value, drawdown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import worlds

from screener.prices import TAGS, price_tags
from universes.facts import Float


def tags(frames, on, **more):
    return price_tags(worlds.market(frames, **more), date.fromisoformat(on))


def test_tags_worked_out_by_hand():
    # Volume 1e6 a bar; sessions 2024-01-02, 03, 04, 05, 08.
    bars = worlds.bars([10, 12, 9, 11, 40], high=[10, 20, 9, 11, 40])

    found = tags({"AAA": bars}, "2024-01-05")

    # Mean of 10, 12, 9 and 11 million; 11 below the high of 20.
    assert found == {
        "AAA": {
            "close": 11.0,
            "adv_usd": pytest.approx(10.5e6),
            "adv_3m_usd": pytest.approx(10.5e6),
            "drawdown_52w": 11 / 20 - 1,
            # Four bars, and nobody counted the shares.
            "momentum_6m": None,
            "market_cap_usd": None,
            "float_usd": None,
        }
    }


def test_a_day_without_a_session_has_the_tags_of_the_last_one():
    bars = worlds.bars([10, 12, 9, 11, 40])

    # 2024-01-05 was a Friday.
    assert tags({"AAA": bars}, "2024-01-07") == tags({"AAA": bars}, "2024-01-05")
    assert tags({"AAA": bars}, "2024-01-08")["AAA"]["close"] == 40


def test_traded_value_is_of_the_last_twenty_bars_and_the_high_of_the_last_252():
    closes = [50.0] + [10.0] * 240 + [20.0] * 30
    market = worlds.market({"AAA": worlds.bars(closes)})

    # 271 bars: the 50 of the first is within 252 bars until bar 252 (row 251), and out of them from row 252 on.
    found = [price_tags(market, market.sessions[row].date())["AAA"] for row in (251, 252, 260, 270)]

    assert [item["drawdown_52w"] for item in found] == pytest.approx([20 / 50 - 1, 0, 0, 0])
    # Row 251 is the 11th bar at 20; row 260 the 20th.
    assert [item["adv_usd"] for item in found] == pytest.approx(
        [(9 * 10e6 + 11 * 20e6) / 20, (8 * 10e6 + 12 * 20e6) / 20, 20e6, 20e6]
    )


def test_traded_value_is_unknown_in_another_currency():
    market = worlds.market({"AAA": worlds.bars([10, 12])})
    market = replace(market, lives=market.lives.assign(currency="AUD"))

    found = price_tags(market, date(2024, 1, 3))["AAA"]

    known = {name for name, value in found.items() if value is not None}
    assert known == {"close", "drawdown_52w"}


def test_a_split_changes_neither_the_printed_close_nor_the_drawdown():
    # Printed 100, 120, then one old share for ten new: on today's basis 10, 12, 6.
    split = worlds.bars([10, 12, 6])
    split["split"] = [1.0, 1.0, 10.0]
    split["volume"] = [1e6, 1e6, 2e6]
    market = worlds.market({"AAA": split})

    before = price_tags(market, date(2024, 1, 3))["AAA"]
    after = price_tags(market, date(2024, 1, 4))["AAA"]

    assert before["close"] == pytest.approx(120)
    # As printed: 100 × 0.1 million and 120 × 0.1 million.
    assert before["adv_usd"] == pytest.approx((10e6 + 12e6) / 2)
    assert after["close"] == 6
    assert after["drawdown_52w"] == pytest.approx(6 / 12 - 1)


def test_a_name_without_a_bar_in_the_last_ten_sessions_has_no_tags():
    # AAA's last bar is row 1; row 10 has it in its last ten sessions, row 11 has not.
    frames = {"AAA": worlds.bars([10, 12] + [None] * 13), "BBB": worlds.bars([10.0] * 15)}
    market = worlds.market(frames)

    assert price_tags(market, market.sessions[10].date())["AAA"]["close"] == 12
    assert price_tags(market, market.sessions[11].date())["AAA"] == dict.fromkeys(TAGS)
    assert price_tags(market, market.sessions[11].date())["BBB"]["close"] == 10


def test_prices_that_ended_long_before_the_date_say_nothing_of_it():
    bars = {"AAA": worlds.bars([10, 12])}

    # The last bar is of 2024-01-03; 21 days later is the 24th.
    assert tags(bars, "2024-01-24")["AAA"]["close"] == 12
    assert tags(bars, "2024-01-25")["AAA"]["close"] is None


def test_before_the_first_bar_nothing_is_known():
    assert tags({"AAA": worlds.bars([10, 12])}, "2023-12-29")["AAA"]["close"] is None


def test_controls_have_no_tags():
    frames = {"AAA": worlds.bars([10, 12]), "CCC": worlds.bars([10, 12])}

    assert list(tags(frames, "2024-01-03", controls=["CCC"])) == ["AAA"]


def test_later_bars_change_nothing():
    closes = np.round(20 + 5 * np.sin(np.arange(300) / 9), 2).tolist()
    on = worlds.sessions(300)[280].date()
    short = worlds.market({"AAA": worlds.bars(closes[:281])}, facts={"floats": (counted(),)})
    wild = worlds.bars(closes[:281] + [1e4] * 19)
    wild.loc[wild.index[290], "dividend"] = 50.0
    facts = {"floats": (counted(),)}

    found = price_tags(worlds.market({"AAA": wild}, facts=facts), on)["AAA"]

    # A later dividend scales all adjusted prices alike: their ratio is the same but for the last bit.
    assert found == pytest.approx(price_tags(short, on)["AAA"], rel=1e-12)


def test_momentum_is_the_close_over_the_one_126_bars_before():
    closes = [8.0] + [10.0] * 125 + [12.0, 15.0]
    market = worlds.market({"AAA": worlds.bars(closes)})

    found = [price_tags(market, market.sessions[row].date())["AAA"]["momentum_6m"] for row in (125, 126, 127)]

    assert found == [None, pytest.approx(12 / 8 - 1), pytest.approx(15 / 10 - 1)]


def test_three_month_value_is_of_63_bars():
    closes = [100.0] + [10.0] * 62 + [31.0]
    market = worlds.market({"AAA": worlds.bars(closes)})

    found = [price_tags(market, market.sessions[row].date())["AAA"]["adv_3m_usd"] for row in (62, 63)]

    # A million shares a bar: with the bar at 100, and without it but with that at 31.
    assert found == pytest.approx([(100 + 62 * 10) / 63 * 1e6, (62 * 10 + 31) / 63 * 1e6])


def counted(**more):
    values = {"on": date(2024, 1, 2), "shares_outstanding": 50e6, "float_low": 0.5, "float_high": 0.75}
    return worlds.fact(Float, company="aaa", method="filing", **(values | more))


def test_size_is_the_printed_close_times_the_shares_counted():
    market = worlds.market({"AAA": worlds.bars([10, 12, 9])}, facts={"floats": (counted(),)})

    found = price_tags(market, date(2024, 1, 4))["AAA"]

    # 9 × 50 million, and the middle of 0.5 and 0.75 of it.
    assert (found["market_cap_usd"], found["float_usd"]) == pytest.approx((450e6, 450e6 * 0.625))


def test_size_counts_the_new_shares_of_a_split_after_the_count_and_not_of_one_before():
    # One old share for ten new on 2024-01-04; on that basis 10, 12, 6, so printed 120 on the day before.
    bars = worlds.bars([10, 12, 6]).assign(split=[1.0, 1.0, 10.0])
    before = worlds.market({"AAA": bars}, facts={"floats": (counted(),)})
    after = worlds.market({"AAA": bars}, facts={"floats": (counted(on=date(2024, 1, 4)),)})

    sizes = [
        price_tags(market, on)["AAA"]["market_cap_usd"]
        for market, on in [
            (before, date(2024, 1, 3)),
            (before, date(2024, 1, 4)),
            (after, date(2024, 1, 4)),
        ]
    ]

    assert sizes == pytest.approx([120 * 50e6, 6 * 500e6, 6 * 50e6])


def test_size_is_unknown_until_the_count_is_known_and_without_a_float_share():
    facts = {"floats": (counted(known_from=date(2024, 1, 4), float_low=None, float_high=None),)}
    market = worlds.market({"AAA": worlds.bars([10, 12, 9])}, facts=facts)

    early, late = (price_tags(market, on)["AAA"] for on in (date(2024, 1, 3), date(2024, 1, 4)))

    assert (early["market_cap_usd"], early["float_usd"]) == (None, None)
    assert (late["market_cap_usd"], late["float_usd"]) == (pytest.approx(450e6), None)
