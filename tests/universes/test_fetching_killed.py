"""A fetch of the real yfinance that is killed, interrupted or run twice at once leaves a store that is whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from interrupts import hearing
from loopback import Loopback
from yahoo_modes import MODES

from universes.fetching import fetch_all
from universes.store import Store
from universes.yahoo_client import fetch, open_session
from universes.yahoo_wire import VARIABLE

ROOT = Path(__file__).parents[2]
NOON = datetime(2025, 7, 9, 16, 0, 5, tzinfo=UTC)
SYMBOLS = [
    "GOOD",
    "SPLIT",
    "PAYS",
    "STOP-A",
    "GONE",
    "FUND",
    "STOP-B",
    "LYC.AX",
    "TRUNCATED",
    "STOP-C",
    "PENCE.L",
]
CHILD = """
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from universes.fetching import fetch_all
from universes.store import Store
from universes.yahoo_client import fetch, open_session
at = datetime(2025, 7, 9, 16, 0, 5, tzinfo=UTC)
ask = partial(fetch, session=open_session(Path("own")), clock=lambda: at)
for found in fetch_all(sys.argv[1:], ask, Store(Path("store")), since=at, sleep=lambda seconds: None):
    print(found.symbol, found.outcome, flush=True)
"""


def child(url: str, home: Path, *symbols: str) -> subprocess.Popen[str]:
    environment = os.environ | {
        VARIABLE: url,
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home),
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, *symbols], env=environment, cwd=home, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **hearing(),
    )  # fmt: skip


def files(folder: Path) -> dict[str, bytes]:
    """Content of a store's snapshots by name; locks and what a killed writer left are no part of it."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.suffix in {".snapshot", ".same"} and not path.name.startswith(".")
    }


def test_killed_three_times_and_run_again_the_store_is_that_of_an_undisturbed_run(tmp_path):
    reached = {name: threading.Event() for name in ("STOP-A", "STOP-B", "STOP-C")}
    killed = {name: threading.Event() for name in reached}

    def stops(ask):
        reached[ask.symbol].set()
        killed[ask.symbol].wait(60)
        return MODES["GOOD"](ask)

    with Loopback(**dict.fromkeys(reached, stops)) as yahoo:
        for name, event in reached.items():
            process = child(yahoo.url, tmp_path, *SYMBOLS)
            assert event.wait(60)
            process.send_signal(signal.SIGKILL)
            assert process.wait(60) == -signal.SIGKILL
            process.communicate()
            killed[name].set()
        out, err = child(yahoo.url, tmp_path, *SYMBOLS).communicate(timeout=60)

        undisturbed = Store(tmp_path / "undisturbed")
        ask = partial(fetch, session=open_session(tmp_path / "mine", base_url=yahoo.url), clock=lambda: NOON)
        expected = list(fetch_all(SYMBOLS, ask, undisturbed, sleep=lambda seconds: None))
        first_round = [yahoo.asked(symbol) for symbol in ("GOOD", "SPLIT")]

    assert err == ""
    assert out.split() == [word for item in expected for word in (item.symbol, str(item.outcome))]
    assert files(tmp_path / "store") == files(undisturbed.folder)
    assert len(files(tmp_path / "store")) == 9
    # At most two charts by the first child and two by the undisturbed run: no other child asked for them again.
    assert max(first_round) <= 4


def test_an_interrupt_while_the_server_is_silent_ends_the_program_at_once(tmp_path):
    asked = threading.Event()

    def silent(ask):
        asked.set()
        return MODES["SLOW"](ask)

    with Loopback(SILENT=silent) as yahoo:
        process = child(yahoo.url, tmp_path, "GOOD", "SPLIT", "SILENT")
        assert asked.wait(60)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)

    # The wait for one answer is ten seconds.
    assert time.monotonic() - began < 5
    assert err.rstrip().endswith("KeyboardInterrupt")
    assert len(files(tmp_path / "store")) == 2


def test_two_processes_that_fetch_the_same_at_once_leave_each_snapshot_once(tmp_path):
    with Loopback() as yahoo:
        both = [child(yahoo.url, tmp_path, "GOOD", "SPLIT", "PAYS", "LYC.AX") for _ in range(2)]
        said = [process.communicate(timeout=60) for process in both]

    expected = "".join(f"{name} ok\n" for name in ("GOOD", "SPLIT", "PAYS", "LYC.AX"))
    assert said == [(expected, "")] * 2
    assert len(files(tmp_path / "store")) == 4
