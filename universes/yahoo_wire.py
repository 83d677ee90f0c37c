"""Session that yfinance asks Yahoo with, which keeps every answer as it came over the wire.

yfinance turns an outage, a page of HTML and a rate limit alike into "possibly delisted": what came is judged by
the answers kept here, not by what yfinance makes of them.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from curl_cffi import CurlOpt
from curl_cffi.const import CurlECode
from curl_cffi.requests import Response, Session
from curl_cffi.requests.exceptions import InvalidURL, RequestException, Timeout, TooManyRedirects

from universes.errors import BadParameter

VARIABLE = "LODESTONE_YAHOO_URL"
CHART = "/v8/finance/chart/"
# A century of daily bars has about 3 MB.
MOST_BYTES = 32 * 1024 * 1024
MOST_REDIRECTS = 5


@dataclass(frozen=True)
class Exchange:
    """One request and what came of it.

    Parameters
    ----------
    path : str
        Of the address asked: ``/v8/finance/chart/LYC.AX``.
    status : int
        Of the answer; 0 when none came whole.
    body : bytes
        Of the answer, unpacked.
    trouble : str
        Why no whole answer came, in words; empty when it did.
    garbled : bool
        Whether an answer came that cannot be read, rather than none.
    """

    path: str
    status: int
    body: bytes
    trouble: str = ""
    garbled: bool = False


class YahooSession(Session[Response]):
    """Session of a browser's kind for yfinance; several threads may use one.

    Redirects are followed on Yahoo's own hosts alone. Answers of more than 32 MiB, unpacked, are cut off.

    Parameters
    ----------
    base_url : str or None
        Address that requests go to instead of Yahoo, for tests and proxies: ``https://host/path`` becomes
        ``<base_url>/host/path``. None takes it from ``LODESTONE_YAHOO_URL``; Yahoo itself when that is empty too.
    request_seconds : float
        Longest wait for one answer.
    symbol_seconds : float
        Longest wait for all answers of one symbol.

    Raises
    ------
    BadParameter
        If `base_url` is no address of the web.
    """

    def __init__(
        self, *, base_url: str | None = None, request_seconds: float = 10.0, symbol_seconds: float = 45.0
    ) -> None:
        self._base_url = _checked(os.environ.get(VARIABLE, "") if base_url is None else base_url)
        self._request_seconds, self._symbol_seconds = request_seconds, symbol_seconds
        self._here = threading.local()
        super().__init__(impersonate="chrome", curl_options=_without_proxy(self._base_url))

    @contextmanager
    def recording(self) -> Iterator[list[Exchange]]:
        """Requests of this thread from here on, in their order, and the time they may take in all."""
        self._here.exchanges, self._here.deadline = [], time.monotonic() + self._symbol_seconds
        try:
            yield self._here.exchanges
        finally:
            self._here.exchanges, self._here.deadline = [], None

    def request(self, method: Any, url: str, **options: Any) -> Response:  # type: ignore[override]
        """Answer of Yahoo, after redirects.

        Raises
        ------
        RequestException
            If no whole answer came.
        """
        path, body = urlsplit(url).path, bytearray()
        seconds = self._seconds(options.pop("timeout", None))
        options |= {"timeout": seconds, "allow_redirects": False, "params": _params(options.get("params"))}
        try:
            response = self._redirected(method, url, options, body)
        except RequestException as error:
            self._keep(Exchange(path, 0, b"", *_in_words(error, seconds)))
            raise
        self._keep(Exchange(path, response.status_code, response.content))
        return response

    def _redirected(self, method: Any, url: str, options: dict[str, Any], body: bytearray) -> Response:
        for _ in range(MOST_REDIRECTS + 1):
            body.clear()
            response = super().request(method, self._address(url), content_callback=_into(body), **options)
            response.content, response.url = bytes(body), url
            if not response.is_redirect:
                return response
            url = _next_address(url, response.headers["location"] or "")
            method, options = "GET", {name: options[name] for name in ("timeout", "allow_redirects")}
        raise TooManyRedirects(f"more than {MOST_REDIRECTS} redirects", CurlECode.TOO_MANY_REDIRECTS)

    def _address(self, url: str) -> str:
        return self._base_url + url.partition(":/")[2] if self._base_url else url

    def _seconds(self, asked: object) -> float:
        seconds = (
            min(float(asked), self._request_seconds)
            if isinstance(asked, int | float)
            else self._request_seconds
        )
        deadline = getattr(self._here, "deadline", None)
        # curl takes 0 ms for no limit at all.
        return seconds if deadline is None else max(min(seconds, deadline - time.monotonic()), 0.001)

    def _keep(self, exchange: Exchange) -> None:
        if hasattr(self._here, "exchanges"):
            self._here.exchanges.append(exchange)


def _checked(base_url: str) -> str:
    parts = urlsplit(base_url)
    if base_url and (
        parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment
    ):
        raise BadParameter(
            f"{VARIABLE} {base_url!r} is no address: write http://host:port, or unset it for Yahoo"
        )
    return base_url.rstrip("/")


def _without_proxy(base_url: str) -> dict[CurlOpt, str]:
    """Options that keep requests to this machine away from a proxy that the environment names."""
    host = urlsplit(base_url).hostname
    return {CurlOpt.NOPROXY: host} if host in {"127.0.0.1", "localhost", "::1"} else {}


def _params(params: Mapping[str, object] | None) -> dict[str, object]:
    """Parameters without a crumb that is none.

    yfinance 1.7 keeps the text of a refusal, as ``Too Many Requests`` or a page, and sends it as the crumb.
    """
    left = dict(params or {})
    crumb = str(left.get("crumb", ""))
    if not crumb or len(crumb) > 64 or any(sign in crumb for sign in " <{"):
        left.pop("crumb", None)
    return left


def _into(body: bytearray) -> Callable[[bytes], int]:
    def receive(part: bytes) -> int:
        body.extend(part)
        if len(body) > MOST_BYTES:
            raise RequestException("too long", CurlECode.FILESIZE_EXCEEDED)
        return len(part)

    return receive


def _next_address(url: str, location: str) -> str:
    following = urljoin(url, location)
    parts = urlsplit(following)
    host = parts.hostname or ""
    if parts.scheme != "https" or not (host == "yahoo.com" or host.endswith(".yahoo.com")):
        raise InvalidURL(f"redirected to {host or 'nowhere'}", CurlECode.UNSUPPORTED_PROTOCOL)
    return following


_TROUBLES = {
    CurlECode.COULDNT_RESOLVE_HOST: "the name of its host was not found",
    CurlECode.COULDNT_RESOLVE_PROXY: "the name of the proxy was not found",
    CurlECode.COULDNT_CONNECT: "the connection was refused",
    CurlECode.RECV_ERROR: "the connection was reset",
    CurlECode.SEND_ERROR: "the connection was reset",
    CurlECode.GOT_NOTHING: "the connection was closed without an answer",
    CurlECode.PARTIAL_FILE: "the answer was cut short",
    CurlECode.HTTP2: "the connection broke off",
    CurlECode.HTTP2_STREAM: "the connection broke off",
    CurlECode.TOO_MANY_REDIRECTS: f"more than {MOST_REDIRECTS} redirects",
    CurlECode.SSL_CONNECT_ERROR: "no secure connection could be made",
    CurlECode.PEER_FAILED_VERIFICATION: "its certificate was refused (is this computer's clock right?)",
}
_GARBLED = {
    CurlECode.BAD_CONTENT_ENCODING: "the answer cannot be unpacked",
    CurlECode.FILESIZE_EXCEEDED: f"the answer is longer than {MOST_BYTES // 2**20} MiB",
}


def _in_words(error: RequestException, seconds: float) -> tuple[str, bool]:
    """Trouble of an `Exchange`, and whether it was garbled."""
    if isinstance(error, Timeout):
        return f"no whole answer within {seconds:.3g} s", False
    if isinstance(error, InvalidURL):
        return str(error), False
    if error.code in _GARBLED:
        return _GARBLED[CurlECode(error.code)], True
    return _TROUBLES.get(CurlECode(error.code), f"curl error {int(error.code)}"), False
