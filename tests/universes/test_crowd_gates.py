"""A session cut short for a whole exchange is found; half days and quiet ones are not."""

from __future__ import annotations

import numpy as np
import pytest
from price_files import days, listing
from price_tables import table, vet

from universes.crowd_gates import volume_collapse
from universes.price_file import PriceFile
from universes.price_series import from_table
from universes.sessions import schedule

# Sessions of Sydney around the one that was cut short, the tenth of the year.
DAYS = days(40, "2024-01-02", "XASX")
SHORT = "2024-01-15"


def volumes(symbols: int, seed: int = 0, sessions: int = 40) -> np.ndarray:
    """Lively volumes, sessions by symbols: a factor of about two a day either way is common."""
    return 1e6 * np.exp(0.4 * np.random.default_rng(seed).standard_normal((sessions, symbols)))


def files(table_of_volumes: np.ndarray, on: list[str]) -> list[PriceFile]:
    rows, symbols = table_of_volumes.shape
    return [
        PriceFile(f"S{at:02}", f"S{at:02}", table([5.0] * rows, on, volume=table_of_volumes[:, at]), True)
        for at in range(symbols)
    ]


def found(table_of_volumes: np.ndarray, on: list[str], calendar: str = "XASX"):
    hours = schedule(calendar, on[0], on[-1])
    return [(item.symbol, item.on) for item in volume_collapse(files(table_of_volumes, on), hours)]


def cut(table_of_volumes: np.ndarray, on: list[str], day: str, left: float, symbols: int) -> np.ndarray:
    """The same with what is left of one session's usual volume for the first so many symbols."""
    short = table_of_volumes.copy()
    short[on.index(day), :symbols] = left * np.median(short, axis=0)[:symbols]
    return short


def test_a_session_cut_to_a_quarter_for_ten_of_twelve_is_found_for_those_ten():
    assert found(cut(volumes(12), DAYS, SHORT, 0.24, 10), DAYS) == [(f"S{at:02}", SHORT) for at in range(10)]


def test_it_is_found_by_the_source_with_its_place_and_nothing_is_changed():
    symbols = [f"S{at:02}" for at in range(12)]
    short = cut(volumes(12), DAYS, SHORT, 0.24, 12)
    opened = {
        name: from_table(name, f"yahoo {name}", table([5.0] * 40, DAYS, volume=short[:, at]))
        for at, name in enumerate(symbols)
    }

    quotes = vet(opened, *(listing(name, exchange="XASX", currency="AUD") for name in symbols))

    assert [(item.symbol, item.gate, item.severity) for item in quotes.findings] == [
        (name, "volume-collapse", "flagged") for name in symbols
    ]
    first = quotes.findings[0].message
    assert first.startswith(f"yahoo S00, {SHORT}: volume is 2")
    assert "low for 12 of 12 symbols of the exchange; used as it is" in first
    assert quotes.bars["S00"]["volume"].tolist() == short[:, 0].tolist()


def test_volumes_of_refused_series_still_tell_of_the_others():
    symbols = [f"S{at:02}" for at in range(12)]
    short = cut(volumes(12), DAYS, SHORT, 0.24, 12)
    closes = [[5.0] * 40 if at < 3 else [5.0] * 39 + [-1.0] for at in range(12)]
    opened = {
        name: from_table(name, name, table(closes[at], DAYS, volume=short[:, at]))
        for at, name in enumerate(symbols)
    }

    quotes = vet(opened, *(listing(name, exchange="XASX", currency="AUD") for name in symbols))

    assert list(quotes.bars) == symbols[:3]
    assert [item.symbol for item in quotes.findings if item.gate == "volume-collapse"] == symbols[:3]


@pytest.mark.parametrize("seed", range(20))
def test_ordinary_sessions_are_never_found(seed):
    assert found(volumes(12, seed), DAYS) == []


def test_half_days_before_christmas_and_new_year_are_not_found():
    on = days(45, "2024-11-11", "XASX")
    short = cut(cut(volumes(12, sessions=45), on, "2024-12-24", 0.25, 12), on, "2024-12-31", 0.25, 12)

    assert found(short, on) == []


def test_quiet_days_beside_each_other_are_not_found():
    # The two sessions after Boxing Day, as quiet as a half day.
    on = days(45, "2023-11-06", "XASX")
    short = cut(cut(volumes(12, sessions=45), on, "2023-12-27", 0.3, 12), on, "2023-12-28", 0.3, 12)

    assert found(short, on) == []


@pytest.mark.parametrize(
    ("left", "symbols", "of"), [(0.24, 7, 12), (0.4, 12, 12), (0.24, 9, 9)], ids=["few", "little", "small"]
)
def test_some_symbols_or_a_mild_fall_or_a_small_exchange_do_not_make_a_collapse(left, symbols, of):
    assert found(cut(volumes(of), DAYS, SHORT, left, symbols), DAYS) == []


def test_the_order_of_the_symbols_and_late_starters_change_nothing():
    short = cut(volumes(14), DAYS, SHORT, 0.24, 14)
    series = files(short, DAYS)
    # Two that are listed too late to have a usual volume on the day.
    series[12:] = [file.keep(np.arange(40) >= 9) for file in series[12:]]
    hours = schedule("XASX", DAYS[0], DAYS[-1])

    forward = volume_collapse(series, hours)
    backward = volume_collapse(series[::-1], hours)

    assert sorted(forward, key=str) == sorted(backward, key=str)
    assert len(forward) == 14
