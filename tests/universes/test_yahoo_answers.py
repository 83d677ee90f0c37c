"""What the real yfinance makes of a server that misbehaves in every way, and what we make of it."""

from __future__ import annotations

import re
import warnings
from datetime import UTC, datetime
from functools import partial

import pytest
from loopback import Loopback
from yahoo_modes import MODES

from universes.fetching import Fetched, Outcome, fetch_all
from universes.store import Store
from universes.yahoo_client import client, fetch, open_session
from universes.yahoo_wire import YahooSession

# Noon in New York on the day of the last bar: its session is still open.
NOON = datetime(2025, 7, 9, 16, 0, 5, tzinfo=UTC)

LIMITED = "Yahoo limits the rate (HTTP {}); wait, then run again"
SILENT = "Yahoo cannot be reached: {}; check the network and run again later"
REFUSED = "{} (HTTP {}): this says nothing of the symbol; run again later"
UNUSABLE = "Yahoo sent no usable prices: {}; run again"
HTML = "a page of HTML came instead of data"
TROUBLE = "Yahoo has trouble of its own"
NO_CHART = UNUSABLE.format("the answer has no chart")
NO_REASON = "Yahoo sent neither bars nor a reason; run again later"
NO_BARS = "Yahoo knows the symbol but sent no bars; run again later"
PAST = UNUSABLE.format("a bar has a time outside the past (is this computer's clock right?)")

# How each message begins.
BAD = {
    Outcome.RATE_LIMITED: {"LIMITED": LIMITED.format(429), "LIMITED-IN-WORDS": LIMITED.format(200)},
    Outcome.NOT_FOUND: {
        "GONE": "Yahoo does not know the symbol: No data found, symbol may be delisted; check it"
    },
    Outcome.NETWORK: {
        "NO-PAGE": REFUSED.format(HTML, 404),
        "NO-REASON": REFUSED.format("Yahoo gave no reason", 404),
        "UNAUTHORISED": REFUSED.format("Yahoo refused the request", 401),
        "FORBIDDEN": REFUSED.format("Yahoo refused the request", 403),
        "TEAPOT": REFUSED.format("no data came", 418),
        "FAILS": REFUSED.format(TROUBLE, 500),
        "FAILS-AS-GONE": REFUSED.format(TROUBLE, 500),
        "BAD-GATEWAY": REFUSED.format(TROUBLE, 502),
        "UNAVAILABLE": REFUSED.format(TROUBLE, 503),
        "DOWN-PAGE": REFUSED.format(HTML, 200),
        "CONSENT-PAGE": REFUSED.format(HTML, 200),
        "SLOW": SILENT.format("no whole answer within 0.3 s"),
        "RESET": SILENT.format("the connection was reset"),
        "CLOSED": SILENT.format("the connection was closed without an answer"),
        "CUT-SHORT": SILENT.format("the answer was cut short"),
        "LOOP": SILENT.format("more than 5 redirects"),
        "ELSEWHERE": SILENT.format("redirected to 127.0.0.1"),
    },
    Outcome.BAD_PAYLOAD: {
        "EMPTY-BODY": UNUSABLE.format("the answer is empty"),
        "TRUNCATED": "Yahoo sent no usable prices: the answer is not JSON (",
        "LIST": NO_CHART,
        "NUMBER": NO_CHART,
        "NO-CHART": NO_CHART,
        "CHART-LIST": NO_CHART,
        "TWO-RESULTS": UNUSABLE.format("the chart is not one result"),
        "RESULT-TEXT": UNUSABLE.format("the chart is not one result"),
        "ERROR-TEXT": UNUSABLE.format("the chart's error has no code"),
        "NO-META": UNUSABLE.format("its metadata has no symbol"),
        "BAD-REQUEST": UNUSABLE.format(
            "it answered Bad Request: Invalid input - interval=1d is not supported (HTTP 400)"
        ),
        "BAD-AS-GONE": UNUSABLE.format(
            "it answered Not Found: No data found, symbol may be delisted (HTTP 400)"
        ),
        "DEEP": "Yahoo sent no usable prices: the answer is not JSON (",
        "NOT-UTF8": "Yahoo sent no usable prices: the answer is not JSON (",
        "GARBAGE": UNUSABLE.format("the answer cannot be unpacked"),
        "HUGE": UNUSABLE.format("the answer is longer than 32 MiB"),
        "ALL-NULL": UNUSABLE.format("all 6 bars are empty"),
        "DUPLICATE": UNUSABLE.format("at 2025-07-02 are two bars"),
        "TWICE-A-DAY": UNUSABLE.format("at 2025-07-01 are two bars"),
        "BACKWARDS": UNUSABLE.format("at 2025-07-08 comes a bar of the past"),
        "FRACTIONS": UNUSABLE.format("the times of the bars are not whole numbers"),
        "MILLISECONDS": PAST,
        "FUTURE": PAST,
        "SHORT-CLOSES": UNUSABLE.format("6 times but 5 values of close"),
        "SHORT-TIMES": UNUSABLE.format("5 times but 6 values of open"),
        "NO-CLOSES": UNUSABLE.format("the bars have no list 'close'"),
        "NO-ADJUSTED": UNUSABLE.format("the bars have no list 'adjclose'"),
        "NO-CURRENCY": UNUSABLE.format("currency None is none"),
        "ODD-CURRENCY": UNUSABLE.format("currency 'US$' is none"),
        "ODD-ZONE": UNUSABLE.format("time zone 'Mars/Olympus' is none"),
        "NO-KIND": UNUSABLE.format("its metadata has no kind of instrument"),
        "ASTRONOMIC": UNUSABLE.format("close '1e+300' cannot be"),
        "OVERFLOWING": UNUSABLE.format("high 'inf' cannot be"),
        "NEGATIVE": UNUSABLE.format("low '-1.0' cannot be"),
        "NEGATIVE-VOLUME": UNUSABLE.format("volume '-1' cannot be"),
        "NAN": UNUSABLE.format("the answer is not JSON (it holds NaN)"),
        "INFINITY": UNUSABLE.format("the answer is not JSON (it holds Infinity)"),
        "WORDS": UNUSABLE.format("close 'twelve' cannot be"),
        "TRUTHS": UNUSABLE.format("close 'True' cannot be"),
        "SPLIT-ZERO": UNUSABLE.format("a split of 0 for 1 cannot be"),
        "SPLIT-BY-ZERO": UNUSABLE.format("a split of 1 for 0 cannot be"),
        "SPLIT-NEGATIVE": UNUSABLE.format("a split of -1 for 2 cannot be"),
        "NEGATIVE-DIVIDEND": UNUSABLE.format("a payout of -0.5 cannot be"),
        "DIVIDEND-WORDS": UNUSABLE.format("a payout of 'much' cannot be"),
        "LATER-SPLIT": UNUSABLE.format("one of its splits has a time outside the past"),
        "ODD-EVENTS": UNUSABLE.format("its dividends and splits are of another form"),
    },
    Outcome.WRONG_SYMBOL: {
        "WRONG": "Yahoo answered for 'RIGHT'; nothing is kept: check the symbol and run again"
    },
    Outcome.EMPTY: {
        "NULL": NO_REASON,
        "NOTHING": NO_REASON,
        "NO-BARS": NO_BARS,
        "NO-TIMES": NO_BARS,
        "NO-RANGE": "Yahoo sent no bars: Data doesn't exist for startDate = 1, endDate = 2; run again later",
    },
}
BAD_SYMBOLS = [(name, outcome, begins) for outcome, names in BAD.items() for name, begins in names.items()]
GOOD_SYMBOLS = sorted(set(MODES) - {name for name, _, _ in BAD_SYMBOLS})


@pytest.fixture(scope="module")
def sessions(tmp_path_factory):
    """Session for most symbols, and one that waits for no more than 0.3 s."""
    folder = tmp_path_factory.mktemp("yfinance")
    with Loopback() as yahoo:
        yield [open_session(folder, base_url=yahoo.url, request_seconds=seconds) for seconds in (10.0, 0.3)]


def settled(symbol: str, sessions: list[YahooSession], store: Store) -> Fetched:
    """Outcome of a batch of one symbol, every warning being an error."""
    ask = partial(fetch, session=sessions[symbol.endswith("SLOW")], clock=lambda: NOON)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (fetched,) = fetch_all([symbol], ask, store, sleep=lambda seconds: None)
    return fetched


# yfinance may meet the fault at its first question, for the time zone, or at its second, for the history.
@pytest.mark.parametrize("late", ["", "LATE-"])
@pytest.mark.parametrize(("name", "outcome", "begins"), BAD_SYMBOLS, ids=[name for name, _, _ in BAD_SYMBOLS])
def test_bad_answers_have_their_outcome_are_told_in_one_line_and_kept_nowhere(
    name, outcome, begins, late, sessions, tmp_path, capfd, caplog
):
    store = Store(tmp_path)
    fetched = settled(late + name, sessions, store)

    assert (fetched.outcome, fetched.snapshot) == (outcome, None)
    assert fetched.message.startswith(begins)
    assert "\n" not in fetched.message
    assert store.symbols("yahoo") == ()
    assert not list(tmp_path.rglob("*.snapshot"))
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_the_modes_are_many_and_each_is_tested():
    assert len(MODES) >= 70
    assert len(BAD_SYMBOLS) + len(GOOD_SYMBOLS) == len(MODES)


@pytest.mark.parametrize("late", ["", "LATE-"])
@pytest.mark.parametrize("name", GOOD_SYMBOLS)
def test_good_answers_are_kept_whole_under_their_symbol_and_in_silence(
    name, late, sessions, tmp_path, capfd, caplog
):
    store = Store(tmp_path)
    fetched = settled(late + name, sessions, store)

    kept = store.latest("yahoo", late + name)
    assert kept is not None
    assert fetched.outcome is Outcome.OK
    assert kept.hash == fetched.snapshot.hash
    assert kept.metadata["symbol"] == late + name
    assert kept.fetched_at == NOON
    assert kept.client == client() == f"yfinance {__import__('yfinance').__version__}"
    assert re.match(r"\d bars from 2025-07-01 to 2025-07-0[19]", fetched.message)
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []
