"""Kinds of stress as filters on the policy calendar, and the events that they and a user's own filters leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from universes.errors import BadParameter, UnknownName

if TYPE_CHECKING:
    from universes.facts import Event, Mineral
    from universes.policy import Events

ANY = "any"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of event: what it is in a sentence, and the filter on events that finds its analogues."""

    says: str
    filter: str


# What takes effect later was known before: an effect is no news.
SCENARIOS: Mapping[str, Scenario] = {
    "export-ban": Scenario(
        "China bans, licenses or caps exports of minerals, or of what it takes to make them.",
        "country == 'CN' and kind == 'export-control' and status != 'effect'",
    ),
    "export-threat": Scenario(
        "China hints at export limits, or is reported to think of them.",
        "country == 'CN' and kind == 'export-signal'",
    ),
    "producer-ban": Scenario(
        "Another producing country than China stops, caps or halts exports.",
        "country != 'CN' and kind == 'export-control' and status != 'effect'",
    ),
    "truce": Scenario(
        "The United States and China agree to stand down, or controls are suspended.",
        "kind == 'trade-truce' or kind == 'export-relaxation' and status == 'suspension'",
    ),
    "relaxation": Scenario(
        "Export limits are eased, ended or suspended, by whichever country.",
        "kind in ['trade-truce', 'export-relaxation']",
    ),
    "price-floor-reversal": Scenario(
        "A government steps back from price floors or offtake that miners counted on.",
        "kind == 'offtake-price-floor' and direction == 'headwind'",
    ),
    "support-reversal": Scenario(
        "The United States takes back or refuses a price floor, tariff, duty or credit.",
        "country == 'US' and direction == 'headwind'"
        " and kind in ['offtake-price-floor', 'tariff', 'trade-case', 'tax-credit']",
    ),
    "tariff": Scenario(
        "The United States threatens, prepares or sets tariffs on minerals.",
        "country == 'US' and kind == 'tariff' and direction == 'tailwind'",
    ),
    "nationalisation": Scenario(
        "A state takes mines or new projects into its own hands.", "kind == 'nationalisation'"
    ),
    ANY: Scenario("Events of your own choice, by --events.", ""),
}


@dataclass(frozen=True, slots=True)
class Filtered:
    """What one filter does: how many events it leaves alone, and how many there would be without it."""

    words: str
    alone: int
    without: int


@dataclass(frozen=True, eq=False)
class Analogues:
    """The events of a kind of stress.

    Parameters
    ----------
    kind : str
        Name of the scenario.
    events : Events
        Those that every filter leaves.
    of : int
        How many the calendar has.
    filters : tuple of Filtered
        One a filter that was given.
    """

    kind: str
    events: Events
    of: int
    filters: tuple[Filtered, ...]

    @property
    def sentence(self) -> str:
        """How many events are left; where there is none, which filters leave something."""
        if len(self.events):
            left = "1 event" if len(self.events) == 1 else f"{len(self.events)} events"
            return f"{self.kind}: {SCENARIOS[self.kind].says} {left} of {self.of} on record."
        alone = ", ".join(f"{item.words} {item.alone}" for item in self.filters)
        without = [f"without {item.words}: {item.without}" for item in self.filters if item.without]
        mend = f" {_capital('; '.join(without))}." if without else ""
        return f"No event of {self.of} on record passes every filter. Events that each leaves alone: {alone}.{mend}"


def analogues(
    calendar: Events,
    kind: str,
    *,
    minerals: Iterable[str] = (),
    where: str | None = None,
    as_of: date | None = None,
) -> Analogues:
    """Events of a kind of stress.

    Parameters
    ----------
    calendar : Events
        Where to look.
    kind : str
        One of `SCENARIOS`; ``any`` asks for `where`.
    minerals : iterable of str
        Minerals or group words; an event stays that touches one of them. None is no filter.
    where : str, optional
        A further filter on events.
    as_of : date, optional
        Only events, and only rows of the table, that were known on that day.

    Raises
    ------
    UnknownName
        If there is no such scenario or mineral.
    BadParameter
        If ``any`` comes without `where`.
    BadExpression
        If `where` does not parse or type-check.
    """
    if kind not in SCENARIOS:
        raise UnknownName("scenario", kind, SCENARIOS)
    if kind == ANY and not where:
        raise BadParameter("scenario 'any' takes every event: say which with --events EXPR")
    words = _checked(minerals)
    left: dict[str, frozenset[str]] = {}
    if kind != ANY:
        left[kind] = _names(calendar.where(SCENARIOS[kind].filter))
    if words:
        left[f"--minerals {','.join(words)}"] = _touching(calendar, words)
    if where:
        left["--events"] = _names(calendar.where(where))
    if as_of:
        left[f"--as-of {as_of}"] = _names(
            row for row in calendar.between(None, as_of) if row.known_from <= as_of
        )
    return _analogues(kind, calendar, left)


def _analogues(kind: str, calendar: Events, left: Mapping[str, frozenset[str]]) -> Analogues:
    everything = _names(calendar)

    def both(words: Iterable[str]) -> frozenset[str]:
        return everything.intersection(*(left[item] for item in words))

    chosen = both(left)
    filters = (
        Filtered(words, len(names), len(both(other for other in left if other != words)))
        for words, names in left.items()
    )
    rows = tuple(row for row in calendar if row.event in chosen)
    return Analogues(kind, replace(calendar, rows=rows), len(calendar), tuple(filters))


def _names(events: Iterable[Event]) -> frozenset[str]:
    return frozenset(row.event for row in events)


def _checked(minerals: Iterable[str]) -> tuple[str, ...]:
    from universes.fields import mineral_words

    found = [word.strip().lower() for text in minerals for word in text.split(",")]
    for word in found:
        if word not in mineral_words():
            raise UnknownName("mineral", word, mineral_words())
    return tuple(sorted(set(found)))


def _touching(calendar: Events, words: Sequence[str]) -> frozenset[str]:
    """Events of which a mineral, group words spelt out as on their day, is among those of `words`."""
    from universes.catalog import facts
    from universes.minerals import expand
    from universes.policy import known_at

    table: dict[str, Mineral] = {row.mineral: row for row in facts().minerals}

    def touches(event: Event) -> bool:
        on = known_at(event).date()
        return bool(expand(event.minerals, table, on) & expand(words, table, on))

    return _names(row for row in calendar if touches(row))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
