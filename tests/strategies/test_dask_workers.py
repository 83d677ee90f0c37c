"""Pieces of work on processes of Dask: the same results, whatever dies; nothing listens beyond this machine."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import dask_tasks
import numpy as np
import pytest

from strategies import dask_workers
from strategies.dask_workers import check, compare, evaluated, sources
from universes.errors import BadParameter

needs_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None,
    reason="distributed is not installed: pip install '.[dask]'",
)
ROOT = Path(__file__).parents[2]
PIECES = [(first, first + 10) for first in range(0, 200, 10)]
NUMBERS = np.sqrt(np.arange(200.0))


def table(found: dict[int, np.ndarray]) -> bytes:
    return b"".join(found[at].tobytes() for at in range(len(PIECES)))


def here() -> bytes:
    shared = dask_tasks.Counted(NUMBERS)
    return table({at: dask_tasks.sums(shared, *piece) for at, piece in enumerate(PIECES)})


@needs_dask
@pytest.mark.parametrize("count", [1, 2, 4])
def test_any_number_of_processes_gives_every_piece_once_and_the_same_bits(count):
    shared = dask_tasks.Counted(NUMBERS)

    found = list(evaluated(f"local:{count}", dask_tasks.sums, shared, PIECES))

    assert sorted(at for at, _ in found) == list(range(20))
    assert table(dict(found)) == here()


@needs_dask
def test_what_pieces_share_is_sent_once():
    shared, before = dask_tasks.Counted(NUMBERS), dask_tasks.Counted.sent

    list(evaluated("local:2", dask_tasks.sums, shared, PIECES))

    assert dask_tasks.Counted.sent == before + 1


@needs_dask
@pytest.mark.parametrize("count", [1, 2])
def test_a_worker_that_is_killed_in_the_middle_loses_nothing(count, tmp_path):
    # With one process what is shared dies with it, and must be sent again.
    shared = dask_tasks.Counted(NUMBERS, str(tmp_path))

    found = list(evaluated(f"local:{count}", dask_tasks.sums_with_a_death, shared, PIECES))

    assert (tmp_path / "died").exists()
    assert sorted(at for at, _ in found) == list(range(20))
    assert table(dict(found)) == here()


@needs_dask
def test_work_that_kills_every_worker_is_given_up_in_one_line():
    with pytest.raises(
        BadParameter, match=r"^dask: 2 pieces of the work were lost 5 times[^\n]*more memory[^\n]*$"
    ):
        list(evaluated("local:1", dask_tasks.always_dies, None, [(1,), (2,)]))


@needs_dask
@pytest.mark.parametrize("name", ["KilledWorker", "FutureCancelledError", "CancelledError"])
def test_a_result_that_was_lost_is_none_however_dask_says_so(name):
    from asyncio import CancelledError

    from distributed import KilledWorker
    from distributed.client import FutureCancelledError

    lost = {
        "KilledWorker": KilledWorker("piece", None, 11),
        "FutureCancelledError": FutureCancelledError("piece", "lost"),
        "CancelledError": CancelledError(),
    }

    class Lost:
        def result(self):
            raise lost[name]

    assert dask_workers._result(Lost()) is None


def test_rounds_that_bring_something_back_are_not_counted_as_lost(monkeypatch):
    def one_a_round(client, function, shared, pieces, patience):
        yield min(pieces), pieces[min(pieces)]

    monkeypatch.setattr(dask_workers, "_once", one_a_round)

    found = list(dask_workers._until_done(None, None, None, {at: (at,) for at in range(20)}, 1.0))

    assert found == [(at, (at,)) for at in range(20)]


@needs_dask
def test_an_error_of_the_work_comes_through_as_it_was_raised():
    with pytest.raises(ZeroDivisionError, match="piece"):
        list(evaluated("local:1", dask_tasks.refused, None, PIECES))


@needs_dask
def test_workers_load_nothing_heavy():
    found = dict(evaluated("local:1", dask_tasks.heavy_modules, None, [()]))

    assert found == {0: []}


@needs_dask
def test_every_port_of_a_cluster_of_our_own_is_on_the_loopback_address_and_closed_in_the_end():
    import psutil

    me = psutil.Process()
    known = {one.pid for one in me.children(recursive=True)}
    before = listening([me])

    with closing(evaluated("local:2", dask_tasks.sums, dask_tasks.Counted(NUMBERS), PIECES)) as found:
        next(found)
        started = [one for one in me.children(recursive=True) if one.pid not in known]
        ports = listening([me, *started]) - before

    # Scheduler, its dashboard, two nannies; two workers, each with a page.
    assert len(ports) >= 8
    assert {address for address, _ in ports} == {"127.0.0.1"}
    assert listening([me]) == before


def listening(processes) -> set[tuple[str, int]]:
    """Addresses and ports at which processes listen."""
    found = (
        one.laddr for process in processes for one in process.net_connections("tcp") if one.status == "LISTEN"
    )
    return {(address.ip, address.port) for address in found}


@needs_dask
def test_who_stops_does_not_wait_for_what_is_under_way():
    import psutil

    found = evaluated("local:1", dask_tasks.quick_or_endless, None, [(at,) for at in range(4)])
    next(found)
    started = psutil.Process().children(recursive=True)

    found.close()

    # Of the processes only Python's own tracker of resources is left: it stays for the next cluster.
    assert [one for one in started if one.is_running() and "spawn_main" in " ".join(one.cmdline())] == []


@needs_dask
def test_a_scheduler_that_does_not_answer_is_given_up_in_one_line():
    with pytest.raises(
        BadParameter,
        match=r"^dask: no scheduler answered at tcp://127.0.0.1:9 within 0.5 s: [^\n]*`dask scheduler`[^\n]*$",
    ):
        list(evaluated("tcp://127.0.0.1:9", dask_tasks.sums, None, PIECES, patience=0.5))


@needs_dask
@pytest.mark.parametrize("path", ["", "without Lodestone"])
def test_a_scheduler_without_workers_or_without_lodestone_is_refused_in_one_line(path, tmp_path):
    # The scheduler runs elsewhere: with our sources it lacks workers, without them it lacks Lodestone.
    refusal = pytest.raises(BadParameter, match=r"^dask: [^\n]*$")
    with Scheduler(tmp_path, knows_us=not path, worker=bool(path)) as address, refusal as refused:
        list(evaluated(address, dask_tasks.sums, None, PIECES, patience=2.0 if not path else 10.0))

    wanted = f"{address} has no worker after 2 s: start some with `dask worker {address}`"
    assert (wanted if not path else "has no Lodestone: install the same version there") in str(refused.value)


class Scheduler:
    """A scheduler, perhaps with a worker, in a process of its own: its address, until the end."""

    def __init__(self, folder: Path, *, knows_us: bool, worker: bool) -> None:
        # An editable install is found without a path: who does not know us must not find it.
        code = "" if knows_us else "import sys\nsys.modules['strategies'] = sys.modules['universes'] = None\n"
        code += (
            "import sys, distributed\n"
            "if __name__ == '__main__':\n"
            f"    with distributed.LocalCluster(n_workers={int(worker)}, threads_per_worker=1, processes=False,\n"
            "            host='127.0.0.1', protocol='tcp', dashboard_address=None) as cluster:\n"
            "        print(cluster.scheduler_address, flush=True)\n"
            "        sys.stdin.read()\n"
        )
        script = folder / "run_scheduler.py"
        script.write_text(code)
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        if knows_us:
            environment["PYTHONPATH"] = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
        self.process = subprocess.Popen(
            [sys.executable, script], cwd=folder, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def __enter__(self) -> str:
        return self.process.stdout.readline().strip()

    def __exit__(self, *_: object) -> None:
        self.process.communicate("")


@needs_dask
def test_a_running_scheduler_is_used_and_left_running(tmp_path):
    with Scheduler(tmp_path, knows_us=True, worker=True) as address:
        for _ in range(2):
            found = dict(evaluated(address, dask_tasks.sums, dask_tasks.Counted(NUMBERS), PIECES))
            assert table(found) == here()


def test_who_has_other_sources_or_none_is_refused_by_name():
    mine = "sources 12ab, Python 3.13.1, numpy 2.4.6, numba 0.68.1"

    compare("tcp://far:1", mine, {"scheduler": mine, "worker tcp://far:2": mine})
    with pytest.raises(
        BadParameter, match=r"^dask: worker tcp://far:3 of tcp://far:1 has sources 0; here is sources 12ab"
    ):
        compare("tcp://far:1", mine, {"worker tcp://far:2": mine, "worker tcp://far:3": "sources 0"})
    with pytest.raises(BadParameter, match=r"^dask: scheduler of tcp://far:1 has no Lodestone"):
        compare("tcp://far:1", mine, {"scheduler": None, "worker tcp://far:2": mine})


def test_the_sources_are_those_of_every_module_a_result_may_depend_on():
    told = sources()

    assert told == sources()
    assert re.fullmatch(r"sources [0-9a-f]{12}, Python 3\.\S+, numpy \S+, numba \S+", told)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "it must be local:N for N processes here, or tcp://host:port"),
        ("local", "it must be local:N"),
        ("local:0", "it must be local:N"),
        ("local:-1", "it must be local:N"),
        ("local:2.5", "it must be local:N"),
        ("local:1000", "at most local:256"),
        ("127.0.0.1:8786", "or tcp://host:port of a scheduler"),
        ("http://127.0.0.1:8786", "or tcp://host:port of a scheduler"),
        ("tcp://127.0.0.1", "or tcp://host:port of a scheduler"),
    ],
)
def test_what_is_no_address_is_refused_before_anything_is_started(address, said):
    with pytest.raises(BadParameter, match=r"^dask is [^\n]+$") as refused:
        check(address)

    assert said in str(refused.value)


def test_without_dask_the_mend_is_said_in_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(
        BadParameter,
        match=r"^dask is 'local:2', but Dask is not installed: pip install 'lodestone\[dask\]'[^\n]*$",
    ):
        check("local:2")


def test_without_pieces_nothing_is_started(monkeypatch):
    monkeypatch.setattr(dask_workers, "_client", None)

    assert list(evaluated("tcp://127.0.0.1:9", dask_tasks.sums, None, [])) == []
