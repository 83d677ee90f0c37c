"""Sessions are kept between processes, and what is kept is what would be built."""

from __future__ import annotations

import pandas as pd
import pytest

from universes import kept_sessions, sessions


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder of one's own, and a process that has built nothing yet."""
    monkeypatch.setenv(kept_sessions.VARIABLE, str(tmp_path / "sessions"))
    sessions._years.cache_clear()
    yield tmp_path / "sessions"
    sessions._years.cache_clear()


def again(calendar: str) -> pd.DataFrame:
    """The table as a later process gets it."""
    sessions._years.cache_clear()
    return sessions._years(calendar, "2019", "2021")


def never_built(*_):
    """In place of building."""
    raise AssertionError("built, although it was kept")


@pytest.mark.parametrize("calendar", ["XNYS", "XASX", "XLON", "XHKG", "XTSE"])
def test_what_is_kept_is_what_is_built_to_the_bit(calendar, monkeypatch):
    built = sessions.build(calendar, "2019", "2021")
    again(calendar)
    monkeypatch.setattr(sessions, "build", never_built)

    pd.testing.assert_frame_equal(again(calendar), built, check_exact=True, check_freq=True)


def test_a_calendar_without_sessions_in_those_years_is_kept_too(monkeypatch):
    none = pd.DataFrame(
        {
            "open": pd.DatetimeIndex([]).astype("datetime64[ns]"),
            "close": pd.DatetimeIndex([]).astype("datetime64[ns]"),
        },
        index=pd.DatetimeIndex([], name="session").astype("datetime64[ns]"),
    )
    kept_sessions.keep("XSHG", "1985", "1986", none)

    pd.testing.assert_frame_equal(kept_sessions.kept("XSHG", "1985", "1986"), none)


@pytest.mark.parametrize(
    "damage", [lambda raw: raw[:-8], lambda raw: raw[:-1] + b"\x7f", lambda _: b"", lambda _: b"x"]
)
def test_a_damaged_file_is_built_anew_and_mended(folder, damage):
    whole = again("XNYS")
    (file,) = folder.iterdir()
    good = file.read_bytes()
    file.write_bytes(damage(good))

    pd.testing.assert_frame_equal(again("XNYS"), whole)
    assert file.read_bytes() == good


def test_where_nothing_can_be_written_the_calendar_is_built(folder, monkeypatch):
    folder.write_text("a file where the folder should be")

    assert len(again("XNYS")) == len(sessions.build("XNYS", "2019", "2021"))
    assert folder.read_text() == "a file where the folder should be"


def test_another_version_of_the_calendars_does_not_read_what_this_one_kept(monkeypatch):
    again("XNYS")
    kept_sessions._made_by.cache_clear()
    monkeypatch.setattr(kept_sessions, "version", lambda _: "0.0")

    assert kept_sessions.kept("XNYS", "2019", "2021") is None
    kept_sessions._made_by.cache_clear()
