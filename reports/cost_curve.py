"""What the same trades would have left at other costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from strategies.metrics import cagr, sharpe, total_return

if TYPE_CHECKING:
    import pandas as pd

MULTIPLES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)


@dataclass(frozen=True, slots=True)
class AtCosts:
    """One multiple of the modelled costs.

    Parameters
    ----------
    multiple : float
        1 is the costs of the run.
    total_return, cagr, sharpe : float or None
        Of the book at these costs; None where nothing would be left, or the number is undefined.
    reason : str
        Why there is none of them; empty otherwise.
    """

    multiple: float
    total_return: float | None
    cagr: float | None
    sharpe: float | None
    reason: str = ""


def cost_curve(equity: pd.DataFrame, multiples: tuple[float, ...] = MULTIPLES) -> tuple[AtCosts, ...]:
    """Equity as gross − multiple × (gross − net): the trades stay as they were, sizes too.

    Parameters
    ----------
    equity : DataFrame
        Columns ``net`` and ``gross`` by session.
    multiples : tuple of float
        Of the modelled costs.
    """
    paid = equity["gross"] - equity["net"]
    found = []
    for multiple in multiples:
        left = equity["gross"] - multiple * paid
        if left.isna().any():
            found.append(AtCosts(multiple, None, None, None, "it has no value on some session"))
        elif not (left > 0).all():
            found.append(AtCosts(multiple, None, None, None, "nothing would be left"))
        else:
            found.append(AtCosts(multiple, total_return(left).value, cagr(left).value, sharpe(left).value))
    return tuple(found)


def ruin(equity: pd.DataFrame) -> float | None:
    """Multiple of the modelled costs at which the book first reaches zero, None where none does.

    Parameters
    ----------
    equity : DataFrame
        Columns ``net`` and ``gross`` by session; a session without a value is passed over.
    """
    paid = equity["gross"] - equity["net"]
    multiples = (equity["gross"] / paid)[paid > 0].dropna()
    return float(multiples.min()) if len(multiples) else None
