"""Windows and estimation of an event study, checked."""

from __future__ import annotations

from dataclasses import dataclass

from strategies.normal_returns import MARKET, MODELS
from universes.errors import BadParameter, UnknownName

PRIMARY = (0, 1)
CLEAN, EVERYONE = "clean", "all"
# Reaction sessions of a firm's other events that its estimation window leaves out.
REACTION = 5
# Tests over longer windows find effects where there are none; calendar-time portfolios are the tool for those.
MOST_DAYS = 60
MOST_ESTIMATION, MOST_GAP = 2520, 252
FEWEST_RETURNS = 10


@dataclass(frozen=True, slots=True)
class Design:
    """Which sessions an event study looks at, counted in each symbol's own sessions.

    Parameters
    ----------
    window : tuple of (int, int)
        First and last session of the event window; 0 is the reaction session.
    estimation : int
        Sessions of the estimation window.
    gap : int
        Its last session lies this many sessions before the first of the event window.
    least_estimation : int
        Valid returns that it must have.
    model : str
        Of normal returns: one of `strategies.normal_returns.MODELS`.
    benchmark : str
        ``clean``, names that no event touches; ``all``, every name of the region; or a symbol.
    factors : tuple of str
        Symbols of further factors, for the model ``factors``.

    Raises
    ------
    BadParameter
        If one is not a whole number, out of range, or the window does not hold the primary window.
    """

    window: tuple[int, int] = (-10, 20)
    estimation: int = 250
    gap: int = 30
    least_estimation: int = 100
    model: str = MARKET
    benchmark: str = CLEAN
    factors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_window(self.window)
        _check_whole("estimation", self.estimation, FEWEST_RETURNS, MOST_ESTIMATION)
        _check_whole("gap", self.gap, 1, MOST_GAP)
        _check_whole("least_estimation", self.least_estimation, FEWEST_RETURNS, self.estimation)
        if self.model not in MODELS:
            raise UnknownName("model", self.model, MODELS)
        if (self.model == "factors") != bool(self.factors):
            raise BadParameter(
                f"model is {self.model} with {len(self.factors)} factors: the model 'factors' takes one or more, "
                "others none"
            )

    @property
    def first(self) -> int:
        """First session of the event window."""
        return self.window[0]

    @property
    def last(self) -> int:
        """Last session of the event window."""
        return self.window[1]

    @property
    def length(self) -> int:
        """Sessions in the event window, L."""
        return self.last - self.first + 1

    @property
    def windows(self) -> tuple[tuple[int, int], ...]:
        """Windows that are tested, the primary one first: those that lie within the event window."""
        wanted = (PRIMARY, (0, 0), (0, 4), (-1, 1), (0, self.last), (self.first, -2))
        inside = [item for item in wanted if self.first <= item[0] <= item[1] <= self.last]
        return tuple(dict.fromkeys(inside))


def column(first: int, last: int) -> str:
    """Name of the column with the cumulative abnormal return of a window: ``car_0_1``, ``car_m10_m2``.

    ``m`` stands for minus.
    """
    return f"car_{first}_{last}".replace("-", "m")


def _check_window(window: object) -> None:
    if not isinstance(window, tuple | list) or len(window) != 2 or not all(map(_is_whole, window)):
        raise BadParameter(f"window is {window!r}: it must be two whole numbers, as (-10, 20)")
    first, last = window
    if first > last:
        raise BadParameter(f"window is {first}:{last}: it ends before it starts; swap them")
    if first > PRIMARY[0] or last < PRIMARY[1]:
        raise BadParameter(
            f"window is {first}:{last}: it must hold the primary window 0:1: start at 0 or before, end at 1 or later"
        )
    if first < -MOST_DAYS or last > MOST_DAYS:
        raise BadParameter(
            f"window is {first}:{last}: at most {MOST_DAYS} sessions to either side of the reaction session"
        )


def _check_whole(name: str, value: object, least: int, most: int) -> None:
    if not _is_whole(value) or not least <= value <= most:  # type: ignore[operator]
        raise BadParameter(f"{name} is {value!r}: it must be a whole number from {least} to {most}")


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
