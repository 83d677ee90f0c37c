"""What the real yfinance asks and what is kept of a good answer, against a server on this machine."""

from __future__ import annotations

import http.cookiejar
import logging
import os
import re
import socket
import subprocess
import sys
import time
import warnings
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from loopback import Loopback
from yahoo_modes import CLOSES, DATES, MODES, PAGE, TOO_MANY, Reply

from universes.errors import BadParameter, CannotWrite
from universes.fetching import Fetched, Outcome, fetch_all
from universes.snapshot import COLUMNS
from universes.store import Store
from universes.yahoo_client import check_symbol, fetch, open_session
from universes.yahoo_wire import VARIABLE, YahooSession

ROOT = Path(__file__).parents[2]
# Noon in New York on the day of the last bar: its session is still open.
NOON = datetime(2025, 7, 9, 16, 0, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("yfinance")


@pytest.fixture(scope="module")
def yahoo():
    with Loopback() as server:
        yield server


@pytest.fixture(scope="module")
def session(yahoo, folder) -> YahooSession:
    return open_session(folder, base_url=yahoo.url)


@pytest.fixture
def asked(session):
    """What comes of one symbol."""
    return lambda symbol: fetch(symbol, session=session, clock=lambda: NOON)


def bars(fetched: Fetched) -> pd.DataFrame:
    assert fetched.outcome is Outcome.OK, fetched.message
    assert fetched.snapshot is not None
    return fetched.snapshot.bars


# What is kept of a good answer.


def test_bars_are_what_was_sent_dated_by_session(asked):
    found = bars(asked("GOOD"))

    expected = {
        "open": [9.5, 10.5, 11.5, 12.5, 13.5, 14.5], "high": [11, 12, 13, 14, 15, 16],
        "low": [9, 10, 11, 12, 13, 14], "close": CLOSES, "adjusted_close": CLOSES,
        "volume": [1000, 2000, 3000, 4000, 5000, 6000], "dividend": [0.0] * 6, "split": [1.0] * 6,
    }  # fmt: skip
    index = pd.DatetimeIndex([pd.Timestamp(day) for day in DATES], name="session").as_unit("ns")
    pd.testing.assert_frame_equal(found, pd.DataFrame(expected, index, columns=list(COLUMNS), dtype=float))


def test_the_bar_of_a_session_that_is_still_open_is_kept(asked):
    # At noon the session of the 9th has four hours to go.
    assert bars(asked("GOOD")).index[-1].date() == date(2025, 7, 9)


def test_the_last_bar_sent_twice_is_kept_as_of_the_last_trade(asked):
    found = bars(asked("LIVE"))

    assert len(found) == 6
    assert found.loc["2025-07-09", ["high", "close", "volume"]].tolist() == [16.5, 16.0, 500.0]


@pytest.mark.parametrize(("symbol", "currency"), [("LYC.AX", "AUD"), ("PENCE.L", "GBp"), ("AUDUSD=X", "USD")])
def test_sessions_are_dates_of_the_exchange_and_the_currency_is_as_sent(symbol, currency, asked):
    fetched = asked(symbol)

    # Sydney opens at 0:00 UTC in winter, London's midnight is 23:00 UTC of the day before in summer.
    assert [day.date() for day in bars(fetched).index] == list(DATES)
    assert fetched.snapshot.metadata["currency"] == currency
    assert bars(fetched)["close"].tolist() == list(CLOSES)


def test_nothing_depends_on_the_time_zone_of_this_computer(asked, monkeypatch):
    here = asked("LYC.AX").snapshot.hash
    try:
        for zone in ("Pacific/Auckland", "America/Los_Angeles"):
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            assert asked("LYC.AX").snapshot.hash == here
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_split_is_new_shares_for_one_old(asked):
    # One new for ten old on the 7th.
    assert bars(asked("SPLIT"))["split"].tolist() == [1, 1, 1, 0.1, 1, 1]


def test_a_dividend_stands_on_its_ex_date_beside_the_vendors_adjusted_close(asked):
    found = bars(asked("PAYS"))

    assert found["dividend"].tolist() == [0, 0, 0, 0.5, 0, 0]
    # 0.5 paid after a close of 12: what came before is worth 11.5 / 12 of it.
    assert found["adjusted_close"].iloc[0] == pytest.approx(10 * 11.5 / 12, abs=1e-6)
    assert found["close"].iloc[0] == 10


def test_a_fund_has_its_split_and_dividend_and_its_capital_gain_in_the_metadata(asked):
    fetched = asked("FUND")

    assert bars(fetched)["dividend"].tolist() == [0, 0, 0.75, 0, 0, 0]
    assert bars(fetched)["split"].tolist() == [1, 2, 1, 1, 1, 1]
    assert fetched.snapshot.metadata["capitalGains"] == "2025-07-03 0.25"


def test_dividends_of_another_currency_are_kept_as_sent_and_told(asked):
    fetched = asked("PAYS-IN-GBP")

    assert bars(fetched)["dividend"].sum() == 0.5
    assert fetched.snapshot.metadata["dividendCurrency"] == "GBP"
    assert fetched.message.endswith("; dividends in GBP, prices in USD")


@pytest.mark.parametrize(
    ("symbol", "column", "value"), [("PAYS-ON-HOLIDAY", "dividend", 0.5), ("SPLITS-ON-HOLIDAY", "split", 1.5)]
)
def test_a_payout_of_a_day_without_a_bar_is_not_moved_to_the_bar_before(symbol, column, value, asked):
    found = bars(asked(symbol))

    assert found.loc["2025-07-04", column] == value
    assert found.loc["2025-07-04", ["open", "high", "low", "close", "adjusted_close", "volume"]].isna().all()
    assert (found.drop(pd.Timestamp("2025-07-04"))[column] == (1 if column == "split" else 0)).all()


def test_rows_and_volumes_that_are_null_are_kept_as_missing(asked):
    row, volumes = bars(asked("NULL-ROW")), bars(asked("NULL-VOLUME"))

    assert row.loc["2025-07-03", ["open", "high", "low", "close", "adjusted_close", "volume"]].isna().all()
    assert row.loc["2025-07-03", ["dividend", "split"]].tolist() == [0, 1]
    assert row["close"].notna().sum() == 5
    assert np.flatnonzero(volumes["volume"].isna()).tolist() == [2]
    assert volumes["close"].notna().all()


def test_a_price_of_zero_is_kept_for_the_gates_to_judge(asked):
    assert bars(asked("ZERO-PRICE"))["open"].tolist() == [10, 11, 0, 13, 14, 15]


def test_metadata_are_single_values_that_do_not_change_with_the_last_trade(asked):
    told = asked("GOOD").snapshot.metadata

    assert told == {
        "currency": "USD", "exchangeName": "NYQ", "exchangeTimezoneName": "America/New_York",
        "firstTradeDate": 1593610200, "fullExchangeName": "NYSE", "gmtoffset": -14400,
        "instrumentType": "EQUITY", "longName": "Good Mines", "priceHint": 2, "symbol": "GOOD",
        "timezone": "EDT",
    }  # fmt: skip
    odd = asked("ODD-METADATA").snapshot.metadata
    assert "shortName" not in odd
    assert "priceHint" not in odd


def test_the_same_answer_later_has_the_same_hash(session):
    first = fetch("GOOD", session=session, clock=lambda: NOON).snapshot
    later = fetch("GOOD", session=session, clock=lambda: NOON + timedelta(minutes=30)).snapshot

    assert first.hash == later.hash
    assert first.fetched_at < later.fetched_at


def test_a_symbol_in_small_letters_is_kept_as_yahoo_writes_it(asked):
    fetched = asked("good")

    assert (fetched.symbol, fetched.snapshot.symbol) == ("good", "GOOD")


# How Yahoo is asked.


def test_all_since_1990_is_asked_for_unadjusted_and_with_payouts(yahoo, asked):
    asked("GOOD")

    path, query = yahoo.requests[-1]
    assert path.endswith("/v8/finance/chart/GOOD")
    # Midnight in New York on 1990-01-01 is 5:00 UTC.
    assert query["period1"] == ["631170000"]
    assert (query["interval"], query["events"]) == (["1d"], ["div,splits,capitalGains"])
    assert query["crumb"] == ["abc.DEF/123"]


def test_what_was_answered_badly_once_is_asked_for_anew(folder):
    def at_first(ask):
        return MODES["TRUNCATED" if ask.number == 1 else "GOOD"](ask)

    with Loopback(MENDS=at_first) as yahoo:
        session = open_session(folder, base_url=yahoo.url)
        outcomes = [fetch("MENDS", session=session, clock=lambda: NOON).outcome for _ in range(3)]

    # The small question was answered badly once, then the history; yfinance would give the first answer for ever.
    assert outcomes == [Outcome.BAD_PAYLOAD, Outcome.BAD_PAYLOAD, Outcome.OK]


@pytest.mark.parametrize("crumb", [TOO_MANY, Reply(503, PAGE % b"down"), Reply(200, b"")])
def test_a_refused_crumb_does_not_stop_the_prices_and_is_never_sent_as_a_crumb(crumb, folder, caplog):
    with Loopback() as yahoo:
        yahoo.server.crumb = crumb
        session = open_session(folder, base_url=yahoo.url)
        # A 404 makes yfinance drop the crumb it has from earlier.
        fetch("GONE", session=session, clock=lambda: NOON)
        fetched = [fetch("GOOD", session=session, clock=lambda: NOON) for _ in range(2)]
        asked = [query for path, query in yahoo.requests if path.endswith("/GOOD")]

    assert [item.outcome for item in fetched] == [Outcome.OK] * 2
    assert asked
    assert not any("crumb" in query for query in asked)
    assert caplog.records == []


def test_a_cookie_that_yfinance_cannot_read_is_thrown_away(asked):
    import yfinance.cache

    endless = http.cookiejar.Cookie(
        0, "A3", "d=1", None, False, ".yahoo.com", True, True, "/", True, True, None, True, None, None, {}
    )
    cookies = yfinance.cache.get_cookie_cache()
    cookies.store("curlCffi", {".yahoo.com": {"/": {"A3": endless}}})

    assert asked("GOOD").outcome is Outcome.OK
    assert cookies.lookup("curlCffi") is None


def test_nobody_listening_is_the_network_and_not_a_delisting(folder, caplog):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        session = open_session(folder, base_url=f"http://127.0.0.1:{free.getsockname()[1]}")
        fetched = [fetch(symbol, session=session, clock=lambda: NOON) for symbol in ("A", "B", "C", "D")]

    assert [item.outcome for item in fetched] == [Outcome.NETWORK] * 4
    assert {item.message for item in fetched} == {
        "Yahoo cannot be reached: the connection was refused; check the network and run again later"
    }
    assert caplog.records == []


def test_a_server_that_never_answers_costs_no_more_than_the_seconds_of_a_symbol(folder):
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(16)
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        session = open_session(folder, base_url=url, request_seconds=5, symbol_seconds=0.3)
        began = time.monotonic()
        fetched = fetch("DEAF", session=session, clock=lambda: NOON)

    assert fetched.outcome is Outcome.NETWORK
    assert time.monotonic() - began < 5


def test_a_server_on_this_machine_is_not_asked_for_through_a_proxy(asked, monkeypatch):
    for name in ("http_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert asked("GOOD").outcome is Outcome.OK


def test_two_threads_on_one_session_each_judge_their_own_answers(session, tmp_path):
    symbols = ["GOOD", "GONE", "FAILS", "WRONG", "SPLIT", "NULL", "PAYS", "TRUNCATED"] * 2
    symbols = [f"LATE-{name}" if at >= 8 else name for at, name in enumerate(symbols)]

    outcomes = {
        item.symbol: item.outcome
        for item in fetch_all(
            symbols, lambda symbol: fetch(symbol, session=session, clock=lambda: NOON), Store(tmp_path),
            sleep=lambda seconds: None,
        )
    }  # fmt: skip

    expected = {
        "GONE": Outcome.NOT_FOUND, "FAILS": Outcome.NETWORK, "WRONG": Outcome.WRONG_SYMBOL, "NULL": Outcome.EMPTY,
        "TRUNCATED": Outcome.BAD_PAYLOAD,
    }  # fmt: skip
    assert outcomes == {name: expected.get(name.removeprefix("LATE-"), Outcome.OK) for name in symbols}


def test_warnings_logging_and_yfinances_settings_are_as_before_afterwards(asked):
    import yfinance

    before = (list(warnings.filters), yfinance.config.debug.hide_exceptions)
    asked("GONE")

    assert (list(warnings.filters), yfinance.config.debug.hide_exceptions) == before
    assert not logging.getLogger("yfinance").disabled
    assert yfinance.cache.get_tz_cache().db.is_closed()
    assert yfinance.cache.get_cookie_cache().db.is_closed()


# What cannot be asked.


@pytest.mark.parametrize(
    "symbol",
    ["", " ", "..", "../x", "A/B", "A?b=1", "A B", "A#", "A%2F", "é", "A\n", "x" * 41, "AU000000LYC6"],
)
def test_what_is_no_symbol_is_refused_before_anything_is_asked(symbol, yahoo, asked):
    count = len(yahoo.requests)

    with pytest.raises(BadParameter, match=r"no symbol of Yahoo's|is an ISIN"):
        asked(symbol)
    assert len(yahoo.requests) == count


@pytest.mark.parametrize(
    "symbol", ["MP", "LYC.AX", "AUDUSD=X", "^GSPC", "BRK-B", "M&M.NS", "ES=F", "0700.HK"]
)
def test_symbols_of_every_kind_can_be_asked_for(symbol):
    check_symbol(symbol)


@pytest.mark.parametrize(
    "url", ["127.0.0.1:80", "ftp://127.0.0.1", "http://", "http://a?b", "file:///etc/passwd"]
)
def test_a_base_address_that_is_none_is_refused(url, monkeypatch):
    monkeypatch.setenv(VARIABLE, url)

    with pytest.raises(BadParameter, match=VARIABLE):
        YahooSession()


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(CannotWrite, match=re.escape(str(tmp_path / "file" / "x"))):
        open_session(tmp_path / "file" / "x", base_url="http://127.0.0.1:9")


# In a process of its own: what yfinance does once a process.


def child(code: str, *, url: str, home: Path, **options) -> subprocess.Popen[str]:
    environment = os.environ | {
        VARIABLE: url,
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home),
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.Popen(
        [sys.executable, "-W", "error::DeprecationWarning", "-c", code], env=environment, cwd=home, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
    )  # fmt: skip


ONE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from universes.errors import CannotWrite
from universes.yahoo_client import fetch, open_session
try:
    session = open_session(Path(sys.argv[1] if sys.argv[1:] else "own"))
except CannotWrite as error:
    sys.exit(str(error))
for symbol in ("GONE", "GOOD"):
    fetched = fetch(symbol, session=session, clock=lambda: datetime(2025, 7, 9, 16, tzinfo=UTC))
    print(symbol, fetched.outcome)
"""


def test_the_environment_names_the_server_and_nothing_is_written_but_into_the_folder_given(yahoo, tmp_path):
    out, err = child(ONE, url=yahoo.url, home=tmp_path).communicate(timeout=60)

    assert (out, err) == ("GONE not-found\nGOOD ok\n", "")
    assert [item.name for item in tmp_path.iterdir()] == ["own"]
    assert {item.name for item in (tmp_path / "own").iterdir()} == {"tkr-tz.db", "cookies.db"}


def test_damaged_files_of_yfinance_are_named_with_the_mend(yahoo, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "tkr-tz.db").write_bytes(b"no database at all" * 100)

    done = child(ONE, url=yahoo.url, home=tmp_path)
    out, err = done.communicate(timeout=60)

    assert (out, done.returncode) == ("", 1)
    assert re.fullmatch(
        r"the files of yfinance in own cannot be used \(DatabaseError.*\); remove that folder\n", err
    )
