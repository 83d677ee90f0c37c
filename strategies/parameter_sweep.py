"""Every set of parameters by the rules of one backtest, and what the best of many is worth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from strategies.arrays import Numbers
from strategies.costs import Costs
from strategies.kernel import MEASURES
from strategies.measure_text import measure_text, measure_words
from strategies.own_capital import OWN_MEASURES
from strategies.parameter_grid import Grid, check_size
from strategies.sizing import Limits, Sizing
from strategies.sweep_batches import (
    Balanced,
    Refused,
    Shared,
    Walks,
    Work,
    Workshop,
    evaluate,
    reference_rows,
)
from strategies.sweep_results import SweepResults
from strategies.sweep_settings import sweep_settings
from universes.errors import BadParameter, UnknownName
from universes.rendering import BANNER

if TYPE_CHECKING:
    import pandas as pd

    from strategies.tape import Tape
    from strategies.tickets import Ground
    from strategies.walk_forward import Spec, WalkForward
    from universes.panel import Market
    from universes.policy import Events

LEAST_TRADES = 30
# Sets that are walked between two looks at Ctrl-C: some seconds at most.
PIECE = {"shared": 512, "own": 4096}
Progress = Callable[[int], None]


@dataclass(frozen=True, eq=False)
class Sweep:
    """Measures of P parameter sets.

    Parameters
    ----------
    strategy : str
        Name, as users type it.
    grid : Grid
        The sets, by number.
    names : tuple of str
        Names of the measures; docs/sweep.md says what each is.
    measures : ndarray of shape (P, len(names))
        NaN where undefined.
    refused : mapping of int to str
        Sets that cannot be, by number, and why.
    settings, data : mapping
        As in `strategies.result.Backtest`.
    walk_forward : WalkForward or None
        What choosing among these sets was worth on episodes not chosen on, where it was asked for.
    """

    strategy: str
    grid: Grid
    names: tuple[str, ...]
    measures: Numbers
    refused: Mapping[int, str]
    settings: Mapping[str, Any]
    data: Mapping[str, Any]
    walk_forward: WalkForward | None = None

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a set: its parameters, then its measures."""
        import pandas as pd

        given = pd.DataFrame(list(self.grid.sets(0, len(self.grid))), dtype=object)
        return pd.concat([given, pd.DataFrame(self.measures, columns=list(self.names))], axis=1)

    def measure(self, name: str) -> Numbers:
        """One measure of all sets, shape (P,).

        Raises
        ------
        UnknownName
            If there is no such measure.
        """
        if name not in self.names:
            raise UnknownName("measure", name, self.names)
        return self.measures[:, self.names.index(name)]

    def rankable(self, name: str = "", least_trades: int = LEAST_TRADES) -> np.ndarray:
        """Which sets may be ranked, shape (P,): the measure is a finite number and stands on enough closed trades."""
        values = self.measure(name or default_measure(self.names))
        return np.isfinite(values) & (self.measure("closed") >= least_trades)

    def best(self, name: str = "", least_trades: int = LEAST_TRADES, top: int = 10) -> pd.DataFrame:
        """The best sets by a measure, best first, ties by number; never one that may not be ranked."""
        name = name or default_measure(self.names)
        values = np.where(self.rankable(name, least_trades), self.measure(name), -np.inf)
        order = np.lexsort((np.arange(len(values)), -values))
        return self.table.iloc[order[np.isfinite(values[order])][:top]]

    def verdict(self, name: str = "", least_trades: int = LEAST_TRADES) -> str:
        """What the best of these sets is worth, in plain words."""
        name = name or default_measure(self.names)
        able = self.rankable(name, least_trades)
        values, count = self.measure(name)[able], len(able)
        banner = f"{BANNER}\n" if self.data["kind"] == "simulated" else ""
        if not len(values):
            return (
                f"{banner}None of {count:,} sets can be ranked by {measure_words(name)}: each is undefined or has "
                f"fewer than {least_trades} closed trades."
            )
        quartiles = np.quantile(values, [0.25, 0.5, 0.75])
        best, low, middle, high = (measure_text(name, item) for item in (values.max(), *quartiles))
        left = f" {count - len(values):,} sets are not ranked: undefined, or fewer than {least_trades} closed trades."
        return (
            f"{banner}The best {measure_words(name)} of {len(values):,} sets is {best}; half of them lie between {low} "
            f"and {high}, the middle at {middle}. The best of many is the best of many: expect the middle, not the "
            f"best, of what was not looked at.{left if count > len(values) else ''}"
        )

    def __str__(self) -> str:
        return self.verdict()


def default_measure(names: Sequence[str]) -> str:
    """What sets are ranked by unless said."""
    return "sharpe" if "sharpe" in names else "mean_trade"


@dataclass(frozen=True, eq=False)
class _Job:
    """One sweep on its way: what makes work, what every piece needs, and in which pieces it is done."""

    workshop: Workshop
    shared: Shared
    size: int
    refused: dict[int, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return OWN_MEASURES if self.shared.own else MEASURES

    def pieces(self) -> Iterator[tuple[int, int]]:
        count = len(self.workshop.grid)
        for first in range(0, count, self.size):
            yield first, min(first + self.size, count)

    def work(self, first: int, last: int) -> list[Work]:
        """Work of a piece; what cannot be is remembered with its reason."""
        found = [self._possible(item) for item in self.workshop.work(first, last)]
        for item in found:
            if isinstance(item, Refused):
                self.refused.update(dict.fromkeys(item.places, item.reason))
        return found

    def _possible(self, item: Work) -> Work:
        if self.shared.own and isinstance(item, Balanced):
            return Refused(
                (item.place,),
                "target weights share one book: own capital is for entries, so say --capital shared",
            )
        return item


def sweep(
    strategy: str,
    grid: Mapping[str, Sequence[Any]],
    market: Market,
    *,
    events: Events | None = None,
    eligible: pd.DataFrame | None = None,
    scores: pd.DataFrame | None = None,
    costs: Costs | None = None,
    cash: float = 1_000_000.0,
    slots: int = 10,
    sizing: Sizing | str = "equal",
    limits: Limits | None = None,
    capital: str = "shared",
    workers: int = 1,
    dask: str = "",
    folder: Path | str | None = None,
    fresh: bool = False,
    yes: bool = False,
    walk_forward: Spec | str | None = None,
    base: Mapping[str, Any] | None = None,
    record: bool = True,
    progress: Progress | None = None,
) -> Sweep:
    """Measures of every combination of parameter values.

    Parameters
    ----------
    strategy : str
        Name of a strategy of the library, or ``path/to/file.py:Name``.
    grid : mapping of str to sequence
        Values of each parameter that varies.
    market, events, eligible, scores, costs, cash, slots, sizing, limits
        As for `strategies.backtest`: each set is what it would give, order for order.
    capital : {"shared", "own"}
        One book for all trades, or each trade on its own cash / slots without limits: fewer measures, and quicker.
    workers : int
        Threads; the result does not depend on it.
    dask : str
        ``local:4`` or the address of a scheduler: the work is done there, with the same result.
    folder : Path or str, optional
        Where to keep manifest.json, results.csv, summary.json and the pieces; a sweep that was stopped goes on there.
    fresh : bool
        Replace what stands in the folder.
    yes : bool
        Go on with more than ten million sets.
    walk_forward : Spec or str, optional
        Also choose on some episodes and judge on others, as ``train=12,test=4,embargo=5``.
    base : mapping, optional
        Values of parameters that do not vary.
    record : bool
        Count the sets in the ledger of trials.
    progress : callable, optional
        Told the number of sets done so far.

    Raises
    ------
    BadParameter, UnknownName
        If a parameter, a value or an option is wrong, or no set can be.
    CannotWrite
        If the folder cannot be written.
    """
    rule = Sizing(sizing, slots) if isinstance(sizing, str) else sizing
    axes = _axes(strategy, grid)
    check_size(axes, yes=yes)
    spec = _spec(walk_forward)
    if capital not in PIECE:
        raise BadParameter(f"capital is {capital!r}: it must be shared or own")
    _check_workers(workers, dask)
    given, allowed, tape, ground = _known(market, events, eligible, scores, limits, costs)
    shop = Workshop(
        name=strategy,
        grid=axes,
        base=dict(base or {}),
        market=market,
        events=given,
        eligible=allowed,
        scores=scores,
        tape=tape,
        ground=ground,
        sizing=rule,
        costs=costs or Costs(),
    )
    job = _job(shop, cash, limits or Limits(), capital)
    settings = sweep_settings(job.workshop, job.shared, job.names)
    kept = SweepResults(Path(folder)) if folder is not None else None
    if kept:
        kept.begin(settings, fresh=fresh)
    measures = _measured(job, kept, workers, dask, progress or _silent)
    if len(job.refused) == len(axes):
        raise BadParameter(next(iter(job.refused.values())))
    from strategies.statement import data_statement

    result = Sweep(
        strategy, axes, job.names, measures, dict(sorted(job.refused.items())), settings, data_statement(market),
        _walked(job, spec, workers) if spec else None,
    )  # fmt: skip
    if kept:
        kept.finish(axes, job.names, measures)
        kept.conclude(_summary(result))
    if record:
        from strategies.trial_log import record_trials

        record_trials("sweep", settings, len(axes) - len(job.refused))
    return result


def _summary(result: Sweep) -> dict[str, Any]:
    """What the folder keeps beside the table, as plain data."""
    walked = result.walk_forward
    return {
        "verdict": result.verdict().removeprefix(f"{BANNER}\n"),
        "refused": {str(at): why for at, why in result.refused.items()},
        "data": result.data,
        "walk_forward": walked
        and {
            "spec": str(walked.spec),
            "columns": walked.columns,
            "rows": walked.rows(result.grid.labels()),
            "sentence": f"{walked.sentence} {walked.evidence}",
            "evidence": walked.evidence.as_dict(),
        },
    }


def _silent(done: int) -> None:
    del done


def _axes(strategy: str, grid: Mapping[str, Sequence[Any]]) -> Grid:
    """Axes with those of exits last, so that sets that share entries stand together."""
    from strategies.catalog import strategy_class

    return Grid.of(grid, getattr(strategy_class(strategy), "EXIT_FIELDS", ()))


def _spec(given: Spec | str | None) -> Spec | None:
    if not isinstance(given, str):
        return given
    from strategies.walk_forward_spec import parse_spec

    return parse_spec(given)


def _known(
    market: Market,
    events: Events | None,
    eligible: pd.DataFrame | None,
    scores: pd.DataFrame | None,
    limits: Limits | None,
    costs: Costs | None,
) -> tuple[Events, pd.DataFrame, Tape, Ground]:
    """Events, eligibility, tape and ground, as a backtest has them."""
    from strategies.ground import book_currency, eligible_members, ground
    from strategies.tape import Tape
    from universes.policy import Events as Calendar

    allowed = eligible_members(eligible, market)
    book_currency(market, allowed)
    tape = Tape.of(market, costs or Costs())
    given = events if events is not None else Calendar(())
    return given, allowed, tape, ground(market, allowed, limits or Limits(), scores)


def _job(workshop: Workshop, cash: float, limits: Limits, capital: str) -> _Job:
    if not cash > 0:
        raise BadParameter(f"cash is {cash}: it must be above zero")
    if capital == "own" and workshop.sizing.rule == "risk":
        # A part of equity that may be lost has no meaning without a book.
        workshop = replace(workshop, sizing=replace(workshop.sizing, rule="equal"))
    shared = Shared(
        workshop.tape, reference_rows(workshop.market), cash, workshop.sizing, limits, capital == "own"
    )
    return _Job(workshop, shared, PIECE[capital])


def _measured(job: _Job, kept: SweepResults | None, workers: int, dask: str, progress: Progress) -> Numbers:
    out = np.full((len(job.workshop.grid), len(job.names)), np.nan)
    done, todo = 0, []
    for first, last in job.pieces():
        found = kept.piece(first, last, len(job.names)) if kept else None
        if found is None:
            todo.append((first, last))
        else:
            out[first:last], done = found, done + last - first
            job.work(first, last) if np.isnan(found[:, 0]).any() else None
            kept.tell(first, job.workshop.grid, found) if kept else None
    progress(done)
    for (first, last), part in _parts(job, todo, workers, dask):
        out[first:last] = part
        if kept:
            kept.keep(first, part)
            kept.tell(first, job.workshop.grid, part)
        done += last - first
        progress(done)
    return out


def _parts(
    job: _Job, todo: Sequence[tuple[int, int]], workers: int, dask: str
) -> Iterator[tuple[tuple[int, int], Numbers]]:
    """Pieces as they are done, in any order."""
    pieces = ((job.work(first, last), first, last) for first, last in todo)
    if dask:
        from strategies import dask_workers

        found = dask_workers.evaluated(dask, evaluate, job.shared, list(pieces))
    else:
        from strategies import thread_workers

        found = thread_workers.evaluated(workers, evaluate, job.shared, pieces)
    for number, part in found:
        yield todo[number], part


def _check_workers(workers: int, dask: str) -> None:
    """Refuse, before any work is done, what cannot do it."""
    given: object = workers
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= 256:
        raise BadParameter(f"workers is {workers}: it must be a whole number from 1 to 256")
    if dask:
        from strategies.dask_workers import check

        check(dask)


def _walked(job: _Job, spec: Spec, workers: int) -> WalkForward:
    """Choice on some episodes, judged on others, each trade on its own capital."""
    from strategies.walk_forward import run

    shop = replace(job.workshop, sizing=replace(job.workshop.sizing, rule="equal"))
    batches = [item.batch for item in shop.work(0, len(shop.grid)) if isinstance(item, Walks)]
    if not batches:
        raise BadParameter("walk-forward: it needs a strategy of entries whose sets share them, as pullback")
    value = job.shared.cash / job.shared.sizing.slots
    return run(spec, batches, shop.tape, sets=len(shop.grid), value=value, workers=workers)
