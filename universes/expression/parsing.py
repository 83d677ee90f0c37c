"""Expression: a filter that has been read and type-checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from universes.errors import BadExpression
from universes.expression.checking import Checker
from universes.expression.conditions import Condition
from universes.expression.field import Field
from universes.expression.reading import read
from universes.expression.scanning import MAX_CHARACTERS
from universes.expression.terms import Row


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition on rows, made by `parse`.

    Parameters
    ----------
    text : str
        Canonical form: two filters that differ in spaces, quotes or needless brackets have the same one.
    fields : frozenset of str
        Names of the fields that are read.
    """

    text: str
    fields: frozenset[str]
    _condition: Condition = field(repr=False)

    def __str__(self) -> str:
        return self.text

    def test(self, row: Row) -> bool | None:
        """Whether a row fulfils the filter; None when what is missing could decide it.

        Parameters
        ----------
        row : mapping of str to object
            Value of each field; a key that is not there, None and NaN mean unknown.

        Returns
        -------
        bool or None
            By Kleene's logic: unknown ``and`` false is false, unknown ``or`` true is true, ``not`` unknown is
            unknown.

        Raises
        ------
        TypeError
            If a value is not of its field's kind.
        """
        return self._condition.test(row)

    def holds(self, row: Row) -> bool:
        """Whether a row certainly fulfils the filter: False when unknown."""
        return self.test(row) is True


def parse(text: str, fields: Sequence[Field]) -> Expression:
    """Filter read from text and type-checked against the fields; nothing of the text is run.

    Parameters
    ----------
    text : str
        One line of at most 2000 characters.
    fields : sequence of Field
        What the filter may name.

    Returns
    -------
    Expression
        Its canonical text reads back to the same expression.

    Raises
    ------
    BadExpression
        If it does not parse or type-check; the message says where, and the mend.

    Examples
    --------
    >>> stage = Field("stage", "ordered", "most advanced asset", order=("pea", "pfs", "dfs"))
    >>> advanced = parse("stage>='PFS'", [stage])
    >>> advanced.text
    "stage >= 'pfs'"
    >>> [advanced.test(row) for row in ({"stage": "dfs"}, {"stage": "pea"}, {"stage": None})]
    [True, False, None]
    """
    source, tree = read(text)
    condition = Checker(source, fields).condition(tree)
    written = condition.written()
    if len(written) > MAX_CHARACTERS:
        message = (
            f"{len(written)} characters with spaces between all signs, at most {MAX_CHARACTERS}: split it"
        )
        raise BadExpression(message, text)
    return Expression(written, condition.names(), condition)
