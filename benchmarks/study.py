"""The event study's speed: with random calendars, as they grow, and against a loop of the package eventstudy.

``python -m benchmarks.study`` measures every row and keeps them in benchmarks/RESULTS.md; ``--row 3`` measures one and
keeps nothing. What is compared is asserted to be the same before it is timed. A peer that is not there is said, and its
row is not met.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import timing
from benchmarks.kept_results import keep, line
from benchmarks.panel import KNOWN, Panel, make
from benchmarks.scale_rows import peak_gib
from strategies.arrays import Integers, Numbers
from strategies.event_study import study
from strategies.firm_events import FirmEvent, Landing, land
from strategies.placebo import placebo
from strategies.placebo_days import OrdinaryDays, every_primary_return, ordinary_days
from strategies.study_design import Design
from universes.facts import EventCompany
from universes.policy import Events
from universes.universe import Universe

if TYPE_CHECKING:
    from strategies.abnormal_returns import Abnormal
    from universes.panel import Market

NAMES, CONTROLS, SESSIONS, EVENTS = 150, 10, 3_780, 100
DESIGN = Design()
FEW, USUAL, MANY = 1_000, 10_000, 40_000
PEER, BENCHMARK = "eventstudy", "CONTROLS"
# Abnormal returns of both sides: the peer reads returns from text, to 17 digits.
EXACT = 1e-12
ROWS = tuple(range(1, 6))
TITLE = "Speed of the event study"
SCENE = (
    f"{NAMES} names and {CONTROLS} controls × {SESSIONS:,} sessions × {EVENTS} events (benchmarks/panel.py), each "
    "event touching every name; one core."
)


@dataclass(frozen=True, eq=False)
class Scene:
    """A market in which every event touches every name but the controls, and its calendar.

    Parameters
    ----------
    market : Market
        Prices.
    events : Events
        What touches them.
    """

    market: Market
    events: Events

    @property
    def sparse(self) -> Events:
        """Events so far apart that no estimation window holds the reaction to another."""
        span = DESIGN.estimation + DESIGN.gap + DESIGN.length
        kept, last = set(), 0
        for row, event in zip(_reaction_rows(self), self.events, strict=True):
            if row - last > span:
                kept.add(event.event)
                last = row
        return Events(
            tuple(event for event in self.events if event.event in kept),
            tuple(row for row in self.events.companies if row.event in kept),
        )


def scene(names: int = NAMES, sessions: int = SESSIONS, events: int = EVENTS) -> Scene:
    """The scene of so many names, sessions and events; the controls come on top.

    Parameters
    ----------
    names, sessions, events : int
        N, T and E.
    """
    panel = make(names + CONTROLS, sessions, events)
    return Scene(_with_controls(panel), _touching_all(panel, names))


def _with_controls(panel: Panel) -> Market:
    """The market with its last names as controls."""
    market = panel.market
    companies = market.universe.facts.companies
    first = len(companies) - CONTROLS
    roles = tuple(replace(row, role="control") if at >= first else row for at, row in enumerate(companies))
    facts = replace(market.universe.facts, companies=roles)
    universe = Universe(market.universe.name, facts, market.universe.memberships[:first])
    lives = market.lives.assign(control=[at >= first for at in range(len(companies))])
    return replace(market, universe=universe, lives=lives)


def _touching_all(panel: Panel, names: int) -> Events:
    companies = [row.company for row in panel.market.universe.facts.companies[:names]]
    named = tuple(
        EventCompany(event=event.event, company=company, direction="tailwind", reason="benchmark", **KNOWN)
        for event in panel.events
        for company in companies
    )
    return Events(panel.events.rows, named)


def _reaction_rows(made: Scene) -> list[int]:
    (positions,) = land(made.market, made.events).positions.values()
    rows: list[int] = positions.tolist()
    return rows


def rows(numbers: Sequence[int]) -> list[timing.Row]:
    """Those rows that are asked for."""
    made = scene()
    works = (_whole, _linear, _flat, _with_calendars, _calendars_alone)
    found = []
    with timing.one_core():
        for number in numbers:
            found.append(works[number - 1](made))
            print(line(found[-1]), *(f"      {note}" for note in found[-1].notes), sep="\n", flush=True)
    return found


def _whole(made: Scene) -> timing.Row:
    found = study(made.market, made.events)
    assert len(found.firm_events) == NAMES * EVENTS, f"{len(found.firm_events)} firm-events"
    assert found.chance.placebo.draws == USUAL, found.chance.placebo.reason
    parts = _Parts.of(made)
    size = f"{len(found.firm_events):,} firm-events in {len(found.episodes)} episodes, {SESSIONS:,} sessions"
    whole, without, days, drawn = timing.in_turns(
        [
            lambda: study(made.market, made.events),
            lambda: study(made.market, made.events, draws=0),
            parts.ordinary,
            lambda: placebo(parts.days, draws=USUAL),
        ]
    )
    return timing.Row(
        1,
        f"study of {NAMES} names × {EVENTS} events, {USUAL:,} random calendars, one core",
        "itself without calendars",
        f"{whole:.2f} s",
        f"{without:.2f} s",
        whole,
        "≤ 3 s",
        whole <= 3,
        (
            size,
            f"ordinary days {days:.2f} s, calendars {drawn:.2f} s: {(days + drawn) / whole:.0%} of the study",
        ),
    )


@dataclass(frozen=True, eq=False)
class _Parts:
    """What a study hands to its random calendars, and the ordinary days."""

    made: Scene
    landing: Landing
    firm_events: tuple[FirmEvent, ...]
    episode: Integers
    days: OrdinaryDays

    @classmethod
    def of(cls, made: Scene) -> _Parts:
        landing, abnormal = _abnormal(made, made.events)
        table = study(made.market, made.events, draws=0).firm_events
        episode = table["episode"].to_numpy() - 1
        days = ordinary_days(made.market, landing, abnormal.firm_events, episode, DESIGN)
        return cls(made, landing, abnormal.firm_events, episode, days)

    def ordinary(self) -> OrdinaryDays:
        return ordinary_days(self.made.market, self.landing, self.firm_events, self.episode, DESIGN)


def _abnormal(made: Scene, events: Events) -> tuple[Landing, Abnormal]:
    from strategies.abnormal_returns import abnormal_returns

    landing = land(made.market, events)
    return landing, abnormal_returns(made.market, landing, DESIGN)


def _linear(made: Scene) -> timing.Row:
    days = _Parts.of(made).days
    few, usual, many = timing.in_turns([lambda n=n: placebo(days, draws=n) for n in (FEW, USUAL, MANY)])  # type: ignore[misc]
    ratio, target = (many / MANY) / (usual / USUAL), 1.2
    return timing.Row(
        2,
        f"time a random calendar, {USUAL:,} → {MANY:,}",
        "itself",
        f"{many / MANY * 1e6:.1f} µs",
        f"{usual / USUAL * 1e6:.1f} µs",
        ratio,
        f"≤ {target} ×",
        ratio <= target,
        tuple(
            f"{n:,} calendars of {len(days.values)} episodes: {taken:.3f} s"
            for n, taken in ((FEW, few), (USUAL, usual), (MANY, many))
        ),
    )


def _flat(_: Scene) -> timing.Row:
    few, usual, many = (timing.apart("study", "--memory", str(n))["gib"] for n in (FEW, USUAL, MANY))
    ratio, target = many / few, 1.1
    return timing.Row(
        3,
        f"growth of a study's peak memory, {FEW:,} → {MANY:,} random calendars",
        "itself",
        f"{many * 1024:,.0f} MiB",
        f"{few * 1024:,.0f} MiB",
        ratio,
        f"≤ {target} ×",
        ratio <= target,
        (f"a process each, market and imports in it (VmHWM); {USUAL:,} calendars: {usual * 1024:,.0f} MiB",),
    )


def _with_calendars(made: Scene) -> timing.Row:
    """The study with calendars against a loop that fits each firm once on each day that the calendars need."""
    days = _firm_days(made)
    what = f"a firm on a day: study with {USUAL:,} random calendars"
    note = (
        f"ours: the whole study, {NAMES * EVENTS:,} firm-events and {days:,} days of their firms, each once"
    )
    row = _against(4, what, made, lambda: study(made.market, made.events), days + NAMES * EVENTS, note=note)
    return replace(row, notes=(*row.notes, _alone(made))) if row.ratio is not None else row


def _alone(made: Scene) -> str:
    """What abnormal returns take without tests and calendars, where every firm-event is fitted once by both sides."""
    (taken,) = timing.in_turns([lambda: _abnormal(made, made.events)])
    count, (_, loop, _) = NAMES * EVENTS, _agreed_loop(made)
    return (
        f"abnormal returns alone, without tests and calendars: {taken:.2f} s for {count:,} firm-events, "
        f"{loop * count / taken:.0f} times the loop's speed"
    )


def _calendars_alone(made: Scene) -> timing.Row:
    days, parts = _firm_days(made), _Parts.of(made)
    note = f"ours: from prices to the portfolios of all episodes on all days, of {days:,} days of their firms"
    return _against(5, "a firm on a day: ordinary days alone", made, parts.ordinary, days, note=note)


def _firm_days(made: Scene) -> int:
    """Days of all names that have a model before them."""
    own, benchmark, _ = _returns(made)
    return int(np.isfinite(every_primary_return(own, benchmark, np.isfinite(own), DESIGN)).sum())


def _against(
    number: int, what: str, made: Scene, work: Callable[[], object], count: int, *, note: str
) -> timing.Row:
    """Seconds of so many fits against as many turns of the peer's loop."""
    lacking, target = timing.why_missing(PEER), 100
    if lacking:
        return timing.missing(number, what, PEER, f"≥ {target} ×", lacking)
    version, loop, said = _agreed_loop(made)
    (taken,) = timing.in_turns([work])
    ratio = loop * count / taken
    return timing.Row(
        number,
        what,
        f"{PEER} {version}, loop of Single.market_model",
        f"{taken / count * 1e6:.2f} µs",
        f"{loop * 1e6:.0f} µs",
        ratio,
        f"≥ {target} ×",
        ratio >= target,
        (f"{note}: {taken:.2f} s; as many turns of the loop would take {loop * count:,.0f} s", said),
    )


@lru_cache(maxsize=1)
def _agreed_loop(made: Scene) -> tuple[str, float, str]:
    """Version of the peer, its seconds a firm-event, and in what both agree.

    Its estimation windows are whole, ours leave reactions to other events out: where there are none, the abnormal
    returns are the same. Then all firm-events are timed that it can do.
    """
    abnormal = _abnormal(made, made.events)[1]
    least = DESIGN.estimation + DESIGN.gap - DESIGN.first
    every = [item for item in abnormal.firm_events if item.position >= least]
    _, apart = _abnormal(made, made.sparse)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(made, folder, apart.firm_events, repeats=1)
        timing.ask(PEER, "eventstudy_loop", folder)
        worst = _worst(made, apart, np.load(folder / "answer.npy"))
        _write(made, folder, every, repeats=timing.REPEATS)
        answered = timing.ask(PEER, "eventstudy_loop", folder)
    loop = statistics.median(answered["seconds"]["loop"]) / len(every)
    said = (
        f"{apart.returns.size:,} abnormal returns of {len(apart.firm_events):,} firm-events without another event in "
        f"their estimation windows agree to {worst:.0e}, as do days of random calendars; {len(every):,} were timed"
    )
    return answered["version"], loop, said


def _worst(made: Scene, apart: Abnormal, theirs: Numbers) -> float:
    """Largest difference from the peer; an error where it is not rounding."""
    own, benchmark, columns = _returns(made)
    every = every_primary_return(own, benchmark, np.isfinite(own), DESIGN)
    place = {column: at for at, column in enumerate(columns)}
    drawn = np.array([every[place[item.column], item.position] for item in apart.firm_events])
    summed = theirs[:, -DESIGN.first] + theirs[:, 1 - DESIGN.first]
    worst = max(float(np.abs(theirs - apart.returns).max()), float(np.abs(summed - drawn).max()))
    assert len(apart.firm_events) >= NAMES, f"only {len(apart.firm_events)} firm-events can be compared"
    assert worst <= EXACT, f"abnormal returns differ by {worst:.1e}"
    return worst


def _returns(made: Scene) -> tuple[Numbers, Numbers, list[int]]:
    """Simple returns of the names, shape (N, T), of the mean control, shape (T,), and the names' columns."""
    close = made.market.bars["close"].to_numpy()
    returns = np.full(close.shape, np.nan)
    returns[1:] = close[1:] / close[:-1] - 1
    control = made.market.lives["control"].to_numpy(dtype=bool)
    columns = np.flatnonzero(~control)
    return np.ascontiguousarray(returns[:, columns].T), returns[:, control].mean(axis=1), columns.tolist()


def _write(made: Scene, folder: Path, firm_events: Sequence[FirmEvent], *, repeats: int) -> None:
    """Write what the peer reads."""
    import pandas as pd

    own, benchmark, columns = _returns(made)
    symbols, sessions = made.market.symbols, made.market.sessions
    table = pd.DataFrame(own.T, columns=[symbols[at] for at in columns])
    table[BENCHMARK] = benchmark
    table.insert(0, "date", sessions.strftime("%Y-%m-%d"))
    table.to_csv(folder / "returns.csv", index=False)
    asked = {
        "benchmark": BENCHMARK,
        "window": DESIGN.window,
        "estimation": DESIGN.estimation,
        # Its buffer is the sessions between both windows.
        "buffer": DESIGN.gap - 1,
        "repeats": repeats,
        "firm_events": [(item.symbol, str(sessions[item.position].date())) for item in firm_events],
    }
    (folder / "request.json").write_text(json.dumps(asked))


def main() -> int:
    """Print the table; 1 when a row is not met."""
    parser = timing.row_parser(__doc__, ROWS)
    parser.add_argument("--memory", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.memory is not None:
        made = scene()
        study(made.market, made.events, draws=chosen.memory)
        print(json.dumps({"gib": peak_gib()}))
        return 0
    script = str(Path(__file__).parent / "environments.sh")
    subprocess.run(
        ["/bin/bash", script, str(timing.environments()), sys.executable], check=False, cwd=timing.ROOT
    )
    begin = time.perf_counter()
    found = rows(tuple(chosen.row or ROWS))
    if not chosen.row:
        keep(TITLE, SCENE, found, time.perf_counter() - begin)
    return 0 if all(row.met for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
