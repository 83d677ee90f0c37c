"""What is worth knowing of each trade beside its money: the company as known then, how liquid, how far it went."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from strategies.result import TRADE_FACT_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

    from strategies.tape import Tape
    from universes.panel import Market

COMPANY = ("jurisdiction", "stage", "float_band", "mineral", "role")
EVENT = ("kind", "direction")


def trade_facts(trades: pd.DataFrame, events: pd.DataFrame, market: Market, tape: Tape) -> pd.DataFrame:
    """One row a trade, in their order: columns `strategies.result.TRADE_FACT_COLUMNS`.

    Parameters
    ----------
    trades : DataFrame
        As `strategies.trades.trade_table` gives.
    events : DataFrame
        As `strategies.statement.event_table` gives.
    market : Market
        Its universe says what was known of a company on the day before the entry; unknown is an empty text.
    tape : Tape
        Of the same market.
    """
    import pandas as pd

    known = {row["event"]: row for row in events.to_dict("records")}
    rows = [
        _company(trade, market) | _event(known.get(trade["event"], {})) | _prices(trade, market, tape)
        for trade in trades.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=list(TRADE_FACT_COLUMNS))


def _company(trade: Mapping[Any, Any], market: Market) -> dict[str, str]:
    company = str(market.lives.at[trade["symbol"], "company"])
    # What was published on the day of the entry may have been later than the open.
    profile = market.universe.profile(company, trade["entry_session"].date() - timedelta(days=1))
    tags = profile.tags() if profile else {}
    return {name: str(tags.get(name) or "") for name in COMPANY}


def _event(row: Mapping[Any, Any]) -> dict[str, str]:
    return {name: str(row.get(name, "")) for name in EVENT}


def _prices(trade: Mapping[Any, Any], market: Market, tape: Tape) -> dict[str, float]:
    """ADV before the entry, and the worst and best return of the position on the way, its exit included."""
    import numpy as np
    import pandas as pd

    column = tape.symbols.index(trade["symbol"])
    first = market.sessions.searchsorted(trade["entry_session"])
    gone = not pd.isna(trade["exit_session"])
    last = market.sessions.searchsorted(trade["exit_session"]) if gone else len(market.sessions)
    # Of the session of the exit the exit itself counts: the rest of its range may have come later.
    range_ = tape.bars[column, first:last, 1:3].ravel()
    seen = np.append(range_, [trade["entry_price"], *([trade["exit_price"]] if gone else [])])
    low, high = (float(value / trade["entry_price"] - 1) for value in (np.nanmin(seen), np.nanmax(seen)))
    worst, best = (low, high) if trade["side"] == "long" else (-high, -low)
    return {"adv": float(tape.adv[column, first]), "worst": worst, "best": best}
