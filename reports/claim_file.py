"""A file of claims: the checkable sentences of an article, each with what would test it.

The format stands in docs/claims.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from reports.claim_values import (
    bound,
    companies_filter,
    count,
    country,
    day,
    days,
    events_filter,
    identifier,
    listed,
    months,
    names,
    prose,
    sessions,
    share,
    step,
    symbol,
    window,
)
from universes.errors import BadData, Fault, did_you_mean
from universes.toml_file import printed, read_toml

FOUNDING = Path(__file__).parent / "claims" / "founding-article.toml"
Reader = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Form:
    """What one kind of check may say.

    Parameters
    ----------
    keys : mapping of str to callable
        Reader of each key; it raises ValueError with the mend.
    needs : tuple of tuple of str
        Of each group at least one key must be there.
    apart : tuple of (str, str)
        Keys that exclude one another.
    dated : bool
        Whether it asks what was known on a date, so that it needs one.
    """

    keys: Mapping[str, Reader]
    needs: tuple[tuple[str, ...], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    dated: bool = False


# By the key that says what is checked. `event` stands last: in a `move` it only says when.
FORMS: dict[str, Form] = {
    "filter": Form(
        {"filter": companies_filter, "symbol": symbol, "least": count, "most": count, "as_of": day},
        needs=(("symbol", "least", "most"),),
        apart=(("symbol", "least"), ("symbol", "most")),
        dated=True,
    ),
    "list": Form(
        {"list": listed, "minerals": names, "least": count, "most": count, "as_of": day},
        needs=(("minerals", "least", "most"),),
        dated=True,
    ),
    "supply": Form(
        {"supply": identifier, "step": step, "country": country, "least": share, "most": share, "as_of": day},
        needs=(("step",), ("country",), ("least", "most")),
        dated=True,
    ),
    "name": Form({"name": prose, "symbol": symbol, "as_of": day}, needs=(("symbol",),)),
    "move": Form(
        {"move": symbol, "date": day, "event": identifier, "least": bound, "most": bound}
        | {"window": sessions, "high_of_months": months},
        needs=(("date", "event"), ("least", "most", "high_of_months")),
        apart=(("date", "event"), ("window", "high_of_months")),
    ),
    "study": Form(
        {"study": events_filter, "window": window, "at_least": bound, "at_most": bound, "as_of": day},
        needs=(("window",), ("at_least", "at_most")),
        apart=(("at_least", "at_most"),),
    ),
    "judgement": Form({"judgement": prose}),
    "event": Form(
        {"event": prose, "announced": days, "least": count, "most": count, "as_of": day},
        needs=(("announced", "least", "most"),),
        apart=(("announced", "least"), ("announced", "most")),
    ),
}
# Kind of check, key, and where in `Known` its name must be.
ON_RECORD = (
    ("filter", "symbol", "symbols"),
    ("move", "move", "symbols"),
    ("move", "event", "events"),
    ("supply", "supply", "minerals"),
)
TOP, OWN = ("title", "about", "as_of", "claim"), ("id", "says", "check")


@dataclass(frozen=True, slots=True)
class Check:
    """One test of a claim: its kind, a key of `FORMS`, and the values of its keys as read."""

    kind: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence in the words of whoever wrote the file, and the checks that all must hold."""

    id: str
    says: str
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class ClaimFile:
    """Claims of one article.

    Parameters
    ----------
    title, about : str
        What the article is.
    as_of : date or None
        Date whose knowledge counts where a check has none of its own.
    claims : tuple of Claim
        In the order of the file.
    hash : str
        SHA-256 of the file.
    """

    title: str
    about: str
    as_of: date | None
    claims: tuple[Claim, ...]
    hash: str


@dataclass(frozen=True, slots=True)
class Known:
    """Names that a claim may use: symbols, ids of events and minerals of the facts."""

    symbols: frozenset[str]
    events: frozenset[str]
    minerals: frozenset[str]


def read_claims(path: Path, known: Known, as_of: date | None = None) -> ClaimFile:
    """Claims of a file, checked.

    Parameters
    ----------
    path : Path
        A TOML file; docs/claims.md has the format.
    known : Known
        Names that the file may use.
    as_of : date, optional
        Takes the place of the file's own ``as_of``; a check that has one keeps it.

    Raises
    ------
    BadData
        With every fault of the file, each with its key and the mend.
    """
    table, raw = read_toml(path, "docs/claims.md")
    faults: list[Fault] = []
    top = _Reader(str(path), known, faults).top(table, as_of)
    if faults:
        raise BadData(faults)
    return ClaimFile(**top, hash=hashlib.sha256(raw).hexdigest())


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads tables of one file; what is wrong is appended to `faults`."""

    file: str
    known: Known
    faults: list[Fault]

    def top(self, table: Mapping[str, Any], as_of: date | None) -> dict[str, Any]:
        self._no_others(table, TOP, "")
        found: dict[str, Any] = {
            "title": self._value(table, "title", prose, "", needed=True),
            "about": self._value(table, "about", prose, "") or "",
            "as_of": as_of or self._value(table, "as_of", day, ""),
        }
        rows = table.get("claim")
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            self._fault("", "claim", "there is none: begin each claim with a line [[claim]]")
            rows = []
        claims = [self._claim(row, number, found["as_of"]) for number, row in enumerate(rows, 1)]
        for number, claim in enumerate(claims):
            if claim.id in {other.id for other in claims[:number]}:
                self._fault(claim.id, "id", "stands twice: give each claim its own")
        return found | {"claims": tuple(claims)}

    def _claim(self, table: Mapping[str, Any], number: int, as_of: date | None) -> Claim:
        given = table.get("id")
        place = given if isinstance(given, str) and given.isprintable() and given else f"claim {number}"
        name = self._value(table, "id", identifier, place, needed=True) or ""
        says = self._value(table, "says", prose, place, needed=True) or ""
        return Claim(name or place, says, tuple(self._checks(table, place, as_of)))

    def _checks(self, table: Mapping[str, Any], place: str, as_of: date | None) -> Iterator[Check]:
        own = {key: value for key, value in table.items() if key not in OWN}
        several = table.get("check")
        if several is None:
            yield from self._check(own, place, as_of)
            return
        for key in own:
            self._fault(place, key, "stands beside [[claim.check]]: move it into one of those")
        if not isinstance(several, list) or not all(isinstance(row, dict) for row in several) or not several:
            self._fault(place, "check", "must be tables: begin each with a line [[claim.check]]")
            return
        for number, row in enumerate(several, 1):
            yield from self._check(row, f"{place}.check {number}", as_of)

    def _check(self, table: Mapping[str, Any], place: str, as_of: date | None) -> Iterator[Check]:
        before = len(self.faults)
        kind = self._kind(table, place)
        if kind is None:
            return
        form = FORMS[kind]
        self._no_others(table, tuple(form.keys), place)
        values = {key: self._value(table, key, read, place) for key, read in form.keys.items()}
        if "as_of" in form.keys and "as_of" not in table:
            values["as_of"] = as_of
        self._rules(form, values, place, table)
        self._names(kind, table, values, place)
        if len(self.faults) == before:
            yield Check(kind, {key: value for key, value in values.items() if value is not None})

    def _kind(self, table: Mapping[str, Any], place: str) -> str | None:
        kinds = [kind for kind in FORMS if kind in table]
        if "move" in kinds and "event" in kinds:
            kinds.remove("event")
        if len(kinds) == 1:
            return kinds[0]
        words = ", ".join(FORMS)
        if kinds:
            message = f"{' and '.join(kinds)} are {len(kinds)} checks: put each into a [[claim.check]]"
        else:
            near = [did_you_mean(key, tuple(FORMS)) for key in table]
            close = next((item for item in near if item.startswith("; did")), f": give one of {words}")
            message = f"there is no check{close}"
        self._fault(place, "", message)
        return None

    def _rules(self, form: Form, values: Mapping[str, Any], place: str, table: Mapping[str, Any]) -> None:
        for group in form.needs:
            if not any(key in table for key in group):
                self._fault(place, group[0], f"is missing: give {' or '.join(group)}")
        for one, other in form.apart:
            if one in table and other in table:
                self._fault(place, other, f"excludes {one}: remove one of them")
        if form.dated and values["as_of"] is None and "as_of" not in table:
            self._fault(
                place, "as_of", "is missing: give it here, at the top of the file, or with --as-of DATE"
            )
        least, most = values.get("least"), values.get("most")
        if least is not None and most is not None and least > most:
            self._fault(place, "most", f"{most} is below least, {least}: swap them")

    def _names(self, kind: str, table: Mapping[str, Any], values: dict[str, Any], place: str) -> None:
        """Names that must be on record; the index or fund of a `name` need not be."""
        if kind == "event" and values["event"] is not None:
            self._event(table, values, place)
        for of, key, names_ in ON_RECORD:
            if kind == of and values.get(key) is not None:
                self._on_record(values[key], getattr(self.known, names_), place, key)
        for mineral in values.get("minerals") or ():
            self._on_record(mineral, self.known.minerals, place, "minerals")

    def _event(self, table: Mapping[str, Any], values: dict[str, Any], place: str) -> None:
        if "announced" in table:
            self._on_record(values["event"], self.known.events, place, "event")
            return
        try:
            values["event"] = events_filter(values["event"])
        except ValueError as error:
            self._fault(place, "event", str(error))

    def _on_record(self, given: str, names_: frozenset[str], place: str, key: str) -> None:
        if given not in names_:
            near = did_you_mean(given, tuple(sorted(names_)))
            self._fault(place, key, f"{given!r} is not on record{near}")

    def _no_others(self, table: Mapping[str, Any], keys: tuple[str, ...], place: str) -> None:
        for key in table:
            if key not in keys:
                self._fault(place, key, f"unknown key{did_you_mean(key, keys)}")

    def _value(
        self, table: Mapping[str, Any], key: str, read: Reader, place: str, *, needed: bool = False
    ) -> Any:
        if key not in table:
            if needed:
                self._fault(place, key, "is missing: fill it in")
            return None
        try:
            return read(table[key])
        except ValueError as error:
            self._fault(place, key, str(error))
            return None

    def _fault(self, place: str, key: str, message: str) -> None:
        where = ".".join(part for part in (place, key) if part)
        self.faults.append(Fault(self.file, 0, printed(where), message))
