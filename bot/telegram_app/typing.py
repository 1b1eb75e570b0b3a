"""The "typing…" line at the top of a chat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from telegram import Bot
from telegram.constants import ChatAction
from telegram.error import TelegramError

REPEATED_S = 4.0  # Telegram shows it for five
_tasks: set[asyncio.Task[None]] = set()  # or the loop, which holds them weakly, might lose one


@asynccontextmanager
async def typing(bot: Bot, chat_id: int, thread_id: int | None) -> AsyncIterator[None]:
    """Shows that the bot is at work, for as long as the block runs; what is in it waits for nothing."""
    done = asyncio.Event()
    task = asyncio.create_task(_repeat(bot, chat_id, thread_id, done))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    try:
        await asyncio.sleep(0)  # lets it begin
        yield
    finally:
        done.set()


async def _repeat(bot: Bot, chat_id: int, thread_id: int | None, done: asyncio.Event) -> None:
    while not done.is_set():
        with suppress(TelegramError):  # it is a courtesy
            await bot.send_chat_action(chat_id, ChatAction.TYPING, message_thread_id=thread_id)
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), REPEATED_S)
