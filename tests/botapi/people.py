"""Those who talk to the bot: people, in private chats, groups and topics of groups."""

from __future__ import annotations

from typing import Any

from tests.botapi.entities import Formatted, noticed
from tests.botapi.server import BotApi
from tests.botapi.world import BOT, Chat, Message, Query


class Group:
    """A group that the bot is a member of; with ``topics`` it is a forum of those thread ids."""

    def __init__(self, api: BotApi, title: str, *, kind: str = "supergroup", topics: set[int] | None = None) -> None:
        number = next(api.world.ids) % 10**10
        chat_id = -1_000_000_000_000 - number if kind == "supergroup" else -number
        self.chat = api.world.add_chat(chat_id, kind, title=title)
        self.chat.topics = topics or set()


class Person:
    """One user of Telegram, with a private chat with the bot. What a person does becomes updates."""

    def __init__(
        self,
        api: BotApi,
        first_name: str = "Ann",
        *,
        last_name: str | None = None,
        username: str | None = None,
        language_code: str | None = "en",
    ) -> None:
        self.api = api
        self.world = api.world
        self.id = next(api.world.ids)
        names = {"first_name": first_name, "last_name": last_name, "username": username}
        self.chat: Chat = api.world.add_chat(self.id, "private", **names)
        user = {"id": self.id, "is_bot": False, **names, "language_code": language_code}
        self.user = {key: value for key, value in user.items() if value is not None}

    @property
    def received(self) -> list[Message]:
        """The bot's messages in the private chat as they stand there now, in order."""
        with self.world.changed:
            return self.chat.from_bot()

    def says(
        self, text: str, chat: Chat | Group | None = None, *, topic: int | None = None, reply_to: Message | None = None
    ) -> Message:
        """The message, sent to the private chat or to another one."""
        return self._sends(Formatted(text, noticed(text)), chat, topic=topic, reply_to=reply_to)

    def starts(self, payload: str = "") -> Message:
        """The /start that a deep link sends."""
        return self.says(f"/start {payload}".strip())

    def edits(self, message: Message, text: str) -> Message:
        """The message with its new text."""
        with self.world.changed:
            message.rewrite(Formatted(text, noticed(text)))
            self.api.push({"edited_message": message.json()})
        return message

    def presses(self, button: str, message: Message | None = None) -> Query:
        """The press of a button by its label, on the message or on the last one that has such a button."""
        with self.world.changed:
            labelled = [m for m in self.chat.from_bot() if any(button in text for text in m.buttons)]
            message = message or (labelled[-1] if labelled else None)
            assert message, f"no message has a button {button!r}"
            return self.sends_callback(message.button(button)["callback_data"], message)

    def sends_callback(self, data: str, message: Message) -> Query:
        """A press with any data at all, such as a forged client sends."""
        about = {"from": self.user, "chat_instance": str(message.chat.id * 7919), "data": data}
        body = message.json() if not message.deleted else {**message.json(), "date": 0}
        return self.world.add_query("callback_query", {**about, "message": body})

    def asks_inline(self, text: str, *, offset: str = "") -> Query:
        """The inline query; its answer holds the results."""
        asked = {"from": self.user, "query": text, "offset": offset, "chat_type": "sender"}
        return self.world.add_query("inline_query", asked)

    def chooses(self, query: Query, result: int = 0) -> None:
        """Tells the bot which of the inline results was sent."""
        assert query.answer, "the query was not answered"
        chosen = query.answer["results"][result]["id"]
        self.api.push({"chosen_inline_result": {"result_id": chosen, "from": self.user, "query": query.asked["query"]}})

    def uploads(
        self,
        content: bytes,
        name: str | None = "notes.txt",
        *,
        mime_type: str | None = "text/plain",
        size: int | None = None,
        caption: str = "",
        chat: Chat | Group | None = None,
    ) -> Message:
        """A document; name, type and ``size`` are what Telegram says of it, true or not."""
        file = self.world.add_file(content, name or "", size)
        document = {"file_id": file.file_id, "file_unique_id": file.file_id[-8:], "file_size": file.size}
        document |= {key: value for key, value in {"file_name": name, "mime_type": mime_type}.items() if value}
        return self._sends(Formatted(caption, noticed(caption)), chat, media={"document": document})

    def sends_photo(self, caption: str = "") -> Message:
        """A photo in two sizes."""
        photo = [{**self._file(b"\xff\xd8\xff"), "width": side, "height": side} for side in (90, 1280)]
        return self._sends(Formatted(caption, noticed(caption)), media={"photo": photo})

    def sends_sticker(self) -> Message:
        """A sticker."""
        flags = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False, "emoji": "👋"}
        return self._sends(Formatted(""), media={"sticker": {**self._file(b"RIFF"), **flags}})

    def sends_voice(self, seconds: int = 3) -> Message:
        """A voice message."""
        return self._sends(
            Formatted(""), media={"voice": {**self._file(b"OggS"), "duration": seconds, "mime_type": "audio/ogg"}}
        )

    def deletes(self, message: Message) -> None:
        """The message is gone; Telegram tells bots nothing of it."""
        with self.world.changed:
            message.deleted = True

    def blocks(self) -> None:
        """The bot can no longer write to the private chat."""
        self._membership("member", "kicked", "bot was blocked by the user")

    def unblocks(self) -> None:
        """The bot can write again."""
        self._membership("kicked", "member", "")

    def _membership(self, old: str, new: str, closed: str) -> None:
        with self.world.changed:
            self.chat.closed = closed
            bot = {key: BOT[key] for key in ("id", "is_bot", "first_name", "username")}
            until = {"until_date": 0}
            self.api.push({"my_chat_member": {
                "chat": self.chat.json(), "from": self.user, "date": 1_795_000_000,
                "old_chat_member": {"user": bot, "status": old, **(until if old == "kicked" else {})},
                "new_chat_member": {"user": bot, "status": new, **(until if new == "kicked" else {})},
            }})  # fmt: skip

    def _file(self, content: bytes) -> dict[str, Any]:
        file = self.world.add_file(content, "")
        return {"file_id": file.file_id, "file_unique_id": file.file_id[-8:], "file_size": file.size}

    def _sends(
        self, content: Formatted, chat: Chat | Group | None = None, *, topic: int | None = None, **more: Any
    ) -> Message:
        place = chat.chat if isinstance(chat, Group) else chat or self.chat
        with self.world.changed:
            message = self.world.add_message(place, self.user, content, thread_id=topic, **more)
            self.api.push({"message": message.json()})
        return message
