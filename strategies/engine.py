"""A backtest from end to end: plan, fills, books, tables, numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from strategies.benchmark import EQUAL_WEIGHT, benchmark_wealth
from strategies.book import Fill, Unfilled
from strategies.costs import Costs
from strategies.execution import execute
from strategies.plan import Entries, Plan, Strategy, Weights
from strategies.result import Backtest
from universes.errors import BadParameter
from universes.survivorship import survivorship

if TYPE_CHECKING:
    import pandas as pd

    from strategies.evidence import Study
    from strategies.vectorbt_books import Books
    from universes.panel import Market
    from universes.policy import Events


@dataclass(frozen=True, slots=True)
class _Account:
    costs: Costs
    cash: float
    slots: int
    benchmark: str
    currency: str


def backtest(
    strategy: Strategy,
    market: Market,
    *,
    events: Events | None = None,
    eligible: pd.DataFrame | None = None,
    costs: Costs | None = None,
    cash: float = 1_000_000.0,
    slots: int = 10,
    benchmark: str = EQUAL_WEIGHT,
    study: Study | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Backtest:
    """What a strategy would have done on a market, after costs.

    Parameters
    ----------
    strategy : Strategy
        Anything with ``plan(market, events, eligible)``.
    market : Market
        T sessions, N symbols.
    events : Events, optional
        Policy events the strategy may act on; default none.
    eligible : DataFrame of bool, shape (T, N), optional
        Which symbols may be bought after each session, as `screener.eligibility` gives; default the members.
    costs : Costs, optional
        Default `Costs()`, which is not zero.
    cash : float
        Money at the start, in the currency of the names that may be bought.
    slots : int
        An entry asks for one `slots`-th of equity; strategies with weights ignore it.
    benchmark : str
        ``equal-weight`` or a symbol of the market.
    study : Study, optional
        Event study of the same events, where it has been made; otherwise it is made here.
    settings : mapping, optional
        Further settings to record, such as the filter behind `eligible`.

    Returns
    -------
    Backtest

    Raises
    ------
    BadParameter
        If a parameter is out of range, the names to buy are in several currencies, or the plan is malformed.
    """
    from universes.policy import Events as Calendar

    events = events if events is not None else Calendar(())
    allowed = _eligible(eligible, market)
    account = _Account(costs or Costs(), cash, slots, benchmark, _currency(market, allowed))
    _check_account(account)
    plan = strategy.plan(market, events, allowed)
    _check_plan(plan, market)
    fills, unfilled = execute(plan, market, allowed, account.costs, cash, slots)
    tables = _tables(fills, unfilled, market, account)
    return Backtest(
        strategy=name_of(strategy),
        parameters=parameters_of(strategy),
        settings=_settings(account, market, events) | dict(settings or {}),
        data=data_statement(market),
        events=event_table(events),
        study=_study(study, market, events),
        **tables,
    )


def _tables(
    fills: tuple[Fill, ...], unfilled: tuple[Unfilled, ...], market: Market, account: _Account
) -> dict[str, Any]:
    from strategies.metrics import summarise
    from strategies.trades import order_table, trade_table, unfilled_table
    from strategies.vectorbt_books import keep_books, session_marks

    books = keep_books(fills, market, account.costs, account.cash)
    marks = session_marks(market)
    orders = order_table(fills, market, account.costs)
    trades = trade_table(orders, marks, market)
    equity = _equity(books, orders, marks, market, account)
    return {
        "orders": orders,
        "unfilled": unfilled_table(unfilled, market),
        "trades": trades,
        "equity": equity,
        "metrics": summarise(equity, trades, orders),
        "portfolio": books.portfolio,
    }


def _equity(
    books: Books, orders: pd.DataFrame, marks: pd.DataFrame, market: Market, account: _Account
) -> pd.DataFrame:
    import pandas as pd

    paid = (orders["fee"] + orders["slippage"]).groupby(orders["session"]).sum()
    costs = paid.reindex(market.sessions, fill_value=0.0).cumsum().to_numpy()
    wealth = benchmark_wealth(account.benchmark, market, marks, account.currency)
    equity = pd.DataFrame(
        {
            "net": books.value,
            "gross": books.value + costs,
            "benchmark": wealth.to_numpy() * account.cash,
            "invested": books.invested,
        },
        index=market.sessions,
    )
    return equity.iloc[market.clock.hours[market.reference_exchange].rows]


def _eligible(given: pd.DataFrame | None, market: Market) -> pd.DataFrame:
    members = membership(market)
    if given is None:
        table = members
    elif given.index.equals(market.sessions) and set(market.symbols) <= set(given.columns):
        table = given.reindex(columns=list(market.symbols)).astype(bool)
    else:
        raise BadParameter(
            f"eligible has shape {given.shape}; it must have the market's {len(market.sessions)} sessions and "
            f"{len(market.symbols)} symbols: make it with screener.eligibility(market, ...)"
        )
    return table & members


def membership(market: Market) -> pd.DataFrame:
    """Whether each symbol's company was a member of the universe after each session, shape (T, N)."""
    import numpy as np
    import pandas as pd

    days = market.sessions.to_numpy().astype("datetime64[D]")
    table = pd.DataFrame(False, index=market.sessions, columns=list(market.symbols))
    for symbol, company in market.lives.loc[list(market.members), "company"].items():
        held = np.zeros(len(days), dtype=bool)
        for row in market.universe.memberships:
            if row.company == company:
                begins = max(row.start, row.known_from)
                held |= (days >= np.datetime64(begins)) & (days < np.datetime64(row.end or date.max))
        table[symbol] = held
    return table


def _currency(market: Market, allowed: pd.DataFrame) -> str:
    """The one currency of all names that may be bought."""
    candidates = market.lives.loc[allowed.columns[allowed.any().to_numpy()], "currency"]
    counts = candidates.value_counts().sort_index()
    if len(counts) > 1:
        said = ", ".join(f"{count} in {name}" for name, count in counts.items())
        raise BadParameter(
            f"the names to buy are quoted in several currencies ({said}): a book has one; read all prices in one "
            "with --currency USD (currency='USD' from Python), "
            f"or choose with --where \"currency == '{counts.idxmax()}'\""
        )
    return str(counts.index[0]) if len(counts) else str(market.lives["currency"].mode().sort_values().iloc[0])


def _check_account(account: _Account) -> None:
    if not account.cash > 0:
        raise BadParameter(f"cash is {account.cash}: it must be above zero")
    if account.slots < 1:
        raise BadParameter(f"slots is {account.slots}: it must be a whole number from 1")


def _check_plan(plan: Plan, market: Market) -> None:
    if isinstance(plan, Entries):
        rows = len(market.sessions)
        for entry in plan.entries:
            if not 0 <= entry.row < rows or entry.symbol not in market.lives.index:
                raise BadParameter(f"the strategy decided {entry}: the market has rows 0 to {rows - 1}")
    elif isinstance(plan, Weights):
        _check_weights(plan, market)
    else:
        raise BadParameter(f"plan() gave {type(plan).__name__}: it must give Entries or Weights")


def _check_weights(plan: Weights, market: Market) -> None:
    table = plan.table
    if list(table.columns) != list(market.symbols) or not table.index.equals(market.sessions):
        raise BadParameter("the weights must have the market's sessions and symbols, in their order")
    if (table < 0).any(axis=None) or (table.sum(axis=1) > 1 + 1e-9).any():
        raise BadParameter("weights must not be negative, and no row may sum to more than 1")


def _study(study: Study | None, market: Market, events: Events) -> dict[str, Any] | None:
    if not len(events):
        return None
    from strategies.event_study import study as make_study
    from strategies.study_record import as_dict

    return as_dict(study or make_study(market, events))


def _settings(account: _Account, market: Market, events: Events) -> dict[str, Any]:
    return {
        "first": f"{market.sessions[0]:%Y-%m-%d}",
        "last": f"{market.sessions[-1]:%Y-%m-%d}",
        "reference_exchange": market.reference_exchange,
        "currency": account.currency,
        "cash": account.cash,
        "slots": account.slots,
        "fee_bps": account.costs.fee_bps,
        "slippage_bps": account.costs.slippage_bps,
        "benchmark": account.benchmark,
        "sessions_per_year": 252,
        "events": len(events),
        "events_hash": events.hash,
    }


def name_of(strategy: Strategy) -> str:
    """Name of a strategy as users type it: the file of a library strategy, the class of a user's own."""
    cls = type(strategy)
    return (
        cls.__module__.rpartition(".")[2]
        if cls.__module__.startswith("strategies.library.")
        else cls.__name__
    )


def parameters_of(strategy: Strategy) -> dict[str, Any]:
    """Fields of a strategy and their values; empty for one that is not a dataclass."""
    given: Any = strategy
    return {item.name: getattr(given, item.name) for item in fields(given)} if is_dataclass(given) else {}


def data_statement(market: Market) -> dict[str, Any]:
    """Source, kind and hash of a market, who is in it and who is not, and what the gates found."""
    return {
        "source": market.source,
        "kind": market.kind,
        "hash": market.hash,
        "universe": market.universe.name,
        "survivorship": survivorship(market).as_dict(),
        "findings": [str(item) for item in market.findings],
    }


def event_table(events: Events) -> pd.DataFrame:
    """One row an event, as text, for reports: identifier, instant, kind, direction, title, source."""
    import pandas as pd

    from universes.policy import known_at

    columns = (
        "event",
        "announced",
        "kind",
        "status",
        "country",
        "direction",
        "instrument",
        "title",
        "source",
    )
    rows = [
        {name: getattr(row, name) for name in columns} | {"announced": f"{known_at(row):%Y-%m-%dT%H:%MZ}"}
        for row in events
    ]
    return pd.DataFrame(rows, columns=list(columns), dtype=object)
