"""Everything once on the simulated market: what `lodestone demo` does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from universes.errors import CannotWrite

if TYPE_CHECKING:
    from strategies.result import Backtest
    from universes.panel import Market
    from universes.policy import Events

STRATEGIES = ("pullback", "chase", "momentum")
EVENTS = "kind == 'export-control'"
WHERE = "score >= 50"
START = "2015-01-01"
# Sets of random dates that each strategy is held against.
DRAWS = 100
COMPARED = ("total_return", "cagr", "sharpe", "max_drawdown", "trades", "costs_paid")


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What `demonstrate` found, as text for the terminal.

    Parameters
    ----------
    as_of : str
        Date of the screen.
    ranked : int
        How many names it ranked.
    screen_columns, screen_rows : tuple
        Its ten best.
    verdict : str
        Of the event study.
    comparison_columns, comparison_rows : tuple
        One row a strategy, and the benchmark.
    page : Path
        The tearsheet.
    """

    as_of: str
    ranked: int
    screen_columns: tuple[str, ...]
    screen_rows: tuple[tuple[str, ...], ...]
    verdict: str
    comparison_columns: tuple[str, ...]
    comparison_rows: tuple[tuple[str, ...], ...]
    page: Path


def demonstrate(folder: Path, seed: int = 0) -> Demonstration:
    """Screen, study and backtests on the simulated market, with a tearsheet at the end.

    Parameters
    ----------
    folder : Path
        Where to write ``tearsheet.html``, ``truth.csv`` and a run folder a strategy; made if it is not there.
    seed : int
        Seed of the simulated market.

    Raises
    ------
    CannotWrite
        If the folder cannot be made or written.
    """
    from reports.page import tearsheet
    from screener.eligibility import eligibility
    from strategies.event_study import study
    from universes.atomic import write_file
    from universes.catalog import events, load
    from universes.progress import progress

    _make(folder)
    with progress(5 + len(STRATEGIES)) as step:
        step("simulated market")
        from universes.assemble import market as open_market

        market = open_market(load(), "simulated", start=START, seed=seed)
        step("screen")
        as_of, ranked, rows = _screen(market)
        step("eligibility")
        eligible = eligibility(market, WHERE)
        step("event study")
        calendar = events(EVENTS, start=START)
        found = study(market, calendar)
        results = [_run(name, market, calendar, eligible, found, step) for name in STRATEGIES]
        step("tearsheet")
        _save(results, folder, seed)
        write_file(
            folder / "truth.csv",
            market.truth.to_csv(index=False, lineterminator="\n") if market.truth is not None else "",
        )
        page = tearsheet(results, folder / "tearsheet.html", title="Lodestone demonstration")
    return Demonstration(
        as_of=as_of,
        ranked=ranked,
        screen_columns=("rank", "symbol", "name", "score", "stage", "tier", "support"),
        screen_rows=rows,
        verdict=found.verdict,
        comparison_columns=("strategy", *(name.replace("_", " ") for name in COMPARED)),
        comparison_rows=compared(results),
        page=page,
    )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise CannotWrite(f"{folder} cannot be made: {error.strerror}; choose another place") from None


def _screen(market: Market) -> tuple[str, int, tuple[tuple[str, ...], ...]]:
    from screener.ranking import screen

    on = market.sessions[-1].date()
    found = screen(market.universe, on)
    rows = tuple(
        (
            str(row.rank),
            tags["symbol"],
            tags["name"],
            f"{row.score:.1f}",
            tags["stage"] or "",
            tags["tier"] or "",
            tags["support"],
        )
        for row in found.rows[:10]
        for tags in (row.profile.tags(),)
    )
    return str(on), len(found.rows), rows


def _run(name: str, market: Market, events: Events, eligible: Any, found: Any, step: Any) -> Backtest:
    from strategies.catalog import make
    from strategies.engine import backtest
    from strategies.rivals import rivals

    step(name)
    settings = {"where": [WHERE], "events_where": EVENTS}
    result = backtest(
        make(name, {}), market, events=events, eligible=eligible, study=found, settings=settings
    )
    return replace(result, rivals=rivals(name, market, draws=DRAWS, events=events, eligible=eligible))


def _save(results: list[Backtest], folder: Path, seed: int) -> None:
    from strategies.run_folder import save_run

    for result in results:
        save_run(result, folder / result.strategy, command=f"lodestone demo --seed {seed}")


def compared(results: list[Backtest]) -> tuple[tuple[str, ...], ...]:
    """One row a strategy with the numbers of `COMPARED` as text, and one for the benchmark."""
    rows = [(result.strategy, *(str(result.metrics[name]) for name in COMPARED)) for result in results]
    first = results[0].metrics
    benchmark = (first.get(f"benchmark_{name}") for name in COMPARED)
    rows.append((results[0].settings["benchmark"], *(str(metric) if metric else "" for metric in benchmark)))
    return tuple(rows)
