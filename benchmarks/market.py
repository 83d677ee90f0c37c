"""How long prices take to become a market, as a ratio to bare `pandas.read_csv` of the same bytes.

``python benchmarks/market.py`` measures 150 symbols of 15 years, in one run, from files and from a store of snapshots,
and half as many files beside it: twice the symbols should take twice the time. ``--large`` reads 5,000
symbols of 20 years in a process of its own and prints its peak memory; it writes 1.5 GB into the temporary folder.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from universes.assemble import market
from universes.catalog import load
from universes.sessions import schedule

if TYPE_CHECKING:
    from universes.universe import Universe

SYMBOLS, FIRST = 150, "2011-01-03"
LARGE, LARGE_FIRST = 5_000, "2006-01-03"
LAST = "2025-12-31"
REPEATS = 3
# Times as long as pandas.read_csv alone: reading cell by cell, gates, calendar, adjustment, panel and hash together.
LIMIT = 14.0
STORE_SECONDS = 1.5
LARGE_GIB = 6.0


def write_folder(folder: Path, count: int, first: str) -> Path:
    """Files of random walks on New York's sessions, and the list of their companies; gives the list."""
    sessions = schedule("XNYS", first, LAST).index
    random = np.random.default_rng(0)
    (folder / "prices").mkdir(parents=True)
    symbols = [f"S{number}" for number in range(count)]
    for symbol in symbols:
        _bars(random, sessions).to_csv(folder / "prices" / f"{symbol}.csv", float_format="%.6f")
    lines = ["symbol,name,listed_from", *(f"{symbol},Company {symbol},{first}" for symbol in symbols)]
    (folder / "list.csv").write_text("\n".join(lines) + "\n")
    return folder / "list.csv"


def _bars(random: np.random.Generator, sessions: pd.Index) -> pd.DataFrame:
    count = len(sessions)
    close = 20 * np.exp(np.cumsum(random.normal(0, 0.01, count)))
    open_ = close * np.exp(random.normal(0, 0.005, count))
    return pd.DataFrame(
        {
            "Open": open_,
            "High": np.maximum(open_, close) * 1.004,
            "Low": np.minimum(open_, close) * 0.996,
            "Close": close,
            "Volume": random.integers(10_000, 1_000_000, count),
            "Dividends": np.where(np.arange(count) % 63 == 0, 0.05, 0.0),
            "Stock Splits": np.zeros(count),
        },
        index=pd.DatetimeIndex(sessions, name="Date"),
    )


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def bare(folder: Path, count: int) -> None:
    """What a reader without gates does: every file into a frame."""
    frames = [
        pd.read_csv(folder / f"S{number}.csv", index_col="Date", parse_dates=["Date"])
        for number in range(count)
    ]
    assert len(frames) == count


def from_folder(universe: Universe, folder: Path, count: int) -> None:
    """A validated market from a folder of files."""
    opened = market(universe, f"csv:{folder}")
    assert len(opened.members) == count, opened.missing[:3]


def from_store(universe: Universe, folder: Path, count: int) -> None:
    """A validated market from a store of snapshots."""
    opened = market(universe, f"yahoo:{folder}")
    assert len(opened.members) == count, opened.missing[:3]


def fill_store(prices: Path, folder: Path, count: int) -> None:
    """Snapshots of the same bars."""
    from datetime import UTC, datetime

    from universes.snapshot import Snapshot
    from universes.store import Store

    store = Store(folder)
    for number in range(count):
        read = pd.read_csv(prices / f"S{number}.csv", index_col="Date", parse_dates=["Date"])
        bars = read.rename(columns=str.lower).rename(
            columns={"dividends": "dividend", "stock splits": "split"}
        )
        factor = (1 - bars["dividend"] / bars["close"].shift()).fillna(1.0)
        adjusted = bars["close"] * factor[::-1].cumprod()[::-1].shift(-1, fill_value=1.0)
        bars = bars.assign(split=1.0, adjusted_close=adjusted)
        said = {"currency": "USD", "symbol": f"S{number}"}
        store.put(Snapshot("yahoo", f"S{number}", bars, said, datetime(2026, 2, 1, tzinfo=UTC), "benchmark"))


def usual() -> bool:
    """150 symbols: whether the ratio, and the seconds from the store, are within their limits."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        universe = load(str(write_folder(folder, SYMBOLS, FIRST)))
        prices = folder / "prices"
        from_folder(universe, prices, SYMBOLS)
        bare(prices, SYMBOLS)
        pairs = [
            (seconds(lambda: from_folder(universe, prices, SYMBOLS)), seconds(lambda: bare(prices, SYMBOLS)))
            for _ in range(REPEATS)
        ]
        ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
        size = sum(file.stat().st_size for file in prices.iterdir()) / 1e6
        what = f"{SYMBOLS} symbols from {FIRST[:4]}, {size:.0f} MB of CSV"
        print(
            f"{what:<42} {ours:6.2f} s   pandas.read_csv {theirs:6.2f} s   ratio {ours / theirs:5.2f}   limit {LIMIT}"
        )
        _linear(folder, prices, ours)
        fill_store(prices, folder / "store", SYMBOLS)
        kept = statistics.median(
            seconds(lambda: from_store(universe, folder / "store", SYMBOLS)) for _ in range(REPEATS)
        )
        what = "the same from a store of snapshots"
        print(
            f"{what:<42} {kept:6.2f} s   pandas.read_csv {theirs:6.2f} s   ratio {kept / theirs:5.2f}   "
            f"limit {STORE_SECONDS} s"
        )
    return ours <= LIMIT * theirs and kept <= STORE_SECONDS


def _linear(folder: Path, prices: Path, whole: float) -> None:
    half = SYMBOLS // 2
    lines = (folder / "list.csv").read_text().splitlines()
    (folder / "half.csv").write_text("\n".join(lines[: half + 1]) + "\n")
    universe = load(str(folder / "half.csv"))
    took = statistics.median(seconds(lambda: from_folder(universe, prices, half)) for _ in range(REPEATS))
    print(f"{f'{half} of them':<42} {took:6.2f} s   twice the symbols take {whole / took:.2f} times as long")


def large(count: int) -> bool:
    """So many symbols of 20 years, and a fifth of them: whether the memory is within its limit."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_folder(folder, count, LARGE_FIRST)
        lines = (folder / "list.csv").read_text().splitlines()
        few = count // 5
        (folder / "few.csv").write_text("\n".join(lines[: few + 1]) + "\n")
        small, _ = _apart(folder, "few.csv", few)
        whole, gib = _apart(folder, "list.csv", count)
    print(f"{f'{few:,} symbols from {LARGE_FIRST[:4]}':<42} {small:6.1f} s")
    print(
        f"{f'{count:,} symbols':<42} {whole:6.1f} s   {whole / small:.2f} times as long for 5 times as many"
    )
    print(f"{'peak memory':<42} {gib:6.2f} GiB   limit {LARGE_GIB} GiB")
    return gib <= LARGE_GIB


def _apart(folder: Path, companies: str, count: int) -> tuple[float, float]:
    """Seconds and peak memory in GiB of a process that makes one market."""
    command = [sys.executable, __file__, "--one", str(folder), companies, str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    took, gib = done.stdout.split()
    return float(took), float(gib)


def one(folder: str, companies: str, count: str) -> None:
    """Make one market, and print its seconds and the peak memory of this process in GiB."""
    universe = load(str(Path(folder) / companies))
    took = seconds(lambda: from_folder(universe, Path(folder) / "prices", int(count)))
    # Kilobytes on Linux, bytes on macOS.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(took, peak / 2**30)


def main() -> int:
    """Print the table; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--large", action="store_true", help="5,000 symbols of 20 years")
    parser.add_argument("--symbols", type=int, default=LARGE, help="another number for --large")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        one(*chosen.one)
        return 0
    met = large(chosen.symbols) if chosen.large else usual()
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
