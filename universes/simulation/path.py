"""Log prices of one name over its own sessions: an overnight part and an intraday part of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import log

import numpy as np

from universes.simulation import parameters as p
from universes.simulation.character import Character
from universes.simulation.draws import Booleans, Draws, Numbers, Rows
from universes.simulation.factors import Factor
from universes.simulation.lives import COLLAPSE, DEAL


@dataclass(frozen=True, eq=False)
class Path:
    """Log returns of S sessions in two parts, and which sessions the name traded.

    Parameters
    ----------
    start : float
        Log price before the first session.
    overnight, intraday : ndarray of shape (S,)
        Log return to the open, and from the open to the close.
    halted, quiet : ndarray of bool, shape (S,)
        Sessions without a bar; sessions with a bar but no trade, whose prices repeat the last close.
    spread : ndarray of shape (S,)
        Conditional volatility of the session, the unit of its range.
    """

    start: float
    overnight: Numbers
    intraday: Numbers
    halted: Booleans
    quiet: Booleans
    spread: Numbers

    @property
    def traded(self) -> Booleans:
        """Sessions with trades."""
        return np.asarray(~(self.halted | self.quiet))

    def log_prices(self) -> tuple[Numbers, Numbers]:
        """Log open and log close of every session, halted ones too, before splits."""
        steps = np.stack([self.overnight, self.intraday], axis=1).ravel()
        level = self.start + np.cumsum(steps)
        return level[0::2], level[1::2]

    def plus(self, overnight: Numbers, intraday: Numbers) -> Path:
        """The path with further log returns in its two parts."""
        return replace(self, overnight=self.overnight + overnight, intraday=self.intraday + intraday)


def path(
    character: Character,
    drawn: Draws,
    variance: Numbers,
    factors: Mapping[str, Factor],
    rows: Rows,
    *,
    before: int,
    american: bool,
    end: str,
) -> Path:
    """Path of a name without planted effects, splits, dividends or collapse.

    Parameters
    ----------
    character, drawn, factors
        What it is made of.
    variance : ndarray of shape (L,)
        Relative conditional variance of its own shocks by weekday.
    rows : ndarray of int, shape (S,)
        Weekdays of its sessions.
    before : int
        Weekday of the exchange's session before the first of `rows`.
    american : bool
        Whether the exchange closes after the American part of its date.
    end : str
        As `lives.ending` gives: a deal calms the last sessions.
    """
    overnight, intraday = _factor_parts(character, factors, rows, before=before, american=american)
    own = character.own_volatility * np.sqrt(variance[rows])
    share = p.OVERNIGHT_SHARE_OF_OWN_VARIANCE
    overnight += own * drawn.overnight[rows] - share / 2 * own**2
    intraday += own * drawn.intraday[rows] - (1 - share) / 2 * own**2
    if end == DEAL:
        overnight[-p.DEAL_SESSIONS :] *= p.DEAL_SHARE_OF_VOLATILITY
        intraday[-p.DEAL_SESSIONS :] *= p.DEAL_SHARE_OF_VOLATILITY
        intraday[-p.DEAL_SESSIONS :] += p.DEAL_DRIFT
    # The first price is the first open: there is no night before it.
    overnight[0] = 0.0
    standing = p.STANDINGS[character.standing]
    lowest, highest = log(standing.lowest_start), log(standing.highest_start)
    halted = _halted(drawn, rows) if standing.halts else np.zeros(len(rows), dtype=bool)
    return Path(
        start=lowest + (highest - lowest) * drawn.start,
        overnight=overnight,
        intraday=intraday,
        halted=halted,
        quiet=_quiet(character, drawn, rows) & ~halted,
        spread=own * p.TIGHTNESS[character.tightness].range,
    )


def collapse(length: int, drawn: Draws, end: str) -> Numbers:
    """Log return by session that takes a failing company's price away; zero for all others."""
    returns = np.zeros(length)
    if end == COLLAPSE:
        last = min(length, p.COLLAPSE_SESSIONS)
        returns[-last:] = p.COLLAPSE_LOG * drawn.collapse[-last:]
    return returns


def _factor_parts(
    character: Character, factors: Mapping[str, Factor], rows: Rows, *, before: int, american: bool
) -> tuple[Numbers, Numbers]:
    """The open carries every half-step since the last close but the exchange's own, which is the day's move."""
    until = 2 * rows + american
    after = np.concatenate([[2 * before + american], until[:-1]])
    overnight, intraday = np.zeros(len(rows)), np.zeros(len(rows))
    for name, loading in character.loadings.items():
        overnight += factors[name].log_return(loading, after, until - 1)
        intraday += factors[name].log_return(loading, until - 1, until)
    return overnight, intraday


def _halted(drawn: Draws, rows: Rows) -> Booleans:
    mask = np.zeros(len(rows), dtype=bool)
    for start in np.flatnonzero(drawn.halt[rows] < p.HALT_RATE):
        mask[start : start + 1 + int(p.HALT_SESSIONS_MOST * drawn.halt_length[rows[start]])] = True
    return _not_at_the_ends(mask)


def _quiet(character: Character, drawn: Draws, rows: Rows) -> Booleans:
    thin = character.standing == "junior" and character.tightness in {"<25%", "25-50%"}
    return _not_at_the_ends((drawn.quiet[rows] < p.QUIET_RATE) & thin)


def _not_at_the_ends(mask: Booleans) -> Booleans:
    """A life begins and ends with a trade."""
    mask[:1] = False
    mask[-1:] = False
    return mask
