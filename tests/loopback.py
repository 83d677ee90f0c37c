"""A server on this machine that speaks Yahoo's chart format, with one behaviour a symbol; no network is needed.

``with Loopback() as yahoo: ...`` and give `yahoo.url` to a session as its base address, or to a child process in
``LODESTONE_YAHOO_URL``. yfinance asks twice for a symbol it does not know: a small chart for the time zone, then the
history. ``GONE`` behaves as its mode in `yahoo_modes` says both times; ``LATE-GONE`` answers the first well.
"""

from __future__ import annotations

import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from yahoo_modes import HTML, JSON, MODES, PAGE, Ask, Mode, Reply

CHART = "/query2.finance.yahoo.com/v8/finance/chart/"


class Handler(BaseHTTPRequestHandler):
    """Answers of the hosts that yfinance asks; the first part of the path is the host."""

    protocol_version = "HTTP/1.1"
    # Headers and body are two writes: without this each answer waits for the client's acknowledgement.
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        reply = self._reply(unquote(parts.path), parse_qs(parts.query))
        if reply is None:
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    do_POST = do_GET  # noqa: N815 - the base class calls it so

    def _reply(self, path: str, query: dict[str, list[str]]) -> Reply | None:
        symbol = path.removeprefix(CHART) if path.startswith(CHART) else ""
        history = "period1" in query
        number = self.server.note(path, query, symbol, history=history)
        if symbol:
            late = symbol.startswith("LATE-")
            mode = self.server.modes["GOOD" if late and not history else symbol.removeprefix("LATE-")]
            return mode(Ask(symbol, number, history, self))
        if path.startswith("/fc.yahoo.com"):
            return Reply(
                404, b"", {"Set-Cookie": "A3=d=1; Max-Age=31557600; Path=/; Domain=.yahoo.com; Secure"}
            )
        if path.endswith("/v1/test/getcrumb"):
            return self.server.crumb
        if path.endswith("/v7/finance/quote"):
            return Reply(200, b'{"quoteResponse":{"result":[],"error":null}}', JSON)
        if "/v10/finance/quoteSummary/" in path:
            return Reply(404, b'{"quoteSummary":{"result":null,"error":{"code":"Not Found"}}}', JSON)
        return Reply(200, PAGE % b"no form", HTML)

    def log_message(self, *_: object) -> None:
        """Nothing: the tests' output is their own."""


class Server(ThreadingHTTPServer):
    """What the threads of the server share."""

    daemon_threads = True

    def __init__(self, modes: dict[str, Mode]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.modes = modes
        self.released = threading.Event()
        self.crumb = Reply(200, b"abc.DEF/123")
        self.requests: list[tuple[str, dict[str, list[str]]]] = []
        self._lock = threading.Lock()
        self._asked: Counter[tuple[str, bool]] = Counter()

    def note(self, path: str, query: dict[str, list[str]], symbol: str, *, history: bool) -> int:
        """Which request of its kind for the symbol this is, from 1."""
        with self._lock:
            self.requests.append((path, query))
            self._asked[symbol, history] += 1
            return self._asked[symbol, history]

    def handle_error(self, *_: object) -> None:
        """Nothing: clients that hang up are what is tested."""


class Loopback:
    """The server while a ``with`` lasts.

    ``url`` is its address, ``requests`` what it was asked: path and query. ``server.crumb`` may be set to another
    reply; ``modes`` are more symbols.
    """

    def __init__(self, **modes: Mode) -> None:
        self._modes = MODES | modes

    def __enter__(self) -> Self:
        self.server = Server(self._modes)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.released.set()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()

    @property
    def requests(self) -> list[tuple[str, dict[str, list[str]]]]:
        return list(self.server.requests)

    def asked(self, symbol: str) -> int:
        """How often a chart of the symbol was asked for."""
        return sum(path == CHART + symbol for path, _ in self.requests)
