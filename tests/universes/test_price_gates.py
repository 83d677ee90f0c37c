"""What price gates see over many series: planted faults nearly always, ordinary markets hardly ever."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from price_files import days
from price_tables import table

from universes.price_file import PriceFile
from universes.price_gates import prices

DAYS = days(250)


def file(closes, **columns) -> PriceFile:
    return PriceFile("MP", "MP", table(closes, DAYS[: len(closes)], **columns), False)


def walk(seed: int, volatility: float = 0.035, sessions: int = 250) -> np.ndarray:
    """Closes of a lively junior: fat tails, 3.5 % a day."""
    draws = np.random.default_rng(seed).standard_t(4, sessions) / np.sqrt(2)
    return 5 * np.exp(np.cumsum(volatility * np.clip(draws, -8, 8)))


def gates(one: PriceFile) -> list[str]:
    return [item.gate for item in prices(one)]


@pytest.mark.parametrize("ratio", [3, 4, 5, 10, 20, 1 / 3, 1 / 5, 1 / 10, 1 / 20])
def test_planted_splits_that_were_not_adjusted_for_are_found(ratio):
    found = 0
    for seed in range(40):
        closes = walk(seed, volatility=0.004)
        closes[100:] /= ratio
        found += "unadjusted-split" in gates(file(closes))

    # On a day on which the share itself moves by more than 2 % the ratio is not near: the large move is flagged.
    assert found >= 38


def test_every_planted_split_is_at_least_a_large_move():
    for seed in range(40):
        closes = walk(seed)
        closes[100:] /= 4
        found = {item.gate: item.on for item in prices(file(closes))}
        assert found["large-move"] <= DAYS[100]


def test_lively_series_are_taken_for_split_ones_at_most_once_in_a_hundred():
    alarms = sum("unadjusted-split" in gates(file(walk(seed))) for seed in range(200))

    assert alarms <= 2


@given(st.integers(0, 10_000), st.integers(1, 249), st.sampled_from([100.0, 0.01]))
def test_a_change_of_unit_is_refused_wherever_it_stands(seed, at, factor):
    closes = np.clip(walk(seed, 0.02), 0.05, 500)
    closes[at:] *= factor

    found = {item.gate: item for item in prices(file(closes))}

    assert found["hundredfold-jump"].severity == "refused"
    assert found["hundredfold-jump"].on == DAYS[at]


def adjusted(over: list[float], closes: list[float] | None = None, places: int = 6):
    """A file without dividends whose Adj Close over Close is this."""
    closes = closes or [20.0] * len(over)
    values = [round(close * ratio, places) for close, ratio in zip(closes, over, strict=True)]
    return file(closes, adjusted_close=values)


def test_an_adjusted_close_whose_ratio_rises_to_one_is_silent():
    assert gates(adjusted([0.9, 0.9, 0.95, 0.95, 1.0])) == []


def test_an_adjusted_close_whose_ratio_falls_is_flagged_at_the_fall():
    # A cache joined to a later download: 0.99 before the join, 0.96 after it.
    found = prices(adjusted([0.99, 0.99, 0.96, 0.96, 1.0]))

    assert [(item.gate, item.severity, item.on) for item in found] == [("adjusted-ratio", "flagged", DAYS[2])]
    assert "falls from 0.99 to 0.96" in found[0].message


def test_the_rounding_of_cheap_shares_is_no_fall():
    # Adj Close to three places at six cents: 0.0596 and 0.0604 are both written 0.060.
    closes = [0.0596, 0.0604, 0.0596, 0.0604, 0.0596]

    assert gates(adjusted([1.0] * 5, closes, places=3)) == []


@pytest.mark.parametrize(
    ("price", "found"), [(9.9e6, []), (1.01e7, ["extreme-price"]), (0.9e-6, ["extreme-price"])]
)
def test_prices_that_no_share_has_are_refused(price, found):
    assert gates(file([price * 0.9985, price, price * 0.999])) == found


def test_real_rises_of_211_per_cent_are_flagged_and_never_refused():
    found = prices(file([2.0, 2.1, 6.53, 6.6]))

    assert [(item.gate, item.severity) for item in found] == [("large-move", "flagged")]


def paying(adjusted: bool, places: int = 15, dividend: float = 0.37) -> PriceFile:
    """Closes to the cent with a dividend on bar 30, and the same with that dividend in the prices before it."""
    closes = np.round(walk(3, 0.01)[:60] * 4, 2)
    if adjusted:
        closes[:30] *= 1 - dividend / closes[29]
    dividends = [dividend if at == 30 else 0.0 for at in range(60)]
    return PriceFile("MP", "MP", table(np.round(closes, places), DAYS[:60], dividend=dividends), True)


def test_dividends_that_are_in_the_prices_already_are_refused():
    found = prices(paying(adjusted=True))

    assert [(item.gate, item.severity, item.on) for item in found] == [
        ("dividends-twice", "refused", DAYS[0])
    ]
    assert (
        f"closes from here to the dividend of {DAYS[30]} are prices that an exchange prints only"
        in found[0].message
    )


def test_printed_prices_with_dividends_pass_also_in_single_precision():
    assert gates(paying(adjusted=False)) == []
    assert gates(paying(adjusted=False, dividend=1e-6)) == []
    plain = paying(adjusted=False)
    single = plain.bars.assign(close=plain.bars["close"].astype("float32").astype(float))
    assert gates(PriceFile("MP", "MP", single, True)) == []


def test_closes_off_every_step_for_another_reason_are_not_taken_for_adjusted_ones():
    # A stock dividend of 5.7 % that the file does not tell.
    plain = paying(adjusted=False).bars
    bars = plain.assign(close=np.where(np.arange(60) < 30, plain["close"] / 1.057, plain["close"]))

    assert "dividends-twice" not in gates(PriceFile("MP", "MP", bars, True))


def test_closes_that_a_later_split_divided_are_not_taken_for_adjusted_ones():
    # Closes to the cent, divided by three by the split on bar 40: off every step until then.
    plain = paying(adjusted=False).bars
    before = np.arange(60) < 40
    bars = plain.assign(
        **{name: np.where(before, plain[name] / 3, plain[name]) for name in ("open", "high", "low", "close")},
        split=np.where(np.arange(60) == 40, 3.0, 1.0),
        dividend=plain["dividend"] / 3,
    )
    bars.loc[bars.index[40:], ["open", "high", "low", "close"]] /= 3
    bars["close"] = np.where(before, bars["close"], np.round(bars["close"], 2))

    assert "dividends-twice" not in gates(PriceFile("MP", "MP", bars, True))
