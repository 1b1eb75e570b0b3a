"""The door: every update passes it before any handler sees it."""

from __future__ import annotations

from time import monotonic
from typing import Any

from telegram import InlineQueryResultsButton, Update
from telegram.ext import ApplicationHandlerStop, CallbackContext

from bot.telegram_app.addressing import addressed, command_of
from bot.telegram_app.menus import set_admin_menu
from bot.telegram_app.messages import notice
from bot.telegram_app.service import Incoming, Service

_TOLD_AGAIN_S = 3_600.0
_REMEMBERED = 10_000


class Door:
    """Lets members in; tells others once an hour how to become one; takes the pairing code."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._told: dict[int, float] = {}

    async def __call__(self, update: Update, context: CallbackContext[Any, Any, Any, Any]) -> None:
        """Returns for who may ask. :raises ApplicationHandlerStop: for all others."""
        del context
        incoming, members = Incoming(self._service, update), self._service.members
        if update.effective_user is None:  # a channel's post, a poll, something newer than this bot
            raise ApplicationHandlerStop
        if members.code is not None and incoming.private and await self._paired(incoming):
            raise ApplicationHandlerStop
        if members.may_ask(incoming.user_id, incoming.chat_id):
            return
        self._service.metrics.foreign += 1
        await self._refuse(incoming)
        raise ApplicationHandlerStop

    async def _paired(self, incoming: Incoming) -> bool:
        """Whether the message was the pairing code, bare or after /start."""
        words = incoming.text.removeprefix("/start").strip()
        if incoming.message is None or not self._service.members.pair(incoming.user_id, words):
            return False
        await incoming.send(notice(incoming.texts("access.paired")), incoming.message.message_id)
        await set_admin_menu(self._service.sender.bot, incoming.user_id)
        return True

    async def _refuse(self, incoming: Incoming) -> None:
        update, bot = incoming.update, self._service.sender.bot
        words = "access.private" if incoming.private else "access.private_chat"
        told = incoming.texts(words, user=incoming.user_id, chat=incoming.chat_id)
        if update.inline_query is not None:
            button = InlineQueryResultsButton(incoming.texts("inline.private"), start_parameter="private")
            await bot.answer_inline_query(update.inline_query.id, [], 300, is_personal=True, button=button)
        elif update.callback_query is not None:
            await bot.answer_callback_query(update.callback_query.id, told[:200])
        elif update.message is not None and self._is_meant(update) and self._not_told(incoming.chat_id):
            await incoming.send(notice(told), update.message.message_id)

    def _is_meant(self, update: Update) -> bool:
        message, service = update.message, self._service
        if message is None or message.chat.type == "private":
            return message is not None
        command = command_of(message)
        own = command is not None and command[1] == service.username.lower()
        return own or (command is None and addressed(message, service.bot_id, service.username))

    def _not_told(self, chat_id: int) -> bool:
        now = monotonic()
        if now - self._told.get(chat_id, -_TOLD_AGAIN_S) < _TOLD_AGAIN_S:
            return False
        if len(self._told) >= _REMEMBERED:
            self._told.clear()
        self._told[chat_id] = now
        return True
