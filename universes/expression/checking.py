"""The type check: a walk over the tree that lets through only what is listed here."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from universes.errors import BadExpression, did_you_mean
from universes.expression.comparing import comparison, membership, one_of
from universes.expression.conditions import Condition, Flag, Joined, Missing, Not
from universes.expression.field import Field
from universes.expression.reading import Source
from universes.expression.terms import Arithmetic, Constant, Named, Negative, Term, quoted
from universes.expression.wording import as_condition, described

_ARITHMETIC: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_CONDITIONS = (ast.BoolOp, ast.Compare)
_NOT_A_VALUE: dict[type[ast.expr], str] = {
    ast.Call: "a filter calls nothing: write a field or a constant",
    ast.Subscript: "square brackets stand only around a list of constants, after 'in'",
    ast.List: "a list stands only after 'in', as in role in ['miner', 'royalty']",
    ast.Tuple: "a comma stands only in a list after 'in': write 1000 without one, 'and' between conditions",
    ast.Starred: "'*' stands only between two numbers",
}
_CONDITION_HERE = "a condition stands where a value is wanted: join conditions with and, or"
_UNKNOWN_WORDS = ("missing", "none", "null", "nan", "na", "unknown")


class Checker:
    """Conditions and values of one filter, by the fields it may name.

    Parameters
    ----------
    source : Source
        The filter, for messages.
    fields : sequence of Field
        What it may name; no two of one name.
    """

    def __init__(self, source: Source, fields: Sequence[Field]) -> None:
        self.source = source
        self.fields = {field.name: field for field in fields}
        if len(self.fields) < len(fields):
            raise ValueError("two fields of a filter have the same name")

    def condition(self, node: ast.expr) -> Condition:
        """Condition that a node stands for.

        Raises
        ------
        BadExpression
            If it is a value, or not of the language.
        """
        if isinstance(node, ast.BoolOp):
            return self._joined(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return Not(self.condition(node.operand))
        if isinstance(node, ast.Compare):
            return self._compare(node)
        term = self.term(node)
        if term.kind != "flag":
            raise self.refusal(as_condition(term), node)
        return Flag(term)

    def term(self, node: ast.expr) -> Term:
        """Value that a node stands for.

        Raises
        ------
        BadExpression
            If it is a condition, or not of the language.
        """
        if isinstance(node, ast.Name):
            return self._named(node)
        if isinstance(node, ast.Constant):
            return self._constant(node)
        if isinstance(node, ast.UnaryOp):
            return self._signed(node)
        if isinstance(node, ast.BinOp):
            return self._arithmetic(node)
        if isinstance(node, _CONDITIONS):
            raise self.refusal(_CONDITION_HERE, node)
        raise self.refusal(_NOT_A_VALUE.get(type(node), "this is not part of the filter language"), node)

    def refusal(self, message: str, node: ast.AST) -> BadExpression:
        """Error that points at a node."""
        return self.source.refusal(message, node)

    def _joined(self, node: ast.BoolOp) -> Joined:
        sign = "and" if isinstance(node.op, ast.And) else "or"
        operands: list[Condition] = []
        for item in node.values:
            operand = self.condition(item)
            # `a and (b and c)` is `a and b and c`: brackets that mean nothing leave no trace.
            same = isinstance(operand, Joined) and operand.sign == sign
            operands += operand.operands if isinstance(operand, Joined) and same else (operand,)
        return Joined(sign, tuple(operands))

    def _compare(self, node: ast.Compare) -> Condition:
        if len(node.ops) > 1 or not isinstance(node.ops[0], ast.In | ast.NotIn | ast.Is | ast.IsNot):
            return comparison(self, node)
        found = self._missing(node) if isinstance(node.ops[0], ast.Is | ast.IsNot) else self._in(node)
        return Not(found) if isinstance(node.ops[0], ast.NotIn | ast.IsNot) else found

    def _missing(self, node: ast.Compare) -> Condition:
        right = node.comparators[0]
        if not (isinstance(right, ast.Name) and right.id == "missing"):
            raise self.refusal("'is' goes only with 'missing' or 'not missing': write == to compare", right)
        term = self.term(node.left)
        if isinstance(term, Constant):
            raise self.refusal(f"{described(term)} is never missing: name a field", node.left)
        return Missing(term)

    def _in(self, node: ast.Compare) -> Condition:
        right = node.comparators[0]
        if isinstance(right, ast.List | ast.Tuple):
            return one_of(self, node.left, right)
        return membership(self, node.left, right)

    def _named(self, node: ast.Name) -> Term:
        if node.id in ("true", "false"):
            return Constant("flag", node.id == "true")
        if node.id in self.fields:
            return Named(self.fields[node.id])
        if node.id.casefold() in _UNKNOWN_WORDS:
            raise self.refusal(f"{node.id!r} is no value: write 'is missing' after a field", node)
        value = self._value_with(node.id)
        if value:
            raise self.refusal(f"no field named {node.id!r}; a text stands in quotes: {quoted(value)}", node)
        raise self.refusal(f"no field named {node.id!r}{did_you_mean(node.id, sorted(self.fields))}", node)

    def _value_with(self, word: str) -> str | None:
        # Without quotes, rare-earths reads as a difference and the word is only a part of the value.
        values = (value for field in self.fields.values() for value in field.known)
        return next((value for value in values if word in (value, *value.split("-"))), None)

    def _constant(self, node: ast.Constant) -> Term:
        value = node.value
        if isinstance(value, bool):
            return Constant("flag", value)
        if isinstance(value, int | float):
            return Constant("number", float(value))
        if isinstance(value, str):
            return Constant("text", value)
        raise self.refusal("this is not part of the filter language", node)

    def _signed(self, node: ast.UnaryOp) -> Term:
        if isinstance(node.op, ast.Not):
            raise self.refusal(_CONDITION_HERE, node)
        if not isinstance(node.op, ast.USub):
            raise self.refusal("'+' stands only between two numbers: leave it out", node)
        operand = self._number(node.operand)
        if isinstance(operand, Constant) and isinstance(operand.constant, float):
            # Not `-operand.constant`: a minus zero equals zero and would not print like it.
            return Constant("number", 0.0 - operand.constant)
        return Negative(operand)

    def _arithmetic(self, node: ast.BinOp) -> Term:
        if type(node.op) not in _ARITHMETIC:
            raise self.refusal("arithmetic is + - * / only", node)
        return Arithmetic(_ARITHMETIC[type(node.op)], self._number(node.left), self._number(node.right))

    def _number(self, node: ast.expr) -> Term:
        term = self.term(node)
        if term.kind != "number":
            raise self.refusal(f"arithmetic wants numbers, not {described(term)}", node)
        return term
