"""The book while orders are decided: cash, positions, and every change of them as a fill."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from strategies.costs import MOST_SLIP
from strategies.plan import LONG
from strategies.tape import CLOSE, HIGH, LOW, OPEN, Tape
from strategies.tickets import NEVER, Unfilled

# Within a session all exits at the open come first, then all entries at the open, then the rest.
EXIT_OPEN, ENTRY_OPEN, IN_SESSION = 0, 1, 2
# Of the money at the start: equity that is no more is what rounding leaves of a book that lost all.
DUST = 1e-9


@dataclass(frozen=True, slots=True)
class Fill:
    """One fill.

    Parameters
    ----------
    row, phase : int
        Session, and `EXIT_OPEN`, `ENTRY_OPEN` or `IN_SESSION`; at most one fill a row, phase and symbol.
    symbol : int
        Column of the symbol.
    buy : bool
        Side: a purchase, or the cover of a short sale.
    shares : float
        Above zero.
    reference : float
        Adjusted price before slippage.
    slip, fee : float
        Fractions of the reference price and of the filled value; a payout has none.
    borrow : float
        Money for the shares that were borrowed until now.
    reason, event : str
        Why, and the event behind it.
    """

    row: int
    phase: int
    symbol: int
    buy: bool
    shares: float
    reference: float
    slip: float
    fee: float
    borrow: float
    reason: str
    event: str

    @property
    def price(self) -> float:
        """What was paid or received a share, without the fee."""
        return self.reference * (1 + self.slip if self.buy else 1 - self.slip)


@dataclass(slots=True)
class Build:
    """What lacks of a position, and until which row it may still be bought.

    Parameters
    ----------
    lacks, wanted : float
        Money: what is not bought yet, and what was asked for in all.
    until : int
        Last row on which it can be filled.
    """

    lacks: float
    wanted: float
    until: int


@dataclass(slots=True)
class Position:
    """Shares held, or owed.

    Parameters
    ----------
    side : int
        1 held, -1 owed.
    shares, entry_price : float
        How many, above zero, and what was paid a share, on average.
    event : str
        Event behind the entry.
    row, bars : int
        Entry row, and own bars since it.
    best : float
        Best price from the entry bar to the last bar seen; the entry price before there is one.
    stop, take_profit, trailing_stop : float
        Fractions; NaN without.
    hold, leave_after : int
        Sessions, and row; `NEVER` without.
    groups : tuple of int
        Codes of mineral, jurisdiction and stage.
    leaving : str
        Why it is being left; empty while it is not.
    build : Build or None
        What still lacks of it.
    """

    side: int
    shares: float
    entry_price: float
    event: str
    row: int
    best: float
    stop: float = math.nan
    take_profit: float = math.nan
    trailing_stop: float = math.nan
    hold: int = NEVER
    leave_after: int = NEVER
    groups: tuple[int, ...] = (-1, -1, -1)
    bars: int = 0
    leaving: str = ""
    build: Build | None = None


@dataclass(eq=False)
class Book:
    """Cash and positions, changed only by the methods that record a fill.

    Parameters
    ----------
    tape : Tape
        Prices, liquidity and costs.
    cash : float
        Money at the start.
    participation : float or None
        Largest part of the ADV that one fill may be.

    Attributes
    ----------
    dust : float
        Equity that is not above this is nothing.
    """

    tape: Tape
    cash: float
    participation: float | None = None
    positions: dict[int, Position] = field(default_factory=dict)
    dust: float = field(init=False)
    marks: dict[int, float] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)
    unfilled: list[Unfilled] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dust = DUST * self.cash

    def price(self, row: int, symbol: int, which: int) -> float:
        """A price of a bar, by `OPEN`, `HIGH`, `LOW` or `CLOSE`; NaN where there is no bar."""
        return float(self.tape.bars[symbol, row, which])

    def most(self, row: int, symbol: int) -> float:
        """Money that one fill may be worth."""
        return (
            math.inf if self.participation is None else self.participation * float(self.tape.adv[symbol, row])
        )

    def opens(self, row: int, symbol: int) -> bool:
        """Whether an order can be filled at the open: there is one, and the limit on participation is not zero."""
        return not math.isnan(self.price(row, symbol, OPEN)) and self.most(row, symbol) > 0

    def slip(self, row: int, symbol: int, value: float) -> float:
        """Slippage of an order of a value, as a fraction of the reference price."""
        adv = float(self.tape.adv[symbol, row])
        size = math.sqrt(value / adv) if adv > 0 else 1.0
        return min(
            float(self.tape.half_spread[symbol, row]) + float(self.tape.impact[symbol, row]) * size, MOST_SLIP
        )

    def leave(self, row: int, phase: int, symbol: int, price: float, reason: str) -> None:
        """Give back as much of a position as the day allows; what remains is being left from now on."""
        position = self.positions[symbol]
        position.leaving = position.leaving or reason
        self.drop_build(row, symbol)
        self.reduce(row, phase, symbol, price, position.leaving, position.shares)

    def reduce(self, row: int, phase: int, symbol: int, price: float, reason: str, shares: float) -> None:
        """Give back some shares of a position, at most what the day allows."""
        position = self.positions[symbol]
        shares = min(shares, self.most(row, symbol) / price)
        if shares <= 0:
            return
        buy, slip = position.side != LONG, self.slip(row, symbol, shares * price)
        fee, borrow = float(self.tape.fee[symbol]), self._borrowed(row, position, shares)
        self._take(Fill(row, phase, symbol, buy, shares, price, slip, fee, borrow, reason, position.event))

    def pay_out(self, row: int, symbol: int) -> None:
        """Turn a position in a symbol that ceased into its terminal value, without fee or slippage."""
        position, price = self.positions[symbol], float(self.tape.terminal[symbol])
        self.drop_build(row, symbol)
        borrow = self._borrowed(row, position, position.shares)
        buy = position.side != LONG
        fill = Fill(
            row, EXIT_OPEN, symbol, buy, position.shares, price, 0.0, 0.0, borrow, "ceased", position.event
        )
        self._take(fill)

    def enter(self, row: int, symbol: int, value: float, new: Position | None, reason: str) -> None:
        """Enter at the open for a value before the fee: `new`, or more of the position that is there."""
        position = new or self.positions[symbol]
        reference, slip = self.price(row, symbol, OPEN), self.slip(row, symbol, value)
        buy, fee = position.side == LONG, float(self.tape.fee[symbol])
        paid = reference * (1 + position.side * slip)
        shares = value / paid
        self.cash -= position.side * value + fee * value
        self.fills.append(
            Fill(row, ENTRY_OPEN, symbol, buy, shares, reference, slip, fee, 0.0, reason, position.event)
        )
        if new:
            new.shares, new.entry_price, new.best = shares, paid, paid
            self.positions[symbol], self.marks[symbol] = new, reference
        else:
            position.entry_price = (position.shares * position.entry_price + value) / (
                position.shares + shares
            )
            position.shares += shares

    def _take(self, fill: Fill) -> None:
        """Book an exit."""
        position, value = self.positions[fill.symbol], fill.shares * fill.price
        self.cash += position.side * value - fill.fee * value - fill.borrow
        position.shares -= fill.shares
        self.fills.append(fill)
        # What rounding leaves of a full exit is not a position.
        if position.shares <= 1e-12 * fill.shares:
            del self.positions[fill.symbol]

    def _borrowed(self, row: int, position: Position, shares: float) -> float:
        if position.side == LONG:
            return 0.0
        days = int(self.tape.days[row] - self.tape.days[position.row])
        return shares * position.entry_price * self.tape.borrow * days / 365

    def drop_build(self, row: int, symbol: int) -> None:
        """Forget what lacks of a position, and list it."""
        position = self.positions[symbol]
        if position.build is not None:
            done = 1 - position.build.lacks / position.build.wanted
            reason = f"only {done:.0%} of it within the limit on participation"
            self.report(row, symbol, position.event, reason, buy=position.side == LONG)
            position.build = None

    def report(self, row: int, symbol: int, event: str, reason: str, *, buy: bool = True) -> None:
        """List an order that was not filled."""
        self.unfilled.append(Unfilled(row, self.tape.symbols[symbol], buy, event, reason))

    def open_price(self, row: int, symbol: int) -> float:
        """Open of a row, or the last mark where the symbol has no bar."""
        price = self.price(row, symbol, OPEN)
        return self.marks[symbol] if math.isnan(price) else price

    def values_at_open(self, row: int) -> dict[int, float]:
        """What each position is worth at this row's opens, without sign."""
        return {symbol: held.shares * self.open_price(row, symbol) for symbol, held in self.positions.items()}

    def equity_at_open(self, row: int) -> float:
        """Cash and positions at this row's opens; the sum does not depend on the order of symbols."""
        values = self.values_at_open(row)
        return math.fsum(
            [self.cash, *(self.positions[symbol].side * value for symbol, value in values.items())]
        )

    def free_cash_at_open(self, row: int) -> float:
        """Cash less twice the value of short positions."""
        values = self.values_at_open(row)
        short = [value for symbol, value in values.items() if self.positions[symbol].side != LONG]
        return self.cash - 2 * math.fsum(short)

    def mark(self, row: int) -> None:
        """Take this row's closes as marks, and count the bar for every position that had one."""
        for symbol, position in self.positions.items():
            close = self.price(row, symbol, CLOSE)
            if math.isnan(close):
                continue
            self.marks[symbol] = close
            if position.side == LONG:
                position.best = max(position.best, self.price(row, symbol, HIGH))
            else:
                position.best = min(position.best, self.price(row, symbol, LOW))
            position.bars += row > position.row
