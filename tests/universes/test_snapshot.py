"""A snapshot is what the vendor sent, in one form, with one hash."""

from __future__ import annotations

import hashlib
import json
import math
import os
import struct
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from universes.errors import BadParameter
from universes.snapshot import COLUMNS, Snapshot, bars_from_bytes, bars_to_bytes

ROOT = Path(__file__).parent.parent.parent
FETCHED = datetime(2025, 7, 9, 20, 15, tzinfo=UTC)
# Two bars as a vendor sends them: whole volumes, a dividend, a missing low.
ROWS = [(10.0, 12.0, 9.5, 11.0, 10.5, 100.0, 0.0, 1.0), (11.0, 11.5, math.nan, 11.25, 11.25, 0.0, 0.5, 2.0)]


def two_bars(**changed: object) -> pd.DataFrame:
    index = pd.DatetimeIndex(["2025-07-08", "2025-07-09"])
    return pd.DataFrame(ROWS, index=index, columns=list(COLUMNS)).assign(**changed)


def snapshot(bars=None, **changed) -> Snapshot:
    parts = {
        "vendor": "yahoo",
        "symbol": "LYC.AX",
        "bars": two_bars() if bars is None else bars,
        "metadata": {"currency": "AUD", "first": 1.5},
        "fetched_at": FETCHED,
        "client": "yfinance 1.7.0",
    }
    return Snapshot(**parts | changed)


def test_the_hash_is_sha256_of_what_the_vendor_said_and_the_little_endian_bars():
    said = {
        "columns": COLUMNS,
        "metadata": {"currency": "AUD", "first": 1.5},
        "symbol": "LYC.AX",
        "vendor": "yahoo",
    }
    text = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    # 2025-07-08 is day 20,277 of 1970; columns follow the days one by one.
    bars = struct.pack("<2q", 20_277, 20_278) + b"".join(struct.pack("<2d", *pair) for pair in zip(*ROWS))

    assert snapshot().hash == hashlib.sha256(text + b"\n" + bars).hexdigest()


def test_the_hash_is_the_same_under_any_hash_seed_and_time_zone():
    code = "import sys; sys.path.insert(0, 'tests/universes'); import test_snapshot as t; print(t.snapshot().hash)"
    for seed, zone in (("1", "Australia/Sydney"), ("2", "America/New_York")):
        env = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == snapshot().hash


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_the_hash_does_not_depend_on_the_types_or_the_order_of_columns(unit):
    bars = two_bars()
    bars["volume"] = bars["volume"].astype("int64")
    bars["split"] = bars["split"].astype("float32")
    bars["dividend"] = bars["dividend"].astype(object)
    bars["low"] = bars["low"].astype("Float64")
    bars.index = bars.index.as_unit(unit)

    assert snapshot(bars[sorted(COLUMNS)]).hash == snapshot().hash


def test_the_hash_does_not_depend_on_when_where_or_by_what_it_was_fetched():
    sydney = FETCHED.astimezone(timezone(timedelta(hours=10)))

    assert snapshot(fetched_at=sydney).fetched_at == FETCHED
    assert snapshot(fetched_at=sydney + timedelta(days=3), client="another 2").hash == snapshot().hash


@pytest.mark.parametrize(
    "other",
    [
        {"vendor": "tiingo"},
        {"symbol": "LYC.ax"},
        {"metadata": {"currency": "AUD"}},
        {"metadata": {"currency": "AUD", "first": True}},
        {"bars": two_bars(close=[11.0, math.nextafter(11.25, 12)])},
        {"bars": two_bars(low=[9.5, 0.0])},
        {"bars": two_bars().set_axis(pd.DatetimeIndex(["2025-07-08", "2025-07-10"]))},
        {"bars": two_bars()[:1]},
    ],
)
def test_any_other_content_has_another_hash(other):
    assert snapshot(**other).hash != snapshot().hash


def test_not_a_number_is_one_value_whatever_its_bits():
    negative = np.frombuffer(struct.pack("<Q", 0xFFF8_0000_0000_1234), "<f8")[0]
    assert math.isnan(negative)

    assert snapshot(two_bars(low=[9.5, negative])).hash == snapshot().hash


def test_bars_are_kept_in_one_form():
    bars = snapshot(two_bars(volume=[100, 0])[sorted(COLUMNS)]).bars

    assert list(bars.columns) == list(COLUMNS)
    assert set(bars.dtypes) == {np.dtype("float64")}
    assert bars.index.dtype == np.dtype("datetime64[ns]")
    assert bars.index.name == "session"


def test_a_snapshot_does_not_follow_the_frame_it_was_made_of_and_cannot_be_written_to():
    bars, metadata = two_bars(), {"currency": "AUD"}
    kept = snapshot(bars, metadata=metadata)
    before = kept.hash

    bars.loc[:, "close"] = 0.0
    metadata["currency"] = "USD"
    with pytest.raises(ValueError, match="read-only"):
        kept.bars.iloc[0, 3] = 0.0

    assert kept.hash == before


def test_fetched_at_is_cut_to_whole_seconds():
    assert snapshot(fetched_at=FETCHED + timedelta(microseconds=999_999)).fetched_at == FETCHED


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"symbol": ""}, "symbol of a snapshot of yahoo is empty"),
        ({"symbol": "A\ud800"}, "symbol is not Unicode text"),
        ({"vendor": ""}, "vendor '' is not a plain word"),
        ({"vendor": "../x"}, "vendor '../x' is not a plain word"),
        ({"vendor": "yahoo\n"}, "is not a plain word"),
        ({"fetched_at": datetime(2025, 7, 9)}, "no time zone: give UTC"),  # noqa: DTZ001
        ({"fetched_at": datetime.max.replace(tzinfo=timezone(timedelta(hours=-5)))}, "outside the calendar"),
        ({"client": 3}, "client is a int: give text"),
        ({"metadata": {"x": math.nan}}, "not JSON .*give finite numbers"),
        ({"metadata": {"x": 10**5000}}, "not JSON"),
        ({"metadata": {"x": [1]}}, "'x' of its metadata is a list"),
        ({"metadata": {"x": "\udfff"}}, "'x' of its metadata is not Unicode"),
        ({"metadata": {1: "x"}}, "name of its metadata is a int"),
        ({"bars": two_bars().drop(columns="split")}, "columns .*give open high"),
        ({"bars": two_bars(other=1.0)}, "columns .*give open high"),
        ({"bars": pd.concat([two_bars(), two_bars()[["close"]]], axis=1)}, "columns .*give open high"),
        ({"bars": two_bars(close=["x", "y"])}, "not all bars are numbers"),
        ({"bars": two_bars()[::-1]}, "not increasing and unique"),
        ({"bars": two_bars().set_axis(pd.DatetimeIndex(["2025-07-08"] * 2))}, "not increasing and unique"),
        ({"bars": two_bars().set_axis(pd.DatetimeIndex(["2025-07-08", None]))}, "not increasing and unique"),
        ({"bars": two_bars()[:1].set_axis(pd.DatetimeIndex([None]))}, "give dates|not increasing"),
        ({"bars": two_bars().tz_localize("UTC")}, "no naive dates"),
        ({"bars": two_bars().set_axis([1, 2])}, "no naive dates"),
        ({"bars": two_bars().shift(freq="16h")}, "time of day: give midnight"),
        ({"bars": two_bars().set_axis(pd.DatetimeIndex(["0001-01-01", "2025-01-01"]))}, "years 1678 to 2261"),
    ],
)
def test_what_is_no_snapshot_is_refused_in_one_line(changed, said):
    with pytest.raises(BadParameter, match=said) as error:
        snapshot(**changed)

    assert "\n" not in str(error.value)


DAYS = st.lists(st.dates(date(1900, 1, 1), date(2100, 1, 1)), max_size=6, unique=True)


@st.composite
def any_bars(draw) -> pd.DataFrame:
    days = sorted(draw(DAYS))
    rows = draw(st.lists(st.tuples(*[st.floats()] * 8), min_size=len(days), max_size=len(days)))
    return pd.DataFrame(rows, index=pd.DatetimeIndex(days), columns=list(COLUMNS), dtype=float)


@given(any_bars())
def test_bars_come_back_from_their_bytes_as_they_were(bars):
    kept = snapshot(bars)

    back = bars_from_bytes(bars_to_bytes(kept.bars))

    pd.testing.assert_frame_equal(back, kept.bars, check_exact=True)
    assert bars_to_bytes(back) == bars_to_bytes(kept.bars)
    np.testing.assert_array_equal(kept.bars.to_numpy(), bars.to_numpy())


@pytest.mark.parametrize("raw", [b"x", bytes(71), struct.pack("<q", 2**62) + bytes(64)])
def test_bytes_that_are_no_bars_are_refused(raw):
    with pytest.raises(ValueError, match="not bars"):
        bars_from_bytes(raw)
