"""When a position is left: the rules of docs/execution.md, for positions on either side."""

from __future__ import annotations

import math

from strategies.book import EXIT_OPEN, IN_SESSION, Book, Position
from strategies.plan import LONG
from strategies.tape import HIGH, LOW, OPEN


def stop_level(position: Position) -> tuple[float, str]:
    """Price at or beyond which a position is left against it, and the rule that says so; infinitely far without one."""
    side, far = position.side, -math.inf * position.side
    stop = far if math.isnan(position.stop) else position.entry_price * (1 - side * position.stop)
    trail = far if math.isnan(position.trailing_stop) else position.best * (1 - side * position.trailing_stop)
    nearer = trail > stop if side == LONG else trail < stop
    return (trail, "trailing-stop") if nearer else (stop, "stop")


def target(position: Position) -> float:
    """Price at or beyond which a position is left in its favour; infinitely far without one."""
    if math.isnan(position.take_profit):
        return math.inf * position.side
    return position.entry_price * (1 + position.side * position.take_profit)


def at_open(book: Book, row: int) -> None:
    """Leave, at the open, the positions that are being left already or that a rule says to leave."""
    for symbol in sorted(book.positions):
        price, position = book.price(row, symbol, OPEN), book.positions[symbol]
        if not math.isnan(price):
            reason = position.leaving or _reason_at_open(position, price, row)
            if reason:
                book.leave(row, EXIT_OPEN, symbol, price, reason)


def _reason_at_open(position: Position, price: float, row: int) -> str:
    level, reason = stop_level(position)
    if _against(position, price, level):
        return reason
    if _in_favour(position, price, target(position)):
        return "take-profit"
    if row > position.leave_after:
        return "opposite event"
    return "hold" if position.bars + 1 >= position.hold else ""


def in_session(book: Book, row: int) -> None:
    """Leave, at their levels, the positions whose stop or target the bar reaches; of both, the stop."""
    for symbol in sorted(book.positions):
        position, opened = book.positions[symbol], book.price(row, symbol, OPEN)
        if math.isnan(opened) or position.leaving:
            continue
        worst, best = book.price(row, symbol, LOW), book.price(row, symbol, HIGH)
        if position.side != LONG:
            worst, best = best, worst
        level, reason = stop_level(position)
        goal = target(position)
        if _against(position, worst, level):
            book.leave(row, IN_SESSION, symbol, _worse(position, level, opened), reason)
        elif _in_favour(position, best, goal):
            book.leave(row, IN_SESSION, symbol, _better(position, goal, opened), "take-profit")


def _against(position: Position, price: float, level: float) -> bool:
    return price <= level if position.side == LONG else price >= level


def _in_favour(position: Position, price: float, level: float) -> bool:
    return price >= level if position.side == LONG else price <= level


def _worse(position: Position, level: float, opened: float) -> float:
    return min(level, opened) if position.side == LONG else max(level, opened)


def _better(position: Position, level: float, opened: float) -> float:
    return max(level, opened) if position.side == LONG else min(level, opened)
