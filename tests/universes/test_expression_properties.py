"""Laws of the filter language, on filters and rows made up by hypothesis."""

from __future__ import annotations

import pickle
from datetime import date

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from universes.errors import BadExpression
from universes.expression import Field, parse

RUNGS = ("pea", "pfs", "dfs")
FIELDS = (
    Field("mcap", "number", ""),
    Field("shares", "number", ""),
    Field("name", "text", ""),
    Field("role", "text", "", known=("miner", "royalty")),
    Field("announced", "date", ""),
    Field("linked", "flag", ""),
    Field("minerals", "set", "", known=("lithium", "rare-earths")),
    Field("stage", "ordered", "", order=RUNGS, known=(*RUNGS, "suspended")),
)

finite = st.floats(allow_nan=False, allow_infinity=False)
numbers = st.one_of(
    st.integers(0, 10**20).map(str),
    finite.map(lambda value: repr(abs(value))),
    st.sampled_from(["5e8", ".5", "5."]),
)
sums = st.recursive(
    st.one_of(st.sampled_from(["mcap", "shares"]), numbers),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("{} {} {}".format, inner, st.sampled_from("+-*/"), inner),
        inner.map("-{}".format),
    ),
    max_leaves=5,
)
equal = st.sampled_from(["==", "!="])
relation = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
within = st.sampled_from(["in", "not in"])
words = st.text(st.characters(exclude_characters="'\\", exclude_categories=("C", "Z")), max_size=5).map(
    "'{}'".format
)
days = st.dates().map("'{}'".format)
comparisons = st.one_of(
    st.builds("{}{}{}".format, sums, relation, sums),
    st.builds("{} {} {}<{}".format, sums, relation, sums, sums),
    st.builds("{} {} [{}, -{}]".format, sums, within, numbers, numbers),
    st.builds("name {} {}".format, equal, words),
    st.builds("{} {} (name)".format, words, equal),
    st.builds("role {} ('Miner', 'royalty')".format, within),
    st.builds("announced {} {}".format, relation, days),
    st.builds("stage {} '{}'".format, relation, st.sampled_from(RUNGS)),
    st.builds("stage {} 'Suspended'".format, equal),
    st.builds("'{}' {} minerals".format, st.sampled_from(["lithium", "Rare-Earths"]), within),
    st.builds(
        "{} is {}missing".format, st.sampled_from(["mcap", "name", "minerals"]), st.sampled_from(["", "not "])
    ),
    st.sampled_from(["linked", "true", "False"]),
)
conditions = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.builds("({}) {} ({})".format, inner, st.sampled_from(["and", "or"]), inner),
        st.builds("{} {} {}".format, inner, st.sampled_from(["and", "or"]), inner),
        inner.map("not {}".format),
        inner.map("not ({})".format),
    ),
    max_leaves=6,
)
rows = st.fixed_dictionaries(
    {},
    optional={
        "mcap": st.one_of(st.none(), st.floats(), st.integers()),
        "shares": st.one_of(st.none(), st.floats(), st.just(0)),
        "name": st.one_of(st.none(), st.text(max_size=5)),
        "role": st.sampled_from([None, "miner", "royalty"]),
        "announced": st.one_of(st.none(), st.dates(), st.datetimes(), st.just(date(2024, 1, 1))),
        "linked": st.sampled_from([None, True, False]),
        "minerals": st.one_of(
            st.none(), st.frozensets(st.sampled_from(["lithium", "rare-earths", "copper"]))
        ),
        "stage": st.sampled_from([None, *RUNGS, "suspended"]),
    },
)
LOOSE = [
    "and", "or", "not", "in", "is", "missing", "true", "None", "if", "lambda", "<", "<=", "==", "!=", "=", "+", "-",
    "*", "/", "**", "(", ")", "[", "]", ",", ".", "'pfs'", "'lithium'", '"x"', "5", "1e9", "0", "'2024-01-01'", "f''",
    ":", "{", "}", "@", "'", "\\", "\n", "é", "#", ";",
]  # fmt: skip
pieces = st.lists(st.sampled_from([*LOOSE, *(field.name for field in FIELDS)]), max_size=14)


def read(text: str):
    return parse(text, FIELDS)


@given(conditions)
def test_the_printed_form_reads_back_to_the_same_expression(text):
    first = read(text)
    second = read(first.text)

    assert second.text == first.text
    assert second == first
    assert second.fields == first.fields


@given(conditions, rows)
def test_the_printed_form_answers_alike_for_every_row(text, row):
    assert read(text).test(row) is read(read(text).text).test(row)


@given(conditions, rows)
def test_every_answer_is_true_false_or_unknown(text, row):
    expression = read(text)

    assert any(expression.test(row) is known for known in (True, False, None))
    assert expression.holds(row) is (expression.test(row) is True)


@given(conditions, conditions, rows)
def test_the_laws_of_de_morgan_hold_with_unknowns(left, right, row):
    def same(one: str, other: str) -> bool:
        return read(one).test(row) is read(other).test(row)

    assert same(f"not (({left}) and ({right}))", f"(not ({left})) or (not ({right}))")
    assert same(f"not (({left}) or ({right}))", f"(not ({left})) and (not ({right}))")
    assert same(f"not not ({left})", left)


@given(conditions, conditions, conditions, rows)
def test_and_or_do_not_mind_the_order_and_distribute(one, two, three, row):
    def same(left: str, right: str) -> bool:
        return read(left).test(row) is read(right).test(row)

    # Three times 60 characters stay below 200 nodes, also where one of them stands twice.
    assume(max(map(len, (one, two, three))) < 60)
    assert same(f"({one}) and ({two})", f"({two}) and ({one})")
    assert same(f"({one}) or ({two})", f"({two}) or ({one})")
    assert same(f"({one}) and (({two}) or ({three}))", f"({one}) and ({two}) or ({one}) and ({three})")


@given(conditions, rows, rows)
def test_learning_a_value_never_turns_a_certain_answer(text, row, more):
    # Missingness itself is what `is missing` asks for, so it may turn.
    assume("missing" not in text)
    known = {
        name for name, value in row.items() if value is not None and value == value and abs_finite(value)
    }
    learned = more | {name: row[name] for name in known}
    before = read(text).test(row)

    assert before is None or read(text).test(learned) is before


def abs_finite(value: object) -> bool:
    return not isinstance(value, float) or abs(value) != float("inf")


@given(conditions)
def test_only_the_fields_that_are_named_are_read(text):
    class Spy(dict):
        def get(self, name, default=None):
            asked.add(name)
            return default

    asked: set[str] = set()
    read(text).test(Spy())

    assert asked <= read(text).fields


@given(conditions)
def test_an_expression_survives_a_trip_to_another_process(text):
    assert pickle.loads(pickle.dumps(read(text))) == read(text)


@settings(max_examples=500)
@given(st.text(max_size=80))
@example("0_0")
@example("-'U' in minerals")
@example("mcap\x00")
@example("'" * 7)
def test_any_text_is_read_or_refused_and_nothing_else(text):
    reads_or_refuses(text)


@settings(max_examples=1000)
@given(pieces, st.sampled_from(["", " "]))
def test_any_heap_of_pieces_is_read_or_refused_and_nothing_else(found, space):
    reads_or_refuses(space.join(found))


@settings(max_examples=300)
@given(conditions, st.data())
def test_a_filter_with_one_character_changed_is_read_or_refused_and_nothing_else(text, data):
    place = data.draw(st.integers(0, len(text) - 1))
    reads_or_refuses(
        text[:place] + data.draw(st.sampled_from("'\"()[],.<>=!+-*/ e9_\\\né")) + text[place + 1 :]
    )


def reads_or_refuses(text: str) -> None:
    try:
        expression = read(text)
    except BadExpression as error:
        refused = error
    else:
        assert read(expression.text) == expression
        assert expression.test({}) in (True, False, None)
        return
    assert len(str(refused).splitlines()) == 1
    assert 0 <= refused.position <= max(len(refused.text) - 1, 0)
