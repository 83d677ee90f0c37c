"""The result of a backtest: every order, every order that was not filled, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from universes.rendering import BANNER

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

ORDER_COLUMNS = (
    "session", "symbol", "side", "shares", "reference_price", "fill_price", "traded_price", "value", "fee",
    "slippage", "borrow", "reason", "event",
)  # fmt: skip
UNFILLED_COLUMNS = ("session", "symbol", "side", "event", "reason")
TRADE_COLUMNS = (
    "symbol", "side", "event", "entry_session", "entry_price", "exit_session", "exit_price", "shares", "cost", "pnl",
    "return", "sessions_held", "exit_reason", "status",
)  # fmt: skip
TRADE_FACT_COLUMNS = (
    "jurisdiction", "stage", "float_band", "mineral", "role", "kind", "direction", "adv", "worst", "best",
)  # fmt: skip
EQUITY_COLUMNS = ("net", "gross", "benchmark", "invested")


@dataclass(frozen=True, slots=True)
class Metric:
    """One number of a result with what it means.

    Parameters
    ----------
    value : float or None
        The number; fractions are fractions (0.01 is 1 %). None when undefined.
    unit : {"fraction", "ratio", "count", "sessions", "currency"}
        How to print it.
    convention : str
        Formula and annualisation in one line.
    reason : str
        Why the value is None; empty otherwise.
    """

    value: float | None
    unit: str
    convention: str
    reason: str = ""

    def __str__(self) -> str:
        if self.value is None:
            return f"n/a ({self.reason})"
        if self.unit == "fraction":
            return f"{self.value * 100:.1f} %"
        return f"{self.value:,.0f}" if self.unit in ("count", "sessions", "currency") else f"{self.value:.2f}"


@dataclass(frozen=True, eq=False)
class Backtest:
    """What a strategy would have done, and the books of it.

    Parameters
    ----------
    strategy : str
        Name of the strategy, as users type it.
    parameters : mapping
        Its fields.
    settings : mapping
        Everything else that shaped the result: ``costs``, ``cash``, ``slots``, ``benchmark``, ``first``, ``last``,
        ``reference_exchange``, ``where``, ``events_hash``.
    data : mapping
        ``source kind hash universe findings`` and ``survivorship``, as `Survivorship.as_dict` gives.
    orders : DataFrame
        One row a fill, in order of time: columns `ORDER_COLUMNS`. ``session`` is a date, ``shares`` above zero,
        ``reference_price`` the adjusted price before slippage, ``traded_price`` that price as it was printed,
        ``value`` shares × fill price, ``borrow`` the money paid for borrowed shares, ``reason`` why the order was made.
    unfilled : DataFrame
        Orders and firm-events that led to no fill, each with its reason: columns `UNFILLED_COLUMNS`.
    trades : DataFrame
        One row a round trip or open position: columns `TRADE_COLUMNS`; ``side`` is ``long`` or ``short``, ``cost`` are
        fees, slippage and borrowing costs in currency,
        ``pnl`` is net, ``return`` is pnl over entry value, ``status`` is ``closed`` or ``open``.
    equity : DataFrame of shape (S, 4)
        On the sessions of the reference exchange: ``net``, ``gross`` (costs added back), ``benchmark`` (all three in
        currency, same start) and ``invested`` (share of equity in positions, long and short added).
    events : DataFrame
        The policy events used, one row each: ``event announced kind direction title source`` …
    metrics : mapping of str to Metric
        In the order they are printed.
    study : mapping or None
        What `strategies.study` says of the same events, as plain data; None when it was not asked for.
    trade_facts : DataFrame or None
        One row a trade, in their order: columns `TRADE_FACT_COLUMNS`. Company and event as known on the day before the
        entry, empty where unknown; ``adv`` is the money traded a day before the entry, in currency; ``worst`` and
        ``best`` are the lowest and highest return of the position while it was held, before costs. None where the
        result was made without.
    rivals : mapping or None
        What else was run on the same terms, as `strategies.rivals` gives; None when it was not asked for.
    portfolio : object or None
        The live ``vectorbt.Portfolio`` that kept the books; None after loading from a folder.
    """

    strategy: str
    parameters: Mapping[str, Any]
    settings: Mapping[str, Any]
    data: Mapping[str, Any]
    orders: pd.DataFrame
    unfilled: pd.DataFrame
    trades: pd.DataFrame
    equity: pd.DataFrame
    events: pd.DataFrame
    metrics: Mapping[str, Metric]
    study: Mapping[str, Any] | None = None
    trade_facts: pd.DataFrame | None = None
    rivals: Mapping[str, Any] | None = None
    portfolio: Any = field(default=None, repr=False)

    def tearsheet(self, path: Path | str | None = None, **look: Any) -> Any:
        """The page of this result: shown in a notebook, or written to a file.

        Parameters
        ----------
        path : Path or str, optional
            File to write; without it, what a notebook displays.
        **look
            ``title``, ``sections`` and ``theme``, as `reports.tearsheet` takes them.

        Returns
        -------
        Path or object
            `path`, or an object that notebooks show as the page.

        Raises
        ------
        BadParameter
            If a section or theme is not known.
        CannotWrite
            If the file cannot be written.
        """
        # Pages are made by reports, which imports this package and not the other way round.
        if path is None:
            return import_module("reports.notebook").shown(self, **look)
        return import_module("reports.page").tearsheet(self, path, **look)

    def __str__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.parameters.items())
        banner = f"{BANNER}\n" if self.data["kind"] == "simulated" else ""
        width = max(map(len, self.metrics))
        lines = [f"  {name.replace('_', ' '):<{width}}  {metric}" for name, metric in self.metrics.items()]
        period = f"{self.settings['first']} to {self.settings['last']}"
        return f"{banner}{self.strategy}({given}), {period}, {self.data['source']}\n" + "\n".join(lines)
