"""docs/execution.md written once more, slowly, from the page alone: lists, dicts and loops, no arrays.

It shares no code with what it checks; of the packages it sees only the parameter objects that it is given.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger_book import ENTRY_OPEN, EXIT_OPEN, IN_SESSION, Bar, Book, Held, Lost, Order, Setting

__all__ = ["ENTRY_OPEN", "EXIT_OPEN", "IN_SESSION", "Bar", "Ledger", "Lost", "Order", "Setting"]


@dataclass
class Wish:
    """What is wanted of one symbol at one open."""

    value: float
    asked: float
    until: int
    events: list[str] = field(default_factory=list)
    first: Any = None
    build: bool = False


class Ledger(Book):
    """A book that walks the sessions one by one."""

    # Sizing.

    def scale(self, entry: Any) -> tuple[float, str]:
        """Times a whole position, and why the entry is not made."""
        sizing, row, name = self.given.sizing, entry.row, entry.symbol
        if not self.given.allowed[name][row]:
            return 0.0, "not eligible"
        if row == self.rows - 1:
            # It can only wait.
            return 1.0, ""
        if entry.side < 0:
            price, costs = self.printed(name, row + 1), self.given.costs
            poor = price is None or price < costs.borrow_least_price
            if poor or self.adv(name, row + 1) < costs.borrow_least_adv:
                return 0.0, "cannot be borrowed"
        if sizing.rule == "inverse-volatility":
            yearly = self.volatility(name, row + 1) * math.sqrt(252)
            return (2.0 if yearly == 0 else min(2.0, sizing.target_volatility / yearly)), ""
        if sizing.rule == "risk":
            distance = entry.exits.stop if entry.exits.stop is not None else entry.exits.trailing_stop
            if distance is None:
                return 0.0, "no stop to size by"
            return min(2.0, sizing.risk * sizing.slots / distance), ""
        if sizing.rule == "score":
            known = [
                self.given.scores[one][row]
                for one in self.names
                if self.given.allowed[one][row] and self.given.scores[one][row] is not None
            ]
            own = self.given.scores[name][row]
            if own is None:
                return 0.0, "no score to size by"
            return min(2.0, own / (math.fsum(known) / len(known))), ""
        return 1.0, ""

    # Entries.

    def entries(self, decided: Sequence[Any]) -> list[float]:
        """Equity after each row when these entries are followed."""
        waiting: list[tuple[Any, float]] = []
        for row in range(self.rows):
            self.pay_out(row)
            self.exits_at_open(row)
            waiting = self.entries_at_open(row, waiting)
            self.exits_in_session(row)
            self.close(row)
            for entry in decided:
                if entry.row == row:
                    scale, reason = self.scale(entry)
                    if reason:
                        self.lose(row, entry.symbol, entry.event, reason)
                    else:
                        waiting.append((entry, scale * entry.share))
        for entry, _ in waiting:
            self.lose(self.rows - 1, entry.symbol, entry.event, "no open before the data end")
        for name in sorted(self.held):
            self.drop_build(self.rows - 1, name)
        return self.curve

    def entries_at_open(self, row: int, waiting: list[tuple[Any, float]]) -> list[tuple[Any, float]]:
        equity = self.equity_at_open(row)
        wishes: dict[str, Wish] = {}
        for name in sorted(self.held):
            one = self.held[name]
            if one.lacks <= 0:
                continue
            if row > one.until:
                self.drop_build(row, name)
            elif self.given.bars[name][row] is not None and self.most(name, row) > 0:
                wishes[name] = Wish(one.lacks, one.asked, one.until, build=True)
        rest = []
        waiting = sorted(
            waiting,
            key=lambda item: (
                -item[0].priority,
                item[0].symbol,
                item[0].row,
                item[0].stage,
                item[0].event,
            ),
        )
        for entry, scale in waiting:
            verdict = self.consider(row, entry, scale, equity, wishes)
            if verdict == "waits":
                rest.append((entry, scale))
            elif verdict:
                self.lose(row, entry.symbol, entry.event, verdict)
        self.fill_wishes(row, equity, wishes)
        return rest

    def consider(self, row: int, entry: Any, scale: float, equity: float, wishes: dict[str, Wish]) -> str:
        """Why an order is not filled, ``waits``, or nothing when it was added to the wishes."""
        name, limits = entry.symbol, self.given.limits
        if self.ceased(name, row):
            return "ceased before it could be filled"
        if row > entry.row + limits.good_for:
            return f"not filled within {limits.good_for} sessions"
        if entry.leave_after is not None and row > entry.leave_after:
            return "an opposite event came first"
        if self.given.bars[name][row] is None or self.most(name, row) <= 0:
            return "waits"
        joins = name in self.held or name in wishes
        if joins:
            side, event, leaving = self.whose(name, wishes)
            if entry.stage == 1 or (side, event) != (entry.side, entry.event) or leaving:
                return "already held"
        elif entry.stage > 1:
            return "no position to add to"
        elif limits.max_positions is not None and len(set(self.held) | set(wishes)) >= limits.max_positions:
            return "no free position"
        base = self.given.cash if self.given.sizing.rule == "fixed" else equity
        wanted = scale * base / self.given.sizing.slots
        if self.ruined(equity) or not wanted > 0:
            return "no cash"
        groups = self.group_of(name, wishes) if joins else self.given.groups[name][entry.row]
        room, cap = self.room(row, name, groups, equity, wishes)
        if room < wanted / 10:
            return f"over the cap on {cap}"
        given = min(wanted, room)
        if given < 0.98 * wanted:
            self.lose(row, name, entry.event, f"the cap on {cap} left only {given / wanted * 100:.0f}% of it")
        if name not in wishes:
            wishes[name] = Wish(0.0, 0.0, 0, first=None if name in self.held else entry)
        wish = wishes[name]
        wish.value += given
        wish.asked += given
        # Of the last order that joined.
        wish.until = entry.row + limits.good_for
        wish.events.append(entry.event)
        return ""

    def whose(self, name: str, wishes: Mapping[str, Wish]) -> tuple[int, str, str]:
        if name in self.held:
            one = self.held[name]
            return one.side, one.event, one.leaving
        first = wishes[name].first
        return first.side, first.event, ""

    def group_of(self, name: str, wishes: Mapping[str, Wish]) -> tuple[Any, Any, Any]:
        if name in self.held:
            return self.held[name].groups
        first = wishes[name].first
        return self.given.groups[name][first.row]

    def room(
        self,
        row: int,
        name: str,
        groups: tuple[Any, Any, Any],
        equity: float,
        wishes: Mapping[str, Wish],
    ) -> tuple[float, str]:
        """Least room under the caps, and the cap that has it."""
        limits, found = self.given.limits, []
        own = [("name", name), *zip(("mineral", "jurisdiction", "stage"), groups)]
        for place, (cap, group) in enumerate(own):
            most = getattr(limits, cap)
            if most is None or group is None:
                continue
            taken = []
            for other in self.names:
                if other not in self.held and other not in wishes:
                    continue
                theirs = other if cap == "name" else self.group_of(other, wishes)[place - 1]
                if theirs != group:
                    continue
                if other in self.held:
                    taken.append(self.value_at_open(other, row))
                if other in wishes:
                    taken.append(wishes[other].value)
            found.append((most * equity - math.fsum(taken), cap))
        return min(found, key=lambda pair: pair[0], default=(math.inf, ""))

    def fill_wishes(self, row: int, equity: float, wishes: Mapping[str, Wish]) -> None:
        values, lacks = {}, {}
        for name, wish in wishes.items():
            values[name] = min(wish.value, self.most(name, row))
            lacks[name] = wish.value - values[name]
        bill = math.fsum(value * (1 + self.fee(name)) for name, value in values.items())
        factor = min(1.0, self.free_cash(row) / bill) if bill > 0 else 1.0
        for name in sorted(wishes):
            wish = wishes[name]
            if factor < 0.1:
                if wish.events:
                    self.lose(row, name, wish.events[0], "no cash")
                if wish.build:
                    # What joined it at this open lacks too.
                    self.held[name].lacks, self.held[name].asked = wish.value, wish.asked
                    self.drop_build(row, name)
                continue
            if factor < 0.98:
                # One order a symbol: all that join it have one event.
                event = self.held[name].event if name in self.held else wish.events[0]
                self.lose(row, name, event, f"cash for only {factor * 100:.0f}% of it")
            first = wish.first
            new = first and Held(
                first.side,
                0.0,
                0.0,
                row,
                first.event,
                first.exits,
                first.leave_after,
                self.given.groups[name][first.row],
            )
            self.enter(row, name, factor * values[name], new)
            one = self.held[name]
            one.lacks, one.asked, one.until = lacks[name], wish.asked, wish.until
            if one.lacks <= 1e-6 * equity:
                one.lacks = one.asked = 0.0

    # Target weights.

    def weights(self, decided: Mapping[int, Mapping[str, float]]) -> list[float]:
        """Equity after each row when target weights, by decision row and symbol, are followed."""
        goals: dict[str, float] = {}
        for row in range(self.rows):
            self.pay_out(row)
            for name in sorted(goals):
                if self.ceased(name, row):
                    if goals[name] > 0:
                        self.lose(row, name, "", "ceased before it could be filled")
                    del goals[name]
            self.sell_down(row, goals)
            self.buy_up(row, goals)
            self.close(row)
            if row in decided:
                for name in sorted(goals):
                    self.lose(row, name, "", "replaced before it could be filled")
                goals = {}
                for name in self.names:
                    goal = decided[row].get(name, 0.0)
                    if goal > 0 and not self.given.allowed[name][row]:
                        self.lose(row, name, "", "not eligible")
                        goal = 0.0
                    if goal > 0 or name in self.held:
                        goals[name] = goal
        for name in sorted(goals):
            self.lose(self.rows - 1, name, "", "no open before the data end")
        return self.curve

    def sell_down(self, row: int, goals: dict[str, float]) -> None:
        equity = self.equity_at_open(row)
        for name in sorted(goals):
            bar = self.given.bars[name][row]
            if bar is None or name not in self.held:
                continue
            too_many = self.held[name].shares - goals[name] * equity / bar.open
            if goals[name] == 0:
                too_many = self.held[name].shares
            if too_many * bar.open >= 1e-6 * equity and self.most(name, row) > 0 and not self.ruined(equity):
                done = self.give_back(row, EXIT_OPEN, name, bar.open, "rebalance", too_many)
                if done:
                    del goals[name]

    def buy_up(self, row: int, goals: dict[str, float]) -> None:
        equity = self.equity_at_open(row)
        sold = {order.symbol for order in self.orders if order.row == row and order.phase == EXIT_OPEN}
        values = {}
        for name in sorted(goals):
            bar = self.given.bars[name][row]
            if bar is None or name in sold or self.most(name, row) <= 0:
                continue
            lack = goals[name] * equity - (self.value_at_open(name, row) if name in self.held else 0.0)
            if lack < 1e-6 * equity or self.ruined(equity):
                # Its open has come, and there is nothing to trade.
                del goals[name]
                continue
            values[name] = min(lack, self.most(name, row))
            if values[name] == lack:
                del goals[name]
        bill = math.fsum(value * (1 + self.fee(name)) for name, value in values.items())
        factor = min(1.0, max(self.cash, 0.0) / bill) if bill > 0 else 1.0
        for name in sorted(values):
            if factor < 0.1:
                self.lose(row, name, "", "no cash")
                continue
            if factor < 0.98:
                self.lose(row, name, "", f"cash for only {factor * 100:.0f}% of it")
            new = None if name in self.held else Held(1, 0.0, 0.0, row, "", None, None, (None, None, None))
            self.enter(row, name, factor * values[name], new)
