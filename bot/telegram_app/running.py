"""The bot as a process: one instance, waits for Telegram, takes up what was open, ends in order."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from telegram import Update
from telegram.error import InvalidToken, TelegramError

from bot.chats import Chats
from bot.settings import TOKEN_VARIABLE, Settings
from bot.telegram_app.application import App, add_handlers, built
from bot.telegram_app.buckets import Buckets
from bot.telegram_app.delivery import Delivery
from bot.telegram_app.engine import Engine
from bot.telegram_app.fetching import Fetching, Say, require_free_port
from bot.telegram_app.health import Metrics, listening
from bot.telegram_app.intake import ChatOrder, JournalledQueue
from bot.telegram_app.journal import Journal
from bot.telegram_app.members import Members
from bot.telegram_app.menus import set_menus
from bot.telegram_app.numbers import Numbers
from bot.telegram_app.pacing import Pace
from bot.telegram_app.sender import Sender
from bot.telegram_app.service import Service
from retrieval.errors import LockedError, SaysoError, SettingsError

if TYPE_CHECKING:
    from retrieval.corpus import Corpus

GRACE_S = 9.0  # for the questions in hand when the process is told to end
_FIRST_WAIT_S, _MOST_WAIT_S = 1.0, 30.0
_UPKEEP_S = 3_600.0
_log = logging.getLogger(__name__)


#: What is done once Telegram has answered and before updates are fetched: building the first index.
Prepare = Callable[[], object]


def run(settings: Settings, token: str, corpus: Corpus, say: Say, prepare: Prepare) -> None:
    """Serves until SIGTERM or SIGINT. :raises LockedError, SettingsError: it cannot begin; says why."""
    folder = settings.data_dir
    with _alone(folder / "telegram.lock"):
        corpus.settle()
        chats = Chats(folder / "chats.sqlite3")
        try:
            idle = asyncio.run(_until_signalled(settings, token, corpus, chats, say, prepare))
        finally:
            chats.close()
        if not idle:
            # A thread cannot be ended, and Python would wait for it; the index is safe to be left at any point.
            _log.warning("ended while the engine was still at work")
            os._exit(0)


async def _until_signalled(
    settings: Settings, token: str, corpus: Corpus, chats: Chats, say: Say, prepare: Prepare
) -> bool:
    """Whether nothing of it still runs once it has ended."""
    it = Run(settings, token, corpus, chats, say, prepare)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, it.stop.set)
    await it.serve()
    return it.engine.close()


async def _cancelled() -> None:
    """Ends what still runs, so that no request is left open."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Holds the lock file. :raises LockedError: another process does."""
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(path, timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise LockedError(
            f"another `sayso telegram` uses {path.parent}", "stop that one first, or give this one its own --data"
        ) from None
    try:
        yield
    finally:
        lock.release()


class Run:
    """One run of the bot, from start to end; made within the event loop's thread."""

    def __init__(
        self, settings: Settings, token: str, corpus: Corpus, chats: Chats, say: Say, prepare: Prepare
    ) -> None:
        telegram = settings.telegram
        self.settings, self.chats, self.say, self.prepare = settings, chats, say, prepare
        self.journal, self.numbers = Journal(chats), Numbers()
        self.metrics = Metrics()
        self.queue = JournalledQueue(self.journal, self.numbers, self.metrics)
        self.order = ChatOrder(self.journal, self.queue)
        self.delivery = Delivery(Pace(telegram), self.metrics, telegram.send_attempts)
        self.engine = Engine(corpus, telegram.workers, telegram.waiting)
        self.members = Members(telegram, chats)
        self.app: App = built(settings, token, self.delivery, self.queue, self.order)
        if self.app.updater is None:
            raise AssertionError("the application is built with an updater")
        self.fetching = Fetching(self.app.updater, telegram, say)
        self.stop = asyncio.Event()
        self.error: BaseException | None = None

    async def serve(self) -> None:
        """Runs until ``stop`` is set. :raises SaysoError: it cannot go on."""
        require_free_port(self.settings.telegram)
        async with AsyncExitStack() as stack:
            if self.settings.telegram.health_port:
                page = listening(self.settings.telegram.health_port, self.metrics, self._gauges, self._unready)
                await stack.enter_async_context(page)
            await self._serve()

    async def _serve(self) -> None:
        if not await self._initialized():
            return
        try:
            if not await self._prepared():
                return
            service = self._service()
            add_handlers(self.app, service, self.order)
            await self.app.start()
            self._take_up()
            fetching = self.fetching.run(f"@{service.username} is ready. Ctrl-C ends it.")
            beside = [fetching, self._upkeep(), set_menus(self.app.bot, self.members.admins())]
            tasks = [self._beside(work) for work in beside]
            await self.stop.wait()
            for task in tasks:
                task.cancel()
            await self._end()
        finally:
            await _cancelled()
            await self.app.bot.shutdown()  # the application's own would insist on a proper end, were there no time
            self.engine.close()
        if self.error is not None:
            raise self.error

    def _beside(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task of its own; where it fails, the run ends with its error."""

        def ended(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and (error := task.exception()) is not None:
                self.error = self.error or error
                self.stop.set()

        task = asyncio.create_task(work)
        task.add_done_callback(ended)
        return task

    async def _initialized(self) -> bool:
        """Waits for Telegram; False where it is told to stop before. :raises SettingsError: it refuses the token."""
        wait_s = _FIRST_WAIT_S
        while not self.stop.is_set():
            try:
                await self.app.initialize()
                return True
            except TelegramError as error:
                await self.app.bot.shutdown()
                if isinstance(error, InvalidToken):
                    raise SettingsError("Telegram does not know this token", f"check {TOKEN_VARIABLE}") from None
                if wait_s == _FIRST_WAIT_S:
                    self.say(f"Telegram cannot be reached ({type(error).__name__}); waiting.")
            try:
                await asyncio.wait_for(self.stop.wait(), wait_s)
            except TimeoutError:
                wait_s = min(2 * wait_s, _MOST_WAIT_S)
        return False

    async def _prepared(self) -> bool:
        """Whether all is prepared; False where it is told to stop before."""
        work = asyncio.create_task(self.engine.run_long(self.prepare))
        stop = asyncio.create_task(self.stop.wait())
        await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            return False
        work.result()
        return True

    def _service(self) -> Service:
        bot = self.app.bot
        if self.members.code is not None:
            link = f"https://t.me/{bot.username}?start={self.members.code}"
            self.say(f"Nobody administers this bot yet. To do so open {link} or send it: /start {self.members.code}")
        sender = Sender(bot, self.journal, self.numbers, self.metrics, self.settings.telegram.send_attempts)
        buckets = Buckets(self.settings.telegram.questions_per_minute)
        return Service(
            self.settings, self.chats, self.journal, self.members, self.engine, sender, buckets,
            str(bot.username), bot.id, self.metrics,
        )  # fmt: skip

    def _take_up(self) -> None:
        """Queues what was open when the last run ended, oldest first."""
        for chat_id, number in self.chats.latest_numbers():
            self.numbers.see(chat_id, number)
        for update_id, payload in self.journal.unfinished():
            update = self._read(update_id, payload)
            if update is None or update.inline_query is not None:  # nobody waits for an inline answer any more
                self.journal.close(update_id)
                continue
            self.queue.see(update)
            self.order.again(update)

    def _read(self, update_id: int, payload: str) -> Update | None:
        """The update that was written down; None where the row is damaged."""
        try:
            update = Update.de_json(json.loads(payload), self.app.bot)
            if update.update_id == update_id:
                return update
            reason = "of another number"
        except Exception as error:  # whatever PTB makes of it: one row must not keep the bot from starting
            reason = type(error).__name__
        _log.error("update %d in the journal is damaged (%s) and is let go of", update_id, reason)
        return None

    async def _end(self) -> None:
        """Fetches no more and finishes what is in hand; what takes too long is taken up at the next start."""
        self.say("Finishing the questions in hand.")
        try:
            async with asyncio.timeout(GRACE_S):
                await self.fetching.end()
                await self.app.stop()
        except TimeoutError:
            _log.warning("%d updates are left for the next start", self.journal.open())

    async def _upkeep(self) -> None:
        """Deletes what is older than it may be, now and every hour."""
        while True:
            try:
                self.chats.expire(self.settings.telegram.retention_days)
                self.journal.expire()
            except sqlite3.Error as error:  # another program reads the file for long, or the disk is full
                _log.warning("what is too old could not be deleted (%s); tried again in an hour", error)
            await asyncio.sleep(_UPKEEP_S)

    def _gauges(self) -> dict[str, float]:
        return {"open_updates": self.journal.open(), "engine_in_hand": self.engine.in_hand}

    def _unready(self) -> str:
        """Why no question can be answered now, empty if one can."""
        if not self.fetching.runs:
            return "no updates come from Telegram"
        try:
            return "nothing is indexed" if self.engine.corpus.is_new() else ""
        except SaysoError as error:
            return str(error)
