"""The tearsheet's speed against quantstats.reports.html on the same returns, and the sizes of its files.

``python -m benchmarks.tearsheet`` measures every row and keeps them in benchmarks/RESULTS.md; ``--row 1`` measures one
and keeps nothing. That both pages speak of the same returns is asserted before anything is timed. A row that is not met
is said, and is no error.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import timing
from benchmarks.kept_results import keep, line

if TYPE_CHECKING:
    import pandas as pd

    from strategies.result import Backtest

# Ten years in which a hundred shipped events became known.
START, END, EVENTS, DRAWS = "2015-05-20", "2025-05-19", 100, 100
REPEATS = 7
LIMIT, WHOLE_MB, BESIDE_MB = 0.5, 6, 1
MB = 1e6
# Total returns of both sides.
EXACT = 1e-9
OURS = "import reports, strategies; reports.tearsheet(strategies.load_run({run!r}), {page!r})"
THEIRS = (
    "import logging, warnings; warnings.simplefilter('ignore'); "
    "logging.getLogger('matplotlib.font_manager').setLevel(logging.ERROR); "
    "import pandas, quantstats; told = pandas.read_pickle({returns!r}); "
    "quantstats.reports.html(told['Strategy'], benchmark=told['Benchmark'], output={page!r}, **{options!r})"
)
# Without match_dates=False, quantstats cuts the days in cash off the start.
OPTIONS: dict[str, Any] = {"rf": 0.0, "match_dates": False, "periods_per_year": 252}
ROWS = tuple(range(1, 5))
TITLE = "Speed and size of the tearsheet"


@dataclass(frozen=True, eq=False)
class Scene:
    """A run of ten years, its returns as quantstats takes them, and a folder for pages.

    Parameters
    ----------
    result : Backtest
        The run, with its study and its rivals.
    returns : DataFrame of shape (S − 1, 2)
        Session returns ``Strategy Benchmark``, after costs.
    folder : Path
        Where the run, the returns and all pages are written.
    """

    result: Backtest
    returns: pd.DataFrame
    folder: Path

    @property
    def run(self) -> Path:
        """Folder of the run, for a process of its own."""
        return self.folder / "run"

    @property
    def pickled(self) -> Path:
        """File of the returns, for a process of its own."""
        return self.folder / "returns.pickle"

    @property
    def page(self) -> Path:
        """Our page."""
        return self.folder / "ours.html"

    @property
    def peer(self) -> Path:
        """The page of quantstats."""
        return self.folder / "theirs.html"

    def write_ours(self) -> None:
        """Write our page."""
        import reports

        reports.tearsheet(self.result, self.page)

    def write_theirs(self) -> None:
        """Write the page of quantstats."""
        import quantstats

        book, benchmark = self.returns["Strategy"], self.returns["Benchmark"]
        quantstats.reports.html(  # type: ignore[no-untyped-call]
            book, benchmark=benchmark, output=str(self.peer), **OPTIONS
        )


def scene(folder: Path) -> Scene:
    """The run of ten years, its two ways of being told asserted to be of the same returns.

    Parameters
    ----------
    folder : Path
        Where to write; it must exist.
    """
    import pandas as pd

    import strategies
    from reports.quantstats_export import aligned

    result = _run()
    book, benchmark = aligned(result)
    made = Scene(result, pd.DataFrame({"Strategy": book, "Benchmark": benchmark}), folder)
    strategies.save_run(result, made.run)
    made.returns.to_pickle(made.pickled)
    _assert_same(made)
    return made


def _run() -> Backtest:
    """The run, held against all that the page can show: a study, a chase and random dates."""
    import strategies
    import universes
    from strategies.library.pullback import Pullback
    from strategies.rivals import rivals

    market = universes.market(universes.load("critical-minerals"), source="simulated", start=START, end=END)
    events = universes.events(start=START, end=END)
    assert abs(len(events) - EVENTS) <= EVENTS // 20, f"{len(events)} events: choose other dates"
    study = strategies.study(market, events)
    result = strategies.backtest(Pullback(), market, events=events, study=study)
    return replace(
        result, rivals=rivals("pullback", market, draws=DRAWS, parameters=result.parameters, events=events)
    )


def _assert_same(made: Scene) -> None:
    """Both sides have the same sessions and total returns, and a run read from its folder is the same page."""
    import quantstats

    import strategies
    from reports.page import page

    assert len(made.returns) == len(made.result.equity) - 1, f"{len(made.returns)} returns"
    for name, measure in (("Strategy", "total_return"), ("Benchmark", "benchmark_total_return")):
        theirs, ours = quantstats.stats.comp(made.returns[name]), made.result.metrics[measure].value
        assert ours is not None, f"{measure} is undefined"
        assert isinstance(theirs, float), f"{measure} of quantstats is no number"
        assert abs(theirs - ours) <= EXACT, f"{measure}: {ours} and {theirs}"
    assert page((strategies.load_run(made.run),)) == page((made.result,)), "the run folder tells another page"


def _assert_printed(made: Scene) -> None:
    """Both pages print the total return of the book, and quantstats that of the benchmark beside it."""
    from reports.numbers import metric_value

    metrics = made.result.metrics
    said = [metrics[name].value for name in ("benchmark_total_return", "total_return")]
    row = "".join(f"<td>{value:.2%}</td>" for value in said if value is not None)
    assert f"<td>Cumulative Return</td>{row}" in made.peer.read_text("utf-8"), (
        f"quantstats does not say {row}"
    )
    total = metric_value("total_return", metrics["total_return"])
    assert f">{total}<" in made.page.read_text("utf-8"), f"our page does not say {total}"


def rows(made: Scene, numbers: Sequence[int]) -> list[timing.Row]:
    """Those rows that are asked for.

    Parameters
    ----------
    made : Scene
        What is told.
    numbers : sequence of int
        Rows of the table.
    """
    works: tuple[Callable[[Scene], timing.Row], ...] = (_warm, _cold, _whole, _beside)
    from reports.quantstats_export import quietly

    found = []
    with quietly():
        # Sizes are of files that both sides have written.
        made.write_ours()
        made.write_theirs()
        _assert_printed(made)
        for number in numbers:
            found.append(works[number - 1](made))
            print(line(found[-1]), *(f"      {note}" for note in found[-1].notes), sep="\n", flush=True)
    return found


def _peer() -> str:
    return f"quantstats.reports.html {version('quantstats')}"


def _warm(made: Scene) -> timing.Row:
    ours, theirs = timing.in_turns([made.write_ours, made.write_theirs], REPEATS)
    note = (
        f"{len(made.returns):,} session returns of book and benchmark: total returns agree to {EXACT:.0e}; "
        f"both write a file, medians of {REPEATS} in turns in one process"
    )
    return _timed(1, "ten years with 100 events to HTML", ours, theirs, (note, _inside(made)))


def _cold(made: Scene) -> timing.Row:
    options = {"returns": str(made.pickled), "page": str(made.peer), "options": OPTIONS}
    ours = [sys.executable, "-c", OURS.format(run=str(made.run), page=str(made.page))]
    theirs = [sys.executable, "-c", THEIRS.format(**options)]
    one, other = timing.in_turns([lambda: _apart(ours), lambda: _apart(theirs)])
    note = (
        "a process each, imports included: ours reads the run folder and writes byte for byte the same page, theirs "
        "reads the two columns of returns from a pickle"
    )
    return _timed(2, "the same, in a fresh process", one, other, (note,))


def _apart(command: list[str]) -> None:
    done = subprocess.run(command, check=False, cwd=timing.ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _timed(number: int, what: str, ours: float, theirs: float, notes: tuple[str, ...]) -> timing.Row:
    ratio = ours / theirs
    return timing.Row(
        number,
        what,
        _peer(),
        f"{ours:.2f} s",
        f"{theirs:.2f} s",
        ratio,
        f"≤ {LIMIT} ×",
        ratio <= LIMIT,
        notes,
    )


def _inside(made: Scene) -> str:
    """What the two pages hold."""
    ours, theirs = made.page.read_text("utf-8"), made.peer.read_text("utf-8")
    sections, charts = len(re.findall(r"<section\b", ours)), ours.count('class="drawing"')
    return (
        f"ours: {sections} sections, {charts} charts that can be zoomed, {_tables(ours)} tables; theirs: "
        f"{len(re.findall(r'<svg', theirs))} pictures, {_tables(theirs)} tables"
    )


def _tables(page: str) -> int:
    return len(re.findall(r"<table\b", page))


def _whole(made: Scene) -> timing.Row:
    size = made.page.stat().st_size
    script = _library()
    note = f"plotly.js {script / MB:.2f} MB of it, all else {(size - script) / MB:.2f} MB; a MB is {MB:,.0f} bytes"
    return _sized(3, "the page in one file", made, size, WHOLE_MB, note)


def _library() -> int:
    from reports.charts import library

    return len(library().encode())


def _beside(made: Scene) -> timing.Row:
    import reports

    target, folder = made.folder / "small.html", made.folder / "assets"
    reports.tearsheet(made.result, target, assets=folder)
    files = sorted(folder.iterdir())
    total = sum(file.stat().st_size for file in files)
    note = f"the folder holds {len(files)} files, {total / MB:.2f} MB, which any number of pages share"
    return _sized(4, "the page beside `--assets FOLDER`", made, target.stat().st_size, BESIDE_MB, note)


def _sized(number: int, what: str, made: Scene, size: int, most: int, note: str) -> timing.Row:
    ours, theirs = size / MB, made.peer.stat().st_size / MB
    return timing.Row(
        number,
        what,
        f"file of {_peer()}",
        f"{ours:.3f} MB",
        f"{theirs:.3f} MB",
        ours,
        f"≤ {most} MB",
        ours <= most,
        (f"{size:,} bytes, {ours / theirs:.1f} times the file of quantstats", note),
    )


def _told(made: Scene) -> str:
    """What was measured on, for the head of the table."""
    return (
        f"Pullback on the simulated market, {START} to {END}: {len(made.result.equity):,} sessions, "
        f"{len(made.result.events)} events, {len(made.result.trades):,} trades, event study, chase and {DRAWS} sets of "
        f"random dates; plotly {version('plotly')}, matplotlib {version('matplotlib')}."
    )


def main() -> int:
    """Print the table and keep it; a row that is not met is no error."""
    chosen = timing.row_parser(__doc__, ROWS).parse_args()
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        made = scene(Path(folder))
        found = rows(made, tuple(chosen.row or ROWS))
        if not chosen.row:
            keep(TITLE, _told(made), found, time.perf_counter() - begin)
    return 0


if __name__ == "__main__":
    sys.exit(main())
