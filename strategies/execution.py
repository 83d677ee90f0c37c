"""From decisions to fills: the rules of docs/execution.md, one session after the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from strategies.book import IN_SESSION, SELL_OPEN, Book, Fill, Position, Tape, Unfilled
from strategies.plan import Entries, Entry, Exits, Plan

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from strategies.costs import Costs
    from universes.panel import Market

LEAST_FACTOR = 0.1
NOTED_FACTOR = 0.98
LEAST_CHANGE = 1e-6


@dataclass(frozen=True, slots=True)
class Wanted:
    """A buy that an open could fill: `value` is what it asks for, before the fee."""

    symbol: int
    value: float
    reason: str
    event: str
    exits: Exits


class Orders(Protocol):
    """Decisions waiting for an open; one implementation a kind of plan."""

    def sell_at_open(self, book: Book, row: int) -> None:
        """Make the sales that the plan asks for at this open."""

    def wanted(self, book: Book, row: int) -> list[Wanted]:
        """Buys that this open can fill, each symbol at most once; what can never be filled is reported."""

    def short_of_cash(self, book: Book, row: int, buys: Sequence[Wanted], factor: float) -> None:
        """Report buys that were cut to `factor` of what they asked for; 0 is not at all."""

    def decide(self, book: Book, row: int) -> None:
        """Take in what was decided after the last close of this row."""

    def close(self, book: Book, row: int) -> None:
        """Report what is still waiting when the data end."""


def execute(
    plan: Plan, market: Market, eligible: pd.DataFrame, costs: Costs, cash: float, slots: int
) -> tuple[tuple[Fill, ...], tuple[Unfilled, ...]]:
    """Fills of a plan, and the orders that were not filled, both in order of time.

    Parameters
    ----------
    plan : Entries or Weights
        Decisions of the strategy.
    market : Market
        Prices; its symbols are sorted, so that results do not depend on the order they were given in.
    eligible : DataFrame of bool, shape (T, N)
        Which symbols may be bought, by decision row.
    costs : Costs
        Fee and slippage.
    cash : float
        Money at the start, in the currency of the market.
    slots : int
        An entry asks for one `slots`-th of equity.
    """
    book = Book(Tape.of(market), costs, cash)
    allowed = eligible.to_numpy()
    orders: Orders
    if isinstance(plan, Entries):
        orders = EntryOrders.of(plan, market, allowed, slots)
        book.unfilled.extend(orders.skipped)
    else:
        orders = WeightOrders(plan.table.to_numpy(), allowed)
    for row in range(len(market.sessions)):
        _session(book, orders, row)
    orders.close(book, len(market.sessions) - 1)
    return tuple(book.fills), tuple(book.unfilled)


def _session(book: Book, orders: Orders, row: int) -> None:
    for symbol in sorted(book.positions):
        if book.tape.end[symbol] == row:
            book.pay_out(row, symbol)
    _exits_at_open(book, row)
    orders.sell_at_open(book, row)
    _buy_at_open(book, orders, row)
    _exits_in_session(book, row)
    book.mark(row)
    orders.decide(book, row)


def _exits_at_open(book: Book, row: int) -> None:
    for symbol in sorted(book.positions):
        price = float(book.tape.open[row, symbol])
        if not math.isnan(price):
            reason = _reason_at_open(book.positions[symbol], price)
            if reason:
                book.sell(row, SELL_OPEN, symbol, book.positions[symbol].shares, price, reason)


def _reason_at_open(position: Position, price: float) -> str:
    level, reason = stop_level(position)
    if price <= level:
        return reason
    if price >= target(position):
        return "take-profit"
    hold = position.exits.hold
    return "hold" if hold is not None and position.bars + 1 >= hold else ""


def stop_level(position: Position) -> tuple[float, str]:
    """Price at or below which a position is sold, and the rule that says so; minus infinity without one."""
    exits = position.exits
    stop = -math.inf if exits.stop is None else position.entry_price * (1 - exits.stop)
    trail = -math.inf if exits.trailing_stop is None else position.peak * (1 - exits.trailing_stop)
    return (trail, "trailing-stop") if trail > stop else (stop, "stop")


def target(position: Position) -> float:
    """Price at or above which a position is sold; infinity without a target."""
    profit = position.exits.take_profit
    return math.inf if profit is None else position.entry_price * (1 + profit)


def _buy_at_open(book: Book, orders: Orders, row: int) -> None:
    buys = orders.wanted(book, row)
    if not buys:
        return
    needed = math.fsum(buy.value for buy in buys) * (1 + book.fee)
    factor = min(1.0, max(book.cash, 0.0) / needed)
    if factor < 1:
        # The last bit of a sum must not ask for more than there is.
        factor *= 1 - 1e-12
    if factor < LEAST_FACTOR:
        orders.short_of_cash(book, row, buys, 0.0)
        return
    for buy in buys:
        book.buy(row, buy.symbol, buy.value * factor, buy.reason, buy.event, buy.exits)
    if factor < NOTED_FACTOR:
        orders.short_of_cash(book, row, buys, factor)


def _exits_in_session(book: Book, row: int) -> None:
    for symbol in sorted(book.positions):
        position = book.positions[symbol]
        opened, low = float(book.tape.open[row, symbol]), float(book.tape.low[row, symbol])
        if math.isnan(opened):
            continue
        level, reason = stop_level(position)
        if low <= level:
            book.sell(row, IN_SESSION, symbol, position.shares, min(level, opened), reason)
        elif float(book.tape.high[row, symbol]) >= target(position):
            book.sell(row, IN_SESSION, symbol, position.shares, max(target(position), opened), "take-profit")


@dataclass(eq=False)
class EntryOrders:
    """Entries that wait for an open; each position gets one `slots`-th of equity."""

    by_row: dict[int, list[tuple[int, Entry]]]
    allowed: np.ndarray
    slots: int
    skipped: tuple[Unfilled, ...]
    waiting: list[tuple[int, Entry]] = field(default_factory=list)

    @classmethod
    def of(cls, plan: Entries, market: Market, allowed: np.ndarray, slots: int) -> EntryOrders:
        """Entries by decision row, in an order that does not depend on that of the symbols."""
        number = {symbol: at for at, symbol in enumerate(market.symbols)}
        by_row: dict[int, list[tuple[int, Entry]]] = {}
        for entry in sorted(plan.entries, key=lambda item: (item.row, item.symbol, item.event)):
            by_row.setdefault(entry.row, []).append((number[entry.symbol], entry))
        skipped = tuple(Unfilled(-1, item.symbol, True, item.event, item.reason) for item in plan.skipped)
        return cls(by_row, allowed, slots, skipped)

    def sell_at_open(self, book: Book, row: int) -> None:
        """Nothing: entries are left by their exits alone."""

    def wanted(self, book: Book, row: int) -> list[Wanted]:
        """Entries whose symbol opens; those in a symbol that ceased or is held are reported."""
        size = book.equity_at_open(row) / self.slots
        buys: dict[int, Wanted] = {}
        still: list[tuple[int, Entry]] = []
        for symbol, entry in self.waiting:
            if 0 <= book.tape.end[symbol] <= row:
                book.report(row, symbol, entry.event, "ceased before it could be filled")
            elif math.isnan(book.tape.open[row, symbol]):
                still.append((symbol, entry))
            elif symbol in book.positions or symbol in buys:
                book.report(row, symbol, entry.event, "already held")
            else:
                buys[symbol] = Wanted(symbol, size, "entry", entry.event, entry.exits)
        self.waiting = still
        return [buys[symbol] for symbol in sorted(buys)]

    def short_of_cash(self, book: Book, row: int, buys: Sequence[Wanted], factor: float) -> None:
        """List each buy with the share of it that was filled."""
        _report_short(book, row, buys, factor)

    def decide(self, book: Book, row: int) -> None:
        """Let the entries of this row wait for their open, but for those that were not eligible."""
        for symbol, entry in self.by_row.get(row, ()):
            if self.allowed[row, symbol]:
                self.waiting.append((symbol, entry))
            else:
                book.report(row, symbol, entry.event, "not eligible")

    def close(self, book: Book, row: int) -> None:
        """List what waits when the data end."""
        for symbol, entry in self.waiting:
            book.report(row, symbol, entry.event, "no open before the data end")


@dataclass(eq=False)
class WeightOrders:
    """Target weights that wait for each symbol's open."""

    table: np.ndarray
    allowed: np.ndarray
    targets: dict[int, float] = field(default_factory=dict)

    def sell_at_open(self, book: Book, row: int) -> None:
        """Sell what is above its target; equity is measured once, before the first sale."""
        equity = book.equity_at_open(row)
        for symbol in self._opening(book, row):
            position, price = book.positions.get(symbol), float(book.tape.open[row, symbol])
            if position is None:
                continue
            excess = position.shares - self.targets[symbol] * equity / price
            if excess * price > LEAST_CHANGE * equity:
                book.sell(row, SELL_OPEN, symbol, min(excess, position.shares), price, "rebalance")

    def wanted(self, book: Book, row: int) -> list[Wanted]:
        """What is below its target; symbols that ceased are reported."""
        equity = book.equity_at_open(row)
        buys = []
        for symbol in self._opening(book, row):
            held = (
                book.positions[symbol].shares * book.open_price(row, symbol)
                if symbol in book.positions
                else 0.0
            )
            lacking = self.targets.pop(symbol) * equity - held
            if lacking > LEAST_CHANGE * equity:
                buys.append(Wanted(symbol, lacking, "rebalance", "", Exits()))
        self._drop_ceased(book, row)
        return buys

    def short_of_cash(self, book: Book, row: int, buys: Sequence[Wanted], factor: float) -> None:
        """List each buy with the share of it that was filled."""
        _report_short(book, row, buys, factor)

    def decide(self, book: Book, row: int) -> None:
        """Replace all targets by this row's, when it has any."""
        import numpy as np

        weights = self.table[row]
        if np.isnan(weights).all():
            return
        self.close(book, row, "replaced before it could be filled")
        for symbol in np.flatnonzero((weights > 0) & ~self.allowed[row]):
            book.report(row, int(symbol), "", "not eligible")
        granted = np.where(self.allowed[row], np.nan_to_num(weights), 0.0)
        self.targets = {
            symbol: float(weight)
            for symbol, weight in enumerate(granted)
            if weight > 0 or symbol in book.positions
        }

    def close(self, book: Book, row: int, reason: str = "no open before the data end") -> None:
        """List the targets that still wait, and forget them."""
        for symbol in sorted(self.targets):
            book.report(row, symbol, "", reason, buy=self.targets[symbol] > 0)
        self.targets.clear()

    def _opening(self, book: Book, row: int) -> list[int]:
        return [symbol for symbol in sorted(self.targets) if not math.isnan(book.tape.open[row, symbol])]

    def _drop_ceased(self, book: Book, row: int) -> None:
        for symbol in sorted(self.targets):
            if 0 <= book.tape.end[symbol] <= row and self.targets.pop(symbol) > 0:
                book.report(row, symbol, "", "ceased before it could be filled")


def _report_short(book: Book, row: int, buys: Sequence[Wanted], factor: float) -> None:
    reason = f"cash for only {factor:.0%} of it" if factor else "no cash"
    for buy in buys:
        book.report(row, buy.symbol, buy.event, reason)
