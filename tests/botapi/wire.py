"""HTTP for the server: a thread a connection, so that a fault can close or reset the very socket."""

from __future__ import annotations

import json
import re
import socket
import struct
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from tests.botapi.faults import Strike
from tests.botapi.parameters import Parameters, read_parameters
from tests.botapi.refusal import Refusal

_REFUSED = {
    "429": "Too Many Requests: retry after {}",
    "409": "terminated by other getUpdates request; make sure that only one bot instance is running",
    "502": "Bad Gateway",
}


class Reply(Protocol):
    """What answers calls and downloads; both raise ``Refusal`` and may add a failure to what they give."""

    def call(self, token: str, method: str, given: Parameters) -> tuple[dict[str, Any], Strike | None]:
        """The answer to a call."""
        ...

    def download(self, token: str, path: str) -> tuple[bytes, Strike | None]:
        """The content of a file."""
        ...

    def hold(self, seconds: float) -> None:
        """Comes back after that time, or when the server ends."""
        ...


class Server(ThreadingHTTPServer):
    """Listens on a free loopback port and hands what comes to ``replies``."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, replies: Reply) -> None:
        self.replies = replies
        self.connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def hang_up(self) -> None:
        """Ends all connections, so that their threads end."""
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # it was closed on the other side
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle of an answer is no error of the server."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together; apart, the second would wait for the first's acknowledgement
    server: Server

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Silence: the calls are on record."""

    def do_GET(self) -> None:
        file = re.fullmatch(r"/file/bot([^/]+)/(.+)", unquote(urlsplit(self.path).path))
        if file:
            self._answer(lambda: self.server.replies.download(file[1], file[2]), "application/octet-stream")
        else:
            self.do_POST()

    def do_POST(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        token, _, method = unquote(url.path).removeprefix("/bot").partition("/")

        def answer() -> tuple[bytes, Strike | None]:
            given = read_parameters(url.query, self.headers.get("Content-Type") or "", body)
            result, strike = self.server.replies.call(token, method, given)
            return json.dumps(result).encode(), strike

        self._answer(answer, "application/json")

    def _answer(self, answer: Callable[[], tuple[bytes, Strike | None]], content_type: str) -> None:
        try:
            body, strike = answer()
        except Refusal as refusal:
            self._refuse(refusal)
            return
        if strike:
            self._fail(strike)
        else:
            self._reply(200, body, content_type)

    def _fail(self, strike: Strike) -> None:
        if strike.kind in _REFUSED:
            after = {"retry_after": strike.retry_after} if strike.kind == "429" else {}
            self._refuse(Refusal(_REFUSED[strike.kind].format(strike.retry_after), int(strike.kind), **after))
            return
        if strike.kind == "bad_json":
            self._reply(200, b"<html><body>bad gateway</body></html>", "text/html")
            return
        self.close_connection = True
        if strike.kind == "timeout":
            self.server.replies.hold(strike.seconds)
        if strike.kind == "reset":  # closing without lingering sends RST instead of FIN
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def _refuse(self, refusal: Refusal) -> None:
        self._reply(refusal.code, json.dumps(refusal.body()).encode(), "application/json")

    def _reply(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
