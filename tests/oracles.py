"""Slow answers that share no code with what they check: docs/execution.md written a second time, in plain Python."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

Bar = tuple[float, float, float, float]


class Ledger:
    """A book that walks the sessions one by one.

    Parameters
    ----------
    bars : mapping of str to list of (open, high, low, close) or None
        By symbol, one item a row; None where there is no bar.
    ends : mapping of str to (row, payout)
        Row on which a symbol is paid out, and what a share gets.
    fee, slip : float
        Fractions.
    """

    def __init__(
        self,
        bars: Mapping[str, Sequence[Bar | None]],
        ends: Mapping[str, tuple[int, float]],
        fee: float,
        slip: float,
        cash: float,
    ) -> None:
        self.bars, self.ends, self.fee, self.slip, self.cash = bars, ends, fee, slip, cash
        self.names = sorted(bars)
        self.rows = len(next(iter(bars.values())))
        self.held: dict[str, dict[str, Any]] = {}
        self.last: dict[str, float] = {}
        self.orders: list[tuple[int, str, str, float, float, str]] = []
        self.curve: list[float] = []

    def entries(
        self, decided: Sequence[tuple[int, str, str, Mapping[str, float | None]]], slots: int
    ) -> list[float]:
        """Equity after each row when entries (row, symbol, event, rules) are followed."""
        queue: list[tuple[str, str, Mapping[str, float | None]]] = []
        for row in range(self.rows):
            self._pay(row)
            self._leave_at_open(row)
            wealth = self._wealth(row)
            chosen: list[tuple[str, Mapping[str, float | None]]] = []
            rest = []
            for name, event, rules in queue:
                bar = self.bars[name][row]
                if name in self.ends and row >= self.ends[name][0]:
                    continue
                if bar is None:
                    rest.append((name, event, rules))
                elif name not in self.held and name not in [one for one, _ in chosen]:
                    chosen.append((name, rules))
            queue = rest
            self._buy(
                row,
                [(name, wealth / slots, rules) for name, rules in sorted(chosen, key=lambda pair: pair[0])],
            )
            self._leave_in_session(row)
            self._close(row)
            queue += [
                (name, event, rules)
                for at, name, event, rules in sorted(decided, key=lambda d: d[:3])
                if at == row
            ]
        return self.curve

    def weights(self, decided: Mapping[int, Mapping[str, float]]) -> list[float]:
        """Equity after each row when target weights, by decision row and symbol, are followed."""
        goals: dict[str, float] = {}
        for row in range(self.rows):
            self._pay(row)
            wealth = self._wealth(row)
            here = [name for name in sorted(goals) if self.bars[name][row] is not None]
            for name in here:
                price = self.bars[name][row][0]
                shares = self.held[name]["shares"] if name in self.held else 0.0
                too_many = shares - goals[name] * wealth / price
                if too_many * price > 1e-6 * wealth:
                    self._sell(row, name, min(too_many, shares), price, "rebalance")
            wealth = self._wealth(row)
            wishes = []
            for name in here:
                price = self.bars[name][row][0]
                worth = self.held[name]["shares"] * price if name in self.held else 0.0
                lack = goals.pop(name) * wealth - worth
                if lack > 1e-6 * wealth:
                    wishes.append((name, lack, {}))
            goals = {
                name: goal
                for name, goal in goals.items()
                if name not in self.ends or row < self.ends[name][0]
            }
            self._buy(row, wishes)
            self._close(row)
            if row in decided:
                goals = {
                    name: decided[row].get(name, 0.0)
                    for name in self.names
                    if decided[row].get(name, 0.0) > 0 or name in self.held
                }
        return self.curve

    def _pay(self, row: int) -> None:
        for name in list(self.held):
            if name in self.ends and self.ends[name][0] == row:
                self.cash += self.held[name]["shares"] * self.ends[name][1]
                self.orders.append(
                    (row, name, "sell", self.held[name]["shares"], self.ends[name][1], "ceased")
                )
                del self.held[name]

    def _levels(self, name: str) -> tuple[float, str, float]:
        one = self.held[name]
        rules = one["rules"]
        floor, why = -math.inf, "stop"
        if rules.get("stop") is not None:
            floor = one["paid"] * (1 - rules["stop"])
        if rules.get("trailing_stop") is not None:
            trail = one["peak"] * (1 - rules["trailing_stop"])
            if trail > floor:
                floor, why = trail, "trailing-stop"
        ceiling = (
            one["paid"] * (1 + rules["take_profit"]) if rules.get("take_profit") is not None else math.inf
        )
        return floor, why, ceiling

    def _leave_at_open(self, row: int) -> None:
        for name in sorted(self.held):
            bar = self.bars[name][row]
            if bar is None:
                continue
            floor, why, ceiling = self._levels(name)
            hold = self.held[name]["rules"].get("hold")
            if bar[0] <= floor:
                reason = why
            elif bar[0] >= ceiling:
                reason = "take-profit"
            elif hold is not None and self.held[name]["later_bars"] + 1 >= hold:
                reason = "hold"
            else:
                continue
            self._sell(row, name, self.held[name]["shares"], bar[0], reason)

    def _leave_in_session(self, row: int) -> None:
        for name in sorted(self.held):
            bar = self.bars[name][row]
            if bar is None:
                continue
            floor, why, ceiling = self._levels(name)
            if bar[2] <= floor:
                self._sell(row, name, self.held[name]["shares"], min(floor, bar[0]), why)
            elif bar[1] >= ceiling:
                self._sell(row, name, self.held[name]["shares"], max(ceiling, bar[0]), "take-profit")

    def _wealth(self, row: int) -> float:
        total = self.cash
        for name, one in self.held.items():
            bar = self.bars[name][row]
            total += one["shares"] * (self.last[name] if bar is None else bar[0])
        return total

    def _buy(self, row: int, wishes: Sequence[tuple[str, float, Mapping[str, float | None]]]) -> None:
        if not wishes:
            return
        bill = sum(value for _, value, _ in wishes) * (1 + self.fee)
        part = min(1.0, max(self.cash, 0.0) / bill)
        if part < 0.1:
            return
        for name, value, rules in wishes:
            price = self.bars[name][row][0]
            paid = price * (1 + self.slip)
            shares = part * value / paid
            self.cash -= part * value * (1 + self.fee)
            self.orders.append((row, name, "buy", shares, price, ""))
            if name in self.held:
                self.held[name]["shares"] += shares
            else:
                self.held[name] = {
                    "shares": shares, "paid": paid, "rules": rules, "peak": paid, "later_bars": 0, "row": row,
                }  # fmt: skip

    def _sell(self, row: int, name: str, shares: float, price: float, reason: str) -> None:
        self.cash += shares * price * (1 - self.slip) * (1 - self.fee)
        self.orders.append((row, name, "sell", shares, price, reason))
        left = self.held[name]["shares"] - shares
        if left <= 1e-12 * shares:
            del self.held[name]
        else:
            self.held[name]["shares"] = left

    def _close(self, row: int) -> None:
        total = self.cash
        for name, one in self.held.items():
            bar = self.bars[name][row]
            if bar is not None:
                self.last[name] = bar[3]
                one["peak"] = max(one["peak"], bar[1])
                one["later_bars"] += 1 if row > one["row"] else 0
            total += one["shares"] * self.last[name]
        self.curve.append(total)
