"""Placebo twin of a strategy: the same rules on the same events, moved to dates drawn at random."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from strategies import ranges
from strategies.plan import EntryTable, Plan, Strategy
from universes.errors import BadParameter

if TYPE_CHECKING:
    import pandas as pd

    from universes.facts import Event
    from universes.panel import Market
    from universes.policy import Events

DEFAULT = "pullback"


@dataclass(frozen=True, slots=True, init=False)
class RandomDates:
    """What the strategy `of` decides when each event falls on another date; further parameters are those of `of`.

    Each event keeps its kind, minerals, direction and time of day, and is moved to a session of the market,
    each with the same chance. The draw depends on the seed and the identifier of the event alone. A placebo
    shows what the dates are worth; it cannot be traded, since the events are not known on the dates they are
    moved to.

    Parameters
    ----------
    of : str
        A strategy that acts on events: a name of the library, or ``file.py:Name``.
    seed : int
        Which draw of dates.
    parameters : tuple of (str, value)
        Parameters of `of`, in its order; given one by one, as in ``RandomDates("pullback", seed=3,
        depth=0.08)``.

    Raises
    ------
    BadParameter
        If a value is out of range, or `of` is itself a placebo.
    UnknownName
        If there is no strategy `of`.
    """

    of: str = DEFAULT
    seed: int = 0
    parameters: tuple[tuple[str, Any], ...] = field(default=(), metadata={"typed": False})

    EXIT_FIELDS: ClassVar[tuple[str, ...]] = ("hold", "stop", "take_profit", "trailing_stop")

    def __init__(
        self,
        of: str = DEFAULT,
        seed: int = 0,
        parameters: Mapping[str, Any] | Sequence[tuple[str, Any]] = (),
        **further: Any,
    ) -> None:
        from strategies.catalog import build

        ranges.whole("seed", seed, least=0, most=2**63 - 1)
        self.check_twin(of)
        twin = build(of, dict(parameters) | further)
        object.__setattr__(self, "of", of)
        object.__setattr__(self, "seed", seed)
        object.__setattr__(self, "parameters", _values(twin, dict(parameters) | further))

    @classmethod
    def twin_name(cls, given: Mapping[str, Any]) -> str:
        """Name of the strategy whose fields may be given beside one's own."""
        of = str(given.get("of", DEFAULT))
        cls.check_twin(of)
        return of

    @staticmethod
    def check_twin(of: str) -> None:
        """Refuse a placebo of a placebo.

        Raises
        ------
        BadParameter
            If that is what `of` names.
        """
        if of.replace("-", "_") == "random_dates":
            raise BadParameter(
                "of is 'random_dates': name the strategy that acts on the real dates, as of=pullback"
            )

    def __getattr__(self, name: str) -> Any:
        # Asked only for what is no field here: parameters of the twin read like one's own.
        if name in ("of", "seed", "parameters"):
            raise AttributeError(name)
        for key, value in self.parameters:
            if key == name:
                return value
        raise AttributeError(f"random_dates of {self.of} has no parameter {name!r}")

    @property
    def twin(self) -> Strategy:
        """The strategy on the real dates."""
        from strategies.catalog import build

        return build(self.of, dict(self.parameters))

    def plan(self, market: Market, events: Events, eligible: pd.DataFrame, **known: pd.DataFrame) -> Plan:
        """Decisions of the twin on the moved events.

        Parameters
        ----------
        market, events, eligible
            As for every strategy.
        **known : DataFrame of shape (T, N)
            What else the twin asks for, as ``scores``.

        Raises
        ------
        BadParameter
            If the twin asks for scores and there are none.
        """
        from strategies.catalog import wants_scores

        twin = self.twin
        if wants_scores(twin) and known.get("scores") is None:
            raise BadParameter(
                f"of is {self.of!r}, which needs scores: give scores=screener.score_table(market)"
            )
        return twin.plan(market, moved(events, market, self.seed), eligible, **known)

    @classmethod
    def plan_tables(
        cls, market: Market, events: Events, eligible: pd.DataFrame, variants: Sequence[RandomDates]
    ) -> list[EntryTable]:
        """Entries of each variant as arrays; variants that share strategy and seed share what is found.

        Parameters
        ----------
        market, events, eligible
            As in `plan`.
        variants : sequence of RandomDates
            Parameter sets.

        Raises
        ------
        BadParameter
            If a twin gives no tables of entries.
        """
        alike: dict[tuple[str, int], list[int]] = defaultdict(list)
        for at, item in enumerate(variants):
            alike[item.of, item.seed].append(at)
        tables: dict[int, EntryTable] = {}
        for (of, seed), places in alike.items():
            twins: list[Any] = [variants[at].twin for at in places]
            made = getattr(type(twins[0]), "plan_tables", None)
            if made is None:
                raise BadParameter(
                    f"of is {of!r}: it has no plan_tables, which a sweep needs; a single backtest does not"
                )
            tables |= zip(places, made(market, moved(events, market, seed), eligible, twins), strict=True)
        return [tables[at] for at in range(len(variants))]


def _values(twin: Strategy, given: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    made: Any = twin
    if is_dataclass(made):
        return tuple((item.name, getattr(made, item.name)) for item in fields(made) if item.init)
    return tuple(sorted(given.items()))


def moved(events: Events, market: Market, seed: int) -> Events:
    """The same events on other dates, each drawn uniformly from the sessions of a market.

    Parameters
    ----------
    events : Events
        E events.
    market : Market
        Its T sessions are the dates to draw from.
    seed : int
        Which draw.
    """
    days = [stamp.date() for stamp in market.sessions]
    shifts = {row.event: days[_draw(seed, row.event, len(days))] - _day(row) for row in events.rows}
    return replace(
        events,
        rows=tuple(_shifted(row, shifts[row.event]) for row in events.rows),
        dates=tuple(
            replace(row, on=row.on + shifts[row.event]) for row in events.dates if row.event in shifts
        ),
    )


def _draw(seed: int, event: str, count: int) -> int:
    # A remainder of 256 bits: no session is more likely than another by more than 2**-240.
    return int.from_bytes(hashlib.sha256(f"{seed}:{event}".encode()).digest()) % count


def _day(event: Event) -> Any:
    return event.announced.date() if isinstance(event.announced, datetime) else event.announced


def _shifted(event: Event, shift: timedelta) -> Event:
    """An event and the dates it sets, all moved by as many days."""
    dates = {
        name: value + shift
        for name in ("announced", "effective", "expires", "leaked")
        if (value := getattr(event, name)) is not None
    }
    return replace(event, **dates)


STRATEGY = RandomDates
