"""What the server knows: people, chats, messages, files, and the order in which things happened."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, TypeVar

from tests.botapi.entities import Formatted
from tests.botapi.updates import Updates

Json = dict[str, Any]
Found = TypeVar("Found")
BOT: Json = {
    "id": 6120003417,
    "is_bot": True,
    "first_name": "Sayso",
    "username": "sayso_test_bot",
    "can_join_groups": True,
    "can_read_all_group_messages": True,
    "supports_inline_queries": True,
    "can_connect_to_business": False,
    "has_main_web_app": False,
}


@dataclass(eq=False)
class Message:
    """One message as its chat shows it now."""

    chat: Chat
    message_id: int
    sender: Json
    content: Formatted
    date: int = field(default_factory=lambda: int(time.time()))
    keyboard: list[list[Json]] = field(default_factory=list)
    reply_to: Message | None = None
    thread_id: int | None = None
    media: Json = field(default_factory=dict)
    edit_date: int | None = None
    history: list[Formatted] = field(default_factory=list)  # what it said before it was edited
    preview: bool = True
    deleted: bool = False

    @property
    def text(self) -> str:
        """What is read, without markup; of a document, its caption."""
        return self.content.text

    @property
    def from_bot(self) -> bool:
        """Whether the bot sent it."""
        return bool(self.sender["is_bot"])

    @property
    def buttons(self) -> list[str]:
        """The labels under the message, row by row."""
        return [button["text"] for row in self.keyboard for button in row]

    def button(self, text: str) -> Json:
        """The button whose label is, or else contains, the text."""
        buttons = [button for row in self.keyboard for button in row]
        found = [b for b in buttons if b["text"] == text] or [b for b in buttons if text in b["text"]]
        assert found, f"no button {text!r} among {self.buttons} under {self.text!r}"
        return found[0]

    def rewrite(self, content: Formatted, keyboard: list[list[Json]] | None = None) -> None:
        """Edits the message; what it said stays in ``history``."""
        self.history.append(self.content)
        self.content, self.edit_date = content, max(int(time.time()), self.date)
        self.keyboard = self.keyboard if keyboard is None else keyboard

    def spans(self, kind: str) -> list[str]:
        """The texts under one kind of entity: "bold", "blockquote", "text_link"."""
        return self.content.spans(kind)

    def json(self, *, nested: bool = False) -> Json:
        """The message as the Bot API writes it; a reply within a reply is left out."""
        body: Json = {"message_id": self.message_id, "from": self.sender, "chat": self.chat.json(), "date": self.date}
        text, entities = ("caption", "caption_entities") if self.media else ("text", "entities")
        body |= self.media
        if self.text:
            body[text] = self.text
        if self.content.entities:
            body[entities] = list(self.content.entities)
        if self.edit_date:
            body["edit_date"] = self.edit_date
        if self.keyboard:
            body["reply_markup"] = {"inline_keyboard": self.keyboard}
        if self.thread_id:
            body |= {"message_thread_id": self.thread_id, "is_topic_message": True}
        if self.reply_to and not nested:
            body["reply_to_message"] = self.reply_to.json(nested=True)
        return body


@dataclass(eq=False)
class Chat:
    """A private chat, group or supergroup, with all its messages in order."""

    id: int
    type: str
    names: Json
    numbers: itertools.count[int]
    topics: set[int] = field(default_factory=set)
    messages: list[Message] = field(default_factory=list)
    closed: str = ""  # why the bot may not write here, in Telegram's words

    def json(self) -> Json:
        """The chat as the Bot API writes it within a message."""
        return {"id": self.id, "type": self.type, **self.names, **({"is_forum": True} if self.topics else {})}

    def find(self, message_id: int) -> Message | None:
        """The message of that number, if it is there and not deleted."""
        return next((m for m in self.messages if m.message_id == message_id and not m.deleted), None)

    def from_bot(self) -> list[Message]:
        """What the bot sent and did not delete, in order."""
        return [m for m in self.messages if m.from_bot and not m.deleted]


@dataclass
class Query:
    """A button press or an inline query that waits for its answer."""

    id: str
    kind: str
    asked: Json
    answers: list[Json] = field(default_factory=list)
    expired: bool = False

    @property
    def answer(self) -> Json | None:
        """The parameters of the first answer that was accepted; None while there is none."""
        return self.answers[0] if self.answers else None


@dataclass(frozen=True)
class File:
    """A file on the server; ``size`` is what Telegram tells the bot, which may be a lie of the test."""

    file_id: str
    path: str
    content: bytes
    size: int


@dataclass
class World:
    """Everything behind the API. ``changed`` guards it and wakes those who wait for a change."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    chats: dict[int, Chat] = field(default_factory=dict)
    queries: dict[str, Query] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    closing: bool = False

    def __post_init__(self) -> None:
        self.updates = Updates(self.changed)
        self.numbers = itertools.count(48_213)  # private chats and small groups share a bot's numbers
        self.ids = itertools.count(7_310_448_105)

    def add_chat(self, chat_id: int, kind: str, **names: Any) -> Chat:
        """A new chat of that id; a supergroup numbers its messages by itself."""
        numbers = itertools.count(1_204) if kind == "supergroup" else self.numbers
        with self.changed:
            self.chats[chat_id] = Chat(chat_id, kind, {k: v for k, v in names.items() if v is not None}, numbers)
            return self.chats[chat_id]

    def add_message(self, chat: Chat, sender: Json, content: Formatted, **more: Any) -> Message:
        """The message, now the last of its chat."""
        with self.changed:
            message = Message(chat, next(chat.numbers), sender, content, **more)
            chat.messages.append(message)
            self.changed.notify_all()
            return message

    def add_file(self, content: bytes, name: str, size: int | None = None) -> File:
        """The file under a new id and, as on Telegram, under a path that keeps of its name the ending only."""
        with self.changed:
            number = next(self.ids)
            path = f"documents/file_{number}{PurePosixPath(name).suffix}"
            file = File(f"BQACAgIAAxkBAAI{number:x}", path, content, len(content) if size is None else size)
            self.files[file.file_id] = file
            return file

    def add_query(self, kind: str, asked: Json) -> Query:
        """The query, sent to the bot as an update of its kind."""
        with self.changed:
            query = Query(str(next(self.ids) << 20), kind, asked)
            self.queries[query.id] = query
            self.updates.add({kind: {"id": query.id, **asked}})
            return query

    def wait_for(self, predicate: Callable[[], Found], seconds: float) -> Found:
        """What the predicate gives once it is true; asked again after each change."""
        with self.changed:
            found = self.changed.wait_for(predicate, seconds)
        if not found:
            raise AssertionError(f"not so within {seconds} s")
        return found
