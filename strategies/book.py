"""The book while orders are decided: cash, positions, and every change of them as a fill."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from strategies.plan import Exits

if TYPE_CHECKING:
    import numpy as np

    from strategies.costs import Costs
    from universes.panel import Market

# Within a session all sales at the open come first, then all buys at the open, then the rest.
SELL_OPEN, BUY_OPEN, IN_SESSION = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Fill:
    """One fill.

    Parameters
    ----------
    row, phase : int
        Session, and `SELL_OPEN`, `BUY_OPEN` or `IN_SESSION`; at most one fill a row, phase and symbol.
    symbol : int
        Column of the symbol.
    buy : bool
        Side.
    shares : float
        Above zero.
    reference : float
        Adjusted price before slippage.
    costs : bool
        Whether fee and slippage are due; a payout has none.
    reason, event : str
        Why, and the event behind it.
    """

    row: int
    phase: int
    symbol: int
    buy: bool
    shares: float
    reference: float
    costs: bool
    reason: str
    event: str


@dataclass(frozen=True, slots=True)
class Unfilled:
    """An order that led to no fill, or to part of one, and why; row -1 is before any decision."""

    row: int
    symbol: str
    buy: bool
    event: str
    reason: str


@dataclass(slots=True)
class Position:
    """Shares held.

    Parameters
    ----------
    shares, entry_price : float
        How many, and what was paid a share.
    exits : Exits
        When to leave.
    event : str
        Event behind the entry.
    row : int
        Entry row.
    bars : int
        Bars of the symbol since the entry bar.
    peak : float
        Highest high from the entry bar to the last bar seen; the entry price before there is one.
    """

    shares: float
    entry_price: float
    exits: Exits
    event: str
    row: int
    bars: int
    peak: float


@dataclass(frozen=True, eq=False, slots=True)
class Tape:
    """Prices as plain arrays of shape (T, N), and each symbol's name, end and payout, shape (N,)."""

    symbols: tuple[str, ...]
    open: np.ndarray
    high: np.ndarray
    low: np.ndarray
    close: np.ndarray
    end: np.ndarray
    terminal: np.ndarray

    @classmethod
    def of(cls, market: Market) -> Tape:
        """Arrays of a market; an unknown terminal value becomes the last close."""
        import numpy as np

        bars = {name: market.bars[name].to_numpy() for name in ("open", "high", "low", "close")}
        lives = market.lives
        last = bars["close"][lives["last"].to_numpy(), np.arange(len(lives))]
        terminal = lives["terminal_value"].to_numpy()
        terminal = np.where(np.isnan(terminal), last, terminal)
        return cls(market.symbols, **bars, end=lives["end"].to_numpy(), terminal=terminal)


@dataclass(eq=False)
class Book:
    """Cash and positions, changed only by the methods that record a fill.

    Parameters
    ----------
    tape : Tape
        Prices.
    costs : Costs
        Fee and slippage.
    cash : float
        Money at the start.
    """

    tape: Tape
    costs: Costs
    cash: float
    positions: dict[int, Position] = field(default_factory=dict)
    marks: dict[int, float] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)
    unfilled: list[Unfilled] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.fee = self.costs.fee_bps / 1e4
        self.slippage = self.costs.slippage_bps / 1e4

    def sell(self, row: int, phase: int, symbol: int, shares: float, price: float, reason: str) -> None:
        """Sell shares of a position, with costs."""
        self.cash += shares * price * (1 - self.slippage) * (1 - self.fee)
        self._reduce(
            Fill(row, phase, symbol, False, shares, price, True, reason, self.positions[symbol].event)
        )

    def pay_out(self, row: int, symbol: int) -> None:
        """Turn a position in a symbol that ceased into its terminal value, without costs."""
        position, price = self.positions[symbol], float(self.tape.terminal[symbol])
        self.cash += position.shares * price
        self._reduce(
            Fill(row, SELL_OPEN, symbol, False, position.shares, price, False, "ceased", position.event)
        )

    def buy(self, row: int, symbol: int, value: float, reason: str, event: str, exits: Exits) -> None:
        """Buy at the open for a value before the fee; adds to a position that is there."""
        price = float(self.tape.open[row, symbol])
        paid = price * (1 + self.slippage)
        shares = value / paid
        self.cash -= value * (1 + self.fee)
        self.fills.append(Fill(row, BUY_OPEN, symbol, True, shares, price, True, reason, event))
        held = self.positions.get(symbol)
        if held:
            held.shares += shares
        else:
            self.positions[symbol] = Position(shares, paid, exits, event, row, 0, paid)
            self.marks[symbol] = price

    def _reduce(self, fill: Fill) -> None:
        position = self.positions[fill.symbol]
        position.shares -= fill.shares
        self.fills.append(fill)
        # What rounding leaves of a full sale is not a position.
        if position.shares <= 1e-12 * fill.shares:
            del self.positions[fill.symbol]

    def report(self, row: int, symbol: int, event: str, reason: str, *, buy: bool = True) -> None:
        """List an order that was not filled."""
        self.unfilled.append(Unfilled(row, self.tape.symbols[symbol], buy, event, reason))

    def open_price(self, row: int, symbol: int) -> float:
        """Open of a row, or the last mark where the symbol has no bar."""
        price = float(self.tape.open[row, symbol])
        return self.marks[symbol] if math.isnan(price) else price

    def equity_at_open(self, row: int) -> float:
        """Cash and positions at this row's opens; the sum does not depend on the order of symbols."""
        values = [
            position.shares * self.open_price(row, symbol) for symbol, position in self.positions.items()
        ]
        return math.fsum([self.cash, *values])

    def mark(self, row: int) -> None:
        """Take this row's closes as marks, and count the bar for every position that had one."""
        for symbol, position in self.positions.items():
            close = float(self.tape.close[row, symbol])
            if math.isnan(close):
                continue
            self.marks[symbol] = close
            position.peak = max(position.peak, float(self.tape.high[row, symbol]))
            position.bars += row > position.row
