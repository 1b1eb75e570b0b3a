"""Connections to machines that were checked, which end at a deadline; imported where a page is fetched."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore

from retrieval.addresses import Resolver, public_addresses


class CheckedNetwork(httpcore.NetworkBackend):
    """Connects to public addresses only, each name being resolved once, and gives up at the deadline."""

    def __init__(self, resolve: Resolver, inner: httpcore.NetworkBackend, deadline: float) -> None:
        """:param inner: what connects to an address; ``deadline``: by the monotonic clock, in seconds"""
        self._resolve, self._inner, self._deadline = resolve, inner, deadline

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        """A connection to the first of the host's addresses that answers.

        :raises InputError: one of them is not public.
        """
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in public_addresses(host, port, self._resolve):
            time_left = _least(timeout, self._deadline)
            try:
                stream = self._inner.connect_tcp(address, port, time_left, local_address, socket_options)
            except httpcore.ConnectError as error:  # the next may be there
                failure = error
            else:
                return _TimedStream(stream, self._deadline)
        raise failure


class _TimedStream(httpcore.NetworkStream):
    """A connection that ends at the deadline, however slowly bytes still come."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _least(timeout, self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _least(timeout, self._deadline))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        time_left = _least(timeout, self._deadline)
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, time_left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _least(timeout: float | None, deadline: float) -> float:
    """The seconds that are left.

    :raises ReadTimeout: there are none.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time is up")
    return left if timeout is None else min(timeout, left)
