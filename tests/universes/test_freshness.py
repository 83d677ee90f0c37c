"""How old the prices in a store are: sessions behind, by the exchange's own calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import pytest
import worlds

from universes.freshness import closed_sessions, freshness, sessions_behind
from universes.snapshot import COLUMNS, Snapshot
from universes.store import Store


def instant(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def snapshot(symbol, days, fetched_at):
    index = pd.DatetimeIndex(days).astype("datetime64[ns]").rename("session")
    bars = pd.DataFrame(10.0, index=index, columns=list(COLUMNS))
    return Snapshot("yahoo", symbol, bars, {"currency": "USD"}, instant(fetched_at), "test")


@pytest.mark.parametrize(
    ("exchange", "last", "now", "behind"),
    [
        # Friday 2025-07-11 closes in New York at 20:00 UTC; it counts from 20:20 on.
        ("XNYS", date(2025, 7, 10), "2025-07-11T20:19", 0),
        ("XNYS", date(2025, 7, 10), "2025-07-11T20:20", 1),
        ("XNYS", date(2025, 7, 11), "2025-07-13T12:00", 0),
        ("XNYS", date(2025, 7, 11), "2025-07-14T20:20", 1),
        # 2025-07-04 was a holiday, and the 3rd a half day that closed at 17:00 UTC.
        ("XNYS", date(2025, 7, 2), "2025-07-03T17:19", 0),
        ("XNYS", date(2025, 7, 2), "2025-07-03T17:20", 1),
        ("XNYS", date(2025, 7, 3), "2025-07-04T23:00", 0),
        # Sydney closes at 06:00 UTC in winter and at 05:00 UTC in summer.
        ("XASX", date(2025, 7, 10), "2025-07-11T06:19", 0),
        ("XASX", date(2025, 7, 10), "2025-07-11T06:20", 1),
        ("XASX", date(2025, 1, 9), "2025-01-10T05:20", 1),
        ("XNYS", date(2025, 7, 11), "2024-01-01T00:00", 0),
    ],
)
def test_sessions_behind_count_what_has_closed_and_settled(exchange, last, now, behind):
    assert sessions_behind(exchange, last, instant(now)) == behind


def test_closed_sessions_are_named():
    found = closed_sessions("XNYS", date(2025, 7, 2), instant("2025-07-08T12:00"))

    assert list(found) == [date(2025, 7, 3), date(2025, 7, 7)]


def test_every_state_of_a_symbol(tmp_path):
    store = Store(tmp_path)
    store.put(snapshot("NEW", ["2025-07-09", "2025-07-10"], "2025-07-10T21:00"))
    store.put(snapshot("NEW", ["2025-07-09", "2025-07-10", "2025-07-11"], "2025-07-11T21:00"))
    store.put(snapshot("OLD", ["2025-07-08", "2025-07-09"], "2025-07-09T21:00"))
    store.put(snapshot("GONE", ["2020-01-02", "2020-01-03"], "2025-07-09T21:00"))
    listings = [
        worlds.listing("NEW"),
        worlds.listing("OLD"),
        worlds.listing("GONE", end="2020-01-06", ended_by="acquired"),
        worlds.listing("NONE"),
    ]

    found = {row.symbol: row for row in freshness(store, "yahoo", listings, instant("2025-07-12T09:00"))}

    assert {symbol: row.state for symbol, row in found.items()} == {
        "GONE": "ended",
        "NEW": "fresh",
        "NONE": "none",
        "OLD": "stale",
    }
    assert (found["NEW"].snapshots, found["NEW"].bars, found["NEW"].age_hours) == (2, 3, 12.0)
    assert (found["OLD"].first, found["OLD"].last) == (date(2025, 7, 8), date(2025, 7, 9))
    # Thursday the 10th and Friday the 11th.
    assert (found["OLD"].sessions_behind, found["GONE"].sessions_behind) == (2, None)
    assert found["NEW"].hash == store.entries("yahoo", "NEW")[-1].hash


def test_the_later_of_two_companies_of_a_symbol_counts(tmp_path):
    store = Store(tmp_path)
    store.put(snapshot("AAA", ["2025-07-10"], "2025-07-10T21:00"))
    listings = [
        worlds.listing("AAA", company="new", start="2024-01-02"),
        worlds.listing("AAA", company="old", start="2010-01-04", end="2020-01-06", ended_by="bankrupt"),
    ]

    (found,) = freshness(store, "yahoo", listings, instant("2025-07-12T09:00"))

    assert (found.state, found.sessions_behind) == ("stale", 1)
