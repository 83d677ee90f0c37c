"""Break-even cost, days to build and exit, capacity: worked by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import worlds
from pytest import approx

from strategies import Costs, Entries, Entry, Exits, Limits, backtest
from strategies.capacity import break_even_cost, capacity
from strategies.library.equal_weight import EqualWeight


class Once:
    """Buy AAA after row 0 and leave it after `hold` sessions."""

    def __init__(self, hold=3):
        self.hold = hold

    def plan(self, market, events, eligible):
        return Entries((Entry(0, "AAA", "", Exits(hold=self.hold)),))


def run(frame, **options):
    return backtest(Once(), worlds.market({"AAA": frame}), cash=100.0, slots=1, **options)


def test_break_even_cost_is_gross_profit_over_what_was_traded():
    free = Costs(fee_bps=0, slippage_bps=0)

    result = run(worlds.bars([10, 10, 10, 10, 12]), costs=free)

    # 10 shares bought for 100, sold for 120: a profit of 20 on 220 traded.
    assert result.metrics["break_even_cost"].value == approx(20 / 220, rel=1e-9)
    assert str(result.metrics["break_even_cost"]) == "9.1 %"


def test_without_a_gross_profit_there_is_nothing_for_costs_to_use_up():
    result = run(worlds.bars([10, 10, 10, 10, 9]))

    assert "no gross profit" in str(result.metrics["break_even_cost"])
    assert "no trade was made" in str(break_even_cost((), result.equity))


def test_days_to_build_and_to_exit_are_the_longest_of_any_position():
    # 100 shares at 10 trade: 5 % are 50 a day, so 100 need two sessions in and, at 12.5, three out.
    frame = worlds.bars([10, 10, 10, 10, 12.5, 12.5, 12.5]).assign(volume=100.0)

    result = run(frame, limits=Limits(participation=0.05), costs=Costs(fee_bps=0, slippage_bps=0))

    assert result.orders["reason"].tolist() == ["entry", "entry", "hold", "hold", "hold"]
    assert result.metrics["days_to_build"].value == 2
    assert result.metrics["days_to_exit"].value == 3


def test_flat_slippage_has_no_capacity_and_says_why():
    result = run(worlds.bars([10, 10, 10, 10, 12]), costs=Costs(slippage_bps=25))

    assert "slippage does not depend on size" in str(result.metrics["capacity"])


def equity(returns):
    index = pd.date_range("2024-01-01", periods=len(returns) + 1)
    return pd.DataFrame({"net": 100.0 * np.cumprod([1.0, *(1 + item for item in returns)])}, index=index)


def test_capacity_is_where_impact_has_eaten_half_of_the_ratio():
    # Returns of 3 % and 1 % in turn after a loss to impact of 0.1 % of equity a day. Without it the mean is 2.1 %; at
    # scale k the loss is 0.1 % × √k, and the deviation never changes: half of 2.1 % is left at √k = 10.5.
    table = equity([0.03, 0.01] * 50)
    impact = np.r_[0.0, 0.001 * table["net"].to_numpy()[:-1]]

    found = capacity(table, impact, table.index, cash=1000.0)

    assert found.value == approx(1000.0 * 10.5**2, rel=1e-6)


def test_a_loss_has_no_ratio_to_halve_and_a_tiny_impact_no_usable_capacity():
    losing, winning = equity([-0.03, 0.01] * 50), equity([0.03, 0.01] * 50)

    assert "no Sharpe ratio above zero" in str(capacity(losing, np.ones(101) * 1e-6, losing.index, 1.0))
    assert "above 1,000,000 times" in str(capacity(winning, np.ones(101) * 1e-9, winning.index, 1.0))


def test_target_weights_are_neither_built_nor_left_once_even_where_a_name_ends():
    frames = {"AAA": worlds.bars([10, 11, 12, 11, 12, 13]), "BBB": worlds.bars([10, 9, 8, 9])}
    market = worlds.market(frames, listed_to={"BBB": date(2024, 1, 8)})

    result = backtest(EqualWeight(), market)

    assert set(result.orders["reason"]) > {"rebalance"}
    assert "rebalanced, not built once" in str(result.metrics["days_to_build"])
    assert "rebalanced, not left once" in str(result.metrics["days_to_exit"])
