"""Axes without drift, and sets by number."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

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


def test_the_values_of_a_range_are_the_decimals_that_one_would_write():
    assert axis("0.05:0.25:0.01") == tuple(f"0.{number:02d}".rstrip("0") for number in range(5, 26))
    assert axis("0.3:-0.3:-0.1") == ("0.3", "0.2", "0.1", "0", "-0.1", "-0.2", "-0.3")
    # The end is reached only if a step meets it.
    assert axis("0:1:0.3") == ("0", "0.3", "0.6", "0.9")
    assert axis("1e1:3e1:1e1") == ("10", "20", "30")


@given(first=st.integers(-500, 500), step=st.integers(-50, 50).filter(bool), count=st.integers(1, 200))
@settings(max_examples=200, derandomize=True)
def test_a_range_has_exactly_the_values_counted_in_whole_hundredths(first, step, count):
    last = first + step * (count - 1)

    values = axis(f"{first / 100:.2f}:{last / 100:.2f}:{step / 100:.2f}")

    assert [Decimal(value) * 100 for value in values] == [first + step * at for at in range(count)]


@given(text=st.text(alphabet="0123456789.:+-eE,none ", max_size=24))
@settings(max_examples=500, derandomize=True)
def test_any_text_is_values_or_is_refused(text):
    # Anything but values or this error would be raised here.
    with suppress(BadParameter):
        assert 1 <= len(axis(text)) <= 10**7


@pytest.mark.parametrize(
    "text", ["0:1e999999:1", "0:1e999999999999999:1", "0:1:1e-999999999999999999999", "1e999999:0:-1e-999999"]
)
def test_a_range_beyond_all_measure_is_one_line(text):
    with pytest.raises(BadParameter, match="more than 10,000,000 values: take a larger step|is no range"):
        axis(text)


def test_values_of_a_list_are_left_as_they_are_written():
    assert axis("") == ("",)
    assert axis("0.1,,0.2") == ("0.1", "", "0.2")
    assert axis("0.10,1e-1") == ("0.10", "1e-1")
    assert axis("C:\\a.py:Name") == ("C:\\a.py:Name",)


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


@given(sizes=st.lists(st.integers(1, 6), min_size=1, max_size=4), data=st.data())
@settings(max_examples=100, derandomize=True)
def test_the_number_of_a_set_counts_the_last_axis_fastest(sizes, data):
    grid = Grid.of({f"p{at}": range(size) for at, size in enumerate(sizes)})
    places = [data.draw(st.integers(0, size - 1)) for size in sizes]

    number = 0
    for size, place in zip(sizes, places, strict=True):
        number = number * size + place

    assert list(grid.set(number).values()) == places


def test_exits_keep_their_own_order_behind_the_others():
    grid = Grid.of({"stop": [1], "wait": [1], "hold": [1], "depth": [1]}, ("hold", "stop", "take_profit"))

    assert grid.names == ("wait", "depth", "stop", "hold")


def test_a_grid_of_ten_million_sets_is_held_as_its_axes():
    grid = Grid.of({"a": range(10_000), "b": range(1000)})

    check_size(grid, yes=False)
    assert grid.set(len(grid) - 1) == {"a": 9999, "b": 999}


def test_an_axis_of_a_hundred_thousand_values_is_looked_through_once():
    seen = 0

    class Value:
        def __init__(self, number):
            self.number = number

        def __hash__(self):
            return hash(self.number)

        def __eq__(self, other):
            nonlocal seen
            seen += 1
            return self.number == other.number

    Grid.of({"a": [Value(number) for number in range(20_000)]})

    assert seen < 100_000


def test_values_that_cannot_be_hashed_are_told_apart_too():
    assert len(Grid.of({"a": [[1], [2]]})) == 2
    with pytest.raises(BadParameter, match=r"a has \[1\] twice"):
        Grid.of({"a": [[1], [2], [1]]})
