"""Stylised facts of the simulated returns, each with the band it was calibrated to; no planted effects."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
import worlds
from worlds import listing

from universes.facts import Float
from universes.quotes import Request
from universes.simulation import simulate
from universes.simulation.character import Character
from universes.simulation.draws import draws, relative_variance
from universes.simulation.factors import Factor
from universes.simulation.path import path

NAMES = {
    "open": [listing(f"J{n}") for n in range(20)],
    "tight": [listing(f"T{n}") for n in range(20)],
    "sydney": [listing(f"S{n}.AX", "XASX") for n in range(20)],
    "control": [listing(f"C{n}") for n in range(10)],
}


def float_of(row, low, high):
    return Float(
        company=row.company,
        on=date(2010, 1, 1),
        shares_outstanding=1e8,
        float_low=low,
        float_high=high,
        method="filing",
        **worlds.KNOWN,
    )


@pytest.fixture(scope="module")
def bars():
    rows = tuple(row for group in NAMES.values() for row in group)
    floats = [float_of(row, 0.05, 0.2) for row in NAMES["tight"]] + [
        float_of(row, 0.92, 1.0) for row in NAMES["open"]
    ]
    universe = worlds.world_universe(
        rows, [row.symbol for row in NAMES["control"]], {"floats": tuple(floats)}
    )
    return simulate(Request(universe, rows, None, None), effects=False).bars


@pytest.fixture(scope="module")
def returns(bars):
    """Log returns from bar to bar; NaN where a name has none."""
    return pd.DataFrame({name: np.log(frame["close"]).diff() for name, frame in bars.items()}).sort_index()


def of(returns, group):
    return returns[[row.symbol for row in NAMES[group]]]


def mean_correlation(table):
    matrix = table.corr().to_numpy()
    return matrix[np.triu_indices(len(matrix), 1)].mean()


def test_tails_are_fat(returns):
    assert (returns.kurt() > 1).mean() > 0.95
    assert returns.kurt().median() > 2


def test_volatility_clusters(returns):
    echo = returns.apply(lambda column: (column.dropna() ** 2).autocorr())

    # Without clusters one name's autocorrelation has a standard error of 1 / sqrt(4147) = 0.016.
    assert echo.median() > 0.03
    assert (echo > 0).mean() > 0.95


def test_returns_themselves_do_not_echo(returns):
    echo = returns.apply(lambda column: column.dropna().autocorr())

    # 70 names with common factors: far fewer independent ones, hence the wide bound.
    assert abs(echo.mean()) < 0.02


def test_volatility_a_session_is_what_the_page_says(returns):
    typical = {group: of(returns, group).std().mean() for group in NAMES}

    assert typical["control"] == pytest.approx(0.012, abs=0.0015)
    # Float multipliers 0.95 and 1.25 of 4.7 %, less some 5 % for the capped tails.
    assert typical["open"] == pytest.approx(0.044, abs=0.004)
    assert typical["tight"] == pytest.approx(0.057, abs=0.005)


def test_low_floats_are_wider_and_thinner(bars):
    def middle(group, of_frame):
        return np.median([of_frame(bars[row.symbol]) for row in NAMES[group]])

    def width(frame):
        return (frame["high"] / frame[["open", "close"]].max(axis=1) - 1).median()

    def turnover(frame):
        # As printed: later consolidations shrink the adjusted numbers of old bars.
        return (frame["volume"] / frame["split"].prod()).head(250).median() / 1e8

    assert middle("tight", width) > 1.3 * middle("open", width)
    # Both have a hundred million shares; the tight float turns over 0.4 times as fast.
    assert middle("tight", turnover) == pytest.approx(0.4 * middle("open", turnover), rel=0.1)


def test_miners_without_known_minerals_share_a_quarter_of_their_variance(returns):
    # Market 12 % and sector 15 %; a common mineral group adds 14 %.
    assert mean_correlation(of(returns, "open")) == pytest.approx(0.27, abs=0.06)
    assert mean_correlation(of(returns, "control")) == pytest.approx(0.50, abs=0.08)


def test_sydney_follows_the_night_before_in_new_york(returns):
    sydney, new_york = of(returns, "sydney").mean(axis=1), of(returns, "open").mean(axis=1)
    last_night = new_york.dropna().shift().reindex(new_york.index)

    same_date, night_before = sydney.corr(new_york), sydney.corr(last_night)

    assert night_before > same_date + 0.1
    assert same_date > 0.2


def test_the_night_before_shows_in_sydneys_gap_and_not_in_its_day(bars, returns):
    new_york = of(returns, "open").mean(axis=1).dropna()
    frames = [bars[row.symbol] for row in NAMES["sydney"]]
    gap = pd.DataFrame([np.log(frame["open"] / frame["close"].shift()) for frame in frames]).mean()
    day = pd.DataFrame([np.log(frame["close"] / frame["open"]) for frame in frames]).mean()
    last_night = new_york.shift().reindex(gap.index)

    assert gap.corr(last_night) > 0.5
    assert abs(day.corr(last_night)) < 0.08


@pytest.mark.parametrize(
    ("controls", "beta"),
    [
        # Square root of the market's share of variance x volatility / 1.02 %.
        (6, 0.5**0.5 * 1.28 / 1.02),
        (0, 0.12**0.5 * 4.7 / 1.02),
    ],
)
def test_nobody_is_paid_for_more_than_the_market_beta(controls, beta):
    rows = tuple(listing(f"N{n}") for n in range(controls or 16))
    universe = worlds.world_universe(rows, [row.symbol for row in rows[:controls]])
    means = []
    for seed in range(10):
        bars = simulate(Request(universe, rows, None, None, seed), effects=False).bars
        total = [(frame["close"] + frame["dividend"]) / frame["close"].shift() - 1 for frame in bars.values()]
        means.append(252 * np.mean([one.mean() for one in total]))

    error = np.std(means, ddof=1) / np.sqrt(len(means))

    # The premium is 7 % a year, simple, dividends included; half a junior's own variance would be 20 % a year.
    assert np.mean(means) == pytest.approx(0.07 * beta, abs=3 * error)
    assert error < 0.05


def test_a_factor_pays_its_reward_and_nothing_for_its_variance():
    halves = np.resize([0.02, -0.02], 1000)
    factor = Factor(level=np.cumsum(halves), variance=np.cumsum(halves**2), reward=0.0)
    rows = np.arange(1, 1000)

    returns = factor.log_return(1.5, rows - 1, rows)

    # Up and down by 3 % with equal weight: cosh(0.03) exp(-0.03 squared / 2) = 1 - 7e-8.
    pairs = np.exp(returns[:998]).reshape(-1, 2)
    assert pairs.mean() == pytest.approx(1.0, abs=1e-7)


def test_own_shocks_pay_nothing():
    alone = Character("junior", "unknown", {}, volatility=0.05, own_volatility=0.05, shares=1e8)
    rows, calm = np.arange(4000), np.ones(4000)
    simple = []
    for n in range(200):
        own = path(alone, draws(f"N{n}", 0, 4000), calm, {}, rows, before=-1, american=True, end="")
        simple.append(np.expm1(own.overnight + own.intraday)[1:].mean())

    # 800,000 draws of 5 %: a standard error of 0.006 %; without its half variance the mean would be 0.125 %.
    assert np.mean(simple) == pytest.approx(0.0, abs=2e-4)


def test_the_variance_recursion_is_garch():
    shocks = np.array([1.0, -2.0, 0.5, 0.0])

    variance = relative_variance([shocks], 0.1, 0.8)[0]

    # 0.1 + (0.1 x shock squared + 0.8) x last variance, from 1: 1, 1, 1.3, 0.1 + 0.825 x 1.3.
    assert variance == pytest.approx([1.0, 1.0, 1.3, 0.1 + 0.825 * 1.3])
