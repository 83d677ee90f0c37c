"""What a stress finds: episodes, positions, summaries, and the sentence that says how little that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

MANY = 30


@dataclass(frozen=True, slots=True)
class Position:
    """A held name in one episode.

    Parameters
    ----------
    window : str
        ``0:4``: first and last own session from the reaction session.
    episode : int
        Number of the episode within its window, from 1.
    symbol : str
        Which.
    share : float
        Of the book's gross value, below zero for a short position.
    move : float
        Return of the share price, as a fraction.
    contribution : float
        ``share × move``: of the book's gross value.
    pnl : float
        The same in money.
    note : str
        Whether it was paid out within the window, and how.
    """

    window: str
    episode: int
    symbol: str
    share: float
    move: float
    contribution: float
    pnl: float
    note: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A held name that an episode says nothing of, and why."""

    window: str
    episode: int
    symbol: str
    share: float
    reason: str


@dataclass(frozen=True, slots=True)
class NotCovered:
    """An event that cannot be replayed over a window, and why."""

    window: str
    event: str
    reason: str


@dataclass(frozen=True, slots=True)
class Episode:
    """The book in one episode.

    Parameters
    ----------
    window : str
        ``0:4``.
    episode : int
        From 1 within its window, in order of time.
    first_session, last_session : date
        Session of the first reaction, and the last of the last window, on whichever exchange.
    events : tuple of str
        The events that are this one episode.
    covered : float
        Share of the book's gross value that had prices.
    names : int
        How many names that is.
    of_covered, of_gross : float
        Profit or loss of the covered part, as a fraction of its value and of the whole book's gross value.
    pnl : float
        The same in money. What is not covered adds nothing.
    loser : str
        The name that lost most; empty where none lost.
    loser_pnl : float or None
        What it lost.
    counted : bool
        Whether enough is covered to count among the K episodes.
    contaminated : str
        What else moved prices at the time, as the calendar says.
    """

    window: str
    episode: int
    first_session: date
    last_session: date
    events: tuple[str, ...]
    covered: float
    names: int
    of_covered: float
    of_gross: float
    pnl: float
    loser: str
    loser_pnl: float | None
    counted: bool
    contaminated: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The K counted episodes of one window.

    `worst`, `median`, `best` and `range` are fractions of covered value, `worst_pnl` and `best_pnl` money of the same
    two episodes, `median_pnl` the median money; None where K is 0.
    """

    window: str
    episodes: int
    not_counted: int
    worst: float | None = None
    median: float | None = None
    best: float | None = None
    range: float | None = None
    worst_episode: int | None = None
    worst_pnl: float | None = None
    median_pnl: float | None = None
    best_pnl: float | None = None


@dataclass(frozen=True, slots=True)
class Loser:
    """A name that lost on average, or in the worst episode; contributions are fractions of the book's gross value.

    `episodes` is in how many of the counted ones it is covered; the worst ones are None where it is not covered in
    the worst episode.
    """

    window: str
    symbol: str
    episodes: int
    mean_contribution: float
    mean_pnl: float
    worst_contribution: float | None
    worst_pnl: float | None


@dataclass(frozen=True, eq=False)
class Stress:
    """A book replayed through past episodes.

    Parameters
    ----------
    settings, data : mapping
        What was asked for, and ``source kind hash survivorship`` of the prices.
    episodes, positions, left_out, not_covered : tuple
        What is in each episode and what is not.
    summaries, losers : tuple
        Over the counted episodes, window by window; losers from the largest mean loss on.
    verdict : str
        How few episodes there are, and what that means.
    """

    settings: Mapping[str, Any]
    data: Mapping[str, Any]
    episodes: tuple[Episode, ...]
    positions: tuple[Position, ...]
    left_out: tuple[LeftOut, ...]
    not_covered: tuple[NotCovered, ...]
    summaries: tuple[Summary, ...]
    losers: tuple[Loser, ...]
    verdict: str


def verdict(summaries: Sequence[Summary], not_covered: Sequence[NotCovered], events: int) -> str:
    """How few episodes there are and what that means; without any, why.

    Parameters
    ----------
    summaries : sequence of Summary
        One a window, the shortest first.
    not_covered : sequence of NotCovered
        The events that could not be replayed.
    events : int
        How many were given.
    """
    counts = [item.episodes for item in summaries]
    if not any(counts):
        return f"K = 0: {_why_none(summaries[0], not_covered, events)}."
    few = "Episodes" if min(counts) >= MANY else "Few episodes"
    many = ", ".join(f"{item.episodes} over {item.window}" for item in summaries)
    # Of K + 1 exchangeable draws each is as likely as any other to be the worst.
    chances = ", ".join(f"1 in {item.episodes + 1} over {item.window}" for item in summaries if item.episodes)
    return (
        f"{few}: K = {many}. History is not a bound: were the next one drawn like them, the chance that it is worse "
        f"than all of them would be {chances}; nothing here says by how much."
    )


def _why_none(shortest: Summary, not_covered: Sequence[NotCovered], events: int) -> str:
    if not events:
        return "there is no event to replay"
    reasons = Counter(item.reason for item in not_covered if item.window == shortest.window)
    parts = [f"{count} of {events} events: {reason}" for reason, count in sorted(reasons.items())]
    if shortest.not_counted:
        said = "1 episode" if shortest.not_counted == 1 else f"{shortest.not_counted} episodes"
        parts.append(
            f"{said} with prices of too little of the book to count: ask for a smaller share to be covered"
        )
    return f"no episode counts. Over {shortest.window}: {'; '.join(parts)}"
