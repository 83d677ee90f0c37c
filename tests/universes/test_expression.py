"""The filter language: what a filter means, and its printed form."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime

import pytest

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
T, F, U = True, False, None


def read(text: str) -> Expression:
    return parse(text, FIELDS)


def answer(text: str, **row: object) -> bool | None:
    return read(text).test(row)


# --- values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mcap < 5", F), ("mcap <= 5", T), ("mcap > 5", F), ("mcap >= 5", T), ("mcap == 5", T), ("mcap != 5", F),
        ("mcap < 5.5", T), ("mcap > 4.5", T), ("5 == mcap", T), ("4 < mcap", T), ("mcap == .5e1", T), ("mcap == 5.", T),
    ],
)  # fmt: skip
def test_numbers_compare_as_numbers(text, expected):
    assert answer(text, mcap=5) is expected


def test_a_chain_holds_when_every_link_holds():
    assert answer("0 < mcap <= 5", mcap=5) is True
    assert answer("0 < mcap < 5", mcap=5) is False
    assert answer("0 < mcap < 5 > shares", mcap=1, shares=4) is True


def test_a_false_link_decides_a_chain_with_an_unknown_one():
    assert answer("0 < mcap < shares", mcap=-1) is False
    assert answer("0 < mcap < shares", mcap=1) is None


def test_arithmetic_follows_the_usual_order_of_signs():
    # 2 + 3 * 4 = 14, (2 + 3) * 4 = 20, 10 - 3 - 2 = 5, 12 / 3 / 2 = 2.
    assert answer("2 + 3 * mcap == 14", mcap=4) is True
    assert answer("(2 + 3) * mcap == 20", mcap=4) is True
    assert answer("mcap - 3 - 2 == 5", mcap=10) is True
    assert answer("mcap - (3 - 2) == 9", mcap=10) is True
    assert answer("mcap / 3 / 2 == 2", mcap=12) is True
    assert answer("-mcap + 3 == -1", mcap=4) is True
    assert answer("-(mcap + 3) == -7", mcap=4) is True


def test_division_by_zero_is_unknown():
    assert answer("mcap / shares > 3", mcap=1, shares=0) is None
    assert answer("not mcap / shares > 3", mcap=1, shares=0) is None
    assert answer("mcap / (shares - shares) is missing", mcap=1, shares=7) is True


def test_numbers_that_are_not_finite_are_unknown():
    assert answer("mcap > 0", mcap=float("nan")) is None
    assert answer("mcap > 0", mcap=float("inf")) is None
    assert answer("mcap > 0", mcap=10**400) is None
    assert answer("mcap * mcap > 0", mcap=1e200) is None
    assert answer("mcap * 1e300 * 1e300 > 0", mcap=5) is None
    assert answer("mcap is missing", mcap=float("nan")) is True


def test_text_compares_exactly_and_a_known_value_in_any_letter_case():
    assert answer("country == 'AU'", country="AU") is True
    assert answer("country == 'au'", country="AU") is False
    assert answer("role == 'Miner'", role="miner") is True
    assert answer("country != home", country="AU", home="CA") is True


def test_dates_compare_as_days_both_ends_included():
    assert answer("'2024-01-01' <= announced < '2025-01-01'", announced=date(2024, 1, 1)) is True
    assert answer("'2024-01-01' <= announced < '2025-01-01'", announced=date(2025, 1, 1)) is False
    assert answer("announced == '2024-02-29'", announced=datetime(2024, 2, 29, 23, 59, tzinfo=UTC)) is True
    assert answer("announced < effective", announced=date(2024, 1, 1), effective=date(2024, 1, 2)) is True


def test_flags_are_conditions_and_compare_with_yes_and_no():
    assert answer("linked", linked=True) is True
    assert answer("not linked", linked=True) is False
    assert answer("linked == false", linked=False) is True
    assert answer("linked == True and paying != False", linked=True, paying=True) is True
    assert answer("linked != paying", linked=True, paying=False) is True
    assert answer("linked", linked=None) is None
    assert answer("true") is True
    assert answer("false") is False


def test_ordered_fields_compare_by_rung_and_not_by_letter():
    # In the alphabet dfs < exploration < pea < pfs < production.
    assert [answer("stage >= 'pfs'", stage=stage) for stage in STAGES] == [F, F, T, T, T]
    assert [answer("stage < 'PFS'", stage=stage) for stage in STAGES] == [T, T, F, F, F]
    assert [answer("'pea' < stage <= 'dfs'", stage=stage) for stage in STAGES] == [F, F, T, T, F]


def test_a_value_beside_the_ladder_is_equal_or_not_but_neither_above_nor_below():
    assert answer("stage == 'suspended'", stage="suspended") is True
    assert answer("stage != 'pfs'", stage="suspended") is True
    assert answer("stage in ['pfs', 'suspended']", stage="suspended") is True
    assert answer("stage >= 'pfs'", stage="suspended") is None
    assert answer("stage < 'pfs'", stage="suspended") is None
    assert answer("stage is missing", stage="suspended") is False


def test_a_list_holds_a_value_of_the_same_kind():
    assert answer("role in ['miner', 'Royalty']", role="royalty") is True
    assert answer("role not in ('miner',)", role="miner") is False
    assert answer("mcap in [1, -2.5]", mcap=-2.5) is True
    assert answer("announced in ['2024-01-01']", announced=date(2024, 1, 1)) is True
    assert answer("mcap * 2 in [4]", mcap=2) is True
    assert answer("role in ['miner']") is None
    assert answer("role not in ['miner']") is None


def test_a_set_field_holds_a_mineral_or_a_group_that_the_row_names():
    row = frozenset({"dysprosium", "rare-earths"})

    assert answer("'Dysprosium' in minerals", minerals=row) is True
    assert answer("'rare-earths' in minerals", minerals=row) is True
    assert answer("'lithium' in minerals", minerals=row) is False
    assert answer("'lithium' not in minerals", minerals=row) is True
    assert answer("'lithium' in minerals", minerals=()) is False
    assert answer("'lithium' not in minerals") is None
    assert answer("country in minerals", country="lithium", minerals=["lithium"]) is True
    assert answer("country in minerals", minerals=["lithium"]) is None


def test_missing_is_never_unknown_itself():
    assert answer("mcap is missing") is True
    assert answer("mcap is missing", mcap=None) is True
    assert answer("mcap is missing", mcap=0) is False
    assert answer("mcap is not missing", mcap=0) is True
    assert answer("not mcap is missing") is False
    assert answer("mcap + shares is missing", mcap=1) is True
    assert answer("minerals is missing", minerals=frozenset()) is False


def test_a_missing_value_is_not_selected_by_a_condition_nor_by_its_opposite():
    for text in ("mcap > 2", "not mcap > 2", "mcap != 2", "country != 'AU'", "not linked", "stage < 'pfs'"):
        assert read(text).test({}) is None
        assert read(text).holds({}) is False


def test_holds_is_true_only_when_certain():
    assert read("linked").holds({"linked": True}) is True
    assert read("linked").holds({"linked": False}) is False
    assert read("linked").holds({"linked": None}) is False


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (T, T, T, T), (T, F, F, T), (T, U, U, T),
        (F, T, F, T), (F, F, F, F), (F, U, F, U),
        (U, T, U, T), (U, F, F, U), (U, U, U, U),
    ],
)  # fmt: skip
def test_and_or_follow_the_tables_of_kleene(left, right, both, either):
    row = {"linked": left, "paying": right}

    assert read("linked and paying").test(row) is both
    assert read("linked or paying").test(row) is either


@pytest.mark.parametrize(("given", "opposite"), [(T, F), (F, T), (U, U)])
def test_not_follows_the_table_of_kleene(given, opposite):
    assert answer("not linked", linked=given) is opposite


def test_and_binds_tighter_than_or_and_not_tighter_than_and():
    assert answer("linked or paying and paying", linked=True, paying=False) is True
    assert answer("(linked or paying) and paying", linked=True, paying=False) is False
    assert answer("not linked and paying", linked=False, paying=False) is False
    assert answer("not (linked and paying)", linked=False, paying=False) is True


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("mcap > 0", {"mcap": "5"}), ("mcap > 0", {"mcap": True}), ("role == 'miner'", {"role": 5}),
        ("'lithium' in minerals", {"minerals": "lithium"}), ("linked", {"linked": "yes"}), ("linked", {"linked": 1}),
        ("announced > '2024-01-01'", {"announced": "2024-01-02"}),
    ],
)  # fmt: skip
def test_a_row_of_the_wrong_kind_is_a_mistake_of_the_program(text, row):
    with pytest.raises(TypeError, match="the row has"):
        read(text).test(row)


# --- the printed form ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("  mcap>=5e8 ", "mcap >= 500000000"),
        ("mcap > 1e300", "mcap > 1e+300"),
        ("mcap > .50", "mcap > 0.5"),
        ("mcap > -0", "mcap > 0"),
        ("--5 < -mcap", "5 < -mcap"),
        ("(((mcap))) > (5)", "mcap > 5"),
        ("(mcap + 1) + 2 > mcap + (1 + 2)", "mcap + 1 + 2 > mcap + (1 + 2)"),
        ("mcap + (2 * shares) > 1e16 - 1e15", "mcap + 2 * shares > 1e+16 - 1000000000000000"),
        ("mcap / (2 * shares) > -(mcap - 1)", "mcap / (2 * shares) > -(mcap - 1)"),
        ("linked and (paying and mcap > 1)", "linked and paying and mcap > 1"),
        ("linked or (paying and mcap > 1)", "linked or paying and mcap > 1"),
        ("(linked or paying) and not (linked and paying)", "(linked or paying) and not (linked and paying)"),
        ("not role in ('miner',)", "role not in ['miner']"),
        ("not 'Lithium' in minerals", "'lithium' not in minerals"),
        ("not mcap is missing", "mcap is not missing"),
        ("not mcap is not missing", "not mcap is not missing"),
        ("not (mcap > 1)", "not mcap > 1"),
        ("linked == True", "linked == true"),
        ('role == "MINER"', "role == 'miner'"),
        ('country == "Côte d\'Ivoire"', 'country == "Côte d\'Ivoire"'),
        ("announced > '2024-01-01'", "announced > '2024-01-01'"),
        ("'PEA' <= stage < 'Dfs'", "'pea' <= stage < 'dfs'"),
    ],
)
def test_the_printed_form_is_one_for_all_ways_to_write_it(given, printed):
    assert read(given).text == printed
    assert str(read(given)) == printed
    assert read(printed) == read(given)


def test_an_expression_names_the_fields_it_reads():
    expression = read("mcap / shares > 2 and ('lithium' in minerals or stage is missing) and not linked")

    assert expression.fields == {"mcap", "shares", "minerals", "stage", "linked"}
    assert read("1 < 2").fields == frozenset()


def test_an_expression_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        read("linked").text = "paying"
