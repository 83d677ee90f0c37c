"""Many symbols end in the store the same way whatever the threads, the network and the power do."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from universes.errors import BadParameter, CannotWrite
from universes.fetching import OUTAGE, Fetched, Outcome, fetch_all
from universes.snapshot import COLUMNS, Snapshot
from universes.store import Store

ROOT = Path(__file__).parents[2]
NOON = datetime(2025, 7, 9, 16, 0, 5, tzinfo=UTC)
OK, LIMITED, NETWORK, BAD = Outcome.OK, Outcome.RATE_LIMITED, Outcome.NETWORK, Outcome.BAD_PAYLOAD


def snapshot(symbol: str, close: float = 1.0, fetched_at: datetime = NOON) -> Snapshot:
    days = pd.DatetimeIndex(["2025-07-09"])
    return Snapshot("yahoo", symbol, pd.DataFrame(close, days, list(COLUMNS)), {}, fetched_at, "test 1")


class Vendor:
    """Answers each symbol with its outcomes one after the other, the last for ever; a symbol without is good."""

    def __init__(self, **outcomes: list[Outcome]) -> None:
        self._outcomes = outcomes
        self._lock = threading.Lock()
        self.asked: list[str] = []

    def __call__(self, symbol: str) -> Fetched:
        with self._lock:
            left = self._outcomes.get(symbol, [OK])
            outcome = left[min(self.asked.count(symbol), len(left) - 1)]
            self.asked.append(symbol)
        kept = snapshot(symbol) if outcome is OK else None
        return Fetched(symbol, outcome, f"said {outcome}", kept)


class Run:
    """One run of `fetch_all` to its end, with the seconds that it would have slept."""

    def __init__(self, folder: Path, vendor: Vendor, symbols: str, **options) -> None:
        self.slept: list[float] = []
        self.store = Store(folder)
        found = fetch_all(symbols.split(), vendor, self.store, sleep=self.slept.append, **options)
        self.fetched = list(found)

    @property
    def outcomes(self) -> list[tuple[str, Outcome]]:
        return [(item.symbol, item.outcome) for item in self.fetched]


def files(folder: Path) -> dict[str, bytes]:
    """Content of a store's snapshots by name."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.suffix in {".snapshot", ".same"} and not path.name.startswith(".")
    }


# Order and store.


def test_every_symbol_has_its_outcome_in_the_order_given_and_only_good_ones_are_stored(tmp_path):
    run = Run(
        tmp_path, Vendor(C=[Outcome.NOT_FOUND], D=[Outcome.EMPTY], B=[Outcome.WRONG_SYMBOL]), "E D C B A"
    )

    assert run.outcomes == [
        ("E", OK), ("D", Outcome.EMPTY), ("C", Outcome.NOT_FOUND), ("B", Outcome.WRONG_SYMBOL), ("A", OK),
    ]  # fmt: skip
    assert run.store.symbols("yahoo") == ("A", "E")
    assert run.store.latest("yahoo", "A").hash == snapshot("A").hash


def test_a_symbol_given_twice_is_asked_for_once(tmp_path):
    vendor = Vendor()

    assert Run(tmp_path, vendor, "A B A A").outcomes == [("A", OK), ("B", OK)]
    assert sorted(vendor.asked) == ["A", "B"]


def test_no_symbols_are_no_outcomes(tmp_path):
    assert Run(tmp_path, Vendor(), "").outcomes == []


def test_a_snapshot_is_in_the_store_before_its_outcome_comes(tmp_path):
    store = Store(tmp_path)

    for fetched in fetch_all(["A", "B", "C"], Vendor(), store, sleep=lambda seconds: None):
        assert store.latest("yahoo", fetched.symbol) is not None


def test_two_threads_ask_at_once_and_never_more(tmp_path):
    both = threading.Barrier(2, timeout=10)
    within, most = [], []

    def vendor(symbol: str) -> Fetched:
        within.append(symbol)
        # Passes only if the other thread is here too.
        both.wait()
        most.append(len(within))
        both.wait()
        within.remove(symbol)
        return Fetched(symbol, Outcome.EMPTY, "none")

    found = list(
        fetch_all(["A", "B", "C", "D", "E", "F"], vendor, Store(tmp_path), sleep=lambda seconds: None)
    )

    assert [item.symbol for item in found] == ["A", "B", "C", "D", "E", "F"]
    assert set(most) == {2}


@pytest.mark.parametrize("workers", [0, 3, -1])
def test_more_than_two_threads_are_refused(workers, tmp_path):
    with pytest.raises(BadParameter, match="give 1 to 2"):
        fetch_all(["A"], Vendor(), Store(tmp_path), workers=workers)


class Uneven(Vendor):
    """A vendor that holds back its answers for some symbols until it gave another one, or a moment has passed."""

    def __init__(self, held_back: str, outcomes: dict[str, list[Outcome]]) -> None:
        super().__init__(**outcomes)
        self._held_back = held_back
        self._other = threading.Event()

    def __call__(self, symbol: str) -> Fetched:
        if symbol in self._held_back:
            self._other.wait(0.005)
            self._other.clear()
            return super().__call__(symbol)
        answer = super().__call__(symbol)
        self._other.set()
        return answer


OUTCOMES = st.lists(st.sampled_from(sorted(Outcome)), min_size=1, max_size=4)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.sampled_from("ABCDEFGHIJKL"), OUTCOMES))
def test_what_is_said_stored_and_slept_does_not_depend_on_which_thread_is_quicker(tmp_path_factory, outcomes):
    folder = tmp_path_factory.mktemp("uneven")
    first, second = (
        Run(folder / held_back, Uneven(held_back, outcomes), "A B C D E F G H I J K L")
        for held_back in ("ACEGIK", "BDFHJL")
    )

    assert [item.symbol for item in first.fetched] == list("ABCDEFGHIJKL")
    assert [(item.symbol, item.outcome, item.message) for item in first.fetched] == [
        (item.symbol, item.outcome, item.message) for item in second.fetched
    ]
    assert first.slept == second.slept
    assert files(first.store.folder) == files(second.store.folder)
    assert set(first.store.symbols("yahoo")) == {item.symbol for item in first.fetched if item.outcome is OK}


# A second try, rate limits, outages.


def test_network_and_bad_payload_are_asked_for_once_more_and_nothing_else_is(tmp_path):
    vendor = Vendor(
        A=[NETWORK, OK], B=[BAD, OK], C=[BAD, BAD, OK], D=[Outcome.NOT_FOUND, OK], E=[Outcome.EMPTY, OK],
        F=[Outcome.WRONG_SYMBOL, OK],
    )  # fmt: skip
    run = Run(tmp_path, vendor, "A B C D E F", pause_seconds=0.5)

    assert [outcome for _, outcome in run.outcomes] == [
        OK, OK, BAD, Outcome.NOT_FOUND, Outcome.EMPTY, Outcome.WRONG_SYMBOL,
    ]  # fmt: skip
    assert sorted(vendor.asked) == sorted("AABBCCDEF")
    # Before the second try of A and B, before the second round, before C again, before the third round.
    assert run.slept == [0.5] * 4


def test_a_rate_limit_is_waited_out_with_longer_waits(tmp_path):
    vendor = Vendor(B=[LIMITED, LIMITED, OK])
    run = Run(tmp_path, vendor, "A B C", pause_seconds=1)

    assert run.outcomes == [("A", OK), ("B", OK), ("C", OK)]
    assert run.slept == [30, 60, 1]
    # A, which was answered, is not asked for again.
    assert sorted(vendor.asked) == ["A", "B", "B", "B", "C"]


def test_a_rate_limit_that_outlasts_the_waits_stops_the_batch_and_keeps_what_was_fetched(tmp_path):
    vendor = Vendor(C=[LIMITED])
    run = Run(tmp_path, vendor, "A B C D E F", pause_seconds=0)

    assert run.outcomes == [("A", OK), ("B", OK), ("C", LIMITED), ("D", OK), ("E", LIMITED), ("F", LIMITED)]
    assert run.slept == [0, 30, 60, 120]
    assert sorted(vendor.asked) == ["A", "B", "C", "C", "C", "C", "D"]
    assert run.store.symbols("yahoo") == ("A", "B", "D")
    assert {item.message for item in run.fetched[4:]} == {
        "not asked for: the rate limit at C outlasted 210 s; fetch again in an hour"
    }


def test_the_waits_of_a_batch_are_three_in_all(tmp_path):
    vendor = Vendor(A=[LIMITED, OK], C=[LIMITED, OK], E=[LIMITED, OK], G=[LIMITED, OK])
    run = Run(tmp_path, vendor, "A B C D E F G H I", pause_seconds=0)

    assert [wait for wait in run.slept if wait] == [30, 60, 120]
    assert run.outcomes[-3:] == [("G", LIMITED), ("H", OK), ("I", LIMITED)]


def test_an_outage_is_told_after_five_symbols_in_a_row_and_nobody_is_asked_further(tmp_path):
    names = "A B C D E F G H I J"
    vendor = Vendor(**{name: [NETWORK] for name in names.split()})
    run = Run(tmp_path, vendor, names)

    assert [outcome for _, outcome in run.outcomes] == [NETWORK] * 10
    # Three rounds of two, each asked twice.
    assert sorted(vendor.asked) == sorted("ABCDEF" * 2)
    assert {item.message for item in run.fetched[6:]} == {
        "not asked for: no answer for 6 symbols in a row, A to F; said network"
    }


def test_failures_that_are_not_in_a_row_are_no_outage(tmp_path):
    outcomes = {name: [NETWORK] for name in "ABCDFGHI"}
    run = Run(tmp_path, Vendor(**outcomes), "A B C D E F G H I J")

    assert OUTAGE == 5
    assert run.outcomes[4::5] == [("E", OK), ("J", OK)]
    assert run.store.symbols("yahoo") == ("E", "J")


# Resuming.


def test_what_is_new_enough_is_not_asked_for_again_and_that_is_said(tmp_path):
    Run(tmp_path, Vendor(), "B D")
    vendor = Vendor()
    run = Run(tmp_path, vendor, "A B C D E", since=NOON)

    assert run.outcomes == [(name, OK) for name in "ABCDE"]
    assert sorted(vendor.asked) == ["A", "C", "E"]
    assert run.fetched[1].message == "kept: fetched 2025-07-09 16:00:05 UTC, not asked for again"
    assert run.fetched[1].snapshot.hash == snapshot("B").hash


@pytest.mark.parametrize(
    ("since", "asked"),
    [
        (None, ["A"]),
        (NOON + timedelta(seconds=1), ["A"]),
        # The store keeps whole seconds: this one began within the second in which A was fetched.
        (NOON + timedelta(microseconds=900_000), []),
        (NOON.astimezone(datetime.now().astimezone().tzinfo), []),
        (NOON - timedelta(days=1), []),
    ],
)
def test_new_enough_is_fetched_since_the_second_given(since, asked, tmp_path):
    Run(tmp_path, Vendor(), "A")
    vendor = Vendor()
    Run(tmp_path, vendor, "A", since=since)

    assert vendor.asked == asked


def test_an_instant_without_a_time_zone_is_refused(tmp_path):
    with pytest.raises(BadParameter, match="time zone"):
        fetch_all(["A"], Vendor(), Store(tmp_path), since=NOON.replace(tzinfo=None))


def test_a_damaged_snapshot_is_fetched_anew(tmp_path):
    (path,) = [Run(tmp_path, Vendor(), "A").store.entries("yahoo", "A")[0].path]
    path.write_bytes(path.read_bytes()[:-5])
    run = Run(tmp_path, Vendor(), "A", since=NOON)

    assert run.outcomes == [("A", OK)]
    assert run.store.latest("yahoo", "A").hash == snapshot("A").hash


def test_a_batch_that_was_stopped_still_tells_what_is_kept(tmp_path):
    Run(tmp_path, Vendor(), "E")
    run = Run(tmp_path, Vendor(A=[LIMITED]), "A B C D E", since=NOON)

    assert run.outcomes == [("A", LIMITED), ("B", OK), ("C", LIMITED), ("D", LIMITED), ("E", OK)]


def test_a_store_that_cannot_be_written_ends_the_batch_with_its_error(tmp_path):
    (tmp_path / "store").write_text("a file")

    with pytest.raises(CannotWrite, match="store"):
        Run(tmp_path / "store", Vendor(), "A B C")


def test_a_reader_that_leaves_early_leaves_no_thread_at_work(tmp_path):
    before = set(threading.enumerate())
    found = fetch_all(["A", "B", "C", "D", "E", "F"], Vendor(), Store(tmp_path), sleep=lambda seconds: None)
    next(found)
    ours = set(threading.enumerate()) - before
    found.close()
    for thread in ours:
        thread.join(10)

    assert len(ours) == 2
    assert not any(thread.is_alive() for thread in ours)
