"""Counters of the service, and the loopback page that shows them: /healthz, /readyz, /metrics.

/metrics is in Prometheus's text format 0.0.4,
https://prometheus.io/docs/instrumenting/exposition_formats/.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from http import HTTPStatus
from typing import Any

from retrieval.errors import SettingsError

BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_PREFIX = "sayso_"
_MOST_REQUEST = 8_192  # bytes of a request's head
_PATIENCE_S = 5.0
_PLAIN, _EXPOSITION = "text/plain; charset=utf-8", "text/plain; version=0.0.4; charset=utf-8"


def _counter(told: str) -> Any:
    return field(default=0, metadata={"told": told})


@dataclass(slots=True)
class Metrics:
    """What has happened since the start; incremented on the event loop only."""

    updates: int = _counter("updates taken in")
    questions: int = _counter("questions that reached the engine")
    answered: int = _counter("questions answered with a quote")
    abstained: int = _counter("questions that the sources do not answer")
    errors: int = _counter("updates that failed for a reason of ours")
    busy: int = _counter("questions refused because too many were waiting")
    too_fast: int = _counter("questions refused because their user asks too fast")
    inline: int = _counter("inline queries answered")
    foreign: int = _counter("updates of people who are not let in")
    votes: int = _counter("votes on answers")
    retries: int = _counter("requests to Telegram tried again")
    unknown: int = _counter("messages that may or may not have arrived")
    seconds: float = field(default=0.0, metadata={"told": ""})  # of all questions together
    slower: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))  # questions by bucket

    def took(self, seconds: float) -> None:
        """Counts one question's time, from its arrival to its answer's delivery."""
        self.seconds += seconds
        self.slower[bisect_left(BUCKETS_S, seconds)] += 1


Gauges = Callable[[], dict[str, float]]  # name -> what is so at the moment
Unready = Callable[[], str]  # why no question can be answered now; empty where one can


def exposition(metrics: Metrics, gauges: dict[str, float]) -> str:
    """The counters, the histogram of seconds and the gauges in Prometheus's text format."""
    return "\n".join([*_counters(metrics), *_histogram(metrics), *_gauges(gauges), ""])


def _counters(metrics: Metrics) -> Iterator[str]:
    for each in fields(metrics):
        if each.metadata.get("told"):
            name = f"{_PREFIX}{each.name}_total"
            yield f"# HELP {name} {each.metadata['told']}"
            yield f"# TYPE {name} counter"
            yield f"{name} {getattr(metrics, each.name)}"


def _histogram(metrics: Metrics) -> Iterator[str]:
    name = f"{_PREFIX}question_seconds"
    yield f"# HELP {name} from a question's arrival to its answer's delivery"
    yield f"# TYPE {name} histogram"
    total = 0
    for limit, count in zip((*BUCKETS_S, "+Inf"), metrics.slower, strict=True):
        total += count
        yield f'{name}_bucket{{le="{limit}"}} {total}'
    yield f"{name}_sum {metrics.seconds}"
    yield f"{name}_count {total}"


def _gauges(gauges: dict[str, float]) -> Iterator[str]:
    for name, value in gauges.items():
        yield f"# TYPE {_PREFIX}{name} gauge"
        yield f"{_PREFIX}{name} {value}"


@asynccontextmanager
async def listening(port: int, metrics: Metrics, gauges: Gauges, unready: Unready) -> AsyncIterator[int]:
    """Serves the page on the loopback address, where 0 is any free port; the port that it is.

    :raises SettingsError: the port is taken.
    """

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(await _response(head, metrics, gauges, unready))
                await writer.drain()
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever it was does not speak HTTP, or is gone
        finally:
            writer.close()

    try:
        server = await asyncio.start_server(connected, "127.0.0.1", port, limit=_MOST_REQUEST)
    except OSError as error:
        told = f"port {port} cannot be listened on ({error.strerror})"
        raise SettingsError(told, "set another [telegram] health_port") from None
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()


async def _response(head: bytes, metrics: Metrics, gauges: Gauges, unready: Unready) -> bytes:
    """The whole HTTP response to a request's head."""
    method, _, rest = head.partition(b" ")
    path = rest.partition(b" ")[0].partition(b"?")[0]
    status, kind, body = HTTPStatus.NOT_FOUND, _PLAIN, "there are /healthz, /readyz and /metrics\n"
    if method not in (b"GET", b"HEAD"):
        status, body = HTTPStatus.METHOD_NOT_ALLOWED, "GET or HEAD\n"
    elif path == b"/healthz":
        status, body = HTTPStatus.OK, "ok\n"
    elif path == b"/readyz":
        reason = await asyncio.to_thread(unready)  # it looks at the disk
        status, body = (HTTPStatus.SERVICE_UNAVAILABLE, f"{reason}\n") if reason else (HTTPStatus.OK, "ok\n")
    elif path == b"/metrics":
        status, kind, body = HTTPStatus.OK, _EXPOSITION, exposition(metrics, gauges())
    content = body.encode()
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}", f"Content-Type: {kind}", f"Content-Length: {len(content)}",
        "Cache-Control: no-store", "Connection: close", "", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode() + (content if method != b"HEAD" else b"")
