"""Groups of firm-events by a tag, as it was known on the day of the event."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from universes.errors import UnknownName
from universes.fields import EVENT_FIELDS
from universes.policy import known_at
from universes.policy import tags as event_tags
from universes.profile import COMPANY_FIELDS, STAGE_WORDS

if TYPE_CHECKING:
    import pandas as pd

    from strategies.firm_events import FirmEvent
    from universes.panel import Market
    from universes.policy import Events
    from universes.universe import Universe

# A tag of one value groups; one of many values would put a firm-event into several groups at once.
KINDS = ("text", "ordered", "flag")
OF_COMPANY = {name: words for name, kind, _, words in COMPANY_FIELDS if kind in KINDS} | {
    "stage": STAGE_WORDS
}
# Bands of a number: its edges, each value belonging to the band it is the lower end of.
PURITY_BANDS = ((0.2, "<20%"), (0.5, "20-50%"), (0.8, "50-80%"), (math.inf, ">=80%"))
SCORE_BANDS = ((40.0, "<40"), (60.0, "40-60"), (80.0, "60-80"), (math.inf, ">=80"))
PURITY_BAND, SCORE_BAND = "purity_band", "score_band"
BANDED = {
    PURITY_BAND: tuple(name for _, name in PURITY_BANDS),
    SCORE_BAND: tuple(name for _, name in SCORE_BANDS),
}
OF_EVENT = {name: words for name, kind, _, words in EVENT_FIELDS if kind in KINDS}
UNKNOWN = "unknown"


def check_tag(tag: str) -> None:
    """Refuse a tag that does not group.

    Parameters
    ----------
    tag : str
        A company's or an event's, or ``purity_band``, the share of critical minerals in the company's value, or
        ``score_band``, its alignment score.

    Raises
    ------
    UnknownName
        If no company or event has such a tag, or it has many values.
    """
    if tag not in OF_COMPANY and tag not in OF_EVENT and tag not in BANDED:
        raise UnknownName("tag", tag, (*OF_COMPANY, *OF_EVENT, *BANDED))


def group_values(
    tag: str, firm_events: Sequence[FirmEvent], events: Events, universe: Universe
) -> tuple[str, ...]:
    """Value of a tag for each firm-event; ``unknown`` where nobody said.

    Parameters
    ----------
    tag : str
        A company tag, as `stage`, known on the UTC date of the event, or an event tag, as `kind`.
    firm_events : sequence of FirmEvent
        Which.
    events : Events
        The calendar they come from.
    universe : Universe
        Whose companies they touch.
    """
    rows = {event.event: event for event in events}
    if tag in OF_EVENT:
        return tuple(_word(event_tags(rows[item.event])[tag]) for item in firm_events)
    days = {name: known_at(event).date() for name, event in rows.items()}
    profiles = (universe.profile(item.company, days[item.event]) for item in firm_events)
    if tag == PURITY_BAND:
        return tuple(
            _band(profile.tags()["purity"] if profile else None, PURITY_BANDS) for profile in profiles
        )
    return tuple(_word(profile.tags()[tag] if profile else None) for profile in profiles)


def score_bands(firm_events: Sequence[FirmEvent], market: Market, scores: pd.DataFrame) -> tuple[str, ...]:
    """Band of the alignment score of each firm-event, as known after the session before its reaction.

    Parameters
    ----------
    firm_events : sequence of FirmEvent
        Which.
    market : Market
        T sessions, N symbols.
    scores : DataFrame of shape (T, N)
        Scores as known after each session, NaN where there is none.
    """
    table = scores.to_numpy(dtype=float)
    rows = (market.clock.hours[item.exchange].rows[max(item.position - 1, 0)] for item in firm_events)
    return tuple(
        _band(float(table[row, item.column]), SCORE_BANDS)
        for row, item in zip(rows, firm_events, strict=True)
    )


def in_order(tag: str, values: Sequence[str]) -> tuple[str, ...]:
    """The different values, up the ladder where the tag has one, else by the alphabet; ``unknown`` last."""
    ladder = (*OF_COMPANY.get(tag, ()), *OF_EVENT.get(tag, ()), *BANDED.get(tag, ()))
    places = {word: at for at, word in enumerate(ladder)}
    return tuple(sorted(set(values), key=lambda word: (word == UNKNOWN, places.get(word, len(places)), word)))


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return UNKNOWN if value is None else str(value)


def _band(value: float | None, bands: Sequence[tuple[float, str]]) -> str:
    if value is None or math.isnan(value):
        return UNKNOWN
    return next(name for edge, name in bands if value < edge)
