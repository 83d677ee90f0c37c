"""Weights of the factors: the screen's own, or what an investor thinks each is worth."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from math import fsum, isfinite, nan
from pathlib import Path
from types import MappingProxyType
from typing import Any

from screener.factor import factors
from universes.errors import BadData, BadParameter, Fault, UnknownName, did_you_mean
from universes.toml_file import printed, read_toml

DEFAULT = "default"
# Decimals as people write them, such as 0.1 + 0.2 + 0.7, miss their sum by less than this.
NEAR = 1e-12
FORM = "write a number from 0 to 1, as 0.3"
EXAMPLE = "write factors with their weights, as stage=0.3,support=0.2"
KEYS = ("name", "weights")


@dataclass(frozen=True, slots=True)
class Weights:
    """What each factor counts for in a score.

    Parameters
    ----------
    name : str
        What the reader is told: ``default``, the name of a profile, or the weights as they were given.
    by_factor : mapping of str to float
        Every factor with its weight, 0 or more; they sum to 1. Kept by name, and cannot be changed.

    Raises
    ------
    UnknownName
        If there is no such factor.
    BadParameter
        If a factor is missing, a weight is below 0 or no number, or they do not sum to 1.
    """

    name: str
    by_factor: Mapping[str, float] = field(hash=False)

    def __post_init__(self) -> None:
        given = {name: self.by_factor[name] for name in sorted(self.by_factor)}
        _check_complete(given)
        # Whole numbers and -0.0 become what they are worth.
        given = {name: float(weight) + 0.0 for name, weight in given.items()}
        object.__setattr__(self, "by_factor", MappingProxyType(given))

    # A mapping that cannot be changed cannot be pickled or copied either; what it was made of can.
    def __reduce__(self) -> tuple[Any, ...]:
        return Weights, (self.name, dict(self.by_factor))

    @property
    def used(self) -> tuple[str, ...]:
        """Factors with a weight above 0, by name."""
        return tuple(name for name, weight in self.by_factor.items() if weight > 0)

    def __str__(self) -> str:
        return _said(self.by_factor)


@cache
def default_weights() -> Weights:
    """The weights that stand with the factors."""
    return Weights(DEFAULT, {factor.name: factor.weight for factor in factors()})


def weights_from(given: str) -> Weights:
    """Weights as a user names them: a file that ends in ``.toml``, or text.

    Parameters
    ----------
    given : str
        As `read_profile` or `read_weights` takes it.

    Raises
    ------
    LodestoneError
        As they do.
    """
    text = given.strip()
    return read_profile(text) if text.lower().endswith(".toml") else read_weights(text)


def read_weights(text: str) -> Weights:
    """Weights of a text such as ``stage=0.3,support=0.2``.

    A factor that is named gets the weight that is given; the others share what is left to 1 in proportion to their
    default weights. The name of the result is the text, with its factors by name.

    Parameters
    ----------
    text : str
        ``factor=weight``, with commas between.

    Returns
    -------
    Weights

    Raises
    ------
    UnknownName
        If there is no such factor.
    BadParameter
        If the text is of another form, a weight is no number from 0 up, a factor stands twice, the weights sum to more
        than 1, or to less with every factor named.

    Examples
    --------
    Without stage the others have 0.82; 0.5 is shared out, so that each has 50/82 of its default.

    >>> weights = read_weights("stage=0.5")
    >>> round(weights.by_factor["purity"], 6) == round(0.10 * 50 / 82, 6)
    True
    """
    given: dict[str, float] = {}
    for part in text.split(","):
        name, equals, written = (piece.strip() for piece in part.partition("="))
        if not (name and equals):
            raise BadParameter(f"weights: {_short(part.strip())} is not factor=weight: {EXAMPLE}")
        if name in given:
            raise BadParameter(f"weights: {name} is given twice: keep one")
        _check_factor(name)
        given[name] = _number(name, _as_number(written))
    _check_sum(given)
    return Weights(_said(given), _shared(given))


def read_profile(path: str | os.PathLike[str]) -> Weights:
    """Weights of a TOML file: ``name``, and a table ``[weights]`` of factors with their weights.

    Factors that the table does not name share what is left, as in `read_weights`.

    Parameters
    ----------
    path : str or path
        The file, UTF-8.

    Returns
    -------
    Weights

    Raises
    ------
    BadData
        If the file cannot be read or is not of this form: each fault with the file and the key.
    """
    file = Path(path)
    table, _ = read_toml(file, "docs/screen.md")
    faults = [*_wrong_keys(table), *_wrong_name(table.get("name")), *_wrong_weights(table.get("weights"))]
    if faults:
        raise BadData([Fault(printed(str(file)), 0, key, message) for key, message in faults])
    given = {name: float(weight) for name, weight in table["weights"].items()}
    try:
        _check_sum(given)
    except BadParameter as error:
        raise BadData(
            [Fault(printed(str(file)), 0, "weights", str(error).removeprefix("weights: "))]
        ) from None
    return Weights(table["name"].strip(), _shared(given))


def _shared(given: Mapping[str, float]) -> dict[str, float]:
    """Every factor's weight: the given ones, and the rest in proportion to the defaults."""
    others = {name: weight for name, weight in default_weights().by_factor.items() if name not in given}
    rest, whole = 1 - fsum(given.values()), fsum(others.values())
    rest = rest if rest > NEAR else 0.0
    return dict(given) | {name: rest * weight / whole for name, weight in others.items()}


def _check_complete(given: Mapping[str, float]) -> None:
    for name, weight in given.items():
        _check_factor(name)
        _number(name, weight)
    missing = [factor.name for factor in factors() if factor.name not in given]
    if missing:
        raise BadParameter(
            f"weights: none for {', '.join(missing)}: give every factor one, 0 to leave it out"
        )
    if abs(fsum(given.values()) - 1) > NEAR:
        raise BadParameter(f"weights: they sum to {fsum(given.values()):.6g}: make them sum to 1")


def _check_factor(name: str) -> None:
    known = [factor.name for factor in factors()]
    if name not in known:
        raise UnknownName("factor", name, known)


def _check_sum(given: Mapping[str, float]) -> None:
    total = fsum(given.values())
    if total > 1 + NEAR:
        raise BadParameter(f"weights: {_said(given)} sum to {total:.6g}: lower them to 1 or less")
    if total < 1 - NEAR and len(given) == len(factors()):
        raise BadParameter(f"weights: every factor is given and they sum to {total:.6g}: make them sum to 1")


def _number(name: str, given: object) -> float:
    problem = _no_weight(given)
    if problem:
        raise BadParameter(f"weights: {name}: {problem}")
    return float(given)  # type: ignore[arg-type]


def _no_weight(given: object) -> str:
    """What is wrong with a weight; empty when nothing is."""
    try:
        value = nan if isinstance(given, str | bool) else float(given)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        value = nan
    if not isfinite(value):
        return f"{_short(given)} is not a number: {FORM}"
    if value < 0 or value > 1:
        return f"{value:g} is {'below 0' if value < 0 else 'above 1'}: {FORM}"
    return ""


def _as_number(text: str) -> float | str:
    """The number that a text is; the text where it is none. Python would read 1_0 and other scripts' digits too."""
    try:
        return float(text) if set(text) <= set("0123456789.eE+-") else text
    except ValueError:
        return text


def _short(given: object) -> str:
    # Python refuses to write out whole numbers of thousands of digits.
    text = repr(given) if isinstance(given, str | bool | float) else f"a {type(given).__name__}"
    return text if len(text) <= 40 else f"{text[:40]}…"


def _said(weights: Mapping[str, float]) -> str:
    return ",".join(f"{name}={weights[name]:.6g}" for name in sorted(weights))


def _wrong_keys(table: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for key in table:
        if key not in KEYS:
            yield printed(key), f"a profile has no such key{did_you_mean(key, KEYS)}"


def _wrong_name(name: object) -> Iterable[tuple[str, str]]:
    if name is None:
        yield "name", 'there is none: begin with a line such as name = "producers first"'
    elif not (isinstance(name, str) and name.strip() and name.isprintable()):
        yield "name", f"{_short(name)} is not a text of one line: write it between quotes"
    elif name.strip() == DEFAULT:
        yield "name", f"{DEFAULT} means the screen's own weights: choose another"


def _wrong_weights(weights: object) -> Iterable[tuple[str, str]]:
    if not isinstance(weights, dict) or not weights:
        yield "weights", "there are none: add a table [weights] with a line such as stage = 0.3"
        return
    known = [factor.name for factor in factors()]
    for name, weight in weights.items():
        key = f"weights.{printed(name)}"
        if name not in known:
            yield key, f"no factor has this name{did_you_mean(name, known)}"
        elif problem := _no_weight(weight):
            yield key, problem
