"""The backtest against a slow plain-Python ledger, on random worlds with halts, gaps, deaths and costs."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import oracles
import pandas as pd
import pytest
import worlds
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx

from strategies.book import Fill
from strategies.costs import Costs
from strategies.execution import execute
from strategies.plan import Entries, Entry, Exits, Weights
from strategies.trades import order_table, trade_table
from strategies.vectorbt_books import keep_books, session_marks

ROWS = 24


def random_world(seed: int) -> tuple[Any, dict[str, list[Any]], dict[str, tuple[int, float]]]:
    """A market of a few jumpy names, the same bars as plain lists, and the ends."""
    random = np.random.default_rng(seed)
    names = [f"S{number}" for number in range(random.integers(1, 6))]
    frames, plain = {}, {}
    for name in names:
        close = 10 * np.exp(np.cumsum(random.standard_t(3, ROWS) * 0.05))
        opened = np.r_[close[0], close[:-1]] * np.exp(random.normal(0, 0.05, ROWS))
        high = np.maximum(opened, close) * np.exp(np.abs(random.normal(0, 0.04, ROWS)))
        low = np.minimum(opened, close) / np.exp(np.abs(random.normal(0, 0.04, ROWS)))
        missing = random.random(ROWS) < 0.15
        missing[0] = False
        frame = worlds.bars(close.tolist(), open=opened.tolist(), high=high.tolist(), low=low.tolist())
        frames[name] = frame[~missing]
        plain[name] = [
            None if gone else tuple(map(float, bar)) for gone, *bar in zip(missing, opened, high, low, close)
        ]
    listed_to, terminal, ends = {}, {}, {}
    index = worlds.sessions(ROWS)
    # The first name lives to the end, so that the market has all its rows.
    frames[names[0]] = worlds.bars(*_filled(plain[names[0]]))
    plain[names[0]] = [
        tuple(bar) for bar in frames[names[0]][["open", "high", "low", "close"]].to_numpy().tolist()
    ]
    for name in names[1:]:
        if random.random() < 0.3:
            cut = int(random.integers(5, ROWS - 2))
            frames[name] = frames[name].iloc[: max(1, int((frames[name].index <= index[cut]).sum()))]
            last = index.get_loc(frames[name].index[-1])
            plain[name] = [bar if row <= last else None for row, bar in enumerate(plain[name])]
            listed_to[name] = index[last + 1].date()
            terminal[name] = float(random.choice([0.0, 5.0, 30.0]))
            ends[name] = (last + 1, terminal[name])
    return worlds.market(frames, listed_to=listed_to, terminal=terminal), plain, ends


def _filled(bars: list[Any]) -> tuple[list[float]]:
    closes: list[float] = []
    for bar in bars:
        closes.append(bar[3] if bar else closes[-1])
    return (closes,)


def random_rules(random: np.random.Generator) -> dict[str, Any]:
    return {
        "hold": int(random.integers(1, 8)) if random.random() < 0.7 else None,
        "stop": float(random.uniform(0.02, 0.3)) if random.random() < 0.5 else None,
        "take_profit": float(random.uniform(0.02, 0.4)) if random.random() < 0.5 else None,
        "trailing_stop": float(random.uniform(0.02, 0.3)) if random.random() < 0.4 else None,
    }


def all_rows(market: Any) -> pd.DataFrame:
    return pd.DataFrame(True, index=market.sessions, columns=list(market.symbols))


def as_told(fills: tuple[Fill, ...], market: Any) -> list[tuple[int, str, str]]:
    return [(fill.row, market.symbols[fill.symbol], "buy" if fill.buy else "sell") for fill in fills]


def compare(
    market: Any, fills: tuple[Fill, ...], costs: Costs, ledger: oracles.Ledger, curve: list[float]
) -> None:
    books = keep_books(fills, market, costs, 1000.0)
    assert as_told(fills, market) == [order[:3] for order in ledger.orders]
    for fill, order in zip(fills, ledger.orders):
        assert fill.shares == approx(order[3], rel=1e-9)
        assert fill.reference == approx(order[4], rel=1e-12)
        assert fill.buy or fill.reason == order[5]
    assert books.value.tolist() == approx(curve, rel=1e-9)
    conserve(market, fills, costs, books.value)


def conserve(market: Any, fills: tuple[Fill, ...], costs: Costs, value: np.ndarray) -> None:
    """Profit of all trades, open ones marked, is the change of equity."""
    orders = order_table(fills, market, costs)
    trades = trade_table(orders, session_marks(market), market)
    assert trades["pnl"].sum() == approx(value[-1] - 1000.0, rel=1e-9, abs=1e-6)


@given(seed=st.integers(0, 2**32 - 1), fee=st.sampled_from([0, 5, 100]), slip=st.sampled_from([0, 25, 200]))
@settings(max_examples=120, deadline=None, derandomize=True)
def test_entries_agree_with_the_ledger_order_for_order(seed, fee, slip):
    market, plain, ends = random_world(seed)
    random = np.random.default_rng(seed + 1)
    decided = []
    for number in range(random.integers(1, 15)):
        row, name = int(random.integers(0, ROWS)), str(random.choice(market.symbols))
        decided.append((row, name, f"e{number:02d}", random_rules(random)))
    slots = int(random.integers(1, 5))
    costs = Costs(fee_bps=fee, slippage_bps=slip)

    plan = Entries(tuple(Entry(row, name, event, Exits(**rules)) for row, name, event, rules in decided))
    fills, _ = execute(plan, market, all_rows(market), costs, 1000.0, slots)
    ledger = oracles.Ledger(plain, ends, fee / 1e4, slip / 1e4, 1000.0)

    compare(market, fills, costs, ledger, ledger.entries(decided, slots))


@given(seed=st.integers(0, 2**32 - 1), fee=st.sampled_from([0, 5, 100]), slip=st.sampled_from([0, 25, 200]))
@settings(max_examples=80, deadline=None, derandomize=True)
def test_weights_agree_with_the_ledger_order_for_order(seed, fee, slip):
    market, plain, ends = random_world(seed)
    random = np.random.default_rng(seed + 2)
    table = pd.DataFrame(np.nan, index=market.sessions, columns=list(market.symbols))
    for row in sorted(random.choice(ROWS, size=random.integers(1, 6), replace=False)):
        shares = random.dirichlet(np.ones(len(market.symbols) + 1))[:-1]
        table.iloc[row] = np.where(random.random(len(shares)) < 0.3, 0.0, shares)
    decided = {
        row: dict(zip(market.symbols, table.iloc[row]))
        for row in range(ROWS)
        if table.iloc[row].notna().all()
    }
    costs = Costs(fee_bps=fee, slippage_bps=slip)

    fills, _ = execute(Weights(table), market, all_rows(market), costs, 1000.0, 10)
    ledger = oracles.Ledger(plain, ends, fee / 1e4, slip / 1e4, 1000.0)

    compare(market, fills, costs, ledger, ledger.weights(decided))


@pytest.mark.parametrize("seed", range(3))
def test_cash_is_never_below_zero_and_no_position_is_short(seed):
    market, _, _ = random_world(seed)
    plan = Entries(
        tuple(Entry(row, name, "e", Exits(hold=3)) for row in range(ROWS) for name in market.symbols)
    )

    fills, _ = execute(plan, market, all_rows(market), Costs(), 1000.0, 2)
    books = keep_books(fills, market, Costs(), 1000.0)

    assert (books.portfolio.cash() >= -1e-6).all(axis=None)
    assert (books.portfolio.assets() >= -1e-9).all(axis=None)


def test_the_ledger_itself_knows_the_first_example_of_the_page():
    # Bought at 10, stopped at 9 with 1 % slippage and no fee: 1000 / 10.1 shares; level 9.09, sold at 9.09 · 0.99.
    ledger = oracles.Ledger(
        {"A": [(10, 10, 10, 10), (10, 10, 10, 10), (10, 10, 8, 9)]}, {}, 0.0, 0.01, 1000.0
    )

    curve = ledger.entries([(0, "A", "e", {"stop": 0.1})], 1)

    assert curve == approx([1000, 1000 / 10.1 * 10, 1000 / 10.1 * 9.09 * 0.99])
    assert date(2024, 1, 2) == worlds.sessions(1)[0].date()
