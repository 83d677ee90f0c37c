"""What would have happened: event study, strategies, backtest.

>>> import strategies
>>> strategies.names()
('basket', 'chase', 'equal_weight', 'fade', 'momentum', 'pullback', 'random_dates')
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from strategies.catalog import names
    from strategies.costs import Costs
    from strategies.engine import backtest
    from strategies.event_stress import stress
    from strategies.event_study import study
    from strategies.evidence import Study
    from strategies.look_ahead import audit
    from strategies.look_ahead_findings import Audit
    from strategies.parameter_sweep import Sweep, sweep
    from strategies.plan import Entries, Entry, Exits, Skipped, Strategy, Weights
    from strategies.result import Backtest
    from strategies.run_folder import load_run, save_run
    from strategies.sizing import Limits, Sizing

__all__ = [
    "Audit",
    "Backtest",
    "Costs",
    "Entries",
    "Entry",
    "Exits",
    "Limits",
    "Sizing",
    "Skipped",
    "Strategy",
    "Study",
    "Sweep",
    "Weights",
    "audit",
    "backtest",
    "load_run",
    "names",
    "save_run",
    "stress",
    "study",
    "sweep",
]

_HOMES = {
    "Audit": "strategies.look_ahead_findings",
    "Backtest": "strategies.result",
    "Costs": "strategies.costs",
    "Entries": "strategies.plan",
    "Entry": "strategies.plan",
    "Exits": "strategies.plan",
    "Limits": "strategies.sizing",
    "Sizing": "strategies.sizing",
    "Skipped": "strategies.plan",
    "Strategy": "strategies.plan",
    "Study": "strategies.evidence",
    "Sweep": "strategies.parameter_sweep",
    "Weights": "strategies.plan",
    "audit": "strategies.look_ahead",
    "backtest": "strategies.engine",
    "load_run": "strategies.run_folder",
    "names": "strategies.catalog",
    "save_run": "strategies.run_folder",
    "stress": "strategies.event_stress",
    "study": "strategies.event_study",
    "sweep": "strategies.parameter_sweep",
}


def __getattr__(name: str) -> Any:
    # Loaded on first use: vectorbt alone takes seconds.
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'strategies' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
