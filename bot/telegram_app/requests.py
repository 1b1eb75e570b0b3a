"""HTTP to the Bot API, with errors that tell whether a message may have arrived.

PTB has one ``NetworkError`` for much, and logs a damaged body, which may hold a question.
"""

from __future__ import annotations

import json
import os
import ssl
from datetime import timedelta
from enum import Enum
from functools import cache
from typing import Any

import httpx
from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import HTTPXRequest

from bot.chats import is_locked

_CONNECT_S = 5.0

os.environ.setdefault("PTB_TIMEDELTA", "true")  # or each RetryAfter warns that it counts seconds still


class Fate(Enum):
    """What is known of a message whose sending failed."""

    REFUSED = "refused"  # Telegram understood the request and says no: it will say so again
    UNSENT = "unsent"  # it is not there: it can be sent again
    UNKNOWN = "unknown"  # the request was written in full and the answer never came


class ServerError(NetworkError):
    """The server answered with a status of 500 or above."""


class GarbledError(NetworkError):
    """The server said that all is well, in a body that is no JSON."""


class ForeignError(NetworkError):
    """Something between here and Telegram answered in its place."""


@cache
def trust() -> ssl.SSLContext:
    """The certificates that are trusted, read once: that takes some 40 ms."""
    return httpx.create_ssl_context()


class Request(HTTPXRequest):
    """PTB's requests, with those errors."""

    def __init__(self, connections: int, timeout_s: float) -> None:
        super().__init__(
            connection_pool_size=connections, read_timeout=timeout_s, write_timeout=timeout_s,
            connect_timeout=min(_CONNECT_S, timeout_s), pool_timeout=timeout_s, httpx_kwargs={"verify": trust()},
        )  # fmt: skip

    async def do_request(self, url: str, method: str, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Status and body. :raises ServerError, GarbledError, ForeignError: as they say."""
        status, body = await super().do_request(url, method, *args, **kwargs)
        if status >= 500:
            raise ServerError(f"the Bot API server answered with status {status}")
        if method == "POST" and not _is_object(body):
            kind = GarbledError if 200 <= status < 300 else ForeignError
            raise kind(f"status {status} with {len(body)} bytes that are no JSON")
        return status, body


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False


#: The request did not leave, or not in full, so nobody acted on it.
_NOT_WRITTEN = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.WriteError, httpx.ProxyError)


def fate(error: TelegramError) -> Fate:
    """What a failed request means for what it should have done.

    Connections that could not be made and requests that were not written in full were not acted on, nor was
    one that is told to come later (429). All else that is no clear refusal leaves it open: a connection that
    ends or times out while the answer is awaited, a damaged answer, and a 5xx, by which the servers before
    Telegram's own say that they got none.
    """
    if isinstance(error, (RetryAfter, ForeignError)) or isinstance(error.__cause__, _NOT_WRITTEN):
        return Fate.UNSENT
    if isinstance(error, (TimedOut, GarbledError, ServerError)) or isinstance(error.__cause__, httpx.TransportError):
        return Fate.UNKNOWN
    return Fate.REFUSED


def stays_open(error: BaseException | None) -> bool:
    """Whether what an update asks for may yet be done.

    Telegram was not reached, or does not know the token now, or another process had the file of chats to itself.
    """
    if isinstance(error, TelegramError):
        return isinstance(error, InvalidToken) or fate(error) is not Fate.REFUSED
    return is_locked(error)


def asked_pause_s(error: TelegramError) -> float | None:
    """Seconds for which Telegram wants to be left alone, if it says so."""
    if not isinstance(error, RetryAfter):
        return None
    asked = error.retry_after
    return asked.total_seconds() if isinstance(asked, timedelta) else float(asked)
