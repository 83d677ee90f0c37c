"""Presets: membership rules with a bar to enter and a lower one to stay, one readable file each.

The files are `screener/presets/*.toml`; docs/presets.md has the format and what each preset leaves out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from screener.ranking import PRICE_FIELDS, parse_where
from universes.errors import BadData, BadExpression, Fault, UnknownName, did_you_mean
from universes.expression import Expression
from universes.toml_file import printed, read_toml

FOLDER = Path(__file__).parent / "presets"
DAYS = ("month-end", "third-friday")
CONFIDENCE = ("high", "medium", "low")
MOST_REVIEWS = 12
_TOP = ("title", "about", "source", "review_months", "review_day", "left_out", "rule")
_RULE = ("name", "enter", "stay", "enter_reviews", "leave_reviews", "source", "confidence")
_PRICED = frozenset(item.name for item in PRICE_FIELDS)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a preset.

    Parameters
    ----------
    name : str
        What it is about: ``size``.
    enter : Expression
        Must certainly hold for a company to become a member.
    stay : Expression
        A member leaves when it certainly does not hold; a value that nobody knows throws nobody out.
    enter_reviews : int
        At how many reviews in a row `enter` must hold.
    leave_reviews : int
        At how many reviews in a row `stay` must fail.
    source : str
        Where the rule comes from, and what in it is Lodestone's choice.
    confidence : {"high", "medium", "low"}
        How sure we are that the source says so.
    """

    name: str
    enter: Expression
    stay: Expression
    enter_reviews: int
    leave_reviews: int
    source: str
    confidence: str

    @property
    def priced(self) -> bool:
        """Whether it reads prices."""
        return bool((self.enter.fields | self.stay.fields) & _PRICED)


@dataclass(frozen=True, slots=True)
class Preset:
    """Rules of membership, judged at reviews.

    Parameters
    ----------
    name : str
        Name users type: the file's, without its ending.
    title, about, source : str
        What it is, and where it comes from.
    review_months : tuple of int
        Months of the reviews, 1 to 12.
    review_day : {"month-end", "third-friday"}
        Day of the month on which facts and prices are looked at.
    rules : tuple of Rule
        All must hold.
    left_out : tuple of str
        Rules of the source that Lodestone does not judge.
    """

    name: str
    title: str
    about: str
    source: str
    review_months: tuple[int, ...]
    review_day: str
    rules: tuple[Rule, ...]
    left_out: tuple[str, ...]

    def without_prices(self) -> Preset:
        """The same without the rules that read prices."""
        return replace(self, rules=tuple(rule for rule in self.rules if not rule.priced))


def preset_names() -> tuple[str, ...]:
    """Names of the presets that Lodestone ships, sorted."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


def preset(name: str) -> Preset:
    """A preset by its name, or a user's own by the path of its file, which ends in ``.toml``.

    Raises
    ------
    UnknownName
        If no preset has the name.
    BadData
        If the file is not a preset: every fault with its key and the mend.
    """
    if name.lower().endswith(".toml"):
        return read_preset(Path(name))
    if name not in preset_names():
        raise UnknownName("preset", name, preset_names())
    return read_preset(FOLDER / f"{name}.toml")


@cache
def read_preset(path: Path) -> Preset:
    """Preset of a file.

    Raises
    ------
    BadData
        With every fault of the file.
    """
    table, _ = read_toml(path, "docs/presets.md")
    faults = [Fault(printed(str(path)), 0, printed(key), message) for key, message in _faults(table)]
    if faults:
        raise BadData(faults)
    return Preset(
        name=path.stem,
        title=table["title"],
        about=table["about"],
        source=table["source"],
        review_months=tuple(sorted(set(table["review_months"]))),
        review_day=table.get("review_day", DAYS[0]),
        rules=tuple(_rule(row) for row in table["rule"]),
        left_out=tuple(table.get("left_out", ())),
    )


def _rule(row: Mapping[str, Any]) -> Rule:
    return Rule(
        name=row["name"],
        enter=_parsed(row["enter"]),
        stay=_parsed(row.get("stay", row["enter"])),
        enter_reviews=row.get("enter_reviews", 1),
        leave_reviews=row.get("leave_reviews", 1),
        source=row["source"],
        confidence=row["confidence"],
    )


def _parsed(text: str) -> Expression:
    (test,) = parse_where(text, PRICE_FIELDS)
    return test


def _faults(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _others(table, _TOP, "")
    for key in ("title", "about", "source"):
        yield from _no_text(table, key, key)
    yield from _no_months(table.get("review_months"))
    yield from _not_one_of(table.get("review_day", DAYS[0]), DAYS, "review_day")
    left_out = table.get("left_out", [])
    if not isinstance(left_out, list) or not all(isinstance(item, str) and item.strip() for item in left_out):
        yield "left_out", "must be a list of texts, which may be empty: write [] or ['…']"
    rules = table.get("rule")
    if not isinstance(rules, list) or not rules or not all(isinstance(row, dict) for row in rules):
        yield "rule", "there is none: begin each rule with a line [[rule]]"
        return
    for number, row in enumerate(rules, 1):
        yield from _rule_faults(row, f"rule {number}")
    names = [row.get("name") for row in rules]
    for number, name in enumerate(names, 1):
        if name in names[: number - 1]:
            yield f"rule {number}.name", f"{name!r} stands twice: give each rule its own"


def _rule_faults(row: Mapping[str, Any], place: str) -> Iterator[tuple[str, str]]:
    yield from _others(row, _RULE, f"{place}.")
    for key in ("name", "source"):
        yield from _no_text(row, key, f"{place}.{key}")
    yield from _not_one_of(row.get("confidence"), CONFIDENCE, f"{place}.confidence")
    yield from _no_filter(row.get("enter"), f"{place}.enter")
    if "stay" in row:
        yield from _no_filter(row["stay"], f"{place}.stay")
    for key in ("enter_reviews", "leave_reviews"):
        count = row.get(key, 1)
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_REVIEWS:
            yield f"{place}.{key}", f"{count!r} is not a count of reviews: write 1 to {MOST_REVIEWS}"


def _others(table: Mapping[str, Any], keys: tuple[str, ...], place: str) -> Iterator[tuple[str, str]]:
    for key in table:
        if key not in keys:
            yield f"{place}{key}", f"unknown key{did_you_mean(key, keys)}"


def _no_text(table: Mapping[str, Any], key: str, place: str) -> Iterator[tuple[str, str]]:
    value = table.get(key)
    if value is None:
        yield place, "is missing: fill it in"
    elif not (isinstance(value, str) and value.strip() and value.isprintable()):
        yield place, "is not a text of one line: write it between quotes"


def _not_one_of(value: object, words: tuple[str, ...], place: str) -> Iterator[tuple[str, str]]:
    if value not in words:
        yield place, f"{value!r} is not one of {', '.join(words)}: write one of them"


def _no_months(value: object) -> Iterator[tuple[str, str]]:
    good = isinstance(value, list) and value and all(type(item) is int and 1 <= item <= 12 for item in value)
    if not good:
        yield "review_months", "must be a list of months from 1 to 12, as [3, 6, 9, 12]: write it so"


def _no_filter(value: object, place: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, str):
        yield place, "is missing or no text: write a filter between quotes"
        return
    try:
        _parsed(value)
    except BadExpression as error:
        yield place, str(error)
