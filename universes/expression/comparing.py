"""The type check of comparisons, lists and sets: constants take the kind of the field they stand beside."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Protocol

from universes.errors import BadExpression, did_you_mean
from universes.expression.conditions import Comparison, Condition, Member, OneOf
from universes.expression.terms import Constant, Named, Term, quoted
from universes.expression.wording import BESIDE, as_member, described

if TYPE_CHECKING:
    from universes.expression.field import Field

_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ORDERED_KINDS = ("number", "date", "ordered")


class Checks(Protocol):
    """What is needed of the walk: values of nodes, and refusals."""

    def term(self, node: ast.expr) -> Term:
        """Value that a node stands for."""
        ...

    def refusal(self, message: str, node: ast.AST) -> BadExpression:
        """Error that points at a node."""
        ...


def comparison(checks: Checks, node: ast.Compare) -> Comparison:
    """Comparison or chain, all of one kind.

    Raises
    ------
    BadExpression
        If the kinds differ, or the kind has no such comparison.
    """
    nodes = [node.left, *node.comparators]
    signs = [_sign(checks, sign, right) for sign, right in zip(node.ops, node.comparators, strict=True)]
    terms = [checks.term(item) for item in nodes]
    model = _model(terms)
    by_rung = any(sign not in ("==", "!=") for sign in signs)
    _refuse_sets(checks, nodes, terms)
    if by_rung and model.kind not in _ORDERED_KINDS:
        raise checks.refusal(f"{described(model)} has no order: write == or !=", nodes[terms.index(model)])
    fitted = [_fitted(checks, item, term, model) for item, term in zip(nodes, terms, strict=True)]
    if by_rung and isinstance(model, Named) and model.kind == "ordered":
        fitted = [
            _on_ladder(checks, item, term, model.field) for item, term in zip(nodes, fitted, strict=True)
        ]
    ladder = model.field.order if isinstance(model, Named) else ()
    return Comparison(fitted[0], tuple(zip(signs, fitted[1:], strict=True)), ladder)


def one_of(checks: Checks, left: ast.expr, right: ast.List | ast.Tuple) -> Condition:
    """Value in a list of constants, all of its kind.

    Raises
    ------
    BadExpression
        If the list is empty, or something in it is no constant of that kind.
    """
    term = checks.term(left)
    if term.kind == "set":
        raise checks.refusal(as_member(term), left)
    if not right.elts:
        raise checks.refusal("the list is empty: write its values, or leave the condition out", right)
    return OneOf(term, tuple(_listed(checks, item, term) for item in right.elts))


def membership(checks: Checks, left: ast.expr, right: ast.expr) -> Condition:
    """Text in a set field.

    Raises
    ------
    BadExpression
        If the left is no text, or the right no set.
    """
    if isinstance(left, ast.List | ast.Tuple):
        raise checks.refusal("one text at a time: write 'a' in minerals or 'b' in minerals", left)
    term, group = checks.term(left), checks.term(right)
    if not isinstance(group, Named) or group.kind != "set":
        mend = f"write {group.written()} == {term.written()}" if group.names() else "write ['a', 'b']"
        raise checks.refusal(f"'in' wants a list or a set field, not {described(group)}: {mend}", right)
    if term.kind != "text":
        raise checks.refusal(
            f"{group.field.name} holds texts, not {described(term)}: put a text in quotes", left
        )
    return Member(_spelt(checks, left, term, group.field), group)


def _sign(checks: Checks, sign: ast.cmpop, right: ast.expr) -> str:
    if type(sign) not in _SIGNS:
        raise checks.refusal("'in' and 'is' cannot be chained: write and between two conditions", right)
    return _SIGNS[type(sign)]


def _model(terms: Sequence[Term]) -> Term:
    # A field knows its kind; text in quotes may yet be a date or a rung.
    with_fields = (term for term in terms if term.names())
    return next(with_fields, next((term for term in terms if term.kind != "text"), terms[0]))


def _refuse_sets(checks: Checks, nodes: Sequence[ast.expr], terms: Sequence[Term]) -> None:
    for node, term in zip(nodes, terms, strict=True):
        if term.kind == "set":
            given = next((item.written() for item in terms if item.kind == "text"), "'a'")
            raise checks.refusal(as_member(term, given), node)


def _listed(checks: Checks, node: ast.expr, model: Term) -> Constant:
    wanted = isinstance(node, ast.Constant | ast.UnaryOp | ast.Name)
    term = checks.term(node) if wanted else None
    if not isinstance(term, Constant):
        raise checks.refusal("a list holds constants only: numbers, or texts in quotes", node)
    fitted = _fitted(checks, node, term, model)
    assert isinstance(fitted, Constant)
    return fitted


def _fitted(checks: Checks, node: ast.expr, term: Term, model: Term) -> Term:
    """The term when it can be compared with the model; a text in quotes becomes what the model is."""
    if isinstance(term, Constant) and term.kind == "text":
        if model.kind == "date":
            return _day(checks, node, term)
        if isinstance(model, Named) and model.kind in ("text", "ordered"):
            return _spelt(checks, node, term, model.field)
    if term.kind != model.kind:
        message = f"{described(model)} cannot be compared with {described(term)}: {BESIDE[model.kind]}"
        raise checks.refusal(message, node)
    if isinstance(term, Named) and isinstance(model, Named) and term.field.order != model.field.order:
        raise checks.refusal(
            f"{described(model)} and {described(term)} have different rungs: compare texts", node
        )
    return term


def _day(checks: Checks, node: ast.expr, term: Constant) -> Constant:
    given = str(term.constant)
    if not _DATE.fullmatch(given):
        raise checks.refusal(f"{given!r} is not a date: write YYYY-MM-DD", node)
    try:
        return Constant("date", date.fromisoformat(given))
    except ValueError:
        raise checks.refusal(f"{given!r} is not a day of the calendar: write YYYY-MM-DD", node) from None


def _spelt(checks: Checks, node: ast.expr, term: Term, field: Field) -> Term:
    if not isinstance(term, Constant):
        return term
    given = str(term.constant)
    value = field.rung(given) or field.spelt(given)
    if value is None:
        raise checks.refusal(
            f"{quoted(given)} is no value of {field.name}{did_you_mean(given, field.known)}", node
        )
    # Members of a set are texts.
    return Constant("ordered" if field.kind == "ordered" else "text", value)


def _on_ladder(checks: Checks, node: ast.expr, term: Term, field: Field) -> Term:
    if isinstance(term, Constant) and term.constant not in field.order:
        rungs = did_you_mean(str(term.constant), field.order)
        raise checks.refusal(
            f"{term.written()} is no rung of {field.name}, and has no above or below{rungs}", node
        )
    return term
