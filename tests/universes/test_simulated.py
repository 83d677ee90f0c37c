"""The simulated source on hand-made listings: determinism, independence, cuts, bars, lives, refusals."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
import worlds
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import listing

from universes.errors import BadDate, BadParameter
from universes.facts import Float
from universes.plugins import load
from universes.quotes import Request
from universes.sessions import schedule
from universes.simulation import simulate

CALENDARS = {"XNYS": "XNYS", "XASX": "XASX", "XTSX": "XTSE", "XTKS": "XTKS"}


JUNIORS = tuple(listing(f"J{n}") for n in range(8))
SYDNEY = tuple(listing(f"S{n}.AX", "XASX") for n in range(8))
CONTROLS = tuple(listing(f"C{n}") for n in range(4))
DEAD = (
    listing("DEAL", end="2020-03-16", ended_by="acquired", terminal_kind="cash", terminal_value=77.0),
    listing("RATIO", end="2019-05-01", ended_by="merged", terminal_kind="ratio", terminal_value=0.5),
    listing("ZERO", end="2015-06-29", ended_by="delisted", terminal_kind="zero", terminal_value=0.0),
    listing("BUST.V", "XTSX", end="2014-02-03", ended_by="bankrupt"),
    listing("OLD.AX", "XASX", end="2021-12-03", ended_by="renamed", successor="NEW.AX"),
    listing("GONE", end="2018-01-03", ended_by="suspended"),
)
LATE = (listing("LATE.AX", "XASX", start="2021-07-01"), listing("TOKYO.T", "XTKS", start="2024-02-13"))
EVERYONE = (*JUNIORS, *SYDNEY, *CONTROLS, *DEAD, *LATE)
TIGHT = Float(
    company="j0",
    on=date(2010, 1, 1),
    shares_outstanding=2e7,
    float_low=0.1,
    float_high=0.2,
    method="filing",
    **worlds.KNOWN,
)
UNIVERSE = worlds.world_universe(EVERYONE, [row.symbol for row in CONTROLS], {"floats": (TIGHT,)})


def quotes(listings=EVERYONE, *, start=None, end=None, seed=0, location=""):
    bounds = (value and date.fromisoformat(value) for value in (start, end))
    return simulate(Request(UNIVERSE, tuple(listings), *bounds, seed, location), effects=False)


@pytest.fixture(scope="module")
def whole():
    return quotes()


def bits(frame):
    return frame.to_numpy().tobytes(), frame.index.to_numpy().tobytes()


def test_the_plug_in_is_found_under_its_name_and_marks_its_prices_as_simulated():
    source = load("universes.sources", "simulated", "SOURCE", "source")

    answer = source(Request(worlds.world_universe((), ()), (), None, None))

    assert answer.kind == "simulated"
    assert not answer.bars


def test_the_same_seed_gives_the_same_bytes(whole):
    again = quotes()

    assert {name: bits(frame) for name, frame in again.bars.items()} == {
        name: bits(frame) for name, frame in whole.bars.items()
    }
    assert again.terminal == whole.terminal


def test_another_seed_gives_other_prices_of_every_name(whole):
    other = quotes(seed=1)

    assert list(other.bars) == list(whole.bars)
    assert all(bits(other.bars[name]) != bits(whole.bars[name]) for name in whole.bars)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.sampled_from(EVERYONE), min_size=1, max_size=7, unique=True))
def test_who_else_is_asked_for_and_in_which_order_changes_no_bit(whole, some):
    answer = quotes(some)

    assert sorted(answer.bars) == sorted(row.symbol for row in some)
    assert all(bits(answer.bars[name]) == bits(whole.bars[name]) for name in answer.bars)


@settings(max_examples=8, deadline=None)
@given(st.dates(date(2010, 1, 8), date(2026, 6, 20)), st.integers(5, 1500))
def test_a_cut_changes_no_price_that_was_printed(whole, start, days):
    end = min(start + timedelta(days=days), date(2026, 6, 30))

    cut = quotes(start=str(start), end=str(end))

    for name, frame in cut.bars.items():
        later = whole.bars[name].loc[pd.Timestamp(end) + pd.Timedelta(days=1) :, "split"].prod()
        expected = whole.bars[name].loc[str(start) : str(end)]
        if later == 1:
            assert bits(frame) == bits(expected)
        # After the cut the shares were consolidated or split: before it nobody could know.
        np.testing.assert_allclose(frame["close"], expected["close"] * later, rtol=1e-9)
        np.testing.assert_array_equal(frame["split"], expected["split"])


def test_highs_and_lows_hold_the_open_and_the_close(whole):
    for frame in whole.bars.values():
        assert (frame["high"] >= frame[["open", "close"]].max(axis=1)).all()
        assert (frame["low"] <= frame[["open", "close"]].min(axis=1)).all()


def test_prices_are_at_least_half_a_cent_and_volumes_are_whole_and_rarely_zero(whole):
    for frame in whole.bars.values():
        assert not frame.isna().any(axis=None)
        assert frame["low"].min() >= 0.005
        assert (frame["volume"] == 0).mean() < 0.01


def test_a_session_without_trades_repeats_the_last_close(whole):
    frame = whole.bars["J0"]
    quiet = frame["volume"] == 0

    assert quiet.sum() > 3
    for name in ("open", "high", "low", "close"):
        np.testing.assert_array_equal(frame.loc[quiet, name], frame["close"].shift()[quiet])


def test_every_bar_lies_on_a_session_of_its_exchange_and_only_juniors_miss_one(whole):
    for row in EVERYONE:
        held = schedule(CALENDARS[row.exchange], "2010-01-04", "2026-06-30").index
        first, last = row.listed_from or date(2010, 1, 4), row.listed_to or date(2026, 7, 1)
        own = held[(held >= str(first)) & (held < str(last))]

        bars = whole.bars[row.symbol].index

        assert bars.isin(own).all()
        assert (bars[0], bars[-1]) == (own[0], own[-1])
        halted = own[~own.isin(bars)]
        assert (row.symbol in {item.symbol for item in CONTROLS}) <= (len(halted) == 0)
        assert len(halted) < 0.03 * len(own)


def test_halts_last_one_to_five_sessions_unless_two_meet(whole):
    held = schedule("XNYS", "2010-01-04", "2026-06-30").index
    absent = pd.Series(~held.isin(whole.bars["J1"].index), index=held)
    runs = absent.groupby((absent != absent.shift()).cumsum()).sum()

    assert runs.max() <= 10
    assert 1 <= runs[runs > 0].median() <= 5


def test_a_cash_deal_ends_quietly_and_pays_up_to_two_per_cent_more_than_the_last_close(whole):
    frame = whole.bars["DEAL"]
    returns = frame["close"].pct_change()

    assert 1 <= whole.terminal["DEAL"] / frame["close"].iloc[-1] <= 1.02 + 1e-4
    assert returns.iloc[-39:].std() < 0.4 * returns.iloc[:-40].std()
    # The real deal paid 77: simulated levels have nothing to do with it.
    assert whole.terminal["DEAL"] != 77.0


def test_worthless_names_fall_by_more_than_nine_tenths_and_pay_nothing(whole):
    for name in ("ZERO", "BUST.V"):
        close = whole.bars[name]["close"]

        assert whole.terminal[name] == 0.0
        assert close.iloc[-1] < 0.3 * close.iloc[-61]


def test_a_renamed_listing_pays_its_last_close(whole):
    assert whole.terminal["OLD.AX"] == whole.bars["OLD.AX"]["close"].iloc[-1]


def test_an_end_that_the_facts_do_not_price_has_no_terminal_value(whole):
    assert "GONE" not in whole.terminal
    assert whole.bars["GONE"].index[-1] == pd.Timestamp("2018-01-02")


def test_a_range_that_ends_before_the_last_day_has_no_terminal_value():
    answer = quotes(DEAD, end="2020-03-13")

    assert "DEAL" in answer.bars
    assert "DEAL" not in answer.terminal
    assert set(answer.terminal) == {"RATIO", "ZERO", "BUST.V"}


def test_a_symbol_that_changed_hands_shows_the_later_company_only_and_says_so():
    first = listing("TWICE", end="2016-01-04", ended_by="acquired", company="first-co")
    second = listing("TWICE", start="2020-08-03", company="second-co")
    universe = worlds.world_universe((first, second))

    answer = simulate(Request(universe, (first, second), None, None), effects=False)

    assert answer.bars["TWICE"].index[0] == pd.Timestamp("2020-08-03")
    assert [(item.symbol, item.reason) for item in answer.missing] == [
        ("TWICE", "an earlier company of the symbol of second-co")
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (
            listing("SOON", start="2026-07-01"),
            "listed from 2026-07-01, after the simulated market ends on 2026-06-30",
        ),
        (
            listing("PAST", end="2010-01-04"),
            "ceased trading on 2010-01-04, before the simulated market starts",
        ),
        (listing("MOON", "XMOO"), "no exchange named 'XMOO'"),
        (listing("NIL", start="2016-01-01", end="2016-01-03"), "no session between its first day 2016-01-01"),
        (
            listing("PRE", end="2012-01-03"),
            "traded 2010-01-04 to 2011-12-30, and on no session from 2015-01-01",
        ),
    ],
)
def test_a_name_without_bars_is_listed_with_the_reason(row, reason):
    universe = worlds.world_universe((row,))

    answer = simulate(Request(universe, (row,), date(2015, 1, 1), None), effects=False)

    assert not answer.bars
    assert [item.symbol for item in answer.missing] == [row.symbol]
    assert answer.missing[0].reason.startswith(reason)


@pytest.mark.parametrize(
    ("start", "end"),
    [("2010-01-03", None), (None, "2026-07-01"), ("2020-02-03", "2020-02-01"), ("2020-02-01", "2020-02-02")],
)
def test_a_range_that_does_not_exist_is_refused_with_the_one_that_does(start, end):
    with pytest.raises(BadDate, match="2010-01-04 to 2026-06-30"):
        quotes(start=start, end=end)


def test_a_location_is_refused():
    with pytest.raises(BadParameter, match="'x'"):
        quotes(location="x")


@pytest.mark.parametrize("seed", [-1, 1.5, True])
def test_a_seed_that_is_no_whole_number_is_refused(seed):
    with pytest.raises(BadParameter, match="seed"):
        quotes(seed=seed)


def test_splits_and_consolidations_leave_returns_alone_and_bring_the_printed_price_back(whole):
    found = 0
    for frame in whole.bars.values():
        unsplit = frame["split"][::-1].cumprod()[::-1].shift(-1, fill_value=1.0)
        printed = frame["close"] * unsplit
        for at in np.flatnonzero(frame["split"] != 1):
            found += 1
            ratio = frame["split"].iloc[at]
            adjusted_move = frame["close"].iloc[at] / frame["close"].iloc[at - 1]
            assert ratio in (0.1, 2.0)
            # 1:10 makes the printed price ten times as high beside the move of the day; the tick is 0.0001.
            assert printed.iloc[at] / printed.iloc[at - 1] == pytest.approx(adjusted_move / ratio, rel=1e-9)
            assert printed.iloc[at - 1] <= 0.05 + 1e-9 if ratio < 1 else printed.iloc[at - 1] > 100, (
                ratio,
                printed.iloc[at - 3 : at + 2],
            )
    assert found >= 2


def test_controls_pay_four_dividends_a_year_and_juniors_none(whole):
    control, junior = whole.bars["C0"], whole.bars["J1"]
    a_year = (control["dividend"] > 0).groupby(control.index.year).sum()

    assert (a_year.loc[2011:2025] == 4).all()
    assert (junior["dividend"] == 0).all()


def test_a_dividend_lowers_the_open_by_its_amount_so_that_the_total_return_is_the_drawn_one(whole):
    control = whole.bars["C0"]
    paid = control["dividend"] > 0
    gap = control["open"] / control["close"].shift() - 1
    share = control["dividend"] / control["close"].shift()

    assert share[paid].between(0.0025, 0.01 + 1e-4).all()
    # Gaps of a control spread by 0.8 % or so: over 66 ex-dates the mean is known to 0.1 %.
    assert (gap + share)[paid].mean() == pytest.approx(0.0, abs=0.003)


def test_a_market_of_it_assembles_with_lives_that_end_in_their_payout():
    from universes.assemble import _assemble

    request = Request(UNIVERSE, EVERYONE, date(2013, 1, 2), date(2020, 12, 31))
    market = _assemble(request, simulate(request, effects=False), "simulated")

    assert market.kind == "simulated"
    ended = market.lives.query("end >= 0")
    assert set(ended.index) == {"DEAL", "RATIO", "ZERO", "BUST.V", "GONE"}
    assert market.lives.loc["ZERO", "terminal_value"] == 0.0
    assert np.isnan(market.lives.loc["GONE", "terminal_value"])
