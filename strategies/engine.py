"""A backtest from end to end: plan, fills, books, tables, numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from strategies.benchmark import EQUAL_WEIGHT, benchmark_wealth
from strategies.costs import Costs
from strategies.plan import Entries, Plan, Strategy, Weights
from strategies.result import Backtest
from strategies.sizing import Limits, Sizing
from universes.errors import BadParameter

if TYPE_CHECKING:
    import pandas as pd

    from strategies.book import Fill
    from strategies.evidence import Study
    from strategies.tape import Tape
    from strategies.tickets import Ground, Unfilled
    from strategies.vectorbt_books import Books
    from universes.panel import Market
    from universes.policy import Events


@dataclass(frozen=True, slots=True)
class Account:
    """Money, and the rules it is traded by.

    Parameters
    ----------
    costs, sizing, limits : Costs, Sizing, Limits
        What trades cost, how large positions are, what they may not exceed.
    cash : float
        Money at the start.
    currency, benchmark : str
        Of the book; what it is compared with.
    """

    costs: Costs
    sizing: Sizing
    limits: Limits
    cash: float
    currency: str = ""
    benchmark: str = EQUAL_WEIGHT

    def __post_init__(self) -> None:
        if not self.cash > 0:
            raise BadParameter(f"cash is {self.cash}: it must be above zero")


def backtest(
    strategy: Strategy,
    market: Market,
    *,
    events: Events | None = None,
    eligible: pd.DataFrame | None = None,
    costs: Costs | None = None,
    cash: float = 1_000_000.0,
    slots: int = 10,
    sizing: Sizing | str = "equal",
    limits: Limits | None = None,
    scores: pd.DataFrame | None = None,
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
        Which symbols may be traded after each session, as `screener.eligibility` gives; default the members.
    costs : Costs, optional
        Default `Costs()`, which is not zero.
    cash : float
        Money at the start, in the currency of the names that may be traded.
    slots : int
        A whole position is one `slots`-th of equity; strategies with weights ignore it.
    sizing : Sizing or str
        How large an entry is: a rule by name, or a `Sizing`, whose own slots then count.
    limits : Limits, optional
        Participation, patience, number of positions and caps; default `Limits()`, with 5 % of the ADV a fill.
    scores : DataFrame of shape (T, N), optional
        Alignment scores as known after each session, for sizing by score and for strategies that ask for them.
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
        If a parameter is out of range, the names to trade are in several currencies, or the plan is malformed.
    """
    from strategies.ground import book_currency, eligible_members, ground
    from strategies.statement import (
        account_settings,
        data_statement,
        event_table,
        market_settings,
        name_of,
        parameters_of,
    )
    from strategies.tape import Tape
    from strategies.trade_facts import trade_facts
    from universes.policy import Events as Calendar

    events = events if events is not None else Calendar(())
    allowed = eligible_members(eligible, market)
    rule = Sizing(sizing, slots) if isinstance(sizing, str) else sizing
    account = Account(
        costs or Costs(), rule, limits or Limits(), cash, book_currency(market, allowed), benchmark
    )
    known = ground(market, allowed, account.limits, scores)
    plan = make_plan(strategy, market, events, allowed, scores)
    tape = Tape.of(market, account.costs)
    fills, unfilled = fill(plan, market, tape, known, account)
    books, told_events = _tables(fills, unfilled, market, tape, account), event_table(events)
    told = account_settings(
        account.costs, rule, account.limits, cash=cash, currency=account.currency, benchmark=benchmark
    )
    return Backtest(
        strategy=name_of(strategy),
        parameters=parameters_of(strategy),
        settings=market_settings(market, events) | told | dict(settings or {}),
        data=data_statement(market),
        events=told_events,
        study=_study(study, market, events),
        trade_facts=trade_facts(books["trades"], told_events, market, tape),
        **books,
    )


def make_plan(
    strategy: Strategy, market: Market, events: Events, allowed: pd.DataFrame, scores: pd.DataFrame | None
) -> Plan:
    """Plan of a strategy, checked; one whose ``plan`` takes ``scores`` is given them.

    Raises
    ------
    BadParameter
        If it asks for scores and there are none, or the plan is malformed.
    """
    from strategies.catalog import wants_scores

    asked: Any = strategy.plan
    more: dict[str, Any] = {}
    if wants_scores(strategy):
        if scores is None:
            raise BadParameter(
                f"{type(strategy).__name__} needs scores: give scores=screener.score_table(market)"
            )
        more["scores"] = scores
    plan: Plan = asked(market, events, allowed, **more)
    check_plan(plan, market)
    return plan


def fill(
    plan: Plan, market: Market, tape: Tape, known: Ground, account: Account
) -> tuple[tuple[Fill, ...], tuple[Unfilled, ...]]:
    """Fills of a plan, and all that was not filled: what led to no decision first."""
    from strategies.execution import fill_tickets, fill_weights
    from strategies.tickets import Unfilled, columns, prepare

    if isinstance(plan, Weights):
        return fill_weights(
            plan.table.to_numpy(), known.allowed, tape, cash=account.cash, limits=account.limits
        )
    table, exits = columns(plan, market)
    prepared = prepare(table, exits, tape, known, account.sizing, account.costs)
    fills, unfilled = fill_tickets(
        prepared.tickets, tape, cash=account.cash, sizing=account.sizing, limits=account.limits
    )
    skipped = tuple(Unfilled(-1, item.symbol, True, item.event, item.reason) for item in plan.skipped)
    return fills, (*skipped, *prepared.unfilled(market.symbols), *unfilled)


def _tables(
    fills: tuple[Fill, ...],
    unfilled: tuple[Unfilled, ...],
    market: Market,
    tape: Tape,
    account: Account,
) -> dict[str, Any]:
    from strategies.backtest_evidence import evidence_metrics
    from strategies.capacity import capacity_metrics
    from strategies.metrics import summarise
    from strategies.trades import order_table, trade_table, unfilled_table
    from strategies.vectorbt_books import keep_books

    books = keep_books(fills, market, account.cash)
    orders = order_table(fills, market)
    trades = trade_table(orders, books.marks, market)
    equity = _equity(books, orders, market, account)
    return {
        "orders": orders,
        "unfilled": unfilled_table(unfilled, market),
        "trades": trades,
        "equity": equity,
        "metrics": summarise(equity, trades, orders)
        | evidence_metrics(equity, trades)
        | capacity_metrics(fills, equity, tape, account.cash, market.sessions),
        "portfolio": books.portfolio,
    }


def _equity(books: Books, orders: pd.DataFrame, market: Market, account: Account) -> pd.DataFrame:
    import pandas as pd

    paid = (orders["fee"] + orders["slippage"] + orders["borrow"]).groupby(orders["session"]).sum()
    costs = paid.reindex(market.sessions, fill_value=0.0).cumsum().to_numpy()
    wealth = benchmark_wealth(account.benchmark, market, books.marks, account.currency)
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


def check_plan(plan: Plan, market: Market) -> None:
    """Refuse a plan that is not of the market.

    Raises
    ------
    BadParameter
        If it is neither Entries nor Weights, or names rows, symbols or sizes that cannot be.
    """
    if isinstance(plan, Entries):
        _check_entries(plan, market)
    elif isinstance(plan, Weights):
        _check_weights(plan, market)
    else:
        raise BadParameter(f"plan() gave {type(plan).__name__}: it must give Entries or Weights")


def _check_entries(plan: Entries, market: Market) -> None:
    rows, symbols = len(market.sessions), set(market.symbols)
    for entry in plan.entries:
        if not 0 <= entry.row < rows or entry.symbol not in symbols:
            raise BadParameter(f"the strategy decided {entry}: the market has rows 0 to {rows - 1}")
        if entry.side not in (1, -1) or not 0 < entry.share <= 1 or entry.stage < 1:
            raise BadParameter(
                f"the strategy decided {entry}: side is 1 or -1, share above 0 and at most 1, stage from 1"
            )
        if not abs(entry.priority) < float("inf"):
            raise BadParameter(f"the strategy decided {entry}: priority must be a finite number")


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

    # Random calendars take as long as the rest of a backtest: who wants them passes a study.
    return as_dict(study or make_study(market, events, draws=0))
