"""Handlers -> PTB's application. What each does stands in the module it comes from."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

from telegram import Update
from telegram.error import Forbidden, TelegramError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackContext,
    CallbackQueryHandler,
    CommandHandler,
    ExtBot,
    InlineQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot.settings import Settings
from bot.telegram_app import admin, commands, presses, talking
from bot.telegram_app.access import Door
from bot.telegram_app.admin import for_admins
from bot.telegram_app.buckets import Buckets
from bot.telegram_app.commands import reply
from bot.telegram_app.delivery import Delivery
from bot.telegram_app.engine import Busy
from bot.telegram_app.inline import Inline
from bot.telegram_app.intake import ChatOrder
from bot.telegram_app.messages import notice
from bot.telegram_app.requests import Request, stays_open
from bot.telegram_app.service import Handler, Incoming, Service, handling

Bot = ExtBot[int]
App = Application[Bot, Any, Any, Any, Any, Any]
_CONNECTIONS = 64  # typing, answers and edits of several chats at once
_log = logging.getLogger(__name__)

EVERYONE: dict[str, Handler] = {
    "start": commands.start,
    "help": commands.help,
    "sources": commands.sources,
    "source": commands.source,
    "settings": commands.settings,
    "history": commands.history,
    "forget": commands.forget,
    "privacy": commands.privacy,
    "about": commands.about,
}
ADMINS: dict[str, Handler] = {
    "stats": for_admins(admin.stats),
    "reload": for_admins(admin.reload),
    "index": for_admins(admin.index),
    "remove": for_admins(admin.remove),
    "allow": for_admins(admin.allow),
    "deny": for_admins(admin.deny),
}


def built(settings: Settings, token: str, delivery: Delivery, queue: asyncio.Queue[object], order: ChatOrder) -> App:
    """The application, without handlers and not yet started."""
    telegram = settings.telegram
    return (
        ApplicationBuilder()
        .token(token)
        .base_url(telegram.base_url)
        .base_file_url(telegram.base_file_url)
        .request(Request(_CONNECTIONS, telegram.timeout_s))
        .get_updates_request(Request(2, telegram.timeout_s))
        .rate_limiter(delivery)
        .update_queue(queue)
        .concurrent_updates(order)
        .job_queue(None)
        .build()
    )


def add_handlers(app: App, service: Service, order: ChatOrder) -> None:
    """All handlers, the door before them."""
    new = filters.UpdateType.MESSAGE
    app.add_handler(TypeHandler(Update, Door(service)), group=-1)
    app.add_handler(CommandHandler("ask", handling(service, talking.asked)))
    for name, handler in {**EVERYONE, **ADMINS}.items():
        app.add_handler(CommandHandler(name, handling(service, handler), new))
    app.add_handler(MessageHandler(new & filters.COMMAND, handling(service, talking.unknown)))
    app.add_handler(MessageHandler(filters.TEXT & ~filters.COMMAND, handling(service, talking.said)))
    captioned = filters.Document.ALL & filters.CaptionRegex(rf"(?i)^/index(@{service.username})?(\s|$)")
    app.add_handler(MessageHandler(new & captioned, handling(service, ADMINS["index"])))
    app.add_handler(MessageHandler(new & ~filters.StatusUpdate.ALL, handling(service, talking.shown)))
    app.add_handler(CallbackQueryHandler(handling(service, presses.press)))
    inline = Inline(Buckets(service.settings.telegram.questions_per_minute))
    app.add_handler(InlineQueryHandler(handling(service, inline)))

    async def failed(update: object, context: CallbackContext[Any, Any, Any, Any]) -> None:
        error = context.error
        if isinstance(update, Update) and isinstance(error, Exception):
            order.failed(update, error)
            await _apologise(service, update, error)
        else:
            _log.error("outside of an update: %s", type(error).__name__, exc_info=error)

    app.add_error_handler(failed)


async def _apologise(service: Service, update: Update, error: Exception) -> None:
    """Logs what a handler raised and, where it was no failure to reach the user, tells them."""
    if isinstance(error, Forbidden):
        _log.info("update %d: the user or group does not want messages", update.update_id)
    elif stays_open(error):
        _log.warning("update %d: %s", update.update_id, type(error).__name__)
    elif isinstance(error, Busy):
        incoming = Incoming(service, update)
        await reply(incoming, notice(incoming.texts("problem.busy", seconds=error.seconds)))
    else:
        service.metrics.errors += 1
        _log.error("update %d failed", update.update_id, exc_info=error)
        incoming = Incoming(service, update)
        told = incoming.texts("problem.failed")
        if update.callback_query is not None:
            with suppress(TelegramError):
                await service.sender.bot.answer_callback_query(update.callback_query.id, told)
        elif update.message is not None and not isinstance(error, TelegramError):
            await incoming.send(notice(told), update.message.message_id)
