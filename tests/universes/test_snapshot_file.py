"""A snapshot's file says what it is, and any change of it is noticed."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from universes import snapshot_file
from universes.errors import BadData, BadParameter
from universes.snapshot import COLUMNS, Snapshot

FETCHED = datetime(2025, 7, 9, 20, 15, tzinfo=UTC)


def one_bar() -> Snapshot:
    bars = pd.DataFrame([range(8)], index=pd.DatetimeIndex(["1970-01-03"]), columns=list(COLUMNS))
    return Snapshot("yahoo", "LYC.AX", bars, {"currency": "AUD"}, FETCHED, "yfinance 1.7.0")


def content() -> bytes:
    return snapshot_file.to_bytes(one_bar(), one_bar().hash)


def with_header(**changed: object) -> bytes:
    """A file whose checksum is right and whose header is not."""
    _, header, bars = content().split(b"\n", 2)
    rest = json.dumps(json.loads(header) | changed).encode() + b"\n" + bars
    return signed(rest)


def signed(rest: bytes) -> bytes:
    return b"lodestone snapshot 1 " + hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest


def whole(path: Path) -> Snapshot:
    header, bars = snapshot_file.read_file(path)
    return snapshot_file.to_snapshot(path, header, bars)


def refusal(path: Path, raw: bytes) -> str:
    path.write_bytes(raw)
    with pytest.raises(BadData) as error:
        whole(path)
    assert len(error.value.faults) == 1
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_file_is_a_checksum_a_header_and_the_bars():
    first, header, bars = content().split(b"\n", 2)

    assert first == b"lodestone snapshot 1 " + hashlib.sha256(header + b"\n" + bars).hexdigest().encode()
    assert json.loads(header) == {
        "client": "yfinance 1.7.0",
        "columns": ["session", *COLUMNS],
        "fetched_at": "2025-07-09T20:15:00+00:00",
        "hash": one_bar().hash,
        "holds": "bars",
        "metadata": {"currency": "AUD"},
        "rows": 1,
        "symbol": "LYC.AX",
        "types": ["<i8 days since 1970-01-01"] + ["<f8"] * 8,
        "vendor": "yahoo",
    }
    # 1970-01-03 is day 2.
    assert bars == struct.pack("<q8d", 2, *range(8))


def test_the_same_snapshot_gives_the_same_bytes_whatever_the_order_of_its_metadata():
    one, other = (
        Snapshot("yahoo", "A", one_bar().bars, metadata, FETCHED, "c")
        for metadata in ({"a": 1, "b": 2}, {"b": 2, "a": 1})
    )

    assert snapshot_file.to_bytes(one, one.hash) == snapshot_file.to_bytes(other, other.hash)
    assert list(other.metadata) == ["a", "b"]


def test_every_flipped_bit_is_noticed(tmp_path):
    path, raw = tmp_path / "x.snapshot", content()
    path.write_bytes(raw)
    assert whole(path).hash == one_bar().hash

    for position in range(len(raw)):
        for bit in range(8):
            flipped = bytearray(raw)
            flipped[position] ^= 1 << bit
            path.write_bytes(flipped)
            with pytest.raises(BadData):
                whole(path)


def test_every_cut_and_every_addition_is_noticed(tmp_path):
    path, raw = tmp_path / "x.snapshot", content()

    for length in range(len(raw)):
        assert "fetch again" in refusal(path, raw[:length])
    assert "damaged" in refusal(path, raw + b"\0")


def test_a_newer_format_is_named_with_the_mend(tmp_path):
    newer = content().replace(b"snapshot 1 ", b"snapshot 2 ", 1)

    said = refusal(tmp_path / "x.snapshot", newer)

    assert "is of format 2, this Lodestone reads 1: update Lodestone, or remove it and fetch again" in said


@pytest.mark.parametrize(
    "raw",
    [b"", b"\n", b"\x80\x04\x95", b"Date,Open\n2025-01-01,1\n", b"lodestone snapshot 1 abc\n", bytes(4096)],
)
def test_a_foreign_file_is_refused(tmp_path, raw):
    assert "is no snapshot of Lodestone" in refusal(tmp_path / "x.snapshot", raw)


@pytest.mark.parametrize(
    "raw",
    [
        signed(b""),
        signed(b"{}\n"),
        signed(b"[]\n"),
        signed(b"[" * 100_000 + b"\n"),
        signed(b"\xff\n"),
        signed(b'{"rows": ' + b"9" * 5000 + b"}\n"),
        with_header(rows=2),
        with_header(rows=-1),
        with_header(rows="1"),
        with_header(rows=True, holds="no"),
        with_header(symbol=None),
        with_header(symbol=""),
        with_header(vendor="../x"),
        with_header(metadata=[1]),
        with_header(metadata={"x": []}),
        with_header(fetched_at="soon"),
        with_header(fetched_at="2025-07-09T20:15:00"),
        with_header(columns=["session", "close"]),
        with_header(hash=3),
        signed(content().split(b"\n", 2)[1] + b"\n" + struct.pack("<q8d", 2**62, *range(8))),
    ],
)
def test_a_file_with_a_right_checksum_of_something_else_is_refused(tmp_path, raw):
    assert "fetch again" in refusal(tmp_path / "x.snapshot", raw)


def test_what_is_not_a_file_or_not_there_is_refused(tmp_path):
    folder, pipe = tmp_path / "a.snapshot", tmp_path / "b.snapshot"
    folder.mkdir()
    os.mkfifo(pipe)

    for path, said in ((folder, "not a file"), (pipe, "not a file"), (tmp_path / "c", "No such file")):
        with pytest.raises(BadData, match=said):
            snapshot_file.read_file(path)


def test_a_file_larger_than_any_snapshot_is_neither_read_nor_written(tmp_path, monkeypatch):
    path = tmp_path / "x.snapshot"
    with path.open("wb") as file:
        file.truncate(snapshot_file.MOST_BYTES + 1)
    with pytest.raises(BadData, match="more than any snapshot"):
        snapshot_file.read_file(path)

    monkeypatch.setattr(snapshot_file, "MOST_BYTES", 300)
    with pytest.raises(BadParameter, match="no daily series"):
        content()
