"""How messages name the parts of a filter, and their mends."""

from __future__ import annotations

from universes.expression.terms import Constant, Named, Term, quoted

# What to write beside a value of each kind.
BESIDE = {
    "number": "write a number, without quotes",
    "text": "write a text in quotes",
    "date": "write a date in quotes, as in '2024-01-31'",
    "flag": "write true or false",
    "ordered": "write one of its values in quotes",
}
_CALLED = {
    "number": "a number",
    "text": "a text",
    "date": "a date",
    "flag": "yes or no",
    "set": "a set",
    "ordered": "an ordered text",
}
_AS_CONDITION = {
    "number": "compare it, as in {0} > 0",
    "text": "compare it, as in {0} == 'a'",
    "date": "compare it, as in {0} >= '2024-01-31'",
    "set": "write 'a' in {0}",
}


def described(term: Term) -> str:
    """A value in words: ``purity (a number)``, ``the text 'high'``."""
    if isinstance(term, Named):
        return f"{term.field.name} ({_CALLED[term.kind]})"
    kind = "constant" if term.kind == "flag" else term.kind
    return f"the {kind} {term.written()}"


def as_condition(term: Term) -> str:
    """What to say of a value where a condition is wanted."""
    if isinstance(term, Constant):
        return f"{described(term)} alone is not a condition: compare a field with it"
    if isinstance(term, Named) and term.kind == "ordered":
        rung = quoted(term.field.order[0])
        return f"{described(term)} is not a condition: compare it, as in {term.written()} >= {rung}"
    return f"{described(term)} is not a condition: {_AS_CONDITION[term.kind].format(term.written())}"


def as_member(term: Term, given: str = "'a'") -> str:
    """What to say of a set that is compared like a single value."""
    return f"{described(term)} holds several values: write {given} in {term.written()}"
