"""Pieces of work on threads of this process, made one after the other while others are done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

Result = TypeVar("Result")


def evaluated(
    workers: int, function: Callable[..., Result], shared: Any, pieces: Iterable[tuple[Any, ...]]
) -> Iterator[tuple[int, Result]]:
    """Number and result of every piece as it is done, in any order: ``function(shared, *piece)``.

    Pieces are made here, at most two ahead of each thread. Whoever stops taking results, as after Ctrl-C, waits for
    none that runs.

    Parameters
    ----------
    workers : int
        Threads.
    function : callable
        Pure; threads help where it releases the lock of the interpreter.
    shared : object
        Its first argument.
    pieces : iterable of tuples
        Further arguments.
    """
    pool = ThreadPoolExecutor(workers)
    running: dict[Future[Result], int] = {}
    try:
        for number, piece in enumerate(pieces):
            running[pool.submit(function, shared, *piece)] = number
            if len(running) >= 2 * workers:
                yield from _finished(running)
        while running:
            yield from _finished(running)
    finally:
        # What runs is let go of; a kernel cannot be stopped within a set.
        pool.shutdown(wait=False, cancel_futures=True)


def _finished(running: dict[Future[Result], int]) -> Iterator[tuple[int, Result]]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for item in done:
        yield running.pop(item), item.result()
