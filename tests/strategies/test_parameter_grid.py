"""Axes without drift, and sets by number."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies.parameter_grid import Grid, axis, check_size
from universes.errors import BadParameter


def test_a_range_of_hundredths_has_every_step_and_no_drift():
    values = axis("0.05:0.25:0.01")

    assert len(values) == 21
    assert values[5] == "0.1"
    assert values[-1] == "0.25"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("5,10,none", ("5", "10", "none")),
        ("0.1", ("0.1",)),
        ("10:5:-2", ("10", "8", "6")),
        ("1:1:1", ("1",)),
        ("100:300:100", ("100", "200", "300")),
        (" 1 , 2 ", ("1", "2")),
        ("a:b:c", ("a:b:c",)),
    ],
)
def test_an_axis_is_a_range_or_a_list(text, values):
    assert axis(text) == values


@pytest.mark.parametrize("text", ["1:5:0", "5:1:1", "1:5:-1", "0:1:0.00000001"])
def test_a_range_that_leads_nowhere_or_too_far_is_refused(text):
    with pytest.raises(BadParameter, match=text):
        axis(text)


@given(sizes=st.lists(st.integers(1, 5), min_size=1, max_size=4))
@settings(max_examples=50, derandomize=True)
def test_numbers_and_sets_are_one_to_one(sizes):
    grid = Grid.of({f"p{at}": range(size) for at, size in enumerate(sizes)})

    sets = [tuple(grid.set(number).items()) for number in range(len(grid))]

    assert len(set(sets)) == len(grid)


def test_the_axes_of_exits_change_fastest():
    grid = Grid.of({"hold": [1, 2], "depth": [3, 4]}, ("hold",))

    assert [grid.set(number) for number in range(3)] == [
        {"depth": 3, "hold": 1},
        {"depth": 3, "hold": 2},
        {"depth": 4, "hold": 1},
    ]


def test_a_value_twice_or_none_at_all_is_refused():
    with pytest.raises(BadParameter, match="hold has 5 twice"):
        Grid.of({"hold": [5, 10, 5]})
    with pytest.raises(BadParameter, match="hold has no value"):
        Grid.of({"hold": []})


def test_more_than_ten_million_sets_must_be_meant():
    grid = Grid.of({"a": range(4000), "b": range(4000)})

    with pytest.raises(BadParameter, match=r"16,000,000 sets \(4000 a × 4000 b\).*or say --yes"):
        check_size(grid, yes=False)
    check_size(grid, yes=True)
