"""The whole bot, in a thread of its own, between the library of tests/bot/fakes.py and the tests' Bot API server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.chats import Chats
from bot.settings import Settings
from bot.telegram_app.running import Prepare, Run
from bot.telegram_app.settings import Telegram
from tests.bot.fakes import FakeCorpus, Library
from tests.botapi import BotApi


def settings(api: BotApi, data_dir: Path, **changes: Any) -> Settings:
    """Open to all and unpaced, unless ``changes`` say otherwise."""
    quick = {"chat_interval_s": 0.0, "messages_per_second": 5_000.0, "group_per_minute": 5_000, "access": "open"}
    addresses = {"base_url": api.base_url, "base_file_url": api.base_file_url}
    return Settings(data_dir=data_dir, telegram=Telegram(**{**quick, **addresses, **changes}))


@dataclass
class Running:
    """A running bot, and what it said on the console."""

    run: Run
    loop: asyncio.AbstractEventLoop
    thread: threading.Thread
    said: list[str]
    errors: list[BaseException] = field(default_factory=list)

    def stop(self) -> None:
        """Ends it as SIGTERM does."""
        if self.thread.is_alive():
            self.loop.call_soon_threadsafe(self.run.stop.set)
        self.thread.join(30)
        assert not self.thread.is_alive(), "the bot did not end"


@contextmanager
def running(settings: Settings, library: Library, token: str, prepare: Prepare = lambda: None) -> Iterator[Running]:
    """The bot, started, and ended with the block; what ended it early is raised."""
    begun, said, errors = threading.Event(), [], []
    made: list[tuple[Run, asyncio.AbstractEventLoop]] = []
    corpus: Any = FakeCorpus(library, settings)

    async def serve(chats: Chats) -> None:
        made.append((Run(settings, token, corpus, chats, said.append, prepare), asyncio.get_running_loop()))
        begun.set()
        await made[0][0].serve()

    def work() -> None:
        chats = Chats(settings.data_dir / "chats.sqlite3")
        try:
            asyncio.run(serve(chats))
        except BaseException as error:
            errors.append(error)
        finally:
            chats.close()
            begun.set()

    thread = threading.Thread(target=work, name="bot")
    thread.start()
    begun.wait(10)
    run, loop = made[0]
    bot = Running(run, loop, thread, said, errors)
    try:
        yield bot
    finally:
        bot.stop()
    if errors:
        raise errors[0]
