"""What makes a sweep the one it is: two with the same settings have the same table."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from strategies.sweep_batches import Shared, Workshop


def sweep_settings(shop: Workshop, shared: Shared, measures: Sequence[str]) -> dict[str, Any]:
    """What a sweep is: enough to know it again, whoever works at it.

    Parameters
    ----------
    shop : Workshop
        Strategy, parameters, market and events.
    shared : Shared
        Rules of the book.
    measures : sequence of str
        Names of what is measured.
    """
    from strategies.run_folder import versions
    from strategies.statement import account_settings, market_settings

    account = account_settings(
        shop.costs, shop.sizing, shared.limits, cash=shared.cash, currency="", benchmark=""
    )
    return {
        "format": 1,
        "strategy": shop.name,
        "grid": {name: list(values) for name, values in shop.grid.axes},
        "sets": len(shop.grid),
        "base": dict(shop.base),
        "files": _files(shop),
        "capital": "own" if shared.own else "shared",
        "measures": list(measures),
        **market_settings(shop.market, shop.events),
        **account,
        "eligible": _digest(shop.eligible.to_numpy()),
        "scores": "" if shop.scores is None else _digest(shop.scores.to_numpy(dtype=float)),
        "data_hash": shop.market.hash,
        "versions": versions(),
    }


def _files(shop: Workshop) -> dict[str, str]:
    """Digest of each file of strategies that the sweep reads: after an edit it is another sweep."""
    from strategies.user_file import is_file

    axes = dict(shop.grid.axes)
    named = (shop.name, shop.base.get("of"), *axes.get("of", ()))
    files = [item.rpartition(":")[0] for item in named if isinstance(item, str) and is_file(item)]
    # One that is not there is said where its strategy is made.
    return {
        file: hashlib.sha256(Path(file).read_bytes()).hexdigest() for file in files if Path(file).is_file()
    }


def _digest(values: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()
