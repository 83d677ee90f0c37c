"""Options of every command that trades: money, sizes, limits, costs, parameters of the strategy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from strategies.sizing import CAPS, SIZINGS, Limits, Sizing
from universes.errors import BadParameter, did_you_mean

if TYPE_CHECKING:
    from strategies.costs import Costs

Command = TypeVar("Command", bound=Callable[..., Any])

OPTIONS = (
    click.option(
        "--aum", "--cash", "cash", default=1_000_000.0, show_default=True, help="Money at the start."
    ),
    click.option(
        "--slots", default=10, show_default=True, help="A whole position is one such part of equity."
    ),
    click.option(
        "--sizing",
        type=click.Choice(SIZINGS),
        default="equal",
        show_default=True,
        help="Rule for the size of an entry.",
    ),
    click.option(
        "--risk", default=0.01, show_default=True, help="With --sizing risk: part of equity lost at the stop."
    ),
    click.option(
        "--target-volatility",
        default=0.5,
        show_default=True,
        help="With --sizing inverse-volatility: yearly volatility of a name that gets one slot.",
    ),
    click.option("--max-positions", type=int, metavar="N", help="Most symbols held at once."),
    click.option(
        "--cap",
        "caps",
        multiple=True,
        metavar="GROUP=FRACTION",
        help=f"Largest part of equity in one {', '.join(CAPS)}, as mineral=0.3.",
    ),
    click.option(
        "--participation",
        default="0.05",
        show_default=True,
        metavar="FRACTION|none",
        help="Largest part of the average daily value traded that one fill may be.",
    ),
    click.option("--good-for", default=10, show_default=True, help="Sessions an order to enter lives."),
    click.option(
        "--fee-bps", default=5.0, show_default=True, help="Fee, in basis points of the traded value."
    ),
    click.option(
        "--slippage-bps",
        type=float,
        metavar="BPS",
        help="Flat slippage of every fill; default half the spread by liquidity and price, and the order's impact.",
    ),
    click.option("--impact", default=1.0, show_default=True, help="Times volatility × √(order / ADV)."),
    click.option("--borrow-bps", default=300.0, show_default=True, help="Yearly cost of a short position."),
)


def account_options(command: Command) -> Command:
    """Add the options that `Terms.read` reads: money, sizes, limits and costs."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Terms:
    """What the options say.

    Parameters
    ----------
    cash : float
        Money at the start.
    sizing, limits, costs : Sizing, Limits, Costs
        Rules.
    """

    cash: float
    sizing: Sizing
    limits: Limits
    costs: Costs

    @classmethod
    def read(cls, options: dict[str, Any]) -> Terms:
        """Take the options of `account_options` out of all that a command was given.

        Raises
        ------
        BadParameter
            If one is out of range.
        """
        from strategies.costs import Costs

        take = options.pop
        sizing = Sizing(take("sizing"), take("slots"), take("risk"), take("target_volatility"))
        limits = Limits(
            participation=_participation(take("participation")),
            good_for=take("good_for"),
            max_positions=take("max_positions"),
            **_caps(take("caps")),
        )
        costs = Costs(
            fee_bps=take("fee_bps"),
            slippage_bps=take("slippage_bps"),
            impact=take("impact"),
            borrow_bps=take("borrow_bps"),
        )
        return cls(take("cash"), sizing, limits, costs)

    def as_arguments(self) -> dict[str, Any]:
        """Arguments of `strategies.backtest` and `strategies.sweep`."""
        return {"cash": self.cash, "sizing": self.sizing, "limits": self.limits, "costs": self.costs}


def _participation(text: str) -> float | None:
    return None if text == "none" else _fraction("--participation", text, " or none")


def _fraction(name: str, text: str, more: str = "") -> float:
    try:
        return float(text)
    except ValueError:
        raise BadParameter(f"{name} is {text!r}: it must be a number{more}") from None


def _caps(given: Sequence[str]) -> Mapping[str, float]:
    caps: dict[str, float] = {}
    for text in given:
        name, found, value = text.partition("=")
        if name not in CAPS or not found:
            known = f"{', '.join(CAPS)}{did_you_mean(name, CAPS)}"
            raise BadParameter(f"--cap {text!r} is not GROUP=FRACTION with a group of {known}")
        if name in caps:
            raise BadParameter(f"--cap {name} is given twice: keep one")
        caps[name] = _fraction(f"--cap {name}", value)
    return caps


def read_parameters(given: Sequence[str]) -> dict[str, str]:
    """Parameters by name from ``NAME=VALUE`` texts.

    Raises
    ------
    BadParameter
        If one has no ``=``, or a name comes twice.
    """
    values: dict[str, str] = {}
    for text in given:
        name, found, value = text.partition("=")
        if not found:
            raise BadParameter(f"-p {text!r} has no value: write -p {text}=VALUE")
        if name in values:
            raise BadParameter(f"-p {name} is given twice: keep one")
        values[name] = value
    return values
