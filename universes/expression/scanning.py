"""Tokens of a filter, so that Python's parser never meets a character that filters do not have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from keyword import iskeyword
from math import isfinite
from typing import NamedTuple

from universes.errors import BadExpression

MAX_CHARACTERS = 2000
MAX_BRACKETS = 30
MAX_NODES = 200
WORD_SIGNS = ("and", "or", "not", "in", "is")
CLOSES = {"(": ")", "[": "]"}

_SPACE = re.compile(r" +")
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_RUN = re.compile(r"[A-Za-z0-9_.]+")
_SIGN = re.compile(r"<=|>=|==|!=|\*\*|//|<>|=>|=<|:=|&&|\|\||.")
_SIGNS = frozenset(("<", "<=", ">", ">=", "==", "!=", "+", "-", "*", "/"))
_MENDS = {
    "=": "write == to compare",
    "=>": "write >=",
    "=<": "write <=",
    "<>": "write !=",
    "!": "write not, or !=",
    "&": "write and",
    "&&": "write and",
    "|": "write or",
    "||": "write or",
    "~": "write not",
    "**": "there are no powers; multiply instead",
    "//": "there is no whole division; write /",
    "%": "write 0.25 for 25 %",
    "^": "there are no powers; multiply instead",
    ".": "a filter has fields only, and no attributes",
    "@": "a filter has fields only, and no variables",
    ":=": "a filter cannot name values; write == to compare",
    "{": "a list stands in square brackets: ['a', 'b']",
    "}": "a list stands in square brackets: ['a', 'b']",
    "#": "a filter has no comments",
    "\\": "leave it out: a filter has no escapes",
}


class Token(NamedTuple):
    """A piece of a filter: `kind` is text, number, word, sign, open, close or comma."""

    kind: str
    text: str
    position: int


def scan(text: object) -> list[Token]:
    """Tokens of a filter within the bounds: length, one line, brackets, count.

    Raises
    ------
    BadExpression
        If a bound is broken or something stands there that filters do not have.
    """
    line = one_line(text)
    tokens = list(_tokens(line))
    if not tokens:
        raise BadExpression("the filter is empty: write a condition, or leave the filter out", line)
    _count(line, tokens)
    _match_brackets(line, tokens)
    _keep_apart(line, tokens)
    return tokens


def one_line(text: object) -> str:
    """The filter itself, when it is a text of one printable line and not too long.

    Raises
    ------
    BadExpression
        Otherwise.
    """
    if not isinstance(text, str):
        raise BadExpression(f"a filter is a text, not {type(text).__name__}: put it in quotes", "")
    if len(text) > MAX_CHARACTERS:
        shown = text[:60] + "…"
        raise BadExpression(f"{len(text)} characters, at most {MAX_CHARACTERS}: shorten or split it", shown)
    odd = next((place for place, character in enumerate(text) if not character.isprintable()), None)
    if odd is not None:
        raise BadExpression(
            f"{_named(text[odd])} has no place in a filter: write one line, with spaces", text, odd
        )
    return text


def _tokens(text: str) -> Iterator[Token]:
    position = 0
    while position < len(text):
        space = _SPACE.match(text, position)
        if space:
            position = space.end()
            continue
        token = _token(text, position)
        yield token
        position += len(token.text)


def _token(text: str, position: int) -> Token:
    first = text[position]
    if first in "'\"":
        return _quoted(text, position)
    if not first.isascii():
        raise BadExpression(f"{_named(first)} is not ASCII: only texts in quotes may hold it", text, position)
    if _NUMBER.match(text, position):
        return _number(text, position)
    if _WORD.match(text, position):
        return _word(text, position)
    return _sign(text, position)


def _named(character: str) -> str:
    shown = f"{character!r} " if character.isprintable() else ""
    return f"the character {shown}(U+{ord(character):04X})"


def _quoted(text: str, position: int) -> Token:
    found = _TEXT.match(text, position)
    if not found:
        raise BadExpression("the text that starts here is not closed: add the same quote", text, position)
    escape = found.group().find("\\")
    if escape >= 0:
        raise BadExpression(f"'\\': {_MENDS[chr(92)]}", text, position + escape)
    return Token("text", found.group(), position)


def _number(text: str, position: int) -> Token:
    found = _NUMBER.match(text, position)
    assert found
    given = found.group()
    whole = _RUN.match(text, position)
    if whole and whole.end() > found.end():
        mend = "write digits, at most one point, and e for powers of ten, as in 500e6"
        raise BadExpression(f"{whole.group()!r} is not a number: {mend}", text, position)
    if len(given) > 1 and given[0] == "0" and given[1].isdigit():
        raise BadExpression(f"{given!r} starts with a 0: {_leading_zero(text[:position])}", text, position)
    if not isfinite(float(given)):
        raise BadExpression(f"{given!r} is too large: write less than 1.8e308", text, position)
    return Token("number", given, position)


def _leading_zero(before: str) -> str:
    if re.search(r"[0-9],$", before):
        return "write thousands without a comma, as in 1000"
    if re.search(r"[0-9]{4}-([0-9]+-)?$", before):
        return "write a date in quotes, as in '2024-01-31'"
    return "leave it out, or put a code in quotes"


def _word(text: str, position: int) -> Token:
    found = _WORD.match(text, position)
    assert found
    word = found.group()
    if word in WORD_SIGNS:
        return Token("sign", word, position)
    if word == "None":
        raise BadExpression("None is no value: write 'is missing' or 'is not missing'", text, position)
    if iskeyword(word) and word not in ("True", "False"):
        raise BadExpression(f"{word!r} is Python and not part of the filter language", text, position)
    if text[found.end() : found.end() + 1] in ("'", '"'):
        raise BadExpression(
            f"{word!r} stands right before a quote: leave it out, or add a space", text, position
        )
    return Token("word", word, position)


def _sign(text: str, position: int) -> Token:
    found = _SIGN.match(text, position)
    assert found
    sign = found.group()
    if sign in _SIGNS:
        return Token("sign", sign, position)
    if sign in "()[],":
        kind = "open" if sign in "([" else "close" if sign in ")]" else "comma"
        return Token(kind, sign, position)
    mend = _MENDS.get(sign, "leave it out, or put a text in quotes")
    raise BadExpression(f"{sign!r} is not part of the filter language: {mend}", text, position)


def _count(text: str, tokens: list[Token]) -> None:
    nodes = [token for token in tokens if token.kind in ("text", "number", "word", "sign")]
    if len(nodes) > MAX_NODES:
        message = f"{len(nodes)} words, values and signs, at most {MAX_NODES}: shorten or split it"
        raise BadExpression(message, text, nodes[MAX_NODES].position)


def _match_brackets(text: str, tokens: list[Token]) -> None:
    opened: list[Token] = []
    for token in tokens:
        if token.kind == "open":
            opened.append(token)
        elif token.kind == "close" and (not opened or CLOSES[opened.pop().text] != token.text):
            raise BadExpression(f"{token.text!r} closes no bracket: leave it out", text, token.position)
        if len(opened) > MAX_BRACKETS:
            message = f"brackets more than {MAX_BRACKETS} deep: leave some out"
            raise BadExpression(message, text, token.position)
    if opened:
        message = f"{opened[-1].text!r} is not closed: add {CLOSES[opened[-1].text]!r}"
        raise BadExpression(message, text, opened[-1].position)


def _keep_apart(text: str, tokens: list[Token]) -> None:
    # Python would glue neighbouring texts together, which hides a forgotten comma.
    for left, right in pairwise(tokens):
        if left.kind == right.kind == "text":
            message = "two texts side by side: put a comma or a sign between them"
            raise BadExpression(message, text, right.position)
