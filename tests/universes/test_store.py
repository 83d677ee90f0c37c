"""A store gives back what was put, whole, or says in a line why it cannot."""

from __future__ import annotations

import errno
import os
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from stat import S_ISDIR

import filelock
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from universes.errors import BadData, BadParameter, CannotWrite
from universes.snapshot import COLUMNS, Snapshot
from universes.store import Entry, Store

FETCHED = datetime(2025, 7, 9, 20, 15, tzinfo=UTC)
HOSTILE = (
    "../x", "../../etc/passwd", "a/b", "a\\b", "CON", "nul", ".", "..", " ", "~", "a\nb", "\0", "%s", "-rf",
    "LYC.AX", "lyc.ax", "AUDUSD=X", "^GSPC", "é", "e\u0301", "稀土", "\u202e", "x" * 5000,
)  # fmt: skip


def snapshot(close: float = 1.0, *, days: int = 0, symbol: str = "LYC.AX", **changed) -> Snapshot:
    """One bar at a close, fetched so many days after the first."""
    bars = pd.DataFrame([[close] * 8], index=pd.DatetimeIndex(["2025-07-09"]), columns=list(COLUMNS))
    parts = {"bars": bars, "metadata": {"currency": "AUD"}, "fetched_at": FETCHED + timedelta(days=days)}
    return Snapshot(vendor="yahoo", symbol=symbol, client="yfinance 1.7.0", **parts | changed)


def same(one: Snapshot | None, other: Snapshot) -> bool:
    if one is None:
        return False
    pd.testing.assert_frame_equal(one.bars, other.bars, check_exact=True)
    parts = [(it.vendor, it.symbol, it.metadata, it.fetched_at, it.client, it.hash) for it in (one, other)]
    return parts[0] == parts[1]


def close_of(store: Store) -> float:
    found = store.latest("yahoo", "LYC.AX")
    assert found is not None
    return float(found.bars["close"].iloc[0])


def files(folder: Path) -> list[str]:
    return sorted(str(item.relative_to(folder)) for item in folder.rglob("*") if item.is_file())


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "prices")


# What was put comes back.

DAYS = st.lists(st.dates(date(1900, 1, 1), date(2100, 1, 1)), min_size=1, max_size=5, unique=True)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)


@st.composite
def snapshots(draw) -> Snapshot:
    days = sorted(draw(DAYS))
    rows = draw(st.lists(st.tuples(*[st.floats()] * 8), min_size=len(days), max_size=len(days)))
    return Snapshot(
        "yahoo",
        draw(st.text(min_size=1) | st.sampled_from(HOSTILE)),
        pd.DataFrame(rows, index=pd.DatetimeIndex(days), columns=list(COLUMNS), dtype=float),
        draw(st.dictionaries(st.text(), SCALARS, max_size=4)),
        draw(st.datetimes(timezones=st.just(UTC))),
        draw(st.text()),
    )


@settings(deadline=None)
@given(snapshots())
def test_any_snapshot_comes_back_as_it_was(given_snapshot):
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))

        entry = store.put(given_snapshot)

        assert same(store.read(entry), given_snapshot)
        assert same(store.latest("yahoo", given_snapshot.symbol), given_snapshot)
        assert store.entries("yahoo", given_snapshot.symbol) == (entry,)
        assert store.symbols("yahoo") == (given_snapshot.symbol,)


def test_hostile_symbols_stay_in_the_folder_and_apart_on_a_disk_without_case(tmp_path):
    store = Store(tmp_path / "prices")

    for number, symbol in enumerate(HOSTILE):
        store.put(snapshot(number, symbol=symbol))

    assert os.listdir(tmp_path) == ["prices"]
    shape = re.compile(r"yahoo/[0-9a-f]{32}/(\.lock|20250709T201500Z-[0-9a-f]{64}\.snapshot)")
    assert all(shape.fullmatch(name) for name in files(tmp_path / "prices"))
    assert len({name.casefold() for name in files(tmp_path / "prices")}) == 2 * len(HOSTILE)
    assert store.symbols("yahoo") == tuple(sorted(HOSTILE))
    for number, symbol in enumerate(HOSTILE):
        assert same(store.latest("yahoo", symbol), snapshot(number, symbol=symbol))


def test_an_empty_symbol_or_a_vendor_with_a_path_is_refused(store):
    for vendor, symbol in (("yahoo", ""), ("../x", "A"), ("", "A")):
        with pytest.raises(BadParameter):
            store.latest(vendor, symbol)
        with pytest.raises(BadParameter):
            store.entries(vendor, symbol)
    with pytest.raises(BadParameter):
        store.symbols("a/b")
    with pytest.raises(BadParameter, match="no folder can have the name"):
        Store(Path("a\0b"))


def test_a_snapshot_without_bars_is_not_kept(store):
    with pytest.raises(BadParameter, match=r"yahoo sent no bars of 'LYC\.AX': an empty answer is not kept"):
        store.put(snapshot(bars=snapshot().bars[:0]))

    assert not store.folder.exists()


def test_entries_are_in_the_order_of_fetching_whatever_the_order_of_writing(store):
    for close, days in ((3.0, 2), (1.0, 0), (2.0, 1)):
        store.put(snapshot(close, days=days))

    found = store.entries("yahoo", "LYC.AX")

    assert [entry.fetched_at for entry in found] == [FETCHED + timedelta(days=days) for days in range(3)]
    assert [entry.hash for entry in found] == [snapshot(close).hash for close in (1.0, 2.0, 3.0)]
    assert [store.read(entry).bars["close"].iloc[0] for entry in found] == [1.0, 2.0, 3.0]
    assert close_of(store) == 3.0


def test_a_snapshot_once_written_is_never_changed(store):
    first = store.put(snapshot(1.0)).path
    before = (first.read_bytes(), first.stat().st_mtime_ns)

    store.put(snapshot(2.0, days=1))
    store.put(snapshot(1.0, days=2))
    store.put(snapshot(1.0))

    assert (first.read_bytes(), first.stat().st_mtime_ns) == before


# The same content again.


def test_a_fetch_without_news_is_noted_and_its_bars_are_not_written_again(store):
    bars = pd.DataFrame(1.5, index=pd.bdate_range("2020-01-01", periods=500), columns=list(COLUMNS))
    first = store.put(snapshot(bars=bars))
    again = snapshot(bars=bars, days=1, metadata={"currency": "AUD"})

    noted = store.put(again)

    assert noted.hash == first.hash
    assert noted.path.stat().st_size < 1000 < 36_000 < first.path.stat().st_size
    assert store.entries("yahoo", "LYC.AX") == (first, noted)
    assert same(store.latest("yahoo", "LYC.AX"), again)
    assert same(store.read(first), snapshot(bars=bars))


def test_the_same_fetch_put_twice_is_one_entry(store):
    entry = store.put(snapshot())

    assert store.put(snapshot()) == entry
    assert store.entries("yahoo", "LYC.AX") == (entry,)


def test_any_earlier_fetch_put_again_is_the_entry_that_it_was(store):
    entries = [store.put(snapshot(close, days=days)) for days, close in enumerate((1.0, 1.0, 2.0, 1.0, 1.0))]

    assert [entry.path.suffix for entry in entries] == [
        ".snapshot",
        ".same",
        ".snapshot",
        ".snapshot",
        ".same",
    ]
    assert [store.put(store.read(entry)) for entry in entries] == entries
    assert store.entries("yahoo", "LYC.AX") == tuple(entries)


def test_a_fetch_put_again_after_damage_is_whole_and_one_entry(store):
    base = store.put(snapshot())
    note = store.put(snapshot(days=1))
    damage(base.path)

    again = store.put(snapshot(days=1))

    assert same(store.latest("yahoo", "LYC.AX"), snapshot(days=1))
    assert store.entries("yahoo", "LYC.AX") == (base, again)
    assert not note.path.exists()
    assert store.put(snapshot()) == base
    assert same(store.read(base), snapshot())


def test_content_that_came_back_after_other_content_is_written_whole(store):
    store.put(snapshot(1.0))
    store.put(snapshot(2.0, days=1))

    assert store.put(snapshot(1.0, days=2)).path.suffix == ".snapshot"
    assert close_of(store) == 1.0


def test_a_damaged_file_is_no_base_to_note_a_fetch_on(store):
    damage(store.put(snapshot()).path)

    entry = store.put(snapshot(days=1))

    assert entry.path.suffix == ".snapshot"
    assert same(store.latest("yahoo", "LYC.AX"), snapshot(days=1))


def test_a_note_whose_snapshot_is_gone_or_damaged_is_refused_and_mended_by_fetching(store):
    base = store.put(snapshot()).path
    note = store.put(snapshot(days=1)).path
    damage(base)
    with pytest.raises(BadData, match=rf"{base.name}: is damaged"):
        store.latest("yahoo", "LYC.AX")
    base.unlink()
    with pytest.raises(
        BadData, match=rf"{note.name}: repeats a snapshot that is gone; remove it and fetch again"
    ):
        store.latest("yahoo", "LYC.AX")

    store.put(snapshot(days=2))

    assert same(store.latest("yahoo", "LYC.AX"), snapshot(days=2))


# Damage.


def damage(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)


def test_a_damaged_latest_is_never_passed_over_unless_asked(store):
    store.put(snapshot(1.0))
    damage(store.put(snapshot(2.0, days=1)).path)

    with pytest.raises(BadData, match="is damaged or cut short.*remove it and fetch again"):
        store.latest("yahoo", "LYC.AX")
    whole, faults = store.latest_whole("yahoo", "LYC.AX")

    assert same(whole, snapshot(1.0))
    assert len(faults) == 1
    assert "is damaged" in str(faults[0])
    assert store.latest_whole("yahoo", "MP") == (None, ())


def test_a_file_that_is_not_what_its_name_says_is_refused(store):
    good = store.put(snapshot(1.0)).path
    other = store.put(snapshot(2.0, days=1, symbol="MP")).path
    copies = (good.with_name(other.name), good.with_name(good.name.replace("T2015", "T2016")))

    for copy in copies:
        copy.write_bytes(other.read_bytes() if copy.name == other.name else good.read_bytes())
        with pytest.raises(BadData, match="not what its name says; remove it"):
            store.latest("yahoo", "LYC.AX")
        copy.unlink()
    note = store.put(snapshot(1.0, days=1)).path
    for wrong in (note, other):
        good.write_bytes(wrong.read_bytes())
        with pytest.raises(BadData, match=rf"{good.name}: .*not what its name says"):
            store.latest("yahoo", "LYC.AX")


@pytest.mark.parametrize(
    "name", ["copy of it.snapshot", "20259999T000000Z-" + "0" * 64 + ".snapshot", "x.same"]
)
def test_a_snapshot_without_a_right_name_is_refused_not_passed_over(store, name):
    path = store.put(snapshot()).path.with_name(name)
    path.write_bytes(b"")

    with pytest.raises(BadData, match="is no name of a snapshot"):
        store.latest("yahoo", "LYC.AX")
    with pytest.raises(BadData, match="is no name of a snapshot"):
        store.entries("yahoo", "LYC.AX")


def test_symbols_are_known_as_long_as_one_file_says_so(store):
    first = store.put(snapshot(1.0)).path
    second = store.put(snapshot(2.0, days=1)).path
    foreign = store.put(snapshot(symbol="MP")).path
    second.write_bytes(foreign.read_bytes())
    (first.parent.parent / "notes.txt").write_text("mine")

    assert store.symbols("yahoo") == ("LYC.AX", "MP")
    assert store.symbols("tiingo") == ()
    first.write_bytes(b"")
    with pytest.raises(BadData, match="holds 'MP', which does not belong there; remove it"):
        store.symbols("yahoo")
    second.write_bytes(b"")
    with pytest.raises(BadData, match="is no snapshot of Lodestone"):
        store.symbols("yahoo")


# Disks and folders that fail.


def test_the_file_is_on_disk_before_it_has_its_name_and_the_name_before_put_returns(store, monkeypatch):
    store.put(snapshot())
    done = []
    fsync, replace = os.fsync, os.replace

    def flushed(handle):
        done.append("flush folder" if S_ISDIR(os.fstat(handle).st_mode) else "flush file")
        fsync(handle)

    def replaced(*names):
        done.append("rename")
        replace(*names)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(os, "replace", replaced)
    store.put(snapshot(2.0, days=1))

    assert done == ["flush file", "rename", "flush folder"]


@pytest.mark.parametrize("failing", [1, 2, 3])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_at_any_step_leaves_the_old_or_the_new_and_one_line(
    store, monkeypatch, failing, number
):
    store.put(snapshot(1.0))
    steps = iter(range(1, 100))

    def failing_at(call):
        def step(*given):
            if next(steps) == failing:
                raise OSError(number, os.strerror(number))
            return call(*given)

        return step

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing_at(os.fsync))
        patch.setattr(os, "replace", failing_at(os.replace))
        with pytest.raises(CannotWrite, match=os.strerror(number)) as error:
            store.put(snapshot(2.0, days=1))

    assert "\n" not in str(error.value)
    # The third step flushes the folder: the new file has its name by then.
    assert close_of(store) == (2.0 if failing == 3 else 1.0)
    assert [name for name in files(store.folder) if "/.2" in name] == []
    store.put(snapshot(3.0, days=2))
    assert close_of(store) == 3.0


def test_a_store_whose_place_is_a_file_is_refused_in_a_line(tmp_path):
    place = tmp_path / "prices"
    place.write_text("mine")
    store = Store(place)

    with pytest.raises(
        CannotWrite, match="price store .* cannot be written: .*set LODESTONE_STORE to a folder"
    ):
        store.put(snapshot())
    with pytest.raises(BadData, match="cannot be read: Not a directory"):
        store.latest("yahoo", "LYC.AX")
    with pytest.raises(BadData, match="cannot be read: Not a directory"):
        store.symbols("yahoo")


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_store_that_may_not_be_written_still_reads(store):
    folder = store.put(snapshot()).path.parent
    folder.chmod(0o500)
    try:
        with pytest.raises(CannotWrite, match="Permission denied|read-only"):
            store.put(snapshot(2.0, days=1))
        assert close_of(store) == 1.0
    finally:
        folder.chmod(0o700)


# Several at once.


def test_a_killed_writers_file_is_not_read_and_goes_with_the_next_put(store):
    folder = store.put(snapshot()).path.parent
    left = folder / ".20250710T201500Z-0123456789abcdef-0011223344556677"
    left.write_bytes(b"half")
    (folder / ".lock-of-mine").write_bytes(b"")

    assert close_of(store) == 1.0
    store.put(snapshot(2.0, days=1))

    assert not left.exists()
    assert (folder / ".lock-of-mine").exists()


def test_a_writer_that_waits_too_long_for_another_says_so(store):
    folder = store.put(snapshot()).path.parent
    hasty = Store(store.folder, lock_seconds=0.05)

    with filelock.FileLock(folder / ".lock"):
        with pytest.raises(
            CannotWrite, match=r"been writing yahoo 'LYC\.AX' for 0\.05 s; wait until it ends"
        ):
            hasty.put(snapshot(2.0, days=1))
        # Reading and other symbols wait for nobody.
        assert close_of(hasty) == 1.0
        hasty.put(snapshot(symbol="MP"))


def test_reading_makes_no_file_and_no_folder(store):
    assert store.latest("yahoo", "LYC.AX") is None
    assert store.entries("yahoo", "LYC.AX") == ()
    assert store.symbols("yahoo") == ()
    assert not store.folder.exists()
    lock = store.put(snapshot()).path.with_name(".lock")
    lock.unlink()
    before = files(store.folder)

    assert close_of(store) == 1.0

    assert files(store.folder) == before


def test_threads_write_one_symbol_and_none_is_lost_while_others_read(store):
    store.put(snapshot(0.0))

    def put(number: int) -> Entry:
        return store.put(snapshot(float(number), days=number))

    def read(_: int) -> bool:
        found = store.latest("yahoo", "LYC.AX")
        close = found.bars["close"].iloc[0]
        return same(found, snapshot(close, days=int(close)))

    with ThreadPoolExecutor(8) as pool:
        entries = pool.map(put, range(1, 41))
        assert all(pool.map(read, range(40)))
        assert {entry.fetched_at for entry in entries} < {
            it.fetched_at for it in store.entries("yahoo", "LYC.AX")
        }

    assert len(store.entries("yahoo", "LYC.AX")) == 41


def test_a_snapshot_has_the_mode_that_the_user_gives_to_files_and_the_mask_is_left_alone(store):
    mask = os.umask(0o027)
    try:
        with ThreadPoolExecutor(8) as pool:
            entries = list(
                pool.map(lambda number: store.put(snapshot(number, symbol=f"S{number}")), range(40))
            )
        assert {entry.path.stat().st_mode & 0o777 for entry in entries} == {0o640}
    finally:
        assert os.umask(mask) == 0o027


# Where it is.


def test_the_default_store_is_named_by_the_environment_else_in_the_users_caches(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.setenv("LODESTONE_STORE", str(tmp_path / "mine"))
    assert Store.default().folder == tmp_path / "mine"

    monkeypatch.setenv("LODESTONE_STORE", "")
    folder = Store.default().folder
    assert folder.parts[-2:] == ("lodestone", "prices")
    if os.name == "posix" and os.uname().sysname == "Linux":
        assert folder == tmp_path / "caches" / "lodestone" / "prices"
    assert not (tmp_path / "caches").exists()
