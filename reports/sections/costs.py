"""What trading costs, what would be left at other costs, and how much money it can take."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reports.blocks import Block, Cell, Chart, Column, Table, Text
from reports.conventions import PROFIT, numeric
from reports.cost_curve import MULTIPLES, AtCosts, cost_curve, ruin
from reports.distribution_charts import number_curve
from reports.labels import currency
from reports.numbers import (
    NOTHING,
    basis_points,
    label,
    metric_cell,
    number,
    percent,
    percent_cell,
    plain,
    plain_cell,
)
from reports.section import Results, Section
from strategies.result import Backtest

NAMES = ("costs_paid", "break_even_cost", "turnover", "days_to_build", "days_to_exit", "capacity")
SIZE = "value of all entries of a trade over the mean money traded a session (ADV) up to the day before the first"
NO_RATIO = "fewer than two returns, or none that differ"
SAME = "the trades and their sizes as they were"
QUANTILES = ((0.5, "half of the trades"), (0.75, "three quarters"), (0.95, "19 of 20"), (1.0, "all"))


def render(results: Results) -> Iterator[Block]:
    """The curve over costs, the numbers of costs and size, and trades against the daily volume."""
    (result,) = results
    if result.orders.empty:
        yield Text("There was no order, so nothing was paid.")
        return
    yield _curve(result)
    rows = tuple(
        (
            Cell(label(name)),
            metric_cell(name, result.metrics[name]),
            Cell(result.metrics[name].convention),
        )
        for name in NAMES
        if name in result.metrics
    )
    columns = (Column("Number"), Column("Value", numeric=True), Column("How it is counted"))
    yield Table(f"Costs and size, money in {currency(result)}", columns, rows)
    yield _kinds(result)
    if result.trade_facts is None:
        yield Text(
            "The result does not say what traded a day: run the backtest again to see sizes against it.",
            "note",
        )
    elif not result.trades.empty:
        yield _size(result)


def _curve(result: Backtest) -> Chart:
    found = cost_curve(result.equity)
    figure = number_curve(
        [item.multiple for item in found],
        [item.total_return for item in found],
        "times the modelled costs",
        ".0%",
        1.0,
    )
    free, paid = found[0], next(item for item in found if item.multiple == 1)
    most = ruin(result.equity)
    near = most is not None and most <= MULTIPLES[-1]
    end = f" From {plain(most, 2)} times these costs on nothing is left." if near else ""
    takeaway = (
        f"Without costs {_left(free)}, with the modelled ones {_left(paid)}. The trades and their sizes stay as they "
        f"were; the dotted line is the run.{end}"
    )
    costs = float(result.equity["gross"].iloc[-1] - result.equity["net"].iloc[-1])
    twin = _twin(found, costs, float(result.orders["value"].sum()))
    return Chart("curve", "Total return of the same trades by what trading costs", figure, takeaway, twin)


def _left(at: AtCosts) -> str:
    if at.total_return is None:
        return f"there is no total return ({at.reason})"
    return f"the total return is {percent(at.total_return, signed=True)}"


def _twin(found: tuple[AtCosts, ...], paid: float, traded: float) -> Table:
    columns = (
        numeric("Times the costs", "1 is the modelled costs of the run"),
        numeric("Of the value traded", "costs over the value of all fills, in basis points (1 bp is 0.01 %)"),
        numeric("Total return", f"last equity / first equity − 1; {SAME}"),
        numeric("CAGR", f"(last / first) ^ (365.25 / calendar days) − 1; {SAME}"),
        numeric("Sharpe ratio", f"of session returns, as on the first screen; {SAME}"),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(plain(item.multiple, 2), item.multiple),
            _basis_points(paid * item.multiple, traded),
            *_numbers(item),
        )
        for item in found
    )
    return Table("The same trades at other costs", columns, rows)


def _numbers(item: AtCosts) -> tuple[Cell, ...]:
    if item.reason:
        return (Cell(f"{NOTHING}: {item.reason}", span=3),)
    yearly = Cell(f"{NOTHING}: under a year") if item.cagr is None else percent_cell(item.cagr)
    ratio = Cell(f"{NOTHING}: {NO_RATIO}") if item.sharpe is None else plain_cell(item.sharpe, 2)
    return percent_cell(item.total_return), yearly, ratio


def _basis_points(paid: float, traded: float) -> Cell:
    if not traded:
        return Cell(NOTHING)
    return Cell(basis_points(paid / traded), paid / traded)


def _kinds(result: Backtest) -> Table:
    total = float(result.orders["value"].sum())
    rows = tuple(
        (
            Cell(name),
            plain_cell(result.orders[column].sum()),
            _basis_points(float(result.orders[column].sum()), total),
        )
        for name, column in (("Fees", "fee"), ("Spread and impact", "slippage"), ("Borrowing", "borrow"))
        if column in result.orders and result.orders[column].notna().all()
    )
    columns = (
        Column("What"), numeric(f"Paid, {currency(result)}", "sum over all fills"),
        numeric("Of the value traded", "over the value of all fills, in basis points (1 bp is 0.01 %)"),
    )  # fmt: skip
    return Table("What was paid for", columns, rows)


def _size(result: Backtest) -> Table:
    assert result.trade_facts is not None
    value = (result.trades["entry_price"] * result.trades["shares"]).to_numpy(dtype=float)
    adv = result.trade_facts["adv"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = value / adv
    known = np.isfinite(share)
    pnl = result.trades["pnl"].to_numpy(dtype=float)
    rows = [
        (Cell(f"{said}: at most".capitalize(), hint=SIZE), _days(float(np.quantile(share[known], level))))
        for level, said in QUANTILES
        if known.any()
    ]
    big = known & (share > 1)
    rows.append(
        (
            Cell(f"P&L of those larger than all that trades a day, {currency(result)}", hint=PROFIT),
            Cell(f"{plain(pnl[big].sum(), signed=True)} of {plain(pnl.sum(), signed=True)}"),
        )
    )
    if not known.all():
        none = Cell("Trades of names without a known ADV", hint="of all trades, open ones too")
        rows.append((none, plain_cell(int((~known).sum()))))
    columns = Column("All buys of a trade, over as many sessions as they took"), Column("Value", numeric=True)
    return Table("Could it have been traded", columns, tuple(rows))


def _days(share: float) -> Cell:
    return Cell(percent(share, 1) if number(share) is not None else NOTHING, share)


SECTION = Section("Costs and capacity", 56, render)
