"""Whether a strategy uses what it could not have known: its decisions before and after the future is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from strategies import equivalent_markets, look_ahead_probes
from strategies.changed_markets import World
from strategies.look_ahead_findings import Audit, Leak, Probe
from strategies.look_ahead_names import ALLOWED, DRAWS, PROBES
from strategies.look_ahead_probes import Change, Difference, Rows, decide, differences, sample_rows
from strategies.look_ahead_process import MACHINES, Processes, Recipe, recipe
from strategies.plan import Entries, Plan, Strategy
from universes.errors import BadParameter, LodestoneError, UserCodeError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from universes.panel import Market
    from universes.policy import Events

# Of one probe so many findings are kept; all are counted.
KEPT = 3
# Sums over columns in another order differ in their last bits.
ROUNDING = 1e-9


def audit(
    strategy: Strategy,
    market: Market,
    *,
    events: Events | None = None,
    eligible: pd.DataFrame | None = None,
    scores: pd.DataFrame | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    probes: Sequence[str] = (),
    allow: Sequence[str] = (),
) -> Audit:
    """Whether a strategy decides from what was known at the time.

    Parameters
    ----------
    strategy : Strategy
        Anything with ``plan(market, events, eligible)``.
    market : Market
        T sessions, N symbols.
    events : Events, optional
        Policy events; default none.
    eligible, scores : DataFrame of shape (T, N), optional
        As for `strategies.backtest`.
    draws : int
        How many events, rows of decisions and other rows are drawn.
    seed : int
        Of the draws.
    probes : sequence of str
        Names of the probes to run; default all.
    allow : sequence of str
        ``price-level``: decisions may depend on the level of prices.

    Returns
    -------
    Audit

    Raises
    ------
    BadParameter
        If a probe or what is allowed is unknown, or `draws` is not above 0.
    UserCodeError
        If the user's own strategy raises.
    """
    from strategies.ground import eligible_members
    from universes.policy import Events as Calendar

    if draws < 1:
        raise BadParameter(f"draws is {draws}: it must be 1 or more")
    _check("probe", probes, PROBES)
    _check("allow", allow, ALLOWED)
    calendar = events if events is not None else Calendar(())
    world = World(market, calendar, eligible_members(eligible, market), scores)
    asked = [name for name in PROBES if not probes or name in probes]
    return _Run(strategy, world, draws, seed).run(asked, allow)


def _check(kind: str, given: Sequence[str], known: Mapping[str, Any]) -> None:
    for name in given:
        if name not in known:
            raise BadParameter(f"{kind} {name!r} is not one{did_you_mean(name, tuple(known))}")


class _Run:
    """One audit."""

    def __init__(self, strategy: Strategy, world: World, draws: int, seed: int) -> None:
        self.strategy, self.world, self.draws, self.seed = strategy, world, draws, seed
        self.random = np.random.default_rng(seed)
        self.plan: Plan = decide(strategy, world)
        self.rows: Rows = sample_rows(world, self.plan, draws, self.random)
        self.last = len(world.market.sessions) - 1
        self.leaks: list[Leak] = []
        self.recipe: Recipe | str = ""
        self.processes: Processes | None = None

    def run(self, asked: Sequence[str], allow: Sequence[str]) -> Audit:
        """All probes that were asked for; other processes work meanwhile."""
        if "machine" in asked:
            self.recipe = recipe(self.strategy)
            if isinstance(self.recipe, Recipe):
                self.processes = Processes(self.recipe, self.seed)
        try:
            return self.probe(asked, allow)
        finally:
            if self.processes is not None:
                self.processes.stop()

    def probe(self, asked: Sequence[str], allow: Sequence[str]) -> Audit:
        """One probe after the other."""
        from strategies.statement import name_of

        off = {name: word for word in allow for name in ALLOWED[word]}
        made = []
        # A strategy that never decides the same twice moves under every probe.
        steady = not self.moved(self.world)
        # The same call is made again at the end too, when other markets have been seen.
        for name in sorted(asked, key=lambda name: name == "repeat"):
            reason = self.exempt(name) or (f"--allow {off[name]}" if name in off else "")
            if not steady and name != "repeat":
                reason = "the same call gives something else each time: mend that first"
            made.append(Probe(name, 0, 0, reason) if reason else getattr(self, name)())
        made.sort(key=lambda probe: list(PROBES).index(probe.name))
        return Audit(
            name_of(self.strategy), tuple(made), tuple(self.leaks), count(self.plan), self.settings()
        )

    def settings(self) -> dict[str, Any]:
        sessions = self.world.market.sessions
        return {
            "draws": self.draws,
            "seed": self.seed,
            "first": f"{sessions[0]:%Y-%m-%d}",
            "last": f"{sessions[-1]:%Y-%m-%d}",
            "sessions": len(sessions),
            "rows": len(self.rows.every),
        }

    def exempt(self, name: str) -> str:
        """Why a probe does not apply to a strategy by its nature; empty where it does."""
        if name in ("events", "truncation") and hasattr(type(self.strategy), "twin_name"):
            return "a placebo draws its dates from the whole calendar, and cannot be traded"
        return ""

    def moved(self, world: World, row: int | None = None) -> list[Difference]:
        """Decisions up to a row, default all, that are not the same on another world."""
        last = self.last if row is None else row
        try:
            plan = decide(self.strategy, world)
        except BadParameter as error:
            # As of a strategy that keeps what it saw in another market: its rows or names are not of this one.
            return [Difference(last, "", "plan", "accepted", f"refused: {error}")]
        # A name that the other world has not got cannot be traded there.
        return differences(self.plan, plan, last, symbols=world.market.symbols)

    def note(self, probe: str, found: Sequence[Difference], change: str) -> int:
        """Keep the first of these differences; how many changes moved a decision, 0 or 1."""
        if not found:
            return 0
        first = found[0]
        day = f"{self.world.market.sessions[first.row]:%Y-%m-%d}"
        leak = Leak(probe, day, first.symbol, first.field, first.before, first.after, change, len(found) - 1)
        if sum(item.probe == probe for item in self.leaks) < KEPT and leak not in self.leaks:
            self.leaks.append(leak)
        return 1

    def futures(self, name: str, rows: Sequence[int], changes: Sequence[tuple[Change, str]]) -> Probe:
        """Change the future after each of these rows, in turn in each of these ways."""
        if not rows:
            return Probe(name, 0, 0, "the market has too few sessions")
        leaks = 0
        for number, row in enumerate(rows):
            change, words = changes[number % len(changes)]
            told = words.format(f"{self.world.market.sessions[row]:%Y-%m-%d}")
            try:
                found = self.moved(change(self.world, row, self.random), row)
            except UserCodeError as error:
                raise UserCodeError(f"{error}; it did when {told}", error.file, error.trace) from None
            leaks += self.note(name, found, told)
        return Probe(name, len(rows), leaks)

    def repeat(self) -> Probe:
        leaks = 0
        for _ in range(2):
            leaks += self.note("repeat", self.moved(self.world), "the same call was made again")
        return Probe("repeat", 2, leaks)

    def prices(self) -> Probe:
        return self.futures("prices", self.rows.every, look_ahead_probes.PRICES)

    def events(self) -> Probe:
        if not len(self.world.events):
            return Probe("events", 0, 0, "no events were given")
        # In turn: on the eve of a reaction the event is removed, on its day it is changed.
        rows = (*self.rows.eve, *self.rows.drawn)
        return self.futures("events", rows, look_ahead_probes.EVENTS)

    def facts(self) -> Probe:
        rows = sorted({*self.rows.decided, *self.rows.drawn})
        return self.futures("facts", rows, look_ahead_probes.FACTS)

    def truncation(self) -> Probe:
        rows = sorted({*self.rows.decided, *self.rows.drawn})
        return self.futures("truncation", rows, look_ahead_probes.TRUNCATION)

    def order(self) -> Probe:
        apart = equivalent_markets.without_ties(self.world, self.random)
        other, names = equivalent_markets.reversed_names(apart)
        before = decide(self.strategy, apart)
        try:
            after = decide(self.strategy, other)
        except (LodestoneError, LookupError) as error:
            return Probe("order", 0, 0, f"on renamed symbols the strategy raised {type(error).__name__}")
        symbols = self.world.market.symbols
        found = differences(before, after, self.last, symbols=symbols, names=names, tolerance=ROUNDING)
        return Probe(
            "order", 1, self.note("order", found, "symbols were renamed so that their order reversed")
        )

    def machine(self) -> Probe:
        if self.processes is None:
            return Probe("machine", 0, 0, str(self.recipe))
        results = self.processes.results()
        errors = [result["error"] for result in results if "error" in result]
        if errors:
            return Probe("machine", 0, 0, f"in another process: {errors[0]}")
        first, *others = [result["digest"] for result in results]
        differ = [at for at, digest in enumerate(others, 1) if digest != first]
        if differ:
            change = f"it was run in a process with {self.blame(first, *self.processes.machines[differ[0]])}"
            digest = others[differ[0] - 1]
            self.leaks.append(Leak("machine", "", "", "sha256", first[:12], digest[:12], change))
        return Probe("machine", len(results), len(differ), "on two simulated years")

    def blame(self, first: str, hash_seed: str, zone: str) -> str:
        """Which of a hash seed and a time zone gives another digest by itself; both where neither does."""
        if not isinstance(self.recipe, Recipe):
            return ""
        plain_seed, plain_zone = MACHINES[0]
        alone = Processes(self.recipe, self.seed, ((hash_seed, plain_zone), (plain_seed, zone)))
        try:
            digests = [result.get("digest") for result in alone.results()]
        finally:
            alone.stop()
        names = f"hash seed {hash_seed}", f"time zone {zone}"
        moved = [name for name, digest in zip(names, digests, strict=True) if digest != first]
        return " and ".join(moved or names)

    def units(self) -> Probe:
        words = "all prices were multiplied by 2^{} and volumes divided by it"
        return self.whole("units", (7, -7), equivalent_markets.other_units, words)

    def rebasing(self) -> Probe:
        def change(world: World, number: int) -> World:
            del number
            return equivalent_markets.rebased(world, self.random)

        words = "adjusted prices of each name were multiplied by a constant"
        return self.whole("rebasing", (1, 2), change, words)

    def whole(
        self, name: str, values: Sequence[int], change: Callable[[World, int], World], words: str
    ) -> Probe:
        """Changes of the whole history, after which no decision at all may differ."""
        leaks = 0
        for value in values:
            leaks += self.note(name, self.moved(change(self.world, value)), words.format(value))
        return Probe(name, len(values), leaks)


def count(plan: Plan) -> int:
    """Entries of a plan, or its rows with weights."""
    if isinstance(plan, Entries):
        return len(plan.entries)
    return int(plan.table.notna().any(axis=1).sum())
