"""Firm-events as arrays: sessions and episodes, against a walk over the firm-events one by one."""

from __future__ import annotations

import numpy as np
import pytest
import worlds
from study_worlds import in_view, random_events, random_market

from strategies.firm_event_arrays import FirmEventArrays
from strategies.firm_events import land

SYMBOLS = tuple(f"T{number}" for number in range(9))


def landed(seed):
    market = random_market(seed)
    items = land(market, random_events(seed, SYMBOLS)).firm_events
    return market, items, FirmEventArrays.of(market, items)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("day", [-500, -1, 0, 3, 500])
def test_a_row_is_that_of_the_exchange_and_stops_at_the_ends_of_the_data(seed, day):
    market, items, arrays = landed(seed)
    expected = []
    for item in items:
        rows = market.clock.hours[item.exchange].rows
        expected.append(rows[min(max(item.position + day, 0), len(rows) - 1)])

    assert len({item.exchange for item in items}) > 1
    assert arrays.rows(day).tolist() == expected


@pytest.mark.parametrize("window", [(0, 1), (-10, 20), (2, 5)])
@pytest.mark.parametrize("seed", range(6))
def test_episodes_are_the_chains_of_events_whose_days_meet(seed, window):
    market, items, arrays = landed(seed)
    first, last = min(window[0], 0), max(window[1], 1)
    days = {}
    for item in items:
        rows = market.clock.hours[item.exchange].rows
        held = rows[max(item.position + first, 0) : item.position + last + 1]
        days.setdefault(item.event, set()).update(range(held[0], held[-1] + 1))
    # From each event to whatever meets it, until no further one does.
    chains = []
    for event, held in days.items():
        meeting = [chain for chain in chains if any(days[other] & held for other in chain)]
        chains = [chain for chain in chains if chain not in meeting] + [{event}.union(*meeting)]
    chains.sort(key=lambda chain: min(min(days[event]) for event in chain))

    numbers = [next(at for at, chain in enumerate(chains) if item.event in chain) for item in items]

    assert arrays.episodes(window).tolist() == numbers


def test_some_of_them_keep_what_they_had():
    _, items, arrays = landed(1)
    chosen = np.arange(len(items)) % 2 == 0
    some = arrays.only(chosen)

    assert len(some) == chosen.sum()
    assert some.rows(1).tolist() == arrays.rows(1)[chosen].tolist()
    assert some.sign.tolist() == [item.sign for item, kept in zip(items, chosen, strict=True) if kept]


def test_none_have_no_row_and_no_episode():
    market = in_view({"AAA": {}})
    arrays = FirmEventArrays.of(market, land(market, worlds.calendar()).firm_events)

    assert len(arrays) == 0
    assert arrays.rows(0).tolist() == []
    assert arrays.episodes((-10, 20)).tolist() == []
