"""Values in a filter: fields, constants and arithmetic, each with its printed form."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from numbers import Real
from typing import Any, ClassVar, Protocol

from universes.expression.field import Field

Row = Mapping[str, Any]
# How tightly each form binds, loosest first: what binds looser than its place stands in brackets.
OR, AND, NOT, COMPARISON, SUM, PRODUCT, MINUS, ATOM = range(8)


class Node(Protocol):
    """Anything that can be printed inside a filter."""

    @property
    def strength(self) -> int:
        """How tightly the printed form binds."""
        ...

    def written(self) -> str:
        """Printed form, without brackets around it."""
        ...

    def names(self) -> frozenset[str]:
        """Fields that are read."""
        ...


class Term(Node, Protocol):
    """A value in a filter."""

    @property
    def kind(self) -> str:
        """Kind of the value, as in `Field`."""
        ...

    def value(self, row: Row) -> Any:
        """Value in a row; None when unknown."""
        ...


def within(node: Node, strength: int) -> str:
    """Printed form of a node at a place that binds with `strength`, in brackets where it needs them."""
    return node.written() if node.strength >= strength else f"({node.written()})"


@dataclass(frozen=True, slots=True)
class Named:
    """Value of a field."""

    field: Field
    strength: ClassVar[int] = ATOM

    @property
    def kind(self) -> str:
        """Kind of the field."""
        return self.field.kind

    def value(self, row: Row) -> Any:
        """Value in a row; None when missing, or a number that is not finite.

        Raises
        ------
        TypeError
            If the value is not of the field's kind, which is a mistake of the program and not of the filter.
        """
        found = row.get(self.field.name)
        if found is None or _is_nan(found):
            return None
        good, plain = _READERS[self.kind]
        if not good(found):
            raise TypeError(
                f"field {self.field.name!r} is {self.kind}, and the row has {type(found).__name__}"
            )
        return plain(found)

    def written(self) -> str:
        """Name of the field."""
        return self.field.name

    def names(self) -> frozenset[str]:
        """Name of the field, alone."""
        return frozenset((self.field.name,))


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, text, date, yes or no written in the filter."""

    kind: str
    constant: float | str | date | bool
    strength: ClassVar[int] = ATOM

    def value(self, row: Row) -> float | str | date | bool:  # noqa: ARG002
        """The constant, whatever the row."""
        return self.constant

    def written(self) -> str:
        """As a user would write it: ``500000000``, ``'pfs'``, ``true``."""
        if isinstance(self.constant, bool):
            return "true" if self.constant else "false"
        if isinstance(self.constant, float):
            whole = abs(self.constant) < 1e16 and self.constant.is_integer()
            return str(int(self.constant)) if whole else repr(self.constant)
        return quoted(str(self.constant))

    def names(self) -> frozenset[str]:
        """No field."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class Negative:
    """A number with its sign changed."""

    operand: Term
    kind: ClassVar[str] = "number"
    strength: ClassVar[int] = MINUS

    def value(self, row: Row) -> float | None:
        """Minus the operand; None when unknown."""
        number = self.operand.value(row)
        return None if number is None else -number

    def written(self) -> str:
        """A minus and the operand."""
        return f"-{within(self.operand, MINUS)}"

    def names(self) -> frozenset[str]:
        """Fields of the operand."""
        return self.operand.names()


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Sum, difference, product or quotient of two numbers."""

    sign: str
    left: Term
    right: Term
    kind: ClassVar[str] = "number"

    @property
    def strength(self) -> int:
        """Products bind tighter than sums."""
        return SUM if self.sign in "+-" else PRODUCT

    def value(self, row: Row) -> float | None:
        """Result; None when an operand is unknown, the divisor is zero or the result is not finite."""
        left, right = self.left.value(row), self.right.value(row)
        if left is None or right is None or (self.sign == "/" and right == 0):
            return None
        result: float = _ARITHMETIC[self.sign](left, right)
        return result if isfinite(result) else None

    def written(self) -> str:
        """Operands around the sign; the right one in brackets when it binds no tighter."""
        return f"{within(self.left, self.strength)} {self.sign} {within(self.right, self.strength + 1)}"

    def names(self) -> frozenset[str]:
        """Fields of both operands."""
        return self.left.names() | self.right.names()


def quoted(text: str) -> str:
    """Text in single quotes, or in double quotes when it holds a single one."""
    return f'"{text}"' if "'" in text else f"'{text}'"


def _is_nan(value: Any) -> bool:
    # pandas marks a missing date by NaT, which is a date and, like NaN, not equal to itself.
    return isinstance(value, float | date) and value != value  # noqa: PLR0124


def _finite(value: Any) -> float | None:
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) else None


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


_ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
# Per kind: whether a value of a row is of it, and the plain value to compare.
_READERS: dict[str, tuple[Any, Any]] = {
    "number": (lambda value: isinstance(value, Real) and not isinstance(value, bool), _finite),
    "text": (lambda value: isinstance(value, str), str),
    "ordered": (lambda value: isinstance(value, str), str),
    "date": (lambda value: isinstance(value, date), _day),
    # numpy's booleans are not Python's.
    "flag": (lambda value: type(value).__name__ in ("bool", "bool_"), bool),
    # A bare text would be searched letter by letter.
    "set": (lambda value: isinstance(value, set | frozenset | list | tuple), frozenset),
}
