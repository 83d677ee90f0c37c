"""Conditions in a filter: true, false or unknown (None) for a row, after Kleene."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from universes.expression.terms import (
    AND,
    ATOM,
    COMPARISON,
    NOT,
    OR,
    SUM,
    Constant,
    Named,
    Node,
    Row,
    Term,
    within,
)

RELATIONS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


class Condition(Node, Protocol):
    """A part of a filter that a row fulfils, or not, or nobody knows."""

    def test(self, row: Row) -> bool | None:
        """Whether a row fulfils it; None when that is unknown."""
        ...


def all_of(answers: Iterable[bool | None]) -> bool | None:
    """Whether all hold: False as soon as one fails, otherwise None when one is unknown."""
    unknown = False
    for answer in answers:
        if answer is False:
            return False
        unknown = unknown or answer is None
    return None if unknown else True


def opposite(answer: bool | None) -> bool | None:  # noqa: FBT001
    """Whether it fails; None when unknown."""
    return None if answer is None else not answer


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """Whether one holds: True as soon as one does, otherwise None when one is unknown."""
    return opposite(all_of(opposite(answer) for answer in answers))


@dataclass(frozen=True, slots=True)
class Flag:
    """A yes-or-no field, or ``true`` or ``false``, that stands alone."""

    term: Term
    strength: ClassVar[int] = ATOM

    def test(self, row: Row) -> bool | None:
        """Value of the field."""
        answer: bool | None = self.term.value(row)
        return answer

    def written(self) -> str:
        """The field."""
        return self.term.written()

    def names(self) -> frozenset[str]:
        """The field, or none."""
        return self.term.names()


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison or a chain of them, ``0 < a <= b``.

    Parameters
    ----------
    first : Term
        Leftmost value.
    links : tuple of (str, Term)
        Each sign with the value to its right.
    ladder : tuple of str
        Rungs, lowest first, when the values are ordered.
    """

    first: Term
    links: tuple[tuple[str, Term], ...]
    ladder: tuple[str, ...] = ()
    strength: ClassVar[int] = COMPARISON

    def test(self, row: Row) -> bool | None:
        """Whether every link of the chain holds."""
        values = [self.first.value(row), *(term.value(row) for _, term in self.links)]
        signs = [sign for sign, _ in self.links]
        return all_of(map(self._link, signs, values, values[1:]))

    def _link(self, sign: str, left: Any, right: Any) -> bool | None:
        if self.ladder and sign not in ("==", "!="):
            left, right = _rung(self.ladder, left), _rung(self.ladder, right)
        if left is None or right is None:
            return None
        return bool(RELATIONS[sign](left, right))

    def written(self) -> str:
        """Values with the signs between them."""
        links = (f" {sign} {within(term, SUM)}" for sign, term in self.links)
        return within(self.first, SUM) + "".join(links)

    def names(self) -> frozenset[str]:
        """Fields of every value."""
        return self.first.names().union(*(term.names() for _, term in self.links))


def _rung(ladder: Sequence[str], value: str | None) -> int | None:
    return ladder.index(value) if value in ladder else None


@dataclass(frozen=True, slots=True)
class OneOf:
    """A value in a list of constants."""

    term: Term
    constants: tuple[Constant, ...]
    strength: ClassVar[int] = COMPARISON

    def test(self, row: Row) -> bool | None:
        """Whether the value is in the list."""
        found = self.term.value(row)
        return None if found is None else any(found == item.constant for item in self.constants)

    def written(self) -> str:
        """The value and the list in square brackets."""
        return self._written("in")

    def denied(self) -> str:
        """The same with ``not in``."""
        return self._written("not in")

    def _written(self, sign: str) -> str:
        listed = ", ".join(item.written() for item in self.constants)
        return f"{within(self.term, SUM)} {sign} [{listed}]"

    def names(self) -> frozenset[str]:
        """Fields of the value."""
        return self.term.names()


@dataclass(frozen=True, slots=True)
class Member:
    """A text in a set field."""

    term: Term
    group: Named
    strength: ClassVar[int] = COMPARISON

    def test(self, row: Row) -> bool | None:
        """Whether the set of the row holds the text."""
        found, group = self.term.value(row), self.group.value(row)
        return None if found is None or group is None else found in group

    def written(self) -> str:
        """The text and the field."""
        return f"{self.term.written()} in {self.group.written()}"

    def denied(self) -> str:
        """The same with ``not in``."""
        return f"{self.term.written()} not in {self.group.written()}"

    def names(self) -> frozenset[str]:
        """The set field, and the text field if there is one."""
        return self.term.names() | self.group.names()


@dataclass(frozen=True, slots=True)
class Missing:
    """A value that nobody knows: the one condition that is never unknown itself."""

    term: Term
    strength: ClassVar[int] = COMPARISON

    def test(self, row: Row) -> bool:
        """Whether the value is unknown."""
        return self.term.value(row) is None

    def written(self) -> str:
        """``value is missing``."""
        return f"{within(self.term, SUM)} is missing"

    def denied(self) -> str:
        """``value is not missing``."""
        return f"{within(self.term, SUM)} is not missing"

    def names(self) -> frozenset[str]:
        """Fields of the value."""
        return self.term.names()


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    operand: Condition
    strength: ClassVar[int] = NOT

    def test(self, row: Row) -> bool | None:
        """Whether the condition fails."""
        return opposite(self.operand.test(row))

    def written(self) -> str:
        """``not`` and the condition, or ``not in`` and ``is not`` inside it."""
        if isinstance(self.operand, OneOf | Member | Missing):
            return self.operand.denied()
        return f"not {within(self.operand, NOT)}"

    def names(self) -> frozenset[str]:
        """Fields of the condition."""
        return self.operand.names()


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions joined by ``and`` or by ``or``."""

    sign: str
    operands: tuple[Condition, ...]

    @property
    def strength(self) -> int:
        """``and`` binds tighter than ``or``."""
        return AND if self.sign == "and" else OR

    def test(self, row: Row) -> bool | None:
        """Whether all of the conditions hold, or any."""
        join = all_of if self.sign == "and" else any_of
        return join(operand.test(row) for operand in self.operands)

    def written(self) -> str:
        """Conditions with the word between them."""
        return f" {self.sign} ".join(within(operand, self.strength + 1) for operand in self.operands)

    def names(self) -> frozenset[str]:
        """Fields of every condition."""
        return frozenset[str]().union(*(operand.names() for operand in self.operands))
