"""A result made by hand, with something in every part of it: for tests of the page, not of the numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from strategies.backtest_evidence import evidence_metrics
from strategies.metrics import summarise
from strategies.result import (
    EQUITY_COLUMNS,
    ORDER_COLUMNS,
    TRADE_COLUMNS,
    TRADE_FACT_COLUMNS,
    UNFILLED_COLUMNS,
    Backtest,
)
from universes.panel import Missing
from universes.survivorship import Survivorship

HOSTILE = "</script><img src=x onerror=alert(1)><!-- {{ 7*7 }} <a href='https://evil.example/'>go</a> &lt;"
KINDS = ("export-control", "grant-loan", "tariff", "equity-stake")
EVENT_COLUMNS = (
    "event",
    "announced",
    "kind",
    "status",
    "country",
    "direction",
    "instrument",
    "title",
    "source",
)
TITLES = (
    "China requires licences for gallium and germanium",
    "Graphite exports need a licence from 1 December",
    "Loan of 2.26 billion dollars for a lithium mine",
    "Tariff on natural graphite raised to 25 per cent",
    "Antimony put under export control",
    "Government takes a stake in a rare-earth miner",
)


def result(
    name: str = "pullback", *, kind: str = "simulated", seed: int = 7, said: str = "", **parameters: Any
) -> Backtest:
    """About six years of sessions, 12 events and 30 trades, one of them open; `said` stands in every name and title."""
    sessions = pd.bdate_range("2019-01-02", "2024-12-31", name="session").astype("datetime64[ns]")
    events = event_table(12, said)
    trades = trade_table(30, sessions, events, seed, said)
    equity = equity_table(sessions, seed)
    orders = order_table(trades)
    return Backtest(
        strategy=name,
        parameters={"hold": 20, "min_pop": 0.05, "stop": None} | parameters,
        settings={
            "first": "2019-01-02",
            "last": "2024-12-31",
            "reference_exchange": "XNYS",
            "currency": "USD",
            "cash": 1_000_000.0,
            "slots": 10,
            "fee_bps": 5.0,
            "slippage_bps": 25.0,
            "benchmark": "equal-weight",
            "where": f"stage == 'producer' {said}".strip(),
            "events_hash": "5a1f0c9e",
            "command": f"lodestone backtest pullback {said}".strip(),
            "versions": {"lodestone": "0.1.0", "python": "3.11.7"},
        },
        data={
            "source": "simulated" if kind == "simulated" else "yahoo",
            "kind": kind,
            "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "universe": "critical-minerals",
            "survivorship": survivorship(said),
            "findings": [f"AAA: 4 sessions in a row without a bar from 2021-03-04 {said}"],
        },
        orders=orders,
        unfilled=unfilled_table(sessions, said),
        trades=trades,
        equity=equity,
        events=events,
        metrics=summarise(equity, trades, orders) | evidence_metrics(equity, trades),
        study=study(said),
        trade_facts=trade_facts(trades, said),
        rivals=rivals(said),
    )


def survivorship(said: str = "") -> dict[str, Any]:
    """Three of 91 members without prices; of nine that trade no more, six have them."""
    missing = (Missing(f"GONE{said}", f"the vendor has no such name {said}"),) * 3
    return Survivorship(91, 88, 9, 6, missing, ()).as_dict()


def idle(**changes: Any) -> Backtest:
    """A result without event, order, trade or study: the book never moved."""
    base = result(kind="history")
    equity = base.equity.assign(net=1e6, gross=1e6, invested=0.0)
    trades, orders = base.trades.iloc[:0], base.orders.iloc[:0]
    empty = {
        "trades": trades,
        "orders": orders,
        "unfilled": base.unfilled.iloc[:0],
        "events": base.events.iloc[:0],
    }
    none = {"study": None, "trade_facts": base.trade_facts.iloc[:0], "rivals": None}
    made = replace(base, equity=equity, metrics=summarise(equity, trades, orders), **none, **empty)
    return replace(made, **changes)


def equity_table(sessions: pd.DatetimeIndex, seed: int = 7) -> pd.DataFrame:
    """Random walks from a million, the first session without a return."""
    noise = np.random.default_rng(seed)
    count = len(sessions)
    both = noise.standard_t(4, count), np.random.default_rng(3).standard_t(4, count)
    moves = np.column_stack(both) * (0.0085, 0.0125) + (0.00042, 0.0003)
    moves[0] = 0.0
    wealth = 1e6 * np.cumprod(1 + moves, axis=0)
    costs = np.linspace(0, 61_000, count)
    invested = np.clip(np.sin(np.arange(count) / 60), 0, 1)
    columns = dict(
        zip(EQUITY_COLUMNS, (wealth[:, 0], wealth[:, 0] + costs, wealth[:, 1], invested), strict=True)
    )
    return pd.DataFrame(columns, index=sessions)


def event_table(count: int, said: str = "") -> pd.DataFrame:
    """Events half a year apart."""
    days = pd.date_range("2019-03-11", periods=count, freq="173D")
    rows = [
        {
            "event": f"cn-2019-control-{at + 1:02d}",
            "announced": f"{day:%Y-%m-%d}T23:59Z",
            "kind": KINDS[at % len(KINDS)],
            "status": "announcement",
            "country": "CN",
            "direction": ("tailwind", "headwind")[at % 5 == 4],
            "instrument": f"notice {at + 1}",
            "title": f"{TITLES[at % len(TITLES)]} {said}".strip(),
            "source": f"Gazette no. {at + 1}, https://example.org/notice/{at + 1} {said}".strip(),
        }
        for at, day in enumerate(days)
    ]
    return pd.DataFrame(rows, columns=list(EVENT_COLUMNS), dtype=object)


def trade_table(
    count: int, sessions: pd.DatetimeIndex, events: pd.DataFrame, seed: int, said: str = ""
) -> pd.DataFrame:
    """Trades that follow the first ten events, three each, the last one open."""
    noise = np.random.default_rng(seed + 1)
    rows = []
    for at in range(count):
        event = events.iloc[at % 10]
        start = int(sessions.searchsorted(pd.Timestamp(event["announced"][:10]))) + 2
        price, gain, last = 2 + at % 7, float(noise.normal(0.02, 0.11)), at == count - 1
        shares = 1e5 / price
        rows.append(
            {
                "side": "short" if at == 5 else "long",
                "symbol": f"{['LYC', 'MP', 'ALB', 'UUUU', 'PLS.AX', 'NIO'][at % 6]}{said}",
                "event": event["event"],
                "entry_session": sessions[start],
                "entry_price": float(price),
                "exit_session": pd.NaT if last else sessions[start + 20],
                "exit_price": float("nan") if last else price * (1 + gain),
                "shares": shares,
                "cost": 600.0,
                "pnl": 1e5 * gain - 600,
                "return": gain - 0.006,
                "sessions_held": 20,
                "exit_reason": "" if last else f"held 20 sessions {said}".strip(),
                "status": "open" if last else "closed",
            }
        )
    return pd.DataFrame(rows, columns=list(TRADE_COLUMNS))


def order_table(trades: pd.DataFrame) -> pd.DataFrame:
    """The buys of these trades."""
    rows = [
        {
            "session": trade["entry_session"],
            "symbol": trade["symbol"],
            "side": "buy",
            "shares": trade["shares"],
            "reference_price": trade["entry_price"],
            "fill_price": trade["entry_price"],
            "traded_price": trade["entry_price"],
            "value": trade["entry_price"] * trade["shares"],
            "fee": 100.0,
            "slippage": 500.0,
            "borrow": 0.0,
            "reason": "entry",
            "event": trade["event"],
        }
        for trade in trades.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=list(ORDER_COLUMNS))


def unfilled_table(sessions: pd.DatetimeIndex, said: str = "") -> pd.DataFrame:
    """Four of them, three for one reason, one without a session."""
    reasons = ["no pop above 5.0%: +1.2% on the reaction session"] * 3 + [f"not eligible {said}".strip()]
    rows = [
        {
            "session": pd.NaT if at == 3 else sessions[100 + at],
            "symbol": f"CCJ{said}",
            "side": "buy",
            "event": "cn-2019-control-11",
            "reason": reason,
        }
        for at, reason in enumerate(reasons)
    ]
    return pd.DataFrame(rows, columns=list(UNFILLED_COLUMNS))


def study(said: str = "") -> dict[str, Any]:
    """An event study as plain data: 11 days, two windows, one of them undefined."""
    path = [
        {
            "day": day,
            "abnormal": 0.011 * (day == 0) + 0.001 * (day % 3 - 1),
            "cumulative": (cumulative := 0.002 * (day + 5) + 0.016 * (day >= 0)),
            "low": cumulative - 0.004 * (day + 6) ** 0.7,
            "high": cumulative + 0.004 * (day + 6) ** 0.7,
            "episodes": 11,
        }
        for day in range(-5, 11)
    ]
    return {
        "settings": {"window": [-5, 10], "estimation": 120, "gap": 10, "model": "market", "events_hash": "5a1f0c9e"},
        "data": {"source": "simulated", "kind": "simulated", "hash": "9f86d081"},
        "episodes": 11,
        "firm_events": 96,
        "grade": "not distinguishable from chance",
        "verdict": f"The mean of days 0 to 1 was +1.1 %; chance does as much in 1 case of 7. {said}".strip(),
        "windows": [window(0, 1), window(0, 5, mean=0.019, low=-0.012, high=0.05), undefined(0, 20)],
        "path": path,
        "groups": {
            f"tailwind {said}".strip(): {"firm_events": 80, "window": window(0, 1)},
            "headwind": {"firm_events": 16, "window": undefined(0, 1)},
        },
        "dropped": [
            {"event": "cn-2019-control-11", "symbol": f"AAA{said}", "reason": "too few returns: 40 of 100"},
            {"event": "cn-2019-control-12", "symbol": "BBB", "reason": "too few returns: 12 of 100"},
        ],
        "rows": [
            {
                "episode": at,
                "first_session": f"20{19 + at // 2}-0{1 + at % 9}-15",
                "events": f"cn-2019-control-{at:02d}",
                "firm_events": 8,
                "car_0_1": 0.01 - 0.003 * at,
            }
            for at in range(1, 12)
        ],
        "chance": chance(said),
        "fragility": fragility(said),
        "volume": {"reaction": {"times": 1.8, **window(0, 1)}, "before": {"times": None, **undefined(-5, -1)}},
        "confounds": {
            "firm_events": 3, "without": window(0, 1), "rules": [], "flags": [],
            "not_checked": [f"earnings {said}".strip()],
        },
    }  # fmt: skip


def chance(said: str = "") -> dict[str, Any]:
    """Two tests that say something, one that does not, and two of papers, one of them naive."""
    edges = [-0.02 + 0.004 * at for at in range(11)]
    drawn = {
        "episodes": 11,
        "mean": 0.011,
        "p": 0.14,
        "draws": 1000,
        "as_far": 140,
        "days": 900,
        "apart": 10,
        "reason": "",
    }
    paper = {
        "statistic": 1.4,
        "firm_events": 96,
        "episodes": 11,
        "freedom": 10,
        "correlation": 0.3,
        "reason": "",
    }
    return {
        "sign_flip": {"episodes": 11, "p": 0.14, "exact": True, "flips": 2048, "least": 2 / 2048, "reason": ""},
        "placebo": drawn | {"edges": edges, "counts": [10, 40, 90, 160, 200, 200, 160, 90, 40, 10]},
        "placebo_same_volatility": drawn
        | {"p": None, "edges": [], "counts": [], "reason": f"too few days {said}".strip()},
        "comparison": [
            paper | {"name": "adj-BMP", "p": 0.18, "caution": "", "allows_for_shared_dates": True},
            paper | {"name": "BMP", "p": 0.0004, "caution": f"naive {said}".strip(), "allows_for_shared_dates": False},
            paper
            | {"name": "GRANK-T", "statistic": None, "p": None, "caution": "", "allows_for_shared_dates": True}
            | {"reason": "no ranks"},
        ],
    }  # fmt: skip


def fragility(said: str = "") -> dict[str, Any]:
    """One date carries a third of the mean, one company a fifth; what could be traded is unknown."""
    return {
        "leave_one_out": {
            "low": 0.006, "high": 0.013, "worst_p": 0.4, "changes_sign": False, "pivotal": 4, "reason": "",
        },
        "top_date": {"value": 0.34, "of": "4", "reason": ""},
        "top_firm": {"value": 0.21, "of": f"lynas {said}".strip(), "reason": ""},
        "tradable": {"value": None, "of": "", "reason": "no open is known"},
        "run_up": {"value": 0.4, "of": "", "reason": ""},
        "winsorised": 0.009,
        "models": {"market-adjusted": window(0, 1), "mean-adjusted": undefined(0, 1)},
    }  # fmt: skip


def trade_facts(trades: pd.DataFrame, said: str = "") -> pd.DataFrame:
    """Half of the trades in Australia, every third without a stage; the liquidity of one is unknown."""
    count = len(trades)
    return pd.DataFrame(
        {
            "jurisdiction": [f"{('AU', 'US')[at % 2]}{said}" for at in range(count)],
            "stage": [("production", "dfs", "")[at % 3] for at in range(count)],
            "float_band": ["50-75%"] * count,
            "mineral": [f"lithium {said}".strip()] * count,
            "role": ["miner"] * count,
            "kind": [KINDS[at % 10 % 4] for at in range(count)],
            "direction": [("tailwind", "headwind")[at % 10 % 5 == 4] for at in range(count)],
            "adv": [float("nan") if at == 0 else 5e5 * (1 + at % 4) for at in range(count)],
            "worst": [-0.05 - 0.01 * (at % 3) for at in range(count)],
            "best": [0.04 + 0.01 * (at % 5) for at in range(count)],
        },
        columns=list(TRADE_FACT_COLUMNS),
    )


def rivals(said: str = "") -> dict[str, Any]:
    """A chase with numbers; random dates of five draws, one of them without a Sharpe ratio."""
    numbers = {
        "total_return": 0.2,
        "cagr": 0.031,
        "volatility": 0.14,
        "sharpe": 0.29,
        "max_drawdown": -0.3,
        "trades": 40.0,
    }
    draws = {name: [value * at / 3 for at in range(1, 6)] for name, value in numbers.items()}
    draws["sharpe"][2] = None  # type: ignore[call-overload]
    return {
        "chase": {
            "reason": "",
            "parameters": {"delay": 0, "hold": 20, "stop": None},
            "same_exits": True,
            **numbers,
        },
        "random_dates": {"reason": f"{said}", "draws": 5, **draws},
    }


def window(
    first: int, last: int, mean: float = 0.011, low: float = -0.004, high: float = 0.026
) -> dict[str, Any]:
    """A window with numbers."""
    told = {
        "first": first,
        "last": last,
        "episodes": 11,
        "mean": mean,
        "median": mean * 0.8,
        "low": low,
        "high": high,
    }
    return told | {"t": 1.62, "p": 0.137, "positive": 0.636, "detectable": 0.021, "reason": ""}


def undefined(first: int, last: int) -> dict[str, Any]:
    """A window without."""
    names = ("mean", "median", "low", "high", "t", "p", "positive", "detectable")
    told: dict[str, Any] = {
        "first": first,
        "last": last,
        "episodes": 2,
        "reason": "2 episodes; a test needs 3",
    }
    return told | dict.fromkeys(names)
