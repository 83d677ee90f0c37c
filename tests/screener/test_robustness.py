"""Rank intervals: exact where they can be worked out, the same for the same seed, and honest about what decides."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
import worlds

import universes
from screener.ranking import screen
from screener.robustness import rank_intervals
from screener.weights import read_weights
from universes.errors import BadParameter

STAGES = {"AAA": "production", "BBB": "pfs", "CCC": "exploration"}


def world(**more):
    made = [worlds.mine(symbol, stage=stage) for symbol, stage in STAGES.items()]
    return worlds.miners(list(STAGES), *made, **more)


def test_a_company_that_is_best_in_every_factor_is_first_under_every_weighting():
    # The three differ in stage alone.
    found = rank_intervals(screen(world(), "2024-06-03"), 200)

    assert {symbol: (item.low, item.high) for symbol, item in found.items()} == {
        "AAA": (1, 1),
        "BBB": (2, 2),
        "CCC": (3, 3),
    }
    assert not any(item.decided_by_weights for item in found.values())


def test_equals_keep_the_order_of_their_symbols_under_every_weighting():
    symbols = ["CCC", "AAA", "BBB"]
    universe = worlds.miners(symbols, *(worlds.mine(symbol) for symbol in symbols))

    found = rank_intervals(screen(universe, "2024-06-03"), 300, seed=5)

    assert [(item.low, item.high) for _, item in sorted(found.items())] == [(1, 1), (2, 2), (3, 3)]


def test_two_companies_of_which_each_is_better_in_one_factor_change_places():
    # AAA at home and exploring, BBB in China and producing: two factors, each decides in half of the draws.
    universe = worlds.miners(
        ["AAA", "BBB"],
        worlds.mine("AAA", "US", stage="exploration"),
        worlds.mine("BBB", "CN", stage="production"),
    )
    weights = read_weights("jurisdiction=0.5,stage=0.5")

    found = rank_intervals(screen(universe, "2024-06-03", weights=weights), 400)

    # Each is first about half of the time, so both places are within the middle nine tenths.
    assert [(item.low, item.high) for item in found.values()] == [(1, 2), (1, 2)]
    # One place of two is half of the names, and not more than half.
    assert not any(item.decided_by_weights for item in found.values())


def test_a_rank_over_more_than_half_of_the_names_is_decided_by_the_weights():
    home = [worlds.mine(symbol, "US", stage="exploration") for symbol in ("AAA", "AAB")]
    away = [worlds.mine(symbol, "CN", stage="production") for symbol in ("BBA", "BBB")]
    universe = worlds.miners(["AAA", "AAB", "BBA", "BBB"], *home, *away)
    weights = read_weights("jurisdiction=0.5,stage=0.5")

    found = rank_intervals(screen(universe, "2024-06-03", weights=weights), 400)

    # AAA is 1 or 3, AAB 2 or 4: two places of four, not more than half.
    assert {symbol: (item.low, item.high) for symbol, item in found.items()} == {
        "AAA": (1, 3),
        "AAB": (2, 4),
        "BBA": (1, 3),
        "BBB": (2, 4),
    }
    three = rank_intervals(screen(universe, "2024-06-03", "symbol != 'AAB'", weights=weights), 400)
    # AAA is first or behind both: two places of three.
    assert {symbol: item.decided_by_weights for symbol, item in three.items()} == {
        "AAA": True,
        "BBA": False,
        "BBB": False,
    }


def test_intervals_agree_with_screens_by_those_weights():
    """An independent count: by the screen itself, under weightings of a grid, most ranks lie within the interval."""
    miners = universes.load("rare-earths")
    plain = screen(miners, "2025-07-09")
    found = rank_intervals(plain, 2_000)
    seen = {row.symbol: [] for row in plain.rows}
    for order in list(permutations(plain.weights.used))[::120]:
        shares = dict(zip(order, (0.4, 0.2, 0.15, 0.1, 0.08, 0.05, 0.02), strict=True))
        other = screen(miners, "2025-07-09", weights=replace(plain.weights, name="x", by_factor=shares))
        for row in other.rows:
            seen[row.symbol].append(row.rank)

    outside = [
        symbol
        for symbol, ranks in seen.items()
        if sum(found[symbol].low <= rank <= found[symbol].high for rank in ranks) < 0.75 * len(ranks)
    ]
    assert outside == []


def test_the_same_seed_gives_the_same_intervals_and_another_one_may_not():
    plain = screen(universes.load("rare-earths"), "2025-07-09")

    assert rank_intervals(plain, 50, seed=1) == rank_intervals(plain, 50, seed=1)
    assert rank_intervals(plain, 50, seed=1) != rank_intervals(plain, 50, seed=2)


def test_names_beyond_the_top_are_ranked_too():
    miners = universes.load("rare-earths")

    assert rank_intervals(screen(miners, "2025-07-09", top=3), 50) == rank_intervals(
        screen(miners, "2025-07-09"), 50
    )


@pytest.mark.parametrize("draws", [0, -1, 100_001])
def test_a_count_out_of_range_is_refused(draws):
    with pytest.raises(BadParameter, match="choose 1 to 100,000"):
        rank_intervals(screen(world(), "2024-06-03"), draws)


def test_an_empty_screen_has_no_intervals():
    assert rank_intervals(screen(world(), "2024-06-03", "score > 101"), 10) == {}
