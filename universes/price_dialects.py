"""How vendors write daily prices: names of columns, dates, and the basis on which prices are stated.

The names are those that Tiingo's, Norgate's, Stooq's and Yahoo's files have; `docs/prices.md` says what could not
be checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from universes.errors import did_you_mean

BASES = ("raw", "split-adjusted", "total-return")
# What `Quotes` wants, and what a header is taken for that says nothing else.
OURS = "split-adjusted"
NEEDED = ("date", "open", "high", "low", "close", "volume")
PLAIN_HEADER = "Date,Open,High,Low,Close,Volume"


def _as_sent(texts: Sequence[str]) -> Sequence[str]:
    return texts


# Tiingo's JSON has an instant, always midnight UTC, where its CSV has the date.
_MIDNIGHT = ("T00:00:00.000Z", "T00:00:00Z", "T00:00:00+00:00")


def _from_midnight(texts: Sequence[str]) -> list[str]:
    return [text.strip()[:10] if text.strip()[10:] in _MIDNIGHT else text for text in texts]


def _from_digits(texts: Sequence[str]) -> list[str]:
    plain = (text.strip() for text in texts)
    return [
        f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == 8 and text.isdecimal() else text
        for text in plain
    ]


@dataclass(frozen=True, eq=False)
class Dialect:
    """One vendor's way to write a file.

    Parameters
    ----------
    name : str
        For findings and `docs/prices.md`.
    basis : str
        One of `BASES`; empty where the header cannot say.
    columns : mapping of str to str
        Names as in the file, in small letters without spaces, to names in the bars.
    marks : frozenset of str
        Names that this dialect alone has: one of them is enough to know it.
    unread : frozenset of str
        Names that belong to it and hold nothing that is needed.
    constant : mapping of str to str or None
        Columns that must have one value throughout: this one, or any where it is None.
    days : callable
        Makes its dates into ``YYYY-MM-DD``, and leaves what it does not know as it is.
    header : str
        What to write, for messages.
    """

    name: str
    basis: str
    columns: Mapping[str, str]
    marks: frozenset[str]
    unread: frozenset[str] = frozenset()
    constant: Mapping[str, str | None] = field(default_factory=dict)
    days: Callable[[Sequence[str]], Sequence[str]] = _as_sent
    header: str = PLAIN_HEADER


_PRICES = {name: name for name in NEEDED}
PLAIN = Dialect("plain", OURS, {**_PRICES, "adjclose": "adjusted_close"}, frozenset())
YAHOO = Dialect(
    "yahoo",
    OURS,
    {**PLAIN.columns, "dividends": "dividend", "stocksplits": "split"},
    frozenset({"dividends", "stocksplits"}),
)
TIINGO = Dialect(
    "tiingo",
    "raw",
    {**PLAIN.columns, "divcash": "dividend", "splitfactor": "split"},
    frozenset({"divcash", "splitfactor", "adjopen", "adjhigh", "adjlow", "adjvolume"}),
    unread=frozenset({"adjopen", "adjhigh", "adjlow", "adjvolume"}),
    constant={"ticker": None},
    days=_from_midnight,
    header="date,close,high,low,open,volume,adjClose,divCash,splitFactor",
)
NORGATE = Dialect(
    "norgate",
    "",
    {**_PRICES, "unadjustedclose": "unadjusted_close", "dividend": "dividend"},
    frozenset({"unadjustedclose"}),
    unread=frozenset({"turnover"}),
    header="Date,Open,High,Low,Close,Volume,Turnover,Unadjusted Close,Dividend",
)
_STOOQ = {f"<{name}>": name for name in NEEDED if name != "volume"} | {"<vol>": "volume"}
STOOQ = Dialect(
    "stooq",
    "",
    _STOOQ,
    frozenset(_STOOQ) | {"<ticker>", "<per>", "<time>", "<openint>"},
    unread=frozenset({"<time>", "<openint>"}),
    constant={"<ticker>": None, "<per>": "D"},
    days=_from_digits,
    header="<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>",
)
DIALECTS = (YAHOO, TIINGO, NORGATE, STOOQ)


class UnknownDialect(Exception):
    """A header that cannot be understood: `gate` names the data gate, `message` the fault and the mend."""

    def __init__(self, gate: str, message: str) -> None:
        self.gate, self.message = gate, message
        super().__init__(message)


def plain_name(name: str) -> str:
    """A column's name in small letters and without spaces."""
    return "".join(name.split()).casefold()


def recognise(header: Sequence[str], declared: str = "") -> tuple[Dialect, dict[str, int]]:
    """The dialect of a header, and the position of every column of it that the bars have.

    Parameters
    ----------
    header : sequence of str
        Names of the columns as they stand in the file.
    declared : str
        Basis that the user gave: one of `BASES`, or empty.

    Returns
    -------
    Dialect
        With the basis filled in.
    dict of str to int
        By the name in the bars; checks such as the ticker are under the name in the file.

    Raises
    ------
    UnknownDialect
        Gates ``two-dialects``, ``missing-column``, ``unknown-basis``.
    """
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        raise UnknownDialect("missing-column", "columns look separated by ';' or tab: save with commas")
    dialect = _of_marks(header)
    found = _positions(dialect, header)
    # yfinance leaves Adj Close out when it has put the dividends into the prices, and others when they have not.
    if dialect is PLAIN or (dialect is YAHOO and "adjusted_close" not in found):
        return replace(dialect, basis=declared or OURS), found
    return replace(dialect, basis=_basis(dialect, declared)), found


def _of_marks(header: Sequence[str]) -> Dialect:
    names = {plain_name(name): name.strip() for name in header}
    fitting = [(dialect, sorted(dialect.marks & names.keys())) for dialect in DIALECTS]
    found = [(dialect, marks[0]) for dialect, marks in fitting if marks]
    if len(found) > 1:
        seen = " and ".join(f"{names[mark]!r} of {dialect.name}" for dialect, mark in found)
        raise UnknownDialect(
            "two-dialects", f"columns {seen} in one header: keep the columns of one, or write {PLAIN_HEADER}"
        )
    return found[0][0] if found else PLAIN


def _positions(dialect: Dialect, header: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for position, name in enumerate(header):
        plain = plain_name(name)
        column = dialect.columns.get(plain, plain if plain in dialect.constant else None)
        if column in found:
            raise UnknownDialect("missing-column", f"column {name!r} appears twice: remove one")
        if column:
            found[column] = position
    missing = next((name for name in NEEDED if name not in found), None)
    if missing:
        raise UnknownDialect("missing-column", _missing(missing, dialect, header))
    return found


def _missing(missing: str, dialect: Dialect, header: Sequence[str]) -> str:
    written = next(name for name, column in dialect.columns.items() if column == missing)
    shown = written.upper() if written.startswith("<") else written.title()
    near = did_you_mean(missing, [name for name in header if plain_name(name) not in known_names(dialect)])
    hint = near if near.startswith("; did") else f"; the header must hold {dialect.header}"
    return f"column {shown} is missing{hint}"


def _basis(dialect: Dialect, declared: str) -> str:
    if dialect.basis in ("", declared):
        basis = declared or dialect.basis
    elif declared:
        message = (
            f"prices.toml says {declared}, and a header of {dialect.name} says {dialect.basis}: remove one of the "
            "two, or move the files to a folder of their own"
        )
        raise UnknownDialect("unknown-basis", message)
    else:
        basis = dialect.basis
    if not basis:
        known = " or ".join(repr(name) for name in BASES)
        message = (
            f"a header of {dialect.name} does not say on what basis prices are: write basis = {known} in prices.toml "
            "beside the file, as chosen at the download"
        )
        raise UnknownDialect("unknown-basis", message)
    return basis


def known_names(dialect: Dialect) -> frozenset[str]:
    """Names of columns that belong to a dialect, read or not."""
    return frozenset(dialect.columns) | dialect.unread | frozenset(dialect.constant)
