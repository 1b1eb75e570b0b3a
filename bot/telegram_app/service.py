"""What every handler has in hand, and an update as handlers see it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from telegram import Chat, Message, Update
from telegram.ext import CallbackContext

from bot.chats import Chats
from bot.settings import Settings
from bot.telegram_app.buckets import Buckets
from bot.telegram_app.engine import Engine
from bot.telegram_app.health import Metrics
from bot.telegram_app.journal import Journal
from bot.telegram_app.markup import Message as Shown
from bot.telegram_app.members import Members
from bot.telegram_app.sender import Place, Sender
from bot.telegram_app.texts import Texts, texts


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of the running bot."""

    settings: Settings
    chats: Chats
    journal: Journal
    members: Members
    engine: Engine
    sender: Sender
    buckets: Buckets
    username: str  # the bot's own
    bot_id: int
    metrics: Metrics
    begun: float = field(default_factory=monotonic)


class Incoming:
    """One update: who wrote what where; what is sent for it goes out once, in order."""

    def __init__(self, service: Service, update: Update) -> None:
        self.update, self._sender = update, service.sender
        user, chat = update.effective_user, update.effective_chat
        self.user_id = user.id if user is not None else 0
        self.chat_id = chat.id if chat is not None else self.user_id
        self.private = chat is None or chat.type == Chat.PRIVATE
        self.texts: Texts = texts(user.language_code if user is not None else None)
        message = update.effective_message
        self.message = message if isinstance(message, Message) else None
        topical = self.message is not None and self.message.is_topic_message
        self.thread_id = self.message.message_thread_id if self.message is not None and topical else None
        self.text = (self.message.text or self.message.caption or "") if self.message is not None else ""
        self._parts = 0

    @property
    def arguments(self) -> str:
        """What stands behind a command."""
        return self.text.partition(" ")[2].strip() if " " in self.text else self.text.partition("\n")[2].strip()

    async def send(self, messages: Sequence[Shown], reply_to: int | None = None) -> tuple[int, ...]:
        """Sends the messages to where the update came from; the numbers of those that surely arrived.

        The first replies to ``reply_to``. Sent again after a restart, nothing is sent twice.
        """
        numbers = []
        for message in messages:
            place = Place(self.chat_id, self.thread_id, reply_to)
            numbers.append(await self._sender.send(self.update.update_id, self._parts, place, message))
            self._parts += 1
            reply_to = None
        return tuple(number for number in numbers if number is not None)


Handler = Callable[[Service, Incoming], Awaitable[None]]
Callback = Callable[[Update, CallbackContext[Any, Any, Any, Any]], Coroutine[Any, Any, None]]


def handling(service: Service, handler: Handler) -> Callback:
    """``handler`` as PTB calls it."""

    async def callback(update: Update, context: CallbackContext[Any, Any, Any, Any]) -> None:
        del context
        await handler(service, Incoming(service, update))

    return callback
