"""Updates on their way in: written down first, then each chat's in order, chats beside each other."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Coroutine
from typing import Any, cast
from weakref import WeakValueDictionary

from telegram import Update
from telegram.error import TelegramError
from telegram.ext import BaseUpdateProcessor

from bot.chats import is_locked
from bot.telegram_app.addressing import command_of
from bot.telegram_app.health import Metrics
from bot.telegram_app.journal import Journal
from bot.telegram_app.numbers import Numbers
from bot.telegram_app.requests import stays_open

_IN_HAND = 4_096  # updates; those that wait for their chat's turn count
_LONG = frozenset({"index", "reload"})  # commands
#: Why an update is taken up again later, and after how many seconds.
_UNREACHED = ("Telegram cannot be reached", 30.0)
_LOCKED = ("the chats are locked by another process", 5.0)
_log = logging.getLogger(__name__)


class JournalledQueue(asyncio.Queue[object]):
    """PTB's queue of updates. PTB confirms what it fetched only once it is in here, so nothing is confirmed unwritten.

    With polling, confirming is the next ``getUpdates``; with a webhook, the status 200.
    """

    def __init__(self, journal: Journal, numbers: Numbers, metrics: Metrics) -> None:
        super().__init__()
        self._journal, self._numbers, self._metrics = journal, numbers, metrics

    async def put(self, item: object) -> None:
        """Writes an update down and takes it in; one that was there before is dropped.

        :raises TelegramError: it cannot be written; PTB then asks for it again.
        """
        if isinstance(item, Update):
            try:
                fresh = self._journal.receive(item.update_id, item.to_json())
            except sqlite3.Error as error:
                raise TelegramError(f"the journal cannot be written ({error})") from error
            if not fresh:
                return
            self._metrics.updates += 1
            self.see(item)
        self.put_nowait(item)

    def see(self, update: Update) -> None:
        """Notes the number of the update's message."""
        message = update.message or update.edited_message
        if message is not None:
            self._numbers.see(message.chat_id, message.message_id)


class ChatOrder(BaseUpdateProcessor):
    """One update of a chat at a time, in order of arrival; closed in the journal once it is dealt with."""

    def __init__(self, journal: Journal, queue: asyncio.Queue[object]) -> None:
        super().__init__(_IN_HAND)
        self._journal, self._queue = journal, queue
        self._turns: WeakValueDictionary[object, asyncio.Lock] = WeakValueDictionary()
        self._errors: dict[int, Exception] = {}
        self._unfinished: set[int] = set()  # of the last run

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to let go of."""

    def again(self, update: Update) -> None:
        """Queues an update that the last run did not finish."""
        self._unfinished.add(update.update_id)
        self._queue.put_nowait(update)

    def failed(self, update: Update, error: Exception) -> None:
        """Told by the error handler what a handler raised."""
        self._errors[update.update_id] = error

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Runs the handlers when it is this update's turn."""
        if not isinstance(update, Update):
            await coroutine
            return
        number, error = update.update_id, None
        try:
            async with self._turns.setdefault(turn_of(update), asyncio.Lock()):
                if number in self._unfinished and not self._journal.take_up(number):
                    _log.error("update %d is given up: the process ends whenever it has it in hand", number)
                else:
                    await coroutine
            error = self._errors.pop(number, None)
            if not stays_open(error):
                self._journal.close(number)
                return
        except sqlite3.OperationalError as locked:  # in taking it up or closing it
            if not is_locked(locked):
                raise
            error = locked
        finally:
            cast(Coroutine[Any, Any, Any], coroutine).close()  # one that never ran; PTB made it already
        why, again_s = _LOCKED if is_locked(error) else _UNREACHED
        _log.warning("update %d stays open: %s", number, why)
        asyncio.get_running_loop().call_later(again_s, self._queue.put_nowait, update)


def turn_of(update: Update) -> object:
    """Whose turn an update waits for: messages their chat's, buttons their user's, inline queries nobody's.

    Indexing takes minutes, and no question of its chat waits for it.
    """
    if update.inline_query is not None:
        return "inline", update.inline_query.id
    if update.callback_query is not None:
        return "button", update.callback_query.from_user.id
    command = command_of(update.message) if update.message is not None else None
    if command is not None and command[0] in _LONG:
        return "indexing", update.update_id
    chat = update.effective_chat
    return chat.id if chat is not None else "others"
