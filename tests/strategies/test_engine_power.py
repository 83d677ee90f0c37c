"""Planted bugs: each of them makes one of the checks of `engine_checks` fail, so that these can fail at all."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import engine_changes as changes
import engine_runs
import engine_worlds
import numpy as np
import pytest
from engine_checks import (
    check_caps,
    check_conservation,
    check_information,
    check_known_before,
    check_limits,
    check_sides,
)
from engine_runs import fill, upto

from strategies.book import Fill


def worlds_of(check: Any, seeds: range = range(8)) -> Any:
    def checks() -> None:
        for seed in seeds:
            check(seed)

    return checks


def conservation_of(kind: str) -> Any:
    return worlds_of(lambda seed: check_conservation(engine_worlds.world(seed), kind), range(2))


def plant_fee_twice_on_sales(patch: pytest.MonkeyPatch) -> None:
    from strategies import trades

    right = trades.order_table

    def wrong(*given: Any) -> Any:
        table = right(*given)
        return table.assign(fee=table["fee"].where(table["side"] == "buy", 2 * table["fee"]))

    patch.setattr(trades, "order_table", wrong)


def plant_no_fee_on_purchases(patch: pytest.MonkeyPatch) -> None:
    from strategies import engine

    right = engine.fill

    def without(*given: Any) -> Any:
        fills, unfilled = right(*given)
        return tuple(replace(one, fee=0.0) if one.buy else one for one in fills), unfilled

    patch.setattr(engine, "fill", without)


def plant_slippage_with_the_wrong_sign(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        Fill, "price", property(lambda one: one.reference * (1 - one.slip if one.buy else 1 + one.slip))
    )


def plant_marks_of_the_next_session(patch: pytest.MonkeyPatch) -> None:
    from strategies import vectorbt_books

    right = vectorbt_books.phase_marks
    patch.setattr(vectorbt_books, "phase_marks", lambda *given: right(*given).shift(-3).ffill())


def plant_no_participation(patch: pytest.MonkeyPatch) -> None:
    from strategies.book import Book

    patch.setattr(Book, "most", lambda book, row, symbol: math.inf)


def plant_volume_of_the_day_itself(patch: pytest.MonkeyPatch) -> None:
    from strategies import tape

    right = tape.liquidity

    def early(*given: Any) -> Any:
        return tuple(np.concatenate([table[:, 1:], table[:, -1:]], axis=1) for table in right(*given)[:3])

    patch.setattr(tape, "liquidity", early)


def plant_equity_of_the_next_open(patch: pytest.MonkeyPatch) -> None:
    from strategies.book import Book

    right = Book.open_price
    patch.setattr(
        Book,
        "open_price",
        lambda book, row, symbol: right(book, min(row + 1, book.tape.bars.shape[1] - 1), symbol),
    )


def plant_a_fee_of_a_fixed_sum(patch: pytest.MonkeyPatch) -> None:
    from strategies.book import Book

    right = Book._take

    def dearer(book: Any, fill: Fill) -> None:
        right(book, fill)
        book.cash -= 1.0

    patch.setattr(Book, "_take", dearer)


def plant_cash_without_end(patch: pytest.MonkeyPatch) -> None:
    from strategies.book import Book

    patch.setattr(Book, "free_cash_at_open", lambda book, row: math.inf)


def plant_no_caps(patch: pytest.MonkeyPatch) -> None:
    right = engine_runs.fill_tickets
    free = dict.fromkeys(("name", "mineral", "jurisdiction", "stage"))
    patch.setattr(
        engine_runs,
        "fill_tickets",
        lambda *given, limits, **more: right(*given, limits=replace(limits, **free), **more),
    )


def plant_fills_on_the_row_of_the_decision(patch: pytest.MonkeyPatch) -> None:
    right = engine_runs.fill_tickets
    patch.setattr(
        engine_runs,
        "fill_tickets",
        lambda tickets, *given, **more: right(replace(tickets, row=tickets.row - 1), *given, **more),
    )


def units_of_money(seed: int) -> None:
    quick = engine_worlds.quick(seed)
    tape = changes.in_other_units(quick.tape, money=4.0)
    told, other = fill(quick)[0], fill(quick, tape, cash=quick.cash * 4)[0]
    assert [one.shares for one in told] == [one.shares / 4 for one in other]


def perturbation(seed: int) -> None:
    quick, random = engine_worlds.quick(seed), np.random.default_rng(seed)
    tape, tickets = changes.disturbed(quick.tape, quick.tickets, 15, "noise", random)
    assert upto(fill(quick)[0], 15) == upto(fill(quick, tape, tickets)[0], 15)


PLANTS = [
    (plant_fee_twice_on_sales, conservation_of("entries")),
    (plant_no_fee_on_purchases, conservation_of("weights")),
    (plant_slippage_with_the_wrong_sign, worlds_of(check_sides)),
    (plant_marks_of_the_next_session, conservation_of("entries")),
    (plant_no_participation, worlds_of(lambda seed: check_limits(seed, "entries"))),
    (plant_volume_of_the_day_itself, worlds_of(lambda seed: check_known_before(seed, 15))),
    (plant_equity_of_the_next_open, worlds_of(perturbation, range(30))),
    (plant_a_fee_of_a_fixed_sum, worlds_of(units_of_money)),
    (plant_cash_without_end, worlds_of(lambda seed: check_limits(seed, "entries"))),
    (plant_no_caps, worlds_of(check_caps, range(40))),
    (plant_fills_on_the_row_of_the_decision, worlds_of(check_information)),
]


@pytest.mark.parametrize(("plant", "check"), PLANTS, ids=[plant.__name__ for plant, _ in PLANTS])
def test_a_planted_bug_breaks_an_invariant(plant, check, monkeypatch):
    """The power of what stands above: the check holds of the engine, and fails once the bug is in it."""
    check()
    plant(monkeypatch)

    with pytest.raises((AssertionError, RuntimeError)):
        check()
