"""Models of normal returns: against least squares elsewhere, and on names that do not trade every day."""

from __future__ import annotations

import numpy as np
import pytest
import worlds
from pytest import approx
from study_worlds import CONTROLS, in_view, prices, random_market

from strategies.event_study import study
from strategies.normal_returns import MODELS, Past, fit
from strategies.study_design import Design
from strategies.study_factors import aligned_returns
from universes.errors import BadParameter, UnknownName


def past(own, benchmark, factors=None, usable=None, close=None, quiet=None):
    """A window from returns; closes are made of them."""
    own = np.asarray(own, dtype=float)
    if close is None:
        close = np.cumprod(1 + np.nan_to_num(own), axis=0)
    return Past(
        own,
        close,
        np.asarray(benchmark, dtype=float),
        np.zeros((len(own), 0)) if factors is None else factors,
        np.isfinite(own) if usable is None else usable,
        np.ones(own.shape, dtype=bool) if quiet is None else quiet,
    )


@pytest.mark.parametrize("seed", range(3))
def test_slopes_on_factors_are_those_of_numpy_on_the_sessions_there(seed):
    random = np.random.default_rng(seed)
    benchmark, factors = random.normal(0, 0.01, 150), random.normal(0, 0.02, (150, 2))
    own = 0.001 + 1.2 * benchmark[:, None] + factors @ [[0.5], [-0.3]] + random.normal(0, 0.02, (150, 4))
    own[random.random(own.shape) < 0.1] = np.nan
    factors[5, 1] = np.nan

    found = fit("factors", past(own, benchmark, factors))

    for at in range(4):
        good = np.isfinite(own[:, at]) & np.isfinite(factors).all(axis=1)
        columns = np.column_stack([np.ones(150), benchmark, factors])[good]
        wanted = np.linalg.lstsq(columns, own[good, at], rcond=None)[0]
        assert [found.intercept[at], found.beta[at], *found.slopes[at]] == approx(wanted.tolist(), abs=1e-10)
        assert found.returns[at] == good.sum()


def test_dimson_adds_the_slopes_of_three_sessions():
    random = np.random.default_rng(4)
    benchmark = random.normal(0, 0.01, 200)
    own = random.normal(0, 0.01, (200, 1)) + benchmark[:, None]
    own[1:, 0] += 0.4 * benchmark[:-1]

    found = fit("dimson", past(own, benchmark))

    columns = np.column_stack([np.ones(198), benchmark[:-2], benchmark[1:-1], benchmark[2:]])
    wanted = np.linalg.lstsq(columns, own[1:-1, 0], rcond=None)[0]
    assert found.beta[0] == approx(wanted[1:].sum(), abs=1e-10)
    assert found.intercept[0] == approx(wanted[0], abs=1e-10)


def test_scholes_and_williams_divide_single_slopes_by_one_plus_twice_rho():
    random = np.random.default_rng(5)
    benchmark = random.normal(0, 0.01, 200)
    own = random.normal(0, 0.01, (200, 1)) + benchmark[:, None]

    found = fit("scholes-williams", past(own, benchmark))

    middle = benchmark[1:-1]
    slopes = [np.polyfit(part, own[1:-1, 0], 1)[0] for part in (benchmark[:-2], middle, benchmark[2:])]
    off = middle - middle.mean()
    rho = (off[1:] @ off[:-1]) / (off @ off)
    assert found.beta[0] == approx(sum(slopes) / (1 + 2 * rho), abs=1e-10)
    assert found.intercept[0] == approx(own[1:-1, 0].mean() - found.beta[0] * middle.mean(), abs=1e-10)


def test_adjusted_models_estimate_what_they_say():
    benchmark, own = np.array([0.01, -0.01, 0.02]), np.array([[0.02], [np.nan], [0.04]])

    plain, mean = (fit(name, past(own, benchmark)) for name in ("market-adjusted", "mean-adjusted"))

    assert (plain.intercept[0], plain.beta[0]) == (0, 1)
    assert (mean.intercept[0], mean.beta[0]) == (approx(0.03), 0)


def thin(random, share, count=6_000, beta=1.3):
    """Returns seen of a name whose price stands still on days without a trade, and closes of its trades alone."""
    benchmark = random.normal(0, 0.01, count)
    true = np.cumsum(beta * benchmark + random.normal(0, 0.01, count))
    traded = random.random(count) >= share
    last = np.maximum.accumulate(np.where(traded, np.arange(count), 0))
    seen = np.exp(true[last])
    returns = np.full((count, 1), np.nan)
    returns[1:, 0] = seen[1:] / seen[:-1] - 1
    close = np.where(traded, np.exp(true), np.nan)[:, None]
    return returns, benchmark, close


@pytest.mark.parametrize("share", [0.2, 0.4, 0.6])
def test_only_trade_to_trade_finds_the_slope_of_a_name_that_seldom_trades(share):
    returns, benchmark, close = thin(np.random.default_rng(6), share)
    window = past(returns, benchmark, close=close)
    found = {
        name: fit(name, window).beta[0] for name in ("market", "scholes-williams", "dimson", "trade-to-trade")
    }

    # True slope 1.3. A price that stands still on a share of the days takes that share from the slope of least squares;
    # sessions beside it give back part of it.
    assert found["market"] == approx(1.3 * (1 - share), abs=0.06)
    assert found["dimson"] == approx(1.3 * (1 - share**2), abs=0.08)
    assert found["scholes-williams"] == approx(found["dimson"], abs=0.05)
    assert found["trade-to-trade"] == approx(1.3, abs=0.04)


def test_returns_between_trades_by_hand():
    # Trades on sessions 0, 1, 3 and 4: the second return is over two sessions of the benchmark, 2 % and 1 %.
    benchmark = np.array([0.0, 0.01, 0.02, 0.01, -0.02])
    close = np.array([[100.0], [102.0], [np.nan], [102.0 * 1.06], [102.0 * 1.06 * 0.96]])
    own = np.full((5, 1), np.nan)

    found = fit("trade-to-trade", past(own, benchmark, close=close))

    # Returns 2 %, 6 % and -4 % are 2 × the benchmark's 1 %, 3 % and -2 %.
    assert (found.intercept[0], found.beta[0]) == (approx(0, abs=1e-12), approx(2.0))
    assert found.returns[0] == 3


def test_a_span_that_holds_a_reaction_is_left_out_of_it():
    benchmark = np.array([0.0, 0.01, 0.02, 0.01, -0.02, 0.01])
    close = np.cumprod(np.array([1.0, 1.02, 1.5, 1.02, 0.96, 1.02]))[:, None]
    quiet = np.ones((6, 1), dtype=bool)
    quiet[2] = False

    found = fit("trade-to-trade", past(np.full((6, 1), np.nan), benchmark, close=close, quiet=quiet))

    assert (found.beta[0], found.returns[0]) == (approx(2.0), 4)


@pytest.mark.parametrize("model", MODELS)
def test_constant_or_missing_returns_give_no_crash(model):
    for own in (np.full((40, 2), np.nan), np.zeros((40, 2))):
        factors = np.zeros((40, 1)) if model == "factors" else None
        found = fit(model, past(own, np.zeros(40), factors, close=own * 0 + 100))
        assert found.beta.shape == found.intercept.shape == (2,)


SHORT = {"window": (-2, 4), "estimation": 20, "gap": 2, "least_estimation": 15, "draws": 0}
SESSIONS = worlds.sessions(90)


def one_event(*symbols):
    return worlds.calendar(worlds.event("one", f"{SESSIONS[40]:%Y-%m-%d}T12:00:00+00:00", symbols))


@pytest.mark.parametrize(
    "model", [name for name in MODELS if name not in ("factors", "mean-adjusted", "market-adjusted")]
)
def test_every_model_of_slopes_finds_the_planted_jump(model):
    random = np.random.default_rng(8)
    benchmark = random.normal(0, 0.01, 89)
    frames = {name: worlds.bars(prices(benchmark)) for name in CONTROLS}
    own = 0.001 + 2 * benchmark
    own[39] += 0.05
    frames["AAA"] = worlds.bars(prices(own))
    found = study(worlds.market(frames, controls=CONTROLS), one_event("AAA"), model=model, **SHORT)

    # The slope of Scholes and Williams is an estimate even where there is no noise.
    assert found.windows[0].mean == approx(0.05, abs=1e-3 if model == "scholes-williams" else 1e-9)
    assert found.settings["model"].lower().startswith(model.split("-")[0])


def test_a_benchmark_of_everyone_absorbs_the_share_that_is_touched():
    # Five names, two touched: 10 % each, and of that the index moves by 4 %, which the slope of 2 takes away twice.
    market = in_view({"AAA": {40: 0.10}, "BBB": {40: 0.10}}, count=90)
    clean, everyone = (
        study(market, one_event("AAA", "BBB"), benchmark=name, **SHORT) for name in ("clean", "all")
    )

    assert clean.windows[0].mean == approx(0.10, abs=1e-12)
    # Of returns 0.001 + 2 b and b, the index is 0.0004 + 1.4 b: the slope of AAA on it is 2 / 1.4.
    assert everyone.windows[0].mean == approx(0.10 - 2 / 1.4 * 0.04, abs=1e-9)
    assert "absorb" in everyone.settings["warnings"][0]
    assert clean.settings["warnings"] == []


def test_a_benchmark_that_an_event_touches_is_refused_and_a_strange_one_too():
    market = in_view({"AAA": {40: 0.10}, "BBB": {}}, count=90)

    with pytest.raises(BadParameter, match="AAA is touched by events of this study"):
        study(market, one_event("AAA", "BBB"), benchmark="AAA", **SHORT)
    with pytest.raises(UnknownName, match="no symbol with prices named 'XYZ'"):
        study(market, one_event("AAA"), benchmark="XYZ", **SHORT)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"model": "magic"}, "no model named 'magic'"),
        ({"model": "factors"}, "takes one or more"),
        ({"factors": ("CA",)}, "others none"),
    ],
)
def test_models_and_factors_that_do_not_fit_are_refused(given, error):
    with pytest.raises((BadParameter, UnknownName), match=error):
        Design(**given)


def test_sydney_is_held_against_the_session_of_new_york_that_had_closed():
    market = random_market(2)
    rows = market.clock.latest_rows("XASX", "XNYS")
    found = aligned_returns(market, "T0", "XASX")

    known = market.bars["close"]["T0"].ffill().to_numpy()
    own = market.clock.hours["XASX"].rows
    assert (rows[1:] < own[1:]).all()
    for at in range(2, len(own)):
        if rows[at - 1] >= 0:
            assert found[at] == approx(known[rows[at]] / known[rows[at - 1]] - 1, nan_ok=True)
