"""Messages that are no command: questions, and all that a bot for questions cannot read."""

from __future__ import annotations

from bot.telegram_app.addressing import addressed, command_of, question_in
from bot.telegram_app.messages import notice
from bot.telegram_app.questions import Question, answer
from bot.telegram_app.service import Incoming, Service


async def said(service: Service, incoming: Incoming) -> None:
    """A text message, new or edited: a question, where it is for the bot."""
    message = incoming.message
    if message is None or not addressed(message, service.bot_id, service.username):
        return
    question = question_in(message, service.bot_id, service.username)
    if question:
        await answer(service, incoming, Question(question, message.message_id))


async def asked(service: Service, incoming: Incoming) -> None:
    """/ask and a question, or /ask as a reply to one."""
    message = incoming.message
    if message is None:
        return
    replied = message.reply_to_message
    text = incoming.arguments or (replied.text or "" if replied is not None else "").strip()
    if text:
        await answer(service, incoming, Question(text, message.message_id))
    else:
        await incoming.send(notice(incoming.texts("problem.empty_ask")), message.message_id)


async def shown(service: Service, incoming: Incoming) -> None:
    """A photo, a sticker, a voice message: says kindly that only text is read."""
    del service
    message = incoming.message
    if message is not None and incoming.update.edited_message is None and incoming.private:
        await incoming.send(notice(incoming.texts("problem.not_text")), message.message_id)


async def unknown(service: Service, incoming: Incoming) -> None:
    """A command that there is not; in groups it is another bot's."""
    command = command_of(incoming.message) if incoming.message is not None else None
    if command is None or incoming.message is None or not incoming.private:
        return
    if command[1] in ("", service.username.lower()):
        await incoming.send(notice(incoming.texts("problem.unknown_command")), incoming.message.message_id)
