"""Limits of a strategy's parameters: refuse, in one line, what cannot be meant."""

from __future__ import annotations

from universes.errors import BadParameter


def fraction(name: str, value: float | None, *, least: float = 0.0, most: float = 1.0) -> None:
    """Refuse a fraction outside the open range from `least` to `most`; None is no rule and passes.

    Raises
    ------
    BadParameter
        If it is outside, or not a number.
    """
    if value is not None and not least < value < most:
        raise BadParameter(f"{name} is {value}: it must be above {least:g} and below {most:g} (0.1 is 10 %)")


def whole(name: str, value: int | None, *, least: int = 1, most: int = 2520) -> None:
    """Refuse a count that is not a whole number from `least` to `most`; None is no rule and passes.

    Raises
    ------
    BadParameter
        If it is outside, or not whole.
    """
    if value is None:
        return
    given: object = value
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
        raise BadParameter(f"{name} is {value}: it must be a whole number from {least} to {most}")
