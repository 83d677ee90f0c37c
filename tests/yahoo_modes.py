"""What the loopback server answers: charts in Yahoo's format, and one behaviour for each symbol.

Which parts of the format yfinance reads was taken from its source: a bar is dated by the open of its session in
seconds since 1970, ``events`` are keyed by the same, ``adjclose`` stands beside the other lists.
"""

from __future__ import annotations

import gzip
import json
import socket
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

# Tuesday to Wednesday of the next week; New York was closed on Friday the 4th.
DATES = tuple(date(2025, 7, day) for day in (1, 2, 3, 7, 8, 9))
CLOSES = (10.0, 11.0, 12.0, 13.0, 14.0, 15.0)
NEW_YORK, SYDNEY, LONDON = "America/New_York", "Australia/Sydney", "Europe/London"
PAGE = b"<!DOCTYPE html><html><body>%s</body></html>"


@dataclass
class Ask:
    """One request for a chart: whose, which of how many, and the connection it came over."""

    symbol: str
    number: int
    history: bool
    handler: Any


@dataclass
class Reply:
    """What goes back."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


Mode = Callable[[Ask], Reply | None]


# Charts.


def stamps(days: Sequence[date] = DATES, *, zone: str = NEW_YORK, opens: time = time(9, 30)) -> list[int]:
    """Seconds since 1970 of the open of each day: how Yahoo dates a daily bar."""
    return [int(datetime.combine(day, opens, ZoneInfo(zone)).timestamp()) for day in days]


def chart(symbol: str, *, zone: str = NEW_YORK, opens: time = time(9, 30), **changes: Any) -> dict[str, Any]:
    """One element of ``chart.result``: six bars, whose lists and metadata `changes` replace; None removes one."""
    lists = {
        "timestamp": stamps(zone=zone, opens=opens),
        "open": [close - 0.5 for close in CLOSES],
        "high": [close + 1 for close in CLOSES],
        "low": [close - 1 for close in CLOSES],
        "close": list(CLOSES),
        "volume": [1000 * number for number in range(1, 7)],
        "adjclose": list(CLOSES),
    }
    meta = {
        "currency": "USD", "symbol": symbol, "exchangeName": "NYQ", "fullExchangeName": "NYSE",
        "instrumentType": "EQUITY", "firstTradeDate": 1593610200, "regularMarketTime": 1752091202,
        "gmtoffset": -14400, "timezone": "EDT", "exchangeTimezoneName": zone, "priceHint": 2,
        "regularMarketPrice": 15.0, "longName": "Good Mines", "dataGranularity": "1d", "range": "",
        "validRanges": ["1d", "5d", "max"], "currentTradingPeriod": {},
    }  # fmt: skip
    events = changes.pop("events", None)
    for name, value in changes.items():
        (lists if name in lists else meta)[name] = value
    lists = {name: values for name, values in lists.items() if values is not None}
    result: dict[str, Any] = {"meta": {name: value for name, value in meta.items() if value is not None}}
    if "timestamp" in lists:
        result["timestamp"] = lists.pop("timestamp")
    if events:
        result["events"] = events
    adjusted = lists.pop("adjclose", None)
    result["indicators"] = {"quote": [lists]}
    if adjusted is not None:
        result["indicators"]["adjclose"] = [{"adjclose": adjusted}]
    return result


def payouts(kind: str, *rows: dict[str, Any]) -> dict[str, Any]:
    """Events of one kind, keyed by their time as Yahoo does."""
    return {kind: {str(row["date"]): row for row in rows}}


def answer(*results: dict[str, Any]) -> Reply:
    return Reply(200, json.dumps({"chart": {"result": list(results), "error": None}}).encode(), JSON)


def refusal(status: int, code: str, description: str) -> Reply:
    said = {"chart": {"result": None, "error": {"code": code, "description": description}}}
    return Reply(status, json.dumps(said).encode(), JSON)


JSON = {"Content-Type": "application/json;charset=utf-8"}
HTML = {"Content-Type": "text/html;charset=utf-8"}
GONE = refusal(404, "Not Found", "No data found, symbol may be delisted")
TOO_MANY = Reply(429, b"Too Many Requests\r\n", {"Content-Type": "text/plain"})


def page(status: int, text: bytes) -> Mode:
    return lambda _: Reply(status, PAGE % text, HTML)


def shape(said: object) -> Mode:
    return lambda _: Reply(200, json.dumps(said).encode(), JSON)


def bars(**changes: Any) -> Mode:
    """A chart in which these lists or metadata are others."""
    return lambda ask: answer(chart(ask.symbol, **changes))


def written(old: bytes, new: bytes) -> Mode:
    """A good chart with one text in it replaced: for what `json.dumps` does not write."""

    def mode(ask: Ask) -> Reply:
        reply = answer(chart(ask.symbol))
        assert old in reply.body
        return Reply(200, reply.body.replace(old, new, 1), JSON)

    return mode


# Modes that are more than a chart.


def truncated(ask: Ask) -> Reply:
    whole = answer(chart(ask.symbol)).body
    return Reply(200, whole[: len(whole) // 2], JSON)


def cut_short(ask: Ask) -> None:
    whole = answer(chart(ask.symbol)).body
    ask.handler.send_response(200)
    ask.handler.send_header("Content-Length", str(len(whole)))
    ask.handler.end_headers()
    ask.handler.wfile.write(whole[: len(whole) // 2])
    ask.handler.close_connection = True


def reset(ask: Ask) -> None:
    ask.handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    ask.handler.close_connection = True
    ask.handler.connection.close()


def closed(ask: Ask) -> None:
    ask.handler.close_connection = True


def slow(ask: Ask) -> None:
    ask.handler.server.released.wait(30)
    ask.handler.close_connection = True


def redirect(where: str) -> Mode:
    return lambda ask: Reply(302, b"", {"Location": where.format(symbol=ask.symbol)})


def moved(ask: Ask) -> Reply:
    if ask.number == 1:
        return Reply(302, b"", {"Location": f"/v8/finance/chart/{ask.symbol}?moved=1"})
    return answer(chart(ask.symbol))


def first(replies: int, mode: Mode) -> Mode:
    """Another mode for so many requests, then a good chart."""
    return lambda ask: mode(ask) if ask.number <= replies else answer(chart(ask.symbol))


def zipped(ask: Ask) -> Reply:
    return Reply(200, gzip.compress(answer(chart(ask.symbol)).body), JSON | {"Content-Encoding": "gzip"})


@cache
def _spaces() -> bytes:
    """33 MiB, packed."""
    return gzip.compress(b"{" + b" " * (33 * 1024 * 1024), 1)


def _fund(ask: Ask) -> Reply:
    days = stamps()
    events = {
        **payouts("dividends", {"amount": 0.75, "date": days[2]}),
        **payouts("splits", {"date": days[1], "numerator": 2, "denominator": 1, "splitRatio": "2:1"}),
        **payouts("capitalGains", {"amount": 0.25, "date": days[2]}),
    }
    return answer(chart(ask.symbol, instrumentType="ETF", events=events))


def _paying(**extra: Any) -> Mode:
    return lambda ask: answer(
        chart(
            ask.symbol,
            events=payouts("dividends", {"amount": 0.5, "date": stamps()[3], **extra}),
            adjclose=[round(close * 11.5 / 12, 6) for close in CLOSES[:3]] + list(CLOSES[3:]),
        )
    )


def _splitting(numerator: float, denominator: float) -> Mode:
    row = {"date": stamps()[3], "numerator": numerator, "denominator": denominator, "splitRatio": "?"}
    return bars(events=payouts("splits", row))


def _with(position: int, value: object) -> list[Any]:
    return [value if at == position else close for at, close in enumerate(CLOSES)]


def _null_row(values: Sequence[float]) -> list[float | None]:
    return [None if at == 2 else value for at, value in enumerate(values)]


# The last bar twice: as of the open, and as of the last trade at 12:00.
LIVE_TRADE = stamps(DATES[-1:], opens=time(12))[0]
MODES: dict[str, Mode] = {
    # Fit to be kept.
    "GOOD": bars(),
    "ONE-BAR": lambda ask: answer(
        chart(ask.symbol, timestamp=stamps()[:1], open=[9.5], high=[11.0], low=[9.0], close=[10.0],
              volume=[1000], adjclose=[10.0])
    ),
    "SPLIT": _splitting(1, 10),
    "PAYS": _paying(),
    "PAYS-IN-GBP": _paying(currency="GBP"),
    "PAYS-ON-HOLIDAY": bars(events=payouts("dividends", {"amount": 0.5, "date": stamps([date(2025, 7, 4)])[0]})),
    "SPLITS-ON-HOLIDAY": bars(
        events=payouts("splits", {"date": stamps([date(2025, 7, 4)])[0], "numerator": 3, "denominator": 2})
    ),
    "FUND": _fund,
    "PENCE.L": bars(zone=LONDON, opens=time(8), currency="GBp", gmtoffset=3600, timezone="BST"),
    "LYC.AX": bars(zone=SYDNEY, opens=time(10), currency="AUD", gmtoffset=36000, timezone="AEST"),
    "AUDUSD=X": bars(zone=LONDON, opens=time(0), instrumentType="CURRENCY", volume=[0] * 6),
    "^GSPC": bars(instrumentType="INDEX"),
    "NULL-ROW": bars(
        open=_null_row([9.5] * 6), high=_null_row([16.0] * 6), low=_null_row([9.0] * 6), close=_null_row(CLOSES),
        volume=_null_row([1000] * 6), adjclose=_null_row(CLOSES),
    ),
    "NULL-VOLUME": bars(volume=_null_row([1000] * 6)),
    "ZERO-PRICE": bars(open=_with(2, 0)),
    "LIVE": lambda ask: answer(
        chart(ask.symbol, timestamp=[*stamps(), LIVE_TRADE], open=[*CLOSES, 14.5], high=[*CLOSES, 16.5],
              low=[*CLOSES, 14.0], close=[*CLOSES, 16.0], volume=[1000] * 6 + [500], adjclose=[*CLOSES, 16.0])
    ),
    "LIMITED-ONCE": first(1, lambda _: TOO_MANY),
    "ZIPPED": zipped,
    "MOVED": moved,
    "ODD-METADATA": bars(shortName={"a": 1}, longName=None, priceHint=[2]),
    # Limits.
    "LIMITED": lambda _: TOO_MANY,
    "LIMITED-IN-WORDS": lambda _: Reply(200, TOO_MANY.body),
    # Unknown, in Yahoo's own words.
    "GONE": lambda _: GONE,
    # Nothing heard of the symbol.
    "NO-PAGE": page(404, b"no such page"),
    "NO-REASON": lambda _: Reply(404, json.dumps({"chart": {"result": None, "error": None}}).encode(), JSON),
    "UNAUTHORISED": lambda _: refusal(401, "Unauthorized", "Invalid Crumb"),
    "FORBIDDEN": page(403, b"forbidden"),
    "TEAPOT": lambda _: Reply(418, b"{}", JSON),
    "FAILS": lambda _: Reply(500, b"internal server error"),
    "FAILS-AS-GONE": lambda _: Reply(500, GONE.body, JSON),
    "BAD-GATEWAY": page(502, b"bad gateway"),
    "UNAVAILABLE": page(503, b"Will be right back"),
    "DOWN-PAGE": page(200, b"Will be right back"),
    "CONSENT-PAGE": page(200, b"<form action='/consent'>Before you continue</form>"),
    "SLOW": slow,
    "RESET": reset,
    "CLOSED": closed,
    "CUT-SHORT": cut_short,
    "LOOP": redirect("/v8/finance/chart/{symbol}?period1=0"),
    "ELSEWHERE": redirect("http://127.0.0.1:1/{symbol}"),
    # Answers that cannot be used.
    "EMPTY-BODY": lambda _: Reply(200, b"", JSON),
    "TRUNCATED": truncated,
    "LIST": shape([1, 2]),
    "NUMBER": shape(7),
    "NO-CHART": shape({"finance": {"result": None}}),
    "CHART-LIST": shape({"chart": []}),
    "TWO-RESULTS": lambda ask: answer(chart(ask.symbol), chart(ask.symbol)),
    "RESULT-TEXT": shape({"chart": {"result": "none", "error": None}}),
    "ERROR-TEXT": shape({"chart": {"result": None, "error": "Not Found"}}),
    "NO-META": lambda ask: answer({**chart(ask.symbol), "meta": None}),
    "BAD-REQUEST": lambda _: refusal(400, "Bad Request", "Invalid input - interval=1d is not supported"),
    "BAD-AS-GONE": lambda _: Reply(400, GONE.body, JSON),
    "DEEP": lambda _: Reply(200, b'{"chart":' + b"[" * 200_000, JSON),
    "NOT-UTF8": written(b"Good Mines", b"\xff\xfe Mines"),
    "GARBAGE": lambda _: Reply(200, b"\x1f\x8b\x08 no gzip", JSON | {"Content-Encoding": "gzip"}),
    "HUGE": lambda _: Reply(200, _spaces(), JSON | {"Content-Encoding": "gzip"}),
    "ALL-NULL": bars(**{name: [None] * 6 for name in ("open", "high", "low", "close", "volume", "adjclose")}),
    "DUPLICATE": bars(timestamp=[*stamps()[:2], *stamps()[1:5]]),
    "TWICE-A-DAY": bars(timestamp=[stamps()[0], stamps()[0] + 3600, *stamps()[2:]]),
    "BACKWARDS": bars(timestamp=stamps()[::-1]),
    "FRACTIONS": bars(timestamp=[stamp + 0.5 for stamp in stamps()]),
    "MILLISECONDS": bars(timestamp=[stamp * 1000 for stamp in stamps()]),
    "FUTURE": bars(timestamp=[*stamps()[:-1], stamps([date(2026, 1, 5)])[0]]),
    "SHORT-CLOSES": bars(close=list(CLOSES[:-1])),
    "SHORT-TIMES": bars(timestamp=stamps()[:-1]),
    "NO-CLOSES": bars(close=None),
    "NO-ADJUSTED": bars(adjclose=None),
    "NO-CURRENCY": bars(currency=None),
    "ODD-CURRENCY": bars(currency="US$"),
    "ODD-ZONE": bars(exchangeTimezoneName="Mars/Olympus"),
    "NO-KIND": bars(instrumentType=None),
    "ASTRONOMIC": bars(close=_with(2, 1e300)),
    "OVERFLOWING": written(b"12.0", b"1e999"),
    "NEGATIVE": bars(low=_with(2, -1.0)),
    "NEGATIVE-VOLUME": bars(volume=_with(2, -1)),
    "NAN": written(b"12.0", b"NaN"),
    "INFINITY": written(b"12.0", b"Infinity"),
    "WORDS": bars(close=_with(2, "twelve")),
    "TRUTHS": bars(close=_with(2, True)),
    "SPLIT-ZERO": _splitting(0, 1),
    "SPLIT-BY-ZERO": _splitting(1, 0),
    "SPLIT-NEGATIVE": _splitting(-1, 2),
    "NEGATIVE-DIVIDEND": bars(events=payouts("dividends", {"amount": -0.5, "date": stamps()[3]})),
    "DIVIDEND-WORDS": bars(events=payouts("dividends", {"amount": "much", "date": stamps()[3]})),
    "LATER-SPLIT": bars(events=payouts("splits", {"date": 10**12, "numerator": 2, "denominator": 1})),
    "ODD-EVENTS": bars(events={"dividends": [1, 2]}),
    # Another symbol's prices.
    "WRONG": lambda _: answer(chart("RIGHT")),
    # No bars.
    "NULL": shape({"chart": {"result": None, "error": None}}),
    "NOTHING": lambda _: answer(),
    "NO-BARS": lambda ask: answer({**chart(ask.symbol, timestamp=None), "indicators": {"quote": [{}]}}),
    "NO-TIMES": bars(timestamp=[]),
    "NO-RANGE": lambda _: refusal(400, "Bad Request", "Data doesn't exist for startDate = 1, endDate = 2"),
}  # fmt: skip
