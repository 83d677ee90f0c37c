"""What a section is made of: plain text and numbers, never markup; `templates/blocks.html.j2` prints each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(?:/[A-Za-z0-9._~/%?=&+-]*)?")


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph.

    Parameters
    ----------
    text : str
        Plain text.
    style : {"plain", "lead", "note"}
        A lead is set large, a note small.
    """

    text: str
    style: str = "plain"
    kind: ClassVar[str] = "text"


@dataclass(frozen=True, slots=True)
class Points:
    """Short sentences under one heading, as a list."""

    intro: str
    texts: tuple[str, ...]
    kind: ClassVar[str] = "points"


@dataclass(frozen=True, slots=True)
class Grade:
    """A judgement of the event study, set apart.

    Parameters
    ----------
    grade : str
        In two or three words.
    text : str
        In sentences.
    about : str
        What is judged.
    """

    grade: str
    text: str
    about: str = "Event study"
    kind: ClassVar[str] = "grade"


@dataclass(frozen=True, slots=True)
class Card:
    """One key number.

    Parameters
    ----------
    label, value : str
        As printed; ``n/a`` when undefined.
    convention : str
        Formula and annualisation; shown on hover, and in the glossary.
    note : str
        Small print under the number, such as the reason of an ``n/a``.
    """

    label: str
    value: str
    convention: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cards:
    """Key numbers in a row."""

    cards: tuple[Card, ...]
    kind: ClassVar[str] = "cards"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table.

    Parameters
    ----------
    text : str
        As printed.
    key : float or str, optional
        What the column is sorted by; `text` when None.
    link : str
        Anchor on the same chapter of the page that the cell leads to.
    hint : str
        Shown on hover.
    span : int
        How many columns it fills.
    faint : bool
        Set back: shown for comparison, not to be relied on.
    address : str
        Where on the web the cell leads, as `web_address` finds it.
    """

    text: str
    key: float | str | None = None
    link: str = ""
    hint: str = ""
    span: int = 1
    faint: bool = False
    address: str = ""


def web_address(text: str) -> tuple[str, str]:
    """The text without the web address that it ends in, and that address; empty where it ends in none.

    Parameters
    ----------
    text : str
        From data. An address is a whole word of plain characters that begins with ``http://`` or ``https://``: nothing
        else can become a link.
    """
    words = text.split()
    if not words or not ADDRESS.fullmatch(words[-1]):
        return text, ""
    return text.rstrip()[: -len(words[-1])].rstrip(" ,;"), words[-1]


@dataclass(frozen=True, slots=True)
class Column:
    """Heading of a column.

    Parameters
    ----------
    title : str
        Heading, with its unit.
    numeric : bool
        Whether the column is set flush right.
    whole : bool
        Whether its cells are kept on one line: dates, symbols, identifiers.
    hint : str
        Convention of its numbers, shown on hover.
    breaks : bool
        Whether long words, as addresses, are broken rather than let the table grow.
    """

    title: str
    numeric: bool = False
    whole: bool = False
    hint: str = ""
    breaks: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table that scrolls inside its own box when it is wider than the page.

    Parameters
    ----------
    caption : str
        What the rows are.
    columns : tuple of Column
        Headings.
    rows : tuple of tuple of Cell
        One inner tuple a row; the spans of its cells fill `columns`.
    sortable : bool
        Whether the headings are buttons that sort.
    filterable : bool
        Whether a field above the table hides the rows that do not hold what is typed.
    folded : str
        When not empty, the table is folded under this line.
    anchors : tuple of str
        One a row, where cells of other tables lead; empty for none.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    sortable: bool = False
    filterable: bool = False
    folded: str = ""
    anchors: tuple[str, ...] = ()
    kind: ClassVar[str] = "table"


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure with the table that says the same.

    Parameters
    ----------
    name : str
        Unique within its section.
    heading : str
        What is drawn, with its unit.
    figure : mapping
        As `reports.charts` gives: ``data`` and ``layout``.
    takeaway : str
        What it shows, in one sentence: the caption, and what a screen reader says.
    twin : Table
        The same numbers; folded below the figure.
    """

    name: str
    heading: str
    figure: Mapping[str, Any]
    takeaway: str
    twin: Table
    kind: ClassVar[str] = "chart"


@dataclass(frozen=True, slots=True)
class Terms:
    """Words and what they mean, in pairs."""

    terms: tuple[tuple[str, str], ...]
    kind: ClassVar[str] = "terms"


@dataclass(frozen=True, slots=True)
class Record:
    """Data embedded for machines, as JSON.

    Parameters
    ----------
    name : str
        Unique within its section.
    content : mapping
        Plain data without NaN.
    """

    name: str
    content: Mapping[str, Any]
    kind: ClassVar[str] = "record"


Block = Text | Points | Grade | Cards | Table | Chart | Terms | Record
