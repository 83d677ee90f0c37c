"""The tree of a filter: Python's grammar gives the shape, nothing of it is ever run."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from universes.errors import BadExpression
from universes.expression.scanning import WORD_SIGNS, Token, scan

# Far below Python's own limit on nested calls, which the check and the test of a row both spend.
MAX_DEPTH = 60
_PREFIXES = ("not", "-", "+")


@dataclass(frozen=True, slots=True)
class Source:
    """A filter as the user wrote it, for messages that point into it."""

    text: str

    def refusal(self, message: str, node: ast.AST) -> BadExpression:
        """Error that points at the start of a node."""
        return BadExpression(message, self.text, self.position(node))

    def position(self, node: ast.AST) -> int:
        """Offset of a node in characters; Python counts bytes, from the first that is not a space."""
        indent = len(self.text) - len(self.text.lstrip())
        column: int = getattr(node, "col_offset", 0)
        return indent + len(self.text[indent:].encode()[:column].decode())


def read(text: str) -> tuple[Source, ast.expr]:
    """Filter and its tree, within the bounds but with fields and kinds not yet checked.

    Raises
    ------
    BadExpression
        If it breaks a bound or is not a sentence of the grammar.
    """
    tokens = scan(text)
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _explained(text, tokens, error) from None
    if _depth(tree) > MAX_DEPTH:
        raise BadExpression(f"nested more than {MAX_DEPTH} deep: split it", text, tokens[0].position)
    return Source(text), tree


def _depth(tree: ast.AST) -> int:
    level, depth = [tree], 0
    while level:
        level = [
            child for node in level for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)
        ]
        depth += 1
    return depth


def _explained(text: str, tokens: Sequence[Token], error: Exception) -> BadExpression:
    for left, right in pairwise((Token("open", "", 0), *tokens)):
        message = _wrong_pair(left, right)
        if message:
            return BadExpression(message, text, right.position)
    last = tokens[-1]
    if last.kind == "sign":
        message = f"the filter ends after {last.text!r}: add a value"
        return BadExpression(message, text, last.position + len(last.text) - 1)
    return BadExpression("this does not read as a condition: check the signs", text, _place(text, error))


def _wrong_pair(left: Token, right: Token) -> str:
    after_value = left.kind in ("text", "number", "word", "close")
    if after_value and right.kind in ("text", "number", "word"):
        if right.text.lower() in WORD_SIGNS:
            return f"write {right.text.lower()!r} in small letters"
        if left.text.lower() in WORD_SIGNS:
            return f"write {left.text.lower()!r} in small letters, before {right.text!r}"
        return f"nothing joins {left.text!r} and {right.text!r}: put a comparison, and, or or between them"
    wants_value = right.kind in ("close", "comma") or (right.kind == "sign" and right.text not in _PREFIXES)
    allowed = (left.text, right.text) in (("not", "in"), ("(", ")"), ("[", "]"), (",", ")"), (",", "]"))
    if after_value or not wants_value or allowed:
        return ""
    return f"a value is missing before {right.text!r}"


def _place(text: str, error: Exception) -> int:
    indent = len(text) - len(text.lstrip())
    offset = error.offset if isinstance(error, SyntaxError) else None
    return min(indent + max((offset or 1) - 1, 0), len(text) - 1)
