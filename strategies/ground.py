"""What a strategy may trade, in which groups it falls, and in which currency the book is kept."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from strategies.arrays import Integers
from strategies.sizing import CAPS, Limits
from strategies.tickets import Ground
from universes.errors import BadParameter

if TYPE_CHECKING:
    import pandas as pd

    from universes.panel import Market


def ground(
    market: Market, eligible: pd.DataFrame, limits: Limits, scores: pd.DataFrame | None = None
) -> Ground:
    """What tickets are judged by.

    Parameters
    ----------
    market : Market
        T sessions, N symbols.
    eligible : DataFrame of bool, shape (T, N)
        As `eligible_members` gives.
    limits : Limits
        Groups are looked up only where a cap needs them.
    scores : DataFrame of shape (T, N), optional
        Alignment scores as known after each session.

    Raises
    ------
    BadParameter
        If the scores are not of the market.
    """
    needed = any(getattr(limits, name) is not None for name in CAPS[1:])
    return Ground(
        eligible.to_numpy(),
        None if scores is None else _of_market("scores", scores, market).to_numpy(dtype=float),
        groups(market) if needed else None,
    )


def eligible_members(given: pd.DataFrame | None, market: Market) -> pd.DataFrame:
    """Which symbols may be traded after each row: members, and what was given, shape (T, N).

    Raises
    ------
    BadParameter
        If the table is not of the market.
    """
    members = membership(market)
    return members if given is None else _of_market("eligible", given, market).astype(bool) & members


def _of_market(name: str, given: pd.DataFrame, market: Market) -> pd.DataFrame:
    if not given.index.equals(market.sessions) or not set(market.symbols) <= set(given.columns):
        maker = {"eligible": "screener.eligibility(market, ...)", "scores": "screener.score_table(market)"}
        raise BadParameter(
            f"{name} has shape {given.shape}; it must have the market's {len(market.sessions)} sessions and "
            f"{len(market.symbols)} symbols: make it with {maker[name]}"
        )
    return given.reindex(columns=list(market.symbols))


def membership(market: Market) -> pd.DataFrame:
    """Whether each symbol's company was a member of the universe after each session, shape (T, N)."""
    import pandas as pd

    days = market.sessions.to_numpy().astype("datetime64[D]")
    table = pd.DataFrame(False, index=market.sessions, columns=list(market.symbols))
    for symbol, company in market.lives.loc[list(market.members), "company"].items():
        held = np.zeros(len(days), dtype=bool)
        for row in market.universe.memberships:
            if row.company == company:
                begins = max(row.start, row.known_from)
                held |= (days >= np.datetime64(begins)) & (days < np.datetime64(row.end or date.max))
        table[symbol] = held
    return table


def groups(market: Market) -> Integers:
    """Codes of main mineral, jurisdiction and stage as known after each session, shape (T, N, 3); -1 unknown."""
    from universes.changes import change_dates, spells

    codes: dict[tuple[str, str], int] = {}
    table = np.full((len(market.sessions), len(market.symbols), 3), -1, dtype=np.int64)
    days, changes = [stamp.date() for stamp in market.sessions], change_dates(market.universe)
    for column, company in enumerate(market.lives["company"]):
        for first, last in spells(changes.get(company, frozenset()), days):
            table[first:last, column] = _codes(market, company, days[first], codes)
    return table


def _codes(market: Market, company: str, on: date, codes: dict[tuple[str, str], int]) -> list[int]:
    profile = market.universe.profile(company, on)
    if profile is None:
        return [-1, -1, -1]
    tags = profile.tags()
    found = [(name, tags[name]) for name in CAPS[1:]]
    return [-1 if value is None else codes.setdefault((name, value), len(codes)) for name, value in found]


def book_currency(market: Market, allowed: pd.DataFrame) -> str:
    """The one currency of all names that may be traded.

    Raises
    ------
    BadParameter
        If they are quoted in several.
    """
    candidates = market.lives.loc[allowed.columns[allowed.any().to_numpy()], "currency"]
    counts = candidates.value_counts().sort_index()
    if len(counts) > 1:
        said = ", ".join(f"{count} in {name}" for name, count in counts.items())
        raise BadParameter(
            f"the names to buy are quoted in several currencies ({said}): a book has one; read all prices in one "
            "with --currency USD (currency='USD' from Python), "
            f"or choose with --where \"currency == '{counts.idxmax()}'\""
        )
    return str(counts.index[0]) if len(counts) else str(market.lives["currency"].mode().sort_values().iloc[0])
