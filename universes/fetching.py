"""Prices of many symbols from a vendor into the store: two at once, patient, and to be resumed after any end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from universes.errors import BadData, BadParameter

if TYPE_CHECKING:
    from universes.snapshot import Snapshot
    from universes.store import Store

# Seconds to wait when the vendor limits the rate, each once in a batch; after the last the batch stops.
WAITS = (30.0, 60.0, 120.0)
MOST_WORKERS = 2
# Symbols in a row without an answer after which the vendor counts as out of reach.
OUTAGE = 5


class Outcome(StrEnum):
    """What came of asking for one symbol."""

    OK = "ok"
    RATE_LIMITED = "rate-limited"
    NOT_FOUND = "not-found"
    NETWORK = "network"
    BAD_PAYLOAD = "bad-payload"
    EMPTY = "empty"
    WRONG_SYMBOL = "wrong-symbol"


@dataclass(frozen=True)
class Fetched:
    """What a vendor answered for one symbol.

    Parameters
    ----------
    symbol : str
        As it was asked for.
    outcome : Outcome
        `OK` alone comes with prices; `NOT_FOUND` alone is the vendor's own word that it does not know the symbol.
    message : str
        One line without the symbol: what came, and the mend where there is one.
    snapshot : Snapshot or None
        The prices of `OK`.
    """

    symbol: str
    outcome: Outcome
    message: str
    snapshot: Snapshot | None = None


Fetch = Callable[[str], Fetched]
_ASKED_TWICE = frozenset({Outcome.NETWORK, Outcome.BAD_PAYLOAD})


def fetch_all(
    symbols: Iterable[str],
    fetch: Fetch,
    store: Store,
    *,
    vendor: str = "yahoo",
    since: datetime | None = None,
    workers: int = MOST_WORKERS,
    pause_seconds: float = 1.0,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[Fetched]:
    """Outcome of every symbol, in the order given; a good snapshot is in the store before its outcome comes.

    Symbols are asked for in rounds of `workers`, so that what is asked, stored and said does not depend on which
    thread is quicker. `NETWORK` and `BAD_PAYLOAD` are asked for once more. `RATE_LIMITED` is asked for again after
    each of `WAITS`; where these are used up, and after `OUTAGE` symbols in a row of `NETWORK`, nothing more is asked
    and the symbols left have the outcome that stopped the batch.

    Parameters
    ----------
    symbols : iterable of str
        As the vendor writes them; one given twice is asked for once.
    fetch : callable
        From a symbol to what the vendor answered; called in up to `workers` threads.
    store : Store
        Where the snapshots go.
    vendor : str
        Name of the vendor in the store.
    since : datetime or None
        Symbols fetched in this second (with a time zone) or later are not asked for: their outcome is `OK` with the
        snapshot that is there. None asks for all.
    workers : int
        Threads, 1 or 2.
    pause_seconds : float
        Between rounds, and before a second try.
    sleep : callable
        Waits so many seconds.

    Raises
    ------
    BadParameter
        If `workers` is out of range or `since` has no time zone.
    CannotWrite
        While iterating, if the store cannot be written; the outcomes of earlier rounds have come by then.
    """
    if not 1 <= workers <= MOST_WORKERS:
        raise BadParameter(f"{workers} workers: give 1 to {MOST_WORKERS}, as the vendor limits the rate")
    if since is not None and since.tzinfo is None:
        raise BadParameter(f"fetched since {since}: give the instant a time zone")
    batch = _Batch(fetch, store, workers, pause_seconds, sleep)
    return _outcomes(dict.fromkeys(symbols), batch, lambda symbol: _kept(symbol, store, vendor, since))


def _outcomes(
    symbols: Iterable[str], batch: _Batch, kept: Callable[[str], Fetched | None]
) -> Iterator[Fetched]:
    try:
        turn: list[Fetched | str] = []
        for symbol in symbols:
            turn.append(kept(symbol) or symbol)
            if sum(isinstance(item, str) for item in turn) == batch.size:
                yield from batch.settle(turn)
                turn = []
        yield from batch.settle(turn)
    finally:
        batch.team.dismiss()


def _kept(symbol: str, store: Store, vendor: str, since: datetime | None) -> Fetched | None:
    """Outcome of a symbol that needs no asking, for its latest snapshot is new enough and whole."""
    if since is None:
        return None
    try:
        entries = store.entries(vendor, symbol)
        # The store keeps whole seconds.
        if not entries or entries[-1].fetched_at < since.replace(microsecond=0):
            return None
        snapshot = store.read(entries[-1])
    except BadData:
        return None
    message = f"kept: fetched {snapshot.fetched_at:%Y-%m-%d %H:%M:%S} UTC, not asked for again"
    return Fetched(symbol, Outcome.OK, message, snapshot)


class _Batch:
    """What one run knows: the waits left, the failures in a row, and why it stopped."""

    def __init__(
        self,
        fetch: Fetch,
        store: Store,
        workers: int,
        pause_seconds: float,
        sleep: Callable[[float], object],
    ) -> None:
        self._fetch, self._store = fetch, store
        self._pause_seconds, self._sleep = pause_seconds, sleep
        self.team = _Team(workers)
        self.size = workers
        self._waits = list(WAITS)
        self._begun = False
        self._failed: list[Fetched] = []
        self._stopped: Fetched | None = None

    def settle(self, turn: Sequence[Fetched | str]) -> list[Fetched]:
        """Outcomes of a round in its order; what is a symbol yet is asked for, unless the batch has stopped."""
        symbols = [item for item in turn if isinstance(item, str)]
        if self._stopped:
            answers = {symbol: replace(self._stopped, symbol=symbol) for symbol in symbols}
        else:
            answers = self._asked(symbols)
            self._stopped = self._rate_limit(answers) or self._outage(answers)
        return [answers[item] if isinstance(item, str) else item for item in turn]

    def _asked(self, symbols: list[str]) -> dict[str, Fetched]:
        if self._begun and symbols:
            self._sleep(self._pause_seconds)
        self._begun = True
        answers = self.team.map(self._ask, symbols)
        again = [symbol for symbol in symbols if answers[symbol].outcome in _ASKED_TWICE]
        if again:
            self._sleep(self._pause_seconds)
            answers |= self.team.map(self._ask, again)
        while self._waits and (limited := _limited(answers)):
            self._sleep(self._waits.pop(0))
            answers |= self.team.map(self._ask, limited)
        return answers

    def _ask(self, symbol: str) -> Fetched:
        fetched = self._fetch(symbol)
        if fetched.snapshot is not None:
            self._store.put(fetched.snapshot)
        return fetched

    def _rate_limit(self, answers: dict[str, Fetched]) -> Fetched | None:
        limited = _limited(answers)
        if not limited:
            return None
        message = f"not asked for: the rate limit at {limited[0]} outlasted {sum(WAITS):g} s; fetch again in an hour"
        return Fetched("", Outcome.RATE_LIMITED, message)

    def _outage(self, answers: dict[str, Fetched]) -> Fetched | None:
        for answer in answers.values():
            self._failed = [*self._failed, answer] if answer.outcome is Outcome.NETWORK else []
        if len(self._failed) < OUTAGE:
            return None
        first, last = self._failed[0], self._failed[-1]
        in_a_row = f"{len(self._failed)} symbols in a row, {first.symbol} to {last.symbol}"
        return Fetched("", Outcome.NETWORK, f"not asked for: no answer for {in_a_row}; {last.message}")


def _limited(answers: dict[str, Fetched]) -> list[str]:
    return [symbol for symbol, answer in answers.items() if answer.outcome is Outcome.RATE_LIMITED]


class _Team:
    """Threads that end with the program: one that waits for an answer does not hold up the end after Ctrl-C."""

    def __init__(self, count: int) -> None:
        self._tasks: SimpleQueue[tuple[Future[Fetched], Fetch, str] | None] = SimpleQueue()
        self._count = count
        self._started = False

    def map(self, fetch: Fetch, symbols: Iterable[str]) -> dict[str, Fetched]:
        """Answers by symbol, in the order given; an error of the first symbol that has one is raised."""
        if not self._started:
            self._started = True
            for _ in range(self._count):
                Thread(target=self._work, daemon=True).start()
        futures: dict[str, Future[Fetched]] = {symbol: Future() for symbol in symbols}
        for symbol, future in futures.items():
            self._tasks.put((future, fetch, symbol))
        return {symbol: future.result() for symbol, future in futures.items()}

    def dismiss(self) -> None:
        for _ in range(self._count):
            self._tasks.put(None)

    def _work(self) -> None:
        while task := self._tasks.get():
            future, fetch, symbol = task
            try:
                future.set_result(fetch(symbol))
            except BaseException as error:  # noqa: BLE001 - raised again where the answer is waited for
                future.set_exception(error)
