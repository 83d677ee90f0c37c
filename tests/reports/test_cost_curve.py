"""The same trades at other costs."""

from __future__ import annotations

import handmade
import pandas as pd
from pytest import approx

from reports.cost_curve import cost_curve
from strategies.metrics import cagr, sharpe, total_return


def test_no_costs_is_gross_and_one_is_net():
    equity = handmade.result().equity
    free, paid = cost_curve(equity, (0.0, 1.0))

    assert free.total_return == approx(total_return(equity["gross"]).value)
    assert (paid.total_return, paid.cagr, paid.sharpe) == (
        approx(total_return(equity["net"]).value),
        approx(cagr(equity["net"]).value),
        approx(sharpe(equity["net"]).value),
    )


def test_twice_the_costs_take_twice_as_much():
    # Gross 100 → 150, net 130: costs of 20. Twice: 110, a return of 10 %.
    equity = pd.DataFrame(
        {"gross": [100.0, 150.0], "net": [100.0, 130.0]}, index=pd.to_datetime(["2024-01-02", "2024-06-03"])
    )
    (found,) = cost_curve(equity, (2.0,))

    assert found.total_return == approx(0.10)
    assert found.cagr is None


def test_costs_that_leave_nothing_have_no_return():
    equity = pd.DataFrame(
        {"gross": [100.0, 150.0], "net": [100.0, 80.0]}, index=pd.to_datetime(["2024-01-02", "2024-06-03"])
    )

    assert cost_curve(equity, (3.0,))[0].total_return is None
