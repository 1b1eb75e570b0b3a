"""What a failed request means: refused, not sent, or not known."""

from __future__ import annotations

import httpx
import pytest
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.telegram_app.requests import Fate, ForeignError, GarbledError, ServerError, asked_pause_s, fate


def caused(error: TelegramError, cause: Exception) -> TelegramError:
    """The error as PTB raises it from one of httpx."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (BadRequest("chat not found"), Fate.REFUSED),
        (Forbidden("bot was blocked by the user"), Fate.REFUSED),
        (Conflict("terminated by other getUpdates request"), Fate.REFUSED),
        (InvalidToken(), Fate.REFUSED),
        (RetryAfter(3), Fate.UNSENT),
        (ForeignError("a page of a proxy"), Fate.UNSENT),
        (caused(NetworkError(""), httpx.ConnectError("")), Fate.UNSENT),
        (caused(NetworkError(""), httpx.WriteError("")), Fate.UNSENT),
        (caused(TimedOut(), httpx.ConnectTimeout("")), Fate.UNSENT),
        (caused(TimedOut(), httpx.PoolTimeout("")), Fate.UNSENT),
        (caused(TimedOut(), httpx.ReadTimeout("")), Fate.UNKNOWN),
        (caused(TimedOut(), httpx.WriteTimeout("")), Fate.UNKNOWN),
        (caused(NetworkError(""), httpx.ReadError("")), Fate.UNKNOWN),
        (caused(NetworkError(""), httpx.RemoteProtocolError("")), Fate.UNKNOWN),
        (ServerError("502"), Fate.UNKNOWN),
        (GarbledError("status 200"), Fate.UNKNOWN),
    ],
    ids=lambda value: (
        f"{type(value).__name__}({type(value.__cause__).__name__})" if isinstance(value, Exception) else ""
    ),
)
def test_what_a_failure_means(error: TelegramError, expected: Fate) -> None:
    assert fate(error) is expected


def test_the_pause_that_telegram_asks_for_is_in_seconds() -> None:
    assert asked_pause_s(RetryAfter(3)) == 3.0
    assert asked_pause_s(TimedOut()) is None
