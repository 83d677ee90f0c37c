"""Limits of a strategy's parameters: refuse, in one line, what cannot be meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from universes.errors import BadParameter, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence


# A tuple: `int | float` would be made anew in each of the many calls of a sweep.
NUMBER = (int, float)


def fraction(
    name: str, value: float | None, *, least: float = 0.0, most: float = 1.0, optional: bool = False
) -> None:
    """Refuse a fraction outside the open range from `least` to `most`.

    Parameters
    ----------
    name : str
        What it is called, for the message.
    value : float or None
        What was given.
    least, most : float
        Bounds, themselves outside.
    optional : bool
        None is no rule and passes.

    Raises
    ------
    BadParameter
        If it is outside, or not a number.
    """
    if value is None and optional:
        return
    given: object = value
    if isinstance(given, bool) or not isinstance(given, NUMBER) or not least < given < most:
        raise BadParameter(f"{name} is {value}: it must be above {least:g} and below {most:g} (0.1 is 10 %)")


def number(name: str, value: float, *, least: float, most: float) -> None:
    """Refuse a plain number outside the open range from `least` to `most`.

    Raises
    ------
    BadParameter
        If it is outside, or not a number.
    """
    given: object = value
    if isinstance(given, bool) or not isinstance(given, NUMBER) or not least < given < most:
        raise BadParameter(f"{name} is {value}: it must be above {least:g} and below {most:g}")


def whole(name: str, value: int | None, *, least: int = 1, most: int = 2520, optional: bool = False) -> None:
    """Refuse a count that is not a whole number from `least` to `most`.

    Parameters
    ----------
    name : str
        What it is called, for the message.
    value : int or None
        What was given.
    least, most : int
        Bounds, themselves allowed.
    optional : bool
        None is no rule and passes.

    Raises
    ------
    BadParameter
        If it is outside, or not whole.
    """
    if value is None and optional:
        return
    given: object = value
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
        raise BadParameter(f"{name} is {value}: it must be a whole number from {least} to {most}")


def choice(name: str, value: str, known: Sequence[str]) -> None:
    """Refuse a text that is none of those known.

    Raises
    ------
    BadParameter
        If it is another.
    """
    if value not in known:
        raise BadParameter(
            f"{name} is {value!r}: it must be one of {', '.join(known)}{did_you_mean(str(value), known)}"
        )


def flag(name: str, value: object) -> None:
    """Refuse what is neither True nor False.

    Raises
    ------
    BadParameter
        If it is anything else.
    """
    if not isinstance(value, bool):
        raise BadParameter(f"{name} is {value!r}: it must be true or false")


def exits(
    hold: int | None,
    stop: float | None,
    take_profit: float | None,
    trailing_stop: float | None,
    *,
    short: bool = False,
) -> None:
    """Refuse exits that cannot be meant; None is no rule and passes.

    Parameters
    ----------
    hold : int or None
        Sessions.
    stop, take_profit, trailing_stop : float or None
        Fractions, as in `Exits`.
    short : bool
        For a short sale, whose gain is at most 1 and whose loss has no bound; for a purchase it is the reverse.

    Raises
    ------
    BadParameter
        If one is out of range.
    """
    against, in_favour = (10.0, 1.0) if short else (1.0, 100.0)
    whole("hold", hold, optional=True)
    fraction("stop", stop, most=against, optional=True)
    fraction("take_profit", take_profit, most=in_favour, optional=True)
    fraction("trailing_stop", trailing_stop, most=against, optional=True)
