"""Every request to Telegram passes here: paced, and tried again where that cannot do a thing twice."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from telegram.error import TelegramError
from telegram.ext import BaseRateLimiter

from bot.telegram_app.health import Metrics
from bot.telegram_app.pacing import Pace
from bot.telegram_app.requests import Fate, asked_pause_s, fate

#: Of use at once or not at all; or repeated by who calls them.
_ONCE = frozenset({"sendChatAction", "getMe", "setWebhook", "deleteWebhook"})
_SENDS = ("send", "copy", "forward")
_FIRST_PAUSE_S, _MOST_PAUSE_S = 0.25, 30.0

_log = logging.getLogger(__name__)


class UnknownDelivery(TelegramError):
    """A message was handed over in full and what came of it is not known; ``error`` says why."""

    def __init__(self, error: TelegramError) -> None:
        super().__init__(f"whether the message arrived is not known: {type(error).__name__}")
        self.error = error


class Delivery(BaseRateLimiter[int]):
    """PTB calls :meth:`process_request` for every method; ``rate_limit_args`` is the number of attempts."""

    def __init__(
        self, pace: Pace, metrics: Metrics, attempts: int, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._pace, self._metrics, self._attempts, self._sleep = pace, metrics, attempts, sleep

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to let go of."""

    async def process_request(
        self, callback: Callable[..., Coroutine[Any, Any, Any]], args: Any, kwargs: dict[str, Any], endpoint: str,
        data: dict[str, Any], rate_limit_args: int | None,
    ) -> Any:  # fmt: skip
        """What Telegram answers.

        :raises UnknownDelivery: it may have done what it was asked to, and doing that again would show
        :raises TelegramError: it says no, or no attempt got through
        """
        if endpoint in _ONCE:
            return await callback(*args, **kwargs)
        sends = endpoint.startswith(_SENDS)
        chat_id = int(data["chat_id"]) if sends else None
        attempts = rate_limit_args or self._attempts
        for attempt in range(1, attempts + 1):
            try:
                if chat_id is not None:
                    await self._sleep(self._pace.chat_delay(chat_id))
                await self._sleep(self._pace.overall_delay())
                return await callback(*args, **kwargs)
            except TelegramError as error:
                if sends and fate(error) is Fate.UNKNOWN:
                    raise UnknownDelivery(error) from error
                if fate(error) is Fate.REFUSED or attempt == attempts:
                    raise
                self._metrics.retries += 1
                _log.info("%s: %s, attempt %d of %d", endpoint, type(error).__name__, attempt, attempts)
                await self._pause(error, attempt, chat_id)
        raise AssertionError("the last attempt raises")

    async def _pause(self, error: TelegramError, attempt: int, chat_id: int | None) -> None:
        asked = asked_pause_s(error)
        if asked is not None and chat_id is not None:
            self._pace.pause(chat_id, asked)  # this chat's pause, not everybody's
        growing = min(_MOST_PAUSE_S, _FIRST_PAUSE_S * 2.0**attempt) * random.uniform(0.75, 1.25)
        await self._sleep(growing if asked is None else asked)
