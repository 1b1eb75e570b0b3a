"""Which messages are for the bot, and what they ask: all in private, in groups those that name it."""

from __future__ import annotations

from telegram import Message, MessageEntity

from bot.telegram_app.markup import named


def command_of(message: Message) -> tuple[str, str] | None:
    """``(command, addressee)`` of a message that begins with one, in lower case; the addressee may be empty."""
    text, entities = message.text or message.caption or "", message.entities or message.caption_entities
    if not entities or entities[0].type != MessageEntity.BOT_COMMAND or entities[0].offset != 0:
        return None
    name, _, addressee = text[1 : entities[0].length].lower().partition("@")
    return name, addressee


def is_reply_to(message: Message, bot_id: int) -> bool:
    """Whether it answers a message of the bot; the one that opens a topic, which all others seem to answer, is none."""
    answered = message.reply_to_message
    if answered is None or answered.from_user is None or answered.forum_topic_created is not None:
        return False
    return answered.from_user.id == bot_id


def mentions(message: Message, bot_id: int, username: str) -> list[str]:
    """The words by which the message names the bot."""
    kinds: list[str | None] = [MessageEntity.MENTION, MessageEntity.TEXT_MENTION]
    found = {**message.parse_entities(kinds), **message.parse_caption_entities(kinds)}
    return [
        words
        for entity, words in found.items()
        if words.casefold() == f"@{username}".casefold() or (entity.user is not None and entity.user.id == bot_id)
    ]


def addressed(message: Message, bot_id: int, username: str) -> bool:
    """Whether a message that is no command is for the bot."""
    return message.chat.type == "private" or is_reply_to(message, bot_id) or bool(mentions(message, bot_id, username))


def question_in(message: Message, bot_id: int, username: str) -> str:
    """The text without the bot's name."""
    text = message.text or ""
    for words in mentions(message, bot_id, username):
        text = text.replace(words, " ")
    return text.strip() if named(text) else ""
