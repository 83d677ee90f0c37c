"""From quotes to a market: adjusted prices, printed prices, shared sessions, ends of lives."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
import worlds
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx

import universes
from universes.assemble import adjusted, summarise_missing
from universes.errors import BadData, BadDate, UnknownName
from universes.panel import Missing
from universes.quotes import Quotes


def frame(close, dividend=None, split=None, adjusted_close=None):
    bars = worlds.bars(close)
    if dividend:
        bars["dividend"] = dividend
    if split:
        bars["split"] = split
    if adjusted_close:
        bars["adjusted_close"] = adjusted_close
    return bars


@pytest.mark.parametrize(
    ("dividend", "close", "factor"),
    [(1.096196, 44.35, 0.975283), (3.9278, 123.64, 0.968232), (1.08, 27.52, 0.960756)],
    ids=["BHP March 2024", "RIO March 2024", "FMG February 2024"],
)
def test_the_factor_of_a_dividend_is_one_minus_it_over_the_previous_close(dividend, close, factor):
    # Dividends and last closes before the ex-date as announced to the ASX; the factors are Yahoo's.
    prices = adjusted(frame([close, close], dividend=[0, dividend]))

    assert prices["close"].iloc[0] / close == approx(factor, abs=1e-6)
    assert prices["close"].iloc[1] == close


def test_the_last_price_is_never_adjusted_and_returns_include_the_dividend():
    prices = adjusted(frame([10, 9, 9.9], dividend=[0, 1, 0]))

    # On the ex-date the price fell by the dividend: the return is 0.
    assert prices["close"].pct_change().tolist()[1:] == approx([0.0, 0.1])
    assert prices["traded_close"].tolist() == [10, 9, 9.9]


def test_a_split_changes_what_was_printed_not_the_returns():
    prices = adjusted(frame([5, 5.5, 5.5], split=[1, 2, 1]))

    # Quotes are split-adjusted: before two for one, 10 was printed.
    assert prices["traded_close"].tolist() == [10, 5.5, 5.5]
    assert prices["close"].tolist() == [5, 5.5, 5.5]
    assert prices["volume"].tolist() == [5e5, 1e6, 1e6]


def test_the_vendors_own_adjustment_is_used_where_it_gives_no_dividends():
    prices = adjusted(frame([10, 9, 9.9], adjusted_close=[9, 9, 9.9]))

    assert prices["close"].tolist() == approx([9, 9, 9.9])
    assert prices["open"].tolist() == approx([9, 9, 9.9])


@given(st.lists(st.floats(1, 100), min_size=3, max_size=20), st.floats(0, 0.9))
@settings(max_examples=50, deadline=None, derandomize=True)
def test_any_dividend_keeps_total_returns_of_an_owner(closes, yield_):
    dividend = [0.0, closes[0] * yield_, *[0.0] * (len(closes) - 2)]

    prices = adjusted(frame(closes, dividend=dividend))

    # One share, its dividend reinvested at the ex-date's opening value (previous close less dividend).
    shares = 1 / (1 - yield_)
    assert prices["close"].iloc[-1] / prices["close"].iloc[0] == approx(
        shares * closes[-1] / closes[0], rel=1e-9
    )


def test_sessions_are_the_union_and_a_closed_exchange_has_no_bar():
    market = worlds.market(
        {
            "AAA": worlds.bars([1, 2, 3], start="2024-07-02"),
            "LYC.AX": worlds.bars([5, 6, 7, 8], start="2024-07-02", calendar="XASX"),
        },
        exchange={"LYC.AX": "XASX"},
    )

    assert market.sessions.strftime("%m-%d").tolist() == ["07-02", "07-03", "07-04", "07-05"]
    assert market.close["AAA"].isna().tolist() == [False, False, True, False]


def test_no_bar_is_lost_to_the_holidays_of_another_exchange():
    frames = {
        "AAA": worlds.bars([1.0] * 250),
        "LYC.AX": worlds.bars([1.0] * 250, calendar="XASX"),
        "RIO.L": worlds.bars([1.0] * 250, calendar="XLON"),
    }

    market = worlds.market(frames, exchange={"LYC.AX": "XASX", "RIO.L": "XLON"})

    shared = frames["AAA"].index.intersection(frames["LYC.AX"].index).intersection(frames["RIO.L"].index)
    assert market.close.notna().sum().tolist() == [250, 250, 250]
    assert len(shared) < 250 < len(market.sessions)


def test_bars_of_closed_days_are_left_out_and_said_and_touch_no_other_bar():
    # New Year's Day and a Saturday, on which New York is closed.
    wrong = worlds.bars([1.0, 2.0]).rename(index={pd.Timestamp("2024-01-03"): pd.Timestamp("2024-01-06")})
    shut = worlds.bars([9.0]).rename(index={pd.Timestamp("2024-01-02"): pd.Timestamp("2024-01-01")})

    market = worlds.market({"AAA": worlds.bars([5, 6, 7]), "BBB": wrong, "CCC": shut})

    assert market.close["BBB"].dropna().tolist() == [1.0]
    assert [(item.symbol, item.on, item.gate) for item in market.findings] == [
        ("BBB", "2024-01-06", "closed-day"),
        ("CCC", "2024-01-01", "closed-day"),
    ]
    assert [item.symbol for item in market.missing] == ["CCC"]


def test_a_source_that_answers_for_a_symbol_nobody_asked_for_is_refused():
    def pushy(request):
        return Quotes({"EVIL": worlds.bars([1.0])}, "real", {})

    with pytest.raises(BadData, match="EVIL: the source answers for a symbol it was not asked for"):
        universes.market(universes.load("rare-earths"), source=pushy)


def test_a_life_ends_on_the_row_after_its_last_bar_only_when_the_facts_say_so():
    frames = {"AAA": worlds.bars([1, 2]), "BBB": worlds.bars([1, 2]), "CCC": worlds.bars([1, 2, 3, 4])}

    market = worlds.market(frames, listed_to={"AAA": date(2024, 1, 4)})

    # BBB has no prices either, but nobody says it died: it is not paid out.
    assert market.lives["end"].to_dict() == {"AAA": 2, "BBB": -1, "CCC": -1}


def test_the_hash_follows_the_content_and_not_the_order():
    frames = {"AAA": worlds.bars([1, 2]), "BBB": worlds.bars([3, 4])}

    same = worlds.market(dict(reversed(frames.items())))
    other = worlds.market(frames | {"BBB": worlds.bars([3, 4.0000001])})

    assert worlds.market(frames).hash == same.hash != other.hash


def test_tables_are_handed_out_so_that_writing_into_them_changes_nothing():
    market = worlds.market({"AAA": worlds.bars([1, 2])})

    handed_out = market.close
    handed_out.iloc[0, 0] = 99.0

    assert market.close.iloc[0, 0] == 1.0


def test_an_unknown_source_is_refused_with_the_nearest():
    with pytest.raises(UnknownName, match="no source named 'simulate'; did you mean 'simulated'"):
        universes.market(universes.load(), source="simulate")


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        ({"start": "tomorrow"}, "start: 'tomorrow' is not a date: write YYYY-MM-DD"),
        ({"start": "2024-02-30"}, "start: '2024-02-30' is not a day of the calendar"),
        ({"start": "2020-01-01", "end": "2019-01-01"}, "swap them"),
        ({"start": "1999-01-01"}, "2010-01-04"),
    ],
)
def test_a_date_that_cannot_be_is_refused_with_the_mend(dates, said):
    with pytest.raises(BadDate, match=said):
        universes.market(universes.load(), **dates)


def test_controls_are_not_members():
    market = worlds.market({"AAA": worlds.bars([1, 2]), "ZZZ": worlds.bars([1, 2])}, controls=["ZZZ"])

    assert market.members == ("AAA",)
    assert market.symbols == ("AAA", "ZZZ")
    assert pd.Series(market.lives["control"]).to_dict() == {"AAA": False, "ZZZ": True}


def test_who_has_no_prices_is_said_with_the_reason_once():
    missing = (
        Missing("MP", "no file MP.csv in prices"),
        Missing("MCP", "traded 2010-07-29 to 2015-06-25, and on no session from 2024-01-01 to 2024-06-01"),
        Missing("LYC.AX", "no file LYC.AX.csv in prices"),
    )

    assert summarise_missing(missing).splitlines() == [
        "2 without prices, no file SYMBOL.csv in prices: MP, LYC.AX",
        "1 without prices, on no session from 2024-01-01 to 2024-06-01: MCP",
    ]
    assert summarise_missing(()) == ""
