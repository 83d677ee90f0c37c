"""What a sweep asks a strategy for is what a single backtest gets, variant by variant."""

from __future__ import annotations

import gc
import weakref
from dataclasses import fields, replace

import numpy as np
import pytest
import worlds
from busy_worlds import world

from strategies.catalog import build, strategy_class
from strategies.plan import EntryTable, Exits
from strategies.reactions import reactions

VARIANTS = {
    "pullback": [
        {"depth": depth, "depth_unit": unit, "wait": wait, "stages": stages, "leave_on_opposite": wait == 20}
        for depth, unit in (
            (0.03, "fraction"),
            (0.1, "fraction"),
            (1.0, "atr"),
            (1.0, "volatility"),
            (2.5, "atr"),
        )
        for wait in (3, 20)
        for stages in (1, 3)
    ],
    "chase": [
        {"delay": delay, "min_pop": pop, "stop": 0.1} for delay in (0, 2, 5) for pop in (-0.5, 0.0, 0.03)
    ],
    "fade": [{"min_pop": pop, "hold": hold} for pop in (0.0, 0.02, 0.05) for hold in (None, 5)],
    "random_dates": [
        {"of": of, "seed": seed, "hold": hold}
        for of in ("pullback", "chase", "fade")
        for seed in (0, 7)
        for hold in (3, 9)
    ],
}


def tables_and_plans(name):
    given = world(0)
    variants = [build(name, values) for values in VARIANTS[name]]
    tables = strategy_class(name).plan_tables(given.market, given.events, given.eligible, variants)
    plans = [item.plan(given.market, given.events, given.eligible) for item in variants]
    return given, variants, tables, plans


def order(entry):
    return (entry.row, entry.symbol, entry.event, entry.stage)


@pytest.mark.parametrize("name", VARIANTS)
def test_a_table_of_many_variants_is_the_plan_of_each(name):
    given, variants, tables, plans = tables_and_plans(name)

    assert len(tables) == len(variants)
    for table, plan in zip(tables, plans):
        assert sorted(table.entries(given.market.symbols), key=order) == sorted(plan.entries, key=order)
    assert sum(len(plan.entries) for plan in plans) > 100


@pytest.mark.parametrize("name", VARIANTS)
def test_arrays_are_complete_and_of_one_kind(name):
    _, _, tables, _ = tables_and_plans(name)

    for table in tables:
        arrays = {item.name: getattr(table, item.name) for item in fields(EntryTable)}
        events, _ = arrays.pop("events"), arrays.pop("exits")
        assert {len(values) for values in arrays.values()} == {len(table.row)}
        kinds = {key: values.dtype.kind for key, values in arrays.items()}
        assert {key for key, kind in kinds.items() if kind == "f"} == {"share", "priority"}
        assert {values.dtype.itemsize for values in arrays.values()} == {8}
        assert events == tuple(sorted({events[number] for number in table.event}))


@pytest.mark.parametrize("name", VARIANTS)
def test_exits_are_the_fields_that_a_sweep_may_vary_without_a_new_table(name):
    given, variants, tables, _ = tables_and_plans(name)
    cls = strategy_class(name)
    other = {"hold": 77, "stop": 0.31, "take_profit": 0.41, "trailing_stop": 0.51}

    assert tuple(other) == cls.EXIT_FIELDS
    changed = [replace(item, **other) for item in variants]
    again = cls.plan_tables(given.market, given.events, given.eligible, changed)
    for variant, before, after in zip(variants, tables, again):
        assert before.exits == Exits(*(getattr(variant, field) for field in other))
        assert after.exits == Exits(**other)
        for item in fields(EntryTable):
            if item.name != "exits":
                assert np.array_equal(getattr(before, item.name), getattr(after, item.name))


@pytest.mark.parametrize("name", ["pullback", "chase", "fade"])
def test_every_firm_event_is_decided_or_skipped_with_a_reason(name):
    given, _, _, plans = tables_and_plans(name)
    found = reactions(given.market, given.events)

    for plan in plans:
        made = {(entry.event, entry.symbol) for entry in plan.entries}
        missed = {(item.event, item.symbol) for item in plan.skipped}
        assert len(made) + len(missed) == len(found.row) + len(found.skipped)
        assert all(item.reason for item in plan.skipped)


def test_no_events_are_no_entries():
    given = world(0)
    for name in VARIANTS:
        plan = build(name, {}).plan(given.market, worlds.calendar(), given.eligible)
        assert (plan.entries, plan.skipped) == ((), ())


def test_reactions_are_found_once_for_a_market_and_its_events_and_forgotten_with_them():
    market = worlds.market({"AAA": worlds.bars([10, 10, 12, 11])})
    events = worlds.calendar(worlds.event("ban", "2024-01-03T22:00Z", ["AAA"]))
    found = reactions(market, events)

    assert reactions(market, events) is found
    assert reactions(replace(market), events) is not found
    assert reactions(market, replace(events)) is not found

    gone = weakref.ref(found.pop)
    del found, market
    gc.collect()
    assert gone() is None


def test_a_symbol_that_stands_for_another_company_in_the_data_is_not_traded():
    market = worlds.market({"AAA": worlds.bars([10, 10, 12, 11])})
    market = replace(market, lives=market.lives.assign(company="other"))
    event = worlds.event("ban", "2024-01-03T22:00Z", ["AAA"])

    plan = build("chase", {}).plan(market, worlds.calendar(event), None)

    assert [item.reason for item in plan.skipped] == ["no prices: in the data the symbol stands for other"]
