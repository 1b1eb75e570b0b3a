"""What the loopback page says, to people who ask properly and to those who do not."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable
from math import isclose, isfinite

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram_app.health import BUCKETS_S, Metrics, exposition, listening
from retrieval.errors import SettingsError

SAMPLE = re.compile(r'([a-z_]+)(?:\{le="([^"]+)"\})? ([0-9.e+-]+)')


def serving(
    ask: Callable[[httpx.AsyncClient], Awaitable[object]], metrics: Metrics | None = None, reason: str = ""
) -> object:
    """What ``ask`` gets of a page that runs meanwhile."""

    async def served() -> object:
        async with (
            listening(0, metrics or Metrics(), lambda: {"waiting": 3}, lambda: reason) as port,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
        ):
            return await ask(client)

    return asyncio.run(served())


def test_it_is_healthy_while_it_answers_and_ready_when_nothing_is_missing() -> None:
    for path in ("/healthz", "/readyz", "/readyz?probe=1"):
        response = serving(lambda client, path=path: client.get(path))
        assert isinstance(response, httpx.Response) and (response.status_code, response.text) == (200, "ok\n")


def test_what_keeps_it_from_being_ready_is_told() -> None:
    response = serving(lambda client: client.get("/readyz"), reason="Telegram cannot be reached")
    assert isinstance(response, httpx.Response)
    assert (response.status_code, response.text) == (503, "Telegram cannot be reached\n")
    healthy = serving(lambda client: client.get("/healthz"), reason="Telegram cannot be reached")
    assert isinstance(healthy, httpx.Response) and healthy.status_code == 200


def test_metrics_come_as_prometheus_reads_them() -> None:
    metrics = Metrics(questions=2, answered=1, abstained=1, retries=4)
    for seconds in (0.05, 0.3):
        metrics.took(seconds)
    response = serving(lambda client: client.get("/metrics"), metrics)
    assert isinstance(response, httpx.Response)
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = response.text.splitlines()
    assert response.text.endswith("\n")
    for line in (
        "# TYPE sayso_answered_total counter", "sayso_answered_total 1", "sayso_retries_total 4",
        'sayso_question_seconds_bucket{le="0.05"} 1', 'sayso_question_seconds_bucket{le="0.5"} 2',
        'sayso_question_seconds_bucket{le="+Inf"} 2', "sayso_question_seconds_count 2",
        "# TYPE sayso_waiting gauge", "sayso_waiting 3",
    ):  # fmt: skip
        assert line in lines


@given(st.lists(st.floats(0, 100)))
def test_the_histogram_counts_every_question_once_and_never_goes_down(taken: list[float]) -> None:
    metrics = Metrics()
    for seconds in taken:
        metrics.took(seconds)
    samples = [SAMPLE.fullmatch(line) for line in exposition(metrics, {}).splitlines() if not line.startswith("#")]
    assert all(sample is not None and isfinite(float(sample[3])) for sample in samples)
    buckets = [int(sample[3]) for sample in samples if sample is not None and sample[2]]
    assert buckets == [sum(seconds <= limit for seconds in taken) for limit in BUCKETS_S] + [len(taken)]
    assert isclose(metrics.seconds, sum(taken))


def test_every_metric_is_explained_once() -> None:
    told = re.findall("# HELP ([a-z_]+) .", exposition(Metrics(), {}))
    assert len(told) == len(set(told)) == len(re.findall("# TYPE", exposition(Metrics(), {})))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("GET", "/metrics/../etc/passwd", 404), ("POST", "/metrics", 405), ("HEAD", "/metrics", 200)],
)
def test_other_requests_are_refused(method: str, path: str, status: int) -> None:
    response = serving(lambda client: client.request(method, path))
    assert isinstance(response, httpx.Response) and response.status_code == status
    assert method != "HEAD" or response.content == b""


@pytest.mark.parametrize("sent", [b"", b"\x00\xff\r\n\r\n", b"GET /" + b"a" * 20_000, b"GET\r\n\r\n", b"hello\n"])
def test_whoever_does_not_speak_http_is_hung_up_on_and_others_are_served(sent: bytes) -> None:
    async def ask(client: httpx.AsyncClient) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
        writer.write(sent)
        writer.write_eof()
        await reader.read()
        writer.close()
        return (await client.get("/healthz")).status_code

    assert serving(ask) == 200


def test_it_listens_on_loopback_only_and_a_taken_port_is_a_mistake_in_the_settings() -> None:
    async def twice() -> None:
        async with listening(0, Metrics(), dict, str) as port, listening(port, Metrics(), dict, str):
            pass

    with pytest.raises(SettingsError, match="cannot be listened on"):
        asyncio.run(twice())


def test_the_port_is_free_again_afterwards() -> None:
    async def once() -> int:
        async with listening(0, Metrics(), dict, str) as port:
            return port

    port = asyncio.run(once())
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
