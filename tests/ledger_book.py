"""The book of the ledger: what is known of a symbol, what a fill costs, exits and marks; see `ledger`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

EXIT_OPEN, ENTRY_OPEN, IN_SESSION = 0, 1, 2

SPREAD_BY_ADV = [(50_000_000, 3), (10_000_000, 8), (1_000_000, 25), (100_000, 75)]
SPREAD_BY_PRICE = [(5, 0), (1, 15), (0.1, 50)]


@dataclass(frozen=True)
class Bar:
    """One session of one symbol: adjusted prices, and the close and volume as printed (None: not known)."""

    open: float
    high: float
    low: float
    close: float
    printed: float
    volume: float | None


@dataclass(frozen=True)
class Setting:
    """All that a walk needs, as plain data.

    Parameters
    ----------
    dates : sequence of date
        One a row.
    bars : mapping of str to list of Bar or None
        By symbol, one item a row.
    ends : mapping of str to (row, payout)
        Row on which a symbol is paid out, and what a share gets; None is unknown.
    allowed, scores : mapping of str to list
        By symbol, one item a row; a score of None is not known.
    groups : mapping of str to list of (mineral, jurisdiction, stage)
        By symbol, one item a row; None is not known.
    foreign : set of str
        Symbols whose listing is in another currency than the book.
    costs, sizing, limits : Costs, Sizing, Limits
        Parameters.
    cash : float
        Money at the start.
    """

    dates: Sequence[date]
    bars: Mapping[str, Sequence[Bar | None]]
    ends: Mapping[str, tuple[int, float | None]]
    allowed: Mapping[str, Sequence[bool]]
    scores: Mapping[str, Sequence[float | None]]
    groups: Mapping[str, Sequence[tuple[Any, Any, Any]]]
    foreign: frozenset[str]
    costs: Any
    sizing: Any
    limits: Any
    cash: float


@dataclass(frozen=True)
class Order:
    """One fill."""

    row: int
    phase: int
    symbol: str
    side: str
    shares: float
    reference: float
    price: float
    fee: float
    borrow: float
    reason: str


@dataclass(frozen=True)
class Lost:
    """An order that led to no fill, or to part of one."""

    row: int
    symbol: str
    event: str
    reason: str


@dataclass
class Held:
    """A position; `rules` are those of the entry that opened it."""

    side: int
    shares: float
    entry_price: float
    row: int
    event: str
    rules: Any
    leave_after: int | None
    groups: tuple[Any, Any, Any]
    best: float = 0.0
    later_bars: int = 0
    leaving: str = ""
    lacks: float = 0.0
    asked: float = 0.0
    until: int = -1


def adv_of(own: Sequence[Bar]) -> float:
    """Mean value traded over the last 20 of a symbol's bars."""
    last = own[-20:]
    return math.fsum((bar.volume or 0.0) * bar.printed for bar in last) / len(last) if last else 0.0


def volatility_of(own: Sequence[Bar]) -> float:
    """Standard deviation of the last 20 returns of a symbol's bars."""
    returns = [later.close / earlier.close - 1 for earlier, later in pairwise(own[-21:])]
    if len(returns) < 5:
        return 0.05
    mean = math.fsum(returns) / len(returns)
    return math.sqrt(math.fsum((one - mean) ** 2 for one in returns) / (len(returns) - 1))


def price_of(own: Sequence[Bar]) -> float | None:
    """Last printed close of a symbol's bars."""
    return own[-1].printed if own else None


def half_spread(adv: float, price: float | None) -> float:
    """The wider of the two tables, as a fraction."""
    by_adv = next((bps for least, bps in SPREAD_BY_ADV if adv >= least), 200)
    by_price = next((bps for least, bps in SPREAD_BY_PRICE if price is not None and price >= least), 250)
    return max(by_adv, by_price) / 1e4


class Book:
    """Cash, positions and every change of them."""

    def __init__(self, given: Setting) -> None:
        self.given = given
        self.names = sorted(given.bars)
        self.rows = len(given.dates)
        self.cash = given.cash
        self.held: dict[str, Held] = {}
        self.mark: dict[str, float] = {}
        self.orders: list[Order] = []
        self.lost: list[Lost] = []
        self.curve: list[float] = []
        self._known: dict[tuple[Any, str, int], Any] = {}

    # What is known of a symbol.

    def before(self, what: Any, name: str, row: int) -> Any:
        """Something of the own bars of rows before `row`; kept once computed."""
        key = (what, name, row)
        if key not in self._known:
            self._known[key] = what([bar for bar in self.given.bars[name][:row] if bar is not None])
        return self._known[key]

    def adv(self, name: str, row: int) -> float:
        return self.before(adv_of, name, row)

    def volatility(self, name: str, row: int) -> float:
        return self.before(volatility_of, name, row)

    def printed(self, name: str, row: int) -> float | None:
        return self.before(price_of, name, row)

    def most(self, name: str, row: int) -> float:
        share = self.given.limits.participation
        return math.inf if share is None else share * self.adv(name, row)

    def ceased(self, name: str, row: int) -> bool:
        return name in self.given.ends and row >= self.given.ends[name][0]

    def payout(self, name: str) -> float:
        value = self.given.ends[name][1] if name in self.given.ends else None
        last = [bar for bar in self.given.bars[name] if bar is not None][-1]
        return last.close if value is None else value

    def fee(self, name: str) -> float:
        extra = self.given.costs.fx_bps if name in self.given.foreign else 0.0
        return (self.given.costs.fee_bps + extra) / 1e4

    def slip(self, name: str, row: int, value: float) -> float:
        costs = self.given.costs
        if costs.slippage_bps is not None:
            return costs.slippage_bps / 1e4
        adv = self.adv(name, row)
        root = math.sqrt(value / adv) if adv > 0 else 1.0
        spread = half_spread(adv, self.printed(name, row))
        return min(spread + costs.impact * self.volatility(name, row) * root, 0.5)

    # The book.

    def value_at_open(self, name: str, row: int) -> float:
        bar = self.given.bars[name][row]
        return self.held[name].shares * (self.mark[name] if bar is None else bar.open)

    def equity_at_open(self, row: int) -> float:
        worth = [one.side * self.value_at_open(name, row) for name, one in self.held.items()]
        return math.fsum([self.cash, *worth])

    def ruined(self, equity: float) -> bool:
        """Whether what is left is rounding."""
        return equity <= 1e-9 * self.given.cash

    def free_cash(self, row: int) -> float:
        short = [self.value_at_open(name, row) for name, one in self.held.items() if one.side < 0]
        return self.cash - 2 * math.fsum(short)

    def lose(self, row: int, name: str, event: str, reason: str) -> None:
        self.lost.append(Lost(row, name, event, reason))

    def drop_build(self, row: int, name: str) -> None:
        """What lacks of a position will not be bought any more."""
        one = self.held[name]
        if one.lacks > 0:
            part = 1 - one.lacks / one.asked
            self.lose(row, name, one.event, f"only {part * 100:.0f}% of it within the limit on participation")
        one.lacks = one.asked = 0.0

    def leave(self, row: int, phase: int, name: str, reference: float, reason: str) -> None:
        """As much as the day allows; the rest is being left."""
        one = self.held[name]
        if not one.leaving:
            one.leaving = reason
            self.drop_build(row, name)
        self.give_back(row, phase, name, reference, one.leaving, one.shares)

    def give_back(
        self, row: int, phase: int, name: str, reference: float, reason: str, shares: float
    ) -> bool:
        """Whether all of it went."""
        limit = self.most(name, row)
        cut = shares * reference > limit
        if cut:
            shares = limit / reference
        if shares <= 0:
            return False
        slip = self.slip(name, row, shares * reference)
        self.book_exit(row, phase, name, shares, reference, slip, self.fee(name), reason)
        return not cut

    def book_exit(
        self,
        row: int,
        phase: int,
        name: str,
        shares: float,
        reference: float,
        slip: float,
        fee: float,
        reason: str,
    ) -> None:
        one = self.held[name]
        price = reference * (1 - one.side * slip)
        borrow = 0.0
        if one.side < 0:
            days = (self.given.dates[row] - self.given.dates[one.row]).days
            borrow = shares * one.entry_price * self.given.costs.borrow_bps / 1e4 * days / 365
        paid = shares * price * fee
        self.cash += one.side * shares * price - paid - borrow
        side = "sell" if one.side > 0 else "buy"
        self.orders.append(Order(row, phase, name, side, shares, reference, price, paid, borrow, reason))
        one.shares -= shares
        # What rounding leaves of a full exit.
        if one.shares <= 1e-12 * shares:
            del self.held[name]

    def enter(self, row: int, name: str, value: float, new: Held | None) -> None:
        """Spend a value, the fee on top."""
        reference, slip = self.given.bars[name][row].open, self.slip(name, row, value)
        side = new.side if new else self.held[name].side
        price = reference * (1 + side * slip)
        shares, fee = value / price, value * self.fee(name)
        self.cash -= side * value + fee
        word = "buy" if side > 0 else "sell"
        self.orders.append(Order(row, ENTRY_OPEN, name, word, shares, reference, price, fee, 0.0, ""))
        if new:
            new.shares, new.entry_price, new.best = shares, price, price
            self.held[name] = new
        else:
            one = self.held[name]
            one.entry_price = (one.shares * one.entry_price + shares * price) / (one.shares + shares)
            one.shares += shares

    # A row.

    def pay_out(self, row: int) -> None:
        for name in sorted(self.held):
            if name in self.given.ends and self.given.ends[name][0] == row:
                self.drop_build(row, name)
                one = self.held[name]
                self.book_exit(row, EXIT_OPEN, name, one.shares, self.payout(name), 0.0, 0.0, "ceased")

    def levels(self, name: str) -> tuple[tuple[float, str] | None, float | None]:
        """The nearer of stop and trailing stop, with its name, and the target."""
        one = self.held[name]
        rules, side, found = one.rules, one.side, []
        if rules.stop is not None:
            found.append((one.entry_price * (1 - side * rules.stop), "stop"))
        if rules.trailing_stop is not None:
            found.append((one.best * (1 - side * rules.trailing_stop), "trailing-stop"))
        # Of equals the first, which is the stop.
        nearest = max(found, key=lambda pair: side * pair[0], default=None)
        return nearest, None if rules.take_profit is None else one.entry_price * (
            1 + side * rules.take_profit
        )

    def reason_at_open(self, row: int, name: str) -> str:
        one, price = self.held[name], self.given.bars[name][row].open
        nearest, target = self.levels(name)
        if one.leaving:
            return one.leaving
        if nearest is not None and one.side * (price - nearest[0]) <= 0:
            return nearest[1]
        if target is not None and one.side * (price - target) >= 0:
            return "take-profit"
        if one.leave_after is not None and row > one.leave_after:
            return "opposite event"
        # This bar is not counted yet.
        if one.rules.hold is not None and one.later_bars + 1 >= one.rules.hold:
            return "hold"
        return ""

    def exits_at_open(self, row: int) -> None:
        for name in sorted(self.held):
            bar = self.given.bars[name][row]
            if bar is None:
                continue
            reason = self.reason_at_open(row, name)
            if reason:
                self.leave(row, EXIT_OPEN, name, bar.open, reason)

    def exits_in_session(self, row: int) -> None:
        for name in sorted(self.held):
            one, bar = self.held[name], self.given.bars[name][row]
            if bar is None or one.leaving:
                continue
            nearest, target = self.levels(name)
            against, favour = (bar.low, bar.high) if one.side > 0 else (bar.high, bar.low)
            if nearest is not None and one.side * (against - nearest[0]) <= 0:
                worse = min(nearest[0], bar.open) if one.side > 0 else max(nearest[0], bar.open)
                self.leave(row, IN_SESSION, name, worse, nearest[1])
            elif target is not None and one.side * (favour - target) >= 0:
                better = max(target, bar.open) if one.side > 0 else min(target, bar.open)
                self.leave(row, IN_SESSION, name, better, "take-profit")

    def close(self, row: int) -> None:
        for name, one in self.held.items():
            bar = self.given.bars[name][row]
            if bar is None:
                continue
            self.mark[name] = bar.close
            one.best = max(one.best, bar.high) if one.side > 0 else min(one.best, bar.low)
            if row > one.row:
                one.later_bars += 1
        worth = [one.side * one.shares * self.mark[name] for name, one in self.held.items()]
        self.curve.append(math.fsum([self.cash, *worth]))
