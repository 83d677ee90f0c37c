"""Prices of one currency in another: only rates that were known, no bar changed but by its rate."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
import worlds
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx

import universes
from universes.assemble import _assemble, adjusted
from universes.currency import converted, fx_symbols, in_one_currency, quoted_in, rates_at, rescaled, unit
from universes.errors import BadData, BadParameter, UnknownName
from universes.quotes import Quotes, Request
from universes.sessions import schedule

QUICK = settings(max_examples=60, deadline=None, derandomize=True)
PRICES = ("open", "high", "low", "close", "traded_close")


def fx(rates, start="2024-01-01", close_at=None):
    """Rates on weekdays from a Monday on; None is a day without one."""
    index = pd.bdate_range(start, periods=len(rates), name="session").astype("datetime64[ns]")
    table = pd.DataFrame({"close": np.array(rates, dtype=float)}, index=index)
    return table if close_at is None else table.assign(close_at=pd.DatetimeIndex(close_at))


def sydney(count=5, closes=None):
    return worlds.bars(closes or [10.0] * count, start="2024-01-02", calendar="XASX")


def market(frames, rates, into="USD", listings=None, **given):
    listings = listings or [
        worlds.listing(symbol, "XASX" if symbol.endswith(".AX") else "XNYS", currency=code(symbol))
        for symbol in frames
    ]
    quotes = Quotes(frames, "real", given.pop("terminal", {}), rates=rates, **given)
    request = Request(worlds.world_universe(listings), tuple(listings), None, None, currency=into)
    return _assemble(request, quotes, "test")


def code(symbol):
    return "AUD" if symbol.endswith(".AX") else "USD"


# Labels.


@pytest.mark.parametrize(
    ("label", "currency", "factor"),
    [
        ("USD", "USD", 1.0), ("GBP", "GBP", 1.0), ("GBp", "GBP", 0.01), ("GBX", "GBP", 0.01),
        ("ZAc", "ZAR", 0.01), ("ZAC", "ZAR", 0.01), ("ILA", "ILS", 0.01),
    ],
)  # fmt: skip
def test_a_label_is_a_currency_and_its_unit(label, currency, factor):
    assert unit(label) == (currency, factor)


@pytest.mark.parametrize(("label", "near"), [("usd", "USD"), ("GBZ", "GB"), ("", "AED"), ("dollars", "ARS")])
def test_an_unknown_label_is_refused_with_what_is_known(label, near):
    with pytest.raises(UnknownName, match=f"no currency named '{label}'; .*{near}"):
        unit(label)


def test_pence_of_a_listing_in_pounds_are_hundredths():
    assert quoted_in(["GBp", "GBp"], "GBP") == 0.01
    assert quoted_in(["GBP"], "GBP") == 1.0


@pytest.mark.parametrize(
    ("labels", "currency", "said"),
    [
        (["GBp", "GBP"], "GBP", r"changes \(GBP, GBp\): fetch the whole series again"),
        (["USD", "CAD"], "CAD", r"changes \(CAD, USD\)"),
        (["USD"], "CAD", "labelled USD, the listing is in CAD: correct listings.csv"),
        (["ZAc"], "GBP", "labelled ZAc, the listing is in GBP"),
        ([], "GBP", "no currency label: the listing says GBP"),
    ],
)
def test_a_label_that_changes_or_is_not_the_listings_is_refused(labels, currency, said):
    with pytest.raises(BadParameter, match=said):
        quoted_in(labels, currency)


@given(st.lists(st.floats(0.01, 1e5), min_size=1, max_size=10))
@QUICK
def test_pounds_to_pence_and_back_are_the_same_pounds(closes):
    bars = worlds.bars(closes).assign(dividend=0.25)

    there_and_back = rescaled(rescaled(bars, 100.0), 0.01)

    pd.testing.assert_frame_equal(there_and_back, bars, rtol=1e-15)
    assert rescaled(bars, 100.0)["volume"].equals(bars["volume"])


def test_the_rates_that_are_needed_are_named_by_pair():
    rows = [
        worlds.listing("LYC.AX", currency="AUD"),
        worlds.listing("MP"),
        worlds.listing("RIO.L", currency="GBP"),
        worlds.listing("KNOS.L", currency="GBX"),
    ]

    assert fx_symbols(rows, "USD") == {"AUD": "AUDUSD=X", "GBP": "GBPUSD=X"}
    assert fx_symbols(rows, "AUD") == {"GBP": "GBPAUD=X", "USD": "USDAUD=X"}
    assert fx_symbols(rows, "") == {}


# Which rate.


def test_a_sydney_close_takes_the_rate_of_the_day_before_not_that_of_its_date():
    # Monday 1 January to Friday 5; Sydney opens on the 2nd.
    rates = {"AUD": fx([0.60, 0.61, 0.62, 0.63, 0.64])}

    opened = market({"LYC.AX": sydney(4), "MP": worlds.bars([10.0] * 4)}, rates)

    assert opened.close["LYC.AX"].tolist() == approx([6.0, 6.1, 6.2, 6.3])
    assert opened.close["MP"].tolist() == [10.0] * 4
    assert set(opened.lives["currency"]) == {"USD"}


def test_monday_takes_the_rate_of_friday():
    rates = {"AUD": fx([0.60, 0.61, 0.62, 0.63, 0.64, 0.65])}

    # Sessions of 2 to 8 January; the 8th is a Monday.
    assert market({"LYC.AX": sydney(5)}, rates).close["LYC.AX"].iloc[-1] == approx(6.4)


@pytest.mark.parametrize(
    ("instant", "close"),
    [
        # Sydney closes on 2 January at 16:00, which is 05:00 UTC in its summer.
        ("2024-01-02T04:59", 6.1),
        ("2024-01-02T05:00", 6.0),
        ("2024-01-02T05:01", 6.0),
    ],
)
def test_where_the_source_has_instants_a_rate_counts_only_when_it_is_strictly_earlier(instant, close):
    rates = {"AUD": fx([0.60, 0.61], close_at=["2024-01-01T22:00", instant])}

    assert market({"LYC.AX": sydney(1)}, rates).close["LYC.AX"].iloc[0] == approx(close)


@given(data=st.data(), timed=st.booleans())
@QUICK
def test_no_rate_at_or_after_a_bars_close_changes_that_bar(data, timed):
    count = data.draw(st.integers(2, 12))
    rates = data.draw(st.lists(st.floats(0.6, 0.7), min_size=count + 1, max_size=count + 1))
    moved = data.draw(st.integers(0, count))
    days = fx(rates).index
    # New York's 17:00, the end of the day of the foreign exchange market.
    instants = days + pd.Timedelta(hours=22) if timed else None
    before = fx(rates, close_at=instants)
    after = before.copy()
    after.iloc[moved, 0] *= 1.5

    frames = {"LYC.AX": sydney(count)}
    one = in_one_currency(quotes(frames, before), listing_of(frames), "USD").bars["LYC.AX"]
    other = in_one_currency(quotes(frames, after), listing_of(frames), "USD").bars["LYC.AX"]

    closes = schedule("XASX", "2024-01-02", "2024-03-01")["close"].reindex(one.index)
    # The rate was fixed at 22:00 UTC of its date, whether the source says so or not.
    untouched = (closes <= days[moved] + pd.Timedelta(hours=22)).to_numpy()
    assert one[untouched].equals(other[untouched])
    assert untouched.all() or not one[~untouched].equals(other[~untouched])


def quotes(frames, rates):
    return Quotes(frames, "real", {}, rates={"AUD": rates})


def listing_of(frames):
    return {symbol: worlds.listing(symbol, "XASX", currency="AUD") for symbol in frames}


def test_a_rate_is_carried_over_five_sessions_and_no_further():
    # One rate, of 1 January: the session of the 2nd uses it, and five more may.
    hours = schedule("XASX", "2023-12-01", "2024-01-31").loc["2024-01-02":]

    rates = rates_at(fx([0.60]), hours)

    assert rates[:6].tolist() == [0.60] * 6
    assert np.isnan(rates[6:]).all()


def test_a_day_without_a_rate_is_no_rate_and_none_before_the_first():
    hours = schedule("XASX", "2024-01-01", "2024-01-09")

    assert rates_at(fx([None, 0.61, None, 0.63]), hours).tolist() == approx(
        [np.nan, 0.61, 0.61, 0.63, 0.63, 0.63], nan_ok=True
    )


# A whole market.


def test_everything_that_is_money_is_converted_and_volume_is_not():
    frame = sydney(3).assign(dividend=[0, 1.0, 0], split=[1, 1, 2.0])
    rates = {"AUD": fx([0.5, 0.8, 0.64])}
    listings = [worlds.listing("LYC.AX", "XASX", end="2024-01-05", currency="AUD"), worlds.listing("MP")]

    opened = market(
        {"LYC.AX": frame, "MP": worlds.bars([1.0] * 6)}, rates, listings=listings, terminal={"LYC.AX": 4.0}
    )

    # Before two for one, 20 was printed; the dividend of 1 on 10 takes a tenth off the first close.
    assert opened.traded_close["LYC.AX"].tolist()[:3] == approx([10.0, 16.0, 6.4])
    assert opened.close["LYC.AX"].tolist()[:3] == approx([4.5, 8.0, 6.4])
    # Two old shares' dividend, at the rate of the bar before, against whose close it is counted.
    assert opened.bars["dividend"]["LYC.AX"].tolist()[:3] == approx([0, 1.0, 0])
    assert opened.volume["LYC.AX"].tolist()[:3] == [5e5, 5e5, 1e6]
    assert opened.bars["split"]["LYC.AX"].tolist()[:3] == [1, 1, 2]
    assert opened.lives.at["LYC.AX", "terminal_value"] == approx(4.0 * 0.64)


@given(
    st.lists(st.floats(1, 100), min_size=3, max_size=15), st.just(0.0) | st.floats(1e-6, 0.5),
    st.sampled_from([0.1, 1.0, 2.0]), st.data(),
)  # fmt: skip
@QUICK
def test_conversion_and_adjustment_commute(closes, yield_, split, data):
    count = len(closes)
    rates = np.array(data.draw(st.lists(st.floats(0.3, 3), min_size=count, max_size=count)))
    bars = worlds.bars(closes)
    bars["dividend"] = [0.0, closes[0] * yield_, *[0.0] * (count - 2)]
    bars["split"] = [1.0, 1.0, split, *[1.0] * (count - 3)]

    first, last = adjusted(converted(bars, rates)), converted(adjusted(bars), rates)

    pd.testing.assert_frame_equal(first, last, rtol=1e-12, atol=0)


def test_the_vendors_own_adjustment_commutes_with_conversion_too():
    rates = np.array([0.6, 0.7, 0.65])
    bars = worlds.bars([10, 9, 9.9]).assign(adjusted_close=[9.0, 9.0, 9.9])

    first, last = adjusted(converted(bars, rates)), converted(adjusted(bars), rates)

    pd.testing.assert_frame_equal(first, last, rtol=1e-12)


def test_converting_into_the_currency_they_are_in_changes_nothing():
    frames = {"AAA": worlds.bars([1, 2, 3]).assign(dividend=[0, 0.1, 0])}

    same, plain = market(frames, {}), market(frames, {}, into="")

    assert same.hash == plain.hash


def test_a_listing_in_pence_is_converted_through_pounds():
    listings = [worlds.listing("KNOS.L", "XLON", currency="GBX")]
    frame = worlds.bars([250.0, 260.0], calendar="XLON")

    in_dollars = market({"KNOS.L": frame}, {"GBP": fx([1.25, 1.30])}, listings=listings)
    in_pounds = market({"KNOS.L": frame}, {}, "GBP", listings)

    assert in_dollars.close["KNOS.L"].tolist() == approx([2.5 * 1.25, 2.6 * 1.30])
    assert in_pounds.close["KNOS.L"].tolist() == approx([2.5, 2.6])


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        ({}, "no exchange rates AUDUSD=X to convert it from AUD: add AUDUSD=X.csv to the folder"),
        ({"AUD": fx([])}, "the exchange rates AUDUSD=X cannot be used, as it has no bar"),
        ({"AUD": fx([0.6, 0.0])}, "the rate of 2024-01-02 is 0: correct"),
        ({"AUD": fx([0.6, 1.6])}, "the rate of 2024-01-02 is 2.67 times the one before"),
        ({"AUD": fx([0.6, 0.61])[::-1]}, "dates are not increasing"),
        ({"AUD": fx([0.6], start="2024-01-03")}, "2 of 5 bars, the first of 2024-01-02, have no rate"),
        # Sydney's next six sessions are those of 27, 28 and 29 December and of 2, 3 and 4 January.
        ({"AUD": fx([0.6], start="2023-12-26")}, "2 of 5 bars, the first of 2024-01-05, have no rate"),
    ],
)
def test_a_series_without_a_rate_for_each_bar_is_missing_with_the_mend_and_never_at_par(rates, said):
    opened = market({"LYC.AX": sydney(5), "MP": worlds.bars([1.0] * 5)}, rates)

    assert opened.symbols == ("MP",)
    (missing,) = opened.missing
    assert missing.symbol == "LYC.AX"
    assert said in missing.reason


def test_a_market_without_any_rate_is_refused():
    with pytest.raises(
        BadData, match="no usable prices of any name, as there are no exchange rates AUDUSD=X"
    ):
        market({"LYC.AX": sydney(2)}, {})


def test_controls_are_converted_too():
    listings = [worlds.listing("MP"), worlds.listing("ZZZ.AX", "XASX", currency="AUD")]
    universe = worlds.world_universe(listings, controls=["ZZZ.AX"])
    answer = Quotes({"MP": worlds.bars([1.0]), "ZZZ.AX": sydney(1)}, "real", {}, rates={"AUD": fx([0.5])})

    opened = _assemble(Request(universe, tuple(listings), None, None, currency="USD"), answer, "test")

    assert opened.close["ZZZ.AX"].tolist() == [5.0]


def test_the_simulated_market_is_in_dollars_and_in_nothing_else():
    universe = universes.load("rare-earths")
    plain = universes.market(universe, start="2024-01-02", end="2024-02-01")

    assert universes.market(universe, start="2024-01-02", end="2024-02-01", currency="USD").hash == plain.hash
    with pytest.raises(BadParameter, match="currency AUD: these prices are all in USD.*write USD"):
        universes.market(universe, start="2024-01-02", end="2024-02-01", currency="AUD")


def test_an_unknown_currency_or_a_hundredth_is_refused_before_anything_is_read():
    with pytest.raises(UnknownName, match="no currency named 'usd'; did you mean 'USD'"):
        universes.market(universes.load("rare-earths"), currency="usd")
    with pytest.raises(BadParameter, match="'GBp' is a hundredth of GBP: write GBP"):
        universes.market(universes.load("rare-earths"), currency="GBp")


def test_a_source_is_told_the_currency_and_may_be_any_callable():
    asked = []

    def flat(request):
        asked.append(request.currency)
        symbols = {row.symbol for row in request.listings if row.listed_to is None and row.currency == "USD"}
        return Quotes({symbol: worlds.bars([1.0, 2.0]) for symbol in symbols}, "real", {})

    opened = universes.market(universes.load("rare-earths"), source=flat, currency="USD")

    assert asked == ["USD"]
    assert opened.source == "flat"


def test_dates_of_lives_are_not_touched_by_conversion():
    opened = market(
        {"LYC.AX": sydney(3), "MP": worlds.bars([1.0] * 5)},
        {"AUD": fx([0.5] * 5)},
        listings=[
            worlds.listing("LYC.AX", "XASX", end="2024-01-05", currency="AUD", ended_by="acquired"),
            worlds.listing("MP"),
        ],
    )

    assert opened.lives.at["LYC.AX", "end"] == 3
    assert opened.universe.listings["lyc-ax"][0].listed_to == date(2024, 1, 5)
