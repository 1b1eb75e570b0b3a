"""PTB's own bot on the server, for tests of the server itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InlineQueryResultArticle, InputTextMessageContent

from tests.botapi.server import BotApi


def connect(api: BotApi, token: str | None = None) -> Bot:
    """A bot that talks to the server; an async context manager."""
    return Bot(token or api.token, base_url=api.base_url, base_file_url=api.base_file_url)


def run(api: BotApi, work: Callable[[Bot], Awaitable[Any]], token: str | None = None) -> Any:
    """What the work gives, done with one bot in an event loop of its own."""

    async def main() -> Any:
        async with connect(api, token) as bot:
            return await work(bot)

    return asyncio.run(main())


def keyboard(**button: Any) -> InlineKeyboardMarkup:
    """One button, named "Press"."""
    return InlineKeyboardMarkup([[InlineKeyboardButton("Press", **button)]])


def article(result_id: str = "1", text: str = "text", title: str = "title") -> InlineQueryResultArticle:
    """One inline result in HTML."""
    return InlineQueryResultArticle(result_id, title, InputTextMessageContent(text, "HTML"))
