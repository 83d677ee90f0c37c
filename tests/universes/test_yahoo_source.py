"""The Yahoo source: a store's snapshots through the same gates as files, and every gap with its reason."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
import worlds
from price_files import listing

from universes.errors import BadData
from universes.quotes import Request
from universes.snapshot import COLUMNS, Snapshot
from universes.sources.yahoo import SOURCE
from universes.store import Store

LATE = datetime(2024, 6, 3, 12, 0, tzinfo=UTC)


def bars(closes, start="2024-01-02", **columns):
    index = worlds.sessions(len(closes), start)
    close = np.array(closes, dtype=float)
    table = {
        "open": close,
        "high": close * 1.01,
        "low": close * 0.99,
        "close": close,
        "adjusted_close": close,
        "volume": 1000.0,
        "dividend": 0.0,
        "split": 1.0,
    }
    return pd.DataFrame({**table, **columns}, index=index)[list(COLUMNS)]


def put(store, symbol, frame, *, fetched_at=LATE, **metadata):
    store.put(Snapshot("yahoo", symbol, frame, {"currency": "USD"} | metadata, fetched_at, "yfinance 1.7.0"))


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def read(store, *listings, **more):
    universe = worlds.world_universe(listings)
    return SOURCE(Request(universe, tuple(listings), None, None, location=str(store.folder), **more))


def gates(quotes):
    return [item.gate for item in quotes.findings]


def test_the_latest_snapshot_is_what_is_read(store):
    put(store, "AAA", bars([10, 11, 12]))
    put(store, "AAA", bars([10, 11, 12, 13]), fetched_at=LATE.replace(hour=13))

    quotes = read(store, listing("AAA"))

    assert quotes.kind == "real"
    assert list(quotes.bars["AAA"]["close"]) == [10, 11, 12, 13]
    assert quotes.findings == ()


def test_prices_are_adjusted_by_the_dividends_and_not_by_the_vendors_column(store):
    # A dividend of 1 on the third session after a close of 20: factor 0.95 before it.
    put(store, "AAA", bars([20, 20, 19, 19], dividend=[0, 0, 1, 0], adjusted_close=[19, 19, 19, 19]))
    universe = worlds.world_universe([listing("AAA")])

    from universes.assemble import market

    found = market(universe, f"yahoo:{store.folder}")

    assert list(found.close["AAA"]) == pytest.approx([19, 19, 19, 19])
    assert list(found.traded_close["AAA"]) == [20, 20, 19, 19]
    assert found.source == f"yahoo:{store.folder}"


def test_a_vendors_adjusted_close_that_disagrees_is_a_finding(store):
    put(store, "AAA", bars([20, 20, 19, 19], dividend=[0, 0, 1, 0], adjusted_close=[20, 20, 19, 19]))

    assert "adjusted-close" in gates(read(store, listing("AAA")))


def test_a_symbol_without_a_snapshot_is_missing_with_the_mend(store):
    put(store, "AAA", bars([10, 11]))

    (missing,) = read(store, listing("AAA"), listing("BBB")).missing

    assert missing.symbol == "BBB"
    assert missing.reason == f"no snapshot in {store.folder}: run lodestone prices fetch"


def test_an_empty_store_is_refused_with_the_mend(store):
    with pytest.raises(BadData, match="run lodestone prices fetch"):
        read(store, listing("AAA"))


def test_a_damaged_snapshot_is_refused_and_never_passed_over_for_an_older_one(store):
    put(store, "AAA", bars([10, 11]))
    put(store, "AAA", bars([10, 12]), fetched_at=LATE.replace(hour=13))
    put(store, "BBB", bars([10, 11]))
    path = store.entries("yahoo", "AAA")[-1].path
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)

    quotes = read(store, listing("AAA"), listing("BBB"))

    assert list(quotes.bars) == ["BBB"]
    assert "remove it and fetch again" in quotes.missing[0].reason


def test_bars_without_prices_are_left_out_and_counted(store):
    frame = bars([10, 11, 12, 13])
    frame.iloc[1, :6] = np.nan
    put(store, "AAA", frame)

    quotes = read(store, listing("AAA"))

    assert list(quotes.bars["AAA"]["close"]) == [10, 12, 13]
    assert gates(quotes) == ["null-bar", "holes"] or set(gates(quotes)) >= {"null-bar", "holes"}


def test_a_bar_whose_session_had_not_closed_is_left_out(store):
    # Fetched at 15:00 in New York on the third session.
    put(store, "AAA", bars([10, 11, 12]), fetched_at=datetime(2024, 1, 4, 20, 0, tzinfo=UTC))
    put(store, "BBB", bars([10, 11, 12]), fetched_at=datetime(2024, 1, 4, 21, 30, tzinfo=UTC))

    quotes = read(store, listing("AAA"), listing("BBB"))

    assert [len(quotes.bars[symbol]) for symbol in ("AAA", "BBB")] == [2, 3]
    assert any(item.symbol == "AAA" and item.gate == "unfinished-bar" for item in quotes.findings)


def test_a_currency_that_is_not_the_listings_is_refused(store):
    put(store, "AAA", bars([10, 11]), currency="GBp")
    put(store, "BBB", bars([10, 11]))

    quotes = read(store, listing("AAA"), listing("BBB"))

    assert list(quotes.bars) == ["BBB"]
    assert "prices are in GBP, the listing is in USD" in quotes.missing[0].reason


def test_bars_outside_the_companys_life_are_cut(store):
    put(store, "AAA", bars([10, 11, 12, 13, 14]))

    quotes = read(store, listing("AAA", listed_from=date(2024, 1, 4)))

    assert list(quotes.bars["AAA"]["close"]) == [12, 13, 14]
    assert "outside-listing" in gates(quotes)


def test_dividends_in_another_currency_than_the_prices_are_refused_unless_accepted(store):
    put(store, "AAA", bars([10, 11]), dividendCurrency="GBP")
    put(store, "BBB", bars([10, 11]), dividendCurrency="USD")

    quotes = read(store, listing("AAA"), listing("BBB"))

    assert list(quotes.bars) == ["BBB"]
    assert "dividends are in GBP, prices in USD" in quotes.missing[0].reason
    assert list(read(store, listing("AAA"), accept=frozenset({"currency"})).bars) == ["AAA"]
