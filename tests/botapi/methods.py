"""The methods of the Bot API on messages, queries and files. Each takes the world and the parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.botapi.entities import MAX_CAPTION, MAX_TEXT, Formatted, read_text
from tests.botapi.keyboards import read_keyboard
from tests.botapi.parameters import Parameters
from tests.botapi.refusal import Refusal
from tests.botapi.world import BOT, Chat, Message, Query, World

Method = Callable[[World, Parameters], Any]
MAX_UPLOAD = 50 << 20
MAX_DOWNLOAD = 20 << 20
_ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def find_chat(world: World, given: Parameters) -> Chat:
    """The chat of ``chat_id``, if the bot may write there."""
    if not given.text("chat_id"):
        raise Refusal("chat_id is empty")
    name = str(given.text("chat_id"))
    chat = world.chats.get(int(name)) if name.lstrip("-").isdigit() else None
    if chat is None:
        raise Refusal("chat not found")
    if chat.closed:
        raise Refusal(chat.closed, 403)
    return chat


def get_me(world: World, given: Parameters) -> Any:
    return BOT


def get_updates(world: World, given: Parameters) -> Any:
    offset, limit, timeout = (given.number(name, 0) or 0 for name in ("offset", "limit", "timeout"))
    return world.updates.poll(offset, limit or 100, min(timeout, 50), given.object("allowed_updates"))


def send_message(world: World, given: Parameters) -> Any:
    return _send(world, given, _text(given)).json()


def send_document(world: World, given: Parameters) -> Any:
    name, content = _upload(given, "document")
    if not content:
        raise Refusal("file must be non-empty")
    if len(content) > MAX_UPLOAD:
        raise Refusal("Request Entity Too Large", 413)
    file = world.add_file(content, name)
    document = {"file_id": file.file_id, "file_unique_id": file.file_id[-8:], "file_name": name, "file_size": file.size}
    return _send(world, given, _caption(given), media={"document": document}).json()


def edit_message_text(world: World, given: Parameters) -> Any:
    content = _text(given)
    keyboard = read_keyboard(given.object("reply_markup", "reply keyboard markup"))
    return _edit(world, given, content, keyboard)


def edit_message_reply_markup(world: World, given: Parameters) -> Any:
    return _edit(world, given, None, read_keyboard(given.object("reply_markup", "reply keyboard markup")))


def delete_message(world: World, given: Parameters) -> Any:
    message = find_chat(world, given).find(given.number("message_id", 0) or 0)
    if message is None:
        raise Refusal("message to delete not found")
    if not message.from_bot and message.chat.type != "private":
        raise Refusal("message can't be deleted")
    message.deleted = True
    return True


def send_chat_action(world: World, given: Parameters) -> Any:
    if given.text("action") not in _ACTIONS:
        raise Refusal("wrong parameter action in request")
    find_chat(world, given)
    return True


def answer_callback_query(world: World, given: Parameters) -> Any:
    query = open_query(world, given, "callback_query")
    if len(given.text("text") or "") > 200:
        raise Refusal("MESSAGE_TOO_LONG")
    query.answers.append(given.values)
    return True


def get_file(world: World, given: Parameters) -> Any:
    file = world.files.get(given.text("file_id") or "")
    if file is None:
        raise Refusal("wrong file_id or the file is temporarily unavailable")
    if file.size > MAX_DOWNLOAD:
        raise Refusal("file is too big")
    unique = file.file_id[-8:]
    return {"file_id": file.file_id, "file_unique_id": unique, "file_size": file.size, "file_path": file.path}


def get_chat(world: World, given: Parameters) -> Any:
    return {**find_chat(world, given).json(), "accent_color_id": 0, "max_reaction_count": 11}


def leave_chat(world: World, given: Parameters) -> Any:
    chat = find_chat(world, given)
    if chat.type == "private":
        raise Refusal("chat member status can't be changed in private chats")
    chat.closed = f"bot is not a member of the {chat.type} chat"
    return True


def open_query(world: World, given: Parameters, kind: str) -> Query:
    """The query of that kind that still waits; an old, unknown or answered one is refused."""
    query = world.queries.get(given.text(f"{kind}_id") or "")
    if query is None or query.kind != kind or query.expired or query.answers:
        raise Refusal(_TOO_OLD)
    return query


def _text(given: Parameters) -> Formatted:
    entities = given.object("entities", "entities")
    return read_text(given.text("text"), given.text("parse_mode"), entities, limit=MAX_TEXT, caption=False)


def _caption(given: Parameters) -> Formatted:
    entities = given.object("caption_entities", "entities")
    return read_text(given.text("caption"), given.text("parse_mode"), entities, limit=MAX_CAPTION, caption=True)


def _upload(given: Parameters, name: str) -> tuple[str, bytes]:
    field = (given.text(name) or "").removeprefix("attach://") or name
    if field not in given.files:
        raise Refusal(f"there is no {name} in the request")
    return given.files[field]


def _send(world: World, given: Parameters, content: Formatted, **more: Any) -> Message:
    keyboard = read_keyboard(given.object("reply_markup", "reply keyboard markup"))
    chat = find_chat(world, given)
    thread = given.number("message_thread_id")
    if thread is not None and thread not in chat.topics:
        raise Refusal("message thread not found")
    preview = not (given.object("link_preview_options", "link preview options") or {}).get("is_disabled", False)
    reply_to = _replied(chat, given.object("reply_parameters", "reply parameters") or {})
    more |= {"keyboard": keyboard, "reply_to": reply_to, "thread_id": thread, "preview": preview}
    return world.add_message(chat, bot_user(), content, **more)


def _replied(chat: Chat, reply: dict[str, Any]) -> Message | None:
    if not reply:
        return None
    found = chat.find(int(reply["message_id"])) if int(reply.get("chat_id", chat.id)) == chat.id else None
    if found is None and not reply.get("allow_sending_without_reply"):
        raise Refusal("message to be replied not found")
    return found


def _edit(world: World, given: Parameters, content: Formatted | None, keyboard: list[list[dict[str, Any]]]) -> Any:
    if given.text("inline_message_id"):
        return True  # a message sent through inline mode lies in a chat that the bot does not see
    message = find_chat(world, given).find(given.number("message_id", 0) or 0)
    if message is None:
        raise Refusal("message to edit not found")
    if not message.from_bot:
        raise Refusal("message can't be edited")
    content = message.content if content is None else content
    if (content, keyboard) == (message.content, message.keyboard):
        raise Refusal(_NOT_MODIFIED)
    message.rewrite(content, keyboard)
    return message.json()


def bot_user() -> dict[str, Any]:
    """The bot as the sender of a message."""
    return {key: BOT[key] for key in ("id", "is_bot", "first_name", "username")}
