"""What a result says of itself: the strategy and its parameters, the settings, the data, the events."""

from __future__ import annotations

from dataclasses import asdict, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from universes.survivorship import survivorship

if TYPE_CHECKING:
    import pandas as pd

    from strategies.costs import Costs
    from strategies.plan import Strategy
    from strategies.sizing import Limits, Sizing
    from universes.panel import Market
    from universes.policy import Events

EVENT_COLUMNS = (
    "event", "announced", "kind", "status", "country", "direction", "instrument", "title", "source"
)  # fmt: skip


def name_of(strategy: Strategy | type) -> str:
    """Name of a strategy as users type it: the file of a library strategy, the class of a user's own."""
    cls = strategy if isinstance(strategy, type) else type(strategy)
    library = cls.__module__.startswith("strategies.library.")
    return cls.__module__.rpartition(".")[2] if library else cls.__name__


def parameters_of(strategy: Strategy) -> dict[str, Any]:
    """Fields of a strategy and their values; empty for one that is not a dataclass."""
    given: Any = strategy
    return {item.name: getattr(given, item.name) for item in fields(given)} if is_dataclass(given) else {}


def account_settings(
    costs: Costs, sizing: Sizing, limits: Limits, *, cash: float, currency: str, benchmark: str
) -> dict[str, Any]:
    """What an account was run with, as plain values."""
    return {
        "currency": currency,
        "cash": cash,
        "benchmark": benchmark,
        "sessions_per_year": 252,
        **asdict(costs),
        "sizing": sizing.rule,
        "slots": sizing.slots,
        "risk": sizing.risk,
        "target_volatility": sizing.target_volatility,
        "limits": asdict(limits),
    }


def market_settings(market: Market, events: Events) -> dict[str, Any]:
    """Period, reference exchange and events of a run, as plain values."""
    return {
        "first": f"{market.sessions[0]:%Y-%m-%d}",
        "last": f"{market.sessions[-1]:%Y-%m-%d}",
        "reference_exchange": market.reference_exchange,
        "events": len(events),
        "events_hash": events.hash,
    }


def data_statement(market: Market) -> dict[str, Any]:
    """Source, kind and hash of a market, who is in it and who is not, and what the gates found."""
    return {
        "source": market.source,
        "kind": market.kind,
        "hash": market.hash,
        "universe": market.universe.name,
        "survivorship": survivorship(market).as_dict(),
        "findings": [str(item) for item in market.findings],
    }


def event_table(events: Events) -> pd.DataFrame:
    """One row an event, as text, for reports: identifier, instant, kind, direction, title, source."""
    import pandas as pd

    from universes.policy import known_at

    rows = [
        {name: getattr(row, name) for name in EVENT_COLUMNS}
        | {"announced": f"{known_at(row):%Y-%m-%dT%H:%MZ}"}
        for row in events
    ]
    return pd.DataFrame(rows, columns=list(EVENT_COLUMNS), dtype=object)
