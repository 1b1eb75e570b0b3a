"""Updates as they come from Telegram: asked for, or passed on by a proxy, until told to end."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from telegram import Update
from telegram.error import BadRequest, Conflict, InvalidToken, TelegramError
from telegram.ext import Updater

from bot.settings import TOKEN_VARIABLE
from bot.telegram_app.settings import Telegram
from retrieval.errors import SettingsError

#: All that some handler looks at; Telegram sends nothing else.
UPDATES = [Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY, Update.INLINE_QUERY]
_HOST = "127.0.0.1"
_FIRST_WAIT_S, _MOST_WAIT_S = 1.0, 30.0
_POLLING = "Updater:start_polling:polling_task"  # PTB's name of the task, which it keeps to itself
_log = logging.getLogger(__name__)
Say = Callable[[str], None]


class Fetching:
    """The fetching of updates; nothing pending is dropped."""

    def __init__(self, updater: Updater, telegram: Telegram, say: Say) -> None:
        self._updater, self._telegram, self._say = updater, telegram, say
        self._polling: asyncio.Task[Any] | None = None

    @property
    def runs(self) -> bool:
        """Whether updates come in."""
        return self._updater.running and (self._polling is None or not self._polling.done())

    async def run(self, ready: str) -> None:
        """Fetches and says ``ready`` once it does. :raises SettingsError: Telegram refuses the token or the address."""
        try:
            if self._telegram.webhook_url:
                await self._webhook()
                self._say(ready)
            else:
                await self._updater.start_polling(
                    timeout=10, bootstrap_retries=-1, allowed_updates=UPDATES, error_callback=self._failed
                )
                self._polling = next((task for task in asyncio.all_tasks() if task.get_name() == _POLLING), None)
                self._say(ready)
                if self._polling is not None:  # PTB ends it at a refused token and tells nobody
                    await asyncio.shield(self._polling)
        except InvalidToken:
            raise SettingsError("Telegram no longer knows this token", f"check {TOKEN_VARIABLE}") from None

    async def end(self) -> None:
        """Fetches no more."""
        if self.runs:
            await self._updater.stop()

    async def _webhook(self) -> None:
        """Sets the webhook, however long Telegram cannot be reached."""
        telegram, wait_s = self._telegram, _FIRST_WAIT_S
        address = f"{telegram.webhook_url.rstrip('/')}/{secrets.token_urlsafe(24)}"
        while True:
            try:
                await self._updater.start_webhook(
                    listen=_HOST, port=telegram.webhook_port, url_path=urlsplit(address).path, webhook_url=address,
                    secret_token=secrets.token_urlsafe(32), allowed_updates=UPDATES,
                )  # fmt: skip
                return
            except BadRequest as error:
                raise SettingsError(
                    f"Telegram does not take the webhook ({error.message})", "change telegram.webhook_url"
                ) from None
            except InvalidToken:
                raise
            except TelegramError as error:
                _log.warning("the webhook could not be set: %s", type(error).__name__)
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, _MOST_WAIT_S)

    def _failed(self, error: TelegramError) -> None:
        if isinstance(error, Conflict):
            self._say("Another program fetches the updates of this token (409). Stop it; this one goes on when it can.")
        else:
            _log.warning("fetching updates failed: %s", type(error).__name__)


def require_free_port(telegram: Telegram) -> None:
    """Nothing, where the webhook can listen, or need not. :raises SettingsError: its port is taken."""
    if not telegram.webhook_url:
        return
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        try:
            tried.bind((_HOST, telegram.webhook_port))
        except OSError as error:
            raise SettingsError(
                f"port {telegram.webhook_port} cannot be listened on ({error.strerror})",
                "set telegram.webhook_port to a free one",
            ) from None
