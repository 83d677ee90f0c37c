"""A field that filters may name, and the kinds of value that it may have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from keyword import iskeyword

KINDS = ("number", "text", "date", "flag", "set", "ordered")
# Words with a meaning of their own in a filter, beside Python's keywords.
RESERVED = ("missing", "true", "false")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Field:
    """What a filter may say about one field of a row.

    Parameters
    ----------
    name : str
        Name in filters and key in rows: ASCII letters, digits and underscores.
    kind : str
        ``number``, ``text``, ``date``, ``flag`` (yes or no), ``set`` (of texts) or ``ordered`` (text on a
        ladder).
    doc : str
        Meaning, for lists of fields.
    order : tuple of str
        Rungs of an ordered field, lowest first.
    known : tuple of str
        Values that a text, ordered or set field can have, groups included; empty when any text will do.

    Raises
    ------
    ValueError
        If the name could not be written in a filter, or the kind and the rungs do not fit.
    """

    name: str
    kind: str
    doc: str
    order: tuple[str, ...] = ()
    known: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or iskeyword(self.name) or self.name in RESERVED:
            raise ValueError(f"{self.name!r} cannot name a field: ASCII letters, digits, _ and no keyword")
        if self.kind not in KINDS:
            raise ValueError(f"field {self.name!r} has the kind {self.kind!r}; kinds: {', '.join(KINDS)}")
        if (self.kind == "ordered") != bool(self.order):
            raise ValueError(f"field {self.name!r}: an ordered field has rungs in `order`, others have none")

    def spelt(self, given: str) -> str | None:
        """Value meant by a text, letter case aside; None when it is not one of the known values."""
        if not self.known or given in self.known:
            return given
        return folded(given, self.known)

    def rung(self, given: str) -> str | None:
        """Rung meant by a text, letter case aside; None when it is not on the ladder."""
        return given if given in self.order else folded(given, self.order)


def folded(given: str, values: tuple[str, ...]) -> str | None:
    """The one of `values` that equals a text when letter case does not count, or None."""
    wanted = given.casefold()
    return next((value for value in values if value.casefold() == wanted), None)
