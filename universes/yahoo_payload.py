"""What Yahoo's answer to a question for a chart says: an outcome in one line, and the bars as they were sent."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from universes.fetching import Outcome
from universes.yahoo_wire import CHART, Exchange

if TYPE_CHECKING:
    import pandas as pd

    from universes.snapshot import Scalar

LISTS = ("open", "high", "low", "close", "volume")
# No price or volume of a day comes near; Yahoo's faults do.
MOST = 1e12
MOST_SPLIT = 1e6
# What stays the same from fetch to fetch unless Yahoo changed its mind: not prices, not the hour of the last trade.
TOLD = (
    "symbol", "currency", "exchangeName", "fullExchangeName", "instrumentType", "firstTradeDate", "gmtoffset",
    "timezone", "exchangeTimezoneName", "longName", "shortName", "priceHint", "hasPrePostMarketData",
)  # fmt: skip
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_AGAIN = "run again later"
_REPORT = "run again; if it stays so, Yahoo has changed its format"


@dataclass(frozen=True, eq=False)
class Answer:
    """What the wire said of one symbol.

    Parameters
    ----------
    outcome : Outcome
        `OK` if `chart` is fit to be kept.
    message : str
        One line; empty for `OK`.
    chart : dict
        The one element of ``chart.result``; empty unless `OK`.
    """

    outcome: Outcome
    message: str
    chart: dict[str, Any]


def answer(symbol: str, exchanges: Sequence[Exchange], now: datetime) -> Answer:
    """What the last answer with a chart says; no trouble of another kind is ever taken for an unknown symbol.

    Parameters
    ----------
    symbol : str
        As it was asked for.
    exchanges : sequence of Exchange
        All requests made for it, in their order.
    now : datetime
        Instant of the answer, aware.
    """
    charts = [exchange for exchange in exchanges if exchange.path.startswith(CHART)]
    if not charts:
        return _no_chart(exchanges)
    last = charts[-1]
    if last.trouble and last.garbled:
        return _bad(last.trouble, _AGAIN)
    if last.trouble:
        return _no_answer(last.trouble)
    return _of_status(last) or _of_body(symbol, last, now)


def _no_chart(exchanges: Sequence[Exchange]) -> Answer:
    troubles = [exchange.trouble for exchange in exchanges if exchange.trouble]
    if troubles:
        return _no_answer(troubles[-1])
    return _bad("yfinance asked for no prices", "run again, or update yfinance")


def _no_answer(trouble: str) -> Answer:
    return Answer(Outcome.NETWORK, f"Yahoo cannot be reached: {trouble}; check the network and {_AGAIN}", {})


def _bad(fault: str, mend: str = _REPORT) -> Answer:
    return Answer(Outcome.BAD_PAYLOAD, f"Yahoo sent no usable prices: {fault}; {mend}", {})


def _of_status(exchange: Exchange) -> Answer | None:
    """What the status says already; None when the body has the word."""
    status = exchange.status
    if status == 429 or exchange.body.lstrip()[:17] == b"Too Many Requests":
        return Answer(
            Outcome.RATE_LIMITED, f"Yahoo limits the rate (HTTP {status}); wait, then run again", {}
        )
    if status in {401, 403}:
        return _refused(status, "Yahoo refused the request")
    if status >= 500:
        return _refused(status, "Yahoo has trouble of its own")
    if exchange.body.lstrip()[:1] == b"<":
        return _refused(status, "a page of HTML came instead of data")
    if not 200 <= status < 300 and status not in {400, 404, 422}:
        return _refused(status, "no data came")
    return None


def _refused(status: int, what: str) -> Answer:
    return Answer(Outcome.NETWORK, f"{what} (HTTP {status}): this says nothing of the symbol; {_AGAIN}", {})


def _of_body(symbol: str, exchange: Exchange, now: datetime) -> Answer:
    if not exchange.body.strip():
        return _bad("the answer is empty", _AGAIN)
    try:
        chart = json.loads(exchange.body, parse_constant=_no_number)["chart"]
        refusal, result = chart.get("error"), chart.get("result")
    except (ValueError, RecursionError) as fault:
        return _bad(f"the answer is not JSON ({fault})", _AGAIN)
    except (TypeError, KeyError, AttributeError):
        return _bad("the answer has no chart")
    if refusal:
        return _of_error(exchange.status, refusal)
    if exchange.status != 200:
        return _refused(exchange.status, "Yahoo gave no reason")
    return _of_result(symbol, result, now)


def _no_number(literal: str) -> float:
    raise ValueError(f"it holds {literal}")


def _of_error(status: int, error: object) -> Answer:
    if not isinstance(error, dict):
        return _bad("the chart's error has no code")
    code, description = (
        " ".join(str(error.get(name) or "").split())[:200] for name in ("code", "description")
    )
    if code == "Not Found" and status in {200, 404}:
        message = f"Yahoo does not know the symbol: {description or code}; check it"
        return Answer(Outcome.NOT_FOUND, message, {})
    if status == 400 and description.startswith("Data doesn't exist"):
        return Answer(Outcome.EMPTY, f"Yahoo sent no bars: {description}; run again later", {})
    return _bad(f"it answered {code or 'an error'}: {description or 'no reason'} (HTTP {status})", _AGAIN)


def _of_result(symbol: str, result: object, now: datetime) -> Answer:
    if result is None or result == []:
        return Answer(Outcome.EMPTY, "Yahoo sent neither bars nor a reason; run again later", {})
    if not (isinstance(result, list) and len(result) == 1 and isinstance(result[0], dict)):
        return _bad("the chart is not one result")
    return _of_chart(symbol, result[0], now)


def _of_chart(symbol: str, chart: dict[str, Any], now: datetime) -> Answer:
    meta = chart.get("meta")
    told = meta.get("symbol") if isinstance(meta, dict) else None
    if not isinstance(told, str):
        return _bad("its metadata has no symbol")
    if told.casefold() != symbol.casefold():
        message = f"Yahoo answered for {told!r}; nothing is kept: check the symbol and run again"
        return Answer(Outcome.WRONG_SYMBOL, message, {})
    if not chart.get("timestamp"):
        return Answer(Outcome.EMPTY, "Yahoo knows the symbol but sent no bars; run again later", {})
    fault = next(faults(chart, now), None)
    return _bad(fault) if fault else Answer(Outcome.OK, "", chart)


def faults(chart: dict[str, Any], now: datetime) -> Iterator[str]:
    """What makes a chart unfit to be kept, the gravest first; a later fault may follow from an earlier one.

    Parameters
    ----------
    chart : dict
        Element of ``chart.result``, whose ``meta`` is an object and whose ``timestamp`` is not empty.
    now : datetime
        Instant of the answer, aware.
    """
    yield from _of_meta(chart["meta"])
    try:
        columns = _columns(chart)
    except (TypeError, KeyError, IndexError, AttributeError) as error:
        yield f"the bars have no list {error}" if isinstance(error, KeyError) else "the bars are no lists"
        return
    stamps = chart["timestamp"]
    if not (isinstance(stamps, list) and all(type(stamp) is int for stamp in stamps)):
        yield "the times of the bars are not whole numbers"
        return
    yield from _of_lengths(stamps, columns)
    yield from _of_times(chart, stamps, now)
    yield from _of_values(columns)
    yield from _of_events(chart, now)


def _of_meta(meta: dict[str, Any]) -> Iterator[str]:
    from zoneinfo import ZoneInfo

    currency, zone = meta.get("currency"), meta.get("exchangeTimezoneName")
    if not (isinstance(currency, str) and _CURRENCY.fullmatch(currency)):
        yield f"currency {currency!r} is none"
    if not isinstance(meta.get("instrumentType"), str):
        yield "its metadata has no kind of instrument"
    try:
        ZoneInfo(zone)  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError, OSError):
        yield f"time zone {zone!r} is none"


def _columns(chart: dict[str, Any]) -> dict[str, list[Any]]:
    indicators = chart["indicators"]
    quote = indicators["quote"][0]
    columns = {name: quote[name] for name in LISTS}
    columns["adjclose"] = indicators["adjclose"][0]["adjclose"]
    if not all(isinstance(values, list) for values in columns.values()):
        raise TypeError
    return columns


def _of_lengths(stamps: list[int], columns: dict[str, list[Any]]) -> Iterator[str]:
    for name, values in columns.items():
        if len(values) != len(stamps):
            yield f"{len(stamps)} times but {len(values)} values of {name}"


def _of_times(chart: dict[str, Any], stamps: list[int], now: datetime) -> Iterator[str]:
    if not _in_the_past(stamps, now):
        yield "a bar has a time outside the past (is this computer's clock right?)"
        return
    dates = session_dates(chart)
    repeated = dates.duplicated(keep="last")
    # While a market is open its last bar may come twice, the second as of the last trade.
    repeated[-2:-1] = False
    for what, at in (("are two bars", repeated), ("comes a bar of the past", _backwards(stamps))):
        if at.any():
            yield f"at {dates[int(at.argmax())].date()} {what}"


def _in_the_past(stamps: Sequence[int], now: datetime) -> bool:
    # From 1700 to a day ahead: no clock is wrong by more than its time zone.
    return all(-(2**33) < stamp <= now.timestamp() + 86400 for stamp in stamps)


def _backwards(stamps: list[int]) -> Any:
    import numpy as np

    return np.diff(np.asarray(stamps), prepend=stamps[0]) < 0


def session_dates(chart: dict[str, Any]) -> pd.DatetimeIndex:
    """Date of each bar in the exchange's own time, naive.

    A bar of 22 or 23 o'clock sharp is of the next date: Yahoo is late with some countries' summer time, which
    yfinance mends in the same way.
    """
    return _dates(chart, chart["timestamp"])


def _dates(chart: dict[str, Any], stamps: Sequence[int]) -> pd.DatetimeIndex:
    import pandas as pd

    local = pd.to_datetime(list(stamps), unit="s", utc=True).tz_convert(chart["meta"]["exchangeTimezoneName"])
    local = local.tz_localize(None)
    late = (local.minute == 0) & (local.hour >= 22)
    return (local + pd.to_timedelta(late * 2, unit="h")).normalize().as_unit("ns")


def _of_values(columns: dict[str, list[Any]]) -> Iterator[str]:
    for name, values in columns.items():
        wrong = [value for value in values if value is not None and not _possible(value)]
        if wrong:
            yield f"{name} {str(wrong[0])[:40]!r} cannot be"
    if all(value is None for value in columns["close"]):
        yield f"all {len(columns['close'])} bars are empty"


def _possible(value: object, least: float = 0.0, most: float = MOST) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _of_events(chart: dict[str, Any], now: datetime) -> Iterator[str]:
    try:
        for kind in ("dividends", "splits", "capitalGains"):
            rows = events(chart, kind)
            if not _in_the_past([row["date"] for row in rows], now):
                yield f"one of its {kind} has a time outside the past"
            yield from filter(None, map(_of_split if kind == "splits" else _of_payout, rows))
    except (TypeError, KeyError, AttributeError):
        yield "its dividends and splits are of another form"


def _of_payout(row: dict[str, Any]) -> str:
    return "" if _possible(row["amount"]) else f"a payout of {row['amount']!r} cannot be"


def _of_split(row: dict[str, Any]) -> str:
    new, old = row["numerator"], row["denominator"]
    possible = _possible(new) and _possible(old) and old > 0 and 1 / MOST_SPLIT <= new / old <= MOST_SPLIT
    return "" if possible else f"a split of {new!r} for {old!r} cannot be"


def events(chart: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Dividends, splits or capital gains, in the order of their times.

    Raises
    ------
    TypeError, KeyError, AttributeError
        If they are of another form.
    """
    rows = list(((chart.get("events") or {}).get(kind) or {}).values())
    if not all(type(row["date"]) is int for row in rows):
        raise TypeError
    return sorted(rows, key=lambda row: row["date"])


def metadata(chart: dict[str, Any]) -> dict[str, Scalar]:
    """What Yahoo told of the symbol, single values alone.

    ``dividendCurrency`` is there when dividends have another currency than prices, which they are not converted to;
    ``capitalGains`` lists a fund's capital gains, which Yahoo may have added to its dividends too.
    """
    meta = chart["meta"]
    told = {name: meta[name] for name in TOLD if name in meta and _single(meta[name])}
    other = sorted(
        {str(row.get("currency") or meta["currency"]) for row in events(chart, "dividends")}
        - {meta["currency"]}
    )
    if other:
        told["dividendCurrency"] = " ".join(other)
    gains = events(chart, "capitalGains")
    if gains:
        days = _dates(chart, [row["date"] for row in gains])
        told["capitalGains"] = ", ".join(
            f"{day.date()} {row['amount']!r}" for day, row in zip(days, gains, strict=True)
        )
    return told


def _single(value: object) -> bool:
    return (
        value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))
    )


def payouts(chart: dict[str, Any]) -> tuple[pd.Series, pd.Series]:
    """Dividends and split ratios by the exchange's own date, those of one date together.

    Returns
    -------
    dividends : Series
        Cash a share.
    splits : Series
        New shares for one old.
    """
    import pandas as pd

    dividends, splits = events(chart, "dividends"), events(chart, "splits")
    cash = pd.Series(
        [float(row["amount"]) for row in dividends], _dates(chart, [row["date"] for row in dividends]), float
    )
    ratio = [row["numerator"] / row["denominator"] for row in splits]
    ratios = pd.Series(ratio, _dates(chart, [row["date"] for row in splits]), float)
    return cash.groupby(level=0).sum(), ratios.groupby(level=0).prod()
