"""Target weights that wait for each symbol's open."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from strategies.arrays import Booleans, Numbers
from strategies.book import EXIT_OPEN, Book, Position
from strategies.entry_orders import LEAST_CHANGE, LEAST_FACTOR, NOTED_FACTOR, cash_factor
from strategies.plan import LONG
from strategies.tape import OPEN


@dataclass(eq=False)
class WeightOrders:
    """Targets by symbol.

    Parameters
    ----------
    table : ndarray of float, shape (T, N)
        Weights as decided after each row; a row that is all NaN decides nothing.
    allowed : ndarray of bool, shape (T, N)
        Which symbols may be bought, by decision row.
    """

    table: Numbers
    allowed: Booleans
    targets: dict[int, float] = field(default_factory=dict)
    cut: set[int] = field(default_factory=set)

    def reduce(self, book: Book, row: int) -> None:
        """Sell what is above its target; equity is measured once, before the first sale."""
        equity = book.equity_at_open(row)
        self.cut.clear()
        for symbol in self._opening(book, row) if equity > book.dust else ():
            position, price = book.positions.get(symbol), book.price(row, symbol, OPEN)
            if position is None:
                continue
            excess = min(position.shares - self.targets[symbol] * equity / price, position.shares)
            if excess * price > LEAST_CHANGE * equity:
                if excess * price > book.most(row, symbol):
                    self.cut.add(symbol)
                book.reduce(row, EXIT_OPEN, symbol, price, "rebalance", excess)

    def enter(self, book: Book, row: int) -> None:
        """Buy what is below its target, as far as participation and cash allow; who ceased is listed."""
        wanted = self._wanted(book, row)
        self._drop_ceased(book, row)
        if not wanted:
            return
        factor = cash_factor(book, row, wanted)
        for symbol, value in wanted.items():
            if factor >= LEAST_FACTOR:
                new = None if symbol in book.positions else Position(LONG, 0.0, 0.0, "", row, 0.0)
                book.enter(row, symbol, value * factor, new, "rebalance")
            if factor < NOTED_FACTOR:
                said = f"cash for only {factor:.0%} of it" if factor >= LEAST_FACTOR else "no cash"
                book.report(row, symbol, "", said)

    def _wanted(self, book: Book, row: int) -> dict[int, float]:
        """Money for each symbol below its target; a target that is reached now waits no more."""
        equity, values = book.equity_at_open(row), book.values_at_open(row)
        wanted = {}
        for symbol in self._opening(book, row):
            lacking = self.targets[symbol] * equity - values.get(symbol, 0.0)
            value = min(lacking, book.most(row, symbol))
            if lacking > LEAST_CHANGE * equity and equity > book.dust:
                wanted[symbol] = value
            if symbol not in self.cut and not value < lacking:
                del self.targets[symbol]
        return wanted

    def decide(self, book: Book, row: int) -> None:
        """Replace all targets by this row's, when it has any."""
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
        return [symbol for symbol in sorted(self.targets) if book.opens(row, symbol)]

    def _drop_ceased(self, book: Book, row: int) -> None:
        for symbol in sorted(self.targets):
            if 0 <= book.tape.end[symbol] <= row and self.targets.pop(symbol) > 0:
                book.report(row, symbol, "", "ceased before it could be filled")
