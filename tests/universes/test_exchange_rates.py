"""Exchange rates come from where the prices come from, and a pair that is not there is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import price_files
import pytest
import worlds

import universes
from universes.errors import BadData
from universes.exchange_rates import of_ended_days, rates_for
from universes.price_file import Opened, PriceFile
from universes.quotes import Request
from universes.snapshot import Snapshot
from universes.store import Store


def series(symbol="AUDUSD=X", closes=(0.65, 0.66, 0.67), **fields):
    days = pd.bdate_range("2024-01-01", periods=len(closes), name="session").astype("datetime64[ns]")
    columns = {name: list(closes) for name in ("open", "high", "low", "close")}
    table = pd.DataFrame(columns, index=days).assign(volume=0.0, dividend=0.0, split=1.0)
    return Opened(PriceFile(symbol, f"{symbol}.csv", table, False, **fields))


def request(*currencies, into="USD", accept=()):
    listings = tuple(worlds.listing(f"S{number}", currency=code) for number, code in enumerate(currencies))
    return Request(
        worlds.world_universe(listings), listings, None, None, currency=into, accept=frozenset(accept)
    )


def rates(opener, asked):
    """All that a request needs, as if every symbol of it had bars."""
    return rates_for(opener, asked, [row.symbol for row in asked.listings])


def test_each_pair_is_asked_for_once_and_none_when_nothing_is_converted():
    asked = []

    def opener(symbol):
        asked.append(symbol)
        return series(symbol)

    found, missing = rates(opener, request("AUD", "USD", "CAD", "AUD"))

    assert asked == ["AUDUSD=X", "CADUSD=X"]
    assert found["AUD"]["close"].tolist() == [0.65, 0.66, 0.67]
    assert missing == ()
    assert rates(opener, request("AUD", into="")) == ({}, ())
    assert asked == ["AUDUSD=X", "CADUSD=X"]


def test_a_pair_that_is_not_there_is_missing_with_the_sources_own_reason():
    found, (missing,) = rates(
        lambda symbol: Opened(None, reason=f"no file {symbol}.csv in p"), request("AUD")
    )

    assert found == {}
    assert missing.symbol == "AUDUSD=X"
    assert missing.reason == (
        "no file AUDUSD=X.csv in p; AUD cannot be read in USD without it: add it, or leave the currency out"
    )


def test_a_day_that_had_not_ended_when_the_vendor_was_asked_is_no_rate():
    fetched = series(fetched_at=datetime(2024, 1, 3, 15, tzinfo=UTC), currency="USD")

    found, _ = rates(lambda _: fetched, request("AUD"))

    assert found["AUD"].index.strftime("%m-%d").tolist() == ["01-01", "01-02"]


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("AUD", "quotes are labelled AUD, the listing is in USD"),
        ("???", "no currency named '???'"),
    ],
)
def test_a_vendors_label_that_is_not_the_wanted_currency_refuses_the_rates(label, said):
    fetched = series(fetched_at=datetime(2024, 2, 1, tzinfo=UTC), currency=label)

    _, (missing,) = rates(lambda _: fetched, request("AUD"))

    assert missing.reason.startswith(said)


def test_rates_in_hundredths_are_refused():
    fetched = series("USDGBP=X", fetched_at=datetime(2024, 2, 1, tzinfo=UTC), currency="GBp")

    _, (missing,) = rates(lambda _: fetched, request("USD", into="GBP"))

    assert missing.reason.startswith("rates are labelled GBp, in hundredths of GBP: fetch again")


def test_the_unit_that_a_folder_gives_its_shares_is_not_that_of_its_rates():
    found, missing = rates(lambda _: series(currency="GBp"), request("AUD"))

    assert (list(found), missing) == (["AUD"], ())


def test_two_rates_of_one_day_are_refused_unless_the_first_is_accepted():
    twice = series(closes=(0.65, 0.66))
    same_day = twice.file.bars.set_axis([pd.Timestamp("2024-01-01")] * 2)
    twice = Opened(PriceFile("AUDUSD=X", "AUDUSD=X.csv", same_day.assign(line=[2.0, 3.0]), False))

    _, (missing,) = rates(lambda _: twice, request("AUD"))
    accepted, _ = rates(lambda _: twice, request("AUD", accept=["duplicate-date"]))

    assert missing.reason.startswith("duplicate-date: AUDUSD=X.csv:3")
    assert accepted["AUD"]["close"].tolist() == [0.65]


AUSTRALIAN = worlds.listing("LYC.AX", "XASX", currency="AUD")


def a_folder(tmp_path, *, rates=True):
    """Sydney at 10 and the rate of each weekday from 1 January 2024 on, as files."""
    files = {"LYC.AX.csv": price_files.text([10.0] * 4, calendar="XASX")}
    if rates:
        weekdays = ("2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04")
        lines = [price_files.bar(day, rate) for day, rate in zip(weekdays, (0.60, 0.61, 0.62, 0.63))]
        files["AUDUSD=X.csv"] = [price_files.HEADER, *lines]
    return price_files.write(tmp_path / "prices", files)


def test_a_folder_with_a_file_of_rates_is_read_in_dollars(tmp_path):
    universe = worlds.world_universe([AUSTRALIAN])

    market = universes.market(universe, f"csv:{a_folder(tmp_path)}", currency="USD")

    assert market.close["LYC.AX"].tolist() == pytest.approx([6.0, 6.1, 6.2, 6.3])
    assert market.lives.at["LYC.AX", "currency"] == "USD"
    assert market.missing == ()


def test_a_folder_without_the_file_of_rates_is_refused_with_its_name(tmp_path):
    universe = worlds.world_universe([AUSTRALIAN])

    with pytest.raises(BadData, match="no file AUDUSD=X.csv .* add it, or leave the currency out"):
        universes.market(universe, f"csv:{a_folder(tmp_path, rates=False)}", currency="USD")


def test_without_a_currency_the_rates_are_not_looked_at(tmp_path):
    market = universes.market(worlds.world_universe([AUSTRALIAN]), f"csv:{a_folder(tmp_path, rates=False)}")

    assert market.close["LYC.AX"].tolist() == [10.0] * 4
    assert market.lives.at["LYC.AX", "currency"] == "AUD"


def test_a_store_with_the_pair_is_read_in_dollars(tmp_path):
    store, fetched_at = Store(tmp_path), datetime(2024, 1, 8, tzinfo=UTC)
    bars = worlds.bars([10.0] * 4, calendar="XASX")
    for symbol, table, currency in (("LYC.AX", bars, "AUD"), ("AUDUSD=X", series().file.bars, "USD")):
        said = {"currency": currency, "symbol": symbol}
        kept = table.assign(adjusted_close=table["close"])
        store.put(Snapshot("yahoo", symbol, kept, said, fetched_at, "test"))

    market = universes.market(worlds.world_universe([AUSTRALIAN]), f"yahoo:{tmp_path}", currency="USD")

    assert market.close["LYC.AX"].tolist() == pytest.approx([6.5, 6.6, 6.7, 6.7])


def test_a_pair_that_no_series_needs_is_not_asked_for():
    listings = [AUSTRALIAN, worlds.listing("MP"), worlds.listing("RIO.L", "XLON", currency="GBP")]
    request = Request(worlds.world_universe(listings), tuple(listings), None, None, currency="USD")

    found, missing = rates_for(series, request, {"MP": None, "LYC.AX": None})

    assert (list(found), missing) == (["AUD"], ())


def test_rates_of_the_day_that_has_not_ended_are_left_out():
    rates = pd.DataFrame({"close": [0.65, 0.66]}, index=pd.DatetimeIndex(["2025-07-10", "2025-07-11"]))

    # The 11th ends at midnight UTC; 09:59 in Sydney on the 12th is still the 11th there.
    sydney = timezone(timedelta(hours=10))
    assert len(of_ended_days(rates, datetime(2025, 7, 11, 23, 59, tzinfo=UTC))) == 1
    assert len(of_ended_days(rates, datetime(2025, 7, 12, 9, 59, tzinfo=sydney))) == 1
    assert len(of_ended_days(rates, datetime(2025, 7, 12, 10, 0, tzinfo=sydney))) == 2
