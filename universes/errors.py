"""Every error a user can cause, each one line: what was given, what was wanted, the mend.

::

    LodestoneError              root: the command line prints it and exits 1
    ├── UnknownName             no universe, symbol, event, strategy … of that name
    ├── BadData                 faults of one or more data files, all of them together
    ├── BadDate                 not a date, or outside the data
    ├── BadParameter            a value out of range or of the wrong kind
    ├── BadExpression           a filter that does not parse or does not type-check
    ├── UserCodeError           a strategy of the user's own that raised, with its traceback
    └── CannotWrite             an output that could not be written
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


class LodestoneError(Exception):
    """Root of the errors that a user can cause and mend."""


class UnknownName(LodestoneError):
    """A name that stands for nothing, with the nearest one that does.

    Parameters
    ----------
    kind : str
        What was looked for, in the user's words: ``"universe"``, ``"symbol"``.
    given : str
        The name as the user wrote it.
    known : iterable of str
        Every name that would have been right.
    """

    def __init__(self, kind: str, given: str, known: Iterable[str]) -> None:
        self.kind = kind
        self.given = given
        self.known = tuple(sorted(known))
        super().__init__(f"no {kind} named {given!r}{did_you_mean(given, self.known)}")


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong in one place of a data file.

    Parameters
    ----------
    file : str
        File as the user named it.
    line : int
        Line in the file, the header being 1; 0 when the whole file is meant.
    field : str
        Column, or an empty string when the whole line is meant.
    message : str
        What is there, what was expected, and the mend.
    """

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.field}: {self.message}" if self.field else f"{place}: {self.message}"


class BadData(LodestoneError):
    """Faults of data files, reported together.

    The message is the first fault and the count of the others; `faults` holds all.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        more = len(self.faults) - 1
        rest = f" (and {more} more fault{'s' if more > 1 else ''})" if more > 0 else ""
        super().__init__(f"{self.faults[0]}{rest}")


class BadDate(LodestoneError):
    """Not a date of the form YYYY-MM-DD, or one outside the data."""


class BadParameter(LodestoneError):
    """A parameter that is unknown, of the wrong kind or out of range."""


class BadExpression(LodestoneError):
    """A filter expression that cannot be used.

    Parameters
    ----------
    message : str
        What is wrong and the mend.
    text : str
        The expression as given.
    position : int
        Offset of the offending character in `text`, from 0.
    """

    def __init__(self, message: str, text: str, position: int = 0) -> None:
        self.text = text
        self.position = position
        super().__init__(f"filter {text!r}, character {position + 1}: {message}")

    def caret(self) -> str:
        """The expression with a caret under the offending character, two lines."""
        return f"  {self.text}\n  {' ' * self.position}^"


class UserCodeError(LodestoneError):
    """An error that a user's own code raised.

    Parameters
    ----------
    message : str
        What was raised, where in the user's file, and while doing what.
    file : str
        The user's file.
    trace : str
        The traceback in lines, from the first line of the user's file on.
    """

    def __init__(self, message: str, file: str, trace: str) -> None:
        self.file = file
        self.trace = trace
        super().__init__(message)

    # Exceptions are made again from their message alone, as when a worker process hands one over.
    def __reduce__(self) -> tuple[type[UserCodeError], tuple[str, str, str]]:
        return type(self), (str(self), self.file, self.trace)

    def shown(self) -> str:
        """The traceback, each line marked as the user's code."""
        return "\n".join(f"your code | {line}" for line in self.trace.rstrip().splitlines())


class CannotWrite(LodestoneError):
    """An output file or folder that cannot be written."""


def did_you_mean(given: str, known: Sequence[str]) -> str:
    """Suggestion to end an error message with: the nearest name, or all of a short list.

    Parameters
    ----------
    given : str
        What the user wrote.
    known : sequence of str
        What would have been right.

    Returns
    -------
    str
        ``"; did you mean 'lithium'?"``, ``"; known: a, b"``, or an empty string when nothing is known.
    """
    folded = {name.casefold(): name for name in known}
    close = get_close_matches(given.casefold(), folded, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {folded[close[0]]!r}?"
    if not known:
        return ""
    shown = ", ".join(known[:12])
    return f"; known: {shown}{' …' if len(known) > 12 else ''}"
