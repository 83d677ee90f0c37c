"""Firm-events as arrays, for what is asked of all of them at once: their sessions and their episodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from strategies.arrays import Booleans, Integers
from strategies.episodes import merge
from strategies.study_design import PRIMARY

if TYPE_CHECKING:
    from strategies.firm_events import FirmEvent
    from universes.panel import Market


@dataclass(frozen=True, eq=False, slots=True)
class FirmEventArrays:
    """n firm-events, each array of shape (n,).

    Parameters
    ----------
    number, column : ndarray of int
        Place of the event in the calendar and of the symbol in the market.
    position : ndarray of int
        Place of the reaction session among the exchange's own sessions.
    sign : ndarray of int
        1 or −1.
    exchange : ndarray of int
        Place in `exchanges`.
    exchanges : tuple of str
        MICs.
    sessions : tuple of ndarray of int
        By exchange: rows of its own sessions in the market.
    """

    number: Integers
    column: Integers
    position: Integers
    sign: Integers
    exchange: Integers
    exchanges: tuple[str, ...]
    sessions: tuple[Integers, ...]

    @classmethod
    def of(cls, market: Market, firm_events: Sequence[FirmEvent]) -> FirmEventArrays:
        """Those of the firm-events of a market.

        Parameters
        ----------
        market : Market
            Whose clock counts.
        firm_events : sequence of FirmEvent
            n of them.
        """
        hours = market.clock.hours
        place = {exchange: at for at, exchange in enumerate(hours)}
        fields = [
            (item.number, item.column, item.position, item.sign, place[item.exchange]) for item in firm_events
        ]
        columns = np.array(fields, dtype=np.int64).reshape(-1, 5).T
        number, column, position, sign, exchange = columns
        sessions = tuple(own.rows for own in hours.values())
        return cls(number, column, position, sign, exchange, tuple(hours), sessions)

    def __len__(self) -> int:
        return len(self.number)

    def only(self, chosen: Booleans) -> FirmEventArrays:
        """Some of the firm-events.

        Parameters
        ----------
        chosen : ndarray of bool, shape (n,)
            Which.
        """
        return replace(
            self,
            number=self.number[chosen],
            column=self.column[chosen],
            position=self.position[chosen],
            sign=self.sign[chosen],
            exchange=self.exchange[chosen],
        )

    def rows(self, day: int) -> Integers:
        """Row in the market of the own session so many after the reaction, shape (n,).

        The first or the last of the exchange's sessions where the day lies outside the data.

        Parameters
        ----------
        day : int
            Own sessions from the reaction; before it below zero.
        """
        found = np.empty(len(self), dtype=np.int64)
        for at, sessions in enumerate(self.sessions):
            here = self.exchange == at
            found[here] = sessions[np.clip(self.position[here] + day, 0, len(sessions) - 1)]
        return found

    def episodes(self, window: tuple[int, int]) -> Integers:
        """Episode of each firm-event, shape (n,): events whose days of the window, or of the primary one, meet are one.

        Parameters
        ----------
        window : tuple of (int, int)
            First and last day.
        """
        if not len(self):
            return self.number
        first, last = min(window[0], PRIMARY[0]), max(window[1], PRIMARY[1])
        events, event = np.unique(self.number, return_inverse=True)
        lows = np.full(len(events), np.iinfo(np.int64).max)
        highs = np.full(len(events), -1)
        np.minimum.at(lows, event, self.rows(first))
        np.maximum.at(highs, event, self.rows(last))
        numbers: Integers = merge(lows, highs)[event]
        return numbers
