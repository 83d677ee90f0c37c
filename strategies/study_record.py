"""A study as plain data: what run folders, pages and ``--format json`` hold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from strategies.evidence import Study
from strategies.window_test import WindowTest

if TYPE_CHECKING:
    import pandas as pd

    from strategies.abnormal_volume import AbnormalVolume
    from strategies.confounds import Confounds
    from strategies.study_evidence import Chance, Fragility


def as_dict(study: Study) -> dict[str, Any]:
    """A study as JSON-safe data: only texts, numbers, None, lists and mappings; no NaN; dates as YYYY-MM-DD.

    Parameters
    ----------
    study : Study
        What `strategies.study` gives.

    Returns
    -------
    dict
        ``settings``, ``data`` (``source kind hash survivorship``), ``episodes`` (K, a number), ``firm_events`` (n, a
        number), ``grade``, ``verdict``, ``windows`` (the fields of `strategies.window_test.WindowTest`, the primary
        window first), ``path`` (``day abnormal cumulative low high episodes``), ``groups`` (by value: ``firm_events``
        and ``window``), ``differences``, ``volume``, ``confounds``, ``chance`` and ``fragility`` (docs/study.md),
        ``dropped`` (``event symbol reason``) and ``rows``, one an episode (``episode first_session events firm_events
        car_0_0 car_0_1 …``).
    """
    return {
        "settings": plain(study.settings),
        "data": plain(study.data),
        "episodes": len(study.episodes),
        "firm_events": len(study.firm_events),
        "grade": study.grade,
        "verdict": study.verdict,
        "windows": [window_record(test) for test in study.windows],
        "path": records(study.path),
        "groups": {
            name: {"firm_events": count, "window": window_record(test)}
            for name, (count, test) in study.groups.items()
        },
        "differences": [plain(asdict(item)) for item in study.differences],
        "volume": {"reaction": _volume_record(study.volume), "before": _volume_record(study.volume_before)},
        "confounds": _confounds_record(study.confounds),
        "chance": chance_record(study.chance),
        "fragility": fragility_record(study.fragility),
        "dropped": records(study.dropped),
        "rows": records(study.episodes),
    }


def _volume_record(volume: AbnormalVolume) -> dict[str, Any]:
    return {"times": plain(volume.times), **window_record(volume.test)}


def _confounds_record(found: Confounds) -> dict[str, Any]:
    from strategies.confounds import RULES

    flags = [
        {"event": item.event, "symbol": item.symbol, "rule": RULES[item.rule], "evidence": item.evidence}
        for item in found.flags
    ]
    return {
        "firm_events": found.firm_events,
        "without": window_record(found.without),
        "rules": list(RULES),
        "not_checked": list(found.not_checked),
        "flags": flags,
    }


def chance_record(chance: Chance) -> dict[str, Any]:
    """How often chance alone gives as much: one mapping a test, ``comparison`` a list of them."""
    from strategies.study_evidence import ALLOW_FOR_DATES

    return {
        "sign_flip": plain(asdict(chance.sign_flip)),
        "placebo": plain(asdict(chance.placebo)),
        "placebo_same_volatility": plain(asdict(chance.matched)),
        "adjusted": [
            {"first": first, "last": last, "p": plain(p)} for (first, last), p in chance.adjusted.items()
        ],
        "variance": plain(asdict(chance.variance)),
        "correlation": plain(chance.correlation),
        "effective_firm_events": plain(chance.effective),
        "comparison": [
            {**plain(asdict(test)), "allows_for_shared_dates": test.name in ALLOW_FOR_DATES}
            for test in chance.comparison
        ],
        "single_events": {
            "p": plain(chance.events.p.tolist()),
            "q": plain(chance.events.q.tolist()),
            "ordinary_days": chance.events.days.tolist(),
            "found": chance.events.found,
            "reason": chance.events.reason,
        },
    }


def fragility_record(fragility: Fragility) -> dict[str, Any]:
    """What the mean hangs on; ``models`` has a test a model of normal returns."""
    shares = {
        name: plain(asdict(getattr(fragility, name)))
        for name in ("top_date", "top_firm", "tradable", "run_up")
    }
    return {
        "leave_one_out": plain(asdict(fragility.leave_one_out)),
        **shares,
        "winsorised": plain(fragility.winsorised),
        "models": {name: window_record(test) for name, test in fragility.models.items()},
    }


def window_record(test: WindowTest) -> dict[str, Any]:
    """The fields of a test, by name."""
    return {name: plain(value) for name, value in asdict(test).items()}


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table, each by column name."""
    return [{str(name): plain(value) for name, value in row.items()} for row in table.to_dict("records")]


def plain(value: Any) -> Any:
    """A value as JSON can hold it: NaN and infinity as None, dates as text, numpy's numbers as Python's."""
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    # A Timestamp is a date and has a clock of its own, which a session does not.
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
