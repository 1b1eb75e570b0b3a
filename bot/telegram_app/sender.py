"""Messages that are sent once: written down before and after, looked for where it is not known if they arrived.

The Bot API cannot list messages and knows no keys that make a request safe to repeat. But an edit that
changes nothing is refused as "not modified" where the very message stands, and a message just sent has a
number right above the highest one known. So after an acknowledgement was lost (the connection ended, the
answer was damaged, this process was killed) those numbers are tried:

- found: it was delivered;
- not found: it was not, and is sent again; save after a time out, when it may still be on its way.
  Then it counts as sent, for a second copy is worse than a line in the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from telegram import LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, TimedOut
from telegram.ext import ExtBot

from bot.telegram_app.delivery import UnknownDelivery
from bot.telegram_app.health import Metrics
from bot.telegram_app.journal import Journal, State
from bot.telegram_app.keyboards import keyboard
from bot.telegram_app.markup import Message
from bot.telegram_app.numbers import Numbers

_SETTLING_S = 0.5  # until a message can be found whose acknowledgement was lost
_MOST_PAUSE_S = 30.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes."""

    chat_id: int
    thread_id: int | None = None
    reply_to: int | None = None


class Sender:
    """Sends, edits and remembers; ``bot`` has a ``Delivery`` as its rate limiter."""

    def __init__(
        self, bot: ExtBot[int], journal: Journal, numbers: Numbers, metrics: Metrics, attempts: int,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        self.bot = bot
        self._journal, self._numbers, self._metrics = journal, numbers, metrics
        self._attempts, self._sleep = attempts, sleep
        self._sending: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def send(self, update_id: int, part: int, place: Place, message: Message) -> int | None:
        """The number of the part-th message sent for an update, which is there once; None where that is not known."""
        # One at a time in a chat: they keep their order, and one that is looked for is no other's.
        async with self._sending.setdefault(place.chat_id, asyncio.Lock()):
            known = self._journal.sending(update_id, part)
            if known is not None and known.state is not State.BEGUN:
                return known.message_id
            found = await self._find(place.chat_id, message, known.above) if known is not None else None
            if found is None:
                return await self._sent(update_id, part, place, message)
            self._journal.end(update_id, part, State.SENT, found)
            return found

    async def edit(self, chat_id: int, number: int, message: Message) -> bool:
        """Whether the message shows this now; False where it is gone or cannot be changed."""
        try:
            await self.bot.edit_message_text(chat_id=chat_id, message_id=number, **_content(message))
        except BadRequest as refusal:
            return "not modified" in refusal.message
        return True

    async def _sent(self, update_id: int, part: int, place: Place, message: Message) -> int | None:
        chat_id = place.chat_id
        for attempt in range(1, self._attempts + 1):
            above = self._numbers.highest(chat_id)
            self._journal.begin(update_id, part, chat_id, above)
            try:
                sent = await self.bot.send_message(
                    chat_id=chat_id, message_thread_id=place.thread_id, reply_parameters=_reply(place),
                    **_content(message),
                )  # fmt: skip
            except ChatMigrated as moved:  # a group became a supergroup, with another number
                place = Place(moved.new_chat_id, place.thread_id)
                chat_id = place.chat_id
                continue
            except UnknownDelivery as lost:
                await self._sleep(min(_MOST_PAUSE_S, _SETTLING_S * 2.0 ** (attempt - 1)))
                number = await self._find(chat_id, message, above)
                if number is None and not isinstance(lost.error, TimedOut):
                    if attempt == self._attempts:
                        raise lost.error from None  # the update stays open
                    continue
                if number is None:
                    self._metrics.unknown += 1
                    _log.warning("update %d: whether message %d arrived is not known", update_id, part)
            else:
                number = sent.message_id
            self._journal.end(update_id, part, State.UNKNOWN if number is None else State.SENT, number)
            if number is not None:
                self._numbers.see(chat_id, number)
            return number
        raise AssertionError("the last attempt returns or raises")

    async def _find(self, chat_id: int, message: Message, above: int) -> int | None:
        """The number of this message, sent when ``above`` was the highest; None if it is not there."""
        for number in self._numbers.where(chat_id, above, self._journal.begun()):
            if await self.edit(chat_id, number, message):
                self._numbers.see(chat_id, number)
                return number
        return None


def _content(message: Message) -> dict[str, Any]:
    return {
        "text": message.html,
        "parse_mode": ParseMode.HTML,
        "link_preview_options": LinkPreviewOptions(is_disabled=True),
        "reply_markup": keyboard(message.buttons),
    }


def _reply(place: Place) -> ReplyParameters | None:
    """The question may be gone by now: then the answer stands alone."""
    return ReplyParameters(place.reply_to, allow_sending_without_reply=True) if place.reply_to is not None else None
