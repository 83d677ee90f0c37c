"""Pieces of work on Dask workers, here or on other machines; what is lost is done again."""

from __future__ import annotations

import re
from asyncio import CancelledError
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias, TypeVar

from universes.errors import BadParameter

Result = TypeVar("Result")
# Objects of Dask, which may not be installed.
Client: TypeAlias = Any
Future: TypeAlias = Any

LOOPBACK = "127.0.0.1"
MOST_LOCAL = 256
# Seconds between two looks at whether the workers are still there.
GLANCE = 0.5
# Times that everything that is left is sent again without one piece coming back.
ATTEMPTS = 5
_LOCAL = re.compile(r"local:([1-9][0-9]{0,8})")
_REMOTE = re.compile(r"(tcp|tls)://[^\s/:]+:[0-9]{1,5}")


def evaluated(
    address: str,
    function: Callable[..., Result],
    shared: Any,
    pieces: Sequence[tuple[Any, ...]],
    *,
    patience: float = 10.0,
) -> Iterator[tuple[int, Result]]:
    """Number and result of every piece as it is done, in any order: ``function(shared, *piece)``.

    A piece whose worker dies is done again by another. Where all that hold `shared` die, it is sent anew.

    Parameters
    ----------
    address : str
        ``local:4`` starts four processes on this machine, bound to the loopback address, and stops them at the end;
        ``tcp://host:port`` or ``tls://host:port`` is a scheduler that runs already.
    function : callable
        Pure, at the top level of a module that the workers have.
    shared : object
        Sent to every worker once.
    pieces : sequence of tuples
        Further arguments.
    patience : float
        Seconds until an answer of the scheduler and a first worker are given up, and so is a wait without any worker.

    Raises
    ------
    BadParameter
        If the address is malformed, Dask is not installed, nobody answers, the workers have other sources or libraries
        than this process, all workers are gone, or pieces kill their workers again and again.
    """
    check(address)
    if not pieces:
        return
    with _quiet(), _client(address, patience) as client:
        _agree(client, address)
        yield from _until_done(client, function, shared, dict(enumerate(pieces)), patience)


def check(address: str) -> None:
    """Refuse an address that cannot be one, or a machine without Dask.

    Raises
    ------
    BadParameter
        In one line, with the mend.
    """
    local = _LOCAL.fullmatch(address)
    if not local and not _REMOTE.fullmatch(address):
        raise BadParameter(
            f"dask is {address!r}: it must be local:N for N processes here, or tcp://host:port of a scheduler"
        )
    if local and int(local[1]) > MOST_LOCAL:
        raise BadParameter(f"dask is {address!r}: at most local:{MOST_LOCAL}")
    try:
        _dask()
    except ModuleNotFoundError:
        raise BadParameter(
            f"dask is {address!r}, but Dask is not installed: pip install 'lodestone[dask]', or give --workers"
        ) from None


def _dask() -> Any:
    """The library, by its door."""
    import distributed

    return distributed


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask says nothing: a worker that dies is not news, and all that is goes by one line."""
    import logging

    _dask()
    loggers = [
        logging.getLogger(name) for name in logging.root.manager.loggerDict if name.startswith("distributed")
    ]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def _client(address: str, patience: float) -> Iterator[Client]:
    """A client of the scheduler at an address, with at least one worker; a cluster of our own is stopped at the end."""
    local = _LOCAL.fullmatch(address)
    if local:
        with _cluster(int(local[1])) as cluster, _dask().Client(cluster, set_as_default=False) as client:
            yield client
        return
    try:
        client = _dask().Client(address, timeout=patience, set_as_default=False)
    except (OSError, ValueError):
        raise BadParameter(
            f"dask: no scheduler answered at {address} within {patience:g} s: start one with `dask scheduler`, "
            "or give local:4"
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=patience)
        except TimeoutError:
            raise BadParameter(
                f"dask: {address} has no worker after {patience:g} s: start some with `dask worker {address}`"
            ) from None
        yield client


@contextmanager
def _cluster(count: int) -> Iterator[Any]:
    """So many processes, whose every port is bound to the loopback address."""
    import logging

    import dask

    settings = {
        "distributed.scheduler.allowed-failures": 10,
        # Without it a worker that dies while data are copied holds everything up for half a minute.
        "distributed.comm.timeouts.connect": "5s",
    }
    with (
        dask.config.set(settings),
        TemporaryDirectory(prefix="lodestone-dask-", ignore_cleanup_errors=True) as folder,
        _dask().LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            host=LOOPBACK,
            dashboard_address=f"{LOOPBACK}:0",
            worker_dashboard_address=f"{LOOPBACK}:0",
            # A share of memory beyond which workers are killed is not ours to judge.
            memory_limit=0,
            local_directory=folder,
            silence_logs=logging.CRITICAL,
        ) as cluster,
    ):
        try:
            yield cluster
        except BaseException:
            _kill(cluster)
            raise


def _kill(cluster: Any) -> None:
    """End the processes of a cluster of our own at once: nobody waits for what they are at."""
    import os
    import signal

    for nanny in cluster.workers.values():
        nanny.auto_restart = False
        if nanny.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(nanny.pid, signal.SIGKILL)


def _until_done(
    client: Client,
    function: Callable[..., Result],
    shared: Any,
    left: dict[int, tuple[Any, ...]],
    patience: float,
) -> Iterator[tuple[int, Result]]:
    """Send what is left until nothing is."""
    barren = 0
    while left:
        if barren == ATTEMPTS:
            raise BadParameter(
                f"dask: {len(left)} pieces of the work were lost {ATTEMPTS} times because their workers died: give the "
                "workers more memory, or smaller pieces"
            )
        before = len(left)
        for number, result in _once(client, function, shared, dict(left), patience):
            del left[number]
            yield number, result
        barren = barren + 1 if len(left) == before else 0


def _once(
    client: Client,
    function: Callable[..., Result],
    shared: Any,
    pieces: Mapping[int, tuple[Any, ...]],
    patience: float,
) -> Iterator[tuple[int, Result]]:
    """Results of the pieces that came back; others are lost."""
    data = _sent(client, shared, patience)
    if data is None:
        return
    done: SimpleQueue[tuple[int, Future]] = SimpleQueue()
    futures: dict[int, Future] = {}
    try:
        for number, piece in pieces.items():
            futures[number] = client.submit(function, data, *piece, pure=False)
            futures[number].add_done_callback(partial(_tell, done, number))
        while futures:
            for number in _next(client, futures, done, patience):
                found = _result(futures.pop(number))
                if found:
                    yield number, found[0]
    finally:
        client.cancel(list(futures.values()))


def _sent(client: Client, shared: Any, patience: float) -> Future | None:
    """What all pieces share, on every worker; None where workers died meanwhile."""
    _await_workers(client, patience)
    try:
        return client.scatter(shared, broadcast=True, hash=False)
    except (OSError, TimeoutError, KeyError):
        return None


def _tell(done: SimpleQueue[tuple[int, Future]], number: int, future: Future) -> None:
    done.put((number, future))


def _next(
    client: Client, futures: Mapping[int, Future], done: SimpleQueue[tuple[int, Future]], patience: float
) -> list[int]:
    """Numbers of futures that are no longer pending: one that was said to be, or all that are lost; or none."""
    try:
        number, future = done.get(timeout=GLANCE)
    except Empty:
        if not client.scheduler_info(n_workers=0)["n_workers"]:
            _await_workers(client, patience)
        return [number for number, future in futures.items() if future.status in ("cancelled", "lost")]
    return [number] if futures.get(number) is future else []


def _await_workers(client: Client, patience: float) -> None:
    try:
        client.wait_for_workers(1, timeout=patience)
    except TimeoutError:
        raise BadParameter(f"dask: no worker is left after {patience:g} s: start some, then go on") from None


def _result(future: Future) -> tuple[Any] | None:
    """The result of one future; None where its worker, or what it needs, was lost.

    Raises
    ------
    Exception
        What the function raised.
    """
    lost = (_dask().KilledWorker, _dask().client.FutureCancelledError, CancelledError)
    try:
        return (future.result(),)
    except lost:
        return None


def sources() -> str:
    """What a result may depend on but its arguments: our sources, Python, numpy and numba."""
    import platform
    from importlib.metadata import version

    digest = sha256()
    here = Path(__file__).parent.parent
    for package in ("strategies", "universes"):
        for path in sorted((here / package).rglob("*.py")):
            digest.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes())
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba"))
    return f"sources {digest.hexdigest()[:12]}, Python {platform.python_version()}, {libraries}"


def _agree(client: Client, address: str) -> None:
    """Refuse a scheduler and workers that would not give the same results: both read what is sent."""
    try:
        theirs: dict[str, object] = {"scheduler": client.run_on_scheduler(sources)}
    except Exception:  # noqa: BLE001
        # What it raises there comes as whatever can be read here.
        theirs = {"scheduler": None}
    found = client.run(sources, on_error="return")
    compare(address, sources(), theirs | {f"worker {worker}": text for worker, text in found.items()})


def compare(address: str, mine: str, theirs: Mapping[str, object]) -> None:
    """Refuse to work with anyone whose sources are not mine.

    Parameters
    ----------
    address : str
        Of the scheduler, for the message.
    mine : str
        As `sources` gives here.
    theirs : mapping of str to object
        What it gave there, by who; anything but a text is a failure to find it.

    Raises
    ------
    BadParameter
        In one line, with the mend.
    """
    for who, text in sorted(theirs.items()):
        if not isinstance(text, str):
            raise BadParameter(f"dask: {who} of {address} has no Lodestone: install the same version there")
        if text != mine:
            raise BadParameter(f"dask: {who} of {address} has {text}; here is {mine}: install the same there")
