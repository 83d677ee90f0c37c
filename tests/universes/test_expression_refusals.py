"""What the filter language says when a filter is wrong, and where it points."""

from __future__ import annotations

import pytest

from universes.errors import BadExpression
from universes.expression import Expression, Field, parse

STAGES = ("exploration", "pea", "pfs", "dfs", "production")
FIELDS = (
    Field("mcap", "number", "market value"),
    Field("shares", "number", "shares outstanding"),
    Field("role", "text", "place in the chain", known=("miner", "royalty", "refiner")),
    Field("country", "text", "any text"),
    Field("home", "text", "any text"),
    Field("announced", "date", "day"),
    Field("effective", "date", "day"),
    Field("linked", "flag", "yes or no"),
    Field("paying", "flag", "yes or no"),
    Field("minerals", "set", "several", known=("dysprosium", "lithium", "rare-earths")),
    Field("stage", "ordered", "ladder", order=STAGES, known=(*STAGES, "suspended")),
    Field("tier", "ordered", "another ladder", order=("low", "high")),
)


def read(text: str) -> Expression:
    return parse(text, FIELDS)


def refusal(text: str) -> BadExpression:
    with pytest.raises(BadExpression) as caught:
        read(text)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("", 0, "the filter is empty"),
        ("   ", 0, "the filter is empty"),
        ("mcap > 5 and contry == 'AU'", 13, "no field named 'contry'; did you mean 'country'?"),
        ("  country == 'É' and contry == 'É'", 21, "did you mean 'country'?"),
        ("role == 'minr'", 8, "'minr' is no value of role; did you mean 'miner'?"),
        ("role in ['miner', 'royalti']", 18, "did you mean 'royalty'?"),
        ("'lithum' in minerals", 0, "'lithum' is no value of minerals; did you mean 'lithium'?"),
        ("stage >= 'pfss'", 9, "did you mean 'pfs'?"),
        ("stage >= 'suspended'", 9, "'suspended' is no rung of stage"),
        ("role == miner", 8, "a text stands in quotes: 'miner'"),
        ("'lithium' in minerals or rare-earths", 25, "a text stands in quotes: 'rare-earths'"),
        ("mcap > 'high'", 7, "mcap (a number) cannot be compared with the text 'high': write a number"),
        ("role == 5", 8, "role (a text) cannot be compared with the number 5: write a text in quotes"),
        ("5 == role", 0, "role (a text) cannot be compared with the number 5"),
        ("linked == 1", 10, "write true or false"),
        ("announced > 5", 12, "write a date in quotes"),
        ("announced >= '2024-02-30'", 13, "'2024-02-30' is not a day of the calendar"),
        ("announced >= '1 May 2024'", 13, "'1 May 2024' is not a date: write YYYY-MM-DD"),
        ("announced >= '20240501'", 13, "write YYYY-MM-DD"),
        ("announced > 2024-01-01", 17, "write a date in quotes"),
        ("role < 'miner'", 0, "role (a text) has no order"),
        ("stage == role", 9, "cannot be compared"),
        ("stage == tier", 9, "different rungs"),
        ("minerals == 'lithium'", 0, "write 'lithium' in minerals"),
        ("minerals in ['lithium']", 0, "write 'a' in minerals"),
        ("'miner' in role", 11, "write role == 'miner'"),
        ("role in 'miner'", 8, "write ['a', 'b']"),
        ("5 in minerals", 0, "minerals holds texts"),
        ("['lithium'] in minerals", 0, "one text at a time"),
        ("role in []", 8, "the list is empty"),
        ("mcap in [1, 1 + 1]", 12, "constants only"),
        ("mcap in [1, shares]", 12, "constants only"),
        ("linked and mcap", 11, "mcap (a number) is not a condition: compare it, as in mcap > 0"),
        ("country", 0, "country (a text) is not a condition"),
        ("stage", 0, "compare it, as in stage >= 'exploration'"),
        ("minerals", 0, "write 'a' in minerals"),
        ("5", 0, "the number 5 alone is not a condition"),
        ("role + 1 > 2", 0, "arithmetic wants numbers, not role (a text)"),
        ("-linked > 2", 1, "arithmetic wants numbers"),
        ("(mcap > 3) == true", 1, "a condition stands where a value is wanted"),
        ("mcap + (not linked) > 3", 8, "a condition stands where a value is wanted"),
        ("mcap is 5", 8, "'is' goes only with 'missing'"),
        ("mcap == missing", 8, "write 'is missing'"),
        ("mcap is None", 8, "write 'is missing'"),
        ("5 is missing", 0, "the number 5 is never missing"),
        ("mcap < 5 in [5]", 12, "cannot be chained"),
        ("mcap = 5", 5, "write == to compare"),
        ("mcap => 5", 5, "write >="),
        ("mcap <> 5", 5, "write !="),
        ("linked && paying", 7, "write and"),
        ("linked | paying", 7, "write or"),
        ("!linked", 0, "write not"),
        ("linked AND paying", 7, "write 'and' in small letters"),
        ("NOT linked", 4, "write 'not' in small letters"),
        ("mcap > 1_000", 7, "'1_000' is not a number"),
        ("mcap > 5bn", 7, "as in 500e6"),
        ("mcap > 1,000", 9, "without a comma"),
        ("mcap > 1,500", 0, "a comma stands only in a list"),
        ("mcap > 50%", 9, "write 0.25 for 25 %"),
        ("mcap > 007", 7, "starts with a 0"),
        ("mcap > 1e999", 7, "too large"),
        ("+mcap > 1", 0, "'+' stands only between two numbers"),
        ("mcap > 5 shares", 9, "nothing joins '5' and 'shares'"),
        ("mcap >", 5, "the filter ends after '>'"),
        ("> 5", 0, "a value is missing before '>'"),
        ("mcap > * 5", 7, "a value is missing before '*'"),
        ("(mcap > 5", 0, "'(' is not closed"),
        ("mcap > 5)", 8, "')' closes no bracket"),
        ("(mcap > 5]", 9, "']' closes no bracket"),
        ("role == 'miner", 8, "not closed"),
        ("role == 'mi\\ner'", 11, "no escapes"),
        ("linked\nand paying", 6, "write one line"),
        ("mcap\t> 5", 4, "the character (U+0009) has no place"),
        ("  ｍｃａｐ > 5", 2, "the character 'ｍ' (U+FF4D) is not ASCII"),
        ("linked if paying", 7, "'if' is Python"),
        ("f'a' == country", 0, "'f' stands right before a quote"),
        ("country == 'a' 'b'", 15, "two texts side by side"),
        ("linked not paying", 11, "does not read as a condition"),
        ("  mcap > not shares", 9, "does not read as a condition"),
        ("'É' == not country", 7, "does not read as a condition"),
        ("linked  or", 9, "the filter ends after 'or'"),
        ("mcap > 2024 - 01", 14, "leave it out"),
        ("(mcap + ) > 1", 8, "a value is missing before ')'"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_points_at_it(text, position, message):
    error = refusal(text)

    assert message in str(error)
    assert (error.text, error.position) == (text, position)


def test_a_constant_of_a_field_without_known_values_may_be_any_text():
    assert read("country == 'Atlantis'").text == "country == 'Atlantis'"
    assert read("tier == 'unheard-of'").text == "tier == 'unheard-of'"


def test_lengths_at_the_bounds_pass_and_one_more_is_refused():
    assert read("linked" + " " * 1994).text == "linked"
    assert "at most 2000" in str(refusal("linked" + " " * 1995))
    # 100 fields and 99 signs are 199 nodes; a not makes 200, another 201.
    many = " or ".join(["linked"] * 100)
    assert read(f"not {many}")
    assert "at most 200" in str(refusal(f"not not {many}"))
    assert read("(" * 30 + "linked" + ")" * 30).text == "linked"
    assert "30 deep" in str(refusal("(" * 31 + "linked" + ")" * 31))


def test_signs_in_front_of_signs_have_a_bound_of_their_own():
    assert read("not " * 59 + "linked").test({"linked": True}) is False
    assert "60 deep" in str(refusal("not " * 60 + "linked"))
    assert refusal("  " + "not " * 60 + "linked").position == 2
    assert "60 deep" in str(refusal("-" * 150 + "mcap > 1"))


def test_a_filter_whose_printed_form_is_too_long_is_refused():
    # A condition has 38 characters as given and as printed (brackets go, two spaces come), and 49 times
    # "or" becomes " or ": 50 * 38 + 49 * 2 = 1998, and 50 * 38 + 49 * 4 = 2096.
    text = "or".join([f"(country=='{'a' * 25}')"] * 50)

    assert len(text) == 1998
    assert "2096 characters" in str(refusal(text))


# --- fields ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["", "a b", "1a", "ｍｃａｐ", "missing", "true", "None", "and", "a-b", "a.b"]
)
def test_a_field_that_could_not_be_written_cannot_be_made(name):
    with pytest.raises(ValueError, match="cannot name a field"):
        Field(name, "number", "doc")


def test_a_field_has_a_kind_and_rungs_only_when_ordered():
    with pytest.raises(ValueError, match="kinds: number, text"):
        Field("a", "money", "doc")
    with pytest.raises(ValueError, match="rungs"):
        Field("a", "ordered", "doc")
    with pytest.raises(ValueError, match="rungs"):
        Field("a", "text", "doc", order=("low", "high"))


def test_two_fields_of_one_name_are_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="same name"):
        parse("a > 1", [Field("a", "number", ""), Field("a", "text", "")])
