"""All combinations of parameter values, by number, without holding them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import prod
from typing import Any

import numpy as np

from universes.errors import BadParameter

# Beyond this a sweep asks whether it is meant.
MANY = 10**7
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER}):({_NUMBER}):({_NUMBER})")


@dataclass(frozen=True, slots=True)
class Grid:
    """Every combination of the values of some axes.

    Parameters
    ----------
    axes : tuple of (str, tuple)
        Name and values of each axis; the last axis changes fastest.

    Raises
    ------
    BadParameter
        If an axis has no value, or one twice.
    """

    axes: tuple[tuple[str, tuple[Any, ...]], ...]

    @classmethod
    def of(cls, values: Mapping[str, Sequence[Any]], last: Sequence[str] = ()) -> Grid:
        """Axes in the order given, but those named in `last` behind the others."""
        names = [name for name in values if name not in last] + [name for name in values if name in last]
        # Numbers of numpy are taken as Python's: those are what parameters are.
        plain = {
            name: tuple(item.item() if isinstance(item, np.generic) else item for item in values[name])
            for name in names
        }
        return cls(tuple(plain.items()))

    def __post_init__(self) -> None:
        for name, values in self.axes:
            if not values:
                raise BadParameter(f"{name} has no value: give at least one")
            twice = _doubled(values)
            if twice is not None:
                raise BadParameter(
                    f"{name} has {'none' if values[twice] is None else values[twice]} twice: keep one"
                )

    def __len__(self) -> int:
        return prod(len(values) for _, values in self.axes)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the axes."""
        return tuple(name for name, _ in self.axes)

    def set(self, number: int) -> dict[str, Any]:
        """Values of one combination, by name."""
        return next(self.sets(number, number + 1))

    def sets(self, first: int, last: int) -> Iterator[dict[str, Any]]:
        """Values of the combinations from one number to before another, by name."""
        names = self.names
        for values in self.rows(first, last, tuple(values for _, values in self.axes)):
            yield dict(zip(names, values, strict=True))

    def labels(self) -> list[str]:
        """What each combination is called: ``depth=0.1 hold=20``."""
        return [
            " ".join(f"{name}={'none' if value is None else value}" for name, value in values.items())
            for values in self.sets(0, len(self))
        ]

    def rows(self, first: int, last: int, words: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
        """What stands for the values of each axis, in combinations from one number to before another."""
        if not self.axes:
            return iter([()] * (last - first))
        sizes = [len(values) for _, values in self.axes]
        places = np.unravel_index(np.arange(first, last), sizes)
        columns = [[kept[at] for at in place.tolist()] for kept, place in zip(words, places, strict=True)]
        return zip(*columns, strict=True)


def _doubled(values: Sequence[Any]) -> int | None:
    """Place of the first value that stands before it too."""
    try:
        if len(set(values)) == len(values):
            return None
    except TypeError:
        pass
    return next((at for at, item in enumerate(values) if item in values[:at]), None)


def axis(text: str) -> tuple[str, ...]:
    """Values of an axis as texts: of ``0.05:0.25:0.01`` the 21 from first to last, of ``5,10,none`` the three.

    Steps are decimal: 0.05 plus five times 0.01 is 0.10 and nothing else.

    Raises
    ------
    BadParameter
        If a range is empty, or its step is zero or leads away from its end.
    """
    found = _RANGE.fullmatch(text.strip())
    if not found:
        return tuple(part.strip() for part in text.split(","))
    try:
        first, last, step = (Decimal(part) for part in found.groups())
        steps = (last - first) / step if step else Decimal(-1)
    except ArithmeticError:
        raise BadParameter(
            f"{text!r} is no range: write FIRST:LAST:STEP with numbers of a common size, as 0.05:0.25:0.01"
        ) from None
    if steps < 0:
        raise BadParameter(f"{text!r} is no range: a step of {step} does not lead from {first} to {last}")
    if steps >= MANY:
        raise BadParameter(f"{text!r} has more than {MANY:,} values: take a larger step")
    count = int(steps) + 1
    return tuple(_plain(first + place * step) for place in range(count))


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def check_size(grid: Grid, *, yes: bool) -> None:
    """Refuse a grid of more than ten million sets that nobody confirmed.

    Raises
    ------
    BadParameter
        With the count, and how to go on.
    """
    if len(grid) > MANY and not yes:
        sizes = " × ".join(f"{len(values)} {name}" for name, values in grid.axes)
        raise BadParameter(
            f"the grid has {len(grid):,} sets ({sizes}), more than {MANY:,}: take fewer values, or say --yes"
        )
